//! Reviews of changes: change sets, comparisons of versions and environments, and reports.

mod base_root;
pub mod change_set;
pub mod comparison;
pub mod earlier_findings;
pub mod environment_comparison;
pub mod report;
