//! YAML 1.2, core schema, with places; without anchors, aliases, tags and a second document.

use std::collections::HashSet;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::limits::{self, MAX_DEPTH, is_json_number, is_out_of_range};
use super::value::{Key, Node, Value};
use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::{SourceFile, TextOrigin};

pub(super) fn parse(source: &SourceFile, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    let (text, base) = source.without_bom();
    let mut reader =
        YamlReader { source, text, base, events: Parser::new_from_str(text), findings };
    match reader.document() {
        Ok(node) => Some(node),
        Err(ParseAbort::Found) => None,
        Err(ParseAbort::Syntax(error)) => {
            let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
            let next = text[at..].chars().next().map_or(0, char::len_utf8);
            let finding = Diagnostic::at(
                &rules::INVALID_YAML,
                source,
                base + at..base + at + next,
                format!("invalid YAML: {}", error.info()),
            )
            .help("correct the indentation, and put text with `: `, ` #`, `{` or `[` in quotes");
            findings.push(finding);
            None
        }
    }
}

/// Why the parser gave up.
enum ParseAbort {
    /// A finding gives the reason.
    Found,
    /// The text is not YAML.
    Syntax(ScanError),
}

impl From<ScanError> for ParseAbort {
    fn from(error: ScanError) -> Self {
        Self::Syntax(error)
    }
}

struct YamlReader<'a> {
    source: &'a SourceFile,
    text: &'a str,
    /// Where the YAML begins in the file.
    base: usize,
    events: Parser<'a, granit_parser::StrInput<'a>>,
    findings: &'a mut Vec<Diagnostic>,
}

