//! The facts about a project that workflows need, and the filling of templates.

use promptdex_core::model::Settings;
use promptdex_wire::{Environment, PromptName};

use crate::cli::PublishTo;

/// The project that workflows are generated for.
#[derive(Debug)]
pub(crate) struct Project {
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

/// How a runner installs promptdex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Install {
    /// Downloads a release binary.
    Fetch { url: String, sha256: String },
    /// Runs setup commands of the project, which install `promptdex`.
    Setup(String),
}

/// A file of the repository with the contents that promptdex writes. `None` means that the file
/// should not exist.
#[derive(Debug)]
pub(crate) struct WorkflowFile {
    pub(crate) path: &'static str,
    pub(crate) text: Option<String>,
}

/// The branch with the published registry.
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

    /// The time limit of a job. A job that builds promptdex first takes longer.
    pub(super) fn timeout_minutes(&self) -> &'static str {
        match self.install {
            Install::Fetch { .. } => "10",
            Install::Setup(_) => "60",
        }
    }
}

/// Fills in a template. A placeholder on a line of its own is replaced by all lines of its text,
/// with the same indentation, or by no line.
pub(super) fn fill_template(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    for line in template.lines() {
        let alone = values.iter().find(|(name, _)| line.trim() == format!("%{name}%"));
        if let Some((_, text)) = alone {
            let indent = &line[..line.len() - line.trim_start().len()];
            for row in text.lines() {
                let indent = if row.is_empty() { "" } else { indent };
                filled.push_str(&format!("{indent}{row}\n"));
            }
            continue;
        }
        let mut line = line.to_owned();
        for (name, text) in values {
            line = line.replace(&format!("%{name}%"), text);
        }
        filled.push_str(&line);
        filled.push('\n');
    }
    filled
}

/// Quotes a text for YAML.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Formats a list for YAML.
fn list(texts: &[&str]) -> String {
    format!("[{}]", texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", "))
}
