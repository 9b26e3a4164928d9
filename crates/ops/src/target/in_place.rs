//! A build into the very registry that it continues. What changes waits in `.promptdex/staged/` of
//! the output until the whole tree has been checked; then the journal is run.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use promptdex_publish::{Folders, Journal, UNDER_WAY, files, inside, is_there};
use promptdex_wire::{Class, Page, Path as Published, PromptName};

use super::ownership::is_own_page;
use crate::error::{Context as _, Result, TargetError};
use crate::published::files::{chains, listed, read};

/// What changes in an output folder.
#[derive(Debug)]
pub struct InPlace {
    target: PathBuf,
    folders: Folders,
    changes: Mutex<Changes>,
    has_recovered: bool,
    /// Held until the build ends.
    _locked: Option<File>,
}

/// What there is to do.
#[derive(Debug, Default)]
struct Changes {
    write: BTreeSet<Published>,
    /// In the order in which they were written: the catalog's first, then along the promotion path.
    pointers: Vec<Published>,
    redact: BTreeSet<Published>,
    remove: BTreeSet<Published>,
    /// The bundles and the shards of the search there are, changed or not.
    current: BTreeSet<Published>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.write.is_empty()
            && self.pointers.is_empty()
            && self.redact.is_empty()
            && self.remove.is_empty()
    }
}

impl InPlace {
    pub(super) fn start(target: PathBuf, locked: Option<File>) -> Result<Self> {
        let has_recovered = Journal::recover(&target)?;
        let (folders, changes) = (Folders::default(), Mutex::default());
        Ok(Self { target, folders, changes, has_recovered, _locked: locked })
    }

    pub(super) fn has_recovered(&self) -> bool {
        self.has_recovered
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, path: &Published) -> PathBuf {
        self.target.join(path.to_string())
    }

    fn staged(&self, path: &Published) -> PathBuf {
        self.target.join(UNDER_WAY).join("staged").join(path.to_string())
    }

    pub(super) fn keep(&self, path: Published) {
        self.changes().current.insert(path);
    }

    /// Stages a file, unless it is there with these bytes.
    pub(super) fn write(&self, path: &Published, bytes: &[u8]) -> Result<()> {
        if matches!(path, Published::Bundle(..) | Published::Search(_)) {
            self.keep(path.clone());
        }
        match read(&self.file(path))? {
            Some(there) if there == bytes => return Ok(()),
            Some(there) if matches!(path, Published::Page(_)) && !is_own_page(&there) => {
                return Err(TargetError::ForeignPage { page: self.file(path) }.into());
            }
            _ => {}
        }
        self.folders.write(&self.staged(path), bytes)?;
        let mut changes = self.changes();
        if matches!(path, Published::Pointer(_)) {
            changes.pointers.push(path.clone());
        } else {
            changes.write.insert(path.clone());
        }
        Ok(())
    }

    pub(super) fn redact(&self, path: &Published, bytes: &[u8]) -> Result<()> {
        self.folders.write(&self.staged(path), bytes)?;
        self.changes().redact.insert(path.clone());
        Ok(())
    }

    pub(super) fn remove(&self, path: Published) {
        self.changes().remove.insert(path);
    }

    /// Removes the latest documents and cases of a prompt that are not among its files.
    pub(super) fn tidy<'p>(
        &self,
        prompt: &PromptName,
        written: impl IntoIterator<Item = &'p Published>,
    ) -> Result<()> {
        let written: BTreeSet<&Published> = written.into_iter().collect();
        let folder = format!("api/prompts/{prompt}");
        for part in ["latest", "cases"] {
            for path in self.listed(&format!("{folder}/{part}"))? {
                if !written.contains(&path) {
                    self.changes().remove.insert(path);
                }
            }
        }
        Ok(())
    }

    pub(super) fn has_changes(&self) -> bool {
        !self.changes().is_empty()
    }

    pub(super) fn remove_site(&self) -> Result<()> {
        for root in Page::ROOTS {
            let path = Published::parse(root).into_iter();
            let there = path.filter(|path| self.file(path).is_file());
            for path in there.chain(self.listed(root)?) {
                let is_own = match &path {
                    Published::Page(_) => {
                        read(&self.file(&path))?.is_some_and(|there| is_own_page(&there))
                    }
                    _ => true,
                };
                if is_own {
                    self.changes().remove.insert(path);
                }
            }
        }
        Ok(())
    }

    /// Lists the published files below a folder.
    fn listed(&self, folder: &str) -> Result<Vec<Published>> {
        inside(&self.target, &format!("{folder}/-"))
            .with_context(|| format!("cannot list `{folder}`"))?;
        listed(&self.target, folder)
    }

    pub(super) fn read(&self, path: &Published) -> Result<Option<Vec<u8>>> {
        match read(&self.staged(path))? {
            Some(bytes) => Ok(Some(bytes)),
            None => read(&self.file(path)),
        }
    }

    pub(super) fn commit(self) -> Result<()> {
        let mut changes = std::mem::take(&mut *self.changes());
        let chains = chains(&self.target)?.into_iter();
        let folders = chains.map(|chain| format!("api/environments/{chain}/bundles"));
        for folder in folders.chain(["api/search".to_owned()]) {
            let there = self.listed(&folder)?.into_iter();
            changes.remove.extend(there.filter(|path| !changes.current.contains(path)));
        }
        // Whoever remembers the output sees by its summary that it is another one.
        if !changes.is_empty() && !changes.write.contains(&Published::Catalog) {
            let summary = read(&self.file(&Published::Catalog))?.unwrap_or_default();
            self.folders.write(&self.staged(&Published::Catalog), &summary)?;
            changes.write.insert(Published::Catalog);
        }
        let order = |path: &Published| match path {
            Published::Release(..) => 1,
            path if path.class() == Class::Immutable => 0,
            // The catalog names the shards.
            Published::Catalog => 3,
            _ => 2,
        };
        let mut written: Vec<Published> = changes.write.into_iter().collect();
        written.sort_by_key(order);
        let (create, derived): (Vec<_>, Vec<_>) =
            written.into_iter().partition(|path| path.class() == Class::Immutable);
        let replace = changes.redact.into_iter().chain(derived).chain(changes.pointers);
        let replace: Vec<Published> = replace.collect();
        let remove: Vec<Published> = changes.remove.into_iter().collect();
        let journal = Journal::new(&create, &replace, &remove);
        Ok(journal.run(&self.target)?)
    }
}

impl Drop for InPlace {
    /// Removes what is staged, unless a journal still needs it. What stays is in nobody's way: the
    /// next build begins with it.
    fn drop(&mut self) {
        let folder = self.target.join(UNDER_WAY);
        if folder.exists() && !is_there(&self.target) {
            drop(files::remove_folder(&folder));
        }
    }
}
