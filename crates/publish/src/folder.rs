//! A registry in a folder, changed in place by a plan.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use promptdex_wire::RegistryPath;

use crate::error::Result;
use crate::files;
use crate::folders::CreatedFolders;
use crate::journal::{self, Journal, UNDER_WAY};
use crate::plan::Plan;

/// A registry in a folder. New contents of files are staged in `.promptdex/` of the folder, until a
/// plan installs them in its order.
#[derive(Debug)]
pub struct RegistryFolder {
    folder: PathBuf,
    folders: CreatedFolders,
    has_recovered: bool,
    /// The lock on the folder, held until the end.
    _locked: Option<File>,
}

impl RegistryFolder {
    /// Opens a locked folder. An interrupted build in the folder is first completed or rolled back.
    pub fn open(folder: PathBuf, locked: Option<File>) -> Result<Self> {
        let has_recovered = Journal::recover(&folder)?;
        Ok(Self { folder, folders: CreatedFolders::default(), has_recovered, _locked: locked })
    }

    /// Whether an interrupted build was completed.
    pub fn has_recovered(&self) -> bool {
        self.has_recovered
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of a published file in the folder.
    pub fn file(&self, path: &RegistryPath) -> PathBuf {
        self.folder.join(path.to_string())
    }

    /// Returns the path of the staged contents of a file.
    pub fn staged_path(&self, path: &RegistryPath) -> PathBuf {
        journal::staged_path(&self.folder, &path.to_string())
    }

    /// Returns an error if a folder of the registry is reached through a link.
    pub fn check_links(&self, folder: &str) -> io::Result<()> {
        journal::path_in_output(&self.folder, &format!("{folder}/-")).map(drop)
    }

    /// Stages the new contents of a file.
    pub fn stage(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        self.folders.write(&self.staged_path(path), bytes)
    }

    /// Carries out a plan. The files that it writes must be staged.
    pub fn apply(self, plan: &Plan) -> Result<()> {
        Journal::new(plan).run(&self.folder)
    }
}

impl Drop for RegistryFolder {
    /// Removes the staged files, unless a journal still needs them. Files that cannot be removed do
    /// no harm, because the next build removes them.
    fn drop(&mut self) {
        let folder = self.folder.join(UNDER_WAY);
        if folder.exists() && !journal::is_there(&self.folder) {
            drop(files::remove_folder(&folder));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn path(text: &str) -> RegistryPath {
        RegistryPath::parse(text).unwrap()
    }

    const VERSION: &str = "api/prompts/refund/versions/1.1.0.json";
    const RELEASE: &str = "api/environments/production/releases/2.json";
    const LEAK: &str = "api/prompts/leak/versions/1.0.0.json";
    const LATEST: &str = "api/prompts/refund/latest/production.json";
    const CATALOG: &str = "api/catalog.json";
    const POINTER: &str = "api/environments/production.json";
    const GONE: &str = "api/prompts/leak/cases/1.0.0.json";

    /// The files that exist before the plan.
    const BEFORE: [&str; 5] = [LEAK, LATEST, CATALOG, POINTER, GONE];

    /// The stored form of a journal. Every version of promptdex must write and read it.
    const JOURNAL: &str = r#"{"is_durable":false,"create":["api/prompts/refund/versions/1.1.0.json","api/environments/production/releases/2.json"],"replace":["api/prompts/leak/versions/1.0.0.json","api/prompts/refund/latest/production.json","api/catalog.json","api/environments/production.json"],"remove":["api/prompts/leak/cases/1.0.0.json"]}"#;

    fn plan() -> Plan {
        let mut plan = Plan::default();
        plan.remove(path(GONE));
        for file in [POINTER, CATALOG, LATEST, RELEASE, VERSION] {
            plan.write(path(file));
        }
        plan.replace(path(LEAK));
        plan
    }

    fn put(file: &Path, text: &str) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Creates a registry with the files that exist before the plan.
    fn registry() -> tempfile::TempDir {
        let registry = tempfile::tempdir().unwrap();
        BEFORE.iter().for_each(|file| put(&registry.path().join(file), "old"));
        registry
    }

    fn open(registry: &tempfile::TempDir) -> RegistryFolder {
        RegistryFolder::open(registry.path().to_owned(), None).unwrap()
    }

    /// Checks which files exist, and that no staged files remain.
    fn check(registry: &tempfile::TempDir, text: &str, there: &[&str], absent: &[&str]) {
        for file in there {
            assert_eq!(fs::read_to_string(registry.path().join(file)).unwrap(), text, "{file}");
        }
        for file in absent.iter().chain(&[UNDER_WAY]) {
            assert!(!registry.path().join(file).exists(), "{file}");
        }
    }

    const WRITTEN: [&str; 6] = [VERSION, RELEASE, LEAK, LATEST, CATALOG, POINTER];

    #[test]
    fn a_plan_is_carried_out() {
        let registry = registry();
        let folder = open(&registry);
        for file in WRITTEN {
            folder.stage(&path(file), b"new").unwrap();
            assert_eq!(fs::read(folder.staged_path(&path(file))).unwrap(), b"new");
        }
        folder.apply(&plan()).unwrap();
        // A folder that became empty is removed as well.
        check(&registry, "new", &WRITTEN, &[GONE, "api/prompts/leak/cases"]);
    }

    #[test]
    fn the_journal_is_the_plan() {
        let registry = registry();
        let journal = Journal::new(&plan());
        assert_eq!(serde_json::to_string(&journal).unwrap(), JOURNAL);
        // An empty plan changes nothing.
        open(&registry).apply(&Plan::default()).unwrap();
        check(&registry, "old", &BEFORE, &[VERSION, RELEASE]);
    }

    #[test]
    fn what_a_killed_build_has_left_is_dropped_or_finished() {
        for (is_durable, in_place) in
            [(false, vec![]), (false, vec![VERSION]), (true, vec![VERSION, RELEASE, LEAK, LATEST])]
        {
            let registry = registry();
            let under_way = registry.path().join(UNDER_WAY);
            for file in WRITTEN {
                let is_there = in_place.contains(&file);
                let root =
                    if is_there { registry.path().to_owned() } else { under_way.join("staged") };
                put(&root.join(file), "new");
            }
            let text =
                JOURNAL.replace("\"is_durable\":false", &format!("\"is_durable\":{is_durable}"));
            put(&under_way.join("journal.json"), &text);
            assert!(crate::check_finished(registry.path()).is_err());
            let folder = open(&registry);
            assert_eq!(folder.has_recovered(), is_durable);
            crate::check_finished(registry.path()).unwrap();
            if is_durable {
                check(&registry, "new", &WRITTEN, &[GONE]);
            } else {
                check(&registry, "old", &BEFORE, &[VERSION, RELEASE]);
            }
        }
    }

    #[test]
    fn what_was_staged_for_nothing_is_removed() {
        let registry = registry();
        let folder = open(&registry);
        folder.stage(&path(LATEST), b"new").unwrap();
        drop(folder);
        check(&registry, "old", &BEFORE, &[]);
    }
}
