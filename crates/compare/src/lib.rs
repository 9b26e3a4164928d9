//! Compares versions of a prompt: what changed, and what it means for the apps that call it.
//!
//! [`compare_versions`] compares everything that two versions say, and [`sentence`] sums it up.
//! [`compare_texts`] compares two texts by lines and words. The compiler uses [`contract::compare`] alone:
//! which changes between two versions affect callers.
//!
//! ```
//! use promptdex_compare::contract::{Contract, Compatibility, compare};
//! use promptdex_wire::Variable;
//!
//! let old: Vec<Variable> = serde_json::from_str(r#"[{"name": "a", "type": "string", "required": true}]"#)?;
//! let new: Vec<Variable> = serde_json::from_str(r#"[{"name": "a", "type": "string", "required": true},
//!     {"name": "b", "type": "string", "required": false}]"#)?;
//! let contract = |variables| Contract { variables, response_schema: None, tools: None };
//! let effects = compare(&contract(&old), &contract(&new));
//! assert_eq!((effects[0].verdict, effects[0].message.as_str()), (Compatibility::Additive, "optional variable `b` added"));
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod case_diff;
pub mod comparison;
pub mod contract;
mod few_edits;
pub mod invisible;
mod lines;
mod matches;
pub mod messages;
mod moved_blocks;
mod pairs;
pub mod patterns;
pub mod promotion;
pub mod schema;
pub mod settings;
pub mod teams;
pub mod text;
mod value;
mod words;

pub use comparison::{Comparison, compare_versions, sentence};
pub use lines::compare_texts;
pub use text::{Options, TextDiff};
