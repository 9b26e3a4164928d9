//! Tests the examples in `docs/checks/`: the wrong example produces exactly the finding of its
//! page, and the right example produces none. The range of every finding is inside its file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use promptdex_compare::promotion::{ServedSince, ServingStep, share};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::history::TreeHistory;
use promptdex_core::policy_check::{Actors, BasePrompt, ChangeCommit, ProposedChange};
use promptdex_core::read::{open, read_front_matter_version, read_prompt, read_settings};
use promptdex_core::rules;
use promptdex_core::tree::{Contents, POLICY_FILE, REGISTRY_FILE, ServingFile, locate, survey};
use promptdex_ops::build::inputs::{JudgedChange, TreePast};
use promptdex_ops::build::output::Output;
use promptdex_ops::history::in_place_versions::GivenVersions;
use promptdex_ops::tree::Tree;
use promptdex_wire::Timestamp;
use tempfile::TempDir;

use crate::compiled::{CompiledTree, compile_with};

/// The tree of an example on a page.
#[derive(Default)]
struct Example {
    contents: Contents,
    /// The files that are links.
    links: BTreeSet<String>,
    /// The files that can be executed.
    executable: BTreeSet<String>,
    history: TreeHistory,
    /// Committed versions of prompts that are edited in place.
    committed: GivenVersions,
    proposal: Option<ProposedChange>,
    /// The commits of a change, one per file.
    commits: Vec<ChangeCommit>,
    /// The times since which pointers of a base have had their values.
    since: BTreeMap<String, Timestamp>,
    /// Why the times of some of these cannot be right.
    doubts: BTreeMap<String, String>,
}

/// The time at which changes are checked.
const NOW: &str = "2026-03-02T12:00:00Z";

impl Example {
    /// Adds the file of a fence. Its info string has `file=PATH` and `escaped`, `symlink`, `executable`,
    /// `hidden` or `size=N`. In a change, `by=PERSON`, `reason=WORD` and `unsigned` describe the commit. In
    /// a base, `since=TIME` describes a pointer, and `backdated` the commit that moved it.
    fn add(&mut self, info: &str, lines: &[&str]) {
        let words: Vec<&str> = info.split(' ').skip(1).collect();
        let path = words[0]
            .strip_prefix("file=")
            .unwrap_or_else(|| panic!("a fence without file=: {info}"));
        let mut bytes = (lines.join("\n") + "\n").into_bytes();
        let mut commit = ChangeCommit {
            id: "4f1c0ffee0".to_owned(),
            name: "Ana".to_owned(),
            email: "ana@example.com".to_owned(),
            reason: None,
            paths: [path.to_owned()].into(),
            signature_problem: None,
        };
        for word in &words[1..] {
            match word.split_once('=') {
                Some(("by", email)) => email.clone_into(&mut commit.email),
                Some(("reason", reason)) => commit.reason = Some(reason.to_owned()),
                Some(("since", time)) => {
                    self.since.insert(path.to_owned(), time.parse().unwrap());
                }
                None if *word == "backdated" => {
                    let doubt =
                        "commit 4f1c0ffee0 is dated 2026-02-27T18:00:00Z, before its parent";
                    self.doubts.insert(path.to_owned(), doubt.to_owned());
                }
                None if *word == "unsigned" => {
                    commit.signature_problem = Some("has no signature".to_owned());
                }
                Some(("size", size)) => bytes.resize(size.parse().unwrap(), b' '),
                None if *word == "symlink" => drop(self.links.insert(path.to_owned())),
                None if *word == "executable" => drop(self.executable.insert(path.to_owned())),
                None if *word == "hidden" => {
                    let Some((name, ServingFile::Version(version, _))) = locate(path) else {
                        panic!("only a version is hidden: {info}")
                    };
                    self.history.missing_commits.entry(name).or_default().insert(version);
                }
                None if *word == "escaped" => bytes = unescape(&lines.join("\n")),
                _ => panic!("unknown word in a fence: {word}"),
            }
        }
        self.contents.insert(path.to_owned(), bytes);
        self.commits.push(commit);
    }

