//! Prompts of a tree, one at a time: found by what people call them, loaded and compiled without the rest.

pub mod loader;
pub mod prompt_handle;
pub mod selector;
pub mod settings;
