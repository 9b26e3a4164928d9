//! Random templates print here what Jinja2 prints, or are refused: a short run of what
//! `cargo xtask bench dialect` does at length.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and says what it skips"
)]
#![expect(clippy::disallowed_methods, reason = "tests read settings")]

mod campaign;
#[expect(dead_code, reason = "the benchmark uses the rest")]
mod comparison;
mod generator;
mod minimal;
mod oracle;
mod program;
mod random;
mod refusals;
mod tree;
mod values;

use comparison::Verdict;

const SEED: u64 = 16;
const PROGRAMS: u64 = 4_000;

#[test]
#[ignore = "shows single programs"]
fn show_programs() {
    let mut oracle = oracle::Oracle::start().unwrap();
    for number in std::env::var("PROMPTDEX_SHOW").unwrap().split(',') {
        let number = number.parse().unwrap();
        let program = generator::program(SEED, number);
        eprintln!("{}", campaign::describe(number, Verdict::Equal, &program, &mut oracle));
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
    eprintln!("{:?}, {} printed", tally.verdicts, tally.printed);
    let mut reasons: Vec<_> = tally.reasons.iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for ((verdict, reason), (count, number)) in reasons {
        eprintln!("{count:>6} {verdict:?} {reason} ({number})");
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.count(Verdict::Equal) > count / 3, "{:?}", tally.verdicts);
}
