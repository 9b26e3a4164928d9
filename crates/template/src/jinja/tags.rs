//! Where the tags and comments of a template are, for highlighting. The site shows prompts with this,
//! so it does without minijinja's tokenizer, whose bytes are most of what a browser would load for it;
//! a test holds it to the tokenizer's places.

use std::ops::Range;

use crate::token_kind::TokenKind;

/// Returns the places of tags and comments. An unclosed tag is text.
pub(crate) fn tags(text: &str) -> Vec<(Range<usize>, TokenKind)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_start(text, at) {
        let kind = match text.as_bytes().get(start + 1) {
            Some(b'{') => TokenKind::Placeholder,
            Some(b'%') => TokenKind::Statement,
            _ => TokenKind::Comment,
        };
        let end = match kind {
            TokenKind::Comment => text[start + 2..].find("#}").map(|length| start + length + 4),
            TokenKind::Placeholder => tag_end(text, start + 2, b"}}"),
            TokenKind::Statement => tag_end(text, start + 2, b"%}"),
        };
        let Some(end) = end else { break };
        found.push((start..end, kind));
        at = end;
        if kind == TokenKind::Statement && word(&text[start..end]) == "raw" {
            let Some(tag) = raw_end(text, end) else { break };
            at = tag.end;
            found.push((tag, TokenKind::Statement));
        }
    }
    found
}

/// Finds the next `{{`, `{%` or `{#`.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let pairs = text.as_bytes().get(from..)?.windows(2);
    let start = |pair: &[u8]| matches!(pair, b"{{" | b"{%" | b"{#");
    pairs.into_iter().position(start).map(|at| from + at)
}

/// Finds the end of a tag: not in a string, and not while a bracket is open.
fn tag_end(text: &str, from: usize, end: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open: isize = 0;
    let mut quote = None;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(quoted), _) if quoted == byte => quote = None,
            (Some(_), _) => {}
            (None, _) if open == 0 && bytes[at..].starts_with(end) => return Some(at + 2),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => open += 1,
            (None, b')' | b']' | b'}') => open -= 1,
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// Returns the keyword of a statement.
fn word(tag: &str) -> &str {
    let inner = tag.trim_start_matches("{%").trim_end_matches("%}");
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    inner.strip_suffix(['-', '+']).unwrap_or(inner).trim_ascii()
}

/// Finds the tag that ends a raw block.
fn raw_end(text: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let start = at + text[at..].find("{%")?;
        let end = text[start..].find("%}").map(|length| start + length + 2);
        if let Some(end) = end.filter(|end| word(&text[start..*end]) == "endraw") {
            return Some(start..end);
        }
        at = start + 2;
    }
}

#[cfg(test)]
mod tests {
    use minijinja::machinery::{Token, tokenize};
    use proptest::prelude::*;

    use super::*;

    /// Returns the places that minijinja's own tokenizer finds.
    fn list_minijinja_tokens(text: &str) -> Vec<(Range<usize>, TokenKind)> {
        let mut found: Vec<(Range<usize>, TokenKind)> = Vec::new();
        let mut open = None;
        let mut at = 0;
        for token in tokenize(text, false, crate::jinja::syntax::syntax()) {
            let (token, span) = token.unwrap();
            let range = crate::jinja::syntax::range(span);
            let mut closes = None;
            match token {
                Token::BlockStart | Token::VariableStart => open = Some(range.start),
                Token::BlockEnd => closes = Some(TokenKind::Statement),
                Token::VariableEnd => closes = Some(TokenKind::Placeholder),
                _ => {}
            }
            // What the tokenizer passes over in silence is comments, and the tags of raw blocks.
            if at < range.start && open.is_none_or(|open| open == range.start) {
                silent(text, at..range.start, &mut found);
            }
            if let (Some(kind), Some(start)) = (closes, open)
                && text[start..].starts_with('{')
            {
                found.push((start..range.end, kind));
                open = None;
            }
            at = range.end.max(at);
        }
        silent(text, at..text.len(), &mut found);
        found
    }

    fn silent(text: &str, range: Range<usize>, found: &mut Vec<(Range<usize>, TokenKind)>) {
        let mut at = range.start;
        while let Some(start) = text[at..range.end].find('{').map(|start| at + start) {
            let (end, kind) = match &text[start..start + 2] {
                "{#" => ("#}", TokenKind::Comment),
                _ => ("%}", TokenKind::Statement),
            };
            at = start + text[start..].find(end).unwrap() + 2;
            found.push((start..at, kind));
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let fixed = [
            "text é\n",
            "{ x } } }} %}",
            "{{ a }}",
            "{{- a.b['}}'] -}}",
            "{{ {'a': {'b': 1}}.a }}",
            "{{ \"\\\"}}\" }}",
            "{% if a %}x{% endif %}",
            "{%- set b = '%}' -%}",
            "{# {{ no }} #}",
            "{#- é -#}",
            "{% raw %}{{ x }} {% if %}{% endraw %}",
            "{%- raw -%} {{ {%- endraw +%}",
            "{{ (1, [2]) }}",
            "  ",
        ];
        proptest::sample::select(fixed.map(str::to_owned).to_vec())
    }

    proptest! {
        #[test]
        fn tags_are_where_minijinja_finds_them(pieces in proptest::collection::vec(piece(), 0..8)) {
            let text = pieces.concat();
            prop_assert_eq!(tags(&text), list_minijinja_tokens(&text), "{}", text);
        }
    }
}
