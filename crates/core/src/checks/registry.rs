//! Rules about the tree as a whole: `unmatched-pattern`, and against what is published
//! `removed-environment`, `name-collision` and `removed-version`.

use std::collections::BTreeMap;

use promptdex_compare::patterns::matches_name;
use promptdex_wire::PromptName;

use crate::diagnostic::Diagnostic;
use crate::model::Settings;
use crate::published_registry::PublishedRegistry;
use crate::rules;
use crate::tree::{PromptFiles, REGISTRY_FILE};

/// Applies the rules about the tree as a whole.
pub fn check_registry(
    settings: &Settings,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    published: Option<&PublishedRegistry>,
    findings: &mut Vec<Diagnostic>,
) {
    if let Some(source) = &settings.file {
        for pattern in settings.bundles.values().flatten() {
            let matches = |name: &PromptName| matches_name(&pattern.value, name);
            if !prompts.keys().any(matches) {
                let message = format!("pattern `{}` matches no prompt", pattern.value);
                let range = pattern.range.clone();
                findings.push(
                    Diagnostic::at(&rules::UNMATCHED_PATTERN, source, range, message)
                        .help("correct or remove the pattern; `**` matches any number of folders"),
                );
            }
        }
    }
    let Some(published) = published else { return };
    for (environment, served) in &published.served_entries {
        if served.is_empty() || settings.environments.contains(environment) {
            continue;
        }
        let count = match served.len() {
            1 => "1 prompt".to_owned(),
            count => format!("{count} prompts"),
        };
        let message =
            format!("published environment `{environment}` ({count}) is no longer listed");
        let finding = match (&settings.file, &settings.environments_key) {
            (Some(source), Some(range)) => {
                Diagnostic::at(&rules::REMOVED_ENVIRONMENT, source, range.clone(), message)
            }
            _ => Diagnostic::about(&rules::REMOVED_ENVIRONMENT, REGISTRY_FILE, message),
        };
        findings.push(
            finding.help("list it again, or add an `allow` entry to policy.yaml to remove it"),
        );
    }
    let folded: BTreeMap<String, &PromptName> =
        published.lists.keys().map(|name| (name.fold(), name)).collect();
    for (name, files) in prompts {
        let known = folded.get(&name.fold());
        if let Some(known) = known.filter(|known| **known != name) {
            let message =
                format!("`{name}` and the published `{known}` differ only in `_` and `-`");
            findings.push(
                Diagnostic::about(&rules::NAME_COLLISION, &files.folder, message)
                    .help("choose a different name"),
            );
        }
    }
    for name in published.lists.keys().filter(|name| !prompts.contains_key(name)) {
        let message = format!("published prompt `{name}` was removed");
        findings.push(Diagnostic::about(&rules::REMOVED_VERSION, name.as_str(), message).help(
            "restore the folder; to rename a prompt, add a new one and set `replaced_by` in the old one",
        ));
    }
}
