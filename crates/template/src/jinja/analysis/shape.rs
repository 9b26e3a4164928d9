//! What is known of a value before a template runs.

use std::collections::BTreeMap;
use std::rc::Rc;

use promptdex_wire::variables::{Member, Shape as DeclaredShape, Type};

use super::super::program::Constant;
use super::super::program::Macro;

/// Kinds of values, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u32);

impl Kinds {
    pub(super) const NEVER: Self = Self(0);
    pub(super) const UNDEFINED: Self = Self(1);
    pub(super) const NONE: Self = Self(1 << 1);
    pub(super) const BOOLEAN: Self = Self(1 << 2);
    pub(super) const INTEGER: Self = Self(1 << 3);
    pub(super) const FLOAT: Self = Self(1 << 4);
    pub(super) const TEXT: Self = Self(1 << 5);
    pub(super) const LIST: Self = Self(1 << 6);
    pub(super) const TUPLE: Self = Self(1 << 7);
    pub(super) const OBJECT: Self = Self(1 << 8);
    pub(super) const RANGE: Self = Self(1 << 9);
    pub(super) const ITERATOR: Self = Self(1 << 10);
    pub(super) const VIEW: Self = Self(1 << 11);
    pub(super) const NAMESPACE: Self = Self(1 << 12);
    /// Macros, functions and joiners.
    pub(super) const CALLABLE: Self = Self(1 << 13);
    pub(super) const LOOP: Self = Self(1 << 14);
    pub(super) const CYCLER: Self = Self(1 << 15);
    pub(super) const ANY: Self = Self(u32::MAX);

    /// What an `if` without `else` gives: not defined, but printed as an empty text, and without items.
    pub(super) const NOTHING: Self = Self(1 << 16);
    /// What `is undefined` is true for.
    pub(super) const NOT_DEFINED: Self = Self::UNDEFINED.or(Self::NOTHING);
    pub(super) const NUMBER: Self = Self::BOOLEAN.or(Self::INTEGER).or(Self::FLOAT);
    pub(super) const PRINTABLE: Self = Self::NUMBER.or(Self::TEXT).or(Self::NOTHING);
    pub(super) const SIZED: Self = Self::TEXT
        .or(Self::LIST)
        .or(Self::TUPLE)
        .or(Self::OBJECT)
        .or(Self::RANGE)
        .or(Self::VIEW)
        .or(Self::NOTHING);
    /// What has items or attributes.
    pub(super) const SUBSCRIPTED: Self = Self::SIZED
        .without(Self::VIEW)
        .or(Self::NAMESPACE)
        .or(Self::CALLABLE)
        .or(Self::LOOP)
        .or(Self::CYCLER);
    pub(super) const ITERABLE: Self = Self::SIZED.or(Self::ITERATOR);
    pub(super) const JSON: Self =
        Self::PRINTABLE.or(Self::NONE).or(Self::LIST).or(Self::TUPLE).or(Self::OBJECT);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_never(self) -> bool {
        self.0 == 0
    }

    /// Whether some of the kinds are among others.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all of the kinds are among others; that of nothing is not.
    pub(super) const fn is_within(self, other: Self) -> bool {
        self.0 != 0 && self.0 & !other.0 == 0
    }

    /// Names the kinds, if they have one name.
    pub(super) fn describe(self) -> &'static str {
        const NAMES: [(Kinds, &str); 18] = [
            (Kinds::UNDEFINED, "undefined"),
            (Kinds::NOTHING, "nothing"),
            (Kinds::NONE, "none"),
            (Kinds::BOOLEAN, "a boolean"),
            (Kinds::INTEGER, "an integer"),
            (Kinds::FLOAT, "a float"),
            (Kinds::NUMBER, "a number"),
            (Kinds::TEXT, "a string"),
            (Kinds::LIST, "a list"),
            (Kinds::TUPLE, "a tuple"),
            (Kinds::OBJECT, "an object"),
            (Kinds::RANGE, "a range"),
            (Kinds::ITERATOR, "an iterator"),
            (Kinds::VIEW, "a view of an object"),
            (Kinds::NAMESPACE, "a namespace"),
            (Kinds::CALLABLE, "a macro or a function"),
            (Kinds::LOOP, "the loop"),
            (Kinds::CYCLER, "a cycler"),
        ];
        let defined = self.without(Self::NOT_DEFINED.or(Self::NONE));
        let named = if defined.is_never() { self } else { defined };
        let found = NAMES.iter().find(|(kinds, _)| named.is_within(*kinds));
        found.map_or("such a value", |(_, name)| name)
    }
}

/// What is known of a value.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) kinds: Kinds,
    /// What its items are; nothing is known without it.
    pub(super) items: Option<Rc<Self>>,
    /// What is known of the keys of an object of the caller; it may have others.
    pub(super) properties: Option<Rc<BTreeMap<String, Self>>>,
    /// The macro that it is.
    pub(super) declaration: Option<Rc<Macro>>,
    /// Whether the caller passed it, so that it never changes.
    pub(super) is_given: bool,
}

impl Shape {
    pub(super) fn of_kinds(kinds: Kinds) -> Self {
        Self { kinds, items: None, properties: None, declaration: None, is_given: false }
    }

    pub(super) fn any() -> Self {
        Self::of_kinds(Kinds::ANY)
    }

    pub(super) fn never() -> Self {
        Self::of_kinds(Kinds::NEVER)
    }

