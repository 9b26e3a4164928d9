//! Sessions of several people in one repository.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::git;

/// A repository with its own clock and people, and the transcript of the commands.
pub(crate) struct Session {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) home: tempfile::TempDir,
    /// The time of the next commit, in seconds since 1970.
    pub(crate) clock: Cell<i64>,
    pub(crate) transcript: String,
}

pub(crate) const GREETING: &str = "prompts/support/greeting";

impl Session {
    /// Creates a repository with a policy and a prompt of three versions. Staging serves the second
    /// version, and production the first.
    pub(crate) fn new(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = tempfile::tempdir().unwrap();
        // 2026-01-05T09:00:00Z
        let session =
            Self { folder, home, clock: Cell::new(1_767_603_600), transcript: String::new() };
        session.git("Nobody", &["init", "--quiet", "--initial-branch=main", "."]);
        for (version, text) in [("1.0.0", "Say hello."), ("1.1.0", "Say hi."), ("1.2.0", "Hi.")] {
            session.write(&format!("{GREETING}/v{version}/system_prompt.txt"), text);
        }
        session.write("prompts/policy.yaml", policy);
        session.write(&format!("{GREETING}/environments/dev.yaml"), "version: 1.1.0\n");
        session.write(&format!("{GREETING}/environments/production.yaml"), "version: 1.0.0\n");
        session.commit("Ana", "Begin");
        session.write(&format!("{GREETING}/environments/staging.yaml"), "version: 1.1.0\n");
        session.commit("Ana", "Stage 1.1.0");
        session.git("Nobody", &["checkout", "--quiet", "-b", "change"]);
        session
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Points an environment at a version.
    pub(crate) fn point(&self, environment: &str, version: &str) -> &Self {
        let path = format!("{GREETING}/environments/{environment}.yaml");
        self.write(&path, &format!("version: {version}\n"))
    }

    /// Runs Git as one person.
    pub(crate) fn git(&self, who: &str, arguments: &[&str]) -> String {
        let date = format!("{} +0100", self.clock.get());
        git::git(self.folder.path(), self.home.path(), who, &date, arguments)
    }

    /// Commits everything, one day after the last commit.
    pub(crate) fn commit(&self, who: &str, message: &str) -> &Self {
        self.clock.set(self.clock.get() + 86_400);
        self.git("Nobody", &["add", "--all"]);
        self.git(who, &["commit", "--quiet", "--message", message]);
        self
    }

    /// Starts a new branch at main.
    pub(crate) fn branch(&self, name: &str) -> &Self {
        self.git("Nobody", &["checkout", "--quiet", "--force", "-b", name, "main"]);
        self
    }

    /// Adds a heading to the transcript.
    pub(crate) fn note(&mut self, text: &str) -> &mut Self {
        writeln!(self.transcript, "# {text}").unwrap();
        self
    }

    /// Runs a command.
    pub(crate) fn run(&mut self, line: &str) -> &mut Self {
        let folder = self.folder.path().to_owned();
        self.run_in(&folder, line)
    }

    pub(crate) fn run_in(&mut self, folder: &Path, line: &str) -> &mut Self {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(line.split(' '))
            .current_dir(folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        write!(self.transcript, "$ promptdex {line}\n{text}").unwrap();
        if !output.status.success() {
            writeln!(self.transcript, "[exit code {}]", output.status.code().unwrap()).unwrap();
        }
        self.transcript.push('\n');
        self
    }
}
