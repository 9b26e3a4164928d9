//! Programs that record in which order, and how often, their operands are looked at.

use super::Generator;
use super::Kind::{self, Any, Boolean, Integer, Object, Text, Texts};
use crate::tree::{Node, Part, Sort, expression, statement};

impl Generator<'_> {
    pub(super) fn orders(&mut self) -> Node {
        let mut nodes = vec![statement!("{% set ls = [] %}{% set ob = {} %}")];
        if self.random.coin() {
            let body = self.traced(Text);
            let default = self.traced(Integer);
            nodes.push(statement!(
                "{% macro ma(a, b=",
                default,
                ") %}{{ a }}{{ b }}{{ ",
                body,
                " }}{% endmacro %}"
            ));
        }
        for _ in 0..=self.random.below(2) {
            let value = self.ordered();
            nodes.push(match self.random.below(7) {
                0 => statement!(
                    "{% set ",
                    self.random.one_of(&["a", "ob", "a, b"]),
                    " = ",
                    value,
                    " %}"
                ),
                1 => {
                    let test = self.ordered();
                    statement!(
                        "{% for a in ",
                        self.traced(Texts),
                        " if ",
                        self.parenthesize(test),
                        " %}{{ a }}{{ loop.last }}{% else %}{{ ",
                        value,
                        " }}{% endfor %}"
                    )
                }
                2 => {
                    let other = self.ordered();
                    statement!(
                        "{% if ",
                        self.parenthesize(value),
                        " %}1{% elif ",
                        self.parenthesize(other),
                        " %}2{% endif %}"
                    )
                }
                3 => statement!(
                    "{% with a = ",
                    value,
                    ", b = ",
                    self.traced(Text),
                    " %}{{ b }}{% endwith %}"
                ),
                4 => statement!(
                    "{% if ma is defined %}{{ ma(",
                    value,
                    ", b=",
                    self.traced(Integer),
                    ") }}{{ ma(",
                    self.traced(Text),
                    ") }}{% endif %}"
                ),
                _ => statement!("{{ (", value, ") | tojson }}"),
            });
        }
        nodes.push(statement!("{{ ls | tojson }}"));
        Node::body(nodes)
    }

    /// Makes an operand that says that it was looked at.
    fn traced(&mut self, kind: Kind) -> Node {
        let value = self.atom(kind);
        if self.random.one_in(4) {
            return value;
        }
        let number = self.random.below(20).to_string();
        expression!("(ls.append(", number, ") or ", value, ")")
    }

    fn ordered(&mut self) -> Node {
        let kind = self.random.one_of(&[Integer, Text, Any, Texts, Boolean]);
        match self.random.below(12) {
            0..=3 => {
                let mut parts: Vec<Part> = vec![self.traced(kind).into()];
                for _ in 0..=self.random.below(3) {
                    let operator = self.random.one_of(&[
                        " + ", " ~ ", " == ", " < ", " in ", " and ", " or ", " and ", " or ",
                        " * ", " <= ", " != ", " % ", " not in ", " - ",
                    ]);
                    parts.extend([operator.into(), self.traced(kind).into()]);
                }
                Node { sort: Sort::Expression, parts }
            }
            4 => {
                let (value, test) = (self.traced(kind), self.traced(Boolean));
                let other = self.traced(kind);
                expression!(value, " if ", test, " else ", other)
            }
            5 => {
                let (a, b, c) = (self.traced(Text), self.traced(kind), self.traced(Text));
                let d = self.traced(kind);
                expression!("{", a, ": ", b, ", ", c, ": ", d, "}")
            }
            6 => {
                let (a, b, c) = (self.traced(kind), self.traced(kind), self.traced(kind));
                expression!("[", a, ", (", b, ", ", c, ")]")
            }
            7 => {
                let (value, start, stop, step) = (
                    self.traced(Texts),
                    self.traced(Integer),
                    self.traced(Integer),
                    self.traced(Integer),
                );
                expression!(value, "[", start, ":", stop, ":", step, "]")
            }
            8 => {
                let (value, at) = (self.traced(Texts), self.traced(Integer));
                expression!(value, "[", at, "]")
            }
            9 => {
                let (value, old, new) = (self.traced(Text), self.traced(Text), self.traced(Text));
                let form = self.random.one_of(&[
                    [" | replace(", ", "],
                    [".replace(", ", "],
                    [" | replace(new=", ", old="],
                    [" | default(", ", "],
                    [" | truncate(3, ", ", "],
                ]);
                expression!(value, form[0], old, form[1], new, ")")
            }
            10 => {
                let (value, other, object) =
                    (self.traced(Texts), self.traced(Text), self.traced(Object));
                expression!("dict(", object, ", a=", value, ", **{'b': ", other, "})")
            }
            _ => {
                let (a, b, c) = (self.traced(kind), self.traced(kind), self.traced(kind));
                let tests = self.random.one_of(&[
                    [" is ", "eq"],
                    [" is not ", "eq"],
                    [" is ", "in"],
                    [" is ", "sameas"],
                ]);
                expression!("(", a, tests[0], tests[1], "(", b, ")) or ", c)
            }
        }
    }
}
