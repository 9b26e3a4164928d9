//! `unknown-environment`, `missing-version`, `yanked-pointer`, `deprecated-pointer`: what the files
//! of `environments/` name exists and may be served.

use promptdex_compare::promotion::{
    Blocker, report_outdated_version, report_withdrawn_version, share,
};
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use super::shallow_history::SHALLOW_CLONE;
use crate::compile::targets;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{DeclaredState, Prompt, Settings};
use crate::prompt_past::{PromptPast, PromptWithPast};
use crate::rules::{self, Severity};

pub(super) fn check(known: &PromptWithPast, settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let PromptWithPast { prompt, past } = known;
    let environments = &settings.environments;
    if !prompt.has_environments {
        check_metadata(known, settings, findings);
    }
    for (environment, pointer) in &prompt.pointers {
        if !environments.contains(environment) {
            let known: Vec<&str> = environments.iter().map(Environment::as_str).collect();
            let help =
                did_you_mean(environment.as_str(), known.iter().copied()).unwrap_or_else(|| {
                    format!(
                        "rename the file after one of {}, or list the environment in registry.yaml",
                        known.join(", ")
                    )
                });
            let message = format!("unknown environment `{environment}`");
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
            let known = prompt.states.get(version);
            let is_old = is_already_served(past, environment, &pointer.target, version);
            match known.map_or(State::Active, |known| known.state) {
                State::Yanked if is_old => findings.push(report(
                    &rules::DEPRECATED_POINTER,
                    format!(
                        "{environment} still serves the yanked version {version}{}",
                        format_reason(known)
                    ),
                    "plan a move to a different version".to_owned(),
                )),
                state @ (State::Yanked | State::Redacted) => {
                    let reason = known.map(|known| known.reason.as_str());
                    let Blocker { message, help, .. } =
                        report_withdrawn_version(environment, version, state, reason);
                    findings.push(report(&rules::YANKED_POINTER, message, help));
                }
                _ if !prompt.versions.contains_key(version) => findings.push(report(
                    &rules::MISSING_VERSION,
                    format!("`{}` has no version {version}", prompt.name),
                    missing_help(version, prompt),
                )),
                state @ (State::Deprecated | State::Archived) => {
                    let reason = known.map(|known| known.reason.as_str());
                    let Blocker { message, help, .. } =
                        report_outdated_version(environment, version, state, reason);
                    findings.push(report(&rules::DEPRECATED_POINTER, message, help));
                }
                State::Active => {}
            }
        }
    }
}

/// Whether an environment serves a version already, to as many callers.
fn is_already_served(
    past: &PromptPast,
    environment: &Environment,
    target: &Target,
    version: &Version,
) -> bool {
    past.served_before(environment).is_some_and(|before| {
        before.versions().contains(&version) && share(&before, version) >= share(target, version)
    })
}

/// Checks pointers that come from metadata.
fn check_metadata(known: &PromptWithPast, settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let PromptWithPast { prompt, past } = known;
    let place = |version: &Version| {
        let metadata = &prompt.versions.get(version)?.metadata;
        let placed = metadata.environment.as_ref().or(metadata.status.as_ref())?;
        Some((metadata.source.as_ref()?, placed.range.clone()))
    };
    for (environment, target) in targets::metadata_targets(prompt, settings) {
        let Some(version) = target.main() else { continue };
        let state = prompt.states.get(version);
        if state.is_none_or(|state| state.state != State::Yanked)
            || is_already_served(past, &environment, &target, version)
        {
            continue;
        }
        let Some((source, range)) = place(version) else { continue };
        let reason = state.map(|state| state.reason.as_str());
        let Blocker { message, .. } =
            report_withdrawn_version(&environment, version, State::Yanked, reason);
        findings.push(
            Diagnostic::at(&rules::YANKED_POINTER, source, range, message)
                .help(format!("name a different version in `environments/{environment}.yaml`")),
        );
    }
    // Two claims are none: what is served would be so no more, and nobody said so.
    for (environment, versions) in targets::claims(prompt, settings) {
        let is_served = past.served_before(&environment).is_some();
        let [.., before, last] = versions.as_slice() else { continue };
        let Some((source, range)) = place(last).filter(|_| is_served) else { continue };
        let message = format!("{environment} is in the metadata of both {before} and {last}");
        let finding = Diagnostic::at(&rules::POINTER_IN_METADATA, source, range, message)
            .help(format!("name one version in `environments/{environment}.yaml`"));
        findings.push(Diagnostic { severity: Severity::Error, ..finding });
    }
}

fn format_reason(state: Option<&DeclaredState>) -> String {
    state.map_or_else(String::new, |state| format!(": {}", state.reason))
}

/// Names the nearest version, or all of them.
pub(super) fn missing_help(version: &Version, prompt: &Prompt) -> String {
    let known: Vec<String> = prompt.versions.keys().map(Version::to_string).collect();
    if let Some((file, _)) = &prompt.in_place {
        if prompt.lacks_commits {
            return SHALLOW_CLONE.to_owned();
        }
        let (name, known) = (&prompt.name, known.join(", "));
        return format!(
            "name one of {known}; restore a version that a move of `{file}` lost as the folder `{name}/v{version}/`"
        );
    }
    did_you_mean(&version.to_string(), known.iter().map(String::as_str)).unwrap_or_else(|| {
        match known.as_slice() {
            [] => "add the version's folder".to_owned(),
            some if some.len() <= 8 => format!("name one of {}", some.join(", ")),
            some => {
                format!(
                    "name one of its {} versions; the highest is {}",
                    some.len(),
                    some[some.len() - 1]
                )
            }
        }
    })
}
