//! Programs whose tokens are mixed up: what one of the two parsers takes, the other must take, too.

use super::Generator;
use crate::tree::{Node, Part, Sort};

const TOKENS: [&str; 66] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "+",
    "{{-",
    "-}}",
    "{%-",
    "-%}",
    "+%}",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "|",
    "~",
    "*",
    "**",
    "/",
    "//",
    "%",
    "=",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    "not",
    "in",
    "is",
    "and",
    "or",
    "if",
    "else",
    "elif",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "raw",
    "endraw",
    "recursive",
    "with",
    "macro",
    "call",
    "filter",
    "do",
    "true",
    "none",
    "1",
    "1.5",
    "'a'",
    "\"b\"",
    " ",
    "\n",
    "x",
    "loop",
];

/// Pieces of literals and of white space.
const PIECES: [&str; 40] = [
    "1.",
    ".5",
    "1e5",
    "1e",
    "0x1f",
    "0b2",
    "0o7",
    "007",
    "1_0",
    "1__0",
    "1_",
    "0_0",
    "00",
    "1.e3",
    "1_000.5",
    "'\\x41'",
    "'\\",
    "\\'",
    "'\\u00e9'",
    "'\\N{DASH}'",
    "'\\400'",
    "\u{a0}",
    "\u{b}",
    "\u{c}",
    "\t",
    "\r\n",
    "\r",
    "é",
    "a.b",
    "a.0.1",
    "a[1:2]",
    "a[::2]",
    "(1,)",
    "()",
    "{}",
    "[,]",
    "x is not y",
    "x not in y",
    "not not x",
    "f(*a, **b)",
];

impl Generator<'_> {
    /// Mixes up the tokens of a template.
    pub(super) fn mix(&mut self, template: &Node) -> Node {
        let mut tokens = split(&template.print());
        for _ in 0..=self.random.below(3) {
            let at = self.random.below(tokens.len() + 1);
            let here = at.min(tokens.len().saturating_sub(1));
            match self.random.below(8) {
                0..=1 if !tokens.is_empty() => drop(tokens.remove(here)),
                2 if !tokens.is_empty() => tokens.insert(at, tokens[here].clone()),
                3 if tokens.len() > 1 => {
                    let other = self.random.below(tokens.len());
                    tokens.swap(here, other);
                }
                4 if !tokens.is_empty() => {
                    tokens[here] = self.random.one_of(&TOKENS).to_owned();
                }
                5 => tokens.insert(at, self.random.one_of(&PIECES).to_owned()),
                _ => tokens.insert(at, self.random.one_of(&TOKENS).to_owned()),
            }
        }
        let piece = |token: String| Node { sort: Sort::Optional, parts: vec![Part::Text(token)] };
        Node::body(tokens.into_iter().map(piece).collect())
    }
}

/// Cuts a template into words, delimiters, and single characters.
fn split(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut was_word = false;
    for character in text.chars() {
        let is_word = character.is_alphanumeric() || character == '_';
        let joins = match (tokens.last().map(String::as_str), character) {
            (Some("{"), '{' | '%' | '#') | (Some("}" | "%" | "#"), '}') => true,
            _ => is_word && was_word,
        };
        match tokens.last_mut() {
            Some(last) if joins => last.push(character),
            _ => tokens.push(character.to_string()),
        }
        was_word = is_word;
    }
    tokens
}
