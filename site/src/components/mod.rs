//! What pages share.

pub mod frame;
pub mod message;
pub mod state;
pub mod version;
