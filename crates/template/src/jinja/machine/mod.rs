//! Runs a program: every step, byte and level is counted.

use std::ops::Range;
use std::rc::Rc;

use super::budget::{Budget, check_depth};
use super::program::{Expression, Frame, Function, Load, Program, Slot};
use super::value::{Key, ObjectEntries, Value};
use crate::error::{Error, ErrorKind};
use crate::included_text::IncludedTexts;
use crate::json_value::Values;

mod calls;
mod expressions;
mod loops;
mod statements;

/// Renders a template with its variables; `includes` has every text that it includes.
pub(crate) fn render(
    program: &Program,
    variables: &Values,
    includes: &IncludedTexts<'_>,
) -> Result<String, Error> {
    let mut machine = Machine::new(variables, includes);
    match machine.program(program) {
        Ok(()) => Ok(machine.outputs.pop().unwrap_or_default()),
        Err(mut error) => {
            error.inside = machine.inside.map(|name| name.to_string());
            Err(error)
        }
    }
}

/// Evaluates the beginning of an expression, with so many links, which is constant. Also returns its cost in
/// thousandths of a budget.
pub(super) fn constant(expression: &Expression, links: usize) -> (Result<Value, Error>, u64) {
    let (variables, includes) = (Values::default(), IncludedTexts::default());
    let mut machine = Machine::new(&variables, &includes);
    let result = machine.beginning(expression, links);
    (result, machine.budget.thousandths_spent())
}

/// Checks that a value can be a key of an object.
pub(super) fn check_key(value: &Value, range: &Range<usize>) -> Result<(), Error> {
    value.check_defined(range)?;
    match Key::of(value, range, &mut Budget::default())? {
        Some(_) => Ok(()),
        None => refuse(range, format!("{} cannot be a key of an object", value.describe())),
    }
}

/// How execution goes on after a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Continue,
    Break,
}

/// A call of a function: a template, a macro, or the body of a recursive loop.
struct Activation {
    /// Where its slots begin.
    base: usize,
    /// The call in which it was defined.
    parent: usize,
}

struct Machine<'r> {
    variables: &'r Values,
    /// Variables that were read.
    passed: ObjectEntries,
    includes: &'r IncludedTexts<'r>,
    slots: Vec<Value>,
    activations: Vec<Activation>,
    /// The call that runs.
    current: usize,
    /// The rendered text, and above it what is being captured.
    outputs: Vec<String>,
    budget: Budget,
    depth: usize,
    /// The include that runs.
    inside: Option<Rc<str>>,
}

impl<'r> Machine<'r> {
    fn new(variables: &'r Values, includes: &'r IncludedTexts<'r>) -> Self {
        Self {
            variables,
            passed: ObjectEntries::default(),
            includes,
            slots: Vec::new(),
            activations: Vec::new(),
            current: 0,
            outputs: vec![String::new()],
            budget: Budget::default(),
            depth: 0,
            inside: None,
        }
    }

    /// Runs a template or an included text: it sees the variables, and no other names.
    fn program(&mut self, program: &Program) -> Result<(), Error> {
        self.in_activation(0, program.slot_count, &(0..0), |machine| {
            machine.enter(&program.root, &(0..0))?;
            // The check has refused a `break` outside a loop.
            machine.body(&program.body).map(|_| ())
        })
    }

    /// Runs `work` in a new call below `parent`.
    fn in_activation<T>(
        &mut self,
        parent: usize,
        slot_count: u16,
        range: &Range<usize>,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.budget.make(usize::from(slot_count) * 2, range)?;
        let before = self.current;
        let base = self.slots.len();
        self.slots.resize(base + usize::from(slot_count), Value::None);
        self.activations.push(Activation { base, parent });
        self.current = self.activations.len() - 1;
        let result = work(self)?;
        self.activations.pop();
        self.slots.truncate(base);
        self.current = before;
        Ok(result)
    }

    fn address(&self, slot: Slot) -> usize {
        let mut activation = self.current;
        for _ in 0..slot.hops {
            activation = self.activations[activation].parent;
        }
        self.activations[activation].base + usize::from(slot.index)
    }

    fn get(&self, slot: Slot) -> &Value {
        &self.slots[self.address(slot)]
    }

    fn set(&mut self, slot: Slot, value: Value) {
        let address = self.address(slot);
        self.slots[address] = value;
    }

    /// Gives the names of a block what they are at its beginning.
    fn enter(&mut self, frame: &Frame, range: &Range<usize>) -> Result<(), Error> {
        self.budget.make(frame.loads.len() * 2, range)?;
        for (index, load) in &frame.loads {
            let value = match load {
                Load::Variable(name) => self.variable(name),
                Load::Outer(slot) => self.get(*slot).clone(),
                Load::Undefined(name) => Value::Undefined(Rc::clone(name)),
            };
            self.set(Slot { hops: 0, index: *index }, value);
        }
        Ok(())
    }

    /// Returns the caller's variable or a function, else undefined. A variable is the same value wherever it
    /// is read.
    fn variable(&mut self, name: &Rc<str>) -> Value {
        if let Some(value) = self.passed.get_passed(name) {
            return value.clone();
        }
        let value = match self.variables.get(name) {
            Some(value) => value.to_value(),
            None => match Function::find(name) {
                Some(function) => Value::Function(function),
                None => Value::Undefined(Rc::clone(name)),
            },
        };
        self.passed.insert_passed(Rc::clone(name), value.clone());
        value
    }

    fn emit(&mut self, text: &str, range: &Range<usize>) -> Result<(), Error> {
        if self.outputs.len() > 1 {
            self.budget.make(text.len(), range)?;
        } else {
            self.budget.count_output(text.len(), range)?;
        }
        if let Some(output) = self.outputs.last_mut() {
            output.push_str(text);
        }
        Ok(())
    }

    /// Runs `work` one level deeper.
    fn nested<T>(
        &mut self,
        place: impl FnOnce() -> Range<usize>,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.depth += 1;
        check_depth(self.depth, place)?;
        let result = work(self)?;
        self.depth -= 1;
        Ok(result)
    }

    /// Runs `work` and returns what it prints.
    fn capture(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<Flow, Error>,
    ) -> Result<Rc<str>, Error> {
        self.outputs.push(String::new());
        work(self)?;
        Ok(self.outputs.pop().unwrap_or_default().into())
    }
}

fn refuse<T>(range: &Range<usize>, message: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Value, range.clone(), message))
}
