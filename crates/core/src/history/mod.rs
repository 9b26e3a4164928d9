//! The history of prompts: Git facts of a tree as values, and the events that releases and histories
//! record.

mod authors;
mod changes;
mod events;
mod prompt;
mod tree;

pub use authors::to_attribute;
pub(crate) use changes::{PointerPast, of_pointer, of_versions, served_in};
pub use changes::{
    pointer_move, state_change, state_of, version_addition, version_edit, version_removal,
};
pub(crate) use events::{merge_events, sequences};
pub use promptdex_compare::promotion::ServingHistory;

pub use events::{rank, restore_order};
pub use prompt::{PromptHistory, VersionOrigin};
pub use tree::TreeHistory;
