//! Documents that may lie in several files: a catalog in parts.

use promptdex_reader::{Error, Value, check_kind, envelope};
use promptdex_wire::{Blob, Kind};

/// The texts of the files of a document that were read so far. Most have one.
#[derive(Default)]
pub(super) struct DocumentFiles(pub(super) Vec<String>);

/// A document as far as its files were read.
pub(super) enum Whole<'t> {
    /// The file that is needed next.
    Lacks(Blob),
    /// Its kind, and all of it.
    Is(String, Value<'t>),
}

impl DocumentFiles {
    /// Puts the prompts of all parts into the first file.
    pub(super) fn join(&self) -> Result<Whole<'_>, Error> {
        let (first, parts) =
            self.0.split_first().map_or(("", &[][..]), |(first, parts)| (first.as_str(), parts));
        let (kind, mut whole) = envelope(first)?;
        if kind != Kind::Catalog.as_str() {
            return Ok(Whole::Is(kind, whole));
        }
        let next = whole.get("parts").and_then(|named| named.items().get(parts.len()));
        if let Some(next) = next {
            return next.read().map(Whole::Lacks);
        }
        for part in parts {
            let (own, mut part) = envelope(part)?;
            check_kind(&own, &[Kind::Catalog])?;
            if let (Some(all), Some(prompts)) = (whole.list("prompts"), part.list("prompts")) {
                all.append(prompts);
            }
        }
        Ok(Whole::Is(kind, whole))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use promptdex_wire::RegistryPath;
    use promptdex_wire::catalog::Catalog;

    use super::super::Store;
    use super::*;

    #[test]
    fn a_catalog_in_parts_has_the_prompts_of_all() {
        let catalog = |names: &[&str], rest: &str| {
            let row = |name: &&str| format!(r#"{{"name":"{name}","version_count":1}}"#);
            let rows: Vec<String> = names.iter().map(row).collect();
            format!(
                r#"{{"format":1,"kind":"catalog","registry":"acme","sequences":{{}},"environments":["dev"],"prompts":[{}]{rest}}}"#,
                rows.join(",")
            )
        };
        let mut files = BTreeMap::new();
        let mut add = |text: String| {
            let blob = Blob::of(text.as_bytes());
            files.insert(RegistryPath::Snapshot(blob.digest), text.into_bytes());
            format!(r#"{{"digest":"{}","size":{}}}"#, blob.digest, blob.size)
        };
        let (c, e) = (add(catalog(&["c", "d"], "")), add(catalog(&["e"], "")));
        let first = catalog(&["a", "b"], &format!(r#","parts":[{c},{e}]"#));
        files.insert(RegistryPath::Catalog, first.into_bytes());
        let store = Store::new(Some(Arc::new(move |path| files.get(path).cloned())));
        let catalog = store.document::<Catalog>(RegistryPath::Catalog);
        let catalog = catalog.get_untracked().ready().unwrap();
        let names: Vec<&str> = catalog.prompts.iter().map(|prompt| prompt.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
        assert_eq!(catalog.environments.len(), 1);
    }
}
