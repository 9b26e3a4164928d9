//! Statements.

use std::rc::Rc;

use super::super::program::{For, Frame, If, Load, Macro, Operand, Slot, Statement, Step, Target};
use super::environment::Environment;
use super::narrowing::narrow;
use super::{Analysis, Kinds, Shape};

impl Analysis<'_> {
    /// Gives the names of a block what they are at its beginning.
    pub(super) fn enter(&mut self, frame: &Frame, environment: &mut Environment) {
        for (index, load) in &frame.loads {
            let shape = match load {
                Load::Variable(name) => {
                    self.variables.get(&**name).cloned().unwrap_or_else(Shape::any)
                }
                Load::Outer(slot) => environment.get(*slot),
                Load::Undefined(_) => Shape::of_kinds(Kinds::UNDEFINED),
            };
            environment.set(Slot { hops: 0, index: *index }, shape);
        }
    }

    /// Looks at statements, and returns whether what follows them is reached.
    pub(super) fn body(&mut self, statements: &[Statement], environment: &mut Environment) -> bool {
        statements.iter().all(|statement| self.statement(statement, environment))
    }

    fn statement(&mut self, statement: &Statement, environment: &mut Environment) -> bool {
        match statement {
            Statement::Text(..) | Statement::Include(..) => true,
            Statement::Break | Statement::Continue => false,
            Statement::Print(value) => {
                let shape = self.expression(value, environment);
                self.check_printed(&shape, value.place);
                !shape.kinds.is_never()
            }
            Statement::Do(value) => !self.expression(value, environment).kinds.is_never(),
            Statement::If(condition) => self.condition(condition, environment),
            Statement::For(declaration) => {
                self.for_loop(declaration, environment);
                true
            }
            Statement::With(with) => {
                let values: Vec<Shape> = with
                    .assignments
                    .iter()
                    .map(|(_, value)| self.expression(value, environment))
                    .collect();
                self.enter(&with.frame, environment);
                for ((target, _), shape) in with.assignments.iter().zip(values) {
                    self.assign(target, &shape, environment);
                }
                self.body(&with.body, environment)
            }
            Statement::Set(set) => {
                let (target, value) = &**set;
                // Each name gets what it is on the right.
                if let Target::Several(targets, _) = target
                    && let (Operand::Tuple(items), []) = (&value.base, value.links.as_slice())
                    && targets.len() == items.len()
                {
                    let shapes = self.all(items, environment);
                    for (target, shape) in targets.iter().zip(&shapes) {
                        self.assign(target, shape, environment);
                    }
                    return shapes.iter().all(|shape| !shape.kinds.is_never());
                }
                let shape = self.expression(value, environment);
                self.assign(target, &shape, environment);
                !shape.kinds.is_never()
            }
            Statement::SetBlock(set) => {
                self.enter(&set.frame, environment);
                let is_reached = self.body(&set.body, environment);
                let shape = self.filters(&set.filters, Shape::of_kinds(Kinds::TEXT), environment);
                self.assign(&set.target, &shape, environment);
                is_reached
            }
            Statement::FilterBlock(block) => {
                self.enter(&block.frame, environment);
                let is_reached = self.body(&block.body, environment);
                let shape = self.filters(&block.filters, Shape::of_kinds(Kinds::TEXT), environment);
                let place = block.filters.last().map_or(block.place, |link| link.place);
                self.check_printed(&shape, place);
                is_reached
            }
            Statement::Macro { slot, declaration, .. } => {
                environment.set(*slot, Shape::of_macro(declaration));
                self.macro_body(declaration, environment);
                true
            }
            Statement::CallBlock(block) => {
                let shape = self.expression(&block.call, environment);
                self.macro_body(&block.caller, environment);
                self.check_printed(&shape, block.place);
                !shape.kinds.is_never()
            }
        }
    }

    fn filters(
        &mut self,
        links: &[super::super::program::Link],
        shape: Shape,
        environment: &mut Environment,
    ) -> Shape {
        let mut shape = shape;
        for link in links {
            if let Step::Filter(call) = &link.step {
                shape = self.filter(call, shape, link, environment);
            }
        }
        shape
    }

    fn condition(&mut self, condition: &If, environment: &mut Environment) -> bool {
        let mut after: Option<Environment> = None;
        let mut add = |branch: Environment| match &mut after {
            Some(after) => after.join(branch),
            None => after = Some(branch),
        };
        for (test, body, _) in &condition.branches {
            self.expression(test, environment);
            let mut branch = environment.clone();
            narrow(test, true, &mut branch);
            if self.body(body, &mut branch) {
                add(branch);
            }
            narrow(test, false, environment);
        }
        let mut branch = environment.clone();
        if self.body(&condition.otherwise, &mut branch) {
            add(branch);
        }
        match after {
            Some(after) => {
                *environment = after;
                true
            }
            None => false,
        }
    }

    fn for_loop(&mut self, declaration: &Rc<For>, environment: &mut Environment) {
        let items = self.expression(&declaration.items, environment);
        self.require(
            &items,
            Kinds::ITERABLE,
            declaration.items.place,
            "loop over a list, an object or a string",
        );
        let item = if declaration.recursive.is_some() { Shape::any() } else { items.item() };
        if let Some(slot_count) = declaration.recursive {
            environment.push(slot_count, &[&declaration.body, &declaration.otherwise], false);
        }
        let mut inside = environment.clone();
        if let Some(test) = &declaration.test {
            self.enter(&test.frame, &mut inside);
            self.assign(&test.target, &item, &mut inside);
            self.expression(&test.condition, &mut inside);
        }
        if let Some(slot) = declaration.state {
            inside.set(slot, Shape::of_kinds(Kinds::LOOP));
        }
        self.assign(&declaration.target, &item, &mut inside);
        self.enter(&declaration.frame, &mut inside);
        self.body(&declaration.body, &mut inside);
        let mut empty = environment.clone();
        self.enter(&declaration.else_frame, &mut empty);
        self.body(&declaration.otherwise, &mut empty);
        if declaration.recursive.is_some() {
            environment.pop();
        }
    }

    pub(super) fn macro_body(&mut self, declaration: &Rc<Macro>, environment: &Environment) {
        let mut inside = environment.clone();
        inside.push(declaration.slot_count, &[&declaration.body], true);
        self.enter(&declaration.frame, &mut inside);
        for parameter in &declaration.parameters {
            if let Some(default) = &parameter.default {
                self.expression(default, &mut inside);
            }
        }
        self.body(&declaration.body, &mut inside);
    }

    pub(super) fn assign(&mut self, target: &Target, shape: &Shape, environment: &mut Environment) {
        match target {
            Target::Name(slot) => {
                let grows = self.grows_lists && !shape.is_given && shape.kinds.has(Kinds::LIST);
                let shape = shape.clone();
                environment.set(*slot, if grows { Shape { items: None, ..shape } } else { shape });
            }
            Target::Attribute { namespace, place, .. } => {
                let namespace = environment.get(*namespace);
                self.require(
                    &namespace,
                    Kinds::NAMESPACE,
                    *place,
                    "create a namespace with `namespace(…)`",
                );
            }
            Target::Several(targets, place) => {
                self.require(shape, Kinds::ITERABLE, *place, "loop over pairs with `| items`");
                let item = shape.item();
                targets.iter().for_each(|target| self.assign(target, &item, environment));
            }
        }
    }
}
