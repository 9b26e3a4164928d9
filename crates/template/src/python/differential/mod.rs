//! Holds all of this to Python and Jinja2 themselves, which `tests/oracle/text.py` asks.
#![expect(clippy::disallowed_methods, reason = "tests start Python and read settings")]

mod calls;
mod characters;
mod oracle;
mod random;

use calls::CALLS;
use oracle::Oracle;
use random::Random;
use serde_json::{Value as Json, json};

use crate::error::ErrorKind;
use crate::jinja::budget::Budget;

#[test]
fn the_tables_are_those_that_the_script_writes() {
    let Some(_) = Oracle::start() else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/python/unicode/tables.py");
    let written = include_str!("../unicode/tables.rs");
    let printed = oracle::run(script, &["--print"]);
    assert!(printed == written.as_bytes(), "run crates/template/src/python/unicode/tables.py");
}

/// How many calls the test makes: `PROMPTDEX_TEXT_CALLS=1000000` for a long run.
fn number_of_calls() -> usize {
    std::env::var("PROMPTDEX_TEXT_CALLS").map_or(30_000, |number| number.parse().unwrap())
}

#[test]
fn random_calls_do_what_python_does() {
    let Some(mut oracle) = Oracle::start() else { return };
    let mut random = Random::new(16);
    let (mut equal, mut errors, mut limited, mut refused, mut absent) = (0, 0, 0, 0, 0);
    let mut left = number_of_calls();
    while left > 0 {
        let mut questions = Vec::new();
        let mut answers = Vec::new();
        for _ in 0..left.min(500) {
            left -= 1;
            let (name, call) = random.one_of(&CALLS);
            let mut budget = Budget::default();
            let (arguments, answer) = call(&mut random, &mut budget);
            let answer = match answer {
                Ok(answer) => {
                    let made = bytes_of(&answer);
                    assert!(
                        made <= budget.bytes_made(),
                        "{name}{arguments} makes {made} bytes and charges {}",
                        budget.bytes_made()
                    );
                    Some(answer)
                }
                // Python would make it, or refuse it for want of memory.
                Err(error) if error.kind == ErrorKind::Limit => {
                    limited += 1;
                    continue;
                }
                Err(error) if error.kind == ErrorKind::Unsupported => {
                    refused += 1;
                    continue;
                }
                Err(_) => None,
            };
            let mut question = vec![Json::from(*name)];
            question.extend(arguments.as_array().unwrap().iter().cloned());
            questions.push(question);
            answers.push(answer);
        }
        let told = oracle.ask(&json!({ "calls": questions }));
        assert_eq!(told.as_array().unwrap().len(), answers.len());
        for ((question, answer), told) in
            questions.iter().zip(answers).zip(told.as_array().unwrap())
        {
            if told.get("absent").is_some() {
                absent += 1;
                continue;
            }
            assert_eq!(
                answer.as_ref(),
                told.get("result"),
                "{} {}",
                Json::from(question.clone()),
                told.get("error").unwrap_or(&Json::Null)
            );
            if answer.is_some() {
                equal += 1;
            } else {
                errors += 1;
            }
        }
    }
    eprintln!(
        "calls: {equal} with equal results, {errors} errors in both, {limited} beyond the budget, {refused} refused, \
         {absent} not compared for want of jinja2"
    );
    assert!(equal > 0);
}

/// Returns the bytes of all texts in an answer.
fn bytes_of(answer: &Json) -> usize {
    match answer {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(|item| 16 + bytes_of(item)).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => 0,
    }
}
