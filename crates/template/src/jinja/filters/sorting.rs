//! Filters that compare items: by an attribute, and without regard to case unless told.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
use super::super::operators;
use super::super::value::{Cursor, Key, Tuple, Value, equals, order};
use super::call::Call;
use super::lazy::{Maker, lazy};
use crate::error::{Error, ErrorKind};
use crate::order::sorted_positions;
use crate::python::text;
use crate::python::unicode::flags;

/// Where an attribute of an item is: `a.b.0` is an item of `b` of `a`.
pub(super) struct AttributePath(Vec<Value>);

/// Returns the path that an argument names.
pub(super) fn attribute_path(
    argument: Option<&Value>,
    range: &Range<usize>,
) -> Result<AttributePath, Error> {
    Ok(AttributePath(match argument {
        None | Some(Value::None) => Vec::new(),
        Some(Value::Text(path)) => parts(path, range)?,
        Some(other) => vec![other.clone()],
    }))
}

/// Cuts a path into names and numbers.
fn parts(path: &str, range: &Range<usize>) -> Result<Vec<Value>, Error> {
    let part = |part: &str| {
        if part.is_empty() || !part.chars().all(|character| flags(character).is_digit()) {
            return Ok(Value::text(part));
        }
        match part.parse() {
            Ok(number) => Ok(Value::Integer(number)),
            Err(_) => {
                let message = format!("`{part}` is not a position");
                Err(Error::new(ErrorKind::Value, range.clone(), message)
                    .help("use the digits 0 to 9, or read the key as `value[\"…\"]`"))
            }
        }
    };
    path.split('.').map(part).collect()
}

impl AttributePath {
    /// Reads the attribute; what is undefined on the way becomes the default.
    pub(super) fn read(
        &self,
        item: &Value,
        default: Option<&Value>,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Value, Error> {
        let mut value = item.clone();
        for part in &self.0 {
            value = operators::item(&value, part, range, budget)?;
            if let (true, Some(default)) = (value.is_undefined(), default) {
                value = default.clone();
            }
        }
        Ok(value)
    }
}

/// How items are compared.
struct Comparison {
    path: AttributePath,
    is_case_sensitive: bool,
    default: Option<Value>,
}

impl Comparison {
    fn key(&self, item: &Value, range: &Range<usize>, budget: &mut Budget) -> Result<Value, Error> {
        let value = self.path.read(item, self.default.as_ref(), range, budget)?;
        self.fold(value, range, budget)
    }

