//! Random templates print here what Jinja2 prints, or are refused: a short run of what
//! `cargo xtask bench dialect` does at length.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and says what it skips"
)]
#![expect(clippy::disallowed_methods, reason = "tests read settings")]

mod campaign;
mod cases;
mod comparison;
mod declarations;
mod generator;
mod minimal;
mod oracle;
mod program;
mod python;
mod random;
mod refusals;
mod samples;
mod soundness;
mod tree;
mod values;

use comparison::{Outcome, Verdict};
use soundness::Announcement;

const SEED: u64 = 16;
const PROGRAMS: u64 = 4_000;

#[test]
#[ignore = "shows single programs"]
fn show_programs() {
    let mut oracle = oracle::Oracle::start().unwrap();
    for number in std::env::var("PROMPTDEX_SHOW").unwrap().split(',') {
        let number = number.parse().unwrap();
        let seed = std::env::var("PROMPTDEX_SEED").map_or(SEED, |seed| seed.parse().unwrap());
        let program = generator::program(seed, number);
        eprintln!("{}", campaign::describe(number, Verdict::Equal, &program, &mut oracle));
    }
}

#[test]
fn cases_print_what_jinja2_prints() {
    let count = cases::check_all().unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(count > 70, "{count}");
}

#[test]
fn what_is_too_deep_for_jinja2_is_refused() {
    let mut oracle = oracle::Oracle::start().ok();
    for (template, message) in cases::deep() {
        let here = comparison::run_texts(&template, "{}");
        let is_refused =
            matches!(&here, Outcome::Refused(error) if error.message.contains(message));
        assert!(is_refused, "{message}: {here:?}");
        let there = oracle.as_mut().map(|oracle| oracle.ask_one(&template, "{}"));
        assert!(!matches!(there, Some(oracle::Answer::Printed { .. })), "{message}: {there:?}");
    }
}

#[test]
fn random_templates_print_what_jinja2_prints() {
    let count =
        std::env::var("PROMPTDEX_PROGRAMS").map_or(PROGRAMS, |count| count.parse().unwrap());
    let seed = std::env::var("PROMPTDEX_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let tally = match campaign::run_all(seed, count, 2, &|_| {}) {
        Ok(tally) => tally,
        Err(missing) if std::env::var("CI").is_ok() => panic!("{}", missing.0),
        Err(missing) => {
            eprintln!("skipped: {}", missing.0);
            return;
        }
    };
    for (verdict, what) in Verdict::ALL {
        eprintln!("{:>6} {what}", tally.count(verdict));
    }
    eprintln!("{:>6} of them print something in Jinja2", tally.printed);
    for (announcement, what) in Announcement::ALL {
        eprintln!("{:>6} errors of values that are {what}", tally.count_announced(announcement));
    }
    let (unreached, announced) = (Announcement::Unreached, Announcement::ByTypes);
    assert!(tally.count_announced(unreached) * 500 <= tally.count_announced(announced));
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.printed * 2 > count, "most programs print nothing");
}
