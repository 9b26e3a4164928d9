//! Tests: what follows `is`.

use super::Generator;
use super::Kind::{Any, Float, Integer, Text};
use crate::tree::{Node, expression};

impl Generator<'_> {
    pub(super) fn check(&mut self) -> Node {
        let is = self.random.one_of(&[" is ", " is ", " is not "]);
        match self.random.below(10) {
            0 => {
                let names = [
                    "u",
                    "s",
                    "o.name",
                    "o['key']",
                    "p[0].name",
                    "x",
                    "ns.a",
                    "loop",
                    "z",
                    "w[1]",
                    "o.missing",
                ];
                let name = self.random.one_of(&names);
                let test = self.random.one_of(&["defined", "undefined"]);
                expression!(name, is, test)
            }
            1..=4 => {
                let kind = self.kind();
                let value = self.operand(kind);
                let test = self.random.one_of(&[
                    "defined", "none", "boolean", "true", "false", "integer", "float", "number",
                    "string", "sequence", "iterable", "mapping", "callable", "lower", "upper",
                ]);
                expression!(value, is, test)
            }
            5 => {
                let kind = self.random.one_of(&[Integer, Float]);
                let value = self.operand(kind);
                let test = self.random.one_of(&[
                    "odd",
                    "even",
                    "divisibleby 3",
                    "divisibleby(2)",
                    "divisibleby(m)",
                ]);
                expression!(value, is, test)
            }
            6 => {
                let kind = self.kind();
                let value = self.operand(kind);
                let test = self.random.one_of(&[
                    "sameas true",
                    "sameas(none)",
                    "sameas false",
                    "eq 1",
                    "eq('a')",
                    "ne none",
                    "equalto s",
                    "in w",
                    "in(l)",
                    "in 'foo bar'",
                    "in o",
                    "in [1, 'a', none]",
                ]);
                expression!(value, is, test)
            }
            7 => {
                let kind = self.random.one_of(&[Text, Integer, Float]);
                let (value, other) = (self.operand(kind), self.atom(kind));
                let test = self.random.one_of(&[
                    "lt",
                    "le",
                    "gt",
                    "ge",
                    "lessthan",
                    "greaterthan",
                    "eq",
                    "ne",
                ]);
                expression!(value, is, test, "(", other, ")")
            }
            8 => {
                let value = self.operand(Text);
                let test = self.random.one_of(&["lower", "upper", "string", "none"]);
                expression!(value, is, test)
            }
            _ => {
                let (value, other) = (self.operand(Any), self.atom(Any));
                let test = self.random.one_of(&["eq", "ne", "sameas", "in"]);
                expression!(value, is, test, "(", other, ")")
            }
        }
    }
}
