//! Methods of texts, lists and objects.

use super::Generator;
use super::Kind::{Any, Float, Integer, Object, Record, Text, Texts};
use crate::tree::{Node, expression};

impl Generator<'_> {
    pub(super) fn text_method(&mut self) -> Node {
        if self.random.one_in(8) {
            return self.format_method();
        }
        if self.random.one_in(8) {
            let (object, key, other) =
                (self.operand(Object), self.key_literal(), self.expression(Text));
            return expression!(object, ".get(", key, ", ", other, ")");
        }
        let value = self.operand(Text);
        match self.random.below(8) {
            0..=2 => {
                let name = self.random.one_of(&[
                    "upper",
                    "lower",
                    "title",
                    "capitalize",
                    "swapcase",
                    "casefold",
                    "strip",
                    "lstrip",
                    "rstrip",
                    "expandtabs",
                ]);
                expression!(value, ".", name, "()")
            }
            3 => {
                let name = self.random.one_of(&[
                    "strip",
                    "lstrip",
                    "rstrip",
                    "removeprefix",
                    "removesuffix",
                ]);
                let part = self.short_text();
                expression!(value, ".", name, "(", part, ")")
            }
            4 => {
                let (old, new) = (self.short_text(), self.short_text());
                if self.random.one_in(3) {
                    let count = expression!(self.small());
                    return expression!(value, ".replace(", old, ", ", new, ", ", count, ")");
                }
                expression!(value, ".replace(", old, ", ", new, ")")
            }
            5 => {
                let (name, width) =
                    (self.random.one_of(&["center", "ljust", "rjust"]), expression!(self.small()));
                if self.random.coin() {
                    return expression!(value, ".", name, "(", width, ", '·')");
                }
                expression!(value, ".", name, "(", width, ")")
            }
            6 => expression!(value, ".zfill(", expression!(self.small()), ")"),
            _ => {
                let separator = self.atom(Text);
                let list = self.operand(Texts);
                expression!("(", separator, ").join(", list, ")")
            }
        }
    }

    fn format_method(&mut self) -> Node {
        let (first, second) = (self.printable(), self.printable());
        match self.random.below(7) {
            0 => expression!("'{} and {}'.format(", first, ", ", second, ")"),
            1 => expression!("'{1}{0}{1}'.format(", first, ", ", second, ")"),
            2 => expression!("'{a}-{b}'.format(a=", first, ", b=", second, ")"),
            3 => {
                let number = self.expression(Float);
                let format = self.random.one_of(&[
                    "'{:.2f}'",
                    "'{:>8}|'",
                    "'{:,}'",
                    "'{:08.3f}'",
                    "'{:e}'",
                    "'{:g}'",
                    "'{:+}'",
                    "'{:%}'",
                    "'{:_}'",
                    "'{:x<9}'",
                    "'{:=6}'",
                    "'{:n}'",
                ]);
                expression!(format, ".format(", number, ")")
            }
            4 => {
                let number = self.expression(Integer);
                let format = self.random.one_of(&[
                    "'{:d}'", "'{:x}'", "'{:#b}'", "'{:,}'", "'{:05d}'", "'{:^7}|'", "'{:o}'",
                    "'{!s}'",
                ]);
                expression!(format, ".format(", number, ")")
            }
            5 => {
                let text = self.expression(Text);
                let format = self.random.one_of(&[
                    "'{:>8}|'",
                    "'{:*^9}'",
                    "'{:.3}'",
                    "'{:5s}|'",
                    "'{{{}}}'",
                    "'{!s:4}|'",
                ]);
                expression!(format, ".format(", text, ")")
            }
            _ => {
                let record = self.operand(Record);
                expression!("'{name} {age}'.format(**", record, ")")
            }
        }
    }

    pub(super) fn integer_method(&mut self) -> Node {
        if self.random.one_in(3) {
            let (list, item) = (self.operand(Texts), self.operand(Text));
            let name = self.random.one_of(&["count", "count", "index"]);
            return expression!(list, ".", name, "(", item, ")");
        }
        let (value, part) = (self.operand(Text), self.short_text());
        let name = self.random.one_of(&["find", "count", "rfind", "find", "index", "rindex"]);
        match self.random.below(4) {
            0 => {
                let start = self.position();
                expression!(value, ".", name, "(", part, ", ", start, ")")
            }
            1 => {
                let (start, end) = (self.position(), self.position());
                expression!(value, ".", name, "(", part, ", ", start, ", ", end, ")")
            }
            _ => expression!(value, ".", name, "(", part, ")"),
        }
    }

    pub(super) fn boolean_method(&mut self) -> Node {
        let value = self.operand(Text);
        if self.random.coin() {
            let name = self.random.one_of(&["startswith", "endswith"]);
            let part = self.short_text();
            return match self.random.below(4) {
                0 => expression!(value, ".", name, "((", part, ", 'b'))"),
                1 => {
                    let start = self.position();
                    expression!(value, ".", name, "(", part, ", ", start, ")")
                }
                _ => expression!(value, ".", name, "(", part, ")"),
            };
        }
        let name = self.random.one_of(&[
            "isalnum",
            "isalpha",
            "isascii",
            "isdecimal",
            "isdigit",
            "isidentifier",
            "islower",
            "isnumeric",
            "isprintable",
            "isspace",
            "istitle",
            "isupper",
        ]);
        expression!(value, ".", name, "()")
    }

    /// Calls a method that changes what the template made itself.
    pub(super) fn change(&mut self) -> Node {
        if self.random.one_in(3) && self.bound.contains("ob") {
            let (key, value) = (self.key_literal(), self.expression(Any));
            return match self.random.below(4) {
                0 => expression!("ob.update(a=", value, ")"),
                1 => {
                    let object = self.expression(Object);
                    expression!("ob.update(", object, ")")
                }
                2 => expression!("ob.update([(", key, ", ", value, ")])"),
                _ => expression!("ob.update({", key, ": ", value, "})"),
            };
        }
        let kind = self.random.one_of(&[Text, Integer, Any, Texts]);
        let value = self.expression(kind);
        match self.random.below(9) {
            0 => {
                let list = self.operand(Texts);
                expression!("ls.extend(", list, ")")
            }
            1 => {
                let at = self.position();
                expression!("ls.insert(", at, ", ", value, ")")
            }
            2 => expression!("ls.pop()"),
            3 => expression!("ls.reverse()"),
            4 => expression!("ls.pop(", expression!(self.small()), ")"),
            5 => expression!(
                "ls.extend(ls | ",
                self.random.one_of(&["list", "reverse", "reverse | list", "select | list"]),
                ")"
            ),
            _ => expression!("ls.append(", value, ")"),
        }
    }
}
