//! Reads, checks and compiles prompts. Values in, values out: the tree is a listing and the contents of one
//! prompt at a time, the result is files by their published path and findings. Disk, Git and terminal are the
//! caller's.
//!
//! ```
//! use promptdex_core::read::read_prompt;
//! use promptdex_core::tree::{Contents, TreeEntry, Listing, survey};
//!
//! let path = "greeting/v1.0.0/system_prompt.txt";
//! let listing: Listing = [(path.to_owned(), TreeEntry::file(6))].into();
//! let contents: Contents = [(path.to_owned(), b"Hello.".to_vec())].into();
//! let mut findings = Vec::new();
//! for (name, files) in survey(&listing).prompts {
//!     let prompt = read_prompt(&name, &files, &contents, &mut findings);
//!     assert!(prompt.versions.contains_key(&"1.0.0".parse().unwrap()));
//! }
//! assert_eq!(findings, []);
//! ```
//!
//! The steps, which the driver in `promptdex-ops` runs one after the other: [`tree::survey`] sorts the listing,
//! [`read::read_settings`] reads the facts of the registry, [`read::read_prompt`] reads a prompt,
//! [`compile::compile_prompt`] checks it and writes its documents, [`compile::assemble`] writes the
//! files of the registry as a whole, [`policy::apply`] sets the levels of the findings.

pub mod checks;
pub mod code_owners;
pub mod compile;
pub mod diagnostic;
pub mod edit;
pub mod file_use;
pub mod history;
pub mod managed_block;
pub mod model;
pub mod node;
pub mod policy;
pub mod policy_check;
pub mod prompt_past;
mod published_file;
pub mod published_registry;
pub mod read;
pub mod release_files;
pub mod rules;
pub mod source;
pub mod tree;
