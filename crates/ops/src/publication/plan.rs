//! What a publication will write, before it does.

use promptdex_publish::{Phase, Plan};
use promptdex_wire::event::Change;
use promptdex_wire::{Chain, RegistryPath, Release, json};

use crate::error::Result;
use crate::target::Staging;

/// What a publication will write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicationPlan {
    /// The new releases, the catalog's first.
    pub releases: Vec<PlannedRelease>,
    /// The files, by the phases in which they are written. Phases without files are absent.
    pub phases: Vec<PlannedPhase>,
}

/// A new release of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRelease {
    /// The chain.
    pub chain: Chain,
    /// Its number.
    pub sequence: u64,
    /// The changes that it lists itself.
    pub changes: Vec<Change>,
    /// The number of changes that it has.
    pub change_count: u64,
}

/// The files of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedPhase {
    /// The phase.
    pub phase: Phase,
    /// Its files.
    pub files: PlannedFiles,
}

/// A number of files and their size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlannedFiles {
    /// The number of files.
    pub count: usize,
    /// Their size in bytes. Files that are removed have none.
    pub bytes: u64,
}

impl PublicationPlan {
    /// Collects the plan of a finished build.
    pub(super) fn of(staging: &Staging, releases: &[(Chain, u64)]) -> Result<Self> {
        let plan = staging.plan()?;
        let mut phases = Vec::new();
        for phase in Phase::ALL {
            let files = count(&plan, phase, staging)?;
            if files.count > 0 {
                phases.push(PlannedPhase { phase, files });
            }
        }
        let releases = releases
            .iter()
            .map(|(chain, sequence)| release(staging, chain, *sequence))
            .collect::<Result<_>>()?;
        Ok(Self { releases, phases })
    }

    /// Whether nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.phases.is_empty()
    }

    /// Returns the files that are written, of all phases together.
    pub fn written(&self) -> PlannedFiles {
        let written = self.phases.iter().filter(|planned| planned.phase != Phase::Removals);
        written.fold(PlannedFiles::default(), |sum, planned| PlannedFiles {
            count: sum.count + planned.files.count,
            bytes: sum.bytes + planned.files.bytes,
        })
    }

    /// Returns the number of files that are removed.
    pub fn removed(&self) -> usize {
        let removals = self.phases.iter().find(|planned| planned.phase == Phase::Removals);
        removals.map_or(0, |planned| planned.files.count)
    }
}

fn count(plan: &Plan, phase: Phase, staging: &Staging) -> Result<PlannedFiles> {
    let mut files = PlannedFiles::default();
    for path in plan.paths(phase) {
        files.count += 1;
        if phase != Phase::Removals {
            files.bytes += staging.size(path)?;
        }
    }
    Ok(files)
}

fn release(staging: &Staging, chain: &Chain, sequence: u64) -> Result<PlannedRelease> {
    let bytes = staging.read(&RegistryPath::Release(chain.clone(), sequence))?;
    let release = bytes.and_then(|bytes| json::read::<Release>(&bytes).ok());
    let (changes, file) =
        release.map_or((None, None), |release| (release.changes, release.changes_file));
    let changes = changes.unwrap_or_default();
    let change_count = file.map_or(changes.len() as u64, |file| file.count);
    Ok(PlannedRelease { chain: chain.clone(), sequence, changes, change_count })
}
