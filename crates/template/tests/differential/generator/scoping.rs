//! Programs about few names that are bound in many ways: which of them a place reads is what is seen.

use super::Generator;
use crate::tree::{Node, Part, Sort, expression, optional, statement};

/// The names; the first is one of the caller's.
const NAMES: [&str; 4] = ["s", "a", "b", "loop"];

impl Generator<'_> {
    pub(super) fn scoping(&mut self) -> Node {
        let mut nodes = Vec::new();
        for _ in 0..=self.random.below(5) {
            nodes.push(self.scope_statement(3));
        }
        nodes.push(self.scope_print());
        Node::body(nodes)
    }

    fn scope_name(&mut self) -> &'static str {
        self.random.one_of(&NAMES[..3])
    }

    fn scope_print(&mut self) -> Node {
        let name = self.scope_name();
        match self.random.below(6) {
            0 => statement!("[", "{{ ", name, " is defined }}", "]"),
            1 => statement!("{{ loop.index | default('no') if loop is defined else 'none' }}"),
            _ => statement!("[{{ ", name, " | default('", name, "?') }}]"),
        }
    }

    fn scope_value(&mut self) -> Node {
        match self.random.below(5) {
            0 => expression!(self.random.one_of(&["1", "2", "'x'", "'y'", "none"])),
            1 => {
                let name = self.scope_name();
                expression!("(", name, " | default('-')) ~ '", self.random.one_of(&["+", "*"]), "'")
            }
            2 => expression!(self.scope_name()),
            3 => expression!("loop.index if loop is defined else 0"),
            _ => expression!(self.random.one_of(&["3", "'z'"])),
        }
    }

    fn scope_body(&mut self, depth: usize) -> Node {
        let count = 1 + self.random.below(3);
        Node::body((0..count).map(|_| self.scope_statement(depth - 1)).collect())
    }

    fn scope_test(&mut self) -> Node {
        match self.random.below(5) {
            0 => expression!("true"),
            1 => expression!("false"),
            2 => expression!(self.scope_name()),
            3 => expression!(self.scope_name(), " is defined"),
            _ => expression!("y"),
        }
    }

    fn block(&mut self, open: Vec<Part>, body: Node, tail: Vec<Part>, end: &str) -> Node {
        let mut parts: Vec<Part> = vec!["{% ".into()];
        parts.extend(open);
        parts.extend([" %}".into(), body.into()]);
        parts.extend(tail);
        parts.push(format!("{{% {end} %}}").into());
        Node { sort: Sort::Statement, parts }
    }

    fn otherwise(&mut self, depth: usize) -> Vec<Part> {
        if self.random.coin() {
            return Vec::new();
        }
        let body = self.scope_body(depth);
        vec![optional!("{% else %}", body).into()]
    }

    fn scope_statement(&mut self, depth: usize) -> Node {
        if depth == 0 {
            return if self.random.one_in(3) { self.scope_set() } else { self.scope_print() };
        }
        match self.random.below(14) {
            0..=2 => self.scope_print(),
            3..=4 => self.scope_set(),
            5 => {
                let (test, body) = (self.scope_test(), self.scope_body(depth));
                let mut tail = Vec::new();
                if self.random.one_in(3) {
                    let (test, body) = (self.scope_test(), self.scope_body(depth));
                    tail.push(optional!("{% elif ", test, " %}", body).into());
                }
                tail.extend(self.otherwise(depth));
                self.block(vec!["if ".into(), test.into()], body, tail, "endif")
            }
            6..=7 => {
                let target = self.random.one_of(&["a", "b", "s", "a, b"]);
                let items = match target {
                    "a, b" => self.random.one_of(&["[(1, 2), (3, 4)]", "o.items()", "[]"]),
                    _ => self.random.one_of(&["[1, 2]", "'xy'", "[]", "s", "range(3)", "[a]"]),
                };
                let test = match self.random.below(4) {
                    0 => {
                        let test = self.scope_test();
                        optional!(" if ", test)
                    }
                    1 => optional!(" if a != 2"),
                    _ => Node::nothing(),
                };
                let recursive = if self.random.one_in(10) { " recursive" } else { "" };
                let mut body = self.scope_body(depth);
                if self.random.one_in(4) {
                    let jump = self.random.one_of(&[
                        "{% break %}",
                        "{% continue %}",
                        "{% if a == 1 %}{% continue %}{% endif %}",
                        "{% if loop.first %}{% break %}{% endif %}",
                    ]);
                    let at = self.random.below(body.parts.len() + 1);
                    body.parts.insert(at, statement!(jump).into());
                }
                let tail = self.otherwise(depth);
                let open =
                    vec![format!("for {target} in {items}").into(), test.into(), recursive.into()];
                self.block(open, body, tail, "endfor")
            }
            8 => {
                let (value, name) = (self.scope_value(), self.scope_name());
                let mut open: Vec<Part> = vec![format!("with {name} = ").into(), value.into()];
                if self.random.one_in(3) {
                    let (value, name) = (self.scope_value(), self.scope_name());
                    open.extend([format!(", {name} = ").into(), value.into()]);
                }
                let body = self.scope_body(depth);
                self.block(open, body, Vec::new(), "endwith")
            }
            9 => {
                let name = self.scope_name();
                let body = self.scope_body(depth);
                let filter = self.random.one_of(&["", " | upper", " | trim"]);
                self.block(vec![format!("set {name}{filter}").into()], body, Vec::new(), "endset")
            }
            10 => {
                let body = self.scope_body(depth);
                let filter =
                    self.random.one_of(&["upper", "trim", "replace('x', s)", "default(a)"]);
                self.block(vec![format!("filter {filter}").into()], body, Vec::new(), "endfilter")
            }
            11..=12 => {
                let signature =
                    self.random.one_of(&["", "a", "a, b=a", "s='d'", "b=b", "a=1, b=s"]);
                let body = self.scope_body(depth);
                let name = self.random.one_of(&["ma", "mb"]);
                let definition = self.block(
                    vec![format!("macro {name}({signature})").into()],
                    body,
                    Vec::new(),
                    "endmacro",
                );
                let call = self.random.one_of(&["()", "('p')", "(b=5)", "(a='q')"]);
                let again =
                    self.random.one_of(&["", "{% set a = 'later' %}", "{% set s = 'later' %}"]);
                statement!(definition, again, "{{ ", name, call, " }}")
            }
            _ => {
                let inner = self.scope_body(depth);
                let body = self.scope_body(depth);
                let parameter = self.random.one_of(&["", "(a)", "(b='d')"]);
                let argument = self.random.one_of(&["", "7"]);
                statement!(
                    "{% macro mc(b='m') %}",
                    inner,
                    "{{ caller(",
                    argument,
                    ") }}{% endmacro %}{% call",
                    parameter,
                    " mc() %}",
                    body,
                    "{% endcall %}"
                )
            }
        }
    }

    fn scope_set(&mut self) -> Node {
        let value = self.scope_value();
        if self.random.one_in(8) {
            let other = self.scope_value();
            return statement!("{% set a, b = ", value, ", ", other, " %}");
        }
        statement!("{% set ", self.scope_name(), " = ", value, " %}")
    }
}
