//! Publishes a tree, and holds the registry to what was published before and to what the tree says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::history::{Moment, Prompt};
use crate::pointer::{Number, Pointer};
use crate::random::Random;
use crate::team::{Outcome, Team, copy, files};
use crate::tree::ENVIRONMENTS;
use crate::verdict::{Published, PublishedVersion, Verdict, judge_all};

/// The published registry, and what has to stay as it is, kept outside of it.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) published: Published,
    /// The releases, which never change.
    releases: BTreeMap<String, Vec<u8>>,
    /// The number of the newest release of each chain.
    sequences: BTreeMap<String, u64>,
    /// The prompts that the last build held back.
    pub(crate) held: BTreeSet<String>,
    /// How many builds published, held something back, and stopped.
    pub(crate) counts: [usize; 3],
}

impl Registry {
    /// Publishes the tree of a team as it is committed.
    pub(crate) fn publish(&mut self, team: &Team, now: &Moment, random: &mut Random) {
        let dist = team.beside("dist");
        let verdicts = judge_all(&now.prompts, &self.published);
        let previous = dist.to_str().unwrap().to_owned();
        let mut arguments = vec!["build", "--no-site", "--format", "json", "--output", &previous];
        let is_first = !dist.exists();
        if !is_first {
            arguments.extend(["--previous", &previous]);
        }
        if random.chance(20) {
            arguments.push("--no-cache");
        }
        let time = time_text(team.clock.get() + 3_600 * i64::try_from(random.below(48)).unwrap());
        if random.chance(50) {
            arguments.extend(["--published-at", &time]);
        }
        let compared = (!is_first && random.chance(15)).then(|| {
            copy(&dist, &team.beside("copy"));
            let other = team.beside("other").to_str().unwrap().to_owned();
            let copied = team.beside("copy").to_str().unwrap().to_owned();
            let mut rest = arguments.clone();
            rest.retain(|word| *word != "--no-cache");
            for word in &mut rest {
                if *word == previous {
                    *word = &copied;
                }
            }
            rest[5] = &other;
            let code = team.run(&rest).code;
            (code, team.beside("other"))
        });
        let before = if is_first { BTreeMap::new() } else { files(&dist) };
        let is_killed = !is_first && random.chance(15);
        if is_killed {
            let hundredths = u32::try_from(random.below(115)).unwrap();
            team.kill(&arguments, hundredths);
            self.check_whole(&dist, &["--under-way"]);
        }
        let outcome = team.run(&arguments);
        self.check_code(&outcome, now, &verdicts, is_killed);
        match outcome.code {
            0 => self.counts[0] += 1,
            4 => self.counts[1] += 1,
            _ => {
                self.counts[2] += 1;
                assert!(is_killed || files(&dist) == before, "a build that stops changes nothing");
                return;
            }
        }
        if let Some((code, other)) = compared {
            assert_eq!(code, outcome.code, "into another folder");
            if !is_killed {
                assert_same(&files(&other), &files(&dist));
            }
            fs::remove_dir_all(other).unwrap();
        }
        self.held = held(&outcome, &dist);
        self.check_published(&dist, now, &verdicts, &outcome.stdout);
        self.check_whole(&dist, &[]);
        if random.chance(25) {
            let before = files(&dist);
            assert_eq!(team.run(&arguments).code, outcome.code);
            assert_same(&files(&dist), &before);
        }
    }

