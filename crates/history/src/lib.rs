//! Reads trees of prompts, and what happened to them, from Git, and commits changes of them.
//!
//! [`Git`] is the one way to the `git` program. It reads through plumbing commands, which are the fastest
//! reader of history there is: with an environment of its own, without hooks, filters, pagers, replaced
//! objects or network, so that a hostile repository runs nothing. It commits as the user would, with the
//! user's settings and the hooks of the repository. The walk follows the first parents of a commit, and
//! [`replay::read`] turns what they changed into the events of releases and histories.
//! [`in_place_versions::read`] finds the versions of prompts that are edited in place, and
//! [`changed_files`] the files and commits in which a change differs from its base.
//!
//! Authors and times of commits are claims: anyone can write any name and any time into a commit.

pub mod ancestry;
pub mod changed_files;
pub mod clock;
mod commit;
mod commit_message;
mod first_parents;
mod git;
pub mod git_index;
pub mod in_place_versions;
mod moves;
mod objects;
mod oid;
pub mod replay;
mod signature;

pub use commit::Author;
pub use git::{CommitListing, Git, GitError, ListedFile};
pub use objects::ObjectReader;
pub use oid::Oid;
