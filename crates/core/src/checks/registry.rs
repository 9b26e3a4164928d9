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
                let message = format!("no prompt matches `{}`", pattern.value);
                let range = pattern.range.clone();
                findings.push(
                    Diagnostic::at(&rules::UNMATCHED_PATTERN, source, range, message)
                        .help("correct it, or remove it: `**` stands for any folders below"),
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
            format!("`{environment}` serves {count}, and is not among the environments any more");
        let finding = match (&settings.file, &settings.environments_key) {
            (Some(source), Some(range)) => {
                Diagnostic::at(&rules::REMOVED_ENVIRONMENT, source, range.clone(), message)
            }
            _ => Diagnostic::about(&rules::REMOVED_ENVIRONMENT, REGISTRY_FILE, message),
        };
        findings.push(finding.help(
            "list it again; to have it serve nothing from now on, accept this finding in policy.yaml",
        ));
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
                    .help("choose another name: people and file systems mix them up"),
            );
        }
    }
    for name in published.lists.keys().filter(|name| !prompts.contains_key(name)) {
        let message = format!("the prompt `{name}` is published, and its folder is gone");
        findings.push(Diagnostic::about(&rules::REMOVED_VERSION, name.as_str(), message).help(
            "restore the folder; a rename is a new prompt, with `replaced_by` in the old one",
        ));
    }
}
