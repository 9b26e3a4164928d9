//! A repository with every kind of file that promptdex reads, a registry that is published from it, and what is handed
//! to commands besides.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::git;

/// The files of the tree, by paths below `prompts/`.
const TREE: [(&str, &str); 32] = [
    (
        "registry.yaml",
        "registry: acme\nurl: https://prompts.example.com/\nenvironments: [dev, staging, production]\nbundles: {all-of-it: [\"**\"]}\n",
    ),
    (
        "policy.yaml",
        "max_versions: 100\nrequire_signed_commits: true\npromotion:\n  production: {from: staging, reason: required}\nteams:\n  all: {people: [ana@example.com, \"@ana\"], owns: [\"**\"], may: [create, promote, revert, record, govern]}\n",
    ),
    (
        "allowed_signers",
        "ana@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDwE5bWEt5RrXSSxdhJ8NfVTZSzBZtJhFGvAO0V4lnyb\n",
    ),
    (
        "greeting/prompt.yaml",
        "title: Greeting\nowners: [\"@ana\"]\ntags: [mail]\ndeprecated: {1.0.0: use 1.1.0}\n",
    ),
    ("greeting/environments/staging.yaml", "version: 1.1.0\n"),
    (
        "greeting/environments/production.yaml",
        "rollout: {arms: [{key: old, version: 1.0.0, weight: 90}, {key: new, version: 1.1.0, weight: 10}]}\n",
    ),
    (
        "greeting/cases/1.0.0.yaml",
        "- name: Ana\n  variables: {name: Ana}\n  expect: {contains: [Ana], matches: \"Greet .*\"}\n",
    ),
    ("greeting/cases/1.1.0.yaml", "- name: Ana\n  variables: {name: Ana}\n"),
    ("greeting/v1.0.0/system_prompt.txt", "Greet {{ name }}.\nBe kind.\n"),
    (
        "greeting/v1.0.0/metadata.json",
        "{\"description\": \"First\", \"variables\": {\"name\": \"string\"}}\n",
    ),
    (
        "greeting/v1.1.0/messages.yaml",
        "- role: system\n  content: Greet {{ name }}.\n- {examples: {user: \"{{ input }}\", assistant: \"{{ output }}\"}}\n- role: user\n  file: files/user.txt\n- role: user\n  content:\n    - {type: image, file: files/photo.png, media_type: image/png}\n",
    ),
    ("greeting/v1.1.0/files/user.txt", "Hello, this is {{ name }}.\n"),
    ("greeting/v1.1.0/files/photo.png", "\u{1}PNG pixels\n"),
    (
        "greeting/v1.1.0/metadata.yaml",
        "description: Second\nvariables: {name: string}\ntoken_budget: 4000\n",
    ),
    ("greeting/v1.1.0/examples.json", "[{\"input\": \"Hi\", \"output\": \"Hello\"}]\n"),
    (
        "letter/v1.0.0/response_schema.json",
        "{\"type\": \"object\", \"properties\": {\"text\": {\"type\": \"string\"}}}\n",
    ),
    (
        "letter/v1.0.0/tools.json",
        "[{\"name\": \"look_up\", \"input_schema\": {\"type\": \"object\"}}]\n",
    ),
    ("tone/v1.0.0/system_prompt.md", "Be calm.\n"),
    ("tone/v1.1.0/system_prompt.j2", "Be very calm.\n"),
    ("letter/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %} Dear {{ name }},\n"),
    (
        "letter/v1.0.0/metadata.json",
        "{\"variables\": [{\"name\": \"name\", \"required\": false, \"default\": \"reader\"}]}\n",
    ),
    ("fields/v1.0.0/system_prompt.txt", "Greet {name}.\n"),
    ("fields/v1.0.0/metadata.yaml", "template: fstring\nvariables: {name: string}\n"),
    ("fields/v1.1.0/system_prompt.txt", "Greet {{ name }}.\n"),
    ("fields/v1.1.0/metadata.yaml", "template: curly\nvariables: {name: string}\n"),
    (
        "fields/results/1.1.0/quality.json",
        "{\"test_name\": \"quality\", \"source_digest\": \"sha256:5fd924625f6ab16a19cc9807c7c506ae1813490e4ba675f843d5a10e0baacdb8\", \"passed\": 3, \"failed\": 0, \"tested_at\": \"2026-01-02T10:00:00Z\"}\n",
    ),
    ("fields/environments/staging.yaml", "tracks: {\"1\": 1.1.0}\n"),
    (
        "menu.md",
        "---\nversion: 1.0.0\nvariables: {dish: string}\n---\n\nOffer {{ dish }} to the guest.\n",
    ),
    ("menu/environments/production.yaml", "version: 1.0.0\n"),
    ("list/prompt.yaml", "title: A list\nversion: 1.0.0\nvariables: {topic: string}\n"),
    ("list/system_prompt.txt", "Write a list of {{ topic }}.\n"),
    ("notes.md", "Notes of the team.\n"),
];

