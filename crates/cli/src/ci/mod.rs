//! CI workflows for a Git host. They check and report on pull requests, publish merged changes, and
//! move pointers from a manual workflow. The templates next to this file contain `%NAMES%` as
//! placeholders.

mod github;
mod gitlab;
mod install;
mod names;
mod project;
mod template;

use promptdex_core::model::Settings;
use promptdex_wire::catalog::Visibility;

pub(crate) use self::gitlab::OWN as GITLAB_FILE;
pub(crate) use self::install::Install;
pub(crate) use self::names::{WorkflowNames, WorkflowOwner, owner};
pub(crate) use self::project::{Project, WorkflowFile};
use crate::cli::CiHost;

/// Returns the workflow files for a host, including files that should not exist.
pub(crate) fn files(project: &Project, host: CiHost) -> Vec<WorkflowFile> {
    match host {
        CiHost::Github => github::files(project),
        CiHost::Gitlab => gitlab::files(project),
    }
}

/// The folder of the workflows of a host.
pub(crate) fn folder(host: CiHost) -> &'static str {
    match host {
        CiHost::Github => github::FOLDER,
        CiHost::Gitlab => gitlab::FOLDER,
    }
}

/// Whether the lines of a workflow deploy to Pages, which a repository has only once.
pub(crate) fn deploys_to_pages(host: CiHost, lines: &[&str]) -> bool {
    match host {
        CiHost::Github => lines.iter().any(|line| line.contains("actions/deploy-pages@")),
        CiHost::Gitlab => lines.contains(&"pages:"),
    }
}

/// Whether a registry may be published for everyone to read.
pub(crate) fn is_public(settings: &Settings) -> bool {
    settings.visibility == Visibility::Public
}
