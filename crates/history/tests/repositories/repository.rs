//! A real repository with a clock and people of its own.

use std::cell::Cell;
use std::path::Path;
use std::process::Command;

use promptdex_history::Git;

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

    /// Makes a repository in which Ana creates `greeting`, Ben adds a version, and Chiyo promotes it.
    pub(crate) fn with_promotion() -> Self {
        let own = Self::new();
        own.write("prompts/greeting/v1.0.0/system_prompt.txt", "Hello.\n");
        own.write("prompts/greeting/environments/production.yaml", "version: 1.0.0\n");
        own.commit("Ana", "Begin");
        own.write("prompts/greeting/v1.1.0/system_prompt.txt", "Hi.\n");
        own.commit("Ben", "Shorter");
        own.write("prompts/greeting/environments/production.yaml", "version: 1.1.0\n");
        own.commit("Chiyo", "Promote");
        own
    }

    /// Clones the repository without its older commits.
    pub(crate) fn shallow_clone(&self, depth: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let from = format!("file://{}", self.folder.path().display());
        let to = folder.path().to_str().unwrap();
        self.git(&["clone", "--quiet", "--depth", depth, &from, to]);
        folder
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
