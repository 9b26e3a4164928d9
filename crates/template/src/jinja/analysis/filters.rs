//! What filters and tests take and give.

use super::super::program::{Arguments, Constant, FilterCall, Link, Operand, TestCall};
use super::environment::Environment;
use super::{Analysis, Kinds, Shape};
use crate::error::{Error, ErrorKind};

impl Analysis<'_> {
    /// Looks at arguments, and returns what is known of those by position.
    pub(super) fn arguments(
        &mut self,
        arguments: &Arguments,
        environment: &mut Environment,
    ) -> Vec<Shape> {
        let positional = self.all(&arguments.positional, environment);
        for (_, value) in &arguments.named {
            self.expression(value, environment);
        }
        for more in [&arguments.more_positional, &arguments.more_named].into_iter().flatten() {
            self.expression(more, environment);
        }
        positional
    }

    pub(super) fn filter(
        &mut self,
        call: &FilterCall,
        shape: Shape,
        link: &Link,
        environment: &mut Environment,
    ) -> Shape {
        let arguments = self.arguments(&call.arguments, environment);
        let name = call.filter.name();
        let text = || Shape::of_kinds(Kinds::TEXT);
        let (taken, help, given) = match name {
            "default" | "d" => {
                let absent = Shape::of_kinds(Kinds::TEXT);
                let otherwise = match arguments.into_iter().next() {
                    Some(otherwise) => otherwise,
                    None if call.arguments.is_empty() => absent,
                    None => Shape::any(),
                };
                let kept = shape.narrowed(Kinds::ANY.without(Kinds::NOT_DEFINED));
                return kept.join(otherwise);
            }
            "lower" | "upper" | "capitalize" | "title" | "trim" | "center" | "replace"
            | "string" | "format" | "wordcount" => {
                if shape.kinds.is_never() {
                    return shape;
                }
                if !shape.kinds.has(Kinds::PRINTABLE) {
                    self.check_taken(
                        &shape,
                        name,
                        "a string",
                        "apply it to each item: `| map(\"…\")`",
                        link,
                    );
                    return Shape::any();
                }
                if shape.kinds.is_within(Kinds::INTEGER)
                    && matches!(name, "lower" | "upper" | "capitalize" | "title" | "trim")
                {
                    let message = format!("`{name}` has no effect on an integer");
                    let error = Error::new(ErrorKind::Value, link.place.range(), message);
                    self.problems.pointless.push(error.help("remove the filter"));
                }
                return if name == "wordcount" { Shape::of_kinds(Kinds::INTEGER) } else { text() };
            }
            "truncate" | "wordwrap" | "indent" => (Kinds::TEXT, "use a string", text()),
            "length" | "count" => (
                Kinds::SIZED.or(Kinds::LOOP),
                "use a string, a list or an object",
                Shape::of_kinds(Kinds::INTEGER),
            ),
            "abs" | "round" => {
                (Kinds::NUMBER, "use a number", Shape::of_kinds(Kinds::INTEGER.or(Kinds::FLOAT)))
            }
            "int" | "float" => (Kinds::ANY.without(Kinds::UNDEFINED), "", {
                let is_plain = call.arguments.is_empty();
                let kinds = if name == "int" { Kinds::INTEGER } else { Kinds::FLOAT };
                if is_plain { Shape::of_kinds(kinds) } else { Shape::any() }
            }),
            "dictsort" => {
                (Kinds::OBJECT, "use an object", Shape::list_of(Shape::of_kinds(Kinds::TUPLE)))
            }
            "items" => (Kinds::OBJECT, "use an object", Shape::of_kinds(Kinds::ITERATOR)),
            "tojson" => (Kinds::JSON, "convert it to a list first: `| list`", text()),
            "filesizeformat" => (Kinds::NUMBER.or(Kinds::TEXT), "use a number", text()),
            "urlencode" => {
                (Kinds::PRINTABLE.or(Kinds::ITERABLE), "use a string or an object", text())
            }
            "join" => (Kinds::ITERABLE, "use a list", text()),
            "first" => {
                (Kinds::ITERABLE, "use a list or a string", shape.item().or_kinds(Kinds::UNDEFINED))
            }
            "last" => {
                (Kinds::SIZED, "use a list or a string", shape.item().or_kinds(Kinds::UNDEFINED))
            }
            "min" | "max" => {
                (Kinds::ITERABLE, "use a list", shape.item().or_kinds(Kinds::UNDEFINED))
            }
            "sum" => (Kinds::ITERABLE, "use a list", Shape::any()),
            "list" | "sort" => (Kinds::ITERABLE, "use a list", Shape::list_of(shape.item())),
            "unique" | "select" | "reject" | "selectattr" | "rejectattr" => {
                let items = Shape::list_of(shape.item());
                let taken = Kinds::ITERABLE.or(Kinds::NONE);
                (taken, "use a list", Shape { kinds: Kinds::ITERATOR, ..items })
            }
            "map" => {
                let taken = Kinds::ITERABLE.or(Kinds::NONE);
                let values = self.mapped(&call.arguments, &shape, link);
                (taken, "use a list", Shape { kinds: Kinds::ITERATOR, ..values })
            }
            "batch" | "slice" => (Kinds::ITERABLE, "use a list", Shape::of_kinds(Kinds::ITERATOR)),
            "reverse" => {
                let mut kinds = Kinds::NEVER;
                if shape.kinds.has(Kinds::TEXT) {
                    kinds = kinds.or(Kinds::TEXT);
                }
                if shape.kinds.has(Kinds::ITERABLE.without(Kinds::TEXT)) {
                    kinds = kinds.or(Kinds::ITERATOR).or(Kinds::LIST);
                }
                (Kinds::ITERABLE, "use a list or a string", Shape::of_kinds(kinds))
            }
            "groupby" => (Kinds::ITERABLE, "use a list", Shape::of_kinds(Kinds::LIST)),
            _ => return Shape::any(),
        };
        if shape.kinds.is_never() {
            return shape;
        }
        if !shape.kinds.has(taken) {
            self.check_taken(&shape, name, "", help, link);
            return Shape::any();
        }
        given
    }

    /// Returns a list of what `map` makes of the items of a value.
    fn mapped(&mut self, arguments: &Arguments, shape: &Shape, link: &Link) -> Shape {
        if let ([], [(argument, value)], None, None) = (
            arguments.positional.as_slice(),
            arguments.named.as_slice(),
            &arguments.more_positional,
            &arguments.more_named,
        ) && &**argument == "attribute"
            && let (Operand::Constant(Constant::Text(name)), []) =
                (&value.base, value.links.as_slice())
            // A path, or a position.
            && crate::is_name(name)
        {
            let value = self.property(&shape.item(), name, link.place);
            return Shape::list_of(value);
        }
        Shape::list_of(Shape::any())
    }

    fn check_taken(&mut self, shape: &Shape, name: &str, wanted: &str, help: &str, link: &Link) {
        if shape.kinds.is_within(Kinds::UNDEFINED) {
            self.require(shape, Kinds::NEVER, link.left, "");
            return;
        }
        let wanted = if wanted.is_empty() { String::new() } else { format!("; it takes {wanted}") };
        let message = format!("`{name}` does not take {}{wanted}", shape.kinds.describe());
        self.problem(link.left, message, help);
    }

    pub(super) fn test(
        &mut self,
        call: &TestCall,
        shape: &Shape,
        link: &Link,
        environment: &mut Environment,
    ) -> Shape {
        self.arguments(&call.arguments, environment);
        let name = call.test.name();
        match name {
            "defined" | "undefined" => {}
            "odd" | "even" | "divisibleby" => {
                self.require(shape, Kinds::NUMBER, link.left, "use a number");
            }
            _ => {
                self.require(shape, Kinds::ANY.without(Kinds::UNDEFINED), link.left, "");
            }
        }
        Shape::of_kinds(Kinds::BOOLEAN)
    }
}
