//! Writes the files of a registry in an order in which readers never find a name of something that is not
//! there.
//!
//! A [`Plan`] says which files change, and sorts them into phases by what kind of [`promptdex_wire::RegistryPath`] each
//! is: new files first, pointers last, removals after them. A [`RegistryFolder`] carries it out by a journal, so
//! that a build which is killed is finished or dropped by the next one. [`files`] has every change to a disk.
//!
//! This crate knows published paths. What is in the files, and which of them change, is up to whoever makes
//! the plan.

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
