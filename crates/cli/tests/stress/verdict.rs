//! What a publishing build has to make of a prompt: whether the tree is right, by rules of this test's own.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Prompt;
use crate::pointer::{Number, Pointer};
use crate::tree::{ENVIRONMENTS, Text};

/// A version as it is published.
#[derive(Debug, Clone)]
pub(crate) struct PublishedVersion {
    /// What the tree had when it was published.
    pub(crate) text: Text,
    pub(crate) document: Vec<u8>,
    pub(crate) is_redacted: bool,
}

/// What is published of all prompts, kept outside of the registry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Published {
    pub(crate) versions: BTreeMap<String, BTreeMap<Number, PublishedVersion>>,
    /// What each environment serves, by prompt and environment.
    pub(crate) served: BTreeMap<(String, String), Pointer>,
}

impl Published {
    pub(crate) fn has(&self, name: &str, version: Number) -> bool {
        self.versions.get(name).is_some_and(|versions| versions.contains_key(&version))
    }

    fn served(&self, name: &str, environment: &str) -> Option<&Pointer> {
        self.served.get(&(name.to_owned(), environment.to_owned()))
    }
}

/// Whether a build may publish a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// It must be published.
    Right,
    /// This test cannot say.
    Doubtful,
    /// It must be held back.
    Wrong,
}

/// Judges every prompt of the tree and of the registry.
pub(crate) fn judge_all(
    prompts: &BTreeMap<String, Prompt>,
    published: &Published,
) -> BTreeMap<String, Verdict> {
    let names: BTreeSet<&String> = prompts.keys().chain(published.versions.keys()).collect();
    let judge = |name: &&String| ((*name).clone(), judge(name, prompts.get(*name), published));
    let mut verdicts: BTreeMap<String, Verdict> = names.iter().map(judge).collect();
    for (name, prompt) in prompts {
        let includes = prompt.versions.iter().map(|(version, text)| {
            let is_new = !published.has(name, *version);
            judge_include(text, is_new, prompts, published, &verdicts)
        });
        let worst = includes.max().unwrap_or(Verdict::Right);
        if let Some(own) = verdicts.get_mut(name)
            && *own != Verdict::Doubtful
        {
            *own = worst.max(*own);
        }
    }
    verdicts
}

fn judge(name: &str, prompt: Option<&Prompt>, published: &Published) -> Verdict {
    let none = BTreeMap::new();
    let versions = published.versions.get(name).unwrap_or(&none);
    let Some(prompt) = prompt else {
        let is_lost = versions.values().any(|version| !version.is_redacted);
        return if is_lost { Verdict::Wrong } else { Verdict::Doubtful };
    };
    let files = &prompt.files;
    if prompt.is_unsure {
        return Verdict::Doubtful;
    }
    let is_redacted = |version: Number| files.has_state(version, "redacted");
    let lost = versions.iter().any(|(version, published)| {
        let own = prompt.versions.get(version);
        !is_redacted(*version) && (published.is_redacted || own != Some(&published.text))
    });
    let stateless = files.states.iter().any(|(version, states)| {
        !prompt.versions.contains_key(version) && !states.contains("redacted")
    });
    let new_is_broken =
        prompt.versions.iter().any(|(version, text)| text.is_broken() && !is_redacted(*version));
    let pointers = files.pointers.iter().map(|(environment, pointer)| {
        let Some(pointer) = pointer else { return Verdict::Wrong };
        judge_pointer(prompt, published.served(name, environment), pointer)
    });
    let last = ENVIRONMENTS[ENVIRONMENTS.len() - 1];
    let drops_track = match (published.served(name, last), prompt.served(last)) {
        (Some(before), Some(after)) => !before.keeps_tracks(&after),
        _ => false,
    };
    let worst = pointers.max().unwrap_or(Verdict::Right);
    if files.is_broken || lost || stateless || new_is_broken || drops_track {
        return Verdict::Wrong;
    }
    let draft_is_broken = files.in_place.as_ref().is_some_and(|(_, text)| text.is_broken());
    let tested = files.cases.iter().chain(&files.results);
    let has_odd_files = tested.into_iter().any(|version| !prompt.versions.contains_key(version))
        || prompt.versions.is_empty()
        || files.in_place.as_ref().is_some_and(|(number, _)| number.is_none())
        || prompt.versions.iter().any(|(version, text)| is_redacted(*version) && text.is_broken());
    let is_doubtful = files.is_doubtful || draft_is_broken || has_odd_files;
    if is_doubtful && worst == Verdict::Right { Verdict::Doubtful } else { worst }
}

/// Judges what an environment is to serve instead of what it serves.
fn judge_pointer(prompt: &Prompt, before: Option<&Pointer>, pointer: &Pointer) -> Verdict {
    let judge = |version: &Number| {
        let files = &prompt.files;
        if files.has_state(*version, "redacted") || !prompt.versions.contains_key(version) {
            return Verdict::Wrong;
        }
        if !files.has_state(*version, "yanked") {
            return Verdict::Right;
        }
        match before {
            Some(before) if before.share(*version) >= pointer.share(*version) => Verdict::Right,
            Some(before) if before.versions().contains(version) => Verdict::Doubtful,
            _ => Verdict::Wrong,
        }
    };
    pointer.versions().iter().map(judge).max().unwrap_or(Verdict::Right)
}

/// Judges what a version includes.
fn judge_include(
    text: &Text,
    is_new: bool,
    prompts: &BTreeMap<String, Prompt>,
    published: &Published,
    verdicts: &BTreeMap<String, Verdict>,
) -> Verdict {
    let Some((name, version)) = text.include() else { return Verdict::Right };
    let own = prompts.get(name).filter(|own| own.versions.contains_key(&version));
    let Some(own) = own else {
        return if is_new { Verdict::Wrong } else { Verdict::Doubtful };
    };
    if own.is_unsure || own.files.states.contains_key(&version) {
        return Verdict::Doubtful;
    }
    if !is_new || (published.has(name, version) && verdicts.get(name) == Some(&Verdict::Right)) {
        return Verdict::Right;
    }
    match verdicts.get(name) {
        Some(Verdict::Right) => Verdict::Right,
        Some(Verdict::Wrong) if !published.has(name, version) => Verdict::Wrong,
        _ => Verdict::Doubtful,
    }
}
