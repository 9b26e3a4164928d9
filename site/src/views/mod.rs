//! One page each.

pub mod catalogue;
pub mod diff;
pub mod environments;
pub mod history;
pub mod not_found;
pub mod play;
pub mod prompt;
pub mod status;
