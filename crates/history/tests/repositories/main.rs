//! Histories of real repositories, made by the `git` program.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod at_commit;
mod commits;
mod merges;
mod reading;
mod repository;
