//! What is opened and never closed: told where it was opened, not where the text ends.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::syntax::{range, syntax};
use crate::error::{Error, ErrorKind};

/// Statements that have an end, with the word that ends them.
const ENDS: [(&str, &str); 9] = [
    ("if", "endif"),
    ("for", "endfor"),
    ("macro", "endmacro"),
    ("call", "endcall"),
    ("filter", "endfilter"),
    ("set", "endset"),
    ("with", "endwith"),
    ("autoescape", "endautoescape"),
    ("block", "endblock"),
];

/// Finds what is open at the end of a template that cannot be parsed.
pub(super) fn find(text: &str) -> Option<Error> {
    let mut open: Vec<(&'static str, &'static str, Range<usize>)> = Vec::new();
    let mut tag: Option<Tag<'_>> = None;
    let mut end = 0;
    for token in tokenize(text, false, syntax()) {
        let Ok((token, span)) = token else {
            return match tag {
                Some(tag) => Some(in_tag(text, &tag, end)),
                None => outside_tags(text, end),
            };
        };
        let place = range(span);
        end = place.end.max(end);
        match token {
            Token::TemplateData(_) => {}
            Token::VariableStart => {
                tag = Some(Tag { start: place.start, word: None, assigns: false });
            }
            Token::BlockStart => {
                tag = Some(Tag { start: place.start, word: Some(""), assigns: false });
            }
            Token::VariableEnd => tag = None,
            Token::BlockEnd => {
                if let Some(Tag { start, word: Some(word), assigns }) = tag.take() {
                    let begun = ENDS
                        .iter()
                        .find(|(begin, _)| *begin == word && !(word == "set" && assigns));
                    match begun {
                        Some((begin, end_word)) => open.push((begin, end_word, start..place.end)),
                        None if open.last().is_some_and(|(_, end_word, _)| *end_word == word) => {
                            open.pop();
                        }
                        None => {}
                    }
                }
            }
            Token::Ident(name) => {
                if let Some(Tag { word: Some(word @ ""), .. }) = &mut tag {
                    *word = name;
                }
            }
            Token::Assign => {
                if let Some(tag) = &mut tag {
                    tag.assigns = true;
                }
            }
            _ => {}
        }
    }
    if let Some(tag) = tag {
        return Some(in_tag(text, &tag, end));
    }
    let (begin, end_word, place) = open.pop()?;
    let message = format!("unclosed `{begin}`");
    Some(
        Error::new(ErrorKind::Syntax, first_line(text, place), message)
            .help(format!("add `{{% {end_word} %}}`")),
    )
}

/// A tag whose end has not come yet.
struct Tag<'t> {
    start: usize,
    /// The first word of a statement.
    word: Option<&'t str>,
    assigns: bool,
}

/// A string that is open, or the tag itself.
fn in_tag(text: &str, tag: &Tag<'_>, from: usize) -> Error {
    let rest = text.get(from..).unwrap_or_default();
    if let Some(at) = rest.find(['"', '\'']) {
        let quote = &rest[at..=at];
        let is_closed = rest[at + 1..].contains(quote);
        if !is_closed {
            let place = first_line(text, from + at..text.len());
            return Error::new(ErrorKind::Syntax, place, "unclosed string")
                .help(format!("add a `{quote}`"));
        }
    }
    let place = first_line(text, tag.start..text.len());
    let end = if tag.word.is_some() { "%}" } else { "}}" };
    Error::new(ErrorKind::Syntax, place, "unclosed tag")
        .help(format!("add `{end}`, or write `{{% raw %}}…{{% endraw %}}` around literal braces"))
}

/// A comment or a `raw` block that is open.
fn outside_tags(text: &str, from: usize) -> Option<Error> {
    let rest = text.get(from..)?;
    let comment = rest.find("{#");
    let raw = rest.match_indices("{%").map(|(at, _)| at).find(|at| {
        let word = rest[at + 2..].trim_start_matches(['-', '+']).trim_ascii_start();
        word.starts_with("raw")
    });
    let (at, message, help) = match (comment, raw) {
        (Some(comment), raw) if raw.is_none_or(|raw| comment < raw) => {
            (comment, "unclosed comment", "add `#}`, or write `{{ \"{#\" }}` for the characters")
        }
        (_, Some(raw)) => (raw, "unclosed `raw` block", "add `{% endraw %}`"),
        _ => return None,
    };
    let place = first_line(text, from + at..text.len());
    Some(Error::new(ErrorKind::Syntax, place, message).help(help))
}

/// The part of a place that is on its first line.
fn first_line(text: &str, place: Range<usize>) -> Range<usize> {
    let line = text.get(place.clone()).and_then(|text| text.find('\n'));
    place.start..line.map_or(place.end, |length| place.start + length)
}

#[cfg(test)]
mod tests {
    use super::super::parse_template;

    #[test]
    fn what_is_open_is_told_where_it_was_opened() {
        for (text, place, message) in [
            ("a {# b\nc", "{# b", "unclosed comment"),
            ("{% raw %}\n{{ x }}\n", "{% raw %}", "unclosed `raw` block"),
            ("{%- raw -%} x", "{%- raw -%} x", "unclosed `raw` block"),
            ("{{ 'abc }}\nd", "'abc }}", "unclosed string"),
            ("{{ x | replace(\"a }}", "\"a }}", "unclosed string"),
            ("{{ x \n", "{{ x ", "unclosed tag"),
            ("{% if x \n", "{% if x ", "unclosed tag"),
            ("{% if x %}\na{% if y %}b{% endif %}\n", "{% if x %}", "unclosed `if`"),
            ("{% for a in b %}{% set x %}c{% endfor %}", "{% set x %}", "unclosed `set`"),
            ("{% for a in b %}{% set x = 1 %}c\n", "{% for a in b %}", "unclosed `for`"),
            ("{% macro m() %}", "{% macro m() %}", "unclosed `macro`"),
        ] {
            let error = parse_template(text).unwrap_err();
            assert_eq!(
                (&text[error.range.clone()], error.message.as_str()),
                (place, message),
                "{text}"
            );
        }
    }
}
