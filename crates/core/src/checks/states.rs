//! `missing-version`: `prompt.yaml` gives a state to versions that exist.

use promptdex_wire::catalog::State;

use super::pointers::missing_help;
use crate::diagnostic::Diagnostic;
use crate::model::Prompt;
use crate::rules;

pub(super) fn check(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
    let Some(source) = &prompt.source else { return };
    for (version, state) in &prompt.states {
        // A redacted version's folder may be gone.
        if state.state != State::Redacted && !prompt.versions.contains_key(version) {
            let message = format!("`{}` has no version {version}", prompt.name);
            findings.push(
                Diagnostic::at(&rules::MISSING_VERSION, source, state.range.clone(), message)
                    .help(missing_help(version, prompt)),
            );
        }
    }
}
