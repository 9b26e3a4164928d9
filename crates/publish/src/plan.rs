//! The order in which the files of a registry are written.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::{FileClass, RegistryPath};

/// A phase of writing. Phases run one after the other, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// New files that never change: version documents, snapshots, packs, blobs, parts of the site. No file
    /// that readers know names them yet.
    Create,
    /// New releases. They name snapshots and the previous release.
    Releases,
    /// Replacements of files that otherwise never change: redactions, which name the documents that they
    /// replace, and files that were damaged. They are replaced when the plan has to be completed, so that one
    /// that is dropped leaves them as they were.
    Replacements,
    /// Derived files, which can be rebuilt from the others and may name new files.
    Derived,
    /// The catalog. It names derived files: search shards and months of the history.
    Catalog,
    /// Pointers. From here on, readers find the new releases.
    Pointers,
    /// Removals of files that no other file names any more.
    Removals,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Releases,
        Self::Replacements,
        Self::Derived,
        Self::Catalog,
        Self::Pointers,
        Self::Removals,
    ];

    /// Returns the phase of a file that is written, unless it is a replacement.
    fn of(path: &RegistryPath) -> Self {
        match (path, path.class()) {
            (RegistryPath::Release(..), _) => Self::Releases,
            (RegistryPath::Catalog, _) => Self::Catalog,
            (_, FileClass::Immutable) => Self::Create,
            (_, FileClass::Derived) => Self::Derived,
            (_, FileClass::Pointer) => Self::Pointers,
        }
    }
}

/// The changes of a registry, in order. If a plan is interrupted at any point, every file that
/// readers can find names only existing files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files of all phases except the pointers. Phases without files are absent.
    files: BTreeMap<Phase, BTreeSet<RegistryPath>>,
    /// The pointers in the order in which they were planned, because only the caller knows the
    /// order of environments.
    pointers: Vec<RegistryPath>,
}

impl Plan {
    /// Plans to write a file.
    pub fn write(&mut self, path: RegistryPath) {
        match Phase::of(&path) {
            Phase::Pointers if self.pointers.contains(&path) => {}
            Phase::Pointers => self.pointers.push(path),
            phase => self.insert(phase, path),
        }
    }

    /// Plans to replace a file that is there and otherwise never changes.
    pub fn replace(&mut self, path: RegistryPath) {
        self.insert(Phase::Replacements, path);
    }

    /// Plans to remove a file.
    pub fn remove(&mut self, path: RegistryPath) {
        self.insert(Phase::Removals, path);
    }

    fn insert(&mut self, phase: Phase, path: RegistryPath) {
        self.files.entry(phase).or_default().insert(path);
    }

