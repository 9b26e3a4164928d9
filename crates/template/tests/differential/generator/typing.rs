//! Programs about types: values of known types that are bound, changed and told apart, and then used as if they
//! had some type.

use super::Generator;
use crate::tree::{Node, expression, statement};

/// Expressions whose types can be known, and whose values can be of other ones.
const VALUES: [&str; 44] = [
    "s",
    "n",
    "f",
    "y",
    "w",
    "l",
    "x",
    "z",
    "u",
    "w | list",
    "w | sort",
    "w[:]",
    "w[1:]",
    "s.split(',')",
    "l | unique | list",
    "[s, n]",
    "[]",
    "w + [n]",
    "w * 2",
    "(w or [n])",
    "(z or w)",
    "(w if y else n)",
    "(s if y)",
    "(u | default(w))",
    "(u | default(**{'default_value': n}))",
    "(s | int(*[w]))",
    "(s | int)",
    "w | first",
    "(w | last)",
    "(l | max)",
    "(w | sort | first)",
    "range(3)",
    "w | map('length') | list",
    "w | select",
    "w | reverse",
    "(s | reverse)",
    "w | batch(2) | first",
    "(n | string)",
    "(1, s)",
    "{'a': n}",
    "namespace(a=w)",
    "s.partition(',')",
    "s.find('a')",
    "(s and n)",
];

/// What may fail, by the type of `q`.
const USES: [&str; 36] = [
    "{{ q }}",
    "{{ q + 1 }}",
    "{{ q + 'a' }}",
    "{{ q * 2 }}",
    "{{ q ~ 1 }}",
    "{{ q % 2 }}",
    "{{ -q }}",
    "{{ +q }}",
    "{{ q < 2 }}",
    "{{ 'a' < q }}",
    "{{ 'a' in q }}",
    "{{ 1 in q }}",
    "{{ q | join(',') }}",
    "{{ q | length }}",
    "{{ q | abs }}",
    "{{ q | upper }}",
    "{{ q | first + 1 }}",
    "{{ (q | last) ~ 'a' }}",
    "{{ q | sum }}",
    "{{ q | tojson }}",
    "{{ q | list | length }}",
    "{{ q | items | list | length }}",
    "{{ q.strip() }}",
    "{{ q.split('a') | length }}",
    "{{ q.count('a') }}",
    "{{ q.items() | list | length }}",
    "{{ q() }}",
    "{{ q[0] }}",
    "{{ q[0] + 1 }}",
    "{{ q[-1] ~ 'a' }}",
    "{{ q[:1] | length }}",
    "{{ q.a }}",
    "{{ q is odd }}",
    "{% for i in q %}{{ i + 1 }}{% endfor %}",
    "{% for i in q %}{{ i.strip() }}{% endfor %}",
    "{% for i, j in q %}{{ i }}{% endfor %}",
];

/// What tells types apart.
const CONDITIONS: [&str; 18] = [
    "q",
    "not q",
    "q is string",
    "q is not string",
    "q is number",
    "q is none",
    "q is not none and q is defined",
    "q is defined",
    "q is not defined or y",
    "q is sequence and q is not string",
    "q is iterable",
    "q is mapping",
    "q == 'a'",
    "q != 1",
    "q == none",
    "q is integer or q is string",
    "q is boolean",
    "y",
];

impl Generator<'_> {
    pub(super) fn typing(&mut self) -> Node {
        let mut nodes = Vec::new();
        if !self.random.one_in(12) {
            nodes.push(self.given_value());
        }
        for _ in 0..self.random.below(3) {
            nodes.push(self.changed_type());
        }
        for _ in 0..=self.random.below(2) {
            nodes.push(self.used());
        }
        Node::body(nodes)
    }

    fn known_value(&mut self) -> Node {
        expression!(self.random.one_of(&VALUES))
    }

    fn given_value(&mut self) -> Node {
        let value = self.known_value();
        statement!("{% set q = ", value, " %}")
    }

    fn used(&mut self) -> Node {
        let uses = statement!(self.random.one_of(&USES));
        match self.random.below(8) {
            0 => {
                let condition = expression!(self.random.one_of(&CONDITIONS));
                statement!("{% if ", condition, " %}", Node::body(vec![uses]), "{% endif %}")
            }
            1 => {
                let condition = expression!(self.random.one_of(&CONDITIONS));
                statement!(
                    "{% if ",
                    condition,
                    " %}{% else %}",
                    Node::body(vec![uses]),
                    "{% endif %}"
                )
            }
            2 => {
                let items = self.known_value();
                statement!("{% for q in ", items, " %}", Node::body(vec![uses]), "{% endfor %}")
            }
            3 => {
                let value = self.known_value();
                statement!("{% with q = ", value, " %}", Node::body(vec![uses]), "{% endwith %}")
            }
            4 => {
                let later = self.changed_type();
                let body = Node::body(vec![uses]);
                statement!(
                    "{% macro ma() %}",
                    body,
                    "{% endmacro %}",
                    Node::body(vec![later]),
                    "{{ ma() }}"
                )
            }
            _ => uses,
        }
    }

    /// Makes what may give `q` another type, or its items.
    fn changed_type(&mut self) -> Node {
        let value = self.known_value();
        match self.random.below(12) {
            0 => statement!("{% do q.append(", value, ") %}"),
            1 => statement!("{% set r = q %}{% do r.insert(0, ", value, ") %}"),
            2 => statement!("{% set r = q | list %}{% do r.extend(", value, ") %}"),
            3 => statement!("{% do q.extend([", value, "]) %}"),
            4 => statement!(
                "{% if y %}",
                Node::body(vec![statement!("{% set q = ", value, " %}")]),
                "{% endif %}"
            ),
            5 => statement!("{% for i in [1, 2] %}{% set q = ", value, " %}{% endfor %}"),
            6 => statement!("{% set q %}{{ s }}{% endset %}"),
            7 => statement!("{% set q | length %}{{ s }}{% endset %}"),
            8 => statement!("{% set q, r = ", value, ", 1 %}"),
            9 => {
                let condition = expression!(self.random.one_of(&CONDITIONS));
                let set = statement!("{% set q = ", value, " %}");
                statement!(
                    "{% if ",
                    condition,
                    " %}",
                    Node::body(vec![set]),
                    "{% else %}{% set q = n %}{% endif %}"
                )
            }
            10 => statement!("{% set q = q | default(", value, ", true) %}"),
            _ => {
                let filter = self.random.one_of(&[
                    "list", "first", "last", "join", "sort", "length", "string", "reverse",
                    "unique",
                ]);
                statement!("{% set q = q | ", filter, " %}")
            }
        }
    }
}
