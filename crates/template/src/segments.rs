//! The dialects without logic: `fstring` (`{name}`, with `{{` and `}}` for braces) and `curly`
//! (`{{ name }}`).

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplateSegment<'s> {
    /// Text as it is printed.
    Text(Cow<'s, str>),
    /// A variable.
    Variable { name: &'s str, range: Range<usize> },
}

/// Whether a text is a variable's name.
pub fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Parses an `fstring`. All mistakes are returned, not only the first.
pub(crate) fn parse_fstring(text: &str) -> Result<Vec<TemplateSegment<'_>>, Vec<Error>> {
    let mut segments = Vec::new();
    let mut errors = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let plain = rest.find(['{', '}']).unwrap_or(rest.len());
        if plain > 0 {
            segments.push(TemplateSegment::Text(rest[..plain].into()));
            at += plain;
            continue;
        }
        if rest.starts_with("{{") || rest.starts_with("}}") {
            segments.push(TemplateSegment::Text(rest[..1].into()));
            at += 2;
        } else if rest.starts_with('}') {
            let error = Error::new(ErrorKind::Syntax, at..at + 1, "unmatched `}`")
                .help("write `}}` for a brace");
            errors.push(error);
            at += 1;
        } else {
            let inner = &rest[1..];
            match inner.find(['{', '}', '\n']).filter(|end| inner.as_bytes()[*end] == b'}') {
                Some(end) if is_name(&inner[..end]) => {
                    segments.push(TemplateSegment::Variable {
                        name: &inner[..end],
                        range: at + 1..at + 1 + end,
                    });
                    at += end + 2;
                }
                Some(end) => {
                    let range = at..at + end + 2;
                    let error = Error::new(
                        ErrorKind::Syntax,
                        range,
                        format!("`{}` is not a placeholder", &rest[..end + 2]),
                    )
                    .help("write a placeholder as `{name}`, and braces as `{{` and `}}`");
                    errors.push(error);
                    at += end + 2;
                }
                None => {
                    let error = Error::new(ErrorKind::Syntax, at..at + 1, "unclosed `{`")
                        .help("write `{{` for a brace");
                    errors.push(error);
                    at += 1;
                }
            }
        }
    }
    if errors.is_empty() { Ok(segments) } else { Err(errors) }
}

/// Parses a `curly` template. Only `{{`, white space, a name, white space and `}}` is a placeholder;
/// everything else is text.
pub(crate) fn parse_curly(text: &str) -> Vec<TemplateSegment<'_>> {
    let mut segments = Vec::new();
    let mut printed = 0;
    let mut at = 0;
    while let Some(open) = text[at..].find("{{") {
        let start = at + open;
        let inner = &text[start + 2..];
        let close =
            inner.find("}}").filter(|close| is_name(inner[..*close].trim_matches([' ', '\t'])));
        let Some(close) = close else {
            at = start + 1;
            continue;
        };
        if start > printed {
            segments.push(TemplateSegment::Text(text[printed..start].into()));
        }
        let name = inner[..close].trim_matches([' ', '\t']);
        let name_start = start + 2 + inner[..close].find(name).unwrap_or(0);
        segments
            .push(TemplateSegment::Variable { name, range: name_start..name_start + name.len() });
        at = start + 2 + close + 2;
        printed = at;
    }
    if printed < text.len() {
        segments.push(TemplateSegment::Text(text[printed..].into()));
    }
    segments
}

/// Finds what looks like a placeholder of another dialect: `{name}` where braces mean nothing, or
/// `{{ name }}` where one brace is enough.
pub(crate) fn single_braces(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for (open, _) in text.match_indices('{') {
        let doubled = bytes.get(open + 1) == Some(&b'{')
            || (open > 0 && matches!(bytes[open - 1], b'{' | b'$' | b'\\'));
        if doubled {
            continue;
        }
        let inner = &text[open + 1..];
        if let Some(close) = inner.find(['}', '{', '\n'])
            && inner.as_bytes()[close] == b'}'
            && is_name(&inner[..close])
            && bytes.get(open + close + 2) != Some(&b'}')
        {
            found.push(open..open + close + 2);
        }
    }
    found
}

