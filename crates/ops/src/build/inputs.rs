//! What a build is given instead of asking Git.

use std::sync::Arc;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::history::TreeHistory;
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::policy_check::{self, BasePrompt, ProposedChange};
use promptdex_wire::release::Source;

use crate::error::Result;
use crate::history::in_place_versions::GivenVersions;
use crate::published::PreviousRegistry;
use crate::review::change_set::ChangeSet;

/// What is known of the past of a tree, as values.
#[derive(Debug, Clone, Default)]
pub struct TreePast {
    /// The commit that the tree is, when it is one.
    pub source: Option<Source>,
    /// What happened to its prompts.
    pub history: Arc<TreeHistory>,
    /// The versions of its prompts that are edited in place.
    pub in_place: GivenVersions,
}

/// A change that a build judges.
#[derive(Debug, Clone, Copy)]
pub enum JudgedChange<'a> {
    /// One that Git knows. What its base served, and since when, is asked where it matters.
    InGit(&'a ChangeSet),
    /// One that is given with all that is known of its base.
    Given(&'a ProposedChange),
}

impl<'a> JudgedChange<'a> {
    /// Returns what the change is.
    pub fn proposal(self) -> &'a ProposedChange {
        match self {
            Self::InGit(proposed) => proposed.proposal(),
            Self::Given(proposal) => proposal,
        }
    }

    /// Applies the rules about changes to a prompt. Returns what the base has of it.
    pub(super) fn judge(
        self,
        prompt: &Prompt,
        settings: &Settings,
        previous: Option<&PreviousRegistry>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<BasePrompt> {
        match self {
            Self::InGit(proposed) => proposed.judge(prompt, settings, previous, findings),
            Self::Given(proposal) => {
                let base: Option<&BasePrompt> = proposal.prompts.get(&prompt.name);
                let base = base.cloned().unwrap_or_default();
                policy_check::check_prompt(prompt, &base, settings, proposal, findings);
                Ok(base)
            }
        }
    }
}
