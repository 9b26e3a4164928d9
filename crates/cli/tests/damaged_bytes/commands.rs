//! The commands and formats that read files, listed by what `promptdex --help` has.

use std::collections::BTreeSet;

use crate::fixture::{Fixture, Kind};

/// A way to run a command.
pub(crate) struct Line {
    pub(crate) words: &'static str,
    /// Whether every format is tried with every file, or one of them.
    formats: Formats,
    reads: Reads,
    /// Whether the files are read from commits.
    pub(crate) is_of_commits: bool,
    /// Whether it writes, so that the next one needs the repository anew.
    pub(crate) writes: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Formats {
    None,
    Every,
    One,
}

/// The files that a line is tried with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Those of the tree.
    Tree,
    /// Those of the tree and of the published registry.
    Registry,
    /// These.
    Files(&'static [&'static str]),
}

const fn line(words: &'static str) -> Line {
    Line { words, formats: Formats::None, reads: Reads::Tree, is_of_commits: false, writes: false }
}

impl Line {
    const fn every_format(self) -> Self {
        Self { formats: Formats::Every, ..self }
    }

    const fn one_format(self) -> Self {
        Self { formats: Formats::One, ..self }
    }

    const fn with_registry(self) -> Self {
        Self { reads: Reads::Registry, ..self }
    }

    const fn of_files(self, files: &'static [&'static str]) -> Self {
        Self { reads: Reads::Files(files), ..self }
    }

    const fn of_commits(self) -> Self {
        Self { is_of_commits: true, ..self }
    }

    const fn writes(self) -> Self {
        Self { writes: true, ..self }
    }

    pub(crate) fn command(&self) -> &str {
        self.words.split(' ').next().unwrap()
    }

    /// Whether the line is tried with a file.
    pub(crate) fn is_for(&self, kind: Kind, path: &str) -> bool {
        match self.reads {
            Reads::Files(files) => files.contains(&path),
            Reads::Registry => kind != Kind::Around,
            Reads::Tree => matches!(kind, Kind::Tree | Kind::Any),
        }
    }

    /// Whether it is the turn of the line among those of its command.
    pub(crate) fn is_due(&self, turn: usize) -> bool {
        let others = LINES.iter().filter(|line| line.command() == self.command()).count();
        others < 2 || self.formats == Formats::Every || turn.is_multiple_of(2)
    }

    /// Returns the formats to try: all of the command, or the one whose turn it is.
    pub(crate) fn formats<'f>(&self, formats: &'f [String], turn: usize) -> Vec<Option<&'f str>> {
        let all: Vec<Option<&str>> = formats.iter().map(|format| Some(format.as_str())).collect();
        match self.formats {
            Formats::None => vec![None],
            Formats::Every => all,
            Formats::One => vec![all[turn % all.len()]],
        }
    }
}

/// Commands that are not run here, with the reason.
pub(crate) const OTHERS: [(&str, &str); 4] = [
    ("serve", "runs until it is stopped; `tests/serve.rs` and `tests/hosts` ask it"),
    ("explain", "reads no file"),
    ("completions", "reads no file"),
    ("help", "reads no file"),
];

const CODE_OWNERS: &str = ".github/CODEOWNERS";
const WORKFLOW: &str = ".github/workflows/promptdex.yml";

