//! The order in which the files of a registry are written.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::{Class, Path};

/// When a file is written. The phases come one after the other, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// New files that never change: version documents, snapshots, blobs, parts of the site. Nothing that
    /// readers know names them yet.
    Create,
    /// New releases. They name snapshots, and the release before them.
    Releases,
    /// Redactions, which take the place of version documents and name them.
    Redactions,
    /// Files that can be made again from the others, and that name new files.
    Derived,
    /// The catalog. It names derived files: the shards of the search, the months of the history.
    Catalog,
    /// Pointers: from now on readers find the releases.
    Pointers,
    /// Removals of files that nothing names any more.
    Removals,
}

impl Phase {
    /// All phases, the first one first.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Releases,
        Self::Redactions,
        Self::Derived,
        Self::Catalog,
        Self::Pointers,
        Self::Removals,
    ];

    /// Returns when a file is written that is no redaction.
    fn of(path: &Path) -> Self {
        match (path, path.class()) {
            (Path::Release(..), _) => Self::Releases,
            (Path::Catalog, _) => Self::Catalog,
            (_, Class::Immutable) => Self::Create,
            (_, Class::Derived) => Self::Derived,
            (_, Class::Pointer) => Self::Pointers,
        }
    }
}

/// What changes in a registry, and in which order. Whenever it is stopped, every file that readers can find
/// names only files that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files of all phases but the pointers; a phase without files is not there.
    files: BTreeMap<Phase, BTreeSet<Path>>,
    /// In the order in which they were planned: only the caller knows which environment comes first.
    pointers: Vec<Path>,
}

impl Plan {
    /// Plans to write a file.
    pub fn write(&mut self, path: Path) {
        match Phase::of(&path) {
            Phase::Pointers if self.pointers.contains(&path) => {}
            Phase::Pointers => self.pointers.push(path),
            phase => self.insert(phase, path),
        }
    }

    /// Plans to put a redaction in the place of a version document.
    pub fn redact(&mut self, path: Path) {
        self.insert(Phase::Redactions, path);
    }

    /// Plans to remove a file.
    pub fn remove(&mut self, path: Path) {
        self.insert(Phase::Removals, path);
    }

    fn insert(&mut self, phase: Phase, path: Path) {
        self.files.entry(phase).or_default().insert(path);
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.pointers.is_empty()
    }

    /// Whether the catalog is written.
    pub fn has_catalog(&self) -> bool {
        self.files.contains_key(&Phase::Catalog)
    }

