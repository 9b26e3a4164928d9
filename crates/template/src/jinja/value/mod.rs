//! Values while a template runs, as Python has them: integers and floats are different, objects keep
//! their order, and lists that the template made itself can be changed in place.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use super::budget::Budget;
use super::program::{Constant, For, Function, Macro};
use crate::error::{Error, ErrorKind};
use crate::python::numbers::Number;

mod equality;
mod hash;
mod iteration;
mod json;
mod key;
mod objects;
mod passed;
mod release;

pub(super) use equality::{equals, order};
pub(super) use json::{Layout, write_json};
pub(super) use key::Key;

/// A value. Copies share what they hold.
#[derive(Clone)]
pub(crate) enum Value {
    /// The absence of a value, with the name of what is absent.
    Undefined(Rc<str>),
    /// What an `if` without `else` gives where it is false: absent, but printed as nothing.
    Nothing,
    None,
    Boolean(bool),
    Integer(i64),
    /// Finite.
    Float(f64),
    Text(Rc<str>),
    List(Rc<List>),
    Tuple(Rc<Tuple>),
    Object(Rc<Object>),
    Range(Numbers),
    /// What `map`, `select` and the like give: it can be gone through once.
    Iterator(Rc<Items>),
    /// Keys, values or entries of an object.
    View(ViewKind, Rc<Object>),
    Namespace(Rc<Namespace>),
    Macro(Rc<MacroValue>),
    Loop(Rc<LoopState>),
    Cycler(Rc<Cycler>),
    Joiner(Rc<Joiner>),
    Function(Function),
}

/// Items in order.
pub(crate) struct List {
    pub(super) items: RefCell<Vec<Value>>,
    /// Whether the template made it, and may change it.
    pub(super) is_own: bool,
}

/// Items in order that nothing can change.
pub(crate) struct Tuple {
    pub(super) items: Vec<Value>,
    /// Whether it is a group of `groupby`, whose items have names.
    pub(super) is_group: bool,
}

/// What `range` gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(super) start: i64,
    pub(super) stop: i64,
    pub(super) step: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewKind {
    Keys,
    Values,
    Items,
}

/// A macro with the function call in which it was defined.
pub(crate) struct MacroValue {
    pub(super) declaration: Rc<Macro>,
    pub(super) activation: usize,
}

/// What `namespace()` makes.
pub(crate) struct Namespace {
    pub(super) attributes: RefCell<ObjectEntries>,
}

/// What `cycler()` makes.
pub(crate) struct Cycler {
    pub(super) items: Vec<Value>,
    pub(super) position: Cell<usize>,
}

/// What `joiner()` makes.
pub(crate) struct Joiner {
    pub(super) separator: Value,
    pub(super) is_used: Cell<bool>,
}

/// Entries by key, in their order.
#[derive(Default, Clone)]
pub(crate) struct ObjectEntries {
    entries: Vec<(Value, Value)>,
    /// What each entry is looked up by.
    keys: Vec<Key>,
    /// Where each key is, once there are more than a few.
    positions: BTreeMap<Key, usize>,
}

/// An object, like a `dict` of Python.
pub(crate) struct Object {
    entries: RefCell<ObjectEntries>,
    /// Whether the template made it, and may change it.
    pub(crate) is_own: bool,
}

/// A place in a value that is gone through.
pub(crate) enum Cursor {
    List(Rc<List>, usize),
    /// From the end: so many items are left.
    ListBackwards(Rc<List>, usize),
    Tuple(Rc<Tuple>, usize),
    /// From this byte on.
    Text(Rc<str>, usize),
    Range(Numbers, u64),
    /// From the end: so many numbers are left.
    RangeBackwards(Numbers, u64),
    /// Keys, values or entries.
    Object(Entries),
    Iterator(Rc<Items>),
    End,
}

/// A place in the entries of an object, whose number must not change meanwhile.
pub(crate) struct Entries {
    kind: ViewKind,
    object: Rc<Object>,
    length: usize,
    position: usize,
    is_backwards: bool,
}

/// What gives items that it makes when they are taken.
pub(crate) trait Generator {
    /// Makes the next item.
    fn next(&mut self, budget: &mut Budget) -> Result<Option<Value>, Error>;

    /// Adds the values that it holds.
    fn held(&self, found: &mut Vec<Value>);
}

/// Items that are taken one by one, and only once.
pub(crate) struct Items {
    state: RefCell<ItemsState>,
}

pub(crate) enum ItemsState {
    Cursor(Cursor),
    Generator(Box<dyn Generator>),
}

/// A loop that runs. Items are taken one by one, as in Python: the body may change what the loop goes
/// through, and what its condition looks at.
pub(crate) struct LoopState {
    pub(super) declaration: Rc<For>,
    /// The function call that the loop runs in.
    pub(super) activation: usize,
    pub(super) source: RefCell<Cursor>,
    /// Items that were taken to see whether there are any.
    pub(super) ahead: RefCell<VecDeque<Value>>,
    /// What the loop goes through, if it has a length.
    pub(super) sized: Option<Value>,
    pub(super) length: Cell<Option<u64>>,
    pub(super) index0: Cell<u64>,
    pub(super) current: RefCell<Option<Value>>,
    pub(super) previous: RefCell<Option<Value>>,
    /// What `changed` was last called with.
    pub(super) last_seen: RefCell<Option<Vec<Value>>>,
    pub(super) depth0: i64,
    /// Whether the block of the condition has been entered.
    pub(super) is_test_open: Cell<bool>,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
            other => f.write_str(other.describe()),
        }
    }
}

