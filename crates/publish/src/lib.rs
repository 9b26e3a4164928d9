//! Writes the files of a registry to a folder, so that readers never find something half done.
//!
//! [`Journal`] carries out what a build is about to do, and finishes or drops what a build that was killed has
//! left. [`files`] has every change to a disk. This crate knows published paths; what is in the files, and
//! which of them change, is known to whoever calls it.

mod error;
pub mod files;
mod folders;
mod journal;
mod lock;

pub use error::{FolderError, Result};
pub use folders::Folders;
pub use journal::{Journal, UNDER_WAY, check_finished, inside, is_there};
pub use lock::{lock, lock_shared};
