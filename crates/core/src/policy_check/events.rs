//! The events of a change to a prompt: what it adds, moves and removes.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::promotion::PointerChange;
use promptdex_wire::catalog::State;
use promptdex_wire::event::{Operation, Target};
use promptdex_wire::{Environment, Open, Version};

use super::proposed_change::BasePrompt;
use crate::compile::targets;
use crate::diagnostic::Diagnostic;
use crate::history::{pointer_move, state_change, version_addition};
use crate::model::{Prompt, Settings};
use crate::rules::Rule;
use crate::tree::REGISTRY_FILE;

/// One event of a change: a version added, a pointer moved, a state set.
pub(super) struct ChangeEvent {
    pub(super) operation: Operation,
    pub(super) from: Option<Target>,
    pub(super) to: Option<Target>,
    /// The environment; without, it is about the version.
    pub(super) environment: Option<Environment>,
    /// The reason, if a file of the tree has one.
    pub(super) reason: Option<String>,
    /// Whether it follows from something else: the first environment serves the highest version.
    pub(super) follows: bool,
    /// Whether the base has a file of the environment.
    had_file: bool,
    /// Where it can have been done: files, and folders that end with `/`; the first one that the change
    /// touches.
    pub(super) places: Vec<String>,
    /// What the environment serves in the end.
    pub(super) targets: BTreeMap<Environment, Target>,
}

impl ChangeEvent {
    /// Returns the move of a pointer that it is, if it is one.
    pub(super) fn pointer_change(&self) -> Option<PointerChange<'_>> {
        let environment = self.environment.as_ref()?;
        Some(PointerChange { environment, from: self.from.as_ref(), to: self.to.as_ref() })
    }

    /// Returns the version that it is about, if it is about one.
    pub(super) fn version(&self) -> Option<&Version> {
        self.to.as_ref().or(self.from.as_ref()).and_then(Target::main)
    }

    /// Makes a finding where the change did it; `version` is one that the environment serves.
    pub(super) fn report(
        &self,
        prompt: &Prompt,
        version: Option<&Version>,
        rule: &'static Rule,
        message: String,
    ) -> Diagnostic {
        let name = &prompt.name;
        let Some(environment) = &self.environment else {
            let state = self.version().and_then(|version| prompt.states.get(version));
            return match (self.operation, self.version(), state, &prompt.source) {
                (Operation::Created, Some(version), _, _) => {
                    Diagnostic::about(rule, format!("{name}/v{version}"), message)
                }
                (_, _, Some(state), Some(source)) => {
                    Diagnostic::at(rule, source, state.range.clone(), message)
                }
                _ => Diagnostic::about(rule, format!("{name}/prompt.yaml"), message),
            };
        };
        if let Some(pointer) = prompt.pointers.get(environment) {
            let versions = pointer.target.versions();
            let at = versions.iter().position(|served| version.is_none_or(|v| v == *served));
            let place = pointer.places.get(at.unwrap_or_default()).cloned();
            return match place {
                Some(place) => Diagnostic::at(rule, &pointer.source, place, message),
                None => Diagnostic::about(rule, pointer.source.path(), message),
            };
        }
        let path = match version.or_else(|| self.to.as_ref().and_then(Target::main)) {
            _ if self.had_file => format!("{name}/environments/{environment}.yaml"),
            Some(version) => format!("{name}/v{version}"),
            None => name.to_string(),
        };
        Diagnostic::about(rule, path, message)
    }
}

/// Compares a prompt with what the base has of it, which is read with the base's settings.
pub(super) fn events(
    prompt: &Prompt,
    before: &BasePrompt,
    settings: &Settings,
    base: &Settings,
) -> Vec<ChangeEvent> {
    let name = &prompt.name;
    let served = targets::targets(prompt, settings);
    let event =
        |change: promptdex_wire::event::Change, environment: Option<&Environment>, places| {
            // Changes that this release finds are all of operations that it knows.
            change.operation.get().map(|operation| ChangeEvent {
                operation,
                from: change.from.and_then(Open::into_known),
                to: change.to.and_then(Open::into_known),
                environment: environment.cloned(),
                reason: change.reason,
                follows: false,
                had_file: environment.is_some_and(|environment| before.files.contains(environment)),
                places,
                targets: served.clone(),
            })
        };
    let mut events = Vec::new();
    for version in prompt.versions.keys().filter(|version| !before.versions.contains_key(version)) {
        // Of a prompt that is edited in place, whoever gives the number makes the version.
        let places = vec![
            format!("{name}/v{version}/"),
            format!("{name}.md"),
            format!("{name}/prompt.yaml"),
        ];
        events.extend(event(version_addition(name, version), None, places));
    }
    let versions: BTreeSet<&Version> = before.states.keys().chain(prompt.states.keys()).collect();
    for version in versions {
        let new = prompt.states.get(version);
        let new = new.map_or((State::Active, None), |new| (new.state, Some(new.reason.as_str())));
        if let Some(change) = state_change(name, version, before.state(version), new) {
            events.extend(event(change, None, vec![format!("{name}/prompt.yaml")]));
        }
    }
    let environments: BTreeSet<&Environment> =
        base.environments.iter().chain(&settings.environments).collect();
    for environment in environments {
        let (from, to) = (before.targets.get(environment), served.get(environment));
        let change = pointer_move(name, environment, from.cloned(), to.cloned(), &before.past);
        let Some(change) = change else { continue };
        let places = vec![
            format!("{name}/environments/{environment}.yaml"),
            format!("{name}/"),
            format!("{name}.md"),
            REGISTRY_FILE.to_owned(),
        ];
        let is_first = |settings: &Settings| settings.environments.first() == Some(environment);
        let has_file =
            before.files.contains(environment) || prompt.pointers.contains_key(environment);
        let follows = !has_file && is_first(settings) && is_first(base);
        let event = event(change, Some(environment), places);
        events.extend(event.map(|event| ChangeEvent { follows, ..event }));
    }
    events
}