    /// Returns this tree with a change, and the change to check.
    fn changed(&self, change: &Self) -> Self {
        let open = |path: &str| open(path, self.contents.get(path)?, &mut Vec::new());
        let (registry, policy) = (open(REGISTRY_FILE), open(POLICY_FILE));
        let (settings, findings) = read_settings(registry.as_ref(), policy.as_ref());
        assert!(findings.is_empty(), "{}", show(&findings));
        let mut prompts = BTreeMap::new();
        let listing = Tree::in_memory(self.contents.clone()).listing().unwrap();
        for (name, files) in survey(&listing).prompts {
            let prompt = read_prompt(&name, &files, &self.contents, &mut Vec::new());
            let mut base = BasePrompt::of("main", &prompt, &settings);
            for (environment, target) in &base.targets {
                let Some(time) = self.since.get(&files.environment_file(environment)) else {
                    continue;
                };
                let file = files.environment_file(environment);
                if let Some(doubt) = self.doubts.get(&file) {
                    base.past.record_doubt(file.clone(), doubt.clone());
                }
                for version in target.versions() {
                    let (time, commit) = (time.clone(), Some(file.clone()));
                    let since = Some(ServedSince { time, release: None, commit });
                    let steps = vec![ServingStep { buckets: share(target, version), since }];
                    base.past.record_steps(environment, version, steps);
                }
            }
            prompts.insert(name, base);
        }
        let proposal = ProposedChange {
            base: Some("main".to_owned()),
            settings,
            prompts,
            commits: change.commits.clone(),
            changed_paths: change.contents.keys().cloned().collect(),
            moved: None,
            uncommitted_files: BTreeSet::new(),
            actors: Actors::Authors,
            now: NOW.parse().unwrap(),
        };
        let mut contents = self.contents.clone();
        contents.extend(change.contents.clone());
        let (history, committed) = (change.history.clone(), change.committed.clone());
        Self { contents, history, committed, proposal: Some(proposal), ..Self::default() }
    }

    /// Returns the tree: on disk if it has links or modes, otherwise in memory.
    fn tree(&self) -> (Tree, Option<TempDir>) {
        if self.links.is_empty() && self.executable.is_empty() {
            return (Tree::in_memory(self.contents.clone()), None);
        }
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in &self.contents {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            if self.links.contains(path) {
                link(&file);
            } else {
                std::fs::write(&file, bytes).unwrap();
            }
            #[cfg(unix)]
            if self.executable.contains(path) {
                use std::os::unix::fs::PermissionsExt;
                std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
            }
        }
        (Tree::open(folder.path()).unwrap(), Some(folder))
    }

    /// Compiles the tree as the continuation of a registry that was compiled from `published`.
    fn compile(&self, published: Option<&Self>) -> CompiledTree {
        let published = published.map(|tree| tree.compile(None).files);
        let (tree, _folder) = self.tree();
        let history = Arc::new(self.history.clone());
        let past = TreePast { source: None, history, in_place: self.committed.clone() };
        let proposed = self.proposal.as_ref().map(JudgedChange::Given);
        let output = Output { past: Some(&past), judged_change: proposed, ..Output::default() };
        compile_with(&tree, published.as_ref(), &output).unwrap()
    }

    /// Adds the Markdown files of another tree as committed versions under their numbers.
    fn commit(&mut self, committed: &Self) {
        for (path, bytes) in &committed.contents {
            let source = open(path, bytes, &mut Vec::new()).unwrap();
            let version = read_front_matter_version(&source)
                .and_then(|read_front_matter_version| read_front_matter_version.version)
                .unwrap();
            let files = [("prompt.md".to_owned(), bytes.clone())].into();
            self.committed.entry(path.clone()).or_default().insert(version, files);
        }
    }

    fn findings(&self, published: Option<&Self>) -> Vec<Diagnostic> {
        self.compile(published).findings
    }
}

