//! An incremental build into the registry that it continues. Changes are staged and planned until
//! the whole tree has been checked. Then the plan is carried out.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use promptdex_publish::{Plan, RegistryFolder};
use promptdex_wire::{FileClass, Page, PromptName, RegistryPath};

use super::ownership::is_own_page;
use crate::error::{Context as _, Result, TargetError};
use crate::published::files::{chains, list_files, read};

/// The staged changes of an output folder.
#[derive(Debug)]
pub struct IncrementalOutput {
    registry: RegistryFolder,
    changes: Mutex<PendingChanges>,
}

/// The changes to carry out.
#[derive(Debug, Default)]
struct PendingChanges {
    plan: Plan,
    /// The current bundles and search shards, and the snapshots that were written, whether changed or not.
    current: BTreeSet<RegistryPath>,
    /// Files to remove unless they are current.
    obsolete: BTreeSet<RegistryPath>,
}

impl IncrementalOutput {
    pub(super) fn start(target: PathBuf, locked: Option<File>) -> Result<Self> {
        let registry = RegistryFolder::open(target, locked)?;
        Ok(Self { registry, changes: Mutex::default() })
    }

    /// Returns the folder of the registry.
    pub(super) fn folder(&self) -> &Path {
        self.registry.folder()
    }

    pub(super) fn has_recovered(&self) -> bool {
        self.registry.has_recovered()
    }

    fn changes(&self) -> MutexGuard<'_, PendingChanges> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, path: &RegistryPath) -> PathBuf {
        self.registry.file(path)
    }

    pub(super) fn keep(&self, path: RegistryPath) {
        self.changes().current.insert(path);
    }

    /// Stages a file, unless the output has the same bytes already.
    pub(super) fn write(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        if matches!(
            path,
            RegistryPath::Bundle(..) | RegistryPath::Search(_) | RegistryPath::Snapshot(_)
        ) {
            self.keep(path.clone());
        }
        let there = read(&self.file(path))?;
        match &there {
            Some(there) if there == bytes => return Ok(()),
            Some(there) if matches!(path, RegistryPath::Page(_)) && !is_own_page(there) => {
                return Err(TargetError::ForeignPage { page: self.file(path) }.into());
            }
            _ => {}
        }
        if there.is_some() && path.class() == FileClass::Immutable {
            return self.replace(path, bytes);
        }
        self.registry.stage(path, bytes)?;
        self.changes().plan.write(path.clone());
        Ok(())
    }

    /// Stages the replacement of a file that otherwise never changes: a redaction, or what a damaged file should have.
    pub(super) fn replace(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        self.registry.stage(path, bytes)?;
        self.changes().plan.replace(path.clone());
        Ok(())
    }

    pub(super) fn remove(&self, path: RegistryPath) {
        self.changes().obsolete.insert(path);
    }

    /// Removes the latest documents and cases of a prompt that the build did not write.
    pub(super) fn tidy<'p>(
        &self,
        prompt: &PromptName,
        written: impl IntoIterator<Item = &'p RegistryPath>,
    ) -> Result<()> {
        let written: BTreeSet<&RegistryPath> = written.into_iter().collect();
        let folder = format!("api/prompts/{prompt}");
        for part in ["latest", "cases"] {
            for path in self.list_published(&format!("{folder}/{part}"))? {
                if !written.contains(&path) {
                    self.changes().plan.remove(path);
                }
            }
        }
        Ok(())
    }

    pub(super) fn has_changes(&self) -> bool {
        let changes = self.changes();
        !changes.plan.is_empty() || !changes.obsolete.is_empty()
    }

    pub(super) fn remove_site(&self) -> Result<()> {
        for root in Page::ROOTS {
            let path = RegistryPath::parse(root).into_iter();
            let there = path.filter(|path| self.file(path).is_file());
            for path in there.chain(self.list_published(root)?) {
                let is_own = match &path {
                    RegistryPath::Page(_) => {
                        read(&self.file(&path))?.is_some_and(|there| is_own_page(&there))
                    }
                    _ => true,
                };
                if is_own {
                    self.changes().plan.remove(path);
                }
            }
        }
        Ok(())
    }

    /// Lists the published files in a folder.
    fn list_published(&self, folder: &str) -> Result<Vec<RegistryPath>> {
        self.registry.check_links(folder).with_context(|| format!("cannot list `{folder}`"))?;
        list_files(self.registry.folder(), folder)
    }

    pub(super) fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        match read(&self.registry.staged_path(path))? {
            Some(bytes) => Ok(Some(bytes)),
            None => read(&self.file(path)),
        }
    }

    pub(super) fn staged_path(&self, path: &RegistryPath) -> PathBuf {
        self.registry.staged_path(path)
    }

    /// Returns all changes as a plan: those that were staged, and the removal of what is obsolete.
    pub(super) fn plan(&self) -> Result<Plan> {
        let (mut plan, current) = {
            let changes = self.changes();
            let mut plan = changes.plan.clone();
            let obsolete = changes.obsolete.iter().filter(|path| !changes.current.contains(*path));
            obsolete.for_each(|path| plan.remove(path.clone()));
            (plan, changes.current.clone())
        };
        let chains = chains(self.registry.folder())?.into_iter();
        let folders = chains.map(|chain| format!("api/environments/{chain}/bundles"));
        for folder in folders.chain(["api/search".to_owned()]) {
            let there = self.list_published(&folder)?.into_iter();
            there.filter(|path| !current.contains(path)).for_each(|path| plan.remove(path));
        }
        // Rewrite the catalog too: caches detect a change of the output by the identity of this
        // file.
        if !plan.is_empty() && !plan.has_catalog() {
            let summary = read(&self.file(&RegistryPath::Catalog))?.unwrap_or_default();
            self.registry.stage(&RegistryPath::Catalog, &summary)?;
            plan.write(RegistryPath::Catalog);
        }
        Ok(plan)
    }

    pub(super) fn commit(self) -> Result<()> {
        let plan = self.plan()?;
        Ok(self.registry.apply(&plan)?)
    }
}
