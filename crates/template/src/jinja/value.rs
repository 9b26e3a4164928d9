//! Values while a template runs. There is one kind of number, as in JSON: `1` and `1.0` are the
//! same and print the same.

use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use std::rc::Rc;

use minijinja::machinery::ast::{Expr, Stmt};

use super::budget::Budget;
use crate::error::{Error, ErrorKind};
use crate::value::print_number;

#[derive(Clone)]
pub(crate) enum Value<'p> {
    /// An undefined value; keeps the name of the variable.
    Undefined(Rc<str>),
    None,
    Bool(bool),
    /// Finite; whole numbers are within 2^53.
    Number(f64),
    String(Rc<str>),
    List(Rc<ListValue<'p>>),
    /// Keys in the order of their code points.
    Map(Rc<MapValue<'p>>),
    Macro(Rc<MacroValue<'p>>),
    Loop(Rc<LoopValue>),
}

/// Items, with what walking them costs. Values are shared, so a small template can make a value that
/// is huge once it is spelled out: its weight is known without walking it.
pub(crate) struct ListValue<'p> {
    items: Vec<Value<'p>>,
    weight: usize,
    depth: usize,
}

impl<'p> Deref for ListValue<'p> {
    type Target = [Value<'p>];

    fn deref(&self) -> &[Value<'p>] {
        &self.items
    }
}

/// Entries, with what walking them costs.
pub(crate) struct MapValue<'p> {
    entries: BTreeMap<String, Value<'p>>,
    weight: usize,
    depth: usize,
}

impl<'p> Deref for MapValue<'p> {
    type Target = BTreeMap<String, Value<'p>>;

    fn deref(&self) -> &BTreeMap<String, Value<'p>> {
        &self.entries
    }
}

/// A macro, or the body of a call block.
pub(crate) struct MacroValue<'p> {
    pub(super) name: &'p str,
    pub(super) arguments: &'p [Expr<'p>],
    pub(super) defaults: &'p [Expr<'p>],
    pub(super) body: &'p [Stmt<'p>],
    /// The scope it was defined in.
    pub(super) scope: usize,
}

/// `loop`.
pub(crate) struct LoopValue {
    pub(super) index0: usize,
    pub(super) length: usize,
}

