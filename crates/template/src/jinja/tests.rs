//! Tests: what follows `is`.

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use super::arguments::{Arguments, Parameters};
use super::budget::Budget;
use super::operators::contains;
use super::program::{self, Test};
use super::value::{Value, equals, order};
use crate::error::{Error, ErrorKind};
use crate::python::numbers::Number;
use crate::python::text;

impl Test {
    pub(super) fn name(self) -> &'static str {
        self.definition().name
    }

    fn definition(self) -> &'static Definition {
        &TESTS[usize::from(self.0)]
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Definition {
    name: &'static str,
    /// Whether it takes a second value.
    parameter: Option<&'static str>,
}

/// Every test, in the order of the documentation.
static TESTS: [Definition; 36] = {
    const fn test(name: &'static str) -> Definition {
        Definition { name, parameter: None }
    }
    const fn with(name: &'static str, parameter: &'static str) -> Definition {
        Definition { name, parameter: Some(parameter) }
    }
    [
        test("defined"),
        test("undefined"),
        test("none"),
        test("boolean"),
        test("true"),
        test("false"),
        test("integer"),
        test("float"),
        test("number"),
        test("string"),
        test("sequence"),
        test("iterable"),
        test("mapping"),
        test("callable"),
        test("odd"),
        test("even"),
        with("divisibleby", "num"),
        test("lower"),
        test("upper"),
        with("in", "seq"),
        with("sameas", "other"),
        with("==", "other"),
        with("eq", "other"),
        with("equalto", "other"),
        with("!=", "other"),
        with("ne", "other"),
        with("<", "other"),
        with("lt", "other"),
        with("lessthan", "other"),
        with("<=", "other"),
        with("le", "other"),
        with(">", "other"),
        with("gt", "other"),
        with("greaterthan", "other"),
        with(">=", "other"),
        with("ge", "other"),
    ]
};

impl Definition {
    fn parameters(&self) -> Parameters {
        match self.parameter {
            None => Parameters::NONE,
            Some(_) => Parameters::Positional { most: 1, required: 1 },
        }
    }
}

pub(crate) fn find(name: &str) -> Option<Test> {
    let at = TESTS.iter().position(|test| test.name == name)?;
    u8::try_from(at).ok().map(Test)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TESTS.iter().map(|test| test.name)
}

/// Says what to write instead of a test that the dialect does not have.
pub(crate) fn remedy(name: &str) -> Option<&'static str> {
    Some(match name {
        "escaped" => "nothing is escaped here: remove the test",
        "filter" | "test" => "which filters and tests there are is fixed: remove the test",
        "empty" | "blank" => "an empty value is false: `{% if not value %}`",
        "null" | "nil" => "write `is none`",
        "list" | "array" => "write `is sequence and … is not string and … is not mapping`",
        "dict" | "object" => "write `is mapping`",
        "startingwith" | "startswith" => "write `value.startswith(\"…\")`",
        "endingwith" | "endswith" => "write `value.endswith(\"…\")`",
        _ => return None,
    })
}

/// Says what is wrong with the arguments of a test as it is written.
pub(crate) fn check_call(
    test: Test,
    arguments: &program::Arguments,
    range: &Range<usize>,
) -> Result<(), Error> {
    test.definition().parameters().check_written(test.name(), arguments, range)
}

/// Applies a test.
pub(super) fn apply(
    test: Test,
    value: &Value,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    let name = test.name();
    let mut bound = test.definition().parameters().bind(name, arguments, range)?.into_iter();
    let other = bound.next().flatten().unwrap_or(Value::None);
    match name {
        "defined" => return Ok(!value.is_undefined()),
        "undefined" => return Ok(value.is_undefined()),
        _ => {}
    }
    value.check_defined(range)?;
    other.check_defined(range)?;
    Ok(match name {
        "none" => matches!(value, Value::None),
        "boolean" => matches!(value, Value::Boolean(_)),
        "true" => matches!(value, Value::Boolean(true)),
        "false" => matches!(value, Value::Boolean(false)),
        "integer" => matches!(value, Value::Integer(_)),
        "float" => matches!(value, Value::Float(_)),
        "number" => matches!(value, Value::Boolean(_) | Value::Integer(_) | Value::Float(_)),
        "string" => matches!(value, Value::Text(_)),
        "sequence" => matches!(
            value,
            Value::Text(_) | Value::List(_) | Value::Tuple(_) | Value::Object(_) | Value::Range(_)
        ),
        "iterable" => matches!(
            value,
            Value::Text(_)
                | Value::List(_)
                | Value::Tuple(_)
                | Value::Object(_)
                | Value::Range(_)
                | Value::Iterator(_)
                | Value::View(..)
                | Value::Loop(_)
        ),
        "mapping" => matches!(value, Value::Object(_)),
        "callable" => matches!(
            value,
            Value::Macro(_) | Value::Function(_) | Value::Joiner(_) | Value::Loop(_)
        ),
        "odd" => remainder(value, &Value::Integer(2), name, range)? == Some(1),
        "even" => remainder(value, &Value::Integer(2), name, range)? == Some(0),
        "divisibleby" => remainder(value, &other, name, range)? == Some(0),
        "lower" => text::is_lower(&value.print(range)?, range, budget)?,
        "upper" => text::is_upper(&value.print(range)?, range, budget)?,
        "in" => contains(&other, value, range, budget)?,
        "sameas" => same(value, &other, range)?,
        "==" | "eq" | "equalto" => equals(value, &other, range, budget)?,
        "!=" | "ne" => !equals(value, &other, range, budget)?,
        "<" | "lt" | "lessthan" => order(value, &other, range, budget)?.is_lt(),
        "<=" | "le" => order(value, &other, range, budget)?.is_le(),
        ">" | "gt" | "greaterthan" => order(value, &other, range, budget)?.is_gt(),
        _ => order(value, &other, range, budget)? != Ordering::Less,
    })
}

/// Returns what is left of a division if that is 0 or 1.
fn remainder(
    value: &Value,
    divisor: &Value,
    name: &str,
    range: &Range<usize>,
) -> Result<Option<i64>, Error> {
    let (Some(number), Some(divisor)) = (value.as_number(), divisor.as_number()) else {
        let message = format!("`is {name}` requires a number, not {}", value.describe());
        return Err(Error::new(ErrorKind::Value, range.clone(), message));
    };
    let rest = number.modulo(divisor, range)?;
    let is = |wanted| rest.compare(Number::Integer(wanted)).is_eq();
    Ok([0, 1].into_iter().find(|wanted| is(*wanted)))
}

/// Whether two values are the same object: which equal numbers and texts are is Python's secret.
fn same(left: &Value, right: &Value, range: &Range<usize>) -> Result<bool, Error> {
    Ok(match (left, right) {
        (Value::None, Value::None) => true,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::List(left), Value::List(right)) => Rc::ptr_eq(left, right),
        (Value::Object(left), Value::Object(right)) => Rc::ptr_eq(left, right),
        (Value::Namespace(left), Value::Namespace(right)) => Rc::ptr_eq(left, right),
        (left, right) if std::mem::discriminant(left) != std::mem::discriminant(right) => false,
        _ => {
            let message = format!("whether {} is the same object is not defined", left.describe());
            return Err(Error::new(ErrorKind::Unsupported, range.clone(), message)
                .help("compare with `==`"));
        }
    })
}
