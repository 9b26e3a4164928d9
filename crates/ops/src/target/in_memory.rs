//! A registry that is written into memory, to look at what a build would publish.

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
    /// What the build has written so far.
    staged: Files,
    /// What the last build came to that was committed.
    committed: Files,
}

impl InMemory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the files of the registry, which there are once a build is committed.
    pub fn files(&self) -> Files {
        self.state().committed.clone()
    }

    pub(super) fn write(&self, path: &RegistryPath, bytes: &[u8]) {
        self.state().staged.insert(path.clone(), bytes.to_owned());
    }

    pub(super) fn read(&self, path: &RegistryPath) -> Option<Vec<u8>> {
        self.state().staged.get(path).cloned()
    }

    pub(super) fn commit(&self) {
        let mut state = self.state();
        state.committed = std::mem::take(&mut state.staged);
    }
}
