//! Runs the policy checks on a change before it is made. The change is treated as one commit on top
//! of the current tree, by the author that the plan names.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::ChangePolicy;
use promptdex_core::policy;
use promptdex_core::policy_check::{self, Actors, BasePrompt, ChangeCommit, ProposedChange};
use promptdex_core::rules::{self, Severity};
use promptdex_core::tree::PromptFiles;
use promptdex_wire::PromptName;

use super::plan::{PlannedChange, PlannedEffect};
use crate::change::commit;
use crate::error::{ChangeError, Result};
use crate::history::head::LazyHeadCommit;
use crate::history::in_place_versions::{DraftPolicy, add_in_place_versions};
use crate::history::serving_log;

/// Returns the findings of the policy checks that refuse a change.
pub fn refusals(change: &PlannedChange<'_>) -> Result<Vec<Diagnostic>> {
    let PlannedChange { plan, before, after, actor, previous, now } = *change;
    let settings = &before.settings;
    if settings.governance == ChangePolicy::default() {
        return Ok(Vec::new());
    }
    let actor = actor.filter(|actor| !actor.is_empty());
    let author = match before.tree().folder() {
        Some(folder) if actor.is_none() => commit::author(folder)?,
        _ => None,
    };
    if actor.is_none() && author.is_none() && !settings.governance.teams.is_empty() {
        return Err(ChangeError::UnknownActor.into());
    }
    let author = author.unwrap_or_default();
    let commit = ChangeCommit {
        id: String::new(),
        name: author.name,
        email: author.email,
        reason: plan.reason.clone(),
        paths: plan.files.keys().cloned().collect(),
        // A commit is signed when it is made.
        signature_problem: None,
    };
    let mut judged = ProposedChange {
        base: None,
        settings: settings.clone(),
        prompts: BTreeMap::new(),
        commits: vec![commit],
        changed_paths: plan.files.keys().cloned().collect(),
        moved: None,
        uncommitted_files: BTreeSet::new(),
        actors: actor.map_or(Actors::Authors, |actor| Actors::Accounts(vec![actor.to_owned()])),
        now: now.clone(),
    };
    let names: BTreeSet<&PromptName> = plan.effects.iter().map(PlannedEffect::name).collect();
    for name in &names {
        if let Some(prompt) = before.find(name, &mut Vec::new())? {
            let base = BasePrompt::of("HEAD", &prompt, settings);
            judged.prompts.insert((*name).clone(), base);
        }
    }
    let mut findings = Vec::new();
    let mut files: BTreeMap<PromptName, PromptFiles> = BTreeMap::new();
    for name in names {
        let Some(prompt) = after.find(name, &mut Vec::new())? else { continue };
        files.extend(after.files(name)?.map(|files| (name.clone(), files)));
        let mut base = judged.prompts.get(name).cloned().unwrap_or_default();
        if policy_check::needs_past(&prompt, &base, settings, settings) {
            let tree = before.tree();
            let head = LazyHeadCommit::of(tree);
            let mut survey = tree.survey(name)?;
            let first_commits =
                add_in_place_versions(tree, &head, DraftPolicy::Hidden, &mut survey)?.first_commits;
            let commits = head.get()?.map(|head| head.commits(&first_commits));
            base.past = serving_log::read(name, &base.targets, settings, commits, previous, now)?;
        }
        policy_check::check_prompt(&prompt, &base, settings, &judged, &mut findings);
    }
    policy_check::check_change(settings, &files, &judged, &mut findings);
    let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
    let found = policy::apply(settings, findings).into_iter();
    // Whether an `allow` entry is unused is known only with all findings.
    let is_rule = |finding: &Diagnostic| finding.rule.code != rules::UNUSED_ALLOW.code;
    Ok(found.filter(is_error).filter(is_rule).collect())
}
