//! Documents that may lie in several files: the versions of a prompt, of which older ones are in full pages, and a
//! catalog in parts.

use promptdex_reader::{Error, Value, check_kind, envelope};
use promptdex_wire::{Blob, Kind, Version};

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
    /// Puts the rows of all files into the first one.
    pub(super) fn join(&self) -> Result<Whole<'_>, Error> {
        let files: Result<Vec<_>, Error> = self.0.iter().map(|text| envelope(text)).collect();
        let files = files?;
        let lists = [(Kind::Versions, "versions"), (Kind::Catalog, "prompts")];
        let mut rows = "";
        if let ([(kind, first), ..], [.., (_, last)]) = (files.as_slice(), files.as_slice())
            && let Some((list, name)) = lists.into_iter().find(|(list, _)| list.as_str() == kind)
        {
            let next = match list {
                Kind::Versions => last.get("older"),
                _ => first.get("parts").and_then(|parts| parts.items().get(files.len() - 1)),
            };
            if let Some(next) = next {
                return next.read().map(Whole::Lacks);
            }
            files.iter().try_for_each(|(own, _)| check_kind(own, &[list]))?;
            rows = name;
        }
        let mut files = files.into_iter();
        let Some((kind, mut whole)) = files.next() else {
            return envelope("").map(|(kind, value)| Whole::Is(kind, value));
        };
        for (_, mut file) in files {
            for row in file.list(rows).map(std::mem::take).into_iter().flatten() {
                let Some(all) = whole.list(rows) else { continue };
                // The highest version comes first; prompts stay in their order.
                let at = all.partition_point(|there| version(there) >= version(&row));
                all.insert(at, row);
            }
        }
        Ok(Whole::Is(kind, whole))
    }
}

fn version(row: &Value<'_>) -> Option<Version> {
    row.get("version")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use promptdex_wire::catalog::{Catalog, Versions};
    use promptdex_wire::{Digest, PromptName, RegistryPath};

    use super::super::{LoadProblem, LoadState, Readable, Store};
    use super::*;

    /// An invented registry.
    #[derive(Default, Clone)]
    struct Files(BTreeMap<RegistryPath, Vec<u8>>);

    impl Files {
        /// Adds a file that is named by its digest, and returns what names it.
        fn add(&mut self, text: &str) -> String {
            let blob = Blob::of(text.as_bytes());
            self.0.insert(RegistryPath::Snapshot(blob.digest), text.as_bytes().to_vec());
            format!(r#"{{"digest":"{}","size":{}}}"#, blob.digest, blob.size)
        }

        fn read<T: Readable>(&self, path: RegistryPath) -> LoadState<T> {
            let files = self.0.clone();
            let store = Store::new(Some(Arc::new(move |path| files.get(path).cloned())));
            store.document(path).get_untracked()
        }
    }

    fn versions(rows: &[String], rest: &str) -> String {
        let row = |version: &String| {
            let digest = Digest::of(version.as_bytes());
            format!(
                r#"{{"version":"{version}","digest":"{digest}","size":1,"source_digest":"{digest}","state":"active"}}"#
            )
        };
        let rows: Vec<String> = rows.iter().map(row).collect();
        format!(
            r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{}},"versions":[{}]{rest}}}"#,
            rows.join(",")
        )
    }

    /// Versions of a prompt in three files: 1.0.0 to 1.999.0, and then a patch of an old one.
    fn three_files() -> (Files, RegistryPath) {
        let minors = |from: u32| (from..from + 500).rev().map(|minor| format!("1.{minor}.0"));
        let mut files = Files::default();
        let oldest = files.add(&versions(&minors(0).collect::<Vec<_>>(), ""));
        let rest = format!(r#","older":{oldest}"#);
        let older = files.add(&versions(&minors(500).collect::<Vec<_>>(), &rest));
        let newest = versions(&["1.7.1".to_owned()], &format!(r#","older":{older}"#));
        let path = RegistryPath::Versions("a".parse::<PromptName>().unwrap());
        files.0.insert(path.clone(), newest.into_bytes());
        (files, path)
    }

    #[test]
    fn versions_in_pages_are_one_list_the_highest_first() {
        let (files, path) = three_files();
        let list = files.read::<Versions>(path).ready().unwrap();
        assert_eq!(list.versions.len(), 1_001);
        assert!(list.versions.windows(2).all(|pair| pair[0].version > pair[1].version));
        assert_eq!(list.versions[500].version.to_string(), "1.499.0");
        assert_eq!(list.versions[992].version.to_string(), "1.7.1");
    }

    #[test]
    fn a_page_that_is_missing_or_another_one_is_a_problem() {
        let (files, path) = three_files();
        let pages: Vec<RegistryPath> =
            files.0.keys().filter(|page| **page != path).cloned().collect();
        for page in pages {
            let mut without = files.clone();
            without.0.remove(&page);
            assert!(matches!(
                without.read::<Versions>(path.clone()),
                LoadState::Failed(LoadProblem::Network(_))
            ));
            let mut changed = files.clone();
            changed.0.get_mut(&page).unwrap().push(b' ');
            assert!(matches!(
                changed.read::<Versions>(path.clone()),
                LoadState::Failed(LoadProblem::Digest { .. })
            ));
        }
    }

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
        let mut files = Files::default();
        let (c, e) = (files.add(&catalog(&["c", "d"], "")), files.add(&catalog(&["e"], "")));
        let first = catalog(&["a", "b"], &format!(r#","parts":[{c},{e}]"#));
        files.0.insert(RegistryPath::Catalog, first.into_bytes());
        let catalog = files.read::<Catalog>(RegistryPath::Catalog).ready().unwrap();
        let names: Vec<&str> = catalog.prompts.iter().map(|prompt| prompt.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
        assert_eq!(catalog.environments.len(), 1);
    }
}
