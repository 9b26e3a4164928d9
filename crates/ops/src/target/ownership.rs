//! Decides whether the files in an output folder were written by a build.

use std::fs;
use std::path::Path;

use promptdex_site::page::MARK;
use promptdex_wire::{Page, RegistryPath};
use walkdir::WalkDir;

use crate::tree::relative_path;

/// Whether a root of the site contains only site files: its assets, and pages with the mark of a
/// build.
pub(super) fn is_site(target: &Path, root: &str) -> bool {
    let files = WalkDir::new(target.join(root))
        .into_iter()
        .filter(|entry| entry.as_ref().map_or(true, |entry| !entry.file_type().is_dir()));
    files.into_iter().all(|entry| {
        let Ok(entry) = entry else { return false };
        match RegistryPath::parse(&relative_path(target, entry.path())) {
            // There may be very many of these, and no other program writes pages with such paths.
            Some(RegistryPath::Page(Page::Prompt(_)) | RegistryPath::Asset(_)) => true,
            Some(RegistryPath::Page(_)) => {
                fs::read(entry.path()).is_ok_and(|bytes| is_own_page(&bytes))
            }
            _ => false,
        }
    })
}

/// Whether a page was written by a build.
pub(super) fn is_own_page(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    head.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}
