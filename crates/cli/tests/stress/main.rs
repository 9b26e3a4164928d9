//! Random operations of a team that publishes its prompts: versions, edits in place, promotions, rollbacks, withdrawn
//! versions, deletions, renames, moves of the tree, broken files, branches, merges, reverts, resets, clocks that jump, and
//! commands that are killed. After every build a reader that knows nothing of promptdex walks the registry, and a model of
//! this test's own says what has to be in it.
//!
//! A seed says what happens; the moment of a kill depends on the machine. `PROMPTDEX_SEED` runs one seed, and
//! `cargo xtask bench stress` many of them, each with more steps.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod campaign;
mod history;
mod pointer;
mod random;
mod registry;
mod team;
mod tree;
mod verdict;
mod work;

use std::sync::atomic::{AtomicU64, Ordering};

use campaign::SEEDS;

#[test]
fn random_operations_break_no_promise() {
    if let Ok(seed) = std::env::var("PROMPTDEX_SEED") {
        let seed = seed.parse().expect("a seed is a number");
        if let Err(failure) = campaign::run(seed) {
            panic!("{failure}");
        }
        return;
    }
    let next = AtomicU64::new(1);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > SEEDS {
                        break;
                    }
                    if let Err(failure) = campaign::run(seed) {
                        panic!("{failure}");
                    }
                }
            });
        }
    });
}
