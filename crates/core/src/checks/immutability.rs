//! `changed-version`, `removed-version`: published versions, and versions in the base of a change, never
//! change.

use std::collections::BTreeSet;

use promptdex_wire::catalog::State;
use promptdex_wire::{Digest, Version};

use super::shallow_history::SHALLOW_CLONE;
use crate::diagnostic::Diagnostic;
use crate::model::Prompt;
use crate::prompt_past::PromptWithPast;
use crate::rules;

pub(super) fn check(known: &PromptWithPast, findings: &mut Vec<Diagnostic>) {
    let reported = check_published(known, findings);
    check_base(known, &reported, findings);
}

/// The state that a version is compared with.
#[derive(Clone, Copy)]
enum ComparisonBase<'a> {
    /// In the published registry.
    Published,
    /// In the base of a change.
    Base(&'a str),
}

impl ComparisonBase<'_> {
    /// Returns a version as the subject of a message.
    fn describe(self, version: &Version) -> String {
        match self {
            Self::Published => format!("published version {version}"),
            Self::Base(base) => format!("version {version} of `{base}`"),
        }
    }
}

/// Compares a prompt with what the base of a change has of it.
fn check_base(
    PromptWithPast { prompt, past }: &PromptWithPast,
    reported: &BTreeSet<&Version>,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(before) = &past.base else { return };
    let base = ComparisonBase::Base(&before.base);
    for (version, digest) in &before.versions {
        if is_redacted(prompt, version) || reported.contains(version) {
            continue;
        }
        match (prompt.versions.get(version), digest) {
            (None, _) => findings.push(report_removed_version(prompt, version, base)),
            // What could not be read was never a version.
            (Some(source), Some(digest)) if source.source_digest != *digest => {
                let before = before.file_digests.get(version);
                findings.push(describe_change(prompt, version, base, before));
            }
            (Some(_), _) => {}
        }
    }
    for (version, digest) in &before.versions_since {
        let own = prompt.versions.get(version);
        let is_other = match (own, digest) {
            (Some(own), Some(digest)) => own.is_complete && own.source_digest != *digest,
            _ => false,
        };
        if is_other && !is_redacted(prompt, version) && !reported.contains(version) {
            findings.push(report_taken_version(prompt, version, &before.base));
        }
    }
    // In place, the base decides what a version is, and another text under its number would be a draft.
    let taken = prompt.draft.as_ref().filter(|number| {
        before.versions_since.contains_key(number) || before.given_numbers.contains(number)
    });
    if let Some(number) = taken.filter(|number| !reported.contains(number)) {
        findings.push(report_taken_version(prompt, number, &before.base));
    }
    for (version, (state, _)) in &before.states {
        let is_lost = *state == State::Redacted && !is_redacted(prompt, version);
        if is_lost && !reported.contains(version) {
            findings.push(report_unredacted_text(prompt, version));
        }
    }
}

/// Compares a prompt with its published state. Returns the versions with findings.
fn check_published<'p>(
    PromptWithPast { prompt, past }: &'p PromptWithPast,
    findings: &mut Vec<Diagnostic>,
) -> BTreeSet<&'p Version> {
    let mut reported = BTreeSet::new();
    let Some(published) = &past.published else { return reported };
    for (version, listed) in &published.versions {
        let before = findings.len();
        match prompt.versions.get(version) {
            _ if is_redacted(prompt, version) => {}
            _ if published.is_redacted(version) => {
                findings.push(report_unredacted_text(prompt, version));
            }
            None => {
                findings.push(report_removed_version(prompt, version, ComparisonBase::Published));
            }
            Some(source) if source.is_complete && source.source_digest != listed.source_digest => {
                // Files are known of the base alone; it may have them as they were published.
                let base = past
                    .base
                    .as_ref()
                    .filter(|base| base.versions.get(version) == Some(&Some(listed.source_digest)));
                let before = base.and_then(|base| base.file_digests.get(version));
                findings.push(describe_change(prompt, version, ComparisonBase::Published, before));
            }
            Some(_) => {}
        }
        if findings.len() > before {
            reported.insert(version);
        }
    }
    reported
}

fn is_redacted(prompt: &Prompt, version: &Version) -> bool {
    prompt.states.get(version).is_some_and(|state| state.state == State::Redacted)
}

