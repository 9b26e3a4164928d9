//! Inputs of a build that callers can supply as values instead of reading them from Git.

use std::sync::Arc;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::history::TreeHistory;
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::policy_check::{self, BasePrompt, ProposedChange};
use promptdex_history::{Git, Oid};
use promptdex_wire::Timestamp;
use promptdex_wire::release::{Actor, Approval, Source};

use crate::error::Result;
use crate::history::in_place_versions::GivenVersions;
use crate::published::PreviousRegistry;
use crate::review::change_set::ChangeSet;

/// The past of a tree, as values.
#[derive(Debug, Clone, Default)]
pub struct TreePast {
    /// The commit of the tree, if the tree is a commit.
    pub source: Option<Source>,
    /// The history of the tree: the events of its prompts.
    pub history: Arc<TreeHistory>,
    /// The versions of its prompts that are edited in place.
    pub in_place: GivenVersions,
}

/// Who publishes what a build writes, and when.
#[derive(Debug, Clone, Default)]
pub struct Publisher {
    /// The moment, by the publisher's clock.
    pub time: Option<Timestamp>,
    /// The person or job, and its run.
    pub actor: Option<Actor>,
    /// Who approved the publication. A build that is none says nothing of approvals.
    pub approvals: Option<Vec<Approval>>,
    /// The number of the first release of every chain, for a registry that continues none. Defaults to 1.
    pub first_sequence: Option<u64>,
}

/// A change that a build checks against the base branch's policy.
#[derive(Debug, Clone, Copy)]
pub enum JudgedChange<'a> {
    /// A change in a Git repository. The base's serving history is read from Git where a check
    /// needs it.
    InGit(&'a ChangeSet),
    /// A change supplied as a value, with everything that the checks need of its base.
    Given(&'a ProposedChange),
}

impl<'a> JudgedChange<'a> {
    /// Returns the change as the checks see it.
    pub fn proposal(self) -> &'a ProposedChange {
        match self {
            Self::InGit(proposed) => proposed.proposal(),
            Self::Given(proposal) => proposal,
        }
    }

    /// Returns the tip of the branch that the change is going to be merged into, with the root of the tree
    /// there, if it is one in a repository.
    pub(super) fn base(self) -> Option<(Git, Oid)> {
        match self {
            Self::InGit(proposed) => Some(proposed.base_commit()),
            Self::Given(_) => None,
        }
    }

    /// Applies the change checks to a prompt, and returns the prompt as it is in the base.
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
