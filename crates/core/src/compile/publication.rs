//! How the releases of a build come about.

use std::collections::BTreeSet;

use promptdex_wire::event::Change;
use promptdex_wire::release::{Actor, Approval, HeldBack, MAX_HELD_BACK, Source};
use promptdex_wire::{Chain, Environment, Timestamp};

use crate::model::People;

/// A release names approvals up to this many bytes, so that clients can read its pointer.
const MAX_APPROVAL_BYTES: usize = 8 * 1_024;

/// What the releases of a build say of the publication that they are part of: from what the registry was
/// made, how its rules changed, when and by whom it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The commit that the tree is the same as, if there is one.
    pub source: Option<Source>,
    /// The changes of the rules since the catalog's last release, for its next one.
    pub rules: Vec<Change>,
    /// The moment, by the publisher's clock. The releases have that of the newest published release if this
    /// one is before it, because time never goes back in a registry.
    pub time: Option<Timestamp>,
    /// The publisher. Of its name, the releases say what the registry publishes of people.
    pub actor: Option<Actor>,
    /// Who approved it, as the publisher says. Releases of a publication also name the reviewers that trailers of commits
    /// name. A build is no publication: it names nobody.
    pub approvals: Option<Vec<Approval>>,
    /// The prompts that are held back, sorted by name.
    pub held_back: Vec<HeldPrompt>,
}

/// A prompt that is held back at what is published of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPrompt {
    /// The prompt and the reason, as releases record it.
    pub record: HeldBack,
    /// The environments that serve it, or would serve it without the error.
    pub environments: BTreeSet<Environment>,
}

impl Publication {
    /// Returns who approved a release with these changes, each once: those that the publisher names, then the reviewers
    /// of the changes. Up to [`MAX_APPROVAL_BYTES`] of them, of whom the registry publishes what it does of people.
    pub(super) fn approvals(&self, changes: &[Change], people: People) -> Vec<Approval> {
        let Some(given) = &self.approvals else { return Vec::new() };
        let reviewers = changes.iter().flat_map(|change| &change.reviewed_by).map(|by| Approval {
            by: by.clone(),
            at: None,
            url: None,
            source: Some("trailer".to_owned()),
        });
        let mut approvals: Vec<Approval> = Vec::new();
        let mut room = MAX_APPROVAL_BYTES;
        for approval in given.iter().cloned().chain(reviewers) {
            let is_known = approvals.iter().any(|known| known.by == approval.by);
            let size = most_bytes(&approval);
            if !is_known && people.publishes(&approval.by) && size <= room {
                room -= size;
                approvals.push(approval);
            }
        }
        approvals
    }

    /// Returns what the release of a chain lists as held back.
    pub(super) fn held_back(&self, chain: &Chain) -> Vec<HeldBack> {
        let concerns = |held: &&HeldPrompt| match chain {
            Chain::Catalog => true,
            Chain::Environment(environment) => held.environments.contains(environment),
        };
        let held = self.held_back.iter().filter(concerns);
        held.take(MAX_HELD_BACK).map(|held| held.record.clone()).collect()
    }
}

/// Returns how long an approval is at most, as it is written.
fn most_bytes(Approval { by, at, url, source }: &Approval) -> usize {
    const NAMES: usize = "{'by':'','at':'','url':'','source':''},".len();
    let at = at.as_ref().map_or(0, |at| at.as_str().len());
    let texts = [Some(by), url.as_ref(), source.as_ref()].into_iter().flatten();
    // A character that is escaped takes two bytes.
    NAMES + at + texts.map(|text| 2 * text.len()).sum::<usize>()
}
