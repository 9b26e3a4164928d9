//! How a command ends.

use std::process::ExitCode;

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
