//! Reviews of trees and changes: lists of files, change sets, comparisons of versions and environments, and reports.

mod base_root;
pub mod change_set;
pub mod comparison;
pub mod earlier_findings;
pub mod environment_comparison;
pub mod environment_distance;
pub mod file_list;
pub mod report;
