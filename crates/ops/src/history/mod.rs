//! Git facts about a tree: the history of its prompts, and whether the tree equals a commit.

pub mod event_log;
pub mod events;
pub mod gaps;
pub mod head;
pub mod head_files;
pub mod in_place_versions;
pub mod serving_log;
