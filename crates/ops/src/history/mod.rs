//! What Git says of a tree: what happened to its prompts, and whether it is what a commit has.

pub mod events;
pub mod head;
pub mod head_files;
pub mod in_place_versions;
pub mod serving_log;
