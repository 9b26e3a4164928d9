//! Programs about macros and how they are called.

use super::Generator;
use super::Kind::{Any, Integer, Text};
use crate::tree::{Node, Part, Sort, expression, optional, statement};

const PARAMETERS: [&str; 6] = ["a", "b", "c", "caller", "kwargs", "varargs"];

impl Generator<'_> {
    pub(super) fn calls(&mut self) -> Node {
        let mut nodes = Vec::new();
        let count = 1 + self.random.below(2);
        for number in 0..count {
            nodes.push(self.defined_macro(["ma", "mb"][number], number));
        }
        for _ in 0..=self.random.below(2) {
            nodes.push(self.called(2));
        }
        Node::body(nodes)
    }

    fn defined_macro(&mut self, name: &str, number: usize) -> Node {
        let mut signature: Vec<Part> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let mut has_default = false;
        for _ in 0..self.random.below(4) {
            let usual = if self.random.one_in(5) { PARAMETERS.len() } else { 3 };
            let parameter = self.random.one_of(&PARAMETERS[..usual]);
            if names.contains(&parameter) && !self.random.one_in(10) {
                continue;
            }
            has_default |= self.random.one_in(3);
            let comma = if names.is_empty() { "" } else { ", " };
            signature.push(format!("{comma}{parameter}").into());
            if has_default {
                let value = match self.random.below(4) {
                    0 => expression!(self.random.one_of(&["a", "b", "s", "c"])),
                    1 => self.atom(Integer),
                    _ => self.atom(Text),
                };
                signature.extend(["=".into(), value.into()]);
            }
            names.push(parameter);
        }
        let mut body: Vec<Node> = Vec::new();
        for _ in 0..=self.random.below(4) {
            body.push(statement!(self.random.one_of(&[
                "{{ a | default('a?') }}",
                "{{ b | default('b?') }}",
                "[{{ c | default('c?') | tojson }}]",
                "{{ varargs | tojson }}",
                "{{ kwargs | tojson }}",
                "{{ caller() }}",
                "{{ caller(a) }}",
                "{{ caller(1, b=2) }}",
                "{{ caller is defined }}",
                "{% set a = 'set' %}",
                "{{ kwargs.c | default('k?') }}",
                "{% for d in varargs %}{{ d }}{{ loop.index }}{% endfor %}",
                "{% if caller %}{{ caller(2) }}{% endif %}",
                "{{ ma.name }}",
                "{{ s }}",
                "{% macro inner() %}{{ a | default('-') }}{% endmacro %}{{ inner() }}",
                "{{ loop is defined }}",
                "{{ caller(*varargs) }}",
                "{{ caller(**kwargs) }}",
            ])));
        }
        if number > 0 && self.random.coin() {
            body.push(statement!(self.random.one_of(&[
                "{{ ma(1) }}",
                "{{ ma(*varargs, **kwargs) }}",
                "{% call ma() %}{{ a | default('in') }}{% endcall %}",
                "{% call(a) ma(2) %}{{ a }}{{ caller is defined }}{% endcall %}"
            ])));
        }
        if self.random.one_in(6) {
            body.push(statement!(
                "{% if n is number and n > 0 and n < 5 %}{% set n = n - 1 %}{% endif %}"
            ));
        }
        let mut parts: Vec<Part> = vec![format!("{{% macro {name}(").into()];
        parts.extend(signature);
        parts.extend([") %}".into(), Node::body(body).into(), "{% endmacro %}".into()]);
        Node { sort: Sort::Statement, parts }
    }

    fn passed(&mut self) -> Node {
        let mut parts: Vec<Part> = vec!["(".into()];
        for _ in 0..self.random.below(3) {
            parts.push(optional!(self.atom(Any), ", ").into());
        }
        if self.random.one_in(6) {
            parts.push(
                optional!(
                    "*",
                    self.random.one_of(&["[1, 2]", "w", "'xy'", "(s,)", "[]", "x"]),
                    ", "
                )
                .into(),
            );
        }
        let mut names: Vec<&str> = Vec::new();
        for _ in 0..self.random.below(3) {
            let name = self
                .random
                .one_of(&["a", "b", "c", "d", "a", "b", "caller", "kwargs", "if", "self"]);
            if !names.contains(&name) || self.random.one_in(30) {
                names.push(name);
                parts.push(optional!(name, "=", self.atom(Any), ", ").into());
            }
        }
        if self.random.one_in(6) {
            parts.push(
                optional!(
                    "**",
                    self.random.one_of(&[
                        "{'b': 5}",
                        "{'c': 1, 'e': 2}",
                        "o",
                        "{}",
                        "{1: 2}",
                        "{'a': 3}"
                    ])
                )
                .into(),
            );
        }
        parts.push(")".into());
        Node { sort: Sort::Expression, parts }
    }

    fn called(&mut self, depth: usize) -> Node {
        let name = self.random.one_of(&["ma", "ma", "mb"]);
        let passed = self.passed();
        match self.random.below(6) {
            0 => statement!("{% for a in [1, 2] %}{{ ", name, passed, " }}{% endfor %}"),
            1..=2 if depth > 0 => {
                let signature = self.random.one_of(&["", "(a)", "(a, b='q')", "(b=a)", "()"]);
                let inner = if self.random.one_in(3) {
                    self.called(depth - 1)
                } else {
                    statement!("{{ a | default('out') }}{{ b | default('out') }}")
                };
                statement!(
                    "{% call",
                    signature,
                    " ",
                    name,
                    passed,
                    " %}",
                    Node::body(vec![inner]),
                    "{% endcall %}"
                )
            }
            3 => statement!("{% set a = ", name, passed, " %}{{ a | upper }}"),
            _ => statement!("{{ ", name, passed, " }}"),
        }
    }
}
