//! Why an operation could not be done.

use std::fmt;

use promptdex_core::diagnostic::Diagnostic;

use crate::tree::Tree;

/// An error with its remedy.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: String,
}

impl Failure {
    /// Makes an error that says what to do about it.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// Returns what to do about it.
    pub fn help(&self) -> &str {
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
pub struct UnreadableVersion {
    /// The version: `support/refund@1.0.0`.
    pub version: String,
    /// The findings that say why.
    pub findings: Vec<Diagnostic>,
    /// The tree that the findings are about.
    pub tree: Tree,
}

impl fmt::Display for UnreadableVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be read", self.version)
    }
}

impl std::error::Error for UnreadableVersion {}
