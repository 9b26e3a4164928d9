//! What Python 3.11 knows about characters: Unicode 14.0.0.
//!
//! The tables are our own, because a text that a published version renders may never change, while the
//! standard library moves to a new version of Unicode every year. A character that Unicode 14 does not assign
//! has no property and no case. `tables.py` writes the tables; they are kept small by runs, which are read
//! once, when a character beyond ASCII is first asked about.

mod case_maps;
mod character;
mod tables;
mod varints;

pub(crate) use case_maps::{Mapped, folded, lower, title, upper};
pub(crate) use character::{CharacterFlags, flags, is_line_boundary, is_space, is_word};
#[cfg(test)]
pub(crate) use tables::VERSION;
