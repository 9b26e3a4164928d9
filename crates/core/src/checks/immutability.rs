//! `changed-version`, `removed-version`: what is published stays as it was published.

use promptdex_wire::catalog::State;

use crate::diagnostic::Diagnostic;
use crate::model::Prompt;
use crate::rules;

pub(super) fn check(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
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
                findings.push(Diagnostic::about(&rules::REMOVED_VERSION, folder, message).help(
                    "restore the folder; a version is withdrawn by `yanked` or `redacted` in prompt.yaml",
                ));
            }
            Some(source) if source.is_complete && source.source_digest != listed.source_digest => {
                let message = format!("version {version} is published, and its files have changed");
                findings.push(Diagnostic::about(&rules::CHANGED_VERSION, folder, message).help(
                    format!(
                        "copy it with `promptdex new {name} --from {version}`, then take the change here back"
                    ),
                ));
            }
            Some(_) => {}
        }
    }
}
