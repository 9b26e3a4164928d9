//! Workflows for a Git host: they check what is proposed, report on it, publish what is merged, and move pointers
//! from a form. The templates beside this file are what a host reads, with `%NAMES%` for what differs.

mod github;
pub(crate) mod gitlab;
mod project;

use promptdex_core::model::Settings;
use promptdex_wire::catalog::Visibility;

pub(crate) use self::project::{Install, Project, WorkflowFile};
use crate::cli::CiHost;

/// Returns the files for a host, those that are not wanted included.
pub(crate) fn files(project: &Project, host: CiHost) -> Vec<WorkflowFile> {
    match host {
        CiHost::Github => github::files(project),
        CiHost::Gitlab => gitlab::files(project),
    }
}

/// Whether a registry may be put where everybody reads it.
pub(crate) fn is_public(settings: &Settings) -> bool {
    settings.visibility == Visibility::Public
}
