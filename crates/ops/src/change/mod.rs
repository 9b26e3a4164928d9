//! Changes to a tree. A change is planned as a value, checked, and then written as a whole or not
//! at all.
//!
//! Plans: [`promotion`], [`rollback`], [`version_state`], [`archive`], [`redaction`],
//! [`include_update`], [`new_version`], [`release_number`], [`test_record`], [`correction`],
//! [`scaffold`]. [`refusals`] finds the reasons why a plan cannot be carried out, [`files`] writes
//! its files, and [`commit`] commits them.

pub mod archive;
pub mod commit;
pub mod commit_plan;
pub mod correction;
pub mod files;
pub mod include_update;
pub mod new_version;
pub mod plan;
pub mod pointer_move;
mod pointer_plan;
pub mod policy_preflight;
pub mod promotion;
pub mod prompt_graph;
pub mod redaction;
pub mod refusals;
pub mod release_number;
pub mod rollback;
pub mod scaffold;
pub mod test_record;
pub mod test_report;
pub mod tested_text;
pub mod version_number;
pub mod version_state;
