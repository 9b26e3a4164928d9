//! Programs about lists, objects and iterators that change while they are gone through.

use super::Generator;
use super::Kind::{Any, Integer, Text};
use crate::tree::{Node, expression, statement};

impl Generator<'_> {
    pub(super) fn changing(&mut self) -> Node {
        let mut nodes = vec![
            statement!(
                "{% set ls = ",
                expression!(self.random.one_of(&[
                    "[]",
                    "[3, 1, 2]",
                    "['a', 'B', 'c']",
                    "[[1], [2]]",
                    "w | list",
                    "[1]"
                ])),
                " %}"
            ),
            statement!(
                "{% set ob = ",
                expression!(self.random.one_of(&[
                    "{}",
                    "{'a': 1, 'b': 2}",
                    "dict(o)",
                    "{1: 'x', none: []}"
                ])),
                " %}"
            ),
            statement!("{% set ns = namespace(l=ls, n=0, t='') %}"),
        ];
        self.bound.extend(["ls", "ob", "ns"]);
        if self.random.coin() {
            let made = self.lazy();
            nodes.push(statement!("{% set g = ", made, " %}"));
            self.bound.insert("g");
        }
        for _ in 0..=self.random.below(4) {
            nodes.push(self.changing_statement(2));
        }
        for value in ["ls", "ob", "ns.n", "ns.t"] {
            nodes.push(statement!("{{ ", expression!(value, " | tojson"), " }}"));
        }
        if self.bound.contains("g") {
            nodes.push(statement!("{{ ", expression!("g | list | tojson"), " }}"));
        }
        Node::body(nodes)
    }

    /// Makes something whose items are made when they are taken.
    fn lazy(&mut self) -> Node {
        let source = self.random.one_of(&[
            "ls",
            "ls",
            "ob",
            "ob.items()",
            "ob.values()",
            "ob.keys()",
            "ls | reverse",
            "ob | items",
            "range(4)",
            "w",
        ]);
        let filter = self.random.one_of(&[
            "map('string')",
            "select",
            "reject",
            "reverse",
            "batch(2)",
            "slice(2)",
            "unique",
            "map('default', 'd')",
            "select('defined')",
            "map('tojson')",
            "batch(2, 'f')",
            "items",
            "map(attribute=0)",
            "map(attribute=0, default='-')",
            "map('list')",
            "reject('none')",
            "select('string')",
            "map('upper') | map('lower')",
            "list",
        ]);
        expression!(source, " | ", filter)
    }

    fn iterated(&mut self) -> Node {
        match self.random.below(8) {
            0..=1 => expression!("ls"),
            2 => expression!(self.random.one_of(&[
                "ob",
                "ob.items()",
                "ob.values()",
                "ob | dictsort",
                "ob | items"
            ])),
            3 if self.bound.contains("g") => expression!("g"),
            4 => expression!("ls | list"),
            5 => expression!("ns.l"),
            _ => self.lazy(),
        }
    }

    fn changing_statement(&mut self, depth: usize) -> Node {
        match self.random.below(if depth == 0 { 7 } else { 10 }) {
            0..=2 => statement!("{% do ", self.any_change(), " %}"),
            3 => statement!("{{ ", self.look(), " }}"),
            4 => {
                let value = self.random.one_of(&["ns.n + 1", "ns.n ~ 'x'", "ls | length"]);
                statement!("{% set ns.n = ", expression!(value), " %}")
            }
            5 => statement!("{% set ns.t = ns.t ~ ", self.expression(Text), " %}"),
            6 => statement!(
                "{% set ns.l = ",
                expression!(self.random.one_of(&["ls", "ns.l + [1]", "ls[1:]", "[ls]", "ob"])),
                " %}"
            ),
            7 => {
                let test = self.random.one_of(&[
                    "ls | length < 5",
                    "ls",
                    "ob",
                    "'a' in ls",
                    "ns.n",
                    "loop is defined and loop.first",
                ]);
                let body = Node::body(vec![self.changing_statement(depth - 1)]);
                statement!("{% if ", expression!(test), " %}", body, "{% endif %}")
            }
            _ => {
                let items = self.iterated();
                let target = self.random.one_of(&["c", "c", "c", "c, q"]);
                let test = self.random.one_of(&[
                    "",
                    "",
                    "",
                    " if c",
                    " if ls | length < 6",
                    " if ns.n < 3",
                ]);
                let look = self.random.one_of(&[
                    "{{ loop.index }}/{{ loop.length }} ",
                    "{{ loop.last }} ",
                    "{{ loop.nextitem | default('-') | tojson }} ",
                    "{{ c | tojson }};",
                    "{{ loop.previtem | default('-') | tojson }} ",
                    "{{ loop.revindex }} ",
                    "{{ loop.changed(c) }} ",
                    "{{ loop.cycle(1, 2) }}",
                    "",
                ]);
                let mut nodes = vec![statement!(look)];
                for _ in 0..=self.random.below(2) {
                    nodes.push(self.changing_statement(depth - 1));
                }
                if self.random.coin() {
                    nodes.push(statement!(look));
                }
                let guard = self.random.one_of(&[
                    "{% if loop.index > 8 %}{% break %}{% endif %}",
                    "{% if ls | length > 9 %}{% break %}{% endif %}",
                    "",
                ]);
                nodes.push(statement!(guard));
                let tail = self.random.one_of(&["", "", "{% else %}none"]);
                statement!(
                    "{% for ",
                    target,
                    " in ",
                    items,
                    test,
                    " %}",
                    Node::body(nodes),
                    tail,
                    "{% endfor %}"
                )
            }
        }
    }

    fn any_change(&mut self) -> Node {
        if self.random.one_in(4) {
            let value = self.atom(Any);
            let key = self.random.one_of(&["'a'", "'b'", "'new'", "1", "none", "(1, 2)", "c"]);
            return match self.random.below(4) {
                0 => expression!("ob.update({", key, ": ", value, "})"),
                1 => expression!("ob.update(b=", value, ")"),
                2 => expression!("ob.update(ob)"),
                _ => expression!("ob.update([(", key, ", ", value, ")])"),
            };
        }
        match self.random.below(12) {
            0 => expression!("ls.pop()"),
            1 => expression!("ls.pop(0)"),
            2 => expression!("ls.reverse()"),
            3 => expression!("ls.extend(ls)"),
            4 => {
                let lazy = self.lazy();
                expression!("ls.extend(", lazy, ")")
            }
            5 => expression!("ls.insert(", self.atom(Integer), ", ", self.atom(Any), ")"),
            6 => expression!("ls.append(ls | length)"),
            7 => expression!("ns.l.append(", self.atom(Any), ")"),
            8 => expression!(
                "ls.append(",
                self.random.one_of(&[
                    "ob",
                    "ns",
                    "g",
                    "ls",
                    "[ls]",
                    "c",
                    "ns.l",
                    "ob.items()",
                    "{'k': ls}"
                ]),
                ")"
            ),
            9 => expression!("ls.insert(0, ", self.atom(Text), ")"),
            _ => expression!("ls.append(", self.atom(Any), ")"),
        }
    }

    fn look(&mut self) -> Node {
        let what = self.random.one_of(&[
            "ls | tojson",
            "ob | tojson",
            "ls | length",
            "g | first | tojson",
            "g | list | tojson",
            "(g | list | length)",
            "1 in ls",
            "'a' in g",
            "ls | sort | tojson",
            "ls | join(',')",
            "ls[0] | default('-') | tojson",
            "ls.index(1)",
            "ls.count(1)",
            "ls == ns.l",
            "ob == {}",
            "ob.keys() | list | tojson",
            "ls | map('string') | join",
            "ls | unique | list | tojson",
            "g is iterable",
            "ls is sameas(ns.l)",
            "ls | sum",
            "ls | max | tojson",
            "(ls + ls) | tojson",
            "ls | groupby(0) | tojson",
            "dict(ls) | tojson",
            "ob | length",
            "loop.index",
            "g.x is defined",
            "ls * 2 | length",
            "ls | last | tojson",
            "ob.a",
        ]);
        expression!(what)
    }
}
