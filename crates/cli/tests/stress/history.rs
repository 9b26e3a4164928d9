//! What the commits of a branch say: the versions of prompts that are edited in place, and what was served when.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::pointer::{Number, Pointer};
use crate::team::Team;
use crate::tree::{ENVIRONMENTS, PromptFiles, Text, Tree};

/// A prompt as of a commit, with the versions that earlier commits have of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prompt {
    pub(crate) files: PromptFiles,
    pub(crate) versions: BTreeMap<Number, Text>,
    /// Whether Git may have moved the file from somewhere else, which this test does not follow.
    pub(crate) is_unsure: bool,
}

impl Prompt {
    fn can_be_served(&self, version: Number) -> bool {
        self.versions.contains_key(&version) && !self.files.has_state(version, "redacted")
    }

    /// Returns what an environment serves.
    pub(crate) fn served(&self, environment: &str) -> Option<Pointer> {
        match self.files.pointers.get(environment) {
            Some(pointer) => {
                let pointer = pointer.as_ref()?;
                let is_whole = pointer.versions().into_iter().all(|own| self.can_be_served(own));
                is_whole.then(|| pointer.clone())
            }
            None if environment == ENVIRONMENTS[0] => {
                let is_active = |version: &Number| {
                    let states = ["yanked", "archived", "redacted"];
                    !states.iter().any(|state| self.files.has_state(*version, state))
                };
                Pointer::of_highest(self.versions.keys().copied().filter(is_active))
            }
            None => None,
        }
    }
}

/// What a branch was after one of its commits.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// The committer's time, in seconds since 1970.
    pub(crate) time: i64,
    pub(crate) prompts: Rc<BTreeMap<String, Prompt>>,
    pub(crate) tree: Rc<Tree>,
}

/// The trees of commits, each read once.
#[derive(Default)]
pub(crate) struct Commits(HashMap<String, (i64, Rc<Tree>)>);

impl Commits {
    /// Walks a branch along its first parents, the oldest commit first.
    pub(crate) fn walk(&mut self, team: &Team) -> Vec<Moment> {
        let ids = team.git(&["rev-list", "--first-parent", "--reverse", "HEAD"]);
        let mut moments: Vec<Moment> = Vec::new();
        let mut numbers: BTreeMap<String, BTreeMap<Number, Text>> = BTreeMap::new();
        let mut unsure: BTreeSet<String> = BTreeSet::new();
        let mut before: BTreeSet<String> = BTreeSet::new();
        for id in ids.lines() {
            let (time, tree) = self.0.entry(id.to_owned()).or_insert_with(|| team.tree_of(id));
            let now: BTreeSet<String> = tree
                .prompts
                .iter()
                .filter(|(_, files)| files.in_place.is_some())
                .map(|(name, _)| name.clone())
                .collect();
            if !before.is_subset(&now) {
                unsure.extend(now.difference(&before).cloned());
                unsure.extend(before.difference(&now).cloned());
            }
            for (name, files) in &tree.prompts {
                if let Some((Some(number), text)) = &files.in_place {
                    let known = numbers.entry(name.clone()).or_default();
                    known.entry(*number).or_insert_with(|| text.clone());
                }
            }
            let prompts = tree.prompts.iter().map(|(name, files)| {
                let mut versions = files.versions.clone();
                if files.in_place.is_some() {
                    versions.extend(numbers.get(name).cloned().unwrap_or_default());
                }
                let is_unsure = unsure.contains(name);
                (name.clone(), Prompt { files: files.clone(), versions, is_unsure })
            });
            let prompts = Rc::new(prompts.collect());
            moments.push(Moment { time: *time, prompts, tree: Rc::clone(tree) });
            before = now;
        }
        moments
    }
}

/// The moves of a pointer, each with the time of its commit.
type Moves = Vec<(i64, Option<Pointer>)>;

/// Returns what environments served at a time as the log has it, by prompt and environment: for each pointer the
/// commits in their order, up to the first move that is later.
pub(crate) fn served_at(moments: &[Moment], time: i64) -> BTreeMap<(String, String), Pointer> {
    let mut moves: BTreeMap<(String, String), Moves> = BTreeMap::new();
    let names: BTreeSet<&String> = moments.iter().flat_map(|own| own.prompts.keys()).collect();
    for moment in moments {
        for name in &names {
            for environment in ENVIRONMENTS {
                let served = moment.prompts.get(*name).and_then(|own| own.served(environment));
                let moves = moves.entry(((*name).clone(), environment.to_owned())).or_default();
                if moves.last().and_then(|(_, last)| last.as_ref()) != served.as_ref() {
                    moves.push((moment.time, served));
                }
            }
        }
    }
    let served = moves.into_iter().filter_map(|(pointer, moves)| {
        let end = moves.iter().position(|(at, _)| *at > time).unwrap_or(moves.len());
        Some((pointer, moves[..end].last()?.1.clone()?))
    });
    served.collect()
}

/// Returns the prompts of which this test cannot say what was served in each commit.
pub(crate) fn unclear_names(moments: &[Moment]) -> BTreeSet<String> {
    let prompts = moments.iter().flat_map(|moment| moment.prompts.iter());
    let is_unclear = |prompt: &Prompt| {
        let is_unread = prompt.files.pointers.values().any(Option::is_none);
        prompt.is_unsure || prompt.files.is_doubtful || is_unread
    };
    prompts.filter(|(_, prompt)| is_unclear(prompt)).map(|(name, _)| name.clone()).collect()
}
