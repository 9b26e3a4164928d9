//! What workflows are made for, and how the templates are filled in.

use promptdex_core::model::Settings;
use promptdex_wire::{Environment, PromptName};

use crate::cli::PublishTo;

/// What workflows are made for.
#[derive(Debug)]
pub(crate) struct Project {
    /// The root of the tree from the top of the repository, with `/`; empty for the top itself.
    pub(crate) folder: String,
    /// The branch that is published.
    pub(crate) branch: String,
    /// The environments that pointers can be moved in.
    pub(crate) environments: Vec<Environment>,
    pub(crate) prompts: Vec<PromptName>,
    /// Whether it has teams.
    pub(crate) has_teams: bool,
    /// Whether people of teams are known by their handles, so that the account counts which the host names.
    pub(crate) has_handles: bool,
    /// Whether commits have to be signed.
    pub(crate) needs_signatures: bool,
    pub(crate) publish: PublishTo,
    pub(crate) install: Install,
}

/// How a machine of the host gets the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Install {
    /// It fetches a released binary.
    Fetch { url: String, sha256: String },
    /// It runs commands of the project, after which `promptdex` is there.
    Setup(String),
}

/// A file of the repository, and what promptdex writes in it; without a text, nothing.
#[derive(Debug)]
pub(crate) struct WorkflowFile {
    pub(crate) path: &'static str,
    pub(crate) text: Option<String>,
}

/// The branch that holds the published registry.
pub(super) const REGISTRY: &str = "promptdex-registry";

/// What stands for all prompts in a form.
pub(super) const ALL: &str = "(all prompts)";

/// What stands in a form before somebody picks a prompt.
pub(super) const NONE: &str = "(pick one)";

/// So many prompts can be picked from a list.
const MOST_PICKED: usize = 100;

/// What the machine does to publish, on every host.
pub(super) const PUBLISH: &str = include_str!("publish.sh");

impl Project {
    /// Takes the facts of a registry. Pointers of the first environment follow the highest version, unless it
    /// is the only one.
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

    /// The root of the tree, as the command takes it.
    pub(super) fn root(&self) -> String {
        quote(if self.folder.is_empty() { "." } else { &self.folder })
    }

    /// The names of the environments, the last one first: most often it is meant.
    pub(super) fn environments(&self) -> String {
        let names: Vec<&str> = self.environments.iter().rev().map(Environment::as_str).collect();
        list(&names)
    }

    /// The names that can be picked, if they are few enough.
    pub(super) fn picked(&self) -> Option<String> {
        let names = self.prompts.iter().map(PromptName::as_str);
        let names: Vec<&str> = [NONE].into_iter().chain(names).chain([ALL]).collect();
        (self.prompts.len() <= MOST_PICKED).then(|| list(&names))
    }

    /// How long a job may take: one that builds the command first takes longer.
    pub(super) fn minutes(&self) -> &'static str {
        match self.install {
            Install::Fetch { .. } => "10",
            Install::Setup(_) => "60",
        }
    }
}

/// Fills a template in. What stands alone on its line takes as many lines as the text has, each as far to the
/// right, and none if there is none.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
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

/// Writes a text for YAML.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Writes a list for YAML.
fn list(texts: &[&str]) -> String {
    format!("[{}]", texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", "))
}
