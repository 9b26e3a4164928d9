//! How each file of a tree is read.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::{Environment, PromptName, PromptVersion, Version};

use crate::tree::{
    IgnoredFile, Listing, POLICY_FILE, PromptFiles, REGISTRY_FILE, SIGNERS_FILE, Survey,
    ignored_name,
};

/// How a file of a tree is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileUse {
    /// The settings of the registry: `registry.yaml`, `policy.yaml` or `allowed_signers`.
    Settings,
    /// The `prompt.yaml` of a prompt.
    Prompt(PromptName),
    /// A file of a version.
    Version(PromptVersion),
    /// The version that an environment serves of a prompt.
    Environment(PromptName, Environment),
    /// The test cases of a version.
    Cases(PromptVersion),
    /// A test result of a version.
    Results(PromptVersion),
    /// The file is not read, on purpose.
    Ignored(IgnoredFile),
    /// The file is not read because of a finding, whose message is here if the finding is about the file's name.
    Refused(Option<String>),
}

/// Returns how each file of a listing is read. `survey` is that of the listing, with the prompts that are edited in
/// place.
pub fn file_uses(listing: &Listing, survey: &Survey) -> BTreeMap<String, FileUse> {
    let mut read: BTreeMap<String, FileUse> = [REGISTRY_FILE, POLICY_FILE, SIGNERS_FILE]
        .map(|file| (file.to_owned(), FileUse::Settings))
        .into();
    for (name, files) in &survey.prompts {
        add_prompt(name, files, &mut read);
    }
    let ignored_documents = ignored_documents(survey);
    let messages: BTreeMap<&str, &str> =
        survey.findings.iter().map(|finding| (finding.path.as_str(), &*finding.message)).collect();
    let use_of = |path: &String| {
        if let Some(reason) = ignored_name(path) {
            return FileUse::Ignored(reason);
        }
        if ignored_documents.contains(path.as_str()) {
            return FileUse::Ignored(IgnoredFile::Document);
        }
        // A finding may be about a folder, for all files in it.
        let folders = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        let message = folders.chain([path.as_str()]).find_map(|path| messages.get(path));
        match read.get(path) {
            Some(found) => found.clone(),
            None => FileUse::Refused(message.map(|message| (*message).to_owned())),
        }
    };
    listing.keys().map(|path| (path.clone(), use_of(path))).collect()
}

/// Counts the files of a tree that are ignored, as [`file_uses`] lists them.
pub fn count_ignored(survey: &Survey) -> usize {
    survey.ignored_names + ignored_documents(survey).len()
}

/// Returns the Markdown files outside prompts that are not read: those without a version number and without a finding.
fn ignored_documents(survey: &Survey) -> BTreeSet<&str> {
    let mut documents: BTreeSet<&str> = survey.documents.keys().map(String::as_str).collect();
    for in_place in survey.prompts.values().filter_map(|files| files.in_place.as_ref()) {
        documents.remove(in_place.file.as_str());
    }
    for finding in &survey.findings {
        documents.remove(finding.path.as_str());
    }
    documents
}

/// Adds the files of a prompt that are read.
fn add_prompt(name: &PromptName, files: &PromptFiles, read: &mut BTreeMap<String, FileUse>) {
    let of = |version: &Version| PromptVersion { name: name.clone(), version: version.clone() };
    for environment in &files.environments {
        let file = files.environment_file(environment);
        read.insert(file, FileUse::Environment(name.clone(), environment.clone()));
    }
    for version in &files.cases {
        read.insert(files.cases_file(version), FileUse::Cases(of(version)));
    }
    for (version, test) in &files.results {
        read.insert(files.results_file(version, test), FileUse::Results(of(version)));
    }
    for (version, inside) in &files.versions {
        let paths = inside.keys().map(|file| files.version_file(version, file));
        read.extend(paths.map(|path| (path, FileUse::Version(of(version)))));
    }
    if let Some(in_place) = &files.in_place
        && let Some(current) = &in_place.current
    {
        let working = in_place.working_files.values();
        read.extend(working.map(|path| (path.clone(), FileUse::Version(of(current)))));
    }
    if files.has_prompt_file {
        read.insert(files.prompt_file(), FileUse::Prompt(name.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{TreeEntry, survey};

    #[test]
    fn every_file_of_a_listing_has_a_use() {
        let paths = [
            ("README.md", "Ignored(Repository)"),
            ("_old/a/v1.0.0/x.txt", "Ignored(Hidden)"),
            ("a/.keep", "Ignored(Hidden)"),
            ("a/cases/1.0.0.yaml", "Cases a@1.0.0"),
            ("a/environments/dev.yaml", "Environment a dev"),
            (
                "a/environments/dev.yml",
                "Refused(Some(\"unknown file `dev.yml` in `environments/`\"))",
            ),
            ("a/prompt.yaml", "Prompt a"),
            ("a/results/1.0.0/smoke.json", "Results a@1.0.0"),
            ("a/system_prompt.txt", "Refused(None)"),
            ("a/v1.0.0/files/a.txt", "Version a@1.0.0"),
            ("a/v1.0.0/system_prompt.txt", "Version a@1.0.0"),
            ("a/v1/system_prompt.txt", "Refused(Some("),
            ("notes.md", "Ignored(Document)"),
            ("policy.yaml", "Settings"),
        ];
        let listing: Listing =
            paths.iter().map(|(path, _)| ((*path).to_owned(), TreeEntry::file(1))).collect();
        let survey = survey(&listing);
        let uses = file_uses(&listing, &survey);
        for (path, expected) in paths {
            let shown = match &uses[path] {
                FileUse::Prompt(name) => format!("Prompt {name}"),
                FileUse::Version(version) => format!("Version {version}"),
                FileUse::Environment(name, environment) => {
                    format!("Environment {name} {environment}")
                }
                FileUse::Cases(version) => format!("Cases {version}"),
                FileUse::Results(version) => format!("Results {version}"),
                other @ (FileUse::Settings | FileUse::Ignored(_) | FileUse::Refused(_)) => {
                    format!("{other:?}")
                }
            };
            assert!(shown.starts_with(expected), "{path}: {shown}");
        }
        let ignored = uses.values().filter(|found| matches!(found, FileUse::Ignored(_))).count();
        assert_eq!(count_ignored(&survey), ignored);
    }
}
