//! Cuts the text of a message into lines of pieces: plain text, and parts with a meaning in the template.

use promptdex_template::{TokenKind, highlight};
use promptdex_wire::Dialect;

/// A line of a text, without its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateLine {
    /// Its pieces, in order.
    pub pieces: Vec<TemplatePiece>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatePiece {
    /// The text.
    pub text: String,
    /// Its meaning in the template; nothing for plain text.
    pub token: Option<TokenKind>,
}

/// Cuts a template into lines and marks its tags.
pub fn lines(dialect: Dialect, text: &str) -> Vec<TemplateLine> {
    let mut lines = vec![TemplateLine::default()];
    let mut at = 0;
    let mut tokens = highlight(dialect, text);
    tokens.push((text.len()..text.len(), TokenKind::Comment));
    for (range, kind) in tokens {
        push(&mut lines, &text[at..range.start], None);
        push(&mut lines, &text[range.clone()], Some(kind));
        at = range.end;
    }
    lines
}

fn push(lines: &mut Vec<TemplateLine>, text: &str, token: Option<TokenKind>) {
    for (number, part) in text.split('\n').enumerate() {
        if number > 0 {
            lines.push(TemplateLine::default());
        }
        if let Some(line) = lines.last_mut().filter(|_| !part.is_empty()) {
            line.pieces.push(TemplatePiece { text: part.to_owned(), token });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_may_span_lines() {
        let lines = lines(Dialect::Jinja, "Hi {{ name }}!\n{# a\nb #}x");
        let shown: Vec<Vec<(&str, bool)>> = lines
            .iter()
            .map(|line| {
                line.pieces
                    .iter()
                    .map(|piece| (piece.text.as_str(), piece.token.is_some()))
                    .collect()
            })
            .collect();
        assert_eq!(
            shown,
            [
                vec![("Hi ", false), ("{{ name }}", true), ("!", false)],
                vec![("{# a", true)],
                vec![("b #}", true), ("x", false)],
            ]
        );
    }
}
