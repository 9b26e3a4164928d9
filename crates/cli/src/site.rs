//! The site that is embedded in this command.

use promptdex_site::page::Assets;
use promptdex_wire::{AssetName, Path};

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Returns what the files of the site are for, or nothing when this command was built without it.
pub(crate) fn assets() -> Option<Assets> {
    let (_, manifest) = FILES.iter().find(|(name, _)| *name == "site.json")?;
    serde_json::from_slice(manifest).ok()
}

/// Returns the files that the pages of a registry load, with their compressed forms: of what counts
/// tokens, only what its own tokenizer needs.
pub(crate) fn files(tokenizer: &str) -> impl Iterator<Item = (Path, &'static [u8])> {
    let mut counters = assets().map(|assets| assets.tokens).unwrap_or_default();
    let own = counters.remove(tokenizer).unwrap_or_default();
    let others: Vec<String> =
        counters.into_values().flatten().filter(|name| !own.contains(name)).collect();
    FILES.iter().filter_map(move |(name, bytes)| {
        let name = name.strip_prefix("assets/")?;
        let form = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz")).unwrap_or(name);
        let name = AssetName::parse(name).filter(|_| !others.iter().any(|other| other == form))?;
        Some((Path::Asset(name), *bytes))
    })
}
