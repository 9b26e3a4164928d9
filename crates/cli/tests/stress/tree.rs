//! What a tree of prompts says, read from its files by rules of this test's own.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::node;
use promptdex_core::source::SourceFile;
use serde_json::Value;

use crate::pointer::{Number, Pointer};

/// A text that no check lets pass: it uses a variable that is not declared.
pub(crate) const BROKEN_TEXT: &str = "{{ nobody }}";
/// An expectation that never holds.
pub(crate) const BROKEN_CASE: &str = "never said";

/// The promotion path.
pub(crate) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "production"];

/// What a version says, without what does not count: line ends and the last newline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text(String);

impl Text {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        Self(text.strip_suffix('\n').map(str::to_owned).unwrap_or(text))
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.0.contains(BROKEN_TEXT) || has_conflict(&self.0)
    }

    /// Returns the prompt and the version that the text includes.
    pub(crate) fn include(&self) -> Option<(&str, Number)> {
        let (_, include) = self.0.split_once("{% include \"")?;
        let (name, version) = include.split_once('"')?.0.split_once('@')?;
        Some((name, Number::parse(version)?))
    }

    /// Returns the message that models get.
    pub(crate) fn message(&self) -> &str {
        let front = self.0.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
        front.map_or(self.0.as_str(), |(_, text)| text.strip_prefix('\n').unwrap_or(text))
    }
}

/// A prompt as files have it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PromptFiles {
    /// The versions in folders.
    pub(crate) versions: BTreeMap<Number, Text>,
    /// The number and the text of a prompt that is edited in place.
    pub(crate) in_place: Option<(Option<Number>, Text)>,
    /// The pointers in files; nothing where a file cannot be read.
    pub(crate) pointers: BTreeMap<String, Option<Pointer>>,
    /// The states that `prompt.yaml` gives to versions.
    pub(crate) states: BTreeMap<Number, BTreeSet<String>>,
    /// The versions that have stored cases.
    pub(crate) cases: BTreeSet<Number>,
    /// The versions that have test results.
    pub(crate) results: BTreeSet<Number>,
    /// Whether a file has an error that is sure to be found.
    pub(crate) is_broken: bool,
    /// Whether this test cannot say whether the prompt is right.
    pub(crate) is_doubtful: bool,
}

impl PromptFiles {
    pub(crate) fn has_state(&self, version: Number, state: &str) -> bool {
        self.states.get(&version).is_some_and(|states| states.contains(state))
    }
}

/// The prompts of a tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    /// The path of the tree in its repository.
    pub(crate) root: String,
    pub(crate) prompts: BTreeMap<String, PromptFiles>,
    /// Whether there are files that belong to no prompt, which stops a build.
    pub(crate) has_strays: bool,
}

fn has_conflict(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> "))
}

impl Tree {
    /// Reads the files of a repository.
    pub(crate) fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let root = files.keys().find_map(|path| path.strip_suffix("/registry.yaml"));
        let mut tree = Self { root: root.unwrap_or_default().to_owned(), ..Self::default() };
        let start = format!("{}/", tree.root);
        let mut holders = BTreeSet::new();
        for (path, bytes) in files {
            let Some(path) = path.strip_prefix(&start) else { continue };
            if path == "registry.yaml" || path.starts_with(".promptdex/") {
                continue;
            }
            if let Some((name, is_holder)) = tree.add(path, bytes)
                && is_holder
            {
                holders.insert(name);
            }
        }
        tree.has_strays = tree.prompts.keys().any(|name| !holders.contains(name));
        tree
    }

    /// Adds a file, and returns its prompt and whether the file makes a prompt of the folder.
    fn add(&mut self, path: &str, bytes: &[u8]) -> Option<(String, bool)> {
        let parts: Vec<&str> = path.split('/').collect();
        let is_version = |part: &str| {
            part.strip_prefix('v')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let is_inner = |part: &&str| {
            is_version(part)
                || ["environments", "cases", "results", "prompt.yaml", "system_prompt.txt"]
                    .contains(part)
        };
        let text = String::from_utf8_lossy(bytes);
        let Some(at) = parts.iter().position(is_inner) else {
            let name = path.strip_suffix(".md")?;
            let number =
                yaml(text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"))?.0);
            let number = number.as_ref().and_then(|front| front.get("version")?.as_str());
            let prompt = self.prompts.entry(name.to_owned()).or_default();
            prompt.in_place = Some((number.and_then(Number::parse), Text::of(bytes)));
            prompt.is_broken |= has_conflict(&text);
            return Some((name.to_owned(), true));
        };
        let name = parts[..at].join("/");
        let prompt = self.prompts.entry(name.clone()).or_default();
        prompt.is_broken |= has_conflict(&text);
        let last = parts.last().copied().unwrap_or_default();
        let number = |text: &str| Number::parse(text);
        match parts[at] {
            "environments" => {
                let environment = last.trim_end_matches(".yaml").to_owned();
                let pointer = yaml(&text).as_ref().and_then(Pointer::of_target);
                prompt.is_broken |= pointer.is_none();
                prompt.pointers.insert(environment, pointer);
            }
            "cases" => {
                prompt.cases.extend(number(last.trim_end_matches(".yaml")));
                prompt.is_broken |= text.contains(BROKEN_CASE);
                return Some((name, false));
            }
            "results" => {
                let version = parts.get(at + 1).and_then(|version| number(version));
                prompt.results.extend(version);
                return Some((name, false));
            }
            "prompt.yaml" => match yaml(&text) {
                Some(facts) => prompt.read_facts(&facts),
                None => (prompt.is_broken, prompt.is_doubtful) = (true, true),
            },
            "system_prompt.txt" => {
                prompt.in_place.get_or_insert_default().1 = Text::of(bytes);
                return Some((name, false));
            }
            folder => match number(&folder[1..]) {
                Some(version) if last == "system_prompt.txt" => {
                    prompt.versions.insert(version, Text::of(bytes));
                }
                _ => prompt.is_broken = true,
            },
        }
        Some((name, true))
    }
}

impl PromptFiles {
    fn read_facts(&mut self, facts: &Value) {
        for state in ["deprecated", "yanked", "archived", "redacted"] {
            let versions = facts.get(state).and_then(Value::as_object);
            for version in versions.into_iter().flat_map(serde_json::Map::keys) {
                let Some(version) = Number::parse(version) else { continue };
                self.states.entry(version).or_default().insert(state.to_owned());
            }
        }
        self.is_doubtful |= self.states.values().any(|states| states.len() > 1);
        if let Some(number) = facts.get("version").and_then(Value::as_str) {
            self.in_place.get_or_insert_default().0 = Number::parse(number);
        }
    }
}

/// Reads YAML without findings.
fn yaml(text: &str) -> Option<Value> {
    let mut findings = Vec::new();
    let node = node::parse(&SourceFile::new("file.yaml", text), &mut findings)?;
    let value = serde_json::to_string(&node.to_json()).unwrap();
    findings.is_empty().then(|| serde_json::from_str(&value).unwrap())
}
