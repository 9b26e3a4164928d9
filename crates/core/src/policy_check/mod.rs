//! Checks a change against the policy of its base: what it adds, moves and removes, who did it, and when.
//!
//! The base is what the change is going to be merged into. Its policy applies, not the one that the change
//! brings. The base and the commits come as a [`ProposedChange`]; nothing is read here.

use promptdex_compare::promotion::{ServedSince, ServingHistory};
use promptdex_compare::teams::owning_teams;
use promptdex_wire::Chain;
use promptdex_wire::event::Change;

use crate::diagnostic::Diagnostic;
use crate::history::PromptHistory;
use crate::model::{People, Prompt, Settings};

mod change;
mod events;
mod evidence;
mod governance;
mod people;
mod promotion;
mod proposed_change;

pub use change::check_change;
pub use proposed_change::{Actors, BasePrompt, ChangeCommit, ProposedChange};

use events::{ChangeEvent, events};

/// Reads what environments served from what happened to a prompt.
pub fn serving_history(history: &PromptHistory) -> ServingHistory {
    let mut past = ServingHistory::default();
    for (chain, changes) in &history.events {
        let Chain::Environment(environment) = chain else { continue };
        for change in changes {
            let (from, to) = (change.before(), change.after());
            let commit = change.commit.clone();
            let since = |time| ServedSince { time, release: None, commit };
            past.record(environment, from, to, change.at.clone().map(since).as_ref());
        }
    }
    past
}

/// Whether checking the change of a prompt needs the serving history.
pub fn needs_past(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    base_settings: &Settings,
) -> bool {
    let governance = &settings.governance;
    events(prompt, base, settings, base_settings).iter().any(|event| {
        let Some(moved) = event.pointer_change() else { return false };
        let rules = governance.promotion.get(moved.environment);
        let is_judged =
            rules.is_some() || !owning_teams(&governance.teams, &prompt.name).is_empty();
        (is_judged && moved.goes_down()) || rules.is_some_and(|rules| rules.soak_seconds.is_some())
    })
}

/// Whether a change of a prompt would be a rollback if its environment had served the lower version before.
pub fn may_be_rollback(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    base_settings: &Settings,
) -> bool {
    events(prompt, base, settings, base_settings).iter().any(|event| {
        let moved = event.pointer_change();
        moved.is_some_and(|moved| moved.goes_down() && !moved.is_revert(&base.past))
    })
}

/// Applies the rules about changes to a prompt; `base` is what the base has of it.
pub fn check_prompt(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    proposal: &ProposedChange,
    findings: &mut Vec<Diagnostic>,
) {
    for event in events(prompt, base, settings, &proposal.settings) {
        let is_revert = event.pointer_change().is_some_and(|moved| moved.is_revert(&base.past));
        people::check(prompt, settings, proposal, &event, is_revert, findings);
        promotion::check(prompt, base, settings, proposal, &event, findings);
    }
    evidence::check(prompt, settings, proposal, findings);
    governance::check_prompt(prompt, base, settings, proposal, findings);
}

/// Returns the events of a change to a prompt, with their chains, authors and reasons; `base` is the prompt
/// in the base.
pub fn list_events(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    proposal: &ProposedChange,
) -> Vec<(Chain, Change)> {
    let events = events(prompt, base, settings, &proposal.settings).into_iter();
    let changes = events.map(|event| {
        let (commits, is_open) = proposal.find_commits(&event.places);
        let last = commits.first().filter(|_| !is_open);
        let author = last.and_then(|commit| match settings.people {
            People::Email => Some(commit.email.clone()),
            People::Name => Some(commit.name.clone()),
            People::None => None,
        });
        let reason = || commits.iter().find_map(|commit| commit.reason.clone());
        let chain = event.environment.clone().map_or(Chain::Catalog, Chain::Environment);
        let ChangeEvent { operation, from, to, .. } = event;
        let change = Change {
            by: proposal.actors.first_account().cloned().or(author),
            commit: last.map(|commit| commit.id.clone()),
            reason: event.reason.or_else(reason),
            ..Change::new(Some(prompt.name.clone()), operation, from, to)
        };
        (chain, change)
    });
    changes.collect()
}
