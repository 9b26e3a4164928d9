//! The files of a tree, with how each is read: one per line, or as JSON lines, version 1.

use std::collections::BTreeMap;

use promptdex_core::file_use::FileUse;
use promptdex_ops::text::printable;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Environment, PromptName, Version};
use serde::Serialize;

/// One file. `use` is an open word, and `reason` is present for files that are not read.
#[derive(Serialize)]
struct JsonFile<'a> {
    v: u32,
    file: String,
    r#use: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<&'a PromptName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a Environment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// The reason for a file whose contents, and not its name, are refused.
const SEE_FINDINGS: &str = "run `promptdex check` to see why";

impl<'a> JsonFile<'a> {
    fn new(tree: &Tree, path: &str, found: &'a FileUse) -> Self {
        let mut file = Self {
            v: 1,
            file: tree.display_path(path),
            r#use: "settings",
            prompt: None,
            version: None,
            environment: None,
            reason: None,
        };
        match found {
            FileUse::Settings => {}
            FileUse::Prompt(name) => (file.r#use, file.prompt) = ("prompt", Some(name)),
            FileUse::Environment(name, environment) => {
                (file.r#use, file.prompt) = ("environment", Some(name));
                file.environment = Some(environment);
            }
            FileUse::Version(of) | FileUse::Cases(of) | FileUse::Results(of) => {
                file.r#use = match found {
                    FileUse::Cases(_) => "cases",
                    FileUse::Results(_) => "results",
                    _ => "version",
                };
                (file.prompt, file.version) = (Some(&of.name), Some(&of.version));
            }
            FileUse::Ignored(reason) => {
                (file.r#use, file.reason) = ("ignored", Some(reason.describe()));
            }
            FileUse::Refused(reason) => {
                let reason = reason.as_deref().unwrap_or(SEE_FINDINGS);
                (file.r#use, file.reason) = ("refused", Some(reason));
            }
        }
        file
    }
}

/// Formats files for people: the use, the path, and what the file belongs to or why it is not read.
pub(crate) fn human(tree: &Tree, files: &BTreeMap<String, FileUse>) -> String {
    let line = |(path, found): (&String, &FileUse)| {
        let file = JsonFile::new(tree, path, found);
        let prompt = file.prompt.map(ToString::to_string);
        let version = file.version.map(|version| format!("@{version}"));
        let environment = file.environment.map(|environment| format!(" in {environment}"));
        let details = [prompt, version, environment, file.reason.map(printable)];
        let details: String = details.into_iter().flatten().collect();
        let details = if details.is_empty() { details } else { format!("  ({details})") };
        format!("{:<11}  {}{details}\n", file.r#use, printable(&file.file))
    };
    files.iter().map(line).collect()
}

/// Formats files for programs.
pub(crate) fn json(tree: &Tree, files: &BTreeMap<String, FileUse>) -> String {
    let line = |(path, found): (&String, &FileUse)| {
        // Strings always serialize.
        serde_json::to_string(&JsonFile::new(tree, path, found)).unwrap_or_default() + "\n"
    };
    files.iter().map(line).collect()
}
