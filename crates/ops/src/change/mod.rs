//! Changes to several files of a tree: planned, checked as if they were made, and made together or not at
//! all.

pub mod commit;
pub mod files;
pub mod plan;
pub mod pointer_move;
pub mod policy_preflight;
pub mod refusals;
pub mod test_report;
pub mod version_state;
