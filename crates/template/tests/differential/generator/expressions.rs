//! Expressions of each kind.

use super::Generator;
use super::Kind::{
    self, Any, Boolean, Float, Integer, Numbers, Object, Record, Records, Text, Texts,
};
use crate::tree::{Node, Part, Sort, expression};

impl Generator<'_> {
    /// Makes an expression that probably gives a value of this kind.
    pub(super) fn expression(&mut self, kind: Kind) -> Node {
        let kind = if self.random.one_in(150) { self.kind() } else { kind };
        if self.depth == 0 || self.random.one_in(4) {
            return self.atom(kind);
        }
        self.depth -= 1;
        let made = match self.random.below(14) {
            0 => self.choice(kind),
            1 => self.either(kind),
            2 => self.with_default(kind),
            _ => match kind {
                Text => self.text(),
                Integer => self.integer(),
                Float => self.number(),
                Boolean => self.boolean(),
                Texts => self.texts(),
                Numbers => self.numbers(),
                Records => self.records(),
                Record => self.record(),
                Object => self.object(),
                Any => {
                    let kind = self.kind();
                    self.expression(kind)
                }
            },
        };
        self.depth += 1;
        made
    }

    /// Makes an expression without parts.
    pub(super) fn atom(&mut self, kind: Kind) -> Node {
        if self.random.one_in(3) {
            return self.literal(kind);
        }
        match self.variable(kind) {
            Some(variable) => variable,
            None => self.literal(kind),
        }
    }

    /// Makes an operand: in parentheses, nearly always where it has operators of its own.
    pub(super) fn operand(&mut self, kind: Kind) -> Node {
        let inner = self.expression(kind);
        self.parenthesize(inner)
    }

    pub(super) fn parenthesize(&mut self, inner: Node) -> Node {
        let printed = inner.print();
        let is_atom = printed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            || printed.starts_with(['\'', '"', '['])
                && !printed.trim_start_matches('[').contains([' ', '.', '[', '|']);
        if is_atom && !self.random.one_in(12) || self.random.one_in(60) {
            return inner;
        }
        expression!("(", inner, ")")
    }

    fn choice(&mut self, kind: Kind) -> Node {
        let (value, condition) = (self.operand(kind), self.operand(Boolean));
        if self.random.one_in(12) {
            return expression!(value, " if ", condition);
        }
        let other = self.operand(kind);
        expression!(value, " if ", condition, " else ", other)
    }

    fn either(&mut self, kind: Kind) -> Node {
        let left_kind = if self.random.one_in(6) { Any } else { kind };
        let (left, right) = (self.operand(left_kind), self.operand(kind));
        let operator = if self.random.one_in(3) && left_kind == kind { " and " } else { " or " };
        expression!(left, operator, right)
    }

    fn with_default(&mut self, kind: Kind) -> Node {
        let value = match self.random.below(4) {
            0 => expression!(self.random.one_of(&["u", "v", "z"])),
            1 => {
                let (object, key) = (self.operand(Object), self.key_literal());
                expression!(object, "[", key, "]")
            }
            _ => self.operand(kind),
        };
        let name = self.random.one_of(&["default", "default", "d"]);
        let other = self.operand(kind);
        let flag = self.atom(Boolean);
        let arguments =
            self.named_arguments(vec![("default_value", other), ("boolean", flag)], 1, false);
        expression!(value, " | ", name, arguments)
    }

    fn text(&mut self) -> Node {
        match self.random.below(24) {
            0..=2 => {
                let left = self.printable();
                let right = self.printable();
                if self.random.one_in(4) {
                    let third = self.printable();
                    return expression!(left, " ~ ", right, " ~ ", third);
                }
                expression!(left, " ~ ", right)
            }
            3 => {
                let (left, right) = (self.operand(Text), self.operand(Text));
                expression!(left, " + ", right)
            }
            4 => {
                let (value, count) = (self.operand(Text), expression!(self.small()));
                if self.random.one_in(4) {
                    return expression!(count, " * ", value);
                }
                expression!(value, " * ", count)
            }
            5 => self.percent(),
            6 => {
                let (value, at) = (self.operand(Text), self.position());
                let item = expression!(value, "[", at, "]");
                if self.random.coin() { expression!(item, " | default('')") } else { item }
            }
            7 => {
                let value = self.operand(Text);
                let slice = self.slice();
                expression!(value, slice)
            }
            8 => {
                let value = self.printable();
                expression!(value, " | string")
            }
            9 => self.json(),
            10 => {
                let record = self.operand(Record);
                let name = self.random.one_of(&[
                    ".name",
                    ".city",
                    "['name']",
                    ".name",
                    ".name",
                    ".city",
                    ".missing | default('-')",
                ]);
                expression!(record, name)
            }
            11 => self.item_of(Texts),
            12..=16 => self.text_filter(),
            17..=19 => self.text_method(),
            20 => match self.macro_call(false) {
                Some(call) => call,
                None => self.text_filter(),
            },
            21 if self.has_loop => {
                let (first, second) = (self.expression(Text), self.expression(Text));
                expression!("loop.cycle(", first, ", ", second, ")")
            }
            22 if self.has_caller => expression!("caller()"),
            _ => self.join(),
        }
    }

    /// Makes an operand that can be printed.
    pub(super) fn printable(&mut self) -> Node {
        let kind = self.random.one_of(&[Text, Text, Integer, Float, Boolean]);
        self.operand(kind)
    }

    /// Makes JSON of anything.
    pub(super) fn json(&mut self) -> Node {
        let kind = self.kind();
        let value = self.operand(kind);
        let indent = match self.random.below(10) {
            0 => "(2)",
            1 => "(indent=1)",
            2 => "(indent='> ')",
            3 => "(0)",
            _ => "",
        };
        expression!(value, " | tojson", indent)
    }

    /// Fills values into a text.
    fn percent(&mut self) -> Node {
        let value = self.printable();
        match self.random.below(8) {
            0 => {
                let number = self.operand(Float);
                let format = self.random.one_of(&[
                    "'%.2f'",
                    "'%5d|'",
                    "'%-8.1f|'",
                    "'%e'",
                    "'%g'",
                    "'%x'",
                    "'%+d'",
                    "'%05d'",
                    "'%i%%'",
                    "'%#o'",
                    "'% d'",
                    "'%G'",
                    "'%.0f'",
                    "'%c'",
                ]);
                expression!(format, " % ", number)
            }
            1 => {
                let (first, second) = (self.printable(), self.printable());
                expression!("'%s and %s' % (", first, ", ", second, ")")
            }
            2 => {
                let object = self.operand(Record);
                expression!("'%(name)s is %(age)s' % ", object)
            }
            3 => {
                let (first, second) = (self.printable(), self.printable());
                expression!("'%s-%10s|' | format(", first, ", ", second, ")")
            }
            4 => expression!("'%(a)s%(b)5s' | format(a=", value, ", b='x')"),
            5 => {
                let width = expression!(self.small());
                expression!("'%*s|' % (", width, ", ", value, ")")
            }
            _ => {
                let format =
                    self.random.one_of(&["'%s'", "'<%5s>'", "'%-5s|'", "'%.3s'", "'100%% %s'"]);
                expression!(format, " % ", value)
            }
        }
    }

    /// Writes a number that can be a count.
    pub(super) fn small(&mut self) -> String {
        self.random.one_of(&["0", "1", "2", "3", "4", "5", "7", "10", "20", "-1", "m"]).to_owned()
    }

    pub(super) fn position(&mut self) -> Node {
        match self.random.below(6) {
            0 => self.expression(Integer),
            1 => expression!("-1"),
            _ => expression!(self.small()),
        }
    }

    pub(super) fn slice(&mut self) -> Node {
        let bound = |generator: &mut Self| -> Part {
            if generator.random.coin() { generator.position().into() } else { "".into() }
        };
        let (start, stop) = (bound(self), bound(self));
        let mut parts: Vec<Part> = vec!["[".into(), start, ":".into(), stop];
        if self.random.one_in(3) {
            let step = self.random.one_of(&["-1", "2", "-2", "1", "", "3"]);
            parts.extend([":".into(), step.into()]);
        }
        parts.push("]".into());
        Node { sort: Sort::Optional, parts }
    }

    fn integer(&mut self) -> Node {
        match self.random.below(12) {
            0..=3 => self.arithmetic(Integer),
            4 => {
                let kind = self.random.one_of(&[Text, Texts, Numbers, Records, Object]);
                let value = self.operand(kind);
                let filter = self.random.one_of(&["length", "length", "count"]);
                expression!(value, " | ", filter)
            }
            5 => {
                let kind = self.random.one_of(&[Text, Float, Integer, Boolean, Any]);
                let value = self.operand(kind);
                let (default, base) = (
                    self.atom(Integer),
                    expression!(self.random.one_of(&["10", "16", "2", "0", "8"])),
                );
                let arguments =
                    self.named_arguments(vec![("default", default), ("base", base)], 0, false);
                expression!(value, " | int", arguments)
            }
            6 if self.has_loop => {
                let name = self.random.one_of(&[
                    "index",
                    "index0",
                    "revindex",
                    "revindex0",
                    "length",
                    "depth",
                    "depth0",
                ]);
                expression!("loop.", name)
            }
            7 => {
                let record = self.operand(Record);
                expression!(record, ".age")
            }
            8 => {
                let value = self.operand(Text);
                expression!(value, " | wordcount")
            }
            9 => self.integer_method(),
            10 => {
                let value = self.operand(Records);
                expression!(value, " | sum(attribute='age')")
            }
            _ => {
                let value = self.operand(Float);
                let filter = self.random.one_of(&["round | int", "abs", "int"]);
                expression!(value, " | ", filter)
            }
        }
    }

    fn arithmetic(&mut self, kind: Kind) -> Node {
        if self.random.one_in(8) {
            let value = self.operand(kind);
            return expression!(self.random.one_of(&["-", "-", "+"]), value);
        }
        let (left, right) = (self.operand(kind), self.operand(kind));
        match self.random.below(10) {
            _ if matches!(kind, Integer) && self.random.one_in(5) => {
                let operator = self.random.one_of(&[" // ", " % "]);
                expression!(
                    left,
                    operator,
                    expression!(self.random.one_of(&["2", "3", "7", "-2", "n"]))
                )
            }
            0 => {
                let exponent = self.random.one_of(&["0", "1", "2", "3", "5", "-1", "m"]);
                expression!(left, " ** ", expression!(exponent))
            }
            at => {
                let operator = ["+", "-", "*", "+", "-", "*", "+", "-", "+"][at - 1];
                expression!(left, " ", operator, " ", right)
            }
        }
    }

    fn number(&mut self) -> Node {
        match self.random.below(9) {
            0..=1 => self.arithmetic(Float),
            2 => {
                let left = self.operand(Float);
                let right = if self.random.one_in(4) {
                    self.operand(Float)
                } else {
                    expression!(self.random.one_of(&["2", "3", "0.5", "7", "-1.5"]))
                };
                let operator = self.random.one_of(&[" / ", " / ", " // ", " % "]);
                expression!(left, operator, right)
            }
            3 => {
                let kind = self.random.one_of(&[Text, Integer, Float, Any]);
                let (value, default) = (self.operand(kind), self.atom(Float));
                let arguments = self.named_arguments(vec![("default", default)], 0, false);
                expression!(value, " | float", arguments)
            }
            4 => {
                let value = self.operand(Float);
                let precision = expression!(self.random.one_of(&["0", "1", "2", "3", "-1", "-2"]));
                let method = expression!(self.random.one_of(&["'common'", "'ceil'", "'floor'"]));
                let arguments = self.named_arguments(
                    vec![("precision", precision), ("method", method)],
                    0,
                    false,
                );
                expression!(value, " | round", arguments)
            }
            5 => self.item_of(Numbers),
            6 => {
                let (value, start) = (self.operand(Numbers), self.atom(Float));
                let arguments = self.named_arguments(
                    vec![("attribute", expression!("none")), ("start", start)],
                    0,
                    false,
                );
                expression!(value, " | sum", arguments)
            }
            7 => {
                let value = self.operand(Float);
                expression!(value, " | abs")
            }
            _ => self.integer(),
        }
    }

    fn boolean(&mut self) -> Node {
        match self.random.below(10) {
            0..=1 => {
                let kind = self.random.one_of(&[Text, Integer, Float, Numbers, Texts]);
                let (left, right) = (self.operand(kind), self.operand(kind));
                let operator = self.random.one_of(&["<", "<=", ">", ">="]);
                if self.random.one_in(4) {
                    let third = self.operand(kind);
                    return expression!(left, " ", operator, " ", right, " <= ", third);
                }
                expression!(left, " ", operator, " ", right)
            }
            2 => {
                let kind = self.kind();
                let other = if self.random.one_in(3) { self.kind() } else { kind };
                let (left, right) = (self.operand(kind), self.operand(other));
                let operator = self.random.one_of(&[" == ", " != "]);
                expression!(left, operator, right)
            }
            3 => {
                let kind = self.random.one_of(&[Text, Texts, Numbers, Object, Any]);
                let (item, container) = (self.operand(kind.of_items()), self.operand(kind));
                let operator = self.random.one_of(&[" in ", " not in "]);
                expression!(item, operator, container)
            }
            4 => {
                let kind = self.random.one_of(&[Boolean, Any, Text, Texts]);
                let value = self.operand(kind);
                expression!("not ", value)
            }
            5 => self.boolean_method(),
            6 if self.has_loop => match self.random.below(4) {
                0 => expression!("loop.first"),
                1 => expression!("loop.last"),
                _ => {
                    let kind = self.kind();
                    let value = self.expression(kind);
                    expression!("loop.changed(", value, ")")
                }
            },
            _ => self.check(),
        }
    }

    fn record(&mut self) -> Node {
        match self.random.below(6) {
            0 => self.record_or_literal(),
            1 if self.has_loop => {
                let name = self.random.one_of(&["loop.previtem", "loop.nextitem"]);
                let other = self.atom(Record);
                expression!(name, " | default(", other, ")")
            }
            _ => self.item_of(Records),
        }
    }

    fn record_or_literal(&mut self) -> Node {
        match self.variable(Record) {
            Some(variable) => variable,
            None => self.literal(Record),
        }
    }

    fn object(&mut self) -> Node {
        match self.random.below(8) {
            0 => self.expression(Record),
            1 => {
                let (object, value) = (self.expression(Object), self.expression(Any));
                expression!("dict(", object, ", added=", value, ")")
            }
            2 => {
                let (first, second) = (self.expression(Text), self.expression(Integer));
                expression!("dict(a=", first, ", b=", second, ")")
            }
            3 => {
                let object = self.operand(Object);
                expression!(object, ".copy()")
            }
            4 => {
                let object = self.operand(Object);
                let pairs = self.random.one_of(&[".items()", " | items", " | dictsort"]);
                expression!("dict(", object, pairs, ")")
            }
            _ => self.literal(Object),
        }
    }
}
