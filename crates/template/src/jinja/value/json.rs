//! JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it.

use std::ops::Range;

use super::super::budget::{Budget, check_depth};
use super::Value;
use crate::error::{Error, ErrorKind};
use crate::python::numbers::Number;

/// How JSON is laid out.
pub(crate) enum Layout {
    /// On one line.
    Line,
    /// On lines, with this text in front for each level.
    Lines(String),
}

/// Writes a value as JSON. What is written is charged as it grows.
pub(crate) fn write_json(
    value: &Value,
    layout: &Layout,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut writer = Writer { layout, out: String::new(), charged: 0, range, budget };
    writer.value(value, 0)?;
    writer.charge()?;
    Ok(writer.out)
}

struct Writer<'w> {
    layout: &'w Layout,
    out: String,
    charged: usize,
    range: &'w Range<usize>,
    budget: &'w mut Budget,
}

impl Writer<'_> {
    fn charge(&mut self) -> Result<(), Error> {
        self.budget.make(self.out.len() - self.charged, self.range)?;
        self.charged = self.out.len();
        Ok(())
    }

    fn new_line(&mut self, level: usize) -> Result<(), Error> {
        if let Layout::Lines(indent) = self.layout {
            self.budget.make(indent.len().saturating_mul(level), self.range)?;
            self.out.push('\n');
            for _ in 0..level {
                self.out.push_str(indent);
            }
            self.charged = self.out.len();
        }
        Ok(())
    }

    fn separator(&mut self, is_first: bool, level: usize) -> Result<(), Error> {
        if !is_first {
            self.out.push_str(if matches!(self.layout, Layout::Line) { ", " } else { "," });
        }
        self.new_line(level)
    }

    fn value(&mut self, value: &Value, level: usize) -> Result<(), Error> {
        check_depth(level, || self.range.clone())?;
        self.charge()?;
        match value {
            Value::None => self.out.push_str("null"),
            Value::Boolean(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Integer(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.out.push_str(&Number::Float(*number).print()),
            Value::Text(text) => self.text(text)?,
            Value::List(list) => self.list(&list.items.borrow(), level)?,
            Value::Tuple(tuple) => self.list(&tuple.items, level)?,
            Value::Object(object) => {
                let entries = object.entries();
                self.out.push('{');
                for (position, (key, value)) in entries.iter().enumerate() {
                    self.separator(position == 0, level + 1)?;
                    match key {
                        Value::Text(text) => self.text(text)?,
                        Value::None => self.out.push_str("\"null\""),
                        Value::Boolean(true) => self.out.push_str("\"true\""),
                        Value::Boolean(false) => self.out.push_str("\"false\""),
                        Value::Integer(number) => self.text(&number.to_string())?,
                        Value::Float(number) => self.text(&Number::Float(*number).print())?,
                        other => return Err(self.refuse(other, "a key of an object")),
                    }
                    self.out.push_str(": ");
                    self.value(value, level + 1)?;
                }
                if !entries.is_empty() {
                    self.new_line(level)?;
                }
                self.out.push('}');
            }
            other => {
                other.check_defined(self.range)?;
                return Err(self.refuse(other, "a JSON value"));
            }
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value], level: usize) -> Result<(), Error> {
        self.out.push('[');
        for (position, item) in items.iter().enumerate() {
            self.separator(position == 0, level + 1)?;
            self.value(item, level + 1)?;
        }
        if !items.is_empty() {
            self.new_line(level)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        // A `str` always serializes, with the escapes that Python writes.
        self.out.push_str(&serde_json::to_string(text).unwrap_or_default());
        self.charge()
    }

    fn refuse(&self, value: &Value, wanted: &str) -> Error {
        let message = format!("{} is not {wanted}", value.describe());
        let error = Error::new(ErrorKind::Value, self.range.clone(), message);
        match value {
            Value::Iterator(_) | Value::View(..) | Value::Range(_) => {
                error.help("convert it to a list first: `| list | tojson`")
            }
            _ => error,
        }
    }
}