    /// Whether the plan has no changes.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.pointers.is_empty()
    }

    /// Whether the plan writes the catalog.
    pub fn has_catalog(&self) -> bool {
        self.files.contains_key(&Phase::Catalog)
    }

    /// Returns the files of a phase, in order.
    pub fn paths(&self, phase: Phase) -> impl Iterator<Item = &RegistryPath> {
        let pointers = self.pointers.iter().filter(move |_| phase == Phase::Pointers);
        self.files.get(&phase).into_iter().flatten().chain(pointers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

    /// One path of every kind, in the order of a plan, with its phase.
    fn table() -> Vec<(Phase, RegistryPath)> {
        let (snapshot, blob) =
            (format!("api/snapshots/{DIGEST}.json"), format!("api/blobs/{DIGEST}"));
        [
            (Phase::Create, "api/prompts/support/refund/versions/1.0.0.json"),
            (Phase::Create, "api/environments/production/releases/1-100.json"),
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
        .map(|(phase, path)| (phase, RegistryPath::parse(path).unwrap()))
        .into()
    }

    /// Returns the number of the kind of a path. A new kind does not compile until it is added here
    /// and to the table.
    fn kind(path: &RegistryPath) -> usize {
        match path {
            RegistryPath::Registry => 0,
            RegistryPath::Policy => 1,
            RegistryPath::Catalog => 2,
            RegistryPath::Schema(_) => 3,
            RegistryPath::Version(..) => 4,
            RegistryPath::Versions(_) => 5,
            RegistryPath::Latest(..) => 6,
            RegistryPath::LatestTrack(..) => 7,
            RegistryPath::Cases(..) => 8,
            RegistryPath::History(_) => 9,
            RegistryPath::HistoryMonth(..) => 10,
            RegistryPath::Pointer(_) => 11,
            RegistryPath::Release(..) => 12,
            RegistryPath::Bundle(..) => 13,
            RegistryPath::Search(_) => 14,
            RegistryPath::Snapshot(_) => 15,
            RegistryPath::Blob(_) => 16,
            RegistryPath::Page(_) => 17,
            RegistryPath::Asset(_) => 18,
            RegistryPath::ReleasePack(..) => 19,
        }
    }

    /// The files of a plan with their phases, in order.
    fn steps(plan: &Plan) -> Vec<(Phase, RegistryPath)> {
        let of = |phase: Phase| plan.paths(phase).map(move |path| (phase, path.clone()));
        Phase::ALL.into_iter().flat_map(of).collect()
    }

    fn plan(paths: impl IntoIterator<Item = RegistryPath>) -> Plan {
        let mut plan = Plan::default();
        paths.into_iter().for_each(|path| plan.write(path));
        plan
    }

    #[test]
    fn every_kind_of_file_has_its_phase() {
        let table = table();
        let kinds: BTreeSet<usize> = table.iter().map(|(_, path)| kind(path)).collect();
        assert!(kinds.into_iter().eq(0..20));
        assert_eq!(steps(&plan(table.iter().map(|(_, path)| path.clone()))), table);
    }

    #[test]
    fn replacements_and_removals_are_what_they_are_whatever_the_kind() {
        for (_, path) in table() {
            let mut plan = Plan::default();
            plan.remove(path.clone());
            assert_eq!(steps(&plan), [(Phase::Removals, path)]);
        }
        let version = RegistryPath::parse("api/prompts/refund/versions/1.0.0.json").unwrap();
        let mut plan = plan([version.clone()]);
        plan.replace(version.clone());
        assert_eq!(
            steps(&plan),
            [(Phase::Create, version.clone()), (Phase::Replacements, version)]
        );
    }

    #[test]
    fn pointers_keep_their_order() {
        let pointers = ["catalog", "staging", "production", "beta"]
            .map(|chain| RegistryPath::parse(&format!("api/environments/{chain}.json")).unwrap());
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

    /// Whether the contents of a file name another file that a reader would fetch. Files of the
    /// first phase may name one another too, but no reader finds them before a later file names
    /// them.
    fn names(from: &RegistryPath, to: &RegistryPath) -> bool {
        let is_document = matches!(
            to,
            RegistryPath::Version(..) | RegistryPath::Snapshot(_) | RegistryPath::Blob(_)
        );
        match from {
            RegistryPath::Release(chain, sequence) => match to {
                RegistryPath::Release(other, before) => chain == other && before < sequence,
                RegistryPath::ReleasePack(other, _) => chain == other,
                _ => matches!(to, RegistryPath::Snapshot(_)),
            },
            RegistryPath::Pointer(chain) => match to {
                RegistryPath::Release(other, _) | RegistryPath::ReleasePack(other, _) => {
                    chain == other
                }
                RegistryPath::Bundle(..) => true,
                _ => is_document,
            },
            RegistryPath::Bundle(..) => is_document || matches!(to, RegistryPath::Release(..)),
            RegistryPath::Latest(..)
            | RegistryPath::LatestTrack(..)
            | RegistryPath::Versions(_)
            | RegistryPath::Cases(..)
            | RegistryPath::Search(_) => is_document,
            RegistryPath::History(_) | RegistryPath::HistoryMonth(..) => {
                is_document || matches!(to, RegistryPath::Release(..))
            }
            RegistryPath::Catalog => {
                is_document
                    || matches!(
                        to,
                        RegistryPath::Release(..)
                            | RegistryPath::Search(_)
                            | RegistryPath::HistoryMonth(..)
                    )
            }
            RegistryPath::Page(_) => matches!(to, RegistryPath::Asset(_)),
            RegistryPath::Registry
            | RegistryPath::Policy
            | RegistryPath::Schema(_)
            | RegistryPath::Version(..)
            | RegistryPath::ReleasePack(..)
            | RegistryPath::Snapshot(_)
            | RegistryPath::Blob(_)
            | RegistryPath::Asset(_) => false,
        }
    }

    /// A planned operation on a path: to write, replace or remove it.
    type Planned = (RegistryPath, fn(&mut Plan, RegistryPath));

    /// Operations of all kinds, in any order, some of them repeated.
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
        let more = more.map(|path| RegistryPath::parse(path).unwrap());
        let mut planned: Vec<Planned> =
            paths.chain(more).map(|path| (path, Plan::write as _)).collect();
        for (path, plan) in [
            ("api/prompts/leak/versions/1.0.0.json", Plan::replace as fn(&mut Plan, RegistryPath)),
            ("api/prompts/leak/latest/production.json", Plan::remove),
            ("api/search/62.json", Plan::remove),
        ] {
            planned.push((RegistryPath::parse(path).unwrap(), plan));
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
                    // Files that named a removed file were rewritten without it.
                    let is_removed = *later_phase == Phase::Removals;
                    prop_assert!(is_removed || !names(path, later), "{path} before {later}");
                }
            }
            // Only the order of the pointers depends on the caller.
            let mut reversed = Plan::default();
            for (path, change) in changes.iter().rev() {
                change(&mut reversed, path.clone());
            }
            reversed.pointers.reverse();
            prop_assert_eq!(reversed, plan);
        }
    }
}