/// Finds `{{ name }}` in an `fstring`, where it prints one pair of braces. More braces have a placeholder in
/// them, or are meant as braces.
pub(crate) fn escaped_placeholders(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = double_braces(text);
    found.retain(|place| {
        let before = place.start.checked_sub(1).and_then(|at| bytes.get(at));
        before != Some(&b'{') && bytes.get(place.end) != Some(&b'}')
    });
    found
}

/// Finds what is nearly a placeholder of `curly`: `{{user-name}}`, `{{ q | upper }}`, `{{#if x}}`, `{{ q }`.
/// Text in braces that does not begin like a name is none.
pub(crate) fn near_placeholders(text: &str) -> Vec<Range<usize>> {
    const LONGEST: usize = 120;
    let mut found = Vec::new();
    for (start, _) in text.match_indices("{{") {
        let inner = &text[start + 2..];
        let begins = inner
            .trim_start_matches([' ', '\t'])
            .trim_start_matches(['#', '/', '^', '&', '>', '!']);
        let is_word = begins.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let Some(end) = inner.find(['}', '{', '\n']).filter(|end| *end <= LONGEST) else {
            continue;
        };
        if !is_word || inner.as_bytes()[end] != b'}' {
            continue;
        }
        let is_closed = inner[end..].starts_with("}}");
        if !is_closed || !is_name(inner[..end].trim_matches([' ', '\t'])) {
            found.push(start..start + 2 + end + if is_closed { 2 } else { 1 });
        }
    }
    found
}

/// Finds `{{ name }}`.
pub(crate) fn double_braces(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{") {
        let start = at + open;
        let inner = &text[start + 2..];
        match inner.find("}}").filter(|close| is_name(inner[..*close].trim_matches([' ', '\t']))) {
            Some(close) => {
                found.push(start..start + close + 4);
                at = start + close + 4;
            }
            None => at = start + 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(segments: &[TemplateSegment<'_>]) -> String {
        let show = |segment: &TemplateSegment<'_>| match segment {
            TemplateSegment::Text(text) => format!("{text:?}"),
            TemplateSegment::Variable { name, range } => format!("{name}@{}", range.start),
        };
        segments.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fstrings_have_names_and_doubled_braces() {
        let parsed = |text| {
            parse_fstring(text)
                .map(|s| show(&s))
                .map_err(|e| e.iter().map(|e| e.range.clone()).collect::<Vec<_>>())
        };
        assert_eq!(
            parsed("a {b} {{c}} é{_d1}"),
            Ok(r#""a " b@3 " " "{" "c" "}" " é" _d1@15"#.to_owned())
        );
        assert_eq!(parsed("{a!r} {b:>3} {} {1} }"), Err(vec![0..5, 6..12, 13..15, 16..19, 20..21]));
        assert_eq!(parsed("{a\n}"), Err(vec![0..1, 3..4]));
    }

    #[test]
    fn curly_takes_names_only() {
        let parsed = |text| show(&parse_curly(text));
        assert_eq!(
            parsed("{{a}} {{ b\t}} {{ c.d }} {{ {{e}}"),
            r#"a@2 " " b@9 " {{ c.d }} {{ " e@29"#
        );
        assert_eq!(parsed("{% if x %}{{}}"), r#""{% if x %}{{}}""#);
    }

    proptest! {
        #[test]
        fn every_name_is_where_its_range_says(text in "[{} ab\n]{0,24}") {
            for segments in [Ok(parse_curly(&text)), parse_fstring(&text)].into_iter().flatten() {
                for segment in segments {
                    if let TemplateSegment::Variable { name, range } = segment {
                        prop_assert_eq!(&text[range], name);
                    }
                }
            }
        }

        #[test]
        fn a_text_with_doubled_braces_prints_itself(text in "[{}a ]{0,24}") {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            let printed: String = parse_fstring(&escaped).unwrap().into_iter().map(|segment| match segment {
                TemplateSegment::Text(text) => text.into_owned(),
                TemplateSegment::Variable { .. } => String::new(),
            }).collect();
            prop_assert_eq!(printed, text);
        }
    }
}
