//! Reads trees of prompts, and what happened to them, from Git.
//!
//! Git is asked through plumbing commands of the `git` program, which is the fastest reader of history
//! there is. [`Git`] is the one way to it: with an environment of its own, without hooks, filters, pagers,
//! replaced objects or network, so that a hostile repository runs nothing. [`walk::Walk`] follows the first
//! parents of a commit, and [`replay::read`] turns what they changed into the events of releases and
//! histories.
//!
//! What Git says about people and times is a claim: whoever writes a commit chooses them.

mod git;
mod message;
mod objects;
pub mod replay;
pub mod walk;

pub use git::{Git, GitError, ListedFile, Listing};
pub use objects::{Objects, Oid};