impl<'p> Value<'p> {
    pub(crate) fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(0.0) + 0.0),
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => {
                Self::list(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| (key.clone(), Self::from_json(value)));
                Self::map(entries.collect())
            }
        }
    }

    pub(super) fn text(text: &str) -> Self {
        Self::String(Rc::from(text))
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        {
            let weight = items
                .iter()
                .fold(0usize, |sum, item| sum.saturating_add(16).saturating_add(item.weight()));
            let depth = 1 + items.iter().map(Self::depth).max().unwrap_or(0);
            Self::List(Rc::new(ListValue { items, weight, depth }))
        }
    }

    /// Names what the value is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "undefined",
            Self::None => "none",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
            Self::Macro(_) => "a macro",
            Self::Loop(_) => "the loop",
        }
    }

    /// Returns the value unless it is undefined.
    pub(super) fn require_defined(self, range: &Range<usize>) -> Result<Self, Error> {
        match self {
            Self::Undefined(name) => {
                let error = Error::new(
                    ErrorKind::Undefined,
                    range.clone(),
                    format!("`{name}` is undefined"),
                );
                Err(error.help(
                    "pass a value, or guard it with `{% if … is defined %}` or `| default(…)`",
                ))
            }
            other => Ok(other),
        }
    }

    /// Whether the value counts as true: not none, false, 0 or empty.
    pub(super) fn is_true(&self, range: &Range<usize>) -> Result<bool, Error> {
        Ok(match self {
            Self::Undefined(_) => {
                self.clone().require_defined(range)?;
                false
            }
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(entries) => !entries.is_empty(),
            Self::Macro(_) | Self::Loop(_) => true,
        })
    }

    /// Returns the text that is printed.
    pub(crate) fn print(&self, range: &Range<usize>) -> Result<Rc<str>, Error> {
        let refuse = |message: String, help: &str| {
            Err(Error::new(ErrorKind::Value, range.clone(), message).help(help))
        };
        match self {
            Self::Undefined(_) => {
                self.clone().require_defined(range).and_then(|value| value.print(range))
            }
            Self::String(text) => Ok(Rc::clone(text)),
            Self::Number(number) => Ok(print_number(*number).into()),
            Self::Bool(true) => Ok("true".into()),
            Self::Bool(false) => Ok("false".into()),
            Self::None => refuse(
                "none would be printed".to_owned(),
                "guard it with `{% if … %}`, or give it a default: `| default(\"…\", true)`",
            ),
            Self::List(_) | Self::Map(_) => refuse(
                format!("{} would be printed", self.describe()),
                "print it with `| tojson`, or a list with `| join(\", \")`",
            ),
            Self::Macro(_) | Self::Loop(_) => refuse(
                format!("{} would be printed", self.describe()),
                "call it, or print one of its attributes",
            ),
        }
    }

    /// Compares two values; values of different types are different.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && a.equals(b))
            }
            _ => false,
        }
    }

    pub(super) fn map(entries: BTreeMap<String, Self>) -> Self {
        let weight = entries.iter().fold(0usize, |sum, (key, value)| {
            sum.saturating_add(16).saturating_add(key.len()).saturating_add(value.weight())
        });
        let depth = 1 + entries.values().map(Self::depth).max().unwrap_or(0);
        Self::Map(Rc::new(MapValue { entries, weight, depth }))
    }

    /// Counts the bytes that comparing, searching or copying the value touches.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::String(text) => text.len(),
            Self::List(list) => list.weight,
            Self::Map(map) => map.weight,
            Self::Undefined(_)
            | Self::None
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Macro(_)
            | Self::Loop(_) => 0,
        }
    }

    /// Returns how deep lists and objects are nested in the value.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Map(map) => map.depth,
            Self::Undefined(_)
            | Self::None
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::Macro(_)
            | Self::Loop(_) => 0,
        }
    }

    /// Returns the items that a loop or a filter goes through: the items of a list, the keys of an
    /// object, the characters of a string.
    pub(super) fn items(
        &self,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Rc<ListValue<'p>>, Error> {
        let made = match self {
            Self::List(items) => return Ok(Rc::clone(items)),
            Self::Map(entries) => {
                budget.make(entries.len() * 16, range)?;
                Self::list(entries.keys().map(|key| Self::text(key)).collect())
            }
            Self::String(text) => {
                budget.make(text.len() * 16, range)?;
                let mut buffer = [0; 4];
                Self::list(text.chars().map(|c| Self::text(c.encode_utf8(&mut buffer))).collect())
            }
            Self::Undefined(_) => self.clone().require_defined(range)?,
            Self::None | Self::Bool(_) | Self::Number(_) | Self::Macro(_) | Self::Loop(_) => {
                let message = format!("{} has no items", self.describe());
                return Err(Error::new(ErrorKind::Value, range.clone(), message)
                    .help("loop over a list, an object or a string"));
            }
        };
        // Only lists get here.
        made.items(range, budget)
    }

    /// Writes the value as JSON: compact, or laid out with `indent` spaces a level.
    pub(super) fn write_json(
        &self,
        indent: usize,
        level: usize,
        out: &mut String,
        range: &Range<usize>,
    ) -> Result<(), Error> {
        let newline = |out: &mut String, level: usize| {
            if indent > 0 {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent * level));
            }
        };
        // A value can be built wider by reference than the counters see; stop before it is spelled out.
        if out.len() > super::budget::MAX_MADE {
            return Budget::default().make(out.len(), range);
        }
        match self {
            Self::None => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&print_number(*number)),
            Self::String(text) => write_json_string(text, out),
            Self::List(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    newline(out, level + 1);
                    item.write_json(indent, level + 1, out, range)?;
                }
                if !items.is_empty() {
                    newline(out, level);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (position, (key, value)) in entries.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    newline(out, level + 1);
                    write_json_string(key, out);
                    out.push_str(if indent > 0 { ": " } else { ":" });
                    value.write_json(indent, level + 1, out, range)?;
                }
                if !entries.is_empty() {
                    newline(out, level);
                }
                out.push('}');
            }
            Self::Undefined(_) => {
                self.clone().require_defined(range)?;
            }
            Self::Macro(_) | Self::Loop(_) => {
                let message = format!("{} is not a JSON value", self.describe());
                return Err(Error::new(ErrorKind::Value, range.clone(), message));
            }
        }
        Ok(())
    }
}

fn write_json_string(text: &str, out: &mut String) {
    // A `str` always serializes.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
