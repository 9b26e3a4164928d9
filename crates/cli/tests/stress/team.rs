//! A repository, the registry that is published from it, and the people who work on both.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::tree::Tree;

/// The steps of a run, for who reads why it failed.
pub(crate) type Steps = Arc<Mutex<Vec<String>>>;

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) struct Team {
    folder: tempfile::TempDir,
    steps: Steps,
    /// The clock of whoever commits next, in seconds since 1970.
    pub(crate) clock: Cell<i64>,
    /// The tree, as a path in the repository.
    pub(crate) root: RefCell<String>,
    /// How long the last build took.
    build_time: Cell<Duration>,
}

impl Team {
    pub(crate) fn new(steps: Steps) -> Self {
        let team = Self {
            folder: tempfile::tempdir().unwrap(),
            steps,
            // 2024-03-01T00:00:00Z
            clock: Cell::new(1_709_251_200),
            root: RefCell::new("prompts".to_owned()),
            build_time: Cell::new(Duration::from_millis(100)),
        };
        fs::create_dir(team.repository()).unwrap();
        team.git(&["init", "--quiet", "--initial-branch=main", "."]);
        for (key, value) in [
            ("user.name", "Ana"),
            ("user.email", "ana@example.com"),
            ("core.autocrlf", "false"),
            ("commit.gpgsign", "false"),
            ("gc.auto", "0"),
            ("advice.detachedHead", "false"),
        ] {
            team.git(&["config", key, value]);
        }
        team
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// Returns a folder beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a step down.
    pub(crate) fn note(&self, step: impl Into<String>) {
        self.steps.lock().unwrap().push(step.into());
    }

    /// Returns a path of the repository for a path of the tree.
    pub(crate) fn in_tree(&self, path: &str) -> String {
        format!("{}/{path}", self.root.borrow())
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.repository().join(self.in_tree(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let bytes = fs::read(self.repository().join(self.in_tree(path))).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Removes a file or a folder, if it is there.
    pub(crate) fn remove(&self, path: &str) {
        let path = self.repository().join(self.in_tree(path));
        drop(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let date = format!("{} +0100", self.clock.get());
        command
            .current_dir(self.repository())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        command
    }

    /// Runs Git, and returns whether it succeeded.
    pub(crate) fn try_git(&self, arguments: &[&str]) -> bool {
        self.command("git").args(arguments).output().unwrap().status.success()
    }

    /// Runs Git, which must succeed, and returns its output.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Commits everything, if anything changed.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Throws away what is not committed.
    pub(crate) fn clean(&self) {
        self.git(&["reset", "--quiet", "--hard"]);
        self.git(&["clean", "--quiet", "--force", "-d"]);
        self.follow_root();
    }

    /// Finds out where the tree is, after Git has changed the files.
    pub(crate) fn follow_root(&self) {
        let files = self.git(&["ls-files", "--", "*registry.yaml"]);
        let root = files.lines().find_map(|path| path.strip_suffix("/registry.yaml"));
        if let Some(root) = root {
            root.clone_into(&mut self.root.borrow_mut());
        }
    }

    /// Reads the files of a commit and its committer's time.
    pub(crate) fn tree_of(&self, commit: &str) -> (i64, Rc<Tree>) {
        let time = self.git(&["show", "--no-patch", "--format=%ct", commit]).parse().unwrap();
        let output = self.command("git").args(["archive", commit]).output().unwrap();
        (time, Rc::new(Tree::of(&untar(&output.stdout))))
    }

    /// Runs promptdex on the tree.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let started = Instant::now();
        let output = self.promptdex(arguments).output().unwrap();
        if arguments.contains(&"build") {
            self.build_time.set(started.elapsed());
        }
        let outcome = Outcome {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        let Outcome { code, stdout, stderr } = &outcome;
        self.note(format!("  promptdex {} [{code}]", arguments.join(" ")));
        let is_build = arguments[0] == "build";
        let is_known = matches!(code, 0..=2) || (*code == 4 && is_build);
        assert!(is_known, "{arguments:?} ended with {code}\n{stdout}{stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}\n{stderr}");
        let is_told = match code {
            0 => true,
            1 => !stdout.is_empty() || !stderr.is_empty(),
            _ => !stderr.is_empty(),
        };
        assert!(is_told, "{arguments:?} ended with {code} and did not say why");
        outcome
    }

    fn promptdex(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_promptdex"));
        command.arg(arguments[0]).args(["--root", &self.root.borrow()]).args(&arguments[1..]);
        command
    }

    /// Starts promptdex and kills it, with what it has started, after so many hundredths of the time of a build.
    /// Returns whether it was killed before its end.
    pub(crate) fn kill(&self, arguments: &[&str], hundredths: u32) -> bool {
        let mut command = self.promptdex(arguments);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn().unwrap();
        std::thread::sleep(self.build_time.get() * hundredths / 100);
        let group = format!("-{}", child.id());
        let kill = Command::new("kill").args(["-KILL", "--", &group]).output().unwrap();
        let is_killed = !child.wait().unwrap().success();
        let arguments = arguments.join(" ");
        self.note(format!("  promptdex {arguments} [killed at {hundredths}: {is_killed}]"));
        drop(kill);
        // Git leaves its locks when it is killed, and says to remove them.
        for entry in walkdir::WalkDir::new(self.repository().join(".git")).into_iter().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "lock") {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        is_killed
    }
}

/// Returns the files of a tar archive.
fn untar(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    const BLOCK: usize = 512;
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    let mut files = BTreeMap::new();
    let mut at = 0;
    while let Some(header) = archive.get(at..at + BLOCK).filter(|header| header[0] != 0) {
        let size = usize::from_str_radix(text(&header[124..136]).trim(), 8).unwrap();
        let (start, kind) = (at + BLOCK, header[156]);
        if matches!(kind, 0 | b'0') {
            let prefix = text(&header[345..500]);
            let name = text(&header[..100]);
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            files.insert(path, archive[start..start + size].to_vec());
        }
        at = start + size.div_ceil(BLOCK) * BLOCK;
    }
    files
}

/// Returns the files of a folder by their paths, apart from those of a build under way.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        (path, fs::read(entry.path()).unwrap())
    });
    files.filter(|(path, _)| !path.starts_with(".promptdex/")).collect()
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    drop(fs::remove_dir_all(to));
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
