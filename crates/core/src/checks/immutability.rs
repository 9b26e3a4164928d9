//! `changed-version`, `removed-version`: what is published stays as it was published, and what the base
//! of a change has as the base has it.

use std::collections::BTreeSet;

use promptdex_wire::Version;
use promptdex_wire::catalog::State;

use crate::diagnostic::Diagnostic;
use crate::model::Prompt;
use crate::rules;

pub(super) fn check(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
    let before = findings.len();
    check_published(prompt, findings);
    let reported: BTreeSet<String> =
        findings[before..].iter().map(|finding| finding.path.clone()).collect();
    check_base(prompt, &reported, findings);
}

/// Compares a prompt with what the base of a change has of it.
fn check_base(prompt: &Prompt, reported: &BTreeSet<String>, findings: &mut Vec<Diagnostic>) {
    let Some(before) = &prompt.base else { return };
    let (name, base) = (&prompt.name, &before.base);
    for (version, digest) in &before.versions {
        let folder = format!("{name}/v{version}");
        let state = prompt.states.get(version).map_or(State::Active, |state| state.state);
        if state == State::Redacted || reported.contains(&folder) {
            continue;
        }
        match (prompt.versions.get(version), digest) {
            (None, _) => {
                let message = format!("version {version} is in `{base}`, and its folder is gone");
                findings.push(
                    Diagnostic::about(&rules::REMOVED_VERSION, folder, message).help(WITHDRAWN),
                );
            }
            // What could not be read was never a version.
            (Some(source), Some(digest)) if source.source_digest != *digest => {
                let message =
                    format!("version {version} is in `{base}`, and its files have changed");
                findings.push(
                    Diagnostic::about(&rules::CHANGED_VERSION, folder, message)
                        .help(copied(prompt, version)),
                );
            }
            (Some(_), _) => {}
        }
    }
    for (version, (state, _)) in &before.states {
        let now = prompt.states.get(version).map_or(State::Active, |state| state.state);
        let folder = format!("{name}/v{version}");
        if *state == State::Redacted && now != State::Redacted && !reported.contains(&folder) {
            let message = format!("version {version} is redacted for good");
            findings.push(
                Diagnostic::about(&rules::CHANGED_VERSION, folder, message)
                    .help("list it under `redacted` in prompt.yaml again"),
            );
        }
    }
}

const WITHDRAWN: &str =
    "restore the folder; a version is withdrawn by `yanked` or `redacted` in prompt.yaml";

fn copied(prompt: &Prompt, version: &Version) -> String {
    format!(
        "copy it with `promptdex new {} --from {version}`, then take the change here back",
        prompt.name
    )
}

/// Compares a prompt with what is published of it.
fn check_published(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
    let Some(published) = &prompt.published else { return };
    let name = &prompt.name;
    for (version, listed) in &published.versions {
        let folder = format!("{name}/v{version}");
        let state = prompt.states.get(version).map_or(State::Active, |state| state.state);
        match prompt.versions.get(version) {
            _ if state == State::Redacted => {}
            _ if listed.state == State::Redacted => {
                let message = format!("version {version} is redacted for good");
                findings.push(
                    Diagnostic::about(&rules::CHANGED_VERSION, folder, message)
                        .help("list it under `redacted` in prompt.yaml again"),
                );
            }
            None => {
                let message = format!("version {version} is published, and its folder is gone");
                findings.push(
                    Diagnostic::about(&rules::REMOVED_VERSION, folder, message).help(WITHDRAWN),
                );
            }
            Some(source) if source.is_complete && source.source_digest != listed.source_digest => {
                let message = format!("version {version} is published, and its files have changed");
                findings.push(
                    Diagnostic::about(&rules::CHANGED_VERSION, folder, message)
                        .help(copied(prompt, version)),
                );
            }
            Some(_) => {}
        }
    }
}
