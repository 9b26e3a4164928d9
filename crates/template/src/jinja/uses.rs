//! What a template uses.

use std::ops::Range;

use crate::error::Error;

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The variable and the attributes read from it, such as `["user", "name"]`; never empty.
    pub path: Vec<String>,
    /// The place of the variable's name in the template.
    pub range: Range<usize>,
    /// How it is used.
    pub usage: Usage,
    /// Whether the template has always set the name before: Jinja2 counts such a name as a variable of the
    /// caller, too, if a branch sets it.
    pub is_set: bool,
}

/// How a template uses a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Its value is looked at.
    Read,
    /// Only whether it is defined matters.
    Tested,
    /// Its value is printed, perhaps through filters.
    Printed,
}

/// An include.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncludeUse {
    /// The literal between the quotes.
    pub name: String,
    /// Its place in the template, without its quotes.
    pub range: Range<usize>,
}

/// Everything a template uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) variables: Vec<VariableUse>,
    pub(crate) includes: Vec<IncludeUse>,
    pub(crate) problems: Vec<Error>,
}
