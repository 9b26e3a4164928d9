//! The history of prompts: Git facts of a tree as values, and the events that releases and histories
//! record.

mod authors;
mod changes;
mod events;
mod prompt;
mod tree;

pub use authors::to_attribute;
pub(crate) use changes::{of_pointer, of_versions};
pub use changes::{pointer_move, state_change, state_of, version_addition};
pub(crate) use events::{merge_events, sequences};
pub use events::{rank, restore_order};
pub use prompt::{PromptHistory, VersionOrigin};
pub use tree::TreeHistory;
