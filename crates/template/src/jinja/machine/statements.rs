//! Statements.

use std::ops::Range;
use std::rc::Rc;

use super::super::methods::check_contained;
use super::super::program::{
    FilterBlock, If, Link, Place, SetBlock, Slot, Statement, Step, Target, With,
};
use super::super::value::{MacroValue, Value};
use super::{Flow, Machine, refuse};
use crate::error::{Error, ErrorKind};
use crate::included_text::IncludedText;

impl Machine<'_> {
    pub(super) fn body(&mut self, statements: &[Statement]) -> Result<Flow, Error> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::Next => {}
                stop => return Ok(stop),
            }
        }
        Ok(Flow::Next)
    }

    /// Runs a nested body one level deeper.
    pub(super) fn nested_body(
        &mut self,
        statements: &[Statement],
        place: Place,
    ) -> Result<Flow, Error> {
        self.nested(|| place.range(), |machine| machine.body(statements))
    }

    fn step(&mut self, place: Place) -> Result<(), Error> {
        self.budget.step(|| place.range())
    }

    fn statement(&mut self, statement: &Statement) -> Result<Flow, Error> {
        match statement {
            Statement::Text(text, place) => {
                self.step(*place)?;
                self.emit(text, &place.range())?;
            }
            Statement::Print(value) => {
                self.step(value.place)?;
                let place = value.place.range();
                let text = self.expression(value)?.print(&place)?;
                self.emit(&text, &place)?;
            }
            Statement::If(condition) => return self.condition(condition),
            Statement::For(declaration) => {
                self.step(declaration.place)?;
                self.for_loop(declaration)?;
            }
            Statement::With(with) => return self.with_block(with),
            Statement::Set(set) => {
                let (target, value) = &**set;
                self.step(value.place)?;
                let value = self.expression(value)?;
                self.assign(target, value)?;
            }
            Statement::SetBlock(set) => self.set_block(set)?,
            Statement::FilterBlock(block) => self.filter_block(block)?,
            Statement::Macro { slot, declaration, place } => {
                self.step(*place)?;
                let value =
                    MacroValue { declaration: Rc::clone(declaration), activation: self.current };
                self.set(*slot, Value::Macro(Rc::new(value)));
            }
            Statement::CallBlock(block) => {
                self.step(block.place)?;
                let caller =
                    MacroValue { declaration: Rc::clone(&block.caller), activation: self.current };
                let place = block.place.range();
                let value = self.call_with_caller(&block.call, Value::Macro(Rc::new(caller)))?;
                let text = value.print(&place)?;
                self.emit(&text, &place)?;
            }
            Statement::Include(name, place) => {
                self.step(*place)?;
                self.include(name, place.range())?;
            }
            Statement::Do(value) => {
                self.step(value.place)?;
                self.expression(value)?;
            }
            Statement::Continue => return Ok(Flow::Continue),
            Statement::Break => return Ok(Flow::Break),
        }
        Ok(Flow::Next)
    }

    fn condition(&mut self, condition: &If) -> Result<Flow, Error> {
        let mut last = None;
        for (test, body, place) in &condition.branches {
            self.step(*place)?;
            if self.expression(test)?.is_true() {
                return self.nested_body(body, *place);
            }
            last = Some(*place);
        }
        match last {
            Some(place) => self.nested_body(&condition.otherwise, place),
            None => Ok(Flow::Next),
        }
    }

    fn with_block(&mut self, with: &With) -> Result<Flow, Error> {
        self.step(with.place)?;
        self.enter(&with.frame, &with.place.range())?;
        for (target, value) in &with.assignments {
            let value = self.expression(value)?;
            self.assign(target, value)?;
        }
        self.nested_body(&with.body, with.place)
    }

    fn set_block(&mut self, set: &SetBlock) -> Result<(), Error> {
        self.step(set.place)?;
        self.enter(&set.frame, &set.place.range())?;
        let text = self.capture(|machine| machine.nested_body(&set.body, set.place))?;
        let value = self.filter_chain(&set.filters, Value::Text(text))?;
        self.assign(&set.target, value)
    }

    fn filter_block(&mut self, block: &FilterBlock) -> Result<(), Error> {
        self.step(block.place)?;
        self.enter(&block.frame, &block.place.range())?;
        let text = self.capture(|machine| machine.nested_body(&block.body, block.place))?;
        let place = block.filters.last().map_or(block.place, |link| link.place).range();
        // Jinja2 joins what a filter block gives without making it a string.
        match self.filter_chain(&block.filters, Value::Text(text))?.require_defined(&place)? {
            Value::Text(text) => self.emit(&text, &place),
            other => {
                let message = format!("the filters of the block return {}", other.describe());
                Err(Error::new(ErrorKind::Value, place, message).help("add `| string` at the end"))
            }
        }
    }

    fn filter_chain(&mut self, filters: &[Link], value: Value) -> Result<Value, Error> {
        let mut value = value;
        for link in filters {
            if let Step::Filter(call) = &link.step {
                self.step(link.place)?;
                value = self.filter(call, value, &link.place.range())?;
            }
        }
        Ok(value)
    }

    pub(super) fn assign(&mut self, target: &Target, value: Value) -> Result<(), Error> {
        match target {
            Target::Name(slot) => self.set(*slot, value),
            Target::Attribute { namespace, name, attribute, place } => {
                self.set_attribute(*namespace, name, attribute, value, &place.range())?;
            }
            Target::Several(targets, place) => {
                let place = place.range();
                let items = value
                    .items(&place, &mut self.budget)
                    .map_err(|error| error.help("loop over pairs with `| items`"))?;
                if items.len() != targets.len() {
                    return refuse(
                        &place,
                        format!("{} items for {} names", items.len(), targets.len()),
                    );
                }
                for (target, item) in targets.iter().zip(items) {
                    self.assign(target, item)?;
                }
            }
        }
        Ok(())
    }

    fn set_attribute(
        &mut self,
        slot: Slot,
        name: &str,
        attribute: &Rc<str>,
        value: Value,
        place: &Range<usize>,
    ) -> Result<(), Error> {
        let namespace = self.get(slot).clone();
        let Value::Namespace(namespace) = namespace.require_defined(place)? else {
            let message = format!("`{name}` is not a namespace");
            return Err(Error::new(ErrorKind::Value, place.clone(), message)
                .help(format!("create one: `{{% set {name} = namespace({attribute}=…) %}}`")));
        };
        let is_container = |value: &Value| matches!(value, Value::Namespace(other) if Rc::ptr_eq(other, &namespace));
        let value = check_contained(value, &is_container, place, &mut self.budget)?;
        self.budget.make(16, place)?;
        let mut attributes = namespace.attributes.borrow_mut();
        attributes.insert_text(Rc::clone(attribute), value, place, &mut self.budget)
    }

    fn include(&mut self, name: &Rc<str>, place: Range<usize>) -> Result<(), Error> {
        let Some(included) = self.includes.get(name) else {
            let message = format!("`{name}` is not among the includes");
            return Err(Error::new(ErrorKind::Include, place, message));
        };
        self.nested(
            || place.clone(),
            |machine| match included {
                IncludedText::Plain(text) => machine.emit(text, &place),
                IncludedText::Jinja(included) => {
                    let outer = machine.inside.replace(Rc::clone(name));
                    machine.program(&included.program)?;
                    machine.inside = outer;
                    Ok(())
                }
            },
        )
    }
}