    /// A list of items of which this is known.
    pub(super) fn list_of(items: Self) -> Self {
        Self { items: Some(Rc::new(items)), ..Self::of_kinds(Kinds::LIST) }
    }

    pub(super) fn of_macro(declaration: &Rc<Macro>) -> Self {
        Self { declaration: Some(Rc::clone(declaration)), ..Self::of_kinds(Kinds::CALLABLE) }
    }

    /// Returns what a declaration says of a value that is there.
    pub(super) fn of_declared(declared: &DeclaredShape<'_>) -> Self {
        let shape = match declared.kind {
            Type::String | Type::Image | Type::File | Type::Audio => Self::of_kinds(Kinds::TEXT),
            Type::Integer => Self::of_kinds(Kinds::INTEGER),
            Type::Number => Self::of_kinds(Kinds::INTEGER.or(Kinds::FLOAT)),
            Type::Boolean => Self::of_kinds(Kinds::BOOLEAN),
            Type::Array => match declared.items {
                Some(items) => Self::list_of(Self::of_declared(&items.shape())),
                None => Self::of_kinds(Kinds::LIST),
            },
            Type::Object => {
                let properties = declared.properties.map(|properties| {
                    let property = |(name, member): &(String, Member)| {
                        let shape = Self::of_declared(&member.shape());
                        let absent = Kinds::UNDEFINED.or(Kinds::NONE);
                        let shape = if member.required { shape } else { shape.or_kinds(absent) };
                        (name.clone(), shape)
                    };
                    Rc::new(properties.0.iter().map(property).collect())
                });
                Self { properties, ..Self::of_kinds(Kinds::OBJECT) }
            }
        };
        Self { is_given: true, ..shape }
    }

    pub(super) fn of_constant(constant: &Constant) -> Self {
        Self::of_kinds(match constant {
            Constant::None => Kinds::NONE,
            Constant::Boolean(_) => Kinds::BOOLEAN,
            Constant::Integer(_) => Kinds::INTEGER,
            Constant::Float(_) => Kinds::FLOAT,
            Constant::Text(_) => Kinds::TEXT,
            Constant::Function(_) => Kinds::CALLABLE,
        })
    }

    /// Returns what is known of a value that is this or that.
    pub(super) fn join(self, other: Self) -> Self {
        if self.kinds.is_never() {
            return other;
        }
        if other.kinds.is_never() {
            return self;
        }
        let items = match (&self.items, &other.items) {
            (Some(a), Some(b)) => Some(Rc::new((**a).clone().join((**b).clone()))),
            // One that has no items does not say anything about them.
            (Some(items), None) if !other.kinds.has(Kinds::ITERABLE) => Some(Rc::clone(items)),
            (None, Some(items)) if !self.kinds.has(Kinds::ITERABLE) => Some(Rc::clone(items)),
            _ => None,
        };
        let properties = match (&self.properties, &other.properties) {
            (Some(properties), None) if !other.kinds.has(Kinds::OBJECT) => {
                Some(Rc::clone(properties))
            }
            (None, Some(properties)) if !self.kinds.has(Kinds::OBJECT) => {
                Some(Rc::clone(properties))
            }
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => Some(Rc::clone(a)),
            _ => None,
        };
        let declaration = match (self.declaration, other.declaration) {
            (Some(a), Some(b)) if Rc::ptr_eq(&a, &b) => Some(a),
            _ => None,
        };
        let is_given = self.is_given && other.is_given;
        Self { kinds: self.kinds.or(other.kinds), items, properties, declaration, is_given }
    }

    /// Keeps only some of the kinds.
    pub(super) fn narrowed(mut self, kinds: Kinds) -> Self {
        self.kinds = self.kinds.and(kinds);
        self
    }

    pub(super) fn or_kinds(mut self, kinds: Kinds) -> Self {
        self.kinds = self.kinds.or(kinds);
        self
    }

    /// Returns what is known of what going through the value gives.
    pub(super) fn item(&self) -> Self {
        if self.kinds.is_within(Kinds::TEXT) {
            return Self::of_kinds(Kinds::TEXT);
        }
        if self.kinds.is_within(Kinds::RANGE) {
            return Self::of_kinds(Kinds::INTEGER);
        }
        let is_list = self.kinds.and(Kinds::ITERABLE).is_within(Kinds::LIST.or(Kinds::ITERATOR));
        match &self.items {
            Some(items) if is_list => (**items).clone(),
            _ => Self { is_given: self.is_given, ..Self::any() },
        }
    }

    /// Returns what is known of the value of a key.
    pub(super) fn property(&self, name: &str) -> Self {
        let mut shape = Self::never();
        if self.kinds.has(Kinds::OBJECT) {
            let known = self.properties.as_ref().and_then(|properties| properties.get(name));
            let unknown = || Self { is_given: self.is_given, ..Self::any() };
            shape = shape.join(known.cloned().unwrap_or_else(unknown));
        }
        // What has attributes of its own.
        let others =
            Kinds::NAMESPACE.or(Kinds::LOOP).or(Kinds::CYCLER).or(Kinds::CALLABLE).or(Kinds::TUPLE);
        if self.kinds.has(others) {
            return Self::any();
        }
        if self.kinds.has(Kinds::ANY.without(others).without(Kinds::OBJECT)) {
            shape = shape.join(Self::of_kinds(Kinds::UNDEFINED));
        }
        shape
    }
}
