//! Filters that give texts.

use super::Generator;
use super::Kind::{Boolean, Float, Integer, Object, Text};
use crate::tree::{Node, expression};

impl Generator<'_> {
    pub(super) fn text_filter(&mut self) -> Node {
        if self.random.one_in(10) {
            return self.other_filter();
        }
        let value = if self.random.one_in(6) { self.printable() } else { self.operand(Text) };
        match self.random.below(16) {
            0..=5 => {
                let filter = self.random.one_of(&[
                    "upper",
                    "lower",
                    "capitalize",
                    "title",
                    "trim",
                    "string",
                    "reverse",
                    "urlencode",
                ]);
                expression!(value, " | ", filter)
            }
            6 => {
                let characters = self.short_text();
                let arguments = self.named_arguments(vec![("chars", characters)], 0, false);
                expression!(value, " | trim", arguments)
            }
            7..=8 => {
                let (old, new) = (self.short_text(), self.short_text());
                let count = expression!(self.small());
                let arguments = vec![("old", old), ("new", new), ("count", count)];
                let arguments = self.named_arguments(arguments, 2, false);
                expression!(value, " | replace", arguments)
            }
            9..=10 => {
                let (length, leeway) = (
                    expression!(self.small()),
                    expression!(self.random.one_of(&["0", "1", "3", "none"])),
                );
                let (kill, end) = (self.atom(Boolean), self.short_text());
                let arguments =
                    vec![("length", length), ("killwords", kill), ("end", end), ("leeway", leeway)];
                let arguments = self.named_arguments(arguments, 0, false);
                expression!(value, " | truncate", arguments)
            }
            11..=12 => {
                let width = if self.random.one_in(3) {
                    self.short_text()
                } else {
                    expression!(self.small())
                };
                let (first, blank) = (self.atom(Boolean), self.atom(Boolean));
                let arguments = vec![("width", width), ("first", first), ("blank", blank)];
                let arguments = self.named_arguments(arguments, 0, false);
                expression!(value, " | indent", arguments)
            }
            13 => {
                let (width, long) = (
                    expression!(self.random.one_of(&["1", "3", "5", "10", "20"])),
                    self.atom(Boolean),
                );
                let (wrap, hyphens) = (
                    expression!(self.random.one_of(&["'\\n'", "'|'", "none", "''"])),
                    self.atom(Boolean),
                );
                let arguments = vec![
                    ("width", width),
                    ("break_long_words", long),
                    ("wrapstring", wrap),
                    ("break_on_hyphens", hyphens),
                ];
                let arguments = self.named_arguments(arguments, 0, false);
                expression!(value, " | wordwrap", arguments)
            }
            14 => {
                let width = expression!(self.small());
                let arguments = self.named_arguments(vec![("width", width)], 0, false);
                expression!(value, " | center", arguments)
            }
            _ => {
                let (first, second) =
                    (self.operand(Text), self.random.one_of(&["upper", "trim", "title"]));
                expression!(first, " | lower | ", second)
            }
        }
    }

    fn other_filter(&mut self) -> Node {
        match self.random.below(4) {
            0 => {
                let kind = self.random.one_of(&[Integer, Float]);
                let (value, binary) = (self.operand(kind), self.atom(Boolean));
                let arguments = self.named_arguments(vec![("binary", binary)], 0, false);
                expression!(value, " | filesizeformat", arguments)
            }
            1 => {
                let value = self.operand(Object);
                let pairs = self.random.one_of(&[
                    " | urlencode",
                    " | dictsort | urlencode",
                    ".items() | urlencode",
                ]);
                expression!(value, pairs)
            }
            2 => {
                let value = self.operand(Text);
                expression!(value, " | list | tojson")
            }
            _ => {
                let value = self.operand(Object);
                expression!(value, " | items | list | tojson")
            }
        }
    }
}
