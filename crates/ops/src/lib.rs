//! The operations of promptdex: everything that a command or a server does, without how it is asked or
//! shown. Arguments are values, what is found is data, and whoever speaks to people words it.
//!
//! [`tree`] reads a tree of prompts from disk, as of a commit or from memory, [`prompts`] finds and loads what
//! somebody names, [`history`] knows what Git says of them, [`build`] checks and compiles a whole tree,
//! [`published`] reads the registry that a build continues, [`target`] writes the output. [`change`] plans, checks and
//! makes edits of a tree, and [`review`] works out what a change means. [`time_argument`] reads times.

pub mod build;
pub mod change;
pub mod error;
pub mod history;
pub mod prompts;
pub mod published;
pub mod review;
pub mod target;
pub mod text;
pub mod time_argument;
pub mod tree;
