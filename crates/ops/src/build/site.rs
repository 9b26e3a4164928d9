//! The files of a packed site, which a build writes next to the documents.

use promptdex_site::page::{Assets, Pages};
use promptdex_wire::{AssetName, RegistryPath};

use crate::error::Result;
use crate::target::Staging;

/// A packed site.
#[derive(Debug, Clone)]
pub struct Site {
    /// The purpose of each file.
    pub assets: Assets,
    files: &'static [(&'static str, &'static [u8])],
}

impl Site {
    /// Creates the site from its files, by path. Returns `None` without the manifest `site.json`.
    pub fn new(files: &'static [(&'static str, &'static [u8])]) -> Option<Self> {
        let (_, manifest) = files.iter().find(|(name, _)| *name == "site.json")?;
        Some(Self { assets: serde_json::from_slice(manifest).ok()?, files })
    }

    /// Returns the files that the pages of a registry load, with their compressed forms. Of the
    /// token counters, only the one of the registry's tokenizer is included.
    pub fn files(&self, tokenizer: &str) -> impl Iterator<Item = (RegistryPath, &'static [u8])> {
        let mut counters = self.assets.tokens.clone();
        let own = counters.remove(tokenizer).unwrap_or_default();
        let others: Vec<String> =
            counters.into_values().flatten().filter(|name| !own.contains(name)).collect();
        self.files.iter().filter_map(move |(name, bytes)| {
            let name = name.strip_prefix("assets/")?;
            let form = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz"));
            let form = form.unwrap_or(name);
            let name =
                AssetName::parse(name).filter(|_| !others.iter().any(|other| other == form))?;
            Some((RegistryPath::Asset(name), *bytes))
        })
    }
}

/// Writes the registry's pages, and the files that all pages load.
pub(super) fn write_site(
    site: &Site,
    pages: &Pages,
    tokenizer: &str,
    staging: &Staging,
    read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>,
) -> Result<()> {
    for (path, bytes) in site.files(tokenizer) {
        staging.write(&path, bytes)?;
    }
    for (page, html) in pages.registry(read)? {
        staging.write(&RegistryPath::Page(page), html.as_bytes())?;
    }
    Ok(())
}