    /// Returns the files of a phase, in order.
    pub fn paths(&self, phase: Phase) -> impl Iterator<Item = &Path> {
        let pointers = self.pointers.iter().filter(move |_| phase == Phase::Pointers);
        self.files.get(&phase).into_iter().flatten().chain(pointers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

    /// One path of every kind, in the order in which a plan has them, with the phase that each is in.
    fn table() -> Vec<(Phase, Path)> {
        let (snapshot, blob) =
            (format!("api/snapshots/{DIGEST}.json"), format!("api/blobs/{DIGEST}"));
        [
            (Phase::Create, "api/prompts/support/refund/versions/1.0.0.json"),
            (Phase::Create, &snapshot),
            (Phase::Create, &blob),
            (Phase::Create, "assets/app-0123456789abcdef.js"),
            (Phase::Releases, "api/environments/catalog/releases/7.json"),
            (Phase::Releases, "api/environments/production/releases/41.json"),
            (Phase::Derived, "api/registry.json"),
            (Phase::Derived, "api/policy.json"),
            (Phase::Derived, "api/schemas/release.schema.json"),
            (Phase::Derived, "api/prompts/support/refund/versions.json"),
            (Phase::Derived, "api/prompts/support/refund/latest/production.json"),
            (Phase::Derived, "api/prompts/support/refund/latest/production/1.json"),
            (Phase::Derived, "api/prompts/support/refund/cases/1.0.0.json"),
            (Phase::Derived, "api/prompts/support/refund/history.json"),
            (Phase::Derived, "api/history/2026-03.json"),
            (Phase::Derived, "api/environments/production/bundles/all.json"),
            (Phase::Derived, "api/search/start.json"),
            (Phase::Derived, "index.html"),
            (Phase::Catalog, "api/catalog.json"),
            (Phase::Pointers, "api/environments/catalog.json"),
            (Phase::Pointers, "api/environments/production.json"),
        ]
        .map(|(phase, path)| (phase, Path::parse(path).unwrap()))
        .into()
    }

    /// The kinds of paths, numbered. A new kind does not compile before it is here, and in the table.
    fn kind(path: &Path) -> usize {
        match path {
            Path::Registry => 0,
            Path::Policy => 1,
            Path::Catalog => 2,
            Path::Schema(_) => 3,
            Path::Version(..) => 4,
            Path::Versions(_) => 5,
            Path::Latest(..) => 6,
            Path::LatestTrack(..) => 7,
            Path::Cases(..) => 8,
            Path::History(_) => 9,
            Path::HistoryMonth(..) => 10,
            Path::Pointer(_) => 11,
            Path::Release(..) => 12,
            Path::Bundle(..) => 13,
            Path::Search(_) => 14,
            Path::Snapshot(_) => 15,
            Path::Blob(_) => 16,
            Path::Page(_) => 17,
            Path::Asset(_) => 18,
        }
    }

    /// The files of a plan with their phases, in order.
    fn steps(plan: &Plan) -> Vec<(Phase, Path)> {
        let of = |phase: Phase| plan.paths(phase).map(move |path| (phase, path.clone()));
        Phase::ALL.into_iter().flat_map(of).collect()
    }

    fn plan(paths: impl IntoIterator<Item = Path>) -> Plan {
        let mut plan = Plan::default();
        paths.into_iter().for_each(|path| plan.write(path));
        plan
    }

    #[test]
    fn every_kind_of_file_has_its_phase() {
        let table = table();
        let kinds: BTreeSet<usize> = table.iter().map(|(_, path)| kind(path)).collect();
        assert!(kinds.into_iter().eq(0..19));
        assert_eq!(steps(&plan(table.iter().map(|(_, path)| path.clone()))), table);
    }

    #[test]
    fn redactions_and_removals_are_what_they_are_whatever_the_kind() {
        for (_, path) in table() {
            let mut plan = Plan::default();
            plan.remove(path.clone());
            assert_eq!(steps(&plan), [(Phase::Removals, path)]);
        }
        let version = Path::parse("api/prompts/refund/versions/1.0.0.json").unwrap();
        let mut plan = plan([version.clone()]);
        plan.redact(version.clone());
        assert_eq!(steps(&plan), [(Phase::Create, version.clone()), (Phase::Redactions, version)]);
    }

    #[test]
    fn pointers_keep_their_order() {
        let pointers = ["catalog", "staging", "production", "beta"]
            .map(|chain| Path::parse(&format!("api/environments/{chain}.json")).unwrap());
        let again = [pointers[1].clone()];
        let steps = steps(&plan(pointers.iter().cloned().chain(again)));
        assert_eq!(steps, pointers.map(|pointer| (Phase::Pointers, pointer)));
    }

    #[test]
    fn what_changes_nothing_is_empty() {
        assert!(Plan::default().is_empty());
        for (phase, path) in table() {
            let plan = plan([path]);
            assert!(!plan.is_empty());
            assert_eq!(plan.has_catalog(), phase == Phase::Catalog);
        }
    }

    /// Whether a file, in its bytes, names another one that a reader then asks for. Files that are only
    /// created name one another as well: no reader comes to them before something else names them.
    fn names(from: &Path, to: &Path) -> bool {
        let is_document = matches!(to, Path::Version(..) | Path::Snapshot(_) | Path::Blob(_));
        match from {
            Path::Release(chain, sequence) => match to {
                Path::Release(other, before) => chain == other && before < sequence,
                _ => matches!(to, Path::Snapshot(_)),
            },
            Path::Pointer(chain) => match to {
                Path::Release(other, _) => chain == other,
                Path::Bundle(..) => true,
                _ => is_document,
            },
            Path::Bundle(..) => is_document || matches!(to, Path::Release(..)),
            Path::Latest(..)
            | Path::LatestTrack(..)
            | Path::Versions(_)
            | Path::Cases(..)
            | Path::Search(_) => is_document,
            Path::History(_) | Path::HistoryMonth(..) => {
                is_document || matches!(to, Path::Release(..))
            }
            Path::Catalog => {
                is_document
                    || matches!(to, Path::Release(..) | Path::Search(_) | Path::HistoryMonth(..))
            }
            Path::Page(_) => matches!(to, Path::Asset(_)),
            Path::Registry
            | Path::Policy
            | Path::Schema(_)
            | Path::Version(..)
            | Path::Snapshot(_)
            | Path::Blob(_)
            | Path::Asset(_) => false,
        }
    }

    /// What somebody plans for a path: to write it, to redact it or to remove it.
    type Planned = (Path, fn(&mut Plan, Path));

    /// Changes of all kinds, some of them several times, in any order.
    fn changes() -> impl Strategy<Value = Vec<Planned>> {
        let paths = table().into_iter().map(|(_, path)| path);
        let more = [
            "api/environments/production/releases/40.json",
            "api/environments/production/releases/9.json",
            "api/environments/beta/releases/3.json",
            "api/environments/beta.json",
            "api/history/2026-03-2.json",
            "api/search/61.json",
            "environments/index.html",
        ];
        let more = more.map(|path| Path::parse(path).unwrap());
        let mut planned: Vec<Planned> =
            paths.chain(more).map(|path| (path, Plan::write as _)).collect();
        for (path, plan) in [
            ("api/prompts/leak/versions/1.0.0.json", Plan::redact as fn(&mut Plan, Path)),
            ("api/prompts/leak/latest/production.json", Plan::remove),
            ("api/search/62.json", Plan::remove),
        ] {
            planned.push((Path::parse(path).unwrap(), plan));
        }
        let count = planned.len();
        proptest::sample::subsequence(planned, 0..=count).prop_shuffle()
    }

    proptest! {
        #[test]
        fn nothing_is_written_before_what_it_names(changes in changes()) {
            let mut plan = Plan::default();
            for (path, change) in &changes {
                change(&mut plan, path.clone());
            }
            let steps = steps(&plan);
            prop_assert_eq!(steps.len(), changes.len());
            for (at, (phase, path)) in steps.iter().enumerate() {
                for (later_phase, later) in &steps[at + 1..] {
                    prop_assert!(phase <= later_phase);
                    // Whatever named a file that is removed has been written without it.
                    let is_removed = *later_phase == Phase::Removals;
                    prop_assert!(is_removed || !names(path, later), "{path} before {later}");
                }
            }
            // Only the order of the pointers is the caller's.
            let mut reversed = Plan::default();
            for (path, change) in changes.iter().rev() {
                change(&mut reversed, path.clone());
            }
            reversed.pointers.reverse();
            prop_assert_eq!(reversed, plan);
        }
    }
}