impl<'a> YamlReader<'a> {
    /// Returns the next event that is not a comment.
    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), ParseAbort> {
        loop {
            match self.events.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => {
                    let range = self.range(&span);
                    return Ok((event, range));
                }
                Some(Err(error)) => return Err(error.into()),
                None => return Ok((Event::StreamEnd, self.base..self.base)),
            }
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or_default();
        self.base + range.start..self.base + range.end
    }

    fn stop<T>(&mut self, finding: Diagnostic) -> Result<T, ParseAbort> {
        self.findings.push(finding);
        Err(ParseAbort::Found)
    }

    fn document(&mut self) -> Result<Node, ParseAbort> {
        let mut root = None;
        loop {
            let (event, range) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::StreamEnd => {
                    return Ok(
                        root.unwrap_or(Node { value: Value::Null, range: self.base..self.base })
                    );
                }
                Event::DocumentStart(..) if root.is_none() => {
                    let (event, range) = self.next()?;
                    root = Some(self.node(event, range, 0)?);
                }
                _ => {
                    let finding = Diagnostic::at(
                        &rules::INVALID_YAML,
                        self.source,
                        range,
                        "second YAML document in one file",
                    )
                    .help("remove the `---` and everything below it");
                    return self.stop(finding);
                }
            }
        }
    }

    fn node(
        &mut self,
        event: Event<'a>,
        range: Range<usize>,
        depth: usize,
    ) -> Result<Node, ParseAbort> {
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(_, anchor, tag)
            | Event::MappingStart(_, anchor, tag) => (*anchor != 0, tag.is_some()),
            Event::Alias(_) => (true, false),
            _ => (false, false),
        };
        if anchor || tag {
            let (what, sign) = if tag {
                ("tag", '!')
            } else {
                ("anchor or alias", if range.is_empty() { '&' } else { '*' })
            };
            let range = self.property(range, sign);
            let text = self.source.text().get(range.clone()).unwrap_or_default();
            let finding = Diagnostic::at(
                &rules::YAML_ALIAS,
                self.source,
                range,
                format!("{what} `{text}` is not allowed"),
            )
            .help("write the value itself wherever it is used");
            return self.stop(finding);
        }
        match event {
            Event::Scalar(text, style, ..) => self.scalar(&text, style, range),
            Event::SequenceStart(..) => {
                self.check_depth(depth, &range)?;
                let mut nodes = Vec::new();
                loop {
                    let (event, item) = self.next()?;
                    if event == Event::SequenceEnd {
                        let range = range.start..collection_end(nodes.last(), &item);
                        return Ok(Node { value: Value::Sequence(nodes), range });
                    }
                    nodes.push(self.node(event, item, depth + 1)?);
                }
            }
            Event::MappingStart(..) => {
                self.check_depth(depth, &range)?;
                self.mapping(range, depth)
            }
            _ => {
                let finding =
                    Diagnostic::at(&rules::INVALID_YAML, self.source, range, "missing value");
                self.stop(finding)
            }
        }
    }

    /// Finds an anchor, alias or tag, which is before or at its value.
    fn property(&self, value: Range<usize>, sign: char) -> Range<usize> {
        let text = self.source.text();
        let is_sign = |c: char| c == sign || (sign != '!' && matches!(c, '&' | '*'));
        if text[value.clone()].starts_with(is_sign) {
            return value;
        }
        let Some(start) = text[..value.start].rfind(is_sign) else { return value };
        let length = text[start..]
            .find([' ', '\n', '\r', '\t', ',', ']', '}'])
            .unwrap_or(text.len() - start);
        start..start + length
    }

    fn mapping(&mut self, start: Range<usize>, depth: usize) -> Result<Node, ParseAbort> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let (event, range) = self.next()?;
            let key = match event {
                Event::MappingEnd => {
                    let end = collection_end(entries.last().map(|(_, node)| node), &range);
                    return Ok(Node { value: Value::Mapping(entries), range: start.start..end });
                }
                Event::Scalar(text, _, 0, None) => Key { text: text.into_owned(), range },
                _ => {
                    let finding = Diagnostic::at(
                        &rules::INVALID_YAML,
                        self.source,
                        range,
                        "a key must be plain text",
                    )
                    .help("put text with `{{ … }}` in quotes");
                    return self.stop(finding);
                }
            };
            let (event, range) = self.next()?;
            let node = self.node(event, range, depth + 1)?;
            if seen.insert(key.text.clone()) {
                entries.push((key, node));
            } else {
                self.findings.push(limits::duplicate_key(self.source, &key));
            }
        }
    }

    fn check_depth(&mut self, depth: usize, range: &Range<usize>) -> Result<(), ParseAbort> {
        if depth < MAX_DEPTH {
            return Ok(());
        }
        let finding = limits::too_deep(self.source, range.start..range.end.max(range.start + 1));
        self.stop(finding)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        range: Range<usize>,
    ) -> Result<Node, ParseAbort> {
        if style != ScalarStyle::Plain {
            let origin = self.origin(text, style, &range);
            return Ok(Node { value: Value::String(text.to_owned(), origin), range });
        }
        let value = match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            _ if is_json_number(text) => {
                if is_out_of_range(text) {
                    let finding = limits::out_of_range(self.source, range, text);
                    return self.stop(finding);
                }
                Value::Number(text.to_owned())
            }
            _ if is_yaml_number(text) => {
                let finding = Diagnostic::at(
                    &rules::YAML_NUMBER,
                    self.source,
                    range,
                    format!("`{text}` is a number in YAML but not in JSON"),
                )
                .help("write the number as in JSON, or put text in quotes");
                return self.stop(finding);
            }
            _ => Value::String(text.to_owned(), self.origin(text, style, &range)),
        };
        Ok(Node { value, range })
    }

    /// Finds the places of the bytes of a text: one run, or one run per line in a literal block.
    fn origin(&self, text: &str, style: ScalarStyle, range: &Range<usize>) -> TextOrigin {
        let whole = || TextOrigin::Whole(range.clone());
        let local = range.start - self.base..range.end - self.base;
        let Some(slice) = self.text.get(local.clone()) else { return whole() };
        match style {
            ScalarStyle::Plain if slice == text => TextOrigin::Runs(vec![(0, range.start)]),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted
                if slice.len() >= 2 && &slice[1..slice.len() - 1] == text =>
            {
                TextOrigin::Runs(vec![(0, range.start + 1)])
            }
            ScalarStyle::Literal => {
                self.literal_runs(text, local.start).map_or_else(whole, TextOrigin::Runs)
            }
            _ => whole(),
        }
    }

    /// Aligns the lines of a literal block with the lines of the file, which differ by indentation.
    fn literal_runs(&self, text: &str, start: usize) -> Option<Vec<(usize, usize)>> {
        let mut runs = Vec::new();
        // The block begins in the line after its `|`, unless the range already excludes that line.
        let header = self.text[start..].find('\n')?;
        let mut at = if self.text[start..].starts_with('|') {
            start + header + 1
        } else {
            start - column(self.text, start)
        };
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let wanted = line.strip_suffix('\n').unwrap_or(line);
            let file_line = self.text[at..].split_inclusive('\n').next().unwrap_or("");
            let content = file_line.trim_end_matches(['\n', '\r']);
            if !content.ends_with(wanted)
                || !content[..content.len() - wanted.len()].bytes().all(|byte| byte == b' ')
            {
                return None;
            }
            runs.push((offset, self.base + at + content.len() - wanted.len()));
            if let Some(newline) = line.len().checked_sub(1).filter(|_| line.ends_with('\n')) {
                runs.push((offset + newline, self.base + at + file_line.len().saturating_sub(1)));
            }
            offset += line.len();
            at += file_line.len();
        }
        if runs.is_empty() {
            return None;
        }
        Some(runs)
    }
}

