//! Prompts of a tree, one at a time: found by what people call them, loaded and compiled without the rest.

pub mod handle;
pub mod loader;
pub mod selector;
pub mod settings;
