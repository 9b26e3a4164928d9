//! An output in memory, to inspect what a build would publish.

use std::sync::{Mutex, MutexGuard, PoisonError};

use promptdex_wire::RegistryPath;

use crate::published::files::Files;

/// A registry in memory.
#[derive(Debug, Default)]
pub struct InMemory {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The files that the current build has written so far.
    staged_files: Files,
    /// The files of the last committed build.
    committed_files: Files,
}

impl InMemory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the files of the last committed build.
    pub fn files(&self) -> Files {
        self.state().committed_files.clone()
    }

    pub(super) fn write(&self, path: &RegistryPath, bytes: &[u8]) {
        self.state().staged_files.insert(path.clone(), bytes.to_owned());
    }

    pub(super) fn read(&self, path: &RegistryPath) -> Option<Vec<u8>> {
        self.state().staged_files.get(path).cloned()
    }

    pub(super) fn commit(&self) {
        let mut state = self.state();
        state.committed_files = std::mem::take(&mut state.staged_files);
    }
}
