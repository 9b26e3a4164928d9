//! The operations of promptdex: everything that a command or a server does, independent of how
//! users invoke it and how results are displayed. Arguments and results are values; callers turn
//! them into text.
//!
//! [`tree`] reads a prompt tree from disk, from a commit or from memory. [`prompts`] finds and
//! loads single prompts and versions. [`history`] reads the Git history of a tree. [`build`] checks
//! and compiles a whole tree, [`published`] reads the registry that a build continues, and
//! [`target`] writes the output;
//! [`publication`] decides what may be published where. [`change`] plans, checks and makes edits of a tree, and [`review`]
//! computes the effects of a change for reviewers. [`host`] writes configurations of web servers that
//! serve a registry. [`time_argument`] parses times.

pub mod build;
pub mod change;
pub mod error;
pub mod history;
pub mod host;
pub mod prompts;
pub mod publication;
pub mod published;
pub mod review;
pub mod target;
pub mod text;
pub mod time_argument;
pub mod tree;
