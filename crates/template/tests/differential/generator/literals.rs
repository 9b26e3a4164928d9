//! Literals in all their forms.

use super::Generator;
use super::Kind::{
    self, Any, Boolean, Float, Integer, Numbers, Object, Record, Records, Text, Texts,
};
use crate::tree::{Node, Part, Sort, expression};
use crate::values::{self, KEYS};

impl Generator<'_> {
    /// Writes a text between quotes, with escapes that are needed and some that are not.
    pub(super) fn quote(&mut self, text: &str) -> String {
        let quote = if self.random.coin() { '\'' } else { '"' };
        let plain = !self.random.one_in(6);
        let mut written = String::from(quote);
        for character in text.chars() {
            let code = u32::from(character);
            match character {
                '\\' => written.push_str("\\\\"),
                '\n' if plain || self.random.coin() => written.push_str("\\n"),
                // A line end of another kind would be one of LF.
                '\r' => written.push_str("\\r"),
                _ if character == quote => {
                    written.push('\\');
                    written.push(character);
                }
                _ if plain || !self.random.one_in(4) => written.push(character),
                _ if code < 0x100 => match self.random.below(4) {
                    0 => written.push_str(&format!("\\{code:03o}")),
                    1 => written.push_str(&format!("\\u{code:04X}")),
                    _ => written.push_str(&format!("\\x{code:02x}")),
                },
                _ if code < 0x1_0000 => written.push_str(&format!("\\u{code:04x}")),
                _ => written.push(character),
            }
        }
        if self.random.one_in(80) {
            let escape = self.random.one_of(&["\\d", "\\/", "\\é", "\\\n", "\\7", "\\a", "\\v"]);
            written.push_str(escape);
        }
        written.push(quote);
        written
    }

    pub(super) fn text_literal(&mut self) -> Node {
        let text = values::text(self.random);
        if self.random.one_in(30) {
            let more = values::text(self.random);
            let (first, second) = (self.quote(&text), self.quote(&more));
            return expression!(first, " ", second);
        }
        expression!(self.quote(&text))
    }

    /// Writes one of a few texts, so that they meet again.
    pub(super) fn short_text(&mut self) -> Node {
        let text =
            self.random.one_of(&["a", "b", "B", "foo", "", " ", ",", "o", "-", "日本", "é", "l"]);
        expression!(self.quote(text))
    }

    pub(super) fn integer_literal(&mut self) -> Node {
        let number = values::integer(self.random);
        let magnitude = number.unsigned_abs();
        let written = match self.random.below(16) {
            0 => format!("{magnitude:#x}"),
            1 => format!("{magnitude:#X}").replace("0X", "0x"),
            2 => format!("{magnitude:#o}"),
            3 => format!("{magnitude:#b}"),
            4 if magnitude > 9 => {
                let digits = magnitude.to_string();
                format!("{}_{}", &digits[..1], &digits[1..])
            }
            _ => magnitude.to_string(),
        };
        if number < 0 { expression!("-", written) } else { expression!(written) }
    }

    pub(super) fn float_literal(&mut self) -> Node {
        let written = match self.random.below(12) {
            0 => "1_0.5".to_owned(),
            1 => "2E2".to_owned(),
            2 => "1e+3".to_owned(),
            3 => "25e-1".to_owned(),
            _ => values::float(self.random),
        };
        expression!(written)
    }

    fn boolean_literal(&mut self) -> Node {
        let written = self.random.one_of(&["true", "false", "True", "False"]);
        expression!(written)
    }

    pub(super) fn key_literal(&mut self) -> Node {
        let key = self.random.one_of(&KEYS);
        expression!(self.quote(key))
    }

    /// Writes a list or a tuple.
    fn list_literal(&mut self, item: Kind) -> Node {
        let length = self.random.below(4);
        let is_tuple = self.random.one_in(6);
        let mut parts: Vec<Part> = vec![(if is_tuple { "(" } else { "[" }).into()];
        for at in 0..length {
            let item = self.expression(item);
            let separator = if at + 1 < length || is_tuple && length == 1 { ", " } else { "" };
            parts.push(
                Node { sort: Sort::Optional, parts: vec![item.into(), separator.into()] }.into(),
            );
        }
        if length > 1 && self.random.one_in(12) {
            parts.push(",".into());
        }
        parts.push((if is_tuple { ")" } else { "]" }).into());
        Node { sort: Sort::Expression, parts }
    }

    fn object_literal(&mut self) -> Node {
        let length = self.random.below(4);
        let mut parts: Vec<Part> = vec!["{".into()];
        for at in 0..length {
            let key = match self.random.below(16) {
                0 => self.integer_literal(),
                1 => expression!("(1, 'a')"),
                2 => self.expression(Text),
                3 => self.atom(Any),
                _ => self.key_literal(),
            };
            let kind = self.kind();
            let value = self.expression(kind);
            let separator = if at + 1 < length { ", " } else { "" };
            let entry = vec![key.into(), ": ".into(), value.into(), separator.into()];
            parts.push(Node { sort: Sort::Optional, parts: entry }.into());
        }
        parts.push("}".into());
        Node { sort: Sort::Expression, parts }
    }

    fn record_literal(&mut self) -> Node {
        let (name, age, city) =
            (self.expression(Text), self.expression(Integer), self.short_text());
        let tags = self.expression(Texts);
        expression!(
            "{'name': ",
            name,
            ", 'age': ",
            age,
            ", 'city': ",
            city,
            ", 'tags': ",
            tags,
            "}"
        )
    }

    /// Writes a value without a name.
    pub(super) fn literal(&mut self, kind: Kind) -> Node {
        match kind {
            Text => self.text_literal(),
            Integer => self.integer_literal(),
            Float => match self.random.below(3) {
                0 => self.integer_literal(),
                _ => self.float_literal(),
            },
            Boolean => self.boolean_literal(),
            Texts => self.list_literal(Text),
            Numbers => {
                let kind = if self.random.coin() { Integer } else { Float };
                self.list_literal(kind)
            }
            Records => {
                let length = self.random.below(3);
                let mut parts: Vec<Part> = vec!["[".into()];
                for at in 0..length {
                    let separator = if at + 1 < length { ", " } else { "" };
                    let record = vec![self.record_literal().into(), separator.into()];
                    parts.push(Node { sort: Sort::Optional, parts: record }.into());
                }
                parts.push("]".into());
                Node { sort: Sort::Expression, parts }
            }
            Record => self.record_literal(),
            Object => self.object_literal(),
            Any => match self.random.below(4) {
                0 => expression!("none"),
                1 => self.list_literal(Any),
                _ => {
                    let kind = self.kind();
                    if kind == Any { expression!("None") } else { self.literal(kind) }
                }
            },
        }
    }
}
