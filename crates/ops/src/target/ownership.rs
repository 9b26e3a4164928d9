//! Whether a build wrote what stands in an output folder.

use std::fs;
use std::path::Path;

use promptdex_site::page::MARK;
use promptdex_wire::{Page, RegistryPath};
use walkdir::WalkDir;

use crate::tree::below;

/// Whether what stands below a root of the site is the site: pages that bear its mark, and its assets.
pub(super) fn is_site(target: &Path, root: &str) -> bool {
    let files = WalkDir::new(target.join(root))
        .into_iter()
        .filter(|entry| entry.as_ref().map_or(true, |entry| !entry.file_type().is_dir()));
    files.into_iter().all(|entry| {
        let Ok(entry) = entry else { return false };
        match RegistryPath::parse(&below(target, entry.path())) {
            // There may be very many of them, and nobody else keeps pages at such addresses.
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
