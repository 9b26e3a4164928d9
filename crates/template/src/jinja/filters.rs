//! Filters: what follows `|`. Each one that makes text or lists charges for them before it does.

use std::ops::Range;
use std::rc::Rc;

use super::budget::Budget;
use super::operators::{number, order, to_count};
use super::value::{ListValue, Value};
use crate::error::{Error, ErrorKind};

/// Every filter, in the order of the documentation.
pub(crate) const NAMES: [&str; 28] = [
    "default",
    "d",
    "upper",
    "lower",
    "capitalize",
    "title",
    "trim",
    "replace",
    "indent",
    "length",
    "count",
    "first",
    "last",
    "join",
    "split",
    "lines",
    "list",
    "sort",
    "reverse",
    "unique",
    "items",
    "map",
    "min",
    "max",
    "sum",
    "abs",
    "round",
    "tojson",
];

/// The arguments of a call.
#[derive(Default)]
pub(super) struct Arguments<'p> {
    pub(super) positional: Vec<Value<'p>>,
    pub(super) named: Vec<(&'p str, Value<'p>)>,
}

impl<'p> Arguments<'p> {
    /// Refuses more positional arguments, or named ones that are not known.
    pub(super) fn check_arguments(
        &self,
        count: usize,
        names: &[&str],
        range: &Range<usize>,
    ) -> Result<(), Error> {
        if self.positional.len() > count {
            let message = format!("{} arguments, at most {count} are taken", self.positional.len());
            return Err(Error::new(ErrorKind::Value, range.clone(), message));
        }
        for (name, _) in &self.named {
            if names.iter().take(self.positional.len()).any(|taken| taken == name) {
                let message = format!("the argument `{name}` is passed twice");
                return Err(Error::new(ErrorKind::Value, range.clone(), message));
            }
            if !names.contains(name) {
                return Err(Error::new(
                    ErrorKind::Value,
                    range.clone(),
                    format!("there is no argument `{name}`"),
                ));
            }
        }
        Ok(())
    }

    fn get(
        &self,
        position: usize,
        name: &str,
        range: &Range<usize>,
    ) -> Result<Option<Value<'p>>, Error> {
        let named = self.named.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        self.positional
            .get(position)
            .or(named)
            .cloned()
            .map(|value| value.require_defined(range))
            .transpose()
    }

    fn text(
        &self,
        position: usize,
        name: &str,
        range: &Range<usize>,
    ) -> Result<Option<Rc<str>>, Error> {
        match self.get(position, name, range)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(name, "a string", &other, range)),
        }
    }

    pub(super) fn number(
        &self,
        position: usize,
        name: &str,
        range: &Range<usize>,
    ) -> Result<Option<f64>, Error> {
        match self.get(position, name, range)? {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(other) => Err(wrong_type(name, "a number", &other, range)),
        }
    }

    fn count(
        &self,
        position: usize,
        name: &str,
        range: &Range<usize>,
    ) -> Result<Option<usize>, Error> {
        match self.number(position, name, range)? {
            None => Ok(None),
            Some(number) if number >= 0.0 && number.fract() == 0.0 => Ok(to_count(number)),
            Some(number) => {
                Err(wrong_type(name, "a whole number from 0", &Value::Number(number), range))
            }
        }
    }

    fn flag(&self, position: usize, name: &str, range: &Range<usize>) -> Result<bool, Error> {
        match self.get(position, name, range)? {
            None => Ok(false),
            Some(value) => value.is_true(range),
        }
    }
}

fn wrong_type(name: &str, expected: &str, value: &Value<'_>, range: &Range<usize>) -> Error {
    Error::new(
        ErrorKind::Value,
        range.clone(),
        format!("`{name}` is {expected}, this is {}", value.describe()),
    )
}

/// Applies a filter.
pub(super) fn apply<'p>(
    name: &str,
    value: Value<'p>,
    arguments: &Arguments<'p>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value<'p>, Error> {
    if matches!(name, "default" | "d") {
        return default(value, arguments, range);
    }
    let mut filter =
        Filter { name, value: value.require_defined(range)?, arguments, range, budget };
    match name {
        "upper" => filter.change_text(str::to_uppercase),
        "lower" => filter.change_text(str::to_lowercase),
        "capitalize" => filter.change_text(capitalize),
        "title" => filter.change_text(title),
        "trim" => filter.trim(),
        "replace" => filter.replace(),
        "indent" => filter.indent(),
        "length" | "count" => filter.length(),
        "first" => filter.ends(|items| items.first().cloned()),
        "last" => filter.ends(|items| items.last().cloned()),
        "join" => filter.join(),
        "split" => filter.split(),
        "lines" => filter.lines(),
        "list" => filter.items_of(&[]).map(Value::List),
        "sort" => filter.sort(),
        "reverse" => filter.reverse(),
        "unique" => filter.unique(),
        "items" => filter.pairs(),
        "map" => filter.map(),
        "min" => filter.extreme(std::cmp::Ordering::Less),
        "max" => filter.extreme(std::cmp::Ordering::Greater),
        "sum" => filter.sum(),
        "abs" => filter.abs(),
        "round" => filter.round(),
        "tojson" => filter.tojson(),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            range.clone(),
            format!("there is no filter `{name}`"),
        )),
    }
}

