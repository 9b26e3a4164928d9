//! Tests that replayed events lead to the pointers of the tree after any changes, independent of
//! how often the tree was published.

use std::collections::BTreeMap;

use promptdex_wire::event::{Operation, Target};
use promptdex_wire::history::{Event, History};
use promptdex_wire::{Environment, Open, RegistryPath, json};
use proptest::prelude::*;
use serde_json::Value;

use promptdex_ops::tree::Tree;

use crate::compiled::{Files, compile};
use crate::repository::Repository;

const NAMES: [&str; 2] = ["refund", "support/tone"];
const PEOPLE: [&str; 3] = ["Ana", "Ben", "Chiyo"];

/// One change to a prompt by one person.
#[derive(Debug, Clone, Copy)]
struct Step {
    kind: u8,
    name: usize,
    number: usize,
    who: usize,
    publishes: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (0..12_u8, 0..NAMES.len(), 0..4_usize, 0..PEOPLE.len(), any::<bool>()).prop_map(
        |(kind, name, number, who, publishes)| Step { kind, name, number, who, publishes },
    )
}

struct Team {
    repository: Repository,
    /// The next version of each prompt on the published branch, and on the other one.
    next: [usize; 2],
    is_branched: bool,
}

impl Team {
    fn new() -> Self {
        let repository = Repository::new();
        for name in NAMES {
            repository.write(&format!("prompts/{name}/v1.0.0/system_prompt.txt"), "Text 0.\n");
        }
        // The policy accepts yanked versions, because otherwise the tree could not be published.
        repository.write("prompts/policy.yaml", "checks: {yanked-pointer: warn}\n");
        repository.commit("Ana", "Begin");
        Self { repository, next: [1; 2], is_branched: false }
    }

    /// Makes one change, and returns whether the published branch has a new commit.
    fn apply(&mut self, step: Step) -> bool {
        let name = NAMES[step.name];
        let who = PEOPLE[step.who];
        let folder = format!("prompts/{name}");
        let known = self.next[step.name];
        let version = format!("1.{}.0", step.number % known);
        match step.kind {
            // A version number is used only once, on either branch.
            0..=2 => {
                let path = format!("{folder}/v1.{known}.0/system_prompt.txt");
                self.repository.write(&path, &format!("Text {known}.\n"));
                self.next[step.name] += 1;
                self.repository.commit(who, &format!("Add {name} 1.{known}.0"));
            }
            3..=5 => {
                let environment = ["staging", "production"][step.number % 2];
                if !self.repository.path(&format!("{folder}/v{version}")).is_dir() {
                    return false;
                }
                let pointer = format!("{folder}/environments/{environment}.yaml");
                self.repository.write(&pointer, &format!("version: {version}\n"));
                self.repository.commit(who, &format!("Serve {version}\n\nReason: why not"));
            }
            6 => {
                let pointer = format!("{folder}/environments/production.yaml");
                if !self.repository.path(&pointer).is_file() {
                    return false;
                }
                self.repository.remove(&pointer);
                self.repository.commit(who, "Retire");
            }
            7 => {
                let all = (0..known).map(|number| format!("1.{number}.0"));
                let all: Vec<String> = all
                    .filter(|version| {
                        self.repository.path(&format!("{folder}/v{version}")).is_dir()
                    })
                    .collect();
                let (first, last) = (&all[0], &all[all.len() - 1]);
                if first == last {
                    return false;
                }
                let weight = 10 + step.number * 20;
                let arms = format!(
                    "rollout:\n  arms:\n    - {{key: a, version: {first}, weight: {weight}}}\n    - {{key: b, version: {last}, weight: {}}}\n",
                    100 - weight
                );
                self.repository.write(&format!("{folder}/environments/staging.yaml"), &arms);
                self.repository.commit(who, "Try it");
            }
            8 => {
                let state = ["deprecated", "", "yanked", "deprecated"][step.number];
                let text = if state.is_empty() {
                    "title: Title\n".to_owned()
                } else {
                    format!("{state}: {{1.0.0: reason {}}}\n", step.who)
                };
                self.repository.write(&format!("{folder}/prompt.yaml"), &text);
                self.repository.commit(who, "States");
            }
            9 => {
                self.repository.write("README.md", &format!("{step:?}"));
                self.repository.commit(who, "Something else");
            }
            // Starts a branch for the following changes, until it is merged.
            10 if !self.is_branched => {
                self.repository.git(&["checkout", "--quiet", "-B", "branch"]);
                self.is_branched = true;
            }
            _ if self.is_branched => {
                self.repository.git(&["checkout", "--quiet", "main"]);
                self.repository.merge("branch", who, "Merge the branch (#5)");
                self.is_branched = false;
                return true;
            }
            _ => return false,
        }
        !self.is_branched
    }
}

