//! Compares versions of a prompt: what a change means for the apps that call it.
//!
//! ```
//! use promptdex_compare::contract::{Contract, Verdict, compare};
//! use promptdex_wire::Variable;
//!
//! let old: Vec<Variable> = serde_json::from_str(r#"[{"name": "a", "type": "string", "required": true}]"#)?;
//! let new: Vec<Variable> = serde_json::from_str(r#"[{"name": "a", "type": "string", "required": true},
//!     {"name": "b", "type": "string", "required": false}]"#)?;
//! let contract = |variables| Contract { variables, response_schema: None, tools: None };
//! let effects = compare(&contract(&old), &contract(&new));
//! assert_eq!((effects[0].verdict, effects[0].message.as_str()), (Verdict::Additive, "the variable `b` is new and optional"));
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod contract;
pub mod schema;