/// `default(value, boolean=false)`: replaces undefined values, and with `true` also values that count as
/// false.
fn default<'p>(
    value: Value<'p>,
    arguments: &Arguments<'p>,
    range: &Range<usize>,
) -> Result<Value<'p>, Error> {
    arguments.check_arguments(2, &["default_value", "boolean"], range)?;
    let replaced = match &value {
        Value::Undefined(_) => true,
        other => arguments.flag(1, "boolean", range)? && !other.is_true(range)?,
    };
    if !replaced {
        return Ok(value);
    }
    let replacement = arguments.get(0, "default_value", range)?;
    replacement
        .ok_or_else(|| Error::new(ErrorKind::Value, range.clone(), "`default` needs a value"))
}

fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => {
            first.to_uppercase().chain(characters.as_str().to_lowercase().chars()).collect()
        }
        None => String::new(),
    }
}

/// Begins every word with a capital; a word begins after white space, `-` and an opening bracket.
fn title(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut begins = true;
    for character in text.chars() {
        if begins {
            titled.extend(character.to_uppercase());
        } else {
            titled.extend(character.to_lowercase());
        }
        begins = character.is_whitespace() || matches!(character, '-' | '(' | '{' | '[' | '<');
    }
    titled
}

struct Filter<'a, 'p> {
    name: &'a str,
    value: Value<'p>,
    arguments: &'a Arguments<'p>,
    range: &'a Range<usize>,
    budget: &'a mut Budget,
}

