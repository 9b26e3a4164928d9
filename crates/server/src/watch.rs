//! Watches a tree for changes. The many events of one save, or of one branch switch, are reported
//! as one change.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use promptdex_core::tree::is_ignored_folder;
use promptdex_ops::error::Context as _;

use crate::error::{Error, Result, WatchLimit};

/// A change is reported once this time has passed without further events.
const QUIET: Duration = Duration::from_millis(100);

/// A change is reported at the latest after this time.
const LONGEST: Duration = Duration::from_secs(1);

/// The number of attempts to watch a folder whose subfolders come and go.
const TRIES: usize = 10;

/// The interval for checking whether a removed tree exists again.
const LOOK: Duration = Duration::from_millis(250);

/// Watches one tree.
pub(crate) struct TreeWatcher {
    root: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    /// Whether the root may have been replaced or removed.
    is_gone: bool,
}

impl TreeWatcher {
    /// Starts watching a tree.
    pub(crate) fn start(root: &Path) -> Result<Self> {
        let root = std::fs::canonicalize(root)
            .with_context(|| format!("cannot find `{}`", root.display()))?;
        let (sender, events) = mpsc::channel();
        // A closed receiver has stopped watching.
        let send = move |event| drop(sender.send(event));
        let watcher =
            notify::recommended_watcher(send).map_err(|error| explain_watch_error(&error))?;
        let mut watch = Self { root, watcher, events, is_gone: false };
        watch.watch_all().map_err(|error| explain_watch_error(&error))?;
        Ok(watch)
    }

    /// Watches the root, and every folder in it recursively. Folders that are not read, such as the
    /// preview, are skipped to save watches.
    fn watch_all(&mut self) -> notify::Result<()> {
        self.watcher.watch(&self.root, RecursiveMode::NonRecursive)?;
        for entry in std::fs::read_dir(&self.root)? {
            self.watch_below(&entry?.path())?;
        }
        Ok(())
    }

    /// Watches a folder in the root.
    fn watch_below(&mut self, path: &Path) -> notify::Result<()> {
        let is_read = path.parent() == Some(&self.root)
            && path.file_name().is_some_and(|name| !is_ignored_folder(&name.to_string_lossy()));
        // A folder that is already removed is watched when it is created again. Links are not
        // followed.
        let is_folder = || std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
        if !is_read || !is_folder() {
            return Ok(());
        }
        for _ in 0..TRIES {
            match self.watcher.watch(path, RecursiveMode::Recursive) {
                // A subfolder was removed in the meantime.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) && is_folder() => {}
                Err(error) if is_folder() => return Err(error),
                _ => break,
            }
        }
        Ok(())
    }

    /// Waits for a change of the tree. Returns `None` once the watcher has stopped. After an error,
    /// changes may be missed.
    pub(crate) fn wait(&mut self) -> Option<Result<()>> {
        if self.is_gone {
            return Some(self.find_again().map_err(|error| explain_watch_error(&error)));
        }
        let mut first: Option<Instant> = None;
        let mut trouble: Option<notify::Error> = None;
        loop {
            let event = match first {
                None => self.events.recv().map_err(|_closed| RecvTimeoutError::Disconnected),
                Some(_) => self.events.recv_timeout(QUIET),
            };
            match event {
                Ok(Ok(event)) => {
                    self.is_gone |= self.is_about_root(&event);
                    if matches!(
                        event.kind,
                        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_))
                    ) {
                        let new = event.paths.iter().try_for_each(|path| self.watch_below(path));
                        trouble = new.err().or(trouble);
                    }
                    if self.matters(&event) {
                        first.get_or_insert_with(Instant::now);
                    }
                }
                Ok(Err(error)) => {
                    trouble.get_or_insert(error);
                    first.get_or_insert_with(Instant::now);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if first.is_some_and(|first| first.elapsed() > LONGEST) {
                break;
            }
        }
        Some(trouble.map_or(Ok(()), |error| Err(explain_watch_error(&error))))
    }

    /// Waits until the tree exists again, and watches it.
    fn find_again(&mut self) -> notify::Result<()> {
        self.is_gone = false;
        loop {
            while !self.root.is_dir() {
                std::thread::sleep(LOOK);
            }
            // The old root may no longer be watched.
            drop(self.watcher.unwatch(&self.root));
            match self.watch_all() {
                Err(_) if !self.root.is_dir() => {}
                result => return result,
            }
        }
    }

    /// Whether the root itself was moved or removed.
    fn is_about_root(&self, event: &Event) -> bool {
        matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
            && event.paths.contains(&self.root)
    }

    /// Whether an event may concern files that the tree reads.
    fn matters(&self, event: &Event) -> bool {
        let has_changed = match event.kind {
            EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
            EventKind::Any
            | EventKind::Create(_)
            | EventKind::Modify(_)
            | EventKind::Remove(_)
            | EventKind::Other => true,
        };
        let is_read = |path: &PathBuf| {
            let below = path.strip_prefix(&self.root).unwrap_or(path);
            // Both files and folders with such names are ignored.
            !below.iter().any(|name| is_ignored_folder(&name.to_string_lossy()))
        };
        event.need_rescan()
            || has_changed && (event.paths.is_empty() || event.paths.iter().any(is_read))
    }
}

/// Returns why a tree cannot be watched.
fn explain_watch_error(error: &notify::Error) -> Error {
    let limit = match &error.kind {
        ErrorKind::MaxFilesWatch => WatchLimit::Folders,
        ErrorKind::Io(error) if error.raw_os_error() == Some(TOO_MANY_FILES) => {
            WatchLimit::Programs
        }
        ErrorKind::Generic(_)
        | ErrorKind::Io(_)
        | ErrorKind::PathNotFound
        | ErrorKind::WatchNotFound
        | ErrorKind::InvalidConfig(_) => WatchLimit::FileSystem,
    };
    Error::Watch { error: error.to_string(), limit }
}

/// The error number of a system that has no more inotify instances.
const TOO_MANY_FILES: i32 = 24;
