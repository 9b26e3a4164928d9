//! The next version number of a prompt that is edited in place.

use promptdex_core::tree::{InPlacePrompt, PromptFiles};
use promptdex_wire::{PromptName, Version};

use super::files::text_to_edit;
use super::version_number::{Increment, next_version, with_number};
use crate::error::{PlanError, Result};
use crate::prompts::loader::Loader;
use crate::tree::Overlay;

/// The next version of a prompt that is edited in place.
#[derive(Debug)]
pub struct NextNumber {
    /// The version number.
    pub version: Version,
    /// The file with the number.
    pub path: String,
    /// The edited file.
    pub files: Overlay,
    /// All files of the version, for the commit.
    pub own_files: Vec<String>,
}

/// Plans the next version number of a prompt that is edited in place.
pub fn plan(loader: &Loader<'_>, name: &PromptName, increment: Increment) -> Result<NextNumber> {
    let Some(files) = loader.files(name)? else { return Err(loader.unknown_prompt(name)?) };
    let Some(in_place) = &files.in_place else {
        return Err(PlanError::VersionsInFolders { name: name.clone() }.into());
    };
    let version = next(name, &files, in_place, increment)?;
    let (tree, path) = (loader.tree(), in_place.file.clone());
    let Some(source) = text_to_edit(tree, &path)? else {
        return Err(PlanError::NoReadableVersion { path }.into());
    };
    let text = with_number(tree, &source, &version)?;
    let mut own_files: Vec<String> = in_place.working_files.values().cloned().collect();
    own_files.sort();
    let files = [(path.clone(), Some(text.into_bytes()))].into();
    Ok(NextNumber { version, path, files, own_files })
}

/// Returns the next version number, or an error if the prompt has no unreleased edit.
fn next(
    name: &PromptName,
    files: &PromptFiles,
    in_place: &InPlacePrompt,
    increment: Increment,
) -> Result<Version, PlanError> {
    let Some(highest) = files.versions.keys().next_back() else {
        return Err(PlanError::NoReadableVersion { path: in_place.file.clone() });
    };
    if in_place.is_draft {
        return Ok(next_version(files.versions.keys(), highest, increment));
    }
    let name = name.clone();
    let version = in_place.current.as_ref().unwrap_or(highest).clone();
    Err(if in_place.is_new {
        PlanError::NumberNotCommitted { name, version }
    } else {
        PlanError::NotEdited { name, version }
    })
}