pub(crate) const LINES: [Line; 55] = [
    line("init --root other").of_files(&[".gitattributes", ".gitignore"]).writes(),
    line("new greeting").writes(),
    line("new greeting --from 1.0.0 --major").writes(),
    line("check").every_format(),
    line("check --rev HEAD").one_format().of_commits(),
    line("check --base HEAD~1").one_format().of_commits(),
    line("check --base HEAD --whole").one_format().of_commits(),
    line("check --base HEAD~1 --actor @ana").of_files(&[".mailmap"]).of_commits(),
    line("check --previous dist").one_format().with_registry(),
    line("check --baseline baseline.jsonl").every_format().of_files(&["baseline.jsonl"]),
    line("check").of_files(&[CODE_OWNERS, ".mailmap", ".gitattributes", ".gitignore"]),
    line("check --list-files"),
    line("check --list-files --format json"),
    line("fix --dry-run"),
    line("fix").writes(),
    line("fix --dry-run --previous dist").with_registry(),
    line("render greeting@1.0.0 --var name=Ana").one_format(),
    line("render greeting@1.1.0 --case Ana").one_format(),
    line("render letter"),
    line("render menu --var dish=soup").one_format(),
    line("render list --var topic=fruit --rev HEAD").of_commits(),
    line("render greeting@1.0.0 --vars vars.json").every_format().of_files(&["vars.json"]),
    line("diff greeting").every_format(),
    line("diff menu production"),
    line("diff staging production").one_format(),
    line("diff greeting --rev HEAD~1..HEAD").one_format().of_commits(),
    line("log").one_format().of_commits(),
    line("log greeting").one_format(),
    line("log --previous dist").every_format().with_registry(),
    line("log --as-of 2026-01-02 --previous dist").one_format().with_registry(),
    line("version menu --patch").writes(),
    line("version list --major").writes(),
    line("promote greeting@1.0.0 --to dev --reason x").writes(),
    line("promote greeting@1.1.0 --to production --reason x --dry-run").one_format(),
    line("promote --all --to production --reason x --previous dist --dry-run")
        .one_format()
        .with_registry(),
    line("rollback greeting --in production --to 1.0.0 --reason x --dry-run").one_format(),
    line("rollback --in production --to 1 --previous dist --reason x --dry-run")
        .one_format()
        .with_registry(),
    line("update-includes tone --to 1.1.0 --dry-run").one_format(),
    line("deprecate tone@1.0.0 --reason x --dry-run").one_format(),
    line("yank tone@1.0.0 --reason x --dry-run").one_format(),
    line("archive --older-than 2026-02-01 --dry-run").one_format(),
    line("redact tone@1.0.0 --reason x --dry-run").one_format(),
    line("record greeting@1.0.0 --test t --passed 1 --failed 0").writes(),
    line("record greeting@1.0.0 --test t --from junit.xml").of_files(&["junit.xml"]).writes(),
    line("record greeting@1.0.0 --test t --from promptfoo.json")
        .of_files(&["promptfoo.json"])
        .writes(),
    line("report --base HEAD~1").one_format(),
    line("report --base HEAD~1 --previous dist").one_format().with_registry().of_commits(),
    line("ci github --check --setup make").of_files(&[
        WORKFLOW,
        "prompts/registry.yaml",
        "prompts/policy.yaml",
    ]),
    line("codeowners").of_files(&[CODE_OWNERS, "prompts/policy.yaml"]).writes(),
    line("build --no-site --output ../out").one_format(),
    line("build --no-site --previous dist").one_format().with_registry().writes(),
    line("publish dist --no-site --yes --uncommitted").one_format().with_registry().writes(),
    line("publish live --from dist --first --yes").one_format().with_registry().writes(),
    line("publish dist --no-site --yes --uncommitted --approvals approvals.json")
        .of_files(&["approvals.json"])
        .writes(),
    line("host nginx /srv/prompts").of_files(&["prompts/registry.yaml"]),
];

/// Reads the names of all commands from the help.
pub(crate) fn names(fixture: &Fixture) -> BTreeSet<String> {
    let (_, help) = fixture.run(&["--help"]);
    let listed = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let name = |line: &str| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned);
    listed.lines().filter_map(name).filter(|name| !name.is_empty()).collect()
}

/// Reads the formats of a command from its help.
pub(crate) fn formats(fixture: &Fixture, command: &str) -> Vec<String> {
    let (_, help) = fixture.run(&[command, "--help"]);
    let Some((_, part)) = help.split_once("--format <FORMAT>") else { return Vec::new() };
    let part = part.split("[default").next().unwrap();
    let format = |line: &str| line.trim().strip_prefix("- ")?.split(':').next().map(str::to_owned);
    part.lines().filter_map(format).collect()
}
