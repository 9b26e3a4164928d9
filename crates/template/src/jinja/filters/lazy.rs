//! Filters that make their items when they are taken, as Python's generators do: nothing is looked at before
//! the first item is wanted.

use std::ops::Range;

use super::super::arguments::Arguments;
use super::super::budget::Budget;
use super::super::value::{Cursor, Generator, Value};
use super::call::{Call, Definition};
use crate::error::Error;

/// A filter that makes items.
pub(super) trait Maker {
    /// Makes the next item.
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error>;

    /// Adds the values that it holds.
    fn held(&self, found: &mut Vec<Value>);
}

impl Maker for Cursor {
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        self.next(range, budget)
    }

    fn held(&self, found: &mut Vec<Value>) {
        self.held(found);
    }
}

/// Looks at the value and the arguments of a filter.
type Begin = fn(&mut Call<'_>) -> Result<Box<dyn Maker>, Error>;

struct Lazy {
    filters: &'static [Definition],
    name: &'static str,
    value: Value,
    bound: Vec<Option<Value>>,
    rest: Arguments,
    range: Range<usize>,
    begin: Begin,
    maker: Option<Box<dyn Maker>>,
}

/// Returns a value whose items are made when they are taken. That the value of the filter has items is checked
/// now, although Python sees it then; of nothing, some filters make nothing.
pub(super) fn lazy(call: &mut Call<'_>, begin: Begin) -> Result<Value, Error> {
    let takes_none = matches!(call.name, "map" | "select" | "reject" | "selectattr" | "rejectattr");
    if !(takes_none && matches!(call.value, Value::None)) {
        Cursor::of(&call.value, call.range)?;
    }
    let is_own = |name: &str| matches!(name, "value" | "context");
    if let Some((name, _)) = call.rest.named.iter().find(|(name, _)| is_own(name)) {
        return call.refuse(format!("Jinja2 passes `{name}` to `{}` itself", call.name));
    }
    let arguments = call.bound.iter().flatten().chain(call.rest.values());
    for value in arguments {
        value.check_storable(call.range)?;
    }
    Ok(Value::generator(Box::new(Lazy {
        filters: call.filters,
        name: call.name,
        value: std::mem::replace(&mut call.value, Value::None),
        bound: std::mem::take(&mut call.bound),
        rest: std::mem::take(&mut call.rest),
        range: call.range.clone(),
        begin,
        maker: None,
    })))
}

impl Generator for Lazy {
    fn next(&mut self, budget: &mut Budget) -> Result<Option<Value>, Error> {
        let maker = match &mut self.maker {
            Some(maker) => maker,
            None => {
                let mut call = Call {
                    filters: self.filters,
                    name: self.name,
                    value: std::mem::replace(&mut self.value, Value::None),
                    bound: std::mem::take(&mut self.bound),
                    rest: std::mem::take(&mut self.rest),
                    range: &self.range,
                    budget,
                };
                self.maker.insert((self.begin)(&mut call)?)
            }
        };
        maker.next(&self.range, budget)
    }

    fn held(&self, found: &mut Vec<Value>) {
        match &self.maker {
            Some(maker) => maker.held(found),
            None => {
                found.push(self.value.clone());
                found.extend(self.bound.iter().flatten().chain(self.rest.values()).cloned());
            }
        }
    }
}
