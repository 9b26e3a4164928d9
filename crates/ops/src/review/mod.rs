//! What a change means for those who review it.

pub mod change_set;
pub mod comparison;
pub mod environment_comparison;
pub mod report;
