//! The facts about a project that workflows need, and the filling of templates.

use promptdex_core::model::Settings;
use promptdex_wire::{Environment, PromptName};

use super::install::Install;
use super::names::WorkflowNames;
use super::template::{list, quote};
use crate::cli::{CiHost, PublishTo};

/// The project that workflows are generated for.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) names: WorkflowNames,
    /// The path of the tree in the repository, with `/`. Empty if the tree is at the root.
    pub(crate) folder: String,
    /// The branch that is published.
    pub(crate) branch: String,
    /// The environments whose pointers can be moved.
    pub(crate) environments: Vec<Environment>,
    pub(crate) prompts: Vec<PromptName>,
    /// Whether the policy has teams.
    pub(crate) has_teams: bool,
    /// Whether team members have handles, so that the user name on the Git host decides.
    pub(crate) has_handles: bool,
    /// Whether commits have to be signed.
    pub(crate) needs_signatures: bool,
    pub(crate) publish: PublishTo,
    pub(crate) install: Install,
}

/// A file of the repository with the contents that promptdex writes. `None` means that the file
/// should not exist.
#[derive(Debug)]
pub(crate) struct WorkflowFile {
    pub(crate) path: String,
    pub(crate) text: Option<String>,
}

/// The branch with the published registry, and the environment of the job that publishes it.
pub(super) const REGISTRY: &str = "promptdex-registry";

/// The choice for all prompts in a manual workflow.
pub(super) const ALL: &str = "(all prompts)";

/// The initial choice in a manual workflow, before a prompt is selected.
pub(super) const NONE: &str = "(pick one)";

/// The largest number of prompts to offer as a list.
const MOST_PICKED: usize = 100;

/// The publishing script, shared by all hosts.
pub(super) const PUBLISH: &str = include_str!("publish.sh");

impl Project {
    /// Collects the facts of a project. The first environment is left out unless it is the only
    /// one, because its pointers follow the highest version.
    pub(crate) fn of(
        settings: &Settings,
        names: WorkflowNames,
        prompts: Vec<PromptName>,
        folder: String,
        branch: String,
        publish: PublishTo,
        install: Install,
    ) -> Self {
        let environments = match settings.environments.as_slice() {
            [_, rest @ ..] if !rest.is_empty() => rest.to_vec(),
            all => all.to_vec(),
        };
        let people = settings.governance.teams.values().flat_map(|team| &team.people);
        let has_handles = people.into_iter().any(|person| person.starts_with('@'));
        let needs_signatures = settings.governance.require_signed_commits;
        Self {
            names,
            folder,
            branch,
            environments,
            prompts,
            has_teams: !settings.governance.teams.is_empty(),
            has_handles,
            needs_signatures,
            publish,
            install,
        }
    }

    /// Lists the settings to change on the host, in order.
    pub(crate) fn settings(&self, host: CiHost) -> Vec<String> {
        let (registry, title) = (self.names.identifier(REGISTRY), self.names.title());
        let branch = &self.branch;
        let is_published = self.publish != PublishTo::None;
        let mut steps = Vec::new();
        match host {
            CiHost::Github => {
                steps.push("Settings > Actions > General: allow GitHub Actions to create and approve pull requests".to_owned());
                if self.publish == PublishTo::Pages {
                    steps.push("Settings > Pages > Source: GitHub Actions".to_owned());
                }
                steps.push(format!("Settings > Rules > Rulesets, for `{branch}`: require a pull request, and the status check `Check prompts{title}`"));
                if is_published {
                    steps.push(format!("Settings > Environments > `{registry}`: limit it to `{branch}`, and add the secret PROMPTDEX_REGISTRY_KEY"));
                    steps.push(format!("Settings > Rules > Rulesets, for `{registry}`: let only that deploy key write"));
                }
                if self.needs_signatures {
                    steps.push("Settings > Secrets and variables > Actions: add the secret PROMPTDEX_SIGNING_KEY".to_owned());
                }
            }
            CiHost::Gitlab => {
                steps.push("Settings > Access tokens: create one with the scopes api and write_repository and the role Developer".to_owned());
                steps.push(
                    "Settings > CI/CD > Variables: add it as PROMPTDEX_TOKEN, masked".to_owned(),
                );
                steps.push("Settings > Merge requests: pipelines must succeed".to_owned());
                if is_published {
                    steps.push(format!(
                        "Settings > Repository > Protected branches: `{registry}`, for Maintainers"
                    ));
                    steps.push("Settings > CI/CD > Variables: add PROMPTDEX_REGISTRY_TOKEN, a Maintainer's token, masked and protected".to_owned());
                }
                if self.needs_signatures {
                    steps.push(
                        "Settings > CI/CD > Variables: add PROMPTDEX_SIGNING_KEY, of type File"
                            .to_owned(),
                    );
                }
            }
        }
        steps
    }

    /// The path of the tree, quoted for the command line.
    pub(super) fn root(&self) -> String {
        quote(if self.folder.is_empty() { "." } else { &self.folder })
    }

    /// The names of the environments. The last one comes first, because it is used most.
    pub(super) fn environments(&self) -> String {
        let names: Vec<&str> = self.environments.iter().rev().map(Environment::as_str).collect();
        list(&names)
    }

    /// The list of prompts to choose from, unless there are too many.
    pub(super) fn prompt_choices(&self) -> Option<String> {
        let names = self.prompts.iter().map(PromptName::as_str);
        let names: Vec<&str> = [NONE].into_iter().chain(names).chain([ALL]).collect();
        (self.prompts.len() <= MOST_PICKED).then(|| list(&names))
    }
}
