//! Runs random templates of the `jinja` dialect here and in Jinja2, and tells what they came to: the long
//! run of what the differential test does in a few seconds. `cargo xtask bench dialect` starts it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what it is for")]
#![expect(clippy::disallowed_methods, reason = "it reads settings and the clock")]

#[path = "../tests/differential/campaign.rs"]
mod campaign;
#[path = "../tests/differential/comparison.rs"]
mod comparison;
#[path = "../tests/differential/declarations.rs"]
mod declarations;
#[path = "../tests/differential/generator/mod.rs"]
mod generator;
#[path = "../tests/differential/minimal.rs"]
mod minimal;
#[path = "../tests/differential/oracle.rs"]
mod oracle;
#[path = "../tests/differential/program.rs"]
mod program;
#[path = "../tests/differential/python.rs"]
mod python;
#[path = "../tests/differential/random.rs"]
mod random;
#[path = "../tests/differential/refusals.rs"]
mod refusals;
#[path = "../tests/differential/samples.rs"]
mod samples;
#[path = "../tests/differential/soundness.rs"]
mod soundness;
#[path = "../tests/differential/tree.rs"]
mod tree;
#[path = "../tests/differential/values.rs"]
mod values;

use std::process::ExitCode;
use std::time::Instant;

use comparison::Verdict;
use soundness::Announcement;

const PROGRAMS: u64 = 1_000_000;

fn main() -> ExitCode {
    // Cargo adds words of its own.
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let count = numbers.first().copied().unwrap_or(PROGRAMS);
    let seed = numbers.get(1).copied().unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |time| time.as_secs())
    });
    let started = Instant::now();
    let progress = |done: u64| {
        if done.is_multiple_of(50_000) && done > 0 {
            eprintln!("{done} programs, {} s", started.elapsed().as_secs());
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let tally = match campaign::run_all(seed, count, threads, &progress) {
        Ok(tally) => tally,
        Err(missing) => panic!("{}", missing.0),
    };
    let seconds = started.elapsed().as_secs();
    println!(
        "{count} programs with the seed {seed} in {seconds} s; Jinja2 printed something in {}",
        tally.printed
    );
    println!("\n| what became of them | programs |\n| --- | --- |");
    for (verdict, what) in Verdict::ALL {
        println!("| {what} | {} |", tally.count(verdict));
    }
    let mut reasons: Vec<_> = tally.reasons.iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (wanted, what) in [
        (Verdict::RefusedByCheck, "refused by `check`, where Jinja2 prints"),
        (Verdict::RefusedWhenRendered, "refused when rendered, where Jinja2 prints"),
    ] {
        println!("\n| {what}, because | programs | such as |\n| --- | --- | --- |");
        for ((_, reason), (count, number)) in
            reasons.iter().filter(|(reason, _)| reason.0 == wanted)
        {
            println!("| {reason} | {count} | {number} |");
        }
    }
    println!("\n| an error of a value that is | programs |\n| --- | --- |");
    for (announcement, what) in Announcement::ALL {
        println!("| {what} | {} |", tally.count_announced(announcement));
    }
    let mut announcements: Vec<_> = tally.announcements.iter().collect();
    announcements.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for wanted in [Announcement::OfValues, Announcement::Unreached] {
        println!("\n| {wanted:?} | programs | such as |\n| --- | --- | --- |");
        for ((_, reason), (count, number)) in
            announcements.iter().filter(|(key, _)| key.0 == wanted)
        {
            println!("| {reason} | {count} | {number} |");
        }
    }
    for wrong in &tally.wrong {
        println!("\n{wrong}");
    }
    if tally.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