/// Files of a kind that another one stands for.
const ALIKE: [&str; 8] = [
    "greeting/cases/1.1.0.yaml",
    "letter/v1.0.0/metadata.json",
    "letter/v1.0.0/system_prompt.txt",
    "tone/v1.0.0/system_prompt.md",
    "fields/v1.0.0/metadata.yaml",
    "fields/v1.0.0/system_prompt.txt",
    "fields/v1.1.0/metadata.yaml",
    "menu/environments/production.yaml",
];

/// The files around the tree, by paths in the repository.
const AROUND: [(&str, &str); 9] = [
    (".gitattributes", "prompts/** -text\n"),
    (".gitignore", "/dist/\nprompts/.promptdex/\n"),
    (".mailmap", "Ana <ana@example.com> <ana@home.example>\n"),
    (".github/CODEOWNERS", "* @all\n"),
    (".github/workflows/promptdex.yml", "# ours\nname: own\n"),
    ("vars.json", "{\"name\": \"Ana\"}\n"),
    ("approvals.json", "[{\"by\": \"@ana\", \"url\": \"https://example.com/pull/7\"}]\n"),
    (
        "junit.xml",
        "<testsuites><testsuite name=\"a\" tests=\"2\" failures=\"1\"><testcase name=\"b\"/><testcase name=\"c\"><failure message=\"no\">why</failure></testcase></testsuite></testsuites>\n",
    ),
    (
        "promptfoo.json",
        "{\"evalId\": \"eval-1\", \"results\": {\"version\": 3, \"timestamp\": \"2026-01-09T11:00:00.123Z\", \"prompts\": [{\"raw\": \"Greet {{ name }}.\\nBe kind.\", \"label\": \"a\", \"provider\": \"b\"}], \"results\": [{\"success\": true, \"score\": 1, \"promptIdx\": 0, \"vars\": {\"name\": \"Ana\"}, \"prompt\": {\"raw\": \"Greet Ana.\\nBe kind.\", \"label\": \"a\"}}], \"stats\": {\"successes\": 1, \"failures\": 0, \"errors\": 0}}}\n",
    ),
];

fn text_of(path: &str) -> &'static str {
    TREE.iter().find(|(own, _)| *own == path).unwrap().1
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A file of the tree that is text.
    Tree,
    /// A file of the tree whose bytes have no rules, or that is no prompt.
    Any,
    /// A file that is handed to single commands.
    Around,
    /// A file of the published registry.
    Published,
    /// What a build has left for the next one.
    Remembered,
}

/// A file that is damaged.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    /// Its path in the repository.
    pub(crate) path: String,
}

/// A repository that can be had anew.
pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
}