    /// Makes texts that differ only in case the same.
    fn fold(
        &self,
        value: Value,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Value, Error> {
        match value {
            Value::Text(value) if !self.is_case_sensitive => {
                text::lower(&value, range, budget).map(Value::text)
            }
            other => Ok(other),
        }
    }
}

/// Sorts items by their keys; items with equal keys keep their order. Comparing can fail, so the first
/// error ends it.
fn sort_by_keys(
    keyed: &mut Vec<(Value, Value)>,
    is_reverse: bool,
    call: &mut Call<'_>,
) -> Result<(), Error> {
    let sorted = sorted_positions(keyed.len(), &mut |left, right| {
        let ordering = order(&keyed[left].0, &keyed[right].0, call.range, call.budget)?;
        Ok(if is_reverse { ordering.reverse() } else { ordering })
    })?;
    *keyed = sorted.into_iter().map(|at| keyed[at].clone()).collect();
    Ok(())
}

/// Reads the direction of a sort, which Python takes as an integer of 32 bits.
fn is_reverse(call: &Call<'_>, position: usize) -> Result<bool, Error> {
    let number = call.integer(position, "reverse", 0)?;
    if i32::try_from(number).is_err() {
        let message = "`reverse` takes true or false".to_owned();
        return Err(Error::new(ErrorKind::Value, call.range.clone(), message)
            .help("compare the number: `reverse=n > 0`"));
    }
    Ok(number != 0)
}

/// `sort(reverse=false, case_sensitive=false, attribute)`.
pub(super) fn sort(call: &mut Call<'_>) -> Result<Value, Error> {
    let paths: Vec<AttributePath> = match call.argument(2) {
        Some(Value::Text(paths)) => {
            let paths = paths.split(',').map(|path| parts(path, call.range).map(AttributePath));
            paths.collect::<Result<_, _>>()?
        }
        other => vec![attribute_path(other, call.range)?],
    };
    let (is_reverse, is_case_sensitive) = (is_reverse(call, 0)?, call.flag(1));
    let comparisons: Vec<Comparison> = paths
        .into_iter()
        .map(|path| Comparison { path, is_case_sensitive, default: None })
        .collect();
    let mut keyed = Vec::new();
    for item in call.items()? {
        call.budget.make(16 * comparisons.len(), call.range)?;
        let keys =
            comparisons.iter().map(|comparison| comparison.key(&item, call.range, call.budget));
        // Python compares lists of keys, even of one.
        let keys = Value::tuple(keys.collect::<Result<_, _>>()?);
        keyed.push((keys, item));
    }
    sort_by_keys(&mut keyed, is_reverse, call)?;
    Ok(Value::list(keyed.into_iter().map(|(_, item)| item).collect()))
}

/// `dictsort(case_sensitive=false, by="key", reverse=false)`.
pub(super) fn dictsort(call: &mut Call<'_>) -> Result<Value, Error> {
    let by_value = match call.printed(1)?.as_deref() {
        None | Some("key") => false,
        Some("value") => true,
        Some(other) => {
            return call.refuse(format!("`by` must be \"key\" or \"value\", not \"{other}\""));
        }
    };
    let Value::Object(object) = &call.value else {
        return call.wrong_type("the value", "an object", &call.value);
    };
    let object = Rc::clone(object);
    let (is_case_sensitive, is_reverse) = (call.flag(0), is_reverse(call, 2)?);
    let comparison =
        Comparison { path: AttributePath(Vec::new()), is_case_sensitive, default: None };
    let mut keyed = Vec::new();
    for (key, value) in object.entries().iter() {
        call.budget.make(48, call.range)?;
        let compared = if by_value { value } else { key };
        let compared = comparison.fold(compared.clone(), call.range, call.budget)?;
        keyed.push((compared, Value::tuple(vec![key.clone(), value.clone()])));
    }
    sort_by_keys(&mut keyed, is_reverse, call)?;
    Ok(Value::list(keyed.into_iter().map(|(_, item)| item).collect()))
}

/// `unique(case_sensitive=false, attribute)`: the first of each that are equal.
pub(super) fn unique(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| {
        let comparison = Comparison {
            path: attribute_path(call.argument(1), call.range)?,
            is_case_sensitive: call.flag(0),
            default: None,
        };
        let items = Cursor::of(&call.value, call.range)?;
        Ok(Box::new(Distinct { items, comparison, seen: BTreeMap::new() }))
    })
}

struct Distinct {
    items: Cursor,
    comparison: Comparison,
    /// What came, with its position among what is different: the kind of map that objects have, too.
    seen: BTreeMap<Key, usize>,
}

impl Maker for Distinct {
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        while let Some(item) = self.items.next(range, budget)? {
            let key = self.comparison.key(&item, range, budget)?.require_defined(range)?;
            let Some(hashed) = Key::of(&key, range, budget)? else {
                let message = format!("`unique` cannot compare {}", key.describe());
                return Err(Error::new(ErrorKind::Value, range.clone(), message)
                    .help("name an attribute: `unique(attribute=\"…\")`"));
            };
            hashed.charge(self.seen.len(), range, budget)?;
            if self.seen.insert(hashed, self.seen.len()).is_none() {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    fn held(&self, found: &mut Vec<Value>) {
        self.items.held(found);
    }
}

pub(super) fn min(call: &mut Call<'_>) -> Result<Value, Error> {
    extreme(call, Ordering::Less)
}

pub(super) fn max(call: &mut Call<'_>) -> Result<Value, Error> {
    extreme(call, Ordering::Greater)
}

/// `min` and `max(case_sensitive=false, attribute)`: of equal items the first.
fn extreme(call: &mut Call<'_>, wanted: Ordering) -> Result<Value, Error> {
    let comparison = Comparison {
        path: attribute_path(call.argument(1), call.range)?,
        is_case_sensitive: call.flag(0),
        default: None,
    };
    let mut best: Option<(Value, Value)> = None;
    for item in call.items()? {
        let key = comparison.key(&item, call.range, call.budget)?;
        best = Some(match best {
            Some((best_key, best_item)) => {
                if order(&key, &best_key, call.range, call.budget)? == wanted {
                    (key, item)
                } else {
                    (best_key, best_item)
                }
            }
            None => (key, item),
        });
    }
    Ok(match best {
        Some((_, item)) => item,
        None => Value::undefined(format!("the {} of nothing", call.name)),
    })
}

/// `groupby(attribute, default, case_sensitive=false)`: groups of the items that have the same attribute,
/// each with it as `grouper` and the items as `list`.
pub(super) fn groupby(call: &mut Call<'_>) -> Result<Value, Error> {
    let default = call.argument(1).filter(|default| !matches!(default, Value::None)).cloned();
    let comparison = Comparison {
        path: attribute_path(call.argument(0), call.range)?,
        is_case_sensitive: call.flag(2),
        default,
    };
    let mut keyed = Vec::new();
    for item in call.items()? {
        call.budget.make(48, call.range)?;
        keyed.push((comparison.key(&item, call.range, call.budget)?, item));
    }
    sort_by_keys(&mut keyed, false, call)?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, items)) if equals(last, &key, call.range, call.budget)? => items.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    let mut made = Vec::with_capacity(groups.len());
    for (key, items) in groups {
        let grouper = match items.first() {
            Some(first) if !comparison.is_case_sensitive => {
                comparison.path.read(first, comparison.default.as_ref(), call.range, call.budget)?
            }
            _ => key,
        };
        let items = vec![grouper, Value::list(items)];
        made.push(Value::Tuple(Rc::new(Tuple { items, is_group: true })));
    }
    Ok(Value::list(made))
}
