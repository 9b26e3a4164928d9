//! What pages share.

pub mod diff;
pub mod frame;
pub mod link;
pub mod message;
pub mod pages;
pub mod rendering;
pub mod section;
pub mod sentence;
pub mod state;
pub mod table;
pub mod tokens;
pub mod version;
