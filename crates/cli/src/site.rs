//! The site that is embedded in this command.

use promptdex_site::page::Assets;
use promptdex_wire::{AssetName, Path};

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Returns what the files of the site are for, or nothing when this command was built without it.
pub(crate) fn assets() -> Option<Assets> {
    let (_, manifest) = FILES.iter().find(|(name, _)| *name == "site.json")?;
    serde_json::from_slice(manifest).ok()
}

/// Returns the files that pages load, with their compressed forms.
pub(crate) fn files() -> impl Iterator<Item = (Path, &'static [u8])> {
    FILES.iter().filter_map(|(name, bytes)| {
        let name = AssetName::parse(name.strip_prefix("assets/")?)?;
        Some((Path::Asset(name), *bytes))
    })
}