/// Replays the events of each environment.
fn replay(history: &History) -> BTreeMap<Environment, Open<Target>> {
    let mut served: BTreeMap<Environment, Open<Target>> = BTreeMap::new();
    for event in &history.events {
        let Some(environment) = &event.environment else { continue };
        assert_eq!(served.get(environment), event.old_value.as_ref(), "{event:?}");
        match &event.new_value {
            Some(target) => drop(served.insert(environment.clone(), target.clone())),
            None => {
                assert_eq!(event.change_type, Operation::Retired);
                served.remove(environment);
            }
        }
    }
    served
}

fn history(files: &Files, name: &str) -> History {
    json::read(&files[&format!("api/prompts/{name}/history.json")]).unwrap()
}

/// Removes the sequence numbers of releases.
fn without_sequences(value: &mut Value) {
    if let Value::Object(object) = value {
        object.remove("sequence");
        object.remove("sequences");
        object.values_mut().for_each(without_sequences);
    } else if let Value::Array(values) = value {
        values.iter_mut().for_each(without_sequences);
    }
}

/// Returns the files that must be equal, independent of how often the tree was published: the bytes
/// of documents and snapshots, and lists of versions and histories without their releases.
fn comparable(files: &Files) -> BTreeMap<String, Vec<u8>> {
    let mut same = BTreeMap::new();
    for (path, bytes) in files {
        match RegistryPath::parse(path).unwrap() {
            RegistryPath::Version(..) => drop(same.insert(path.clone(), bytes.clone())),
            RegistryPath::Pointer(_) => {
                let release: Value = serde_json::from_slice(bytes).unwrap();
                let snapshot = release["snapshot"].to_string();
                same.insert(path.clone(), snapshot.into_bytes());
            }
            RegistryPath::Versions(_)
            | RegistryPath::History(_)
            | RegistryPath::HistoryMonth(..)
            | RegistryPath::Catalog => {
                let mut value: Value = serde_json::from_slice(bytes).unwrap();
                without_sequences(&mut value);
                same.insert(path.clone(), value.to_string().into_bytes());
            }
            _ => {}
        }
    }
    same
}

/// Compares two registries, and shows the first file that differs.
fn assert_same(a: &Files, b: &Files) -> Result<(), TestCaseError> {
    let (a, b) = (comparable(a), comparable(b));
    prop_assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (path, bytes) in &a {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        prop_assert_eq!(text(bytes), text(&b[path]), "{}", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_replayed_are_the_pointers(steps in prop::collection::vec(step(), 1..14)) {
        let mut team = Team::new();
        let root = team.repository.path("prompts");
        let publish = |registry: Option<&Files>| {
            compile(&Tree::at(&root, Some("main")).unwrap(), registry).unwrap().files
        };
        // One registry is published after every commit of the branch, the other one now and then.
        let mut every = publish(None);
        let mut some: Option<Files> = None;
        for step in &steps {
            if !team.apply(*step) {
                continue;
            }
            every = publish(Some(&every));
            if step.publishes {
                some = Some(publish(some.as_ref()));
            }
        }
        let scratch = publish(None);
        assert_same(&scratch, &every)?;
        let some = publish(some.as_ref());
        for files in [&scratch, &every, &some] {
            for name in NAMES {
                let versions: promptdex_wire::catalog::Versions =
                    json::read(&files[&format!("api/prompts/{name}/versions.json")]).unwrap();
                let history = history(files, name);
                prop_assert_eq!(&replay(&history), &versions.pointers);
                let is_told = |event: &Event| event.changed_by.is_some() && event.commit.is_some();
                prop_assert!(history.events.iter().all(is_told));
            }
        }
    }
}
