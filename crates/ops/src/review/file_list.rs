//! The files of a tree, with how each is read.

use std::collections::BTreeMap;

use promptdex_core::file_use::{FileUse, file_uses};

use crate::error::Result;
use crate::history::head::LazyHeadCommit;
use crate::history::in_place_versions::survey_with_versions;
use crate::tree::Tree;

/// Lists the files of a tree. Files in folders whose names begin with `.` or `_` are left out.
pub fn list_files(tree: &Tree) -> Result<BTreeMap<String, FileUse>> {
    let (survey, _) = survey_with_versions(tree, &LazyHeadCommit::of(tree))?;
    Ok(file_uses(&tree.listing()?, &survey))
}
