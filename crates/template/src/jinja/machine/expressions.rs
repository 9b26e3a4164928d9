//! Expressions.

use std::ops::Range;
use std::rc::Rc;

use super::super::attributes::attribute;
use super::super::budget::check_depth;
use super::super::operators;
use super::super::program::{Comparison, Expression, Link, Operand, Step};
use super::super::value::{Key, ObjectEntries, Value};
use super::{Machine, refuse};
use crate::error::Error;

impl Machine<'_> {
    pub(super) fn expression(&mut self, expression: &Expression) -> Result<Value, Error> {
        self.beginning(expression, expression.links.len())
    }

    /// Evaluates an expression up to so many links.
    pub(super) fn beginning(
        &mut self,
        expression: &Expression,
        links: usize,
    ) -> Result<Value, Error> {
        let mut value = self.operand(expression)?;
        for link in expression.links.iter().take(links) {
            value = self.link(link, value)?;
        }
        Ok(value)
    }

    /// Evaluates an expression that is part of another one, one level deeper.
    pub(super) fn inner(&mut self, expression: &Expression) -> Result<Value, Error> {
        // Most operands are a name or a literal, which is read without going deeper.
        if let (Operand::Constant(_) | Operand::Variable { .. }, []) =
            (&expression.base, expression.links.as_slice())
        {
            check_depth(self.depth + 1, || expression.place.range())?;
            return self.operand(expression);
        }
        self.nested(|| expression.place.range(), |machine| machine.expression(expression))
    }

    pub(super) fn operand(&mut self, expression: &Expression) -> Result<Value, Error> {
        let place = || expression.place.range();
        self.budget.step(place)?;
        Ok(match &expression.base {
            Operand::Constant(value) => Value::of_constant(value),
            Operand::Variable { slot } => self.get(*slot).clone(),
            Operand::List(items) => Value::list(self.item_values(items, &place())?),
            Operand::Tuple(items) => Value::tuple(self.item_values(items, &place())?),
            Operand::Object(entries) => self.object(entries, &place())?,
            Operand::Conditional(choice) => {
                if self.inner(&choice.condition)?.is_true() {
                    self.inner(&choice.value)?
                } else {
                    match &choice.otherwise {
                        Some(otherwise) => self.inner(otherwise)?,
                        None => Value::Nothing,
                    }
                }
            }
        })
    }

    fn item_values(
        &mut self,
        items: &[Expression],
        place: &Range<usize>,
    ) -> Result<Vec<Value>, Error> {
        self.budget.make(items.len() * 16, place)?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.inner(item)?.require_storable(&item.place.range())?;
            values.push(value);
        }
        Ok(values)
    }

    fn object(
        &mut self,
        written: &[(Expression, Expression)],
        place: &Range<usize>,
    ) -> Result<Value, Error> {
        self.budget.make(written.len() * 16, place)?;
        let mut entries = ObjectEntries::default();
        for (key, value) in written {
            let key_place = key.place.range();
            let key = self.inner(key)?.require_defined(&key_place)?;
            let value_place = value.place.range();
            let value = self.inner(value)?.require_storable(&value_place)?;
            let Some(hashed) = Key::of(&key, &key_place, &mut self.budget)? else {
                return refuse(
                    &key_place,
                    format!("{} cannot be a key of an object", key.describe()),
                );
            };
            entries.insert(hashed, key, value, &value_place, &mut self.budget)?;
        }
        Ok(Value::object(entries))
    }

    /// Applies one step of a chain to the value on its left.
    pub(super) fn link(&mut self, link: &Link, value: Value) -> Result<Value, Error> {
        self.budget.step(|| link.place.range())?;
        let place = || link.place.range();
        match &link.step {
            Step::Not => Ok(Value::Boolean(!value.is_true())),
            Step::Negate => operators::negate(&value, &place()),
            Step::Posit => operators::posit(&value, &place()),
            Step::And(right) => {
                if value.is_true() {
                    self.inner(right)
                } else {
                    Ok(value)
                }
            }
            Step::Or(right) => {
                if value.is_true() {
                    Ok(value)
                } else {
                    self.inner(right)
                }
            }
            Step::Binary(operator, right) => {
                let right_value = self.inner(right)?;
                // Of two operands the undefined one is named with its own place.
                let value = value.require_defined(&link.left.range())?;
                let right_value = right_value.require_defined(&right.place.range())?;
                operators::binary(*operator, &value, &right_value, &place(), &mut self.budget)
            }
            Step::Concatenate(others) => {
                let mut operands = vec![(value, link.left.range())];
                for other in others {
                    operands.push((self.inner(other)?, other.place.range()));
                }
                operators::concatenate(&operands, &place(), &mut self.budget)
            }
            Step::Compare(others) => self.comparison(value, others, link),
            Step::Attribute(name) => {
                if let Value::Loop(state) = &value {
                    let state = Rc::clone(state);
                    return self.loop_attribute(&state, name, &place());
                }
                let value = value.require_defined(&link.left.range())?;
                attribute(&value, name, true, &place(), &mut self.budget)
            }
            Step::Item(subscript) => {
                let subscript_value = self.inner(subscript)?;
                let value = value.require_defined(&link.left.range())?;
                let subscript_value = subscript_value.require_defined(&subscript.place.range())?;
                if let (Value::Loop(state), Value::Text(name)) = (&value, &subscript_value) {
                    let state = Rc::clone(state);
                    return self.loop_attribute(&state, name, &place());
                }
                operators::item(&value, &subscript_value, &place(), &mut self.budget)
            }
            Step::Slice(written) => {
                let mut bounds = [Value::None, Value::None, Value::None];
                for (bound, written) in bounds.iter_mut().zip(written.iter()) {
                    if let Some(written) = written {
                        *bound = self.inner(written)?.require_defined(&written.place.range())?;
                    }
                }
                let value = value.require_defined(&link.left.range())?;
                operators::slice(&value, &bounds, &place(), &mut self.budget)
            }
            Step::Filter(call) => {
                let place = place();
                self.filter(call, value, &place)
            }
            Step::Test(call) => self.test(call, &value, &place()),
            Step::Call(arguments) => self.call(value, arguments, link, None),
            Step::Method(name, arguments) => self.method(value, name, arguments, link, None),
        }
    }

    /// Compares a chain: `a < b < c` is `a < b and b < c`, with `b` evaluated once.
    fn comparison(
        &mut self,
        value: Value,
        others: &[(Comparison, Expression)],
        link: &Link,
    ) -> Result<Value, Error> {
        let mut left = value;
        let mut left_place = link.left;
        for (comparison, other) in others {
            let right = self.inner(other)?;
            let place = link.place.range();
            left.check_defined(&left_place.range())?;
            right.check_defined(&other.place.range())?;
            if !operators::compare(*comparison, &left, &right, &place, &mut self.budget)? {
                return Ok(Value::Boolean(false));
            }
            left = right;
            left_place = other.place;
        }
        Ok(Value::Boolean(true))
    }
}
