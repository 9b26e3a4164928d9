//! Programs that format values, and calculate.

use super::Generator;
use super::Kind::{self, Boolean, Float, Integer, Text};
use crate::tree::{Node, Part, Sort, expression, statement};

impl Generator<'_> {
    pub(super) fn formats(&mut self) -> Node {
        let value = match self.random.below(3) {
            0 => self.percent_format(),
            1 => self.brace_format(),
            _ => self.calculation(2),
        };
        Node::body(vec![match self.random.below(3) {
            0 => statement!("{{ (", value, ") | tojson }}"),
            _ => statement!("{{ ", value, " }}"),
        }])
    }

    fn formatted(&mut self) -> Node {
        let kind: Kind = self.random.one_of(&[Text, Integer, Float, Float, Integer, Boolean]);
        if self.random.one_in(40) {
            return expression!("none");
        }
        self.atom(kind)
    }

    fn percent_format(&mut self) -> Node {
        let count = 1 + self.random.below(2);
        let is_named = self.random.one_in(4);
        let mut format = String::new();
        let mut values: Vec<Node> = Vec::new();
        for number in 0..count {
            format += self.random.one_of(&["", "a", "%%", " - ", "é"]);
            format.push('%');
            if is_named {
                format += &format!("(k{number})");
            }
            for _ in 0..self.random.below(3) {
                format += self.random.one_of(&["-", "+", " ", "#", "0"]);
            }
            match self.random.below(8) {
                0 if !is_named => {
                    format.push('*');
                    values.push(expression!(self.small()));
                }
                1..=4 => format += self.random.one_of(&["1", "5", "12", "30"]),
                _ => {}
            }
            if self.random.one_in(3) {
                format += self.random.one_of(&[".0", ".1", ".3", ".", ".20", ".6"]);
            }
            format += self.random.one_of(&[
                "d", "i", "u", "o", "x", "X", "e", "E", "f", "F", "g", "G", "c", "s", "s", "s",
                "f", "d", "g", "hd", "ld", "q", "",
            ]);
            let value = self.formatted();
            values.push(if is_named {
                expression!("'k", number.to_string(), "': ", value)
            } else {
                value
            });
        }
        let quoted = self.quote(&format);
        if is_named {
            let mut parts: Vec<Part> = vec![quoted.into(), " % {".into()];
            for value in values {
                parts.extend([value.into(), ", ".into()]);
            }
            parts.push("}".into());
            return Node { sort: Sort::Expression, parts };
        }
        if values.len() == 1 && self.random.coin() {
            return expression!(quoted, " % ", values.remove(0));
        }
        let is_filter = self.random.one_in(3);
        let mut parts: Vec<Part> =
            vec![quoted.into(), (if is_filter { " | format(" } else { " % (" }).into()];
        for value in values {
            parts.extend([value.into(), ", ".into()]);
        }
        parts.push(")".into());
        Node { sort: Sort::Expression, parts }
    }

    fn brace_format(&mut self) -> Node {
        let count = 1 + self.random.below(2);
        let mut format = String::new();
        let mut values: Vec<Node> = Vec::new();
        for number in 0..count {
            format += self.random.one_of(&["", "a", "{{", "}}", " - ", "é"]);
            format.push('{');
            format += &match self.random.below(6) {
                0 => number.to_string(),
                1 => "k".to_owned(),
                _ => String::new(),
            };
            format += self.random.one_of(&["", "", "", "", "!s"]);
            if !self.random.one_in(4) {
                format.push(':');
                format +=
                    self.random.one_of(&["", "", "*<", "é^", "0=", " >", "<", ">", "^", "=", "}>"]);
                format += self.random.one_of(&["", "", "+", "-", " ", "z"]);
                format += self.random.one_of(&["", "", "#", "0", "#0"]);
                format += self.random.one_of(&["", "", "5", "12", "30", "{}"]);
                format += self.random.one_of(&["", "", ",", "_"]);
                format += self.random.one_of(&["", "", ".0", ".2", ".10", "."]);
                format += self.random.one_of(&[
                    "", "", "d", "f", "e", "g", "%", "s", "x", "b", "o", "X", "G", "E", "F", "c",
                    "n",
                ]);
            }
            format.push('}');
            values.push(self.formatted());
        }
        let quoted = self.quote(&format);
        let width =
            if format.contains("{}}") { expression!(", ", self.small()) } else { expression!("") };
        let mut parts: Vec<Part> = vec![quoted.into(), ".format(".into()];
        for value in values {
            parts.extend([value.into(), width.clone().into(), ", ".into()]);
        }
        parts.extend(["k=".into(), self.formatted().into(), ")".into()]);
        Node { sort: Sort::Expression, parts }
    }

    /// Makes arithmetic with numbers of all sizes.
    fn calculation(&mut self, depth: usize) -> Node {
        if depth == 0 {
            let kind: Kind = self.random.one_of(&[Integer, Float, Integer, Float, Boolean]);
            return self.atom(kind);
        }
        let left = self.calculation(depth - 1);
        let depth = self.random.below(depth);
        let right = self.calculation(depth);
        match self.random.below(16) {
            0 => expression!("-(", left, ")"),
            1 => expression!("(", left, ") | abs"),
            2 => {
                let precision = self.random.one_of(&[
                    "",
                    "(1)",
                    "(2)",
                    "(-1)",
                    "(-2)",
                    "(3, 'floor')",
                    "(1, 'ceil')",
                    "(0, 'floor')",
                    "(method='ceil')",
                    "(10)",
                ]);
                expression!("(", left, ") | round", precision)
            }
            3 => expression!("(", left, ") | int"),
            4 => expression!("(", left, ") | float"),
            5 => expression!(
                "[",
                left,
                ", ",
                right,
                ", 1] | ",
                self.random.one_of(&["sum", "max", "min", "sort"])
            ),
            6 => expression!(
                "(",
                left,
                ") ** ",
                self.random.one_of(&["2", "3", "-1", "0", "10", "2.0", "m"])
            ),
            at => {
                let operator = ["+", "-", "*", "/", "//", "%", "==", "<", "+"][at - 7];
                expression!("(", left, ") ", operator, " (", right, ")")
            }
        }
    }
}
