//! Reads trees of prompts, and what happened to them, from Git, and commits changes of them.
//!
//! [`Git`] is the one way to the `git` program. It reads through plumbing commands, which are the fastest
//! reader of history there is: with an environment of its own, without hooks, filters, pagers, replaced
//! objects or network, so that a hostile repository runs nothing. It commits as the user would, with the
//! user's settings and the hooks of the repository. The walk follows the first
//! parents of a commit, and [`replay::read`] turns what they changed into the events of releases and
//! histories. [`in_place::read`] finds the versions of prompts that are edited in place, and [`proposal`] what
//! a change differs in from what it is going to be merged into, and who did it.
//!
//! What Git says about people and times is a claim: whoever writes a commit chooses them.

mod commit;
mod git;
pub mod in_place;
pub mod index;
mod message;
mod objects;
mod oid;
pub mod proposal;
pub mod replay;
mod signature;
mod walk;

pub use commit::Author;
pub use git::{Git, GitError, ListedFile, Listing};
pub use objects::Objects;
pub use oid::Oid;
