//! Exit codes of commands.

use std::process::ExitCode;

/// The exit codes of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: success.
    Done,
    /// 1: success, with findings of severity error.
    Findings,
    /// 1: success, with differences.
    Differences,
    /// 4: published, with prompts held back.
    HeldBack,
    /// 3: somebody has published something newer, and nothing was changed.
    Superseded,
    /// 2: failure because of usage, configuration or I/O.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Findings | Exit::Differences => 1,
            Exit::Failed => 2,
            Exit::Superseded => 3,
            Exit::HeldBack => 4,
        })
    }
}
