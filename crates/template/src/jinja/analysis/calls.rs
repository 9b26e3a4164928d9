//! Calls of macros, functions and methods.

use std::rc::Rc;

use super::super::methods;
use super::super::program::{Arguments, Constant, Function, Link, Macro, Operand};
use super::environment::Environment;
use super::{Analysis, Kinds, Shape};

impl Analysis<'_> {
    pub(super) fn call(
        &mut self,
        callee: &Shape,
        base: &Operand,
        arguments: &Arguments,
        link: &Link,
        environment: &mut Environment,
    ) -> Shape {
        let given = self.arguments(arguments, environment);
        if let Operand::Constant(Constant::Function(function)) = base {
            return self.function(*function, &given, arguments, link);
        }
        let callable = Kinds::CALLABLE.or(Kinds::LOOP);
        if !self.require(callee, callable, link.left, "only macros and functions can be called") {
            return Shape::any();
        }
        match &callee.declaration {
            Some(declaration) if callee.kinds.is_within(Kinds::CALLABLE) => {
                self.macro_call(declaration, arguments, link);
                Shape::of_kinds(Kinds::TEXT)
            }
            _ => Shape::any(),
        }
    }

    /// Checks the number and the names of the arguments of a macro.
    fn macro_call(&mut self, declaration: &Rc<Macro>, arguments: &Arguments, link: &Link) {
        let name = &declaration.name;
        let (most, given) = (declaration.parameters.len(), arguments.positional.len());
        if given > most && declaration.varargs.is_none() {
            let message = format!("`{name}` takes {most} arguments, not {given}");
            self.problem(link.place, message, "remove arguments, or use `varargs` in the macro");
            return;
        }
        if declaration.kwargs.is_some() {
            return;
        }
        for (argument, value) in &arguments.named {
            let position = declaration.parameters.iter().position(|p| p.name == *argument);
            let is_caller = &**argument == "caller" && declaration.caller.is_some();
            if position.is_none_or(|position| position < given) && !is_caller {
                let message = format!("`{name}` has no free argument `{argument}`");
                let names: Vec<&str> = declaration.parameters.iter().map(|p| &*p.name).collect();
                let help = format!("use one of the arguments {}", names.join(", "));
                self.problem(value.place, message, &help);
            }
        }
    }

    fn function(
        &mut self,
        function: Function,
        given: &[Shape],
        arguments: &Arguments,
        link: &Link,
    ) -> Shape {
        match function {
            Function::Range => {
                let whole = Kinds::BOOLEAN.or(Kinds::INTEGER);
                for (shape, value) in given.iter().zip(&arguments.positional) {
                    self.require(shape, whole, value.place, "`range` takes integers");
                }
                Shape::of_kinds(Kinds::RANGE)
            }
            Function::Dict => Shape::of_kinds(Kinds::OBJECT),
            Function::Namespace => Shape::of_kinds(Kinds::NAMESPACE),
            Function::Cycler => Shape::of_kinds(Kinds::CYCLER),
            Function::Joiner => Shape::of_kinds(Kinds::CALLABLE),
            Function::RaiseException => {
                if arguments.is_empty() {
                    let message = "`raise_exception` requires a text".to_owned();
                    self.problem(link.place, message, "write `raise_exception(\"…\")`");
                }
                Shape::never()
            }
        }
    }

    /// Returns what is known of what `get` gives.
    fn got(
        &mut self,
        receiver: &Shape,
        arguments: &Arguments,
        otherwise: Option<Shape>,
        link: &Link,
    ) -> Shape {
        let is_plain = arguments.named.is_empty()
            && arguments.more_positional.is_none()
            && arguments.more_named.is_none()
            && arguments.positional.len() <= 2;
        let key = arguments.positional.first().filter(|_| is_plain);
        let Some((Operand::Constant(Constant::Text(name)), [])) =
            key.map(|key| (&key.base, key.links.as_slice()))
        else {
            return Shape::any();
        };
        let shape = self.property(receiver, name, link.place);
        if !shape.kinds.has(Kinds::UNDEFINED) {
            return shape;
        }
        let otherwise = otherwise.unwrap_or_else(|| Shape::of_kinds(Kinds::NONE));
        shape.narrowed(Kinds::ANY.without(Kinds::UNDEFINED)).join(otherwise)
    }

    pub(super) fn method(
        &mut self,
        receiver: &Shape,
        name: &str,
        arguments: &Arguments,
        link: &Link,
        environment: &mut Environment,
    ) -> Shape {
        let given = self.arguments(arguments, environment);
        if receiver.kinds.is_never() {
            return Shape::never();
        }
        let mut kinds = Kinds::NAMESPACE.or(Kinds::LOOP).or(Kinds::CYCLER);
        for (kind, has) in [
            (Kinds::TEXT, methods::is_text_method(name)),
            (Kinds::LIST, methods::is_list_method(name)),
            (Kinds::TUPLE.or(Kinds::RANGE), matches!(name, "count" | "index")),
            (Kinds::OBJECT, methods::is_object_method(name)),
        ] {
            if has {
                kinds = kinds.or(kind);
            }
        }
        if !receiver.kinds.has(kinds) {
            if receiver.kinds.is_within(Kinds::UNDEFINED) {
                self.require(receiver, kinds, link.left, "");
            } else {
                let message = format!("{} has no method `{name}`", receiver.kinds.describe());
                self.problem(link.place, message, "call it on a different value, or use a filter");
            }
            return Shape::any();
        }
        if !receiver.kinds.is_within(Kinds::TEXT.or(Kinds::UNDEFINED).or(Kinds::NONE)) {
            return match name {
                "get" if receiver.kinds.is_within(Kinds::OBJECT) => {
                    self.got(receiver, arguments, given.into_iter().nth(1), link)
                }
                "items" | "keys" | "values" if receiver.kinds.is_within(Kinds::OBJECT) => {
                    Shape::of_kinds(Kinds::VIEW)
                }
                _ => Shape::any(),
            };
        }
        for (shape, value) in given.iter().zip(&arguments.positional) {
            let takes_texts = matches!(
                name,
                "strip"
                    | "lstrip"
                    | "rstrip"
                    | "split"
                    | "rsplit"
                    | "replace"
                    | "removeprefix"
                    | "removesuffix"
                    | "partition"
                    | "rpartition"
                    | "find"
                    | "rfind"
                    | "index"
                    | "rindex"
            );
            let taken = Kinds::TEXT.or(Kinds::NONE).or(Kinds::INTEGER).or(Kinds::BOOLEAN);
            if takes_texts {
                self.require(shape, taken, value.place, "the method takes strings");
            }
        }
        Shape::of_kinds(match name {
            "split" | "rsplit" | "splitlines" => {
                return Shape::list_of(Shape::of_kinds(Kinds::TEXT));
            }
            "partition" | "rpartition" => Kinds::TUPLE,
            "startswith" | "endswith" => Kinds::BOOLEAN,
            "find" | "rfind" | "index" | "rindex" | "count" => Kinds::INTEGER,
            name if name.starts_with("is") => Kinds::BOOLEAN,
            _ => Kinds::TEXT,
        })
    }
}