/// Returns the file of which commits had a version, if the version is not in a folder of its own.
fn number_file<'p>(prompt: &'p Prompt, version: &Version) -> Option<&'p String> {
    let (file, versions) = prompt.in_place.as_ref()?;
    let is_of_file = versions.contains(version) || !prompt.versions.contains_key(version);
    is_of_file.then_some(file)
}

/// Returns the folder of a version, or the file of which commits had it.
fn place(prompt: &Prompt, version: &Version) -> String {
    match number_file(prompt, version) {
        Some(file) => file.clone(),
        None => format!("{}/v{version}", prompt.name),
    }
}

fn report_removed_version(
    prompt: &Prompt,
    version: &Version,
    before: ComparisonBase<'_>,
) -> Diagnostic {
    let subject = before.describe(version);
    let (message, help) = if number_file(prompt, version).is_some() {
        let message = format!("{subject} is lost: its commit and folder are both gone");
        (message, if prompt.lacks_commits { SHALLOW_CLONE } else { REWRITTEN })
    } else {
        (format!("the folder of {subject} was removed"), WITHDRAWN)
    };
    Diagnostic::about(&rules::REMOVED_VERSION, place(prompt, version), message).help(help)
}

const WITHDRAWN: &str = "restore the folder; to withdraw the version, list it under `yanked` or `redacted` in prompt.yaml";

const REWRITTEN: &str = "restore the commits of this version, or write the version into a folder; move and rewrite a file in separate commits; to withdraw the version, list it under `yanked` or `redacted` in prompt.yaml";

/// Reports a version whose files have changed; `files` are those that it had, if they are known.
fn describe_change(
    prompt: &Prompt,
    version: &Version,
    before: ComparisonBase<'_>,
    files: Option<&Vec<(String, Digest)>>,
) -> Diagnostic {
    let name = &prompt.name;
    let subject = before.describe(version);
    let mut place = place(prompt, version);
    let (message, help) = if number_file(prompt, version).is_some() {
        let message = format!("the first commit of {subject} has different files");
        let help = if prompt.lacks_commits {
            SHALLOW_CLONE.to_owned()
        } else {
            format!(
                "restore the commits of this version, then run `promptdex version {name}` for the new text"
            )
        };
        (message, help)
    } else {
        let help = format!(
            "run `promptdex new {name} --from {version}`, move the edit there, and restore this folder"
        );
        let own = prompt.versions.get(version).map(|source| &source.file_digests);
        let changed = list_changed_files(files, own);
        if let Some(file) = changed.iter().find(|file| own.is_some_and(|own| has(own, file))) {
            place = format!("{place}/{file}");
        }
        let which = match changed.as_slice() {
            [] => String::new(),
            [file] => format!(": `{file}`"),
            [file, others @ ..] => {
                let (count, s) = (others.len(), if others.len() == 1 { "" } else { "s" });
                format!(": `{file}` and {count} other file{s}")
            }
        };
        (format!("{subject} was modified{which}"), help)
    };
    Diagnostic::about(&rules::CHANGED_VERSION, place, message).help(help)
}

/// Whether a list of files has a path.
fn has(files: &[(String, Digest)], path: &str) -> bool {
    files.iter().any(|(own, _)| own == path)
}

/// Returns the files in which two states of a version differ; none where one is not known.
fn list_changed_files<'f>(
    before: Option<&'f Vec<(String, Digest)>>,
    after: Option<&'f Vec<(String, Digest)>>,
) -> Vec<&'f String> {
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let changed = after.iter().filter(|file| !before.contains(file)).map(|(path, _)| path);
    let gone = before.iter().map(|(path, _)| path).filter(|path| !has(after, path));
    changed.chain(gone).collect()
}

/// Reports a version that two branches made, each its own.
fn report_taken_version(prompt: &Prompt, version: &Version, base: &str) -> Diagnostic {
    let name = &prompt.name;
    let message =
        format!("version {version} is taken: `{base}` now has different files under this version");
    let help = match number_file(prompt, version) {
        Some(_) => {
            format!("merge `{base}`, then run `promptdex version {name}` to set the next version")
        }
        None => format!("merge `{base}`, then rename the folder to an unused version"),
    };
    Diagnostic::about(&rules::CHANGED_VERSION, place(prompt, version), message).help(help)
}

fn report_unredacted_text(prompt: &Prompt, version: &Version) -> Diagnostic {
    let message = format!("redacted version {version} is no longer listed as redacted");
    Diagnostic::about(&rules::CHANGED_VERSION, place(prompt, version), message)
        .help("list it under `redacted` in prompt.yaml again")
}