impl Numbers {
    /// Returns how many numbers there are.
    pub(super) fn len(self) -> u64 {
        let (from, to) =
            if self.step > 0 { (self.start, self.stop) } else { (self.stop, self.start) };
        if from >= to {
            return 0;
        }
        let distance = to.abs_diff(from);
        (distance - 1) / self.step.unsigned_abs() + 1
    }

    /// Returns the number at a position that is within the length.
    pub(super) fn get(self, position: u64) -> Option<i64> {
        let number = i128::from(self.start) + i128::from(self.step) * i128::from(position);
        if position < self.len() { i64::try_from(number).ok() } else { None }
    }
}

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::of_str(text.as_ref())
    }

    // It is called from everywhere.
    #[inline(never)]
    fn of_str(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn character(character: char) -> Self {
        Self::text(&*character.encode_utf8(&mut [0; 4]))
    }

    /// Makes a list of the template's own.
    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(List::own(items)))
    }

    pub(super) fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(Tuple { items, is_group: false }))
    }

    pub(super) fn undefined(name: impl Into<Rc<str>>) -> Self {
        Self::Undefined(name.into())
    }

    pub(super) fn number(number: Number) -> Self {
        match number {
            Number::Integer(number) => Self::Integer(number),
            Number::Float(number) => Self::Float(number),
        }
    }

    /// Makes an integer of a count.
    pub(super) fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(super) fn of_constant(constant: &Constant) -> Self {
        match constant {
            Constant::None => Self::None,
            Constant::Boolean(value) => Self::Boolean(*value),
            Constant::Integer(number) => Self::Integer(*number),
            Constant::Float(number) => Self::Float(*number),
            Constant::Text(text) => Self::Text(Rc::clone(text)),
            Constant::Function(function) => Self::Function(*function),
        }
    }

    /// Names what the value is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Undefined(_) | Self::Nothing => "undefined",
            Self::None => "none",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
            Self::Range(_) => "a range",
            Self::Iterator(_) => "an iterator",
            Self::View(ViewKind::Keys, _) => "the keys of an object",
            Self::View(ViewKind::Values, _) => "the values of an object",
            Self::View(ViewKind::Items, _) => "the items of an object",
            Self::Namespace(_) => "a namespace",
            Self::Macro(_) => "a macro",
            Self::Loop(_) => "the loop",
            Self::Cycler(_) => "a cycler",
            Self::Joiner(_) => "a joiner",
            Self::Function(_) => "a function",
        }
    }

    /// Returns the name of what is absent, unless the value is defined.
    pub(super) fn absent(&self) -> Option<&str> {
        match self {
            Self::Undefined(name) => Some(name),
            Self::Nothing => Some("the value of an `if` without `else`"),
            _ => None,
        }
    }

    /// Whether Python tells the value from others by where it is, so that no object has it as a key.
    pub(super) fn has_identity(&self) -> bool {
        matches!(
            self,
            Self::Range(_)
                | Self::Iterator(_)
                | Self::View(ViewKind::Values, _)
                | Self::Namespace(_)
                | Self::Macro(_)
                | Self::Loop(_)
                | Self::Cycler(_)
                | Self::Joiner(_)
                | Self::Function(_)
        )
    }

    pub(super) fn is_undefined(&self) -> bool {
        self.absent().is_some()
    }

    /// Checks that the value is not undefined.
    pub(super) fn check_defined(&self, range: &Range<usize>) -> Result<(), Error> {
        match self.absent() {
            Some(name) => Err(undefined(name, range)),
            None => Ok(()),
        }
    }

    /// Returns the value unless it is undefined.
    pub(super) fn require_defined(self, range: &Range<usize>) -> Result<Self, Error> {
        self.check_defined(range)?;
        Ok(self)
    }

    /// Whether the value counts as true: neither undefined, none, false, 0 nor empty.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::Nothing | Self::None => false,
            Self::Boolean(value) => *value,
            Self::Integer(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => !list.items.borrow().is_empty(),
            Self::Tuple(tuple) => !tuple.items.is_empty(),
            Self::Object(object) | Self::View(_, object) => !object.entries().is_empty(),
            Self::Range(numbers) => numbers.len() > 0,
            Self::Iterator(_)
            | Self::Namespace(_)
            | Self::Macro(_)
            | Self::Loop(_)
            | Self::Cycler(_)
            | Self::Joiner(_)
            | Self::Function(_) => true,
        }
    }

    /// Returns the text that is printed.
    pub(crate) fn print(&self, range: &Range<usize>) -> Result<Rc<str>, Error> {
        let refuse = |message: String, help: &str| {
            Err(Error::new(ErrorKind::Value, range.clone(), message).help(help))
        };
        match self {
            Self::Undefined(name) => Err(undefined(name, range)),
            Self::Nothing => Ok("".into()),
            Self::Text(text) => Ok(Rc::clone(text)),
            Self::Integer(number) => Ok(number.to_string().into()),
            Self::Float(number) => Ok(Number::Float(*number).print().into()),
            Self::Boolean(true) => Ok("True".into()),
            Self::Boolean(false) => Ok("False".into()),
            Self::None => refuse(
                "none would be printed".to_owned(),
                "guard it with `{% if … %}`, or add a default: `| default(\"…\", true)`",
            ),
            Self::List(_)
            | Self::Tuple(_)
            | Self::Object(_)
            | Self::Range(_)
            | Self::Iterator(_)
            | Self::View(..) => refuse(
                format!("{} would be printed", self.describe()),
                "print it with `| tojson`, or a list with `| join(\", \")`",
            ),
            Self::Namespace(_)
            | Self::Macro(_)
            | Self::Loop(_)
            | Self::Cycler(_)
            | Self::Joiner(_)
            | Self::Function(_) => refuse(
                format!("{} would be printed", self.describe()),
                "call it, or print one of its attributes",
            ),
        }
    }

    /// Returns the integer that Python's `__index__` gives: of an integer or a boolean.
    pub(super) fn as_index(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Boolean(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// Returns a number; a boolean is 0 or 1.
    pub(super) fn as_number(&self) -> Option<Number> {
        match self {
            Self::Float(number) => Some(Number::Float(*number)),
            other => other.as_index().map(Number::Integer),
        }
    }

    /// Returns how many items the value has, unless it is one that has no length.
    pub(super) fn length(
        &self,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<u64>, Error> {
        if !matches!(self, Self::Nothing) {
            self.check_defined(range)?;
        }
        Ok(Some(match self {
            Self::Nothing => 0,
            Self::Text(text) => {
                budget.make(text.len(), range)?;
                text.chars().count() as u64
            }
            Self::List(list) => list.items.borrow().len() as u64,
            Self::Tuple(tuple) => tuple.items.len() as u64,
            Self::Object(object) | Self::View(_, object) => object.entries().len() as u64,
            Self::Range(numbers) => numbers.len(),
            _ => return Ok(None),
        }))
    }

    /// Looks at the value and at all that the template has made in it: what the caller passed holds nothing
    /// else.
    pub(super) fn visit(
        &self,
        range: &Range<usize>,
        budget: &mut Budget,
        look: &mut dyn FnMut(&Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if matches!(self, Self::Boolean(_) | Self::Integer(_) | Self::Float(_) | Self::Text(_)) {
            look(self)?;
            return budget.make(1, range);
        }
        let mut pending = vec![self.clone()];
        while let Some(value) = pending.pop() {
            look(&value)?;
            budget.make(1, range)?;
            value.held(&mut pending);
        }
        Ok(())
    }

    /// Adds the values that are directly in a value that the template has made.
    fn held(&self, found: &mut Vec<Self>) {
        match self {
            Self::List(list) if list.is_own => found.extend(list.items.borrow().iter().cloned()),
            Self::Tuple(tuple) => found.extend(tuple.items.iter().cloned()),
            Self::Object(object) | Self::View(_, object) if object.is_own => {
                found.extend(object.entries().iter().map(|(_, value)| value.clone()));
            }
            Self::Iterator(items) => items.held(found),
            Self::Namespace(namespace) => {
                let attributes = namespace.attributes.borrow();
                found.extend(attributes.iter().map(|(_, value)| value.clone()));
            }
            Self::Cycler(cycler) => found.extend(cycler.items.iter().cloned()),
            Self::Joiner(joiner) => found.push(joiner.separator.clone()),
            _ => {}
        }
    }

    /// Whether the value may be kept in a list, an object or a namespace: what belongs to a block may not
    /// outlive it.
    pub(super) fn check_storable(&self, range: &Range<usize>) -> Result<(), Error> {
        match self {
            Self::Macro(_) | Self::Loop(_) => {
                let message = format!("{} cannot be part of a value", self.describe());
                Err(Error::new(ErrorKind::Unsupported, range.clone(), message)
                    .help("call it where it is defined, and store the text"))
            }
            _ => Ok(()),
        }
    }

    /// Returns the value if it may be kept.
    pub(super) fn require_storable(self, range: &Range<usize>) -> Result<Self, Error> {
        self.check_storable(range)?;
        Ok(self)
    }
}

/// The error about a use of what is undefined.
pub(super) fn undefined(name: &str, range: &Range<usize>) -> Error {
    let error = Error::new(ErrorKind::Undefined, range.clone(), format!("`{name}` is undefined"));
    error.help("pass a value, or guard it with `{% if … is defined %}` or `| default(…)`")
}

impl List {
    /// Makes a list of the template's own.
    pub(super) fn own(items: Vec<Value>) -> Self {
        Self { items: RefCell::new(items), is_own: true }
    }
}
