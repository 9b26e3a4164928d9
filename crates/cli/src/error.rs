//! How a command ends.

use std::fmt;
use std::process::ExitCode;

use promptdex_core::diagnostic::Diagnostic;

use crate::tree::Tree;

/// The exit codes of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done,
    /// 1: done, and there are findings of severity error.
    Findings,
    /// 1: done, and there are differences.
    Differences,
    /// 2: could not do it: usage, configuration, I/O.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Findings | Exit::Differences => 1,
            Exit::Failed => 2,
        })
    }
}

/// An error with its remedy.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: String,
}

impl Failure {
    /// Makes an error that says what to do about it.
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// Returns what to do about it.
    pub(crate) fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// A version whose files cannot be read, and what was found in them.
#[derive(Debug)]
pub(crate) struct UnreadableVersion {
    /// The version: `support/refund@1.0.0`.
    pub(crate) version: String,
    pub(crate) findings: Vec<Diagnostic>,
    /// The tree that the findings are about.
    pub(crate) tree: Tree,
}

impl fmt::Display for UnreadableVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be read", self.version)
    }
}

impl std::error::Error for UnreadableVersion {}
