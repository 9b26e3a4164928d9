//! Loops.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use super::super::program::For;
use super::super::value::{Cursor, LoopState, Value, equals};
use super::{Flow, Machine, refuse};
use crate::error::{Error, ErrorKind};

impl Machine<'_> {
    pub(super) fn for_loop(&mut self, declaration: &Rc<For>) -> Result<(), Error> {
        let items = self.expression(&declaration.items)?;
        match declaration.recursive {
            None => self.run_loop(declaration, &items, 0),
            Some(slot_count) => {
                let parent = self.current;
                self.in_activation(parent, slot_count, &declaration.place.range(), |machine| {
                    machine.run_loop(declaration, &items, 0)
                })
            }
        }
    }

    /// Renders the body of a recursive loop for other items: `loop(…)`.
    pub(super) fn recurse(
        &mut self,
        state: &LoopState,
        items: &Value,
        place: &Range<usize>,
    ) -> Result<Value, Error> {
        let Some(slot_count) = state.declaration.recursive else {
            return refuse(place, "`loop` can be called only in a `recursive` loop".to_owned());
        };
        let declaration = Rc::clone(&state.declaration);
        let parent = self.activations[state.activation].parent;
        let depth0 = state.depth0 + 1;
        let text = self.nested(
            || place.clone(),
            |machine| {
                machine.capture(|machine| {
                    machine.in_activation(parent, slot_count, place, |machine| {
                        machine.run_loop(&declaration, items, depth0).map(|()| Flow::Next)
                    })
                })
            },
        )?;
        Ok(Value::Text(text))
    }

    fn run_loop(&mut self, declaration: &Rc<For>, items: &Value, depth0: i64) -> Result<(), Error> {
        let place = declaration.items.place.range();
        let source = Cursor::of(items, &place)?;
        let is_sized = declaration.test.is_none() && !matches!(items, Value::Iterator(_));
        let state = Rc::new(LoopState {
            declaration: Rc::clone(declaration),
            activation: self.current,
            source: RefCell::new(source),
            ahead: RefCell::new(VecDeque::new()),
            sized: is_sized.then(|| items.clone()),
            length: Cell::new(None),
            index0: Cell::new(0),
            current: RefCell::new(None),
            previous: RefCell::new(None),
            last_seen: RefCell::new(None),
            depth0,
            is_test_open: Cell::new(false),
        });
        let mut count: u64 = 0;
        // Jinja2 renders `else` unless an iteration came to its end.
        let mut is_any_whole = false;
        loop {
            let ahead = state.ahead.borrow_mut().pop_front();
            let item = match ahead {
                Some(item) => item,
                None => match self.pull(&state)? {
                    Some(item) => item,
                    None => break,
                },
            };
            self.budget.step(|| place.clone())?;
            if let Some(slot) = declaration.state {
                state.index0.set(count);
                let before = state.current.replace(Some(item.clone()));
                state.previous.replace(before);
                self.set(slot, Value::Loop(Rc::clone(&state)));
            }
            self.assign(&declaration.target, item)?;
            self.enter(&declaration.frame, &place)?;
            count += 1;
            match self.nested_body(&declaration.body, declaration.place)? {
                Flow::Next => is_any_whole = true,
                Flow::Continue => {}
                Flow::Break => break,
            }
        }
        if !is_any_whole {
            self.enter(&declaration.else_frame, &place)?;
            self.nested_body(&declaration.otherwise, declaration.place)?;
        }
        Ok(())
    }

    /// Takes the next item that meets the loop's condition.
    fn pull(&mut self, state: &LoopState) -> Result<Option<Value>, Error> {
        let place = state.declaration.items.place.range();
        loop {
            let item = state.source.borrow_mut().next(&place, &mut self.budget)?;
            let (Some(item), Some(test)) = (&item, &state.declaration.test) else {
                return Ok(item);
            };
            self.budget.step(|| place.clone())?;
            let before = std::mem::replace(&mut self.current, state.activation);
            if !state.is_test_open.replace(true) {
                self.enter(&test.frame, &place)?;
            }
            self.assign(&test.target, item.clone())?;
            let is_wanted = self.expression(&test.condition)?.is_true();
            self.current = before;
            if is_wanted {
                return Ok(Some(item.clone()));
            }
        }
    }

    /// Takes one item ahead, if there is one.
    fn peek(&mut self, state: &LoopState) -> Result<Option<Value>, Error> {
        if let Some(item) = state.ahead.borrow().front() {
            return Ok(Some(item.clone()));
        }
        let item = self.pull(state)?;
        if let Some(item) = &item {
            state.ahead.borrow_mut().push_back(item.clone());
        }
        Ok(item)
    }

    fn loop_length(&mut self, state: &LoopState, place: &Range<usize>) -> Result<u64, Error> {
        if let Some(length) = state.length.get() {
            return Ok(length);
        }
        let sized = match &state.sized {
            Some(value) => value.length(place, &mut self.budget)?,
            None => None,
        };
        let length = match sized {
            Some(length) => length,
            None => {
                while let Some(item) = self.pull(state)? {
                    self.budget.make(16, place)?;
                    state.ahead.borrow_mut().push_back(item);
                }
                state.index0.get() + 1 + state.ahead.borrow().len() as u64
            }
        };
        state.length.set(Some(length));
        Ok(length)
    }

    pub(super) fn loop_attribute(
        &mut self,
        state: &LoopState,
        name: &str,
        place: &Range<usize>,
    ) -> Result<Value, Error> {
        let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let signed = |from: u64, less: u64| {
            let (from, less) =
                (i64::try_from(from).unwrap_or(i64::MAX), i64::try_from(less).unwrap_or(0));
            Value::Integer(from - less)
        };
        let index0 = state.index0.get();
        Ok(match name {
            "index" => number(index0 + 1),
            "index0" => number(index0),
            "first" => Value::Boolean(index0 == 0),
            "last" => Value::Boolean(self.peek(state)?.is_none()),
            "length" => number(self.loop_length(state, place)?),
            "revindex" => signed(self.loop_length(state, place)?, index0),
            "revindex0" => signed(self.loop_length(state, place)?, index0 + 1),
            "depth" => Value::Integer(state.depth0 + 1),
            "depth0" => Value::Integer(state.depth0),
            "previtem" => match &*state.previous.borrow() {
                Some(item) if index0 > 0 => item.clone(),
                _ => Value::undefined("loop.previtem"),
            },
            "nextitem" => match self.peek(state)? {
                Some(item) => item,
                None => Value::undefined("loop.nextitem"),
            },
            "cycle" | "changed" => {
                let message = format!("`loop.{name}` is a method");
                return Err(Error::new(ErrorKind::Unsupported, place.clone(), message)
                    .help(format!("call it as `loop.{name}(…)`")));
            }
            _ if name.starts_with('_') => {
                let message = format!("`{name}` of `loop` is a Python attribute");
                return Err(Error::new(ErrorKind::Unsupported, place.clone(), message));
            }
            _ => Value::undefined(format!("loop.{name}")),
        })
    }

    /// `loop.changed(…)`.
    pub(super) fn loop_changed(
        &mut self,
        state: &LoopState,
        values: Vec<Value>,
        place: &Range<usize>,
    ) -> Result<Value, Error> {
        let mut is_same = false;
        if let Some(last) = &*state.last_seen.borrow()
            && last.len() == values.len()
        {
            is_same = true;
            for (last, value) in last.iter().zip(&values) {
                if !equals(last, value, place, &mut self.budget)? {
                    is_same = false;
                    break;
                }
            }
        }
        if !is_same {
            state.last_seen.replace(Some(values));
        }
        Ok(Value::Boolean(!is_same))
    }
}
