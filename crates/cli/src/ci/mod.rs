//! CI workflows for a Git host. They check and report on pull requests, publish merged changes, and
//! move pointers from a manual workflow. The templates next to this file contain `%NAMES%` as
//! placeholders.

mod github;
pub(crate) mod gitlab;
mod project;

use promptdex_core::model::Settings;
use promptdex_wire::catalog::Visibility;

pub(crate) use self::project::{Install, Project, WorkflowFile};
use crate::cli::CiHost;

/// Returns the workflow files for a host, including files that should not exist.
pub(crate) fn files(project: &Project, host: CiHost) -> Vec<WorkflowFile> {
    match host {
        CiHost::Github => github::files(project),
        CiHost::Gitlab => gitlab::files(project),
    }
}

/// Whether a registry may be published for everyone to read.
pub(crate) fn is_public(settings: &Settings) -> bool {
    settings.visibility == Visibility::Public
}
