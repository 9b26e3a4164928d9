//! Plans state changes of versions.

use promptdex_core::edit;
use promptdex_wire::catalog::State;
use promptdex_wire::{PromptName, PromptVersion, Version};

use super::files::text_to_edit;
use super::plan::{ChangePlan, PlannedEffect, StateChange};
use super::prompt_graph::PromptGraph;
use crate::error::{ChangeError, Result};
use crate::prompts::selector;
use crate::tree::Overlay;

/// A command that gives a state to versions, and its wording.
#[derive(Debug)]
pub struct StateCommand {
    /// The state.
    pub state: State,
    /// The command that sets the state.
    pub command: &'static str,
    /// The verb for messages: `Deprecate`.
    pub verb: &'static str,
    /// The noun for messages about removing the state: `the deprecation of`.
    pub noun: &'static str,
}

/// Finds the version that a text such as `support/refund@1.0.0` names. A prompt without a version
/// is an error.
pub fn find_named_version(graph: &PromptGraph<'_>, text: &str) -> Result<PromptVersion> {
    let (name, selector) = selector::parse(text)?;
    let (_, prompt) = graph.prompt(&name)?;
    let Some(selector) = selector else {
        let versions = selector::versions(prompt);
        return Err(ChangeError::VersionNotNamed { name, versions }.into());
    };
    let version = selector::select(prompt, graph.settings(), Some(selector))?.version;
    Ok(PromptVersion { name, version })
}

/// Plans to set or remove the state of a version.
pub fn plan(
    graph: &PromptGraph<'_>,
    own: &PromptVersion,
    words: &StateCommand,
    reason: &str,
    undo: bool,
) -> Result<ChangePlan> {
    let PromptVersion { name, version } = own;
    let tree = graph.loader.tree();
    let (files, prompt) = graph.prompt(name)?;
    let current = prompt.states.get(version);
    let state = current.map_or(State::Active, |current| current.state);
    if precedence(state) > precedence(words.state) {
        return Err(ChangeError::StateTakesPrecedence {
            version: own.clone(),
            state: state.as_str(),
            reason: current.map(|current| current.reason.clone()).unwrap_or_default(),
            wanted: words.state.as_str(),
            path: tree.display_path(&files.prompt_file()),
        }
        .into());
    }
    let has_it = state == words.state;
    let is_same = has_it && current.is_some_and(|current| current.reason == reason);
    let mut plan = ChangePlan::new(words.command, Some(reason));
    plan.subject = if undo {
        format!("Take back {} {name} {version}", words.noun)
    } else {
        format!("{} {name} {version}", words.verb)
    };
    let is_done = if undo { !has_it } else { is_same };
    if is_done {
        let is = if undo { "is not" } else { "is already" };
        plan.notes.push(format!("{name} {version} {is} {}", words.state.as_str()));
        return Ok(plan);
    }
    let new_state = (!undo).then_some((words.state, reason));
    let change = set_state(graph, name, version, new_state, &mut plan.files)?;
    plan.effects.push(PlannedEffect::State(change));
    Ok(plan)
}

/// Returns the rank of a state. A state with a higher rank takes precedence.
fn precedence(state: State) -> u8 {
    match state {
        State::Active => 0,
        State::Deprecated => 1,
        State::Archived => 2,
        State::Yanked => 3,
        State::Redacted => 4,
    }
}

/// Edits the `prompt.yaml` of a prompt so that a version has a state, or none.
pub fn set_state(
    graph: &PromptGraph<'_>,
    name: &PromptName,
    version: &Version,
    new_state: Option<(State, &str)>,
    files: &mut Overlay,
) -> Result<StateChange> {
    let (own, prompt) = graph.prompt(name)?;
    let tree = graph.loader.tree().with(files.clone());
    let path = own.prompt_file();
    let old = text_to_edit(&tree, &path)?;
    let Some(text) = edit::state(old.as_ref(), version, new_state) else {
        return Err(ChangeError::NotEditable {
            path: tree.display_path(&path),
            version: version.clone(),
            wanted: new_state.map(|(state, _)| state.as_str()),
        }
        .into());
    };
    // An edit that leaves the file empty removes it, because it had no other content.
    files.insert(path, (!text.trim().is_empty()).then(|| text.into_bytes()));
    let current = prompt.states.get(version);
    let state = current.map_or(State::Active, |current| current.state);
    Ok(StateChange {
        name: name.clone(),
        version: version.clone(),
        from: (state, current.map(|current| current.reason.clone())),
        to: new_state
            .map_or((State::Active, None), |(state, reason)| (state, Some(reason.to_owned()))),
        served_by: graph.environments_serving(name, version),
        included_by: graph.includers_of(name, version),
    })
}
