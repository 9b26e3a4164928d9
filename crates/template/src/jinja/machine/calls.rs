//! Calls: filters, tests, functions, methods and macros.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::{Arguments, is_internal_argument};
use super::super::attributes::attribute;
use super::super::program::{self, Expression, FilterCall, Link, Step, TestCall};
use super::super::value::{MacroValue, ObjectEntries, Value};
use super::super::{filters, methods, tests};
use super::{Machine, refuse};
use crate::error::{Error, ErrorKind};

impl Machine<'_> {
    pub(super) fn filter(
        &mut self,
        call: &FilterCall,
        value: Value,
        place: &Range<usize>,
    ) -> Result<Value, Error> {
        let arguments = self.arguments(&call.arguments, place)?;
        filters::apply(call.filter, value, arguments, place, &mut self.budget)
    }

    pub(super) fn test(
        &mut self,
        call: &TestCall,
        value: &Value,
        place: &Range<usize>,
    ) -> Result<Value, Error> {
        let arguments = self.arguments(&call.arguments, place)?;
        tests::apply(call.test, value, arguments, place, &mut self.budget).map(Value::Boolean)
    }

    pub(super) fn arguments(
        &mut self,
        written: &program::Arguments,
        place: &Range<usize>,
    ) -> Result<Arguments, Error> {
        let mut arguments = Arguments::default();
        for value in &written.positional {
            let value = self.inner(value)?;
            arguments.positional.push(value);
        }
        for (name, value) in &written.named {
            let value = self.inner(value)?;
            arguments.named.push((Rc::clone(name), value));
        }
        if let Some(more) = &written.more_positional {
            let more_place = more.place.range();
            let items = self.inner(more)?.items(&more_place, &mut self.budget)?;
            arguments.positional.extend(items);
        }
        if let Some(more) = &written.more_named {
            let more_place = more.place.range();
            match self.inner(more)?.require_defined(&more_place)? {
                Value::Object(object) => {
                    let entries = object.entries();
                    let written_names = arguments.named.len();
                    for (key, value) in entries.iter() {
                        self.budget.make(16 + written_names, place)?;
                        let Value::Text(name) = key else {
                            let message = "the keys of `**` must be names".to_owned();
                            return refuse(&more_place, message);
                        };
                        if is_internal_argument(name) {
                            let message = format!("`{name}` is reserved by Jinja2");
                            return refuse(&more_place, message);
                        }
                        let mut before = arguments.named.iter().take(written_names);
                        if before.any(|(known, _)| known == name) {
                            let message = format!("duplicate argument `{name}`");
                            return refuse(&more_place, message);
                        }
                        arguments.named.push((Rc::clone(name), value.clone()));
                    }
                }
                other => {
                    return refuse(
                        &more_place,
                        format!("`**` takes an object, not {}", other.describe()),
                    );
                }
            }
        }
        Ok(arguments)
    }

    /// Runs the call of a `call` block: its last step gets the body as `caller`.
    pub(super) fn call_with_caller(
        &mut self,
        expression: &Expression,
        caller: Value,
    ) -> Result<Value, Error> {
        let Some((last, before)) = expression.links.split_last() else {
            return self.expression(expression);
        };
        let mut value = self.operand(expression)?;
        for link in before {
            value = self.link(link, value)?;
        }
        match &last.step {
            Step::Call(arguments) => self.call(value, arguments, last, Some(caller)),
            Step::Method(name, arguments) => {
                self.method(value, name, arguments, last, Some(caller))
            }
            _ => self.link(last, value),
        }
    }

    pub(super) fn call(
        &mut self,
        callee: Value,
        written: &program::Arguments,
        link: &Link,
        caller: Option<Value>,
    ) -> Result<Value, Error> {
        let place = link.place.range();
        callee.check_defined(&link.left.range())?;
        match callee {
            Value::Macro(declaration) => {
                let arguments = self.arguments(written, &place)?;
                self.call_macro(&declaration, arguments, &place, caller)
            }
            Value::Loop(state) => {
                let mut arguments = self.arguments(written, &place)?;
                if caller.is_some()
                    || !arguments.named.is_empty()
                    || arguments.positional.len() != 1
                {
                    return refuse(&place, "`loop` requires the items to loop over".to_owned());
                }
                let items = arguments.positional.remove(0);
                self.recurse(&state, &items, &place)
            }
            callee if caller.is_some() => refuse(
                &place,
                format!("{} does not take the body of a `call` block", callee.describe()),
            ),
            Value::Function(function) => {
                let arguments = self.arguments(written, &place)?;
                function.call(arguments, &place, &mut self.budget)
            }
            Value::Joiner(joiner) => {
                let arguments = self.arguments(written, &place)?;
                if !arguments.positional.is_empty() || !arguments.named.is_empty() {
                    return refuse(&place, "a joiner takes no arguments".to_owned());
                }
                Ok(if joiner.is_used.replace(true) {
                    joiner.separator.clone()
                } else {
                    Value::text("")
                })
            }
            other => refuse(&link.left.range(), format!("{} cannot be called", other.describe())),
        }
    }

    pub(super) fn method(
        &mut self,
        receiver: Value,
        name: &Rc<str>,
        written: &program::Arguments,
        link: &Link,
        caller: Option<Value>,
    ) -> Result<Value, Error> {
        let place = link.place.range();
        let receiver = receiver.require_defined(&link.left.range())?;
        // Keys of objects and attributes of namespaces may hold what can be called.
        let is_method = match &receiver {
            Value::Namespace(_) => false,
            Value::Object(_) => methods::is_object_method(name),
            _ => true,
        };
        if !is_method {
            let callee = attribute(&receiver, name, true, &place, &mut self.budget)?;
            return self.call(callee, written, link, caller);
        }
        if caller.is_some() {
            return refuse(&place, "a method does not take the body of a `call` block".to_owned());
        }
        let arguments = self.arguments(written, &place)?;
        match &receiver {
            Value::Loop(state) => {
                let state = Rc::clone(state);
                if !arguments.named.is_empty() {
                    return refuse(&place, format!("`loop.{name}` takes values by position"));
                }
                match &**name {
                    "cycle" => match arguments.positional.len() as u64 {
                        0 => refuse(&place, "`loop.cycle` requires values".to_owned()),
                        count => {
                            let at = usize::try_from(state.index0.get() % count).unwrap_or(0);
                            Ok(arguments.positional.into_iter().nth(at).unwrap_or(Value::None))
                        }
                    },
                    "changed" => {
                        for value in &arguments.positional {
                            value.check_storable(&place)?;
                        }
                        self.loop_changed(&state, arguments.positional, &place)
                    }
                    _ => refuse(&place, format!("`loop` has no method `{name}`")),
                }
            }
            _ => methods::call(&receiver, name, arguments, &place, &mut self.budget),
        }
    }

    fn call_macro(
        &mut self,
        value: &MacroValue,
        arguments: Arguments,
        place: &Range<usize>,
        caller: Option<Value>,
    ) -> Result<Value, Error> {
        let declaration = &value.declaration;
        let name = &declaration.name;
        let Arguments { positional, mut named } = arguments;
        if named.iter().any(|(name, _)| &**name == "self") {
            return refuse(place, "Jinja2 passes `self` to macros itself".to_owned());
        }
        if let Some(caller) = caller {
            if named.iter().any(|(name, _)| &**name == "caller") {
                return refuse(place, "duplicate argument `caller`".to_owned());
            }
            named.push(("caller".into(), caller));
        }
        // Jinja2 passes `caller` once more where it comes before a parameter that gets no value by position.
        if let Some(at) = declaration.caller_parameter
            && (at + 1..declaration.parameters.len()).contains(&positional.len())
        {
            return refuse(
                place,
                "`caller` is passed by position, but a later argument by name".to_owned(),
            );
        }
        let mut positional = positional.into_iter();
        let mut values: Vec<Option<Value>> = Vec::with_capacity(declaration.parameters.len());
        for parameter in &declaration.parameters {
            values.push(match positional.next() {
                Some(value) => Some(value),
                None => {
                    self.budget.make(named.len(), place)?;
                    let at = named.iter().position(|(known, _)| *known == parameter.name);
                    at.map(|at| named.remove(at).1)
                }
            });
        }
        let caller = match declaration.caller {
            Some(_) => {
                let at = named.iter().position(|(known, _)| &**known == "caller");
                // Jinja2 takes none for no caller.
                at.map(|at| named.remove(at).1).filter(|value| !matches!(value, Value::None))
            }
            None => None,
        };
        if declaration.kwargs.is_none()
            && let Some((extra, _)) = named.first()
        {
            let message = if &**extra == "caller" {
                format!("`{name}` does not use `caller` and cannot be used in a `call` block")
            } else {
                format!("`{name}` has no argument `{extra}`")
            };
            return Err(Error::new(ErrorKind::Value, place.clone(), message));
        }
        let rest: Vec<Value> = positional.collect();
        if declaration.varargs.is_none() && !rest.is_empty() {
            let most = declaration.parameters.len();
            return refuse(
                place,
                format!("`{name}` takes {most} arguments, not {}", most + rest.len()),
            );
        }
        let text = self.nested(
            || place.clone(),
            |machine| {
                machine.capture(|machine| {
                    machine.in_activation(
                        value.activation,
                        declaration.slot_count,
                        place,
                        |machine| {
                            let own = |index| program::Slot { hops: 0, index };
                            if let Some(index) = declaration.caller {
                                let value = caller.unwrap_or_else(|| Value::undefined("caller"));
                                machine.set(own(index), value);
                            }
                            if let Some(index) = declaration.varargs {
                                let rest =
                                    rest.into_iter().map(|value| value.require_storable(place));
                                machine
                                    .set(own(index), Value::tuple(rest.collect::<Result<_, _>>()?));
                            }
                            if let Some(index) = declaration.kwargs {
                                let mut entries = ObjectEntries::default();
                                for (name, value) in named {
                                    let value = value.require_storable(place)?;
                                    entries.insert_text(name, value, place, &mut machine.budget)?;
                                }
                                machine.set(own(index), Value::object(entries));
                            }
                            for (parameter, value) in declaration.parameters.iter().zip(&values) {
                                let value = match value {
                                    Some(value) => value.clone(),
                                    None => Value::Undefined(Rc::clone(&parameter.name)),
                                };
                                machine.set(own(parameter.index), value);
                            }
                            machine.enter(&declaration.frame, place)?;
                            for (parameter, value) in declaration.parameters.iter().zip(&values) {
                                if let (None, Some(default)) = (value, &parameter.default) {
                                    let default = machine.inner(default)?;
                                    machine.set(own(parameter.index), default);
                                }
                            }
                            machine.body(&declaration.body)
                        },
                    )
                })
            },
        )?;
        Ok(Value::Text(text))
    }
}