/// Returns where a list or map ends: at its bracket, or in block style with its last value, because
/// there the parser notices the end only at the next token.
fn collection_end(last: Option<&Node>, end: &Range<usize>) -> usize {
    match last {
        Some(last) if end.is_empty() => last.range.end,
        _ => end.end,
    }
}

/// Returns the number of bytes between the start of the line and `offset`.
fn column(text: &str, offset: usize) -> usize {
    offset - text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Whether a plain scalar is a number by the core schema of YAML 1.2.
fn is_yaml_number(text: &str) -> bool {
    let digits =
        |text: &str, legal: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(legal);
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, |byte| (b'0'..=b'7').contains(byte));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return digits(hex, u8::is_ascii_hexdigit);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() || !fraction.is_empty())
        && all_digits(whole)
        && all_digits(fraction)
        && exponent.is_none_or(|exponent| {
            digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), u8::is_ascii_digit)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(yaml: &str) -> Result<String, String> {
        let mut findings = Vec::new();
        let source = SourceFile::new("f.yaml", yaml);
        let node = parse(&source, &mut findings);
        match (node, findings.first()) {
            (Some(node), None) => Ok(node.to_json().text().to_owned()),
            (_, Some(finding)) => Err(finding.rule.code.to_owned()),
            (None, None) => Err("no finding".to_owned()),
        }
    }

    #[test]
    fn scalars_follow_the_core_schema_and_numbers_keep_their_digits() {
        let json = value("[a, 1, 1.50, true, no, ~, '1', \"x\\ty\", 1.0.0, 2026-03-01, on]");
        assert_eq!(
            json.unwrap(),
            r#"["a",1,1.50,true,"no",null,"1","x\ty","1.0.0","2026-03-01","on"]"#
        );
        assert_eq!(value("").unwrap(), "null");
        assert_eq!(value("# only a comment\n").unwrap(), "null");
        assert_eq!(value("{b: 1, a: 2}").unwrap(), r#"{"b":1,"a":2}"#);
    }

    #[test]
    fn what_readers_would_disagree_on_is_refused() {
        for (yaml, code) in [
            ("a: &x 1\nb: *x", "yaml-alias"),
            ("a: !!str 1", "yaml-alias"),
            ("a: 1\na: 2", "duplicate-key"),
            ("a: 0x1F", "yaml-number"),
            ("a: .5", "yaml-number"),
            ("a: +1", "yaml-number"),
            ("a: 012", "yaml-number"),
            ("a: .nan", "yaml-number"),
            ("a: 9007199254740993", "number-range"),
            ("--- a\n--- b", "invalid-yaml"),
            ("a: {{ name }}", "invalid-yaml"),
            ("a: [", "invalid-yaml"),
            ("a: \"", "invalid-yaml"),
        ] {
            assert_eq!(value(yaml), Err(code.to_owned()), "{yaml}");
        }
        assert_eq!(value(&("[".repeat(40) + &"]".repeat(40))), Err("too-deep".to_owned()));
        let aliases = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]";
        assert_eq!(value(aliases), Err("yaml-alias".to_owned()));
    }

    #[test]
    fn every_line_of_a_block_is_found_in_the_file() {
        for yaml in [
            "a:\n  b: |\n    one é\n\n      two {{ x }}\n    three\nc: 1\n",
            "b: |-\r\n  one\r\n  two\r\n",
            "- b: |\n    x\n",
        ] {
            let source = SourceFile::new("f.yaml", yaml);
            let node = parse(&source, &mut Vec::new()).unwrap();
            let mut found = 0;
            visit(&node, &mut |text, origin| {
                for (start, character) in text.char_indices() {
                    let range = origin.locate(start..start + character.len_utf8());
                    assert_eq!(&yaml[range], character.to_string(), "{yaml:?} at {start}");
                    found += 1;
                }
            });
            assert!(found > 1);
        }
    }

    fn visit(node: &Node, see: &mut impl FnMut(&str, &TextOrigin)) {
        match &node.value {
            Value::String(text, origin) => see(text, origin),
            Value::Sequence(nodes) => nodes.iter().for_each(|node| visit(node, see)),
            Value::Mapping(entries) => entries.iter().for_each(|(_, node)| visit(node, see)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
