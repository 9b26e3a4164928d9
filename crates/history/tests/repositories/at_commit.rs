//! A tree as of a commit, and what its history tells.

use std::collections::BTreeSet;

use promptdex_core::history::TreeHistory;
use promptdex_core::read::{open, read_front_matter_version, read_settings};
use promptdex_core::tree::{Contents, Listing, REGISTRY_FILE, TreeEntry, survey};
use promptdex_history::replay::{FirstCommits, HeldSince, ReleasedCommits, read};
use promptdex_history::{Git, ObjectReader, Oid, in_place_versions};
use promptdex_wire::{Chain, PromptName};

/// A tree as of a commit, and what Git says of it.
pub(crate) struct AtCommit {
    pub(crate) contents: Contents,
    pub(crate) history: TreeHistory,
}

impl AtCommit {
    /// Reads a tree as of a commit.
    pub(crate) fn read(git: &Git, revision: &str) -> Self {
        let commit = git.commit(revision).unwrap();
        let files = git.list(commit, revision, &[]).unwrap();
        let ids: Vec<Oid> = files.iter().map(|(_, file)| file.oid).collect();
        let bytes = ObjectReader::open(git).unwrap().read(&ids).unwrap();
        let listing: Listing = files
            .iter()
            .map(|(path, file)| (path.clone(), file.size.map_or(TreeEntry::Other, TreeEntry::file)))
            .collect();
        let contents: Contents = files.iter().map(|(path, _)| path.clone()).zip(bytes).collect();
        let registry = contents
            .get(REGISTRY_FILE)
            .and_then(|bytes| open(REGISTRY_FILE, bytes, &mut Vec::new()));
        let (settings, _) = read_settings(registry.as_ref(), None);
        let mut survey = survey(&listing);
        let places: Vec<_> = survey
            .may_be_in_place()
            .into_iter()
            .filter(|(path, _)| {
                let source = open(path, &contents[path], &mut Vec::new());
                source.as_ref().and_then(read_front_matter_version).is_some()
            })
            .collect();
        let mut first_commits = FirstCommits::new();
        for (file, versions) in in_place_versions::read(git, commit, &places).unwrap() {
            let name = file.trim_end_matches("/prompt.yaml").trim_end_matches(".md");
            let commits = versions.iter().map(|(version, of)| (version.clone(), of.commit));
            first_commits.insert(name.parse().unwrap(), (file.clone(), commits.collect()));
        }
        let prompts: BTreeSet<PromptName> = std::mem::take(&mut survey.prompts)
            .into_keys()
            .chain(first_commits.keys().cloned())
            .collect();
        let is_known = |name: &PromptName| prompts.contains(name);
        let history = read(
            git,
            commit,
            &settings,
            &is_known,
            &first_commits,
            &ReleasedCommits::new(),
            &HeldSince::new(),
        )
        .unwrap();
        Self { contents, history }
    }

    /// Writes every event on a line.
    pub(crate) fn events(&self) -> String {
        let mut lines = Vec::new();
        for (name, history) in &self.history.prompts {
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
