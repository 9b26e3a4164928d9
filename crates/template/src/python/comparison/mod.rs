//! A comparison with Python itself: thousands of generated questions, each answered by both.
//!
//! `PROMPTDEX_PYTHON_QUESTIONS` says how many instead. The seed is fixed, so that a difference can be found again.

mod questions;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Range;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::format::{
    Argument, Lookup, Operand, format_percent, format_template, tests::format_value,
};
use super::numbers::{Number, parse_float, text_to_integer};
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::{Budget, MAX_MADE};
use questions::{Questions, to_float, write_float};

/// What is refused though Python prints it, each with a word of its message.
const REFUSED: [(&str, ErrorKind, &str); 6] = [
    ("a value that is never printed", ErrorKind::Value, "would be printed"),
    ("!r and !a", ErrorKind::Unsupported, "a field prints a value as Python code"),
    ("%r and %a", ErrorKind::Unsupported, "print a value as Python code"),
    ("attributes and items", ErrorKind::Unsupported, "reads an attribute or item"),
    ("n", ErrorKind::Unsupported, "depends on the locale"),
    ("fractions in exponents", ErrorKind::Unsupported, "exponent has a fraction"),
];

#[test]
#[expect(clippy::disallowed_methods, reason = "the length of the run is for whoever runs it")]
fn python_gives_the_same_answers() {
    let count =
        std::env::var("PROMPTDEX_PYTHON_QUESTIONS").map_or(40_000, |count| count.parse().unwrap());
    let mut python = Command::new("python3")
        .args(["-c", include_str!("../../../tests/python.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(python.stdin.take().unwrap());
    let writer = std::thread::spawn(move || {
        for question in Questions::new().take(count) {
            writeln!(input, "{question}").unwrap();
        }
    });
    let mut answers = BufReader::new(python.stdout.take().unwrap()).lines();
    let mut counts = BTreeMap::<String, u64>::new();
    let mut differences = Vec::new();
    for question in Questions::new().take(count) {
        let theirs: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        let ours = answer(&question, &mut Budget::default());
        check_charge(&question, &ours);
        match judge(ours, &theirs) {
            Ok(outcome) => {
                let operation = question[0].as_str().unwrap_or_default();
                *counts.entry(format!("{operation}: {outcome}")).or_default() += 1;
            }
            Err(ours) => differences.push(format!("{question}\n  {ours}\n  {theirs}")),
        }
    }
    let powers: [u64; 2] = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
    writer.join().unwrap();
    python.wait().unwrap();
    for (outcome, count) in counts {
        println!("{count:8} {outcome}");
    }
    println!("{:8} powers of floats, {} of them rounded wrongly by Python", powers[0], powers[1]);
    let shown = &differences[..differences.len().min(40)];
    assert!(shown.is_empty(), "{} differences:\n{}", differences.len(), shown.join("\n"));
}

/// A text that is longer than what is left of the budget is not made.
fn check_charge(question: &Value, ours: &Result<Value, Error>) {
    let text = ours.as_ref().ok().and_then(|ours| ours[0].as_str()).unwrap_or_default();
    if text.is_empty() || question[0] == "print" {
        return;
    }
    let mut budget = Budget::default();
    budget.make(MAX_MADE + 1 - text.len(), &(0..0)).unwrap();
    let kind = answer(question, &mut budget).map_err(|error| error.kind);
    assert_eq!(kind, Err(ErrorKind::Limit), "{question}");
}

/// Names what came of a question; an error is a difference, with our answer.
fn judge(ours: Result<Value, Error>, theirs: &Value) -> Result<&'static str, String> {
    match ours {
        Ok(ours) if ours == *theirs => Ok("the same"),
        _ if *theirs == "memory" => Ok("no answer: Python needs too much memory"),
        Ok(ours) if *theirs == "huge" && ours.to_string().len() > 1_000_000 => Ok("both huge"),
        Ok(ours) => Err(ours.to_string()),
        Err(error) if error.help.is_none() => Err(format!("no help: {error}")),
        Err(_) if *theirs == "error" => Ok("an error in both"),
        Err(error) if *theirs == "huge" && error.kind == ErrorKind::Limit => Ok("refused: huge"),
        Err(_) if *theirs == "beyond" => Ok("refused: beyond 64 bits or a float"),
        Err(error) => REFUSED
            .iter()
            .find(|(_, kind, message)| error.kind == *kind && error.message.contains(message))
            .map(|(name, _, _)| *name)
            .ok_or(error.message.clone()),
    }
}

/// Answers a question as the script does.
fn answer(question: &Value, budget: &mut Budget) -> Result<Value, Error> {
    let range = &(0..0);
    let text = |at: usize| question[at].as_str().unwrap_or_default();
    let number = |at: usize| to_number(&question[at]);
    let unary = |operation: fn(Number, &Range<usize>) -> Result<Number, Error>| {
        operation(number(1), range).map(write_number)
    };
    let binary = |operation: fn(Number, Number, &Range<usize>) -> Result<Number, Error>| {
        operation(number(1), number(2), range).map(write_number)
    };
    let to_integer = |at: usize| question[at].as_i64().unwrap();
    match text(0) {
        "add" => binary(Number::add),
        "subtract" => binary(Number::subtract),
        "multiply" => binary(Number::multiply),
        "divide" => binary(Number::divide),
        "floor_divide" => binary(Number::floor_divide),
        "modulo" => binary(Number::modulo),
        "power" => binary(Number::power),
        "compare" => Ok(json!(number(1).compare(number(2)) as i8)),
        "negate" => unary(Number::negate),
        "absolute" => unary(Number::absolute),
        "print" => Ok(json!([number(1).print()])),
        "int" => number(1).to_integer(range).map(|value| json!(value)),
        "float" if question[1].is_string() => {
            let parsed = parse_float(text(1), budget, range)?;
            parsed.map(write_float).ok_or_else(invalid)
        }
        "float" => Ok(write_float(number(1).to_float())),
        "round" => number(1).round(question[2].as_i64(), range).map(write_number),
        "ceil" => number(1).ceil(to_integer(2), range).map(write_number),
        "floor" => number(1).floor(to_integer(2), range).map(write_number),
        "to_integer" => {
            let parsed = text_to_integer(text(1), to_integer(2), budget, range)?;
            parsed.map(|value| json!(value)).ok_or_else(invalid)
        }
        "format" => format_value(to_argument(&question[1]), text(2), budget, range)
            .map(|text| json!([text])),
        "template" => {
            let values: Vec<_> = question[2].as_array().unwrap().iter().map(to_argument).collect();
            let named: Lookup<'_, '_> = &|name| question[3].get(name).map(to_argument);
            format_template(text(1), &values, named, budget, range).map(|text| json!([text]))
        }
        "percent" => {
            let named = |name: &str| question[2].get(name).map(to_argument);
            let values: Vec<_> =
                question[2].as_array().into_iter().flatten().map(to_argument).collect();
            let operand = if question[2].is_object() {
                Operand::Mapping(&named, "an object")
            } else {
                Operand::Tuple(&values)
            };
            format_percent(text(1), operand, budget, range).map(|text| json!([text]))
        }
        other => panic!("{other} is not an operation"),
    }
}

/// What the evaluator makes of a text that is no number is its own matter.
fn invalid() -> Error {
    Error::new(ErrorKind::Value, 0..0, "not a number").help("pass a number")
}

fn to_number(value: &Value) -> Number {
    match value {
        Value::Bool(value) => Number::Integer(i64::from(*value)),
        Value::Number(value) => Number::Integer(value.as_i64().unwrap()),
        other => Number::Float(to_float(other)),
    }
}

fn write_number(number: Number) -> Value {
    match number {
        Number::Integer(value) => json!(value),
        Number::Float(value) => write_float(value),
    }
}

fn to_argument(value: &Value) -> Argument<'_> {
    match value {
        Value::Null => Argument::Other("none"),
        Value::Bool(value) => Argument::Boolean(*value),
        Value::String(text) => Argument::Text(text),
        Value::Number(value) => Argument::Integer(value.as_i64().unwrap()),
        Value::Array(_) => Argument::Other("a list"),
        Value::Object(_) => Argument::Float(to_float(value)),
    }
}
