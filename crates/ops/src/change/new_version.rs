//! New prompts, and new versions that are copies of existing ones.

use promptdex_core::diagnostic::did_you_mean;
use promptdex_core::edit;
use promptdex_core::model::NewDefaults;
use promptdex_core::node;
use promptdex_core::read::read_front_matter_version;
use promptdex_core::source::SourceFile;
use promptdex_core::tree::{PromptFiles, survey};
use promptdex_wire::{PromptName, Version};

use super::version_number::{Increment, next_version};
use crate::error::{PlanError, Result};
use crate::prompts::settings;
use crate::tree::{Overlay, Tree};

/// A new version of a prompt.
#[derive(Debug)]
pub struct NewVersion {
    /// Its folder, relative to the root of the tree.
    pub folder: String,
    /// The folder that it is copied from. Absent for the first version of a prompt.
    pub from: Option<String>,
    /// The file with the test cases, if they are copied too.
    pub cases: Option<String>,
    /// The files to write.
    pub files: Overlay,
}

/// Plans the first version of a prompt, or the next version of an existing prompt. `from` is the
/// version to copy, and `increment` selects the next version number.
pub fn plan(
    tree: &Tree,
    name: &PromptName,
    from: Option<&str>,
    increment: Option<Increment>,
) -> Result<NewVersion> {
    for (slash, _) in name.as_str().match_indices('/') {
        let Ok(above) = name.as_str()[..slash].parse::<PromptName>() else { continue };
        if tree.prompt_files(&above)?.is_some_and(|files| !files.versions.is_empty()) {
            return Err(PlanError::InsidePrompt { above }.into());
        }
    }
    for (file, _) in tree.survey(name)?.may_be_in_place() {
        if read_front_matter_version(&tree.read_source(&file)?).is_some() {
            let path = tree.display_path(&file);
            return Err(PlanError::EditedInPlace { name: name.clone(), path }.into());
        }
    }
    match tree.prompt_files(name)? {
        Some(files) if !files.versions.is_empty() => {
            copy_version(tree, &files, from, increment.unwrap_or(Increment::Minor))
        }
        _ if from.is_some() || increment.is_some() => {
            let prompts = survey(&tree.listing()?).prompts;
            let known = prompts.keys().map(PromptName::as_str);
            let suggestion = did_you_mean(name.as_str(), known);
            Err(PlanError::NoVersionYet { name: name.clone(), suggestion }.into())
        }
        _ => plan_first(tree, name),
    }
}

fn plan_first(tree: &Tree, name: &PromptName) -> Result<NewVersion> {
    let settings = settings::read_settings(tree)?;
    let folder = format!("{name}/v1.0.0");
    let last = name.leaf().replace(['-', '_'], " ");
    let text = format!("Write the instructions for {last} here.\n");
    let files = [("system_prompt.md", text), ("metadata.json", metadata(settings.new))];
    let files = files
        .into_iter()
        .map(|(file, text)| (format!("{folder}/{file}"), Some(text.into_bytes())))
        .collect();
    Ok(NewVersion { folder, from: None, cases: None, files })
}

fn metadata(defaults: NewDefaults) -> String {
    let mut lines = vec!["  \"description\": \"first version\"".to_owned()];
    if let Some(template) = defaults.template {
        lines.push(format!("  \"template\": \"{}\"", template.as_str()));
    }
    lines.push("  \"variables\": []".to_owned());
    if let Some(budget) = defaults.token_budget {
        lines.push(format!("  \"token_budget\": {budget}"));
    }
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn copy_version(
    tree: &Tree,
    files: &PromptFiles,
    from: Option<&str>,
    increment: Increment,
) -> Result<NewVersion> {
    let from = match from {
        Some(text) => match text.trim_start_matches('v').parse::<Version>() {
            Ok(version) if files.versions.contains_key(&version) => version,
            _ => {
                let known: Vec<String> = files.versions.keys().map(Version::to_string).collect();
                return Err(PlanError::NoVersionToCopy {
                    folder: files.folder.clone(),
                    version: text.to_owned(),
                    versions: known.join(", "),
                }
                .into());
            }
        },
        // The prompt has at least one version here, so the default is never used.
        None => files.versions.keys().next_back().cloned().unwrap_or_else(|| Version::new(0, 0, 0)),
    };
    let to = next_version(files.versions.keys(), &from, increment);
    let folder = |version: &Version| format!("{}/v{version}", files.folder);
    if tree.root().join(folder(&to)).exists() {
        return Err(PlanError::FolderExists { folder: tree.display_path(&folder(&to)) }.into());
    }
    let mut new = NewVersion {
        folder: folder(&to),
        from: Some(folder(&from)),
        cases: None,
        files: Overlay::new(),
    };
    for file in files.versions[&from].keys() {
        let bytes = tree.read(&files.version_file(&from, file))?;
        let bytes =
            if file.starts_with("metadata.") { metadata_of_copy(file, bytes, &to) } else { bytes };
        new.files.insert(files.version_file(&to, file), Some(bytes));
    }
    if files.cases.contains(&from) && !files.cases.contains(&to) {
        let path = files.cases_file(&to);
        new.files.insert(path.clone(), Some(tree.read(&files.cases_file(&from))?));
        new.cases = Some(path);
    }
    Ok(new)
}

/// Returns the metadata of a copied version. It has the new number if the metadata repeats the
/// number, and no author and time.
pub(super) fn metadata_of_copy(file: &str, bytes: Vec<u8>, version: &Version) -> Vec<u8> {
    let Ok(mut text) = String::from_utf8(bytes.clone()) else { return bytes };
    for key in ["created_by", "created_at"] {
        let source = SourceFile::new(file, text.clone());
        let edited = node::parse(&source, &mut Vec::new())
            .and_then(|node| edit::remove_entry(&source, &node, key));
        text = edited.unwrap_or(text);
    }
    let source = SourceFile::new(file, text.clone());
    let node = node::parse(&source, &mut Vec::new());
    if let Some(value) = node.as_ref().and_then(|node| node.get("version")) {
        let quote = if source.text()[value.range.clone()].starts_with('"') { "\"" } else { "" };
        text = edit::replace(&text, value.range.clone(), &format!("{quote}{version}{quote}"));
    }
    text.into_bytes()
}
