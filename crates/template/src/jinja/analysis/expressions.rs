//! Expressions.

use super::super::methods::is_object_method;
use super::super::program::{
    Comparison, Constant, Expression, Link, Operand, Operator, Place, Step,
};
use super::environment::Environment;
use super::narrowing::{narrow, narrow_chain, path};
use super::{Analysis, Kinds, Shape};
use crate::error::{Error, ErrorKind};
use crate::suggest::did_you_mean;

impl Analysis<'_> {
    pub(super) fn problem(&mut self, place: Place, message: String, help: &str) {
        let error = Error::new(ErrorKind::Value, place.range(), message);
        self.problems.certain.push(if help.is_empty() { error } else { error.help(help) });
    }

    /// Reports a value of which no kind is among those that an operation takes.
    pub(super) fn require(
        &mut self,
        shape: &Shape,
        kinds: Kinds,
        place: Place,
        help: &str,
    ) -> bool {
        if shape.kinds.is_never() || shape.kinds.has(kinds) {
            return true;
        }
        if shape.kinds.is_within(Kinds::UNDEFINED) {
            self.undefined(place);
        } else {
            let message = format!("{} cannot be used here", shape.kinds.describe());
            self.problem(place, message, help);
        }
        false
    }

    fn undefined(&mut self, place: Place) {
        let error = Error::new(ErrorKind::Undefined, place.range(), "this value is never defined");
        self.problems.certain.push(
            error.help("set it on every path before this line, or guard it with `is defined`"),
        );
    }

    pub(super) fn check_printed(&mut self, shape: &Shape, place: Place) {
        if shape.kinds.is_never() || shape.kinds.has(Kinds::PRINTABLE) {
            return;
        }
        if shape.kinds.is_within(Kinds::UNDEFINED) {
            self.undefined(place);
            return;
        }
        let help = if shape.kinds.has(Kinds::LIST) {
            "print it with `| join(\", \")` or `| tojson`"
        } else if shape.kinds.is_within(Kinds::NONE.or(Kinds::UNDEFINED)) {
            "guard it with `{% if … %}`"
        } else if shape.kinds.has(Kinds::ITERABLE) {
            "print it with `| tojson`, or one of its items"
        } else {
            "call it, or print one of its attributes"
        };
        self.problem(place, format!("{} cannot be printed", shape.kinds.describe()), help);
    }

    pub(super) fn expression(
        &mut self,
        expression: &Expression,
        environment: &mut Environment,
    ) -> Shape {
        let mut shape = self.operand(&expression.base, environment);
        for (position, link) in expression.links.iter().enumerate() {
            if shape.kinds.is_never() {
                return shape;
            }
            let before = &expression.links[..position];
            shape = self.link(&expression.base, before, link, shape, environment);
            if matches!(link.step, Step::Attribute(_) | Step::Item(_))
                && let Some(path) =
                    path(&expression.base, &expression.links[..=position], environment)
            {
                shape = shape.narrowed(environment.left_of(&path));
            }
        }
        shape
    }

    fn operand(&mut self, operand: &Operand, environment: &mut Environment) -> Shape {
        match operand {
            Operand::Constant(value) => Shape::of_constant(value),
            Operand::Variable { slot } => environment.get(*slot),
            Operand::List(items) => {
                self.all(items, environment);
                Shape::of_kinds(Kinds::LIST)
            }
            Operand::Tuple(items) => {
                self.all(items, environment);
                Shape::of_kinds(Kinds::TUPLE)
            }
            Operand::Object(entries) => {
                for (key, value) in entries {
                    let key_shape = self.expression(key, environment);
                    let keys = Kinds::PRINTABLE.or(Kinds::NONE).or(Kinds::TUPLE);
                    self.require(
                        &key_shape,
                        keys,
                        key.place,
                        "use a string, a number, a boolean, none, or a tuple of these as the key",
                    );
                    self.expression(value, environment);
                }
                Shape::of_kinds(Kinds::OBJECT)
            }
            Operand::Conditional(choice) => {
                self.expression(&choice.condition, environment);
                let mut inside = environment.clone();
                narrow(&choice.condition, true, &mut inside);
                let value = self.expression(&choice.value, &mut inside);
                let mut inside = environment.clone();
                narrow(&choice.condition, false, &mut inside);
                let otherwise = match &choice.otherwise {
                    Some(otherwise) => self.expression(otherwise, &mut inside),
                    None => Shape::of_kinds(Kinds::NOTHING),
                };
                value.join(otherwise)
            }
        }
    }

    pub(super) fn all(
        &mut self,
        expressions: &[Expression],
        environment: &mut Environment,
    ) -> Vec<Shape> {
        expressions.iter().map(|expression| self.expression(expression, environment)).collect()
    }

    fn link(
        &mut self,
        base: &Operand,
        before: &[Link],
        link: &Link,
        shape: Shape,
        environment: &mut Environment,
    ) -> Shape {
        match &link.step {
            Step::Not => Shape::of_kinds(Kinds::BOOLEAN),
            Step::Negate | Step::Posit => {
                self.require(&shape, Kinds::NUMBER, link.left, "use a number");
                numeric(&shape)
            }
            Step::And(right) => {
                let mut inside = environment.clone();
                narrow_chain(base, before, true, &mut inside);
                let right = self.expression(right, &mut inside);
                shape.join(right)
            }
            Step::Or(right) => {
                let mut inside = environment.clone();
                narrow_chain(base, before, false, &mut inside);
                let right = self.expression(right, &mut inside);
                // What is false for certain is not what comes out.
                shape.narrowed(Kinds::ANY.without(Kinds::NOT_DEFINED.or(Kinds::NONE))).join(right)
            }
            Step::Binary(operator, right) => {
                let right_shape = self.expression(right, environment);
                self.binary(*operator, &shape, &right_shape, link, right.place)
            }
            Step::Concatenate(others) => {
                self.check_printed(&shape, link.left);
                for other in others {
                    let other_shape = self.expression(other, environment);
                    self.check_printed(&other_shape, other.place);
                }
                Shape::of_kinds(Kinds::TEXT)
            }
            Step::Compare(others) => {
                let mut left = shape;
                let mut left_place = link.left;
                for (comparison, other) in others {
                    let right = self.expression(other, environment);
                    self.compare(*comparison, (&left, left_place), (&right, other.place));
                    (left, left_place) = (right, other.place);
                }
                Shape::of_kinds(Kinds::BOOLEAN)
            }
            Step::Attribute(name) => {
                self.require(&shape, Kinds::ANY.without(Kinds::UNDEFINED), link.left, "");
                if is_object_method(name) && shape.kinds.is_within(Kinds::OBJECT) {
                    let message = format!("the method `.{name}` of objects hides the key");
                    let help = format!(
                        "read a key as `value[\"{name}\"]`, and call a method as `value.{name}(…)`"
                    );
                    self.problem(link.place, message, &help);
                    return Shape::any();
                }
                self.property(&shape, name, link.place)
            }
            Step::Item(key) => {
                self.require(&shape, Kinds::ANY.without(Kinds::UNDEFINED), link.left, "");
                let key_shape = self.expression(key, environment);
                self.require(&key_shape, Kinds::ANY.without(Kinds::UNDEFINED), key.place, "");
                match (&key.base, key.links.as_slice()) {
                    (Operand::Constant(Constant::Text(name)), []) => {
                        self.property(&shape, name, link.place)
                    }
                    _ if shape.kinds.is_within(Kinds::LIST.or(Kinds::TEXT)) => {
                        shape.item().or_kinds(Kinds::UNDEFINED)
                    }
                    _ if !shape.kinds.has(Kinds::SUBSCRIPTED) => Shape::of_kinds(Kinds::UNDEFINED),
                    _ => Shape { is_given: shape.is_given, ..Shape::any() },
                }
            }
            Step::Slice(bounds) => {
                for bound in bounds.iter().flatten() {
                    let bound_shape = self.expression(bound, environment);
                    let kinds = Kinds::NONE.or(Kinds::BOOLEAN).or(Kinds::INTEGER);
                    self.require(&bound_shape, kinds, bound.place, "use integers in a slice");
                }
                let parts = Kinds::TEXT.or(Kinds::LIST).or(Kinds::TUPLE).or(Kinds::RANGE);
                self.require(&shape, parts, link.left, "take parts of a string or a list");
                let kinds = shape.kinds.and(parts);
                // A part of a list is a list of its own.
                let part = Shape { is_given: false, ..shape.narrowed(parts) };
                if kinds.is_never() { Shape::any() } else { part }
            }
            Step::Filter(call) => self.filter(call, shape, link, environment),
            Step::Test(call) => self.test(call, &shape, link, environment),
            Step::Call(arguments) => self.call(&shape, base, arguments, link, environment),
            Step::Method(name, arguments) => {
                self.method(&shape, name, arguments, link, environment)
            }
        }
    }

    /// Returns what is known of the value of a key, and reports a key that is most likely a slip.
    pub(super) fn property(&mut self, shape: &Shape, name: &str, place: Place) -> Shape {
        if let Some(properties) = &shape.properties
            && shape.kinds.has(Kinds::OBJECT)
            && !properties.contains_key(name)
            && let Some(help) = did_you_mean(name, properties.keys().map(String::as_str))
        {
            let message = format!("the key `{name}` is not declared");
            let error = Error::new(ErrorKind::Value, place.range(), message);
            self.problems.undeclared.push(error.help(help));
        }
        shape.property(name)
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &Shape,
        right: &Shape,
        link: &Link,
        right_place: Place,
    ) -> Shape {
        for (shape, place) in [(left, link.left), (right, right_place)] {
            if shape.kinds.is_within(Kinds::UNDEFINED) {
                self.undefined(place);
                return Shape::any();
            }
        }
        if left.kinds.is_never() || right.kinds.is_never() {
            return Shape::never();
        }
        let both = |kinds: Kinds| left.kinds.has(kinds) && right.kinds.has(kinds);
        let mut kinds = Kinds::NEVER;
        if both(Kinds::NUMBER) {
            kinds = kinds.or(numeric_result(operator, left.kinds, right.kinds));
        }
        match operator {
            Operator::Add => {
                for kind in [Kinds::TEXT, Kinds::LIST, Kinds::TUPLE] {
                    if both(kind) {
                        kinds = kinds.or(kind);
                    }
                }
            }
            Operator::Multiply => {
                let count = Kinds::BOOLEAN.or(Kinds::INTEGER);
                for kind in [Kinds::TEXT, Kinds::LIST, Kinds::TUPLE] {
                    if left.kinds.has(kind) && right.kinds.has(count)
                        || left.kinds.has(count) && right.kinds.has(kind)
                    {
                        kinds = kinds.or(kind);
                    }
                }
            }
            Operator::Remainder if left.kinds.has(Kinds::TEXT) => kinds = kinds.or(Kinds::TEXT),
            _ => {}
        }
        if kinds.is_never() {
            let message = format!(
                "{} and {} cannot be combined by `{}`",
                left.kinds.describe(),
                right.kinds.describe(),
                operator.symbol()
            );
            let help =
                if operator == Operator::Add { "use `~` to join values as text" } else { "" };
            self.problem(link.place, message, help);
            return Shape::any();
        }
        Shape::of_kinds(kinds)
    }

    fn compare(&mut self, comparison: Comparison, left: (&Shape, Place), right: (&Shape, Place)) {
        for (shape, place) in [left, right] {
            if shape.kinds.is_within(Kinds::UNDEFINED) {
                self.undefined(place);
                return;
            }
        }
        let ((left, _), (right, place)) = (left, right);
        if left.kinds.is_never() || right.kinds.is_never() {
            return;
        }
        match comparison {
            Comparison::Equal | Comparison::NotEqual => {}
            Comparison::In | Comparison::NotIn => {
                let containers = Kinds::ITERABLE;
                if !right.kinds.has(containers) {
                    let message = format!("`in` does not work with {}", right.kinds.describe());
                    self.problem(place, message, "use a list, an object or a string on the right");
                } else if right.kinds.is_within(Kinds::TEXT) && !left.kinds.has(Kinds::TEXT) {
                    let message = format!("{} cannot be in a string", left.kinds.describe());
                    self.problem(place, message, "use a string on the left: `… | string`");
                }
            }
            _ => {
                let ordered = [Kinds::NUMBER, Kinds::TEXT, Kinds::LIST, Kinds::TUPLE];
                if !ordered.iter().any(|kinds| left.kinds.has(*kinds) && right.kinds.has(*kinds)) {
                    let (left, right) = (left.kinds.describe(), right.kinds.describe());
                    self.problem(place, format!("{left} and {right} have no order"), "");
                }
            }
        }
    }
}

fn numeric(shape: &Shape) -> Shape {
    let mut kinds = shape.kinds.and(Kinds::INTEGER.or(Kinds::FLOAT));
    if shape.kinds.has(Kinds::BOOLEAN) {
        kinds = kinds.or(Kinds::INTEGER);
    }
    if kinds.is_never() { Shape::any() } else { Shape::of_kinds(kinds) }
}

fn numeric_result(operator: Operator, left: Kinds, right: Kinds) -> Kinds {
    let whole = Kinds::BOOLEAN.or(Kinds::INTEGER);
    match operator {
        Operator::Divide => Kinds::FLOAT,
        Operator::Power => Kinds::INTEGER.or(Kinds::FLOAT),
        _ => {
            let mut kinds = Kinds::NEVER;
            if left.has(whole) && right.has(whole) {
                kinds = kinds.or(Kinds::INTEGER);
            }
            if left.has(Kinds::FLOAT) || right.has(Kinds::FLOAT) {
                kinds = kinds.or(Kinds::FLOAT);
            }
            kinds
        }
    }
}
