//! A real repository with a clock and people of its own.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use promptdex_core::history::TreeHistory;
use promptdex_core::read::{numbered, open, read_settings};
use promptdex_core::tree::{Contents, Entry, Listing, REGISTRY_FILE, survey};
use promptdex_core::{CompiledTree, compile_tree};
use promptdex_history::replay::{Numbers, Tails, read};
use promptdex_history::{Git, Objects, Oid, in_place};
use promptdex_wire::{Chain, Path as Published, PromptName, Release, json};

pub(crate) type Files = std::collections::BTreeMap<String, Vec<u8>>;

pub(crate) struct Repository {
    pub(crate) folder: tempfile::TempDir,
    /// Seconds since 1970 of the next commit.
    clock: Cell<i64>,
}

impl Repository {
    pub(crate) fn new() -> Self {
        // 2026-01-05T09:00:00Z
        let own = Self { folder: tempfile::tempdir().unwrap(), clock: Cell::new(1_767_603_600) };
        own.git(&["init", "--quiet", "--initial-branch=main", "."]);
        own
    }

    pub(crate) fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    /// Runs Git as `who`, in an environment of its own.
    fn git_as(&self, who: &str, arguments: &[&str]) -> String {
        let date = format!("{} +0100", self.clock.get());
        let email = format!("{}@example.com", who.to_lowercase());
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .env("GIT_AUTHOR_NAME", who)
            .env("GIT_AUTHOR_EMAIL", &email)
            .env("GIT_COMMITTER_NAME", who)
            .env("GIT_COMMITTER_EMAIL", &email)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_as("Nobody", arguments)
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        let path = self.path(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
        self
    }

    /// Commits everything, a day later than the last commit.
    pub(crate) fn commit(&self, who: &str, message: &str) -> String {
        self.clock.set(self.clock.get() + 86_400);
        self.git(&["add", "--all"]);
        self.git_as(who, &["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn merge(&self, branch: &str, who: &str, message: &str) -> String {
        self.clock.set(self.clock.get() + 86_400);
        self.git_as(who, &["merge", "--quiet", "--no-ff", "--message", message, branch]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn tree(&self) -> Git {
        find(&self.path("prompts"))
    }
}

pub(crate) fn find(folder: &Path) -> Git {
    Git::find(folder).unwrap().expect("a repository")
}

/// A tree as of a commit, and what Git says of it.
pub(crate) struct AtCommit {
    pub(crate) listing: Listing,
    pub(crate) contents: Contents,
    pub(crate) told: TreeHistory,
}

impl AtCommit {
    /// Reads a tree as of a commit. `previous` is the published registry.
    pub(crate) fn read(git: &Git, revision: &str, previous: Option<&Files>) -> Self {
        let commit = git.commit(revision).unwrap();
        let files = git.list(commit, revision, &[]).unwrap();
        let ids: Vec<Oid> = files.iter().map(|(_, file)| file.oid).collect();
        let bytes = Objects::open(git).unwrap().read(&ids).unwrap();
        let listing: Listing = files
            .iter()
            .map(|(path, file)| (path.clone(), file.size.map_or(Entry::Other, Entry::file)))
            .collect();
        let contents: Contents = files.iter().map(|(path, _)| path.clone()).zip(bytes).collect();
        let registry = contents
            .get(REGISTRY_FILE)
            .and_then(|bytes| open(REGISTRY_FILE, bytes, &mut Vec::new()));
        let (settings, _) = read_settings(registry.as_ref(), None);
        let tails: Tails = previous
            .into_iter()
            .flatten()
            .filter_map(|(path, bytes)| {
                let Some(Published::Pointer(chain)) = Published::parse(path) else { return None };
                let release: Release = json::read(bytes).unwrap();
                Some((chain, release.source.map(|source| source.commit)))
            })
            .collect();
        let mut survey = survey(&listing);
        let places: Vec<_> = survey
            .may_be_in_place()
            .into_iter()
            .filter(|(path, _)| {
                let source = open(path, &contents[path], &mut Vec::new());
                source.as_ref().and_then(numbered).is_some()
            })
            .collect();
        let mut numbers = Numbers::new();
        for (file, versions) in in_place::read(git, commit, &places).unwrap() {
            let name = file.trim_end_matches("/prompt.yaml").trim_end_matches(".md");
            let commits = versions.iter().map(|(version, of)| (version.clone(), of.commit));
            numbers.insert(name.parse().unwrap(), (file.clone(), commits.collect()));
        }
        let prompts: BTreeSet<PromptName> = std::mem::take(&mut survey.prompts)
            .into_keys()
            .chain(numbers.keys().cloned())
            .collect();
        let is_known = |name: &PromptName| prompts.contains(name);
        let mut told = read(git, commit, &settings, &is_known, &numbers, &tails).unwrap();
        told.source = Some(git.source(commit).unwrap());
        Self { listing, contents, told }
    }

    pub(crate) fn compile(&self, previous: Option<&Files>) -> CompiledTree {
        compile_tree(&self.listing, &self.contents, previous, &self.told, None).unwrap()
    }

    /// Writes every event on a line.
    pub(crate) fn events(&self) -> String {
        let mut lines = Vec::new();
        for (name, history) in &self.told.prompts {
            for (chain, changes) in &history.events {
                for change in changes {
                    let change = serde_json::to_string(change).unwrap();
                    let place = match chain {
                        Chain::Catalog => String::new(),
                        Chain::Environment(environment) => format!(" {environment}"),
                    };
                    lines.push(format!("{name}{place} {change}"));
                }
            }
        }
        lines.join("\n")
    }
}
