//! What pages share.

pub mod audit;
pub mod chosen_version;
pub mod comparison;
pub mod diff;
pub mod event;
pub mod frame;
pub mod held_back;
pub mod link;
pub mod load_state;
pub mod message;
pub mod nearest;
pub mod pages;
pub mod rendering;
pub mod section;
pub mod sentence;
pub mod table;
pub mod tokens;
pub mod version;