impl Fixture {
    /// Makes the repository that the others are copied from.
    pub(crate) fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        let root = fixture.team();
        fs::create_dir(&root).unwrap();
        let run = |day: u32, arguments: &[&str]| {
            let date = format!("2026-01-{day:02}T12:00:00Z");
            git::git(&root, fixture.folder.path(), "Ana", &date, arguments);
        };
        run(1, &["init", "--quiet", "--template=", "--initial-branch=main", "."]);
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let is_late = |path: &str| path.contains("/v1.1.0/") || path.contains("environments");
        TREE.iter()
            .filter(|(path, _)| !is_late(path))
            .for_each(|(path, text)| write(&format!("prompts/{path}"), text));
        write("prompts/greeting/environments/production.yaml", "version: 1.0.0\n");
        fs::remove_dir_all(root.join("prompts/fields/results")).unwrap();
        fs::remove_file(root.join("prompts/greeting/cases/1.1.0.yaml")).unwrap();
        AROUND.iter().for_each(|(path, text)| write(path, text));
        run(1, &["add", "--all"]);
        run(1, &["commit", "--quiet", "--message", "Begin"]);
        let (code, printed) = fixture.run(&["build", "--no-site"]);
        assert_eq!(code, 0, "{printed}");
        TREE.iter().for_each(|(path, text)| write(&format!("prompts/{path}"), text));
        run(2, &["add", "--all"]);
        run(2, &["commit", "--quiet", "--message", "Add versions"]);
        let (code, printed) = fixture.run(&["build", "--no-site", "--previous", "dist"]);
        assert_eq!(code, 0, "{printed}");
        let findings = fixture.run(&["check", "--format", "json"]);
        assert_eq!(findings.0, 0, "{}", findings.1);
        write("baseline.jsonl", &findings.1);
        // Drafts, for which there is a next number.
        write("prompts/menu.md", &format!("{}Be brief.\n", text_of("menu.md")));
        write("prompts/list/system_prompt.txt", "Write a short list of {{ topic }}.\n");
        run(2, &["add", "--all"]);
        run(2, &["commit", "--quiet", "--message", "Record what is known"]);
        run(2, &["gc", "--quiet"]);
        fixture
    }

    /// Returns the repository.
    pub(crate) fn team(&self) -> PathBuf {
        self.folder.path().join("team")
    }

    /// Makes the repository anew, as another one has it.
    pub(crate) fn restore(&self, from: &Self) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
        for entry in walkdir::WalkDir::new(from.team()).into_iter().map(Result::unwrap) {
            let target = self.team().join(entry.path().strip_prefix(from.team()).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(target).unwrap();
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }

    fn git(&self, arguments: &[&str]) {
        let date = "2026-01-03T12:00:00Z";
        git::git(&self.team(), self.folder.path(), "Ana", date, arguments);
    }

    /// Commits the files as they are.
    pub(crate) fn commit(&self) {
        self.git(&["commit", "--quiet", "--all", "--allow-empty", "--message", "Damage"]);
    }

    /// Takes the last commit back, and leaves the files as they are.
    pub(crate) fn take_back(&self) {
        self.git(&["reset", "--quiet", "HEAD~1"]);
    }

    /// Runs a command in the repository, and returns its exit code and all that it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(arguments)
            .current_dir(self.team())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.folder.path())
            .env("GIT_AUTHOR_NAME", "Ana")
            .env("GIT_AUTHOR_EMAIL", "ana@example.com")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.code().unwrap_or(-1), text)
    }

    /// Lists every file to damage.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        for (path, _) in TREE.into_iter().filter(|(path, _)| !ALIKE.contains(path)) {
            let is_free = path == "notes.md" || path.ends_with(".png");
            let is_free = is_free || path == "allowed_signers";
            let kind = if is_free { Kind::Any } else { Kind::Tree };
            targets.push(Target { kind, path: format!("prompts/{path}") });
        }
        let around = AROUND.iter().map(|(path, _)| *path).chain(["baseline.jsonl"]);
        targets.extend(around.map(|path| Target { kind: Kind::Around, path: path.to_owned() }));
        for (kind, folder) in
            [(Kind::Published, "dist/api"), (Kind::Remembered, "prompts/.promptdex")]
        {
            let mut paths: Vec<String> = walkdir::WalkDir::new(self.team().join(folder))
                .into_iter()
                .map(Result::unwrap)
                .filter(|entry| entry.file_type().is_file())
                .map(|entry| entry.path().strip_prefix(self.team()).unwrap().to_owned())
                .map(|path| path.to_str().unwrap().to_owned())
                .filter(|path| !path.contains("/schemas/"))
                .collect();
            paths.sort();
            let mut kinds = BTreeSet::new();
            paths.retain(|path| kinds.insert(self.kind_of(path)));
            targets.extend(paths.into_iter().map(|path| Target { kind, path }));
        }
        targets
    }

    /// Says what a file of the registry is. Of each kind, one is damaged.
    fn kind_of(&self, path: &str) -> String {
        let bytes = fs::read(self.team().join(path)).unwrap();
        let document: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
        let kind = document.and_then(|document| Some(document.get("kind")?.as_str()?.to_owned()));
        // Pointers, the newest release and an older one are of one kind.
        let place = path.trim_end_matches(|c| c != '/');
        format!("{kind:?} {}", if kind.as_deref() == Some("release") { place } else { "" })
    }

    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) {
        fs::write(self.team().join(path), bytes).unwrap();
    }
}
