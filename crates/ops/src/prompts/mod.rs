//! Single prompts of a tree: found by name, loaded and compiled without reading the rest of the
//! tree.

pub mod loader;
pub mod prompt_handle;
pub mod rendering;
pub mod selector;
pub mod settings;