    /// Checks that a build published what is right, held back what is wrong, and did nothing else.
    fn check_code(
        &self,
        outcome: &Outcome,
        now: &Moment,
        verdicts: &BTreeMap<String, Verdict>,
        is_killed: bool,
    ) {
        let Outcome { code, stdout, stderr } = outcome;
        let worst = verdicts.values().max().copied().unwrap_or(Verdict::Right);
        // A build that goes on with a redaction does not begin another publication.
        let has_redactions = now
            .prompts
            .values()
            .any(|own| own.files.states.values().any(|of| of.contains("redacted")));
        let may_stop = now.tree.has_strays || (is_killed && has_redactions);
        let is_expected = match (code, worst) {
            (1, _) => may_stop,
            (2, _) => now.prompts.is_empty(),
            (0, Verdict::Right) | (4, Verdict::Wrong) | (0 | 4, Verdict::Doubtful) => true,
            _ => false,
        };
        let wrong = |wanted: Verdict| {
            let names = verdicts.iter().filter(move |(_, verdict)| **verdict == wanted);
            names.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        assert!(
            is_expected,
            "the build ended with {code}; wrong: {:?}, doubtful: {:?}\n{stdout}{stderr}",
            wrong(Verdict::Wrong),
            wrong(Verdict::Doubtful)
        );
    }

    /// Compares what is published with the tree and with what was published before.
    fn check_published(
        &mut self,
        dist: &Path,
        now: &Moment,
        verdicts: &BTreeMap<String, Verdict>,
        told: &str,
    ) {
        for (name, verdict) in verdicts {
            let is_held = self.held.contains(name);
            let is_expected = match verdict {
                Verdict::Right => !is_held,
                Verdict::Wrong => is_held,
                Verdict::Doubtful => true,
            };
            assert!(is_expected, "{name} is {verdict:?}; held back: {:?}\n{told}", self.held);
        }
        let redacted = self.check_versions(dist, now, verdicts);
        self.check_pointers(dist, now, &redacted);
    }

    /// Checks that no published version is lost or changed, and that the new ones are what the tree has. Returns those
    /// that were redacted.
    fn check_versions(
        &mut self,
        dist: &Path,
        now: &Moment,
        verdicts: &BTreeMap<String, Verdict>,
    ) -> BTreeSet<(String, Number)> {
        let mut redacted = BTreeSet::new();
        let documents = documents(dist);
        for (name, versions) in &mut self.published.versions {
            for (version, published) in versions {
                let key = (name.clone(), *version);
                let document = documents.get(&key);
                let document = document.unwrap_or_else(|| panic!("{name}@{version} is lost"));
                if *document == published.document {
                    continue;
                }
                let is_lawful = now
                    .prompts
                    .get(name)
                    .is_some_and(|own| own.files.has_state(*version, "redacted"));
                assert!(is_lawful, "{name}@{version} was published, and is another one now");
                assert!(!published.is_redacted, "{name}@{version} was redacted twice");
                let new: Value = serde_json::from_slice(document).unwrap();
                assert_eq!(new["kind"], "redacted", "{name}@{version}");
                published.document.clone_from(document);
                published.is_redacted = true;
                redacted.insert(key);
            }
        }
        for ((name, version), document) in documents {
            if self.published.has(&name, version) {
                continue;
            }
            let own = now.prompts.get(&name);
            let new: Value = serde_json::from_slice(&document).unwrap();
            let is_redacted = new["kind"] == "redacted";
            let text = own.and_then(|own| own.versions.get(&version));
            assert!(!self.held.contains(&name), "{name}@{version} is new, and {name} is held back");
            let is_unsure = own.is_none_or(|own| own.is_unsure);
            let is_known = text.is_some() || is_redacted || is_unsure;
            assert!(is_known, "{name}@{version} is in no tree");
            let text = text.cloned().unwrap_or_default();
            if !is_redacted && !is_unsure {
                let message = new["messages"][0]["content"].as_str().unwrap();
                assert_eq!(message, text.message(), "{name}@{version}");
            }
            let published = PublishedVersion { text, document, is_redacted };
            self.published.versions.entry(name).or_default().insert(version, published);
        }
        for (name, prompt) in now.prompts.iter().filter(|(name, _)| !self.held.contains(*name)) {
            for version in prompt.versions.keys() {
                let is_there = self.published.has(name, *version)
                    || prompt.files.has_state(*version, "redacted")
                    || verdicts.get(name) != Some(&Verdict::Right);
                assert!(is_there, "{name}@{version} is right, and was not published");
            }
        }
        redacted
    }

    /// Checks what each environment serves.
    fn check_pointers(&mut self, dist: &Path, now: &Moment, redacted: &BTreeSet<(String, Number)>) {
        let mut served = BTreeMap::new();
        for environment in ENVIRONMENTS {
            for (name, pointer) in pointers(dist, environment) {
                served.insert((name, environment.to_owned()), pointer);
            }
        }
        let names = now.prompts.keys().chain(self.published.versions.keys());
        let names: BTreeSet<&String> = names.collect();
        for name in names {
            for environment in ENVIRONMENTS {
                let key = (name.clone(), environment.to_owned());
                let own = now.prompts.get(name);
                let before = self.published.served.get(&key);
                let expected = if self.held.contains(name) {
                    let loses = before.is_some_and(|before| {
                        let versions = before.versions().into_iter();
                        versions.map(|own| (name.clone(), own)).any(|own| redacted.contains(&own))
                    });
                    if loses {
                        continue;
                    }
                    before.cloned()
                } else if own.is_some_and(|own| own.is_unsure) {
                    continue;
                } else {
                    own.and_then(|own: &Prompt| own.served(environment))
                };
                assert_eq!(
                    served.get(&key),
                    expected.as_ref(),
                    "what {environment} serves of {name}; held back: {:?}",
                    self.held
                );
            }
        }
        self.published.served = served;
    }

    /// Reads the registry as clients do: every chain whole, every digest right, no release lost or changed.
    fn check_whole(&mut self, dist: &Path, options: &[&str]) {
        let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
        let output = Command::new("python3").arg(&reader).arg(dist).args(options).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let chains = dist.join("api/environments");
        for chain in ENVIRONMENTS.iter().chain(&["catalog"]) {
            let pointer = read(&chains.join(format!("{chain}.json")));
            let sequence = pointer["sequence"].as_u64().unwrap();
            let newest = self.sequences.entry((*chain).to_owned()).or_default();
            assert!(*newest <= sequence, "{chain} went back from {newest} to {sequence}");
            *newest = sequence;
            let folder = chains.join(chain).join("releases");
            for number in 1..=sequence {
                let path = format!("{chain}/{number}");
                let bytes = fs::read(folder.join(format!("{number}.json"))).unwrap();
                let release: Value = serde_json::from_slice(&bytes).unwrap();
                let known = self.releases.entry(path.clone()).or_insert_with(|| bytes.clone());
                assert_eq!(*known, bytes, "release {path} has changed");
                let digest = release["snapshot"]["digest"].as_str().unwrap();
                snapshot(dist, digest);
            }
        }
        for (name, versions) in &self.published.versions {
            for version in versions.keys() {
                let path = format!("api/prompts/{name}/versions/{version}.json");
                assert!(dist.join(&path).is_file(), "{path} is lost");
            }
        }
    }
}

fn read(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

/// Reads a file that its digest names.
fn snapshot(dist: &Path, digest: &str) -> Value {
    let digest = digest.trim_start_matches("sha256:");
    let path = dist.join(format!("api/snapshots/{digest}.json"));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let own = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(own, digest);
    serde_json::from_slice(&bytes).unwrap()
}

/// Reads what an environment serves, from its newest release.
fn pointers(dist: &Path, environment: &str) -> BTreeMap<String, Pointer> {
    let release = read(&dist.join(format!("api/environments/{environment}.json")));
    let snapshot = snapshot(dist, release["snapshot"]["digest"].as_str().unwrap());
    let mut entries: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for entry in snapshot["entries"].as_array().unwrap() {
        entries.entry(entry["name"].as_str().unwrap().to_owned()).or_default().push(entry);
    }
    let pointer = |entries: Vec<&Value>| Pointer::of_entries(&entries).unwrap();
    entries.into_iter().map(|(name, entries)| (name, pointer(entries))).collect()
}

/// Reads the documents of all versions.
fn documents(dist: &Path) -> BTreeMap<(String, Number), Vec<u8>> {
    let root: PathBuf = dist.join("api/prompts");
    let found = files(&root).into_iter().filter_map(|(path, bytes)| {
        let (name, file) = path.split_once("/versions/")?;
        Some(((name.to_owned(), Number::parse(file.strip_suffix(".json")?)?), bytes))
    });
    found.collect()
}

/// Returns the prompts that a build held back, which it and the newest release of the catalog have to agree on.
fn held(outcome: &Outcome, dist: &Path) -> BTreeSet<String> {
    let names = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().into_iter().flatten();
        list.map(|held| held["name"].as_str().unwrap().to_owned()).collect()
    };
    let summary = outcome.stdout.lines().last().unwrap();
    let summary: Value = serde_json::from_str(summary).unwrap();
    let told = names(&summary["summary"]["held_back"]);
    let release = read(&dist.join("api/environments/catalog.json"));
    assert_eq!(told, names(&release["held_back"]), "the output, and the release of the catalog");
    assert_eq!(told.is_empty(), outcome.code == 0);
    told
}

fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right));
    let differing = left.iter().find(|(path, bytes)| right[*path] != **bytes);
    assert_eq!(differing.map(|(path, _)| path), None);
}

/// Writes a time as RFC 3339.
pub(crate) fn time_text(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}
