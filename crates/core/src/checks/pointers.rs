//! `unknown-environment`, `missing-version`, `yanked-pointer`, `deprecated-pointer`: what the files
//! of `environments/` name exists and may be served.

use promptdex_wire::catalog::State;
use promptdex_wire::{Environment, Version};

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{Prompt, VersionState};
use crate::rules;

pub(super) fn check(prompt: &Prompt, environments: &[Environment], findings: &mut Vec<Diagnostic>) {
    for (environment, pointer) in &prompt.pointers {
        if !environments.contains(environment) {
            let known: Vec<&str> = environments.iter().map(Environment::as_str).collect();
            let help =
                did_you_mean(environment.as_str(), known.iter().copied()).unwrap_or_else(|| {
                    format!(
                        "name it after one of {}, or list it in registry.yaml",
                        known.join(", ")
                    )
                });
            let message = format!("the registry has no environment `{environment}`");
            findings.push(
                Diagnostic::about(&rules::UNKNOWN_ENVIRONMENT, pointer.source.path(), message)
                    .help(help),
            );
            continue;
        }
        for (version, place) in pointer.target.versions().into_iter().zip(&pointer.places) {
            let report = |rule, message: String, help: String| {
                Diagnostic::at(rule, &pointer.source, place.clone(), message).help(help)
            };
            let state = prompt.states.get(version);
            // What it serves already it may go on serving.
            let is_old = prompt
                .published
                .as_ref()
                .is_some_and(|published| published.serves(environment, version));
            match state.map_or(State::Active, |state| state.state) {
                State::Yanked if is_old => findings.push(report(
                    &rules::DEPRECATED_POINTER,
                    format!(
                        "{environment} goes on serving version {version}, which is yanked{}",
                        because(state)
                    ),
                    "plan the move to another version".to_owned(),
                )),
                State::Yanked | State::Redacted => findings.push(report(
                    &rules::YANKED_POINTER,
                    format!(
                        "{environment} would serve version {version}, which is withdrawn{}",
                        because(state)
                    ),
                    "point to another version".to_owned(),
                )),
                _ if !prompt.versions.contains_key(version) => findings.push(report(
                    &rules::MISSING_VERSION,
                    format!("`{}` has no version {version}", prompt.name),
                    missing_help(version, prompt),
                )),
                State::Deprecated => findings.push(report(
                    &rules::DEPRECATED_POINTER,
                    format!(
                        "{environment} serves version {version}, which is deprecated{}",
                        because(state)
                    ),
                    "plan the move to another version".to_owned(),
                )),
                State::Active | State::Archived => {}
            }
        }
    }
}

fn because(state: Option<&VersionState>) -> String {
    state.map_or_else(String::new, |state| format!(": {}", state.reason))
}

/// Names the nearest version, or all of them.
pub(super) fn missing_help(version: &Version, prompt: &Prompt) -> String {
    let known: Vec<String> = prompt.versions.keys().map(Version::to_string).collect();
    did_you_mean(&version.to_string(), known.iter().map(String::as_str)).unwrap_or_else(|| {
        match known.as_slice() {
            [] => "add the version's folder".to_owned(),
            some if some.len() <= 8 => format!("it has {}", some.join(", ")),
            some => {
                format!("it has {} versions, the highest is {}", some.len(), some[some.len() - 1])
            }
        }
    })
}
