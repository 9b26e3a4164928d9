//! A registry in a folder that a build changes where it is.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use promptdex_wire::RegistryPath;

use crate::error::Result;
use crate::files;
use crate::folders::CreatedFolders;
use crate::journal::{self, Journal, UNDER_WAY};
use crate::plan::Plan;

/// A registry in a folder. New bytes of files are staged in `.promptdex/` of the folder, until a plan says in
/// which order they take their places.
#[derive(Debug)]
pub struct RegistryFolder {
    folder: PathBuf,
    folders: CreatedFolders,
    has_recovered: bool,
    /// Held until the end.
    _locked: Option<File>,
}

impl RegistryFolder {
    /// Opens a folder that is locked, and finishes or drops what a build that was killed has left there.
    pub fn open(folder: PathBuf, locked: Option<File>) -> Result<Self> {
        let has_recovered = Journal::recover(&folder)?;
        Ok(Self { folder, folders: CreatedFolders::default(), has_recovered, _locked: locked })
    }

    /// Whether a build that was killed was brought to its end.
    pub fn has_recovered(&self) -> bool {
        self.has_recovered
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns where a published file stands.
    pub fn file(&self, path: &RegistryPath) -> PathBuf {
        self.folder.join(path.to_string())
    }

    /// Returns where the new bytes of a file wait.
    pub fn staged(&self, path: &RegistryPath) -> PathBuf {
        journal::staged_path(&self.folder, &path.to_string())
    }

    /// Refuses a folder of the registry to which a link leads.
    pub fn check_links(&self, folder: &str) -> io::Result<()> {
        journal::inside(&self.folder, &format!("{folder}/-")).map(drop)
    }

    /// Keeps the new bytes of a file until a plan is carried out.
    pub fn stage(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        self.folders.write(&self.staged(path), bytes)
    }

    /// Carries out a plan. What it writes has been staged.
    pub fn apply(self, plan: &Plan) -> Result<()> {
        Journal::new(plan).run(&self.folder)
    }
}

impl Drop for RegistryFolder {
    /// Removes what is staged, unless a journal still needs it. What stays is in nobody's way: the
    /// next build begins with it.
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

    /// What was published before the plan.
    const BEFORE: [&str; 5] = [LEAK, LATEST, CATALOG, POINTER, GONE];

    /// A journal as every version of promptdex writes it, and reads that of any other.
    const JOURNAL: &str = r#"{"is_durable":false,"create":["api/prompts/refund/versions/1.1.0.json","api/environments/production/releases/2.json"],"replace":["api/prompts/leak/versions/1.0.0.json","api/prompts/refund/latest/production.json","api/catalog.json","api/environments/production.json"],"remove":["api/prompts/leak/cases/1.0.0.json"]}"#;

    fn plan() -> Plan {
        let mut plan = Plan::default();
        plan.remove(path(GONE));
        for file in [POINTER, CATALOG, LATEST, RELEASE, VERSION] {
            plan.write(path(file));
        }
        plan.redact(path(LEAK));
        plan
    }

    fn put(file: &Path, text: &str) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// A registry with what was published before.
    fn registry() -> tempfile::TempDir {
        let registry = tempfile::tempdir().unwrap();
        BEFORE.iter().for_each(|file| put(&registry.path().join(file), "old"));
        registry
    }

    fn open(registry: &tempfile::TempDir) -> RegistryFolder {
        RegistryFolder::open(registry.path().to_owned(), None).unwrap()
    }

    /// Checks which files there are and that nothing is left over.
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
            assert_eq!(fs::read(folder.staged(&path(file))).unwrap(), b"new");
        }
        folder.apply(&plan()).unwrap();
        // The folder that held nothing else is gone as well.
        check(&registry, "new", &WRITTEN, &[GONE, "api/prompts/leak/cases"]);
    }

    #[test]
    fn the_journal_is_the_plan() {
        let registry = registry();
        let journal = Journal::new(&plan());
        assert_eq!(serde_json::to_string(&journal).unwrap(), JOURNAL);
        // An empty one changes nothing.
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