/// Creates a dangling link.
fn link(file: &Path) {
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", file).unwrap();
    #[cfg(windows)]
    std::os::windows::fs::symlink_file("nowhere", file).unwrap();
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend(before.as_bytes());
        let take = match after.as_bytes()[0] {
            b'n' => (b"\n".to_vec(), 1),
            b'r' => (b"\r".to_vec(), 1),
            b't' => (b"\t".to_vec(), 1),
            b'\\' => (b"\\".to_vec(), 1),
            b'x' => (vec![u8::from_str_radix(&after[1..3], 16).unwrap()], 3),
            b'u' => {
                let end = after.find('}').unwrap();
                let code = u32::from_str_radix(&after[2..end], 16).unwrap();
                (char::from_u32(code).unwrap().to_string().into_bytes(), end + 1)
            }
            other => panic!("unknown escape {}", char::from(other)),
        };
        bytes.extend(take.0);
        rest = &after[take.1..];
    }
    bytes.extend(rest.as_bytes());
    bytes
}

/// Parses the two trees of a page.
fn trees(page: &str) -> BTreeMap<String, Example> {
    let mut trees: BTreeMap<String, Example> = BTreeMap::new();
    let mut section = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut section);
        }
        if let Some(info) = line.strip_prefix("```").filter(|info| info.contains("file=")) {
            let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            trees.entry(section.clone()).or_default().add(info, &content);
        }
    }
    if let Some(committed) = trees.remove("Committed") {
        trees.values_mut().for_each(|tree| tree.commit(&committed));
    }
    trees
}

fn show(findings: &[Diagnostic]) -> String {
    let line = |f: &Diagnostic| {
        format!(
            "  {}[{}] {} {:?}",
            f.path,
            f.rule.code,
            f.message,
            f.place.as_ref().map(|p| &p.range)
        )
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn examples_give_what_their_pages_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks");
    let mut wrong = Vec::new();
    // The location, message and help of each finding: review changes to this file as if it were
    // code.
    let mut report = String::new();
    for rule in rules::ALL {
        let page = std::fs::read_to_string(folder.join(format!("{}.md", rule.code)))
            .unwrap_or_else(|error| panic!("docs/checks/{}.md: {error}", rule.code));
        let mut trees = trees(&page);
        if let Some(base) = trees.remove("Base") {
            // The files of a change replace those of the base.
            trees = trees.into_iter().map(|(name, change)| (name, base.changed(&change))).collect();
        }
        let (Some(bad), Some(good)) = (trees.get("Wrong"), trees.get("Right")) else {
            wrong.push(format!("{}: the page lacks an example", rule.code));
            continue;
        };
        let findings = bad.findings(trees.get("Published"));
        let codes: Vec<&str> = findings.iter().map(|finding| finding.rule.code).collect();
        if codes != [rule.code] {
            wrong.push(format!("{}: the wrong example gives\n{}", rule.code, show(&findings)));
        }
        for finding in &findings {
            let cut = finding.place.as_ref().map_or_else(
                || finding.path.clone(),
                |place| {
                    String::from_utf8_lossy(&bad.contents[&finding.path][place.range.clone()])
                        .into_owned()
                },
            );
            let help =
                finding.help.as_deref().unwrap_or_else(|| panic!("{} has no help", rule.code));
            report += &format!("{}\n  {cut:?}\n  {}\n  help: {help}\n", rule.code, finding.message);
        }
        let findings = good.findings(trees.get("Published"));
        if !findings.is_empty() {
            wrong.push(format!("{}: the right example gives\n{}", rule.code, show(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!("findings", report);
}

#[test]
fn the_list_of_checks_is_complete() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks/README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- rules -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let mut table = String::from("| check | severity | |\n| --- | --- | --- |\n");
    for rule in rules::ALL {
        let severity = rule.severity.as_str();
        let locked = if rule.is_fixed { ", locked" } else { "" };
        table +=
            &format!("| [{0}]({0}.md) | {severity}{locked} | {1} |\n", rule.code, rule.summary);
    }
    let expected = format!("{before}<!-- rules -->\n{table}<!-- end -->{after}");
    if std::env::var_os("PROMPTDEX_REGENERATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page == expected, "docs/checks/README.md is stale: run `cargo xtask generate`");
}