impl<'p> Filter<'_, 'p> {
    fn wrong_input<T>(&self, expected: &str) -> Result<T, Error> {
        let message =
            format!("`{}` needs {expected}, this is {}", self.name, self.value.describe());
        Err(Error::new(ErrorKind::Value, self.range.clone(), message))
    }

    fn text(&self) -> Result<Rc<str>, Error> {
        match &self.value {
            Value::String(text) => Ok(Rc::clone(text)),
            _ => self.wrong_input("a string"),
        }
    }

    fn number(&self) -> Result<f64, Error> {
        match self.value {
            Value::Number(number) => Ok(number),
            _ => self.wrong_input("a number"),
        }
    }

    /// Returns the items of the value, after checking that there are no other arguments than the named
    /// ones.
    fn items_of(&mut self, names: &[&str]) -> Result<Rc<ListValue<'p>>, Error> {
        self.arguments.check_arguments(names.len(), names, self.range)?;
        self.value.items(self.range, self.budget)
    }

    fn make(&mut self, text: String) -> Value<'p> {
        Value::String(text.into())
    }

    fn change_text(&mut self, change: fn(&str) -> String) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(0, &[], self.range)?;
        let text = self.text()?;
        // One character becomes at most three, of at most four bytes more.
        self.budget.make(text.len().saturating_mul(3), self.range)?;
        Ok(self.make(change(&text)))
    }

    fn trim(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(1, &["chars"], self.range)?;
        let text = self.text()?;
        self.budget.make(text.len(), self.range)?;
        let trimmed = match self.arguments.text(0, "chars", self.range)? {
            Some(characters) => {
                self.budget.make(characters.len(), self.range)?;
                let characters: std::collections::BTreeSet<char> = characters.chars().collect();
                text.trim_matches(|c| characters.contains(&c)).to_owned()
            }
            None => text.trim().to_owned(),
        };
        Ok(self.make(trimmed))
    }

    fn replace(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(2, &["old", "new"], self.range)?;
        let text = self.text()?;
        let old = self.arguments.text(0, "old", self.range)?;
        let new = self.arguments.text(1, "new", self.range)?;
        let (Some(old), Some(new)) = (old.filter(|old| !old.is_empty()), new) else {
            return Err(Error::new(
                ErrorKind::Value,
                self.range.clone(),
                "`replace` needs what to replace and what by",
            ));
        };
        self.budget.make(text.len(), self.range)?;
        let growth = text.matches(&*old).count().saturating_mul(new.len());
        self.budget.make(growth, self.range)?;
        Ok(self.make(text.replace(&*old, &new)))
    }

    fn indent(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(3, &["width", "first", "blank"], self.range)?;
        let text = self.text()?;
        let width = self.arguments.count(0, "width", self.range)?.unwrap_or(4);
        let first = self.arguments.flag(1, "first", self.range)?;
        let blank = self.arguments.flag(2, "blank", self.range)?;
        self.budget.make(
            width.saturating_mul(text.matches('\n').count() + 1).saturating_add(text.len()),
            self.range,
        )?;
        let padding = " ".repeat(width);
        let mut indented = String::new();
        for (position, line) in text.split('\n').enumerate() {
            if position > 0 {
                indented.push('\n');
            }
            if (position > 0 || first) && (blank || !line.is_empty()) {
                indented.push_str(&padding);
            }
            indented.push_str(line);
        }
        Ok(self.make(indented))
    }

    fn length(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(0, &[], self.range)?;
        let length = match &self.value {
            Value::String(text) => {
                self.budget.make(text.len(), self.range)?;
                text.chars().count()
            }
            Value::List(items) => items.len(),
            Value::Map(entries) => entries.len(),
            _ => return self.wrong_input("a string, a list or an object"),
        };
        #[expect(clippy::cast_precision_loss, reason = "bounded by the limits of memory")]
        Ok(Value::Number(length as f64))
    }

    fn ends(&mut self, end: fn(&[Value<'p>]) -> Option<Value<'p>>) -> Result<Value<'p>, Error> {
        let items = self.items_of(&[])?;
        Ok(end(&items).unwrap_or_else(|| {
            Value::Undefined(format!("the {} item of nothing", self.name).into())
        }))
    }

    fn join(&mut self) -> Result<Value<'p>, Error> {
        let items = self.items_of(&["d"])?;
        let separator = self.arguments.text(0, "d", self.range)?.unwrap_or_else(|| "".into());
        let mut joined = String::new();
        for (position, item) in items.iter().enumerate() {
            let text = item.print(self.range)?;
            let separator = if position > 0 { &*separator } else { "" };
            self.budget.make(separator.len() + text.len(), self.range)?;
            joined.push_str(separator);
            joined.push_str(&text);
        }
        Ok(self.make(joined))
    }

    fn split(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(1, &["separator"], self.range)?;
        let text = self.text()?;
        let separator = self.arguments.text(0, "separator", self.range)?;
        self.budget.make(text.len().saturating_mul(16), self.range)?;
        Ok(Value::list(match separator.filter(|separator| !separator.is_empty()) {
            Some(separator) => text.split(&*separator).map(Value::text).collect(),
            None => text.split_whitespace().map(Value::text).collect(),
        }))
    }

    fn lines(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(0, &[], self.range)?;
        let text = self.text()?;
        self.budget.make(text.len().saturating_mul(16), self.range)?;
        Ok(Value::list(text.lines().map(Value::text).collect()))
    }

    fn sort(&mut self) -> Result<Value<'p>, Error> {
        let items = self.items_of(&["reverse", "attribute"])?;
        let reverse = self.arguments.flag(0, "reverse", self.range)?;
        let attribute = self.arguments.text(1, "attribute", self.range)?;
        self.budget.make(items.len() * 16, self.range)?;
        let mut keyed = Vec::with_capacity(items.len());
        for item in items.iter() {
            let key = match &attribute {
                Some(attribute) => {
                    attribute_of(item, attribute, self.range)?.require_defined(self.range)?
                }
                None => item.clone(),
            };
            keyed.push((key, item.clone()));
        }
        let comparable = keyed.iter().all(|(key, _)| matches!(key, Value::Number(_)))
            || keyed.iter().all(|(key, _)| matches!(key, Value::String(_)));
        if !comparable {
            let message = "`sort` needs numbers, or strings, but not both";
            return Err(Error::new(ErrorKind::Value, self.range.clone(), message));
        }
        // A charge that does not depend on how the items are sorted: every level of a merge may look at
        // every byte.
        let levels = usize::BITS - keyed.len().leading_zeros();
        let bytes = keyed.iter().fold(0usize, |sum, (key, _)| sum.saturating_add(key.weight()));
        self.budget.make(bytes.saturating_mul(levels as usize), self.range)?;
        keyed.sort_by(|(left, _), (right, _)| {
            let (left, right) = if reverse { (right, left) } else { (left, right) };
            match (left, right) {
                (Value::Number(left), Value::Number(right)) => left.total_cmp(right),
                (Value::String(left), Value::String(right)) => left.cmp(right),
                _ => std::cmp::Ordering::Equal,
            }
        });
        Ok(Value::list(keyed.into_iter().map(|(_, item)| item).collect()))
    }

    fn reverse(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(0, &[], self.range)?;
        if let Value::String(text) = &self.value {
            self.budget.make(text.len(), self.range)?;
            return Ok(Value::String(text.chars().rev().collect::<String>().into()));
        }
        let items = self.items_of(&[])?;
        self.budget.make(items.len() * 16, self.range)?;
        Ok(Value::list(items.iter().rev().cloned().collect()))
    }

    fn unique(&mut self) -> Result<Value<'p>, Error> {
        let items = self.items_of(&[])?;
        let mut kept: Vec<Value<'p>> = Vec::new();
        for item in items.iter() {
            // Every earlier item is compared: charged as if it were copied.
            self.budget.make((kept.len() + 1) * 16 + item.weight(), self.range)?;
            if !kept.iter().any(|other| other.equals(item)) {
                kept.push(item.clone());
            }
        }
        Ok(Value::list(kept))
    }

    /// `items`: the pairs of key and value of an object.
    fn pairs(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(0, &[], self.range)?;
        let Value::Map(entries) = &self.value else { return self.wrong_input("an object") };
        let pairs =
            entries.iter().map(|(key, value)| Value::list(vec![Value::text(key), value.clone()]));
        self.budget.make(self.value.weight(), self.range)?;
        Ok(Value::list(pairs.collect()))
    }

    fn map(&mut self) -> Result<Value<'p>, Error> {
        let items = self.items_of(&["attribute"])?;
        if !self.arguments.positional.is_empty() {
            let error = Error::new(
                ErrorKind::Value,
                self.range.clone(),
                "`map` reads an attribute of every item",
            );
            return Err(error.help("write `map(attribute=\"name\")`"));
        }
        let Some(attribute) = self.arguments.text(0, "attribute", self.range)? else {
            return Err(Error::new(
                ErrorKind::Value,
                self.range.clone(),
                "`map` needs `attribute`",
            ));
        };
        // An attribute that is missing keeps its name.
        self.budget.make(items.len().saturating_mul(16 + attribute.len()), self.range)?;
        let values = items.iter().map(|item| attribute_of(item, &attribute, self.range));
        Ok(Value::list(values.collect::<Result<_, _>>()?))
    }

    fn extreme(&mut self, wanted: std::cmp::Ordering) -> Result<Value<'p>, Error> {
        let items = self.items_of(&[])?;
        let mut best: Option<&Value<'p>> = None;
        for item in items.iter() {
            best = match best {
                Some(best) if order(item, best, self.range, self.budget)? != wanted => Some(best),
                _ => Some(item),
            };
        }
        Ok(best
            .cloned()
            .unwrap_or_else(|| Value::Undefined(format!("the {} of nothing", self.name).into())))
    }

    fn sum(&mut self) -> Result<Value<'p>, Error> {
        let items = self.items_of(&[])?;
        let mut sum = 0.0;
        for item in items.iter() {
            match item {
                Value::Number(number) => sum += number,
                other => {
                    let other = other.clone().require_defined(self.range)?;
                    return Err(wrong_type("an item", "a number", &other, self.range));
                }
            }
        }
        number(sum, self.range)
    }

    fn abs(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(0, &[], self.range)?;
        Ok(Value::Number(self.number()?.abs()))
    }

    /// `round(precision=0)`: half away from zero.
    fn round(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(1, &["precision"], self.range)?;
        let value = self.number()?;
        let precision = self.arguments.count(0, "precision", self.range)?.unwrap_or(0).min(15);
        let scale = (0..precision).fold(1.0, |scale, _| scale * 10.0);
        number((value * scale).round() / scale, self.range)
    }

    fn tojson(&mut self) -> Result<Value<'p>, Error> {
        self.arguments.check_arguments(1, &["indent"], self.range)?;
        let indent = self.arguments.count(0, "indent", self.range)?.unwrap_or(0).min(16);
        // Before and after: the value is walked even if the text is short.
        self.budget.make(self.value.weight(), self.range)?;
        let mut text = String::new();
        self.value.write_json(indent, 0, &mut text, self.range)?;
        self.budget.make(text.len(), self.range)?;
        Ok(self.make(text))
    }
}

/// Reads an attribute of an object.
pub(super) fn attribute_of<'p>(
    value: &Value<'p>,
    name: &str,
    range: &Range<usize>,
) -> Result<Value<'p>, Error> {
    match value {
        Value::Map(entries) => {
            Ok(entries.get(name).cloned().unwrap_or_else(|| Value::Undefined(name.into())))
        }
        Value::Undefined(_) => value.clone().require_defined(range),
        other => {
            let message = format!("{} has no attribute `{name}`", other.describe());
            Err(Error::new(ErrorKind::Value, range.clone(), message))
        }
    }
}
