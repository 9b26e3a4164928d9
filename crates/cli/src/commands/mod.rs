//! One file per command: it converts arguments, calls the library, and prints the result.

pub(crate) mod archive;
pub(crate) mod build;
mod change;
pub(crate) mod check;
pub(crate) mod ci;
pub(crate) mod codeowners;
pub(crate) mod completions;
pub(crate) mod deprecate;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod host;
pub(crate) mod init;
pub(crate) mod log;
pub(crate) mod new;
pub(crate) mod promote;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod redact;
pub(crate) mod render;
pub(crate) mod report;
pub(crate) mod rollback;
pub(crate) mod serve;
mod state;
pub(crate) mod update_includes;
pub(crate) mod version;
pub(crate) mod yank;
