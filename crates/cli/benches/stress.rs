//! Runs many seeds of the stress test, each with more steps than in the tests, and prints what they came to.
//! `cargo xtask bench stress` starts it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure is one of the stress test")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what it is for")]

#[path = "../tests/stress/campaign.rs"]
mod campaign;
#[path = "../tests/stress/history.rs"]
mod history;
#[path = "../tests/stress/pointer.rs"]
mod pointer;
#[path = "../tests/stress/random.rs"]
mod random;
#[path = "../tests/stress/registry.rs"]
mod registry;
#[path = "../tests/stress/team.rs"]
mod team;
#[path = "../tests/stress/tree.rs"]
mod tree;
#[path = "../tests/stress/verdict.rs"]
mod verdict;
#[path = "../tests/stress/work.rs"]
mod work;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const RUNS: u64 = 300;

fn main() -> ExitCode {
    // Cargo adds words of its own.
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let runs = numbers.first().copied().unwrap_or(RUNS);
    // Those of the tests come first, and have fewer steps.
    let first = numbers.get(1).copied().unwrap_or(campaign::SEEDS + 1);
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let counts = Mutex::new([0; 3]);
    let failures = Mutex::new(Vec::new());
    // The failures are printed in the end, each with its steps.
    std::panic::set_hook(Box::new(|_| {}));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= runs {
                return;
            }
            match campaign::run(first + number) {
                Ok(own) => {
                    let mut counts = counts.lock().unwrap();
                    counts.iter_mut().zip(own).for_each(|(count, own)| *count += own);
                }
                Err(failure) => failures.lock().unwrap().push(failure),
            }
            if number.is_multiple_of(10) && number > 0 {
                eprintln!("{number} runs, {} s", started.elapsed().as_secs());
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    for failure in &failures {
        println!("{failure}\n");
    }
    let [whole, held, stopped] = counts.into_inner().unwrap();
    println!(
        "{runs} runs from seed {first} in {} s; builds that published everything: {whole}, held prompts back: {held}, \
         stopped: {stopped}; failed runs: {}",
        started.elapsed().as_secs(),
        failures.len()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
