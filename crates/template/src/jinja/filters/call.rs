//! A filter, and one use of it.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::{Arguments, Parameters};
use super::super::budget::Budget;
use super::super::value::Value;
use crate::error::{Error, ErrorKind};

/// What a filter is called, takes and does.
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) parameters: Parameters,
    pub(super) apply: fn(&mut Call<'_>) -> Result<Value, Error>,
}

/// Finds a filter by its name.
pub(super) fn find_in(filters: &'static [Definition], name: &str) -> Option<&'static Definition> {
    filters.iter().find(|filter| filter.name == name)
}

/// Applies a filter; `filters` are all there are, which some filters take by their names.
pub(super) fn apply_of(
    filters: &'static [Definition],
    definition: &'static Definition,
    value: Value,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let name = definition.name;
    let is_default = matches!(name, "default" | "d");
    // What an `if` without `else` gives prints as nothing, and has no items.
    let is_nothing = matches!(value, Value::Nothing)
        && !matches!(name, "int" | "float" | "items" | "last" | "reverse" | "truncate");
    let value = if is_default || is_nothing { value } else { value.require_defined(range)? };
    let (bound, rest) = match definition.parameters {
        Parameters::Any => (Vec::new(), arguments),
        parameters => (parameters.bind(name, arguments, range)?, Arguments::default()),
    };
    if !is_default {
        for value in bound.iter().flatten() {
            value.check_defined(range)?;
        }
    }
    (definition.apply)(&mut Call { filters, name, value, bound, rest, range, budget })
}

/// One use of a filter.
pub(super) struct Call<'c> {
    pub(super) filters: &'static [Definition],
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// Arguments by the place of their parameter.
    pub(super) bound: Vec<Option<Value>>,
    /// Arguments of a filter that sorts them itself.
    pub(super) rest: Arguments,
    pub(super) range: &'c Range<usize>,
    pub(super) budget: &'c mut Budget,
}

impl Call<'_> {
    pub(super) fn refuse<T>(&self, message: String) -> Result<T, Error> {
        Err(Error::new(ErrorKind::Value, self.range.clone(), message))
    }

    /// Refuses a value of the wrong type.
    pub(super) fn wrong_type<T>(
        &self,
        what: &str,
        wanted: &str,
        value: &Value,
    ) -> Result<T, Error> {
        self.refuse(format!("{what} of `{}` is {}, not {wanted}", self.name, value.describe()))
    }

    pub(super) fn argument(&self, position: usize) -> Option<&Value> {
        self.bound.get(position).and_then(Option::as_ref)
    }

    /// Returns an argument that is an integer, or what it is without one.
    pub(super) fn integer(&self, position: usize, name: &str, absent: i64) -> Result<i64, Error> {
        match self.argument(position) {
            None => Ok(absent),
            Some(value) => match value.as_index() {
                Some(number) => Ok(number),
                None => self.wrong_type(&format!("`{name}`"), "an integer", value),
            },
        }
    }

    /// Returns whether an argument is true.
    pub(super) fn flag(&self, position: usize) -> bool {
        self.argument(position).is_some_and(Value::is_true)
    }

    /// Returns an argument as it prints, unless it is absent.
    pub(super) fn printed(&self, position: usize) -> Result<Option<Rc<str>>, Error> {
        self.argument(position).map(|value| value.print(self.range)).transpose()
    }

    /// Returns an argument that is a string.
    pub(super) fn text_argument(
        &self,
        position: usize,
        name: &str,
    ) -> Result<Option<Rc<str>>, Error> {
        match self.argument(position) {
            None | Some(Value::None) => Ok(None),
            Some(Value::Text(text)) => Ok(Some(Rc::clone(text))),
            Some(other) => self.wrong_type(&format!("`{name}`"), "a string", other),
        }
    }

    /// Returns the value as it prints.
    pub(super) fn text(&self) -> Result<Rc<str>, Error> {
        self.value.print(self.range)
    }

    /// Returns the value if it is a string.
    pub(super) fn own_text(&self) -> Result<Rc<str>, Error> {
        match &self.value {
            Value::Text(text) => Ok(Rc::clone(text)),
            other => self.wrong_type("the value", "a string", other),
        }
    }

    pub(super) fn items(&mut self) -> Result<Vec<Value>, Error> {
        self.value.items(self.range, self.budget)
    }
}
