//! Tests the build driver over trees in memory, on disk and as of commits.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod check_pages;
mod compile;
mod compiled;
mod continued;
mod hostile_readers;
mod laid_over;
mod lists;
mod packed;
mod properties;
mod replayed;
#[expect(dead_code, reason = "the tests of `history` use the rest")]
#[path = "../../../history/tests/repositories/repository.rs"]
mod repository;
mod shallow;
mod targets;
mod views;
