//! Writes the files of a registry in an order in which no file ever names a missing one.
//!
//! A [`Plan`] has the files that change, sorted into phases by the kind of their
//! [`promptdex_wire::RegistryPath`]: first new files, then pointers, then removals. A
//! [`RegistryFolder`] carries out the plan with a journal, so that the next build can complete or
//! roll back an interrupted one. [`files`] has all operations that change a disk.
//!
//! This crate knows published paths only. The caller decides what the files contain and which of
//! them change.

mod error;
pub mod files;
mod folder;
mod folders;
mod journal;
mod lock;
mod plan;

pub use error::{FolderError, Result};
pub use folder::RegistryFolder;
pub use folders::CreatedFolders;
pub use journal::{UNDER_WAY, check_finished};
pub use lock::{lock, lock_shared};
pub use plan::{Phase, Plan};
