//! The template dialects of promptdex: parse, check and render.
//!
//! CI, the clients and the browser run this very code. A rendering has no I/O, no environment and no
//! clock, and four counters bound it in the same way everywhere, whatever the template.
//!
//! ```
//! use promptdex_template::{Template, Values};
//! use promptdex_wire::Dialect;
//!
//! let template = Template::parse(Dialect::Jinja, "Hello {{ name | upper }}{% if vip %}!{% endif %}").unwrap();
//! let used: Vec<String> = template.uses().iter().map(|used| used.path.join(".")).collect();
//! assert_eq!(used, ["name", "vip"]);
//! let values = Values::parse(r#"{"name": "Ana", "vip": true}"#).unwrap();
//! assert_eq!(template.render(&values, &Default::default()).unwrap(), "Hello ANA!");
//! ```
//!
//! [`Template`] is one text; [`conversation`] renders all messages of a version document with the
//! variables it declares.
//!
//! # Why evaluation is ours
//!
//! minijinja parses the `jinja` dialect, but does not run it. Its fuel counts instructions, and what exhausts a
//! machine is bytes, which constant expressions make before the first instruction runs. Measured with
//! minijinja 3.0.5 and 100,000 units of fuel, which never ran out, beside this crate; release builds on x86-64 Linux,
//! time and peak memory of the whole process:
//!
//! | template | minijinja | here |
//! | --- | --- | --- |
//! | `{{ 'a' * 100000000 }}` | 0.2 GB, to compile it | refused: 0.2 ms, 3 MB |
//! | the same 5 times | 0.6 GB, to compile it in 1.3 s | refused: 0.2 ms, 3 MB |
//! | the same 40 times, in 840 bytes | 3.9 GB, to compile it in 5.7 s | refused: 0.2 ms, 3 MB |
//! | `{% set x = x ~ x %}` 27 times, from 10 bytes | 3.2 GB, 5.5 s | refused: 2.6 ms, 7 MB |
//! | `replace('a', 'aaaaaaaaaa')` 7 times, from 10 bytes | 0.2 GB, 0.3 s | refused: 10 ms, 5 MB |
//!
//! The second reason is that what a published version renders to may never change, while the filters and
//! operators of a library do. Ordinary templates cost the same: 0.1 to 0.2 ms for 1.8 kB, parsing included.

use std::borrow::Cow;
use std::ops::Range;

use promptdex_wire::{Dialect, Variable};

pub mod conversation;
mod error;
mod included_text;
mod jinja;
pub mod json_value;
mod order;
mod python;
mod segments;
pub mod suggest;
mod token_kind;
pub mod value;

pub use error::{Error, ErrorDetails, ErrorKind, Sentence};
pub use included_text::{IncludedText, IncludedTexts, ParsedInclude};
pub use jinja::analysis::TypeProblems;
pub use jinja::budget::{MAX_DEPTH, MAX_MADE, MAX_OUTPUT, MAX_STEPS};
pub use jinja::uses::{IncludeUse, Usage, VariableUse};
pub use json_value::{JsonValue, Values};
pub use segments::is_name;
pub use token_kind::TokenKind;

use segments::TemplateSegment;

/// A parsed template.
#[derive(Debug)]
pub struct Template<'s> {
    text: &'s str,
    body: Body<'s>,
}

#[derive(Debug)]
enum Body<'s> {
    Plain,
    Fstring(Vec<TemplateSegment<'s>>),
    Curly(Vec<TemplateSegment<'s>>),
    Jinja(Box<jinja::ParsedTemplate>),
}

impl<'s> IncludedText<'s> {
    /// Parses an included text; only `jinja` and `plain` texts can be included.
    pub fn parse(dialect: Dialect, text: &'s str) -> Result<Self, Error> {
        match dialect {
            Dialect::Plain => Ok(Self::Plain(text)),
            Dialect::Jinja => {
                let parsed = jinja::parse_template(text)?;
                if let Some(problem) = parsed.uses.problems.into_iter().next() {
                    return Err(problem);
                }
                Ok(Self::Jinja(ParsedInclude { program: parsed.program }))
            }
            Dialect::Fstring | Dialect::Curly => {
                let message = format!("cannot include a `{}` text", dialect.as_str());
                Err(Error::new(ErrorKind::Include, 0..0, message)
                    .help("include a `jinja` or `plain` version"))
            }
        }
    }
}

/// Returns the pieces of a template that are not text, in order. What cannot be read has none.
pub fn highlight(dialect: Dialect, text: &str) -> Vec<(Range<usize>, TokenKind)> {
    let (segments, width) = match dialect {
        Dialect::Plain => return Vec::new(),
        Dialect::Jinja => return jinja::tags::tags(text),
        Dialect::Fstring => (segments::parse_fstring(text).unwrap_or_default(), 1),
        Dialect::Curly => (segments::parse_curly(text), 2),
    };
    let placeholder = |segment: TemplateSegment<'_>| match segment {
        TemplateSegment::Variable { range, .. } => {
            // Curly allows white space between the name and its braces.
            let before = text[..range.start].trim_end_matches([' ', '\t']).len() - width;
            let after = &text[range.end..];
            let spaces = after.len() - after.trim_start_matches([' ', '\t']).len();
            Some((before..range.end + spaces + width, TokenKind::Placeholder))
        }
        TemplateSegment::Text(_) => None,
    };
    segments.into_iter().filter_map(placeholder).collect()
}

impl<'s> Template<'s> {
    /// Parses a template. `fstring` reports all errors; `jinja` only the first, because parsing stops
    /// there; `curly` and `plain` have none.
    pub fn parse(dialect: Dialect, text: &'s str) -> Result<Self, Vec<Error>> {
        let body = match dialect {
            Dialect::Plain => Body::Plain,
            Dialect::Fstring => Body::Fstring(segments::parse_fstring(text)?),
            Dialect::Curly => Body::Curly(segments::parse_curly(text)),
            Dialect::Jinja => {
                Body::Jinja(Box::new(jinja::parse_template(text).map_err(|error| vec![error])?))
            }
        };
        Ok(Self { text, body })
    }

    /// Returns every use of a variable that the template does not bind itself, in order.
    pub fn uses(&self) -> Vec<VariableUse> {
        match &self.body {
            Body::Plain => Vec::new(),
            Body::Fstring(segments) | Body::Curly(segments) => segments
                .iter()
                .filter_map(|segment| match segment {
                    TemplateSegment::Variable { name, range } => Some(VariableUse {
                        path: vec![(*name).to_owned()],
                        range: range.clone(),
                        usage: Usage::Printed,
                        is_set: false,
                    }),
                    TemplateSegment::Text(_) => None,
                })
                .collect(),
            Body::Jinja(parsed) => parsed.uses.variables.clone(),
        }
    }

    /// Returns the includes, in order.
    pub fn includes(&self) -> &[IncludeUse] {
        match &self.body {
            Body::Jinja(parsed) => &parsed.uses.includes,
            Body::Plain | Body::Fstring(_) | Body::Curly(_) => &[],
        }
    }

    /// Returns what the dialect does not have.
    pub fn problems(&self) -> &[Error] {
        match &self.body {
            Body::Jinja(parsed) => &parsed.uses.problems,
            Body::Plain | Body::Fstring(_) | Body::Curly(_) => &[],
        }
    }

    /// Finds what the declared types say about the template.
    pub fn type_problems(&self, declared: &[Variable]) -> TypeProblems {
        match &self.body {
            Body::Jinja(parsed) => jinja::analysis::type_problems(&parsed.program, declared),
            Body::Plain | Body::Fstring(_) | Body::Curly(_) => TypeProblems::default(),
        }
    }

    /// Evaluates the expressions that depend on nothing, and returns those that fail: they do so in every
    /// rendering that reaches them. What the dialect does not have is not told again.
    pub fn constant_problems(&self) -> Vec<Error> {
        match &self.body {
            Body::Jinja(parsed) => {
                let mut found = jinja::constants::constant_problems(&parsed.program);
                found.retain(|error| {
                    let is_same = |known: &Error| {
                        known.range.start < error.range.end && error.range.start < known.range.end
                    };
                    !parsed.uses.problems.iter().any(is_same)
                });
                found
            }
            Body::Plain | Body::Fstring(_) | Body::Curly(_) => Vec::new(),
        }
    }

    /// Returns the places that look like placeholders of another dialect.
    pub fn foreign_placeholders(&self) -> Vec<Range<usize>> {
        match &self.body {
            Body::Plain => Vec::new(),
            Body::Fstring(_) => segments::escaped_placeholders(self.text),
            Body::Curly(_) => {
                let mut found = segments::single_braces(self.text);
                found.extend(segments::near_placeholders(self.text));
                found.extend(statements(self.text));
                found.sort_by_key(|range| range.start);
                found
            }
            Body::Jinja(parsed) => parsed
                .data
                .iter()
                .flat_map(|data| {
                    let start = data.start;
                    segments::single_braces(&self.text[data.clone()])
                        .into_iter()
                        .map(move |r| start + r.start..start + r.end)
                })
                .collect(),
        }
    }

    /// Renders the template. A variable that is not among `values` is undefined; one that is null is
    /// none.
    pub fn render(&self, values: &Values, includes: &IncludedTexts<'_>) -> Result<String, Error> {
        match &self.body {
            Body::Plain => Ok(self.text.to_owned()),
            Body::Fstring(segments) | Body::Curly(segments) => print_segments(segments, values),
            Body::Jinja(parsed) => jinja::machine::render(&parsed.program, values, includes),
        }
    }
}

fn print_segments(segments: &[TemplateSegment<'_>], values: &Values) -> Result<String, Error> {
    let mut rendered = String::new();
    let mut last = 0..0;
    for segment in segments {
        match segment {
            TemplateSegment::Text(text) => rendered.push_str(text),
            TemplateSegment::Variable { name, range } => {
                rendered.push_str(&print(name, values.get(name), range)?);
                last = range.clone();
            }
        }
        if rendered.len() > MAX_OUTPUT {
            let error =
                Error::new(ErrorKind::Limit, last, "the rendered text is longer than 1 MiB");
            return Err(error.help("print less"));
        }
    }
    Ok(rendered)
}

/// Prints a value in a dialect without logic.
fn print<'v>(
    name: &str,
    value: Option<&'v JsonValue>,
    range: &Range<usize>,
) -> Result<Cow<'v, str>, Error> {
    let refuse = |what: &str, help: &str| {
        let message = format!("{what} would be printed");
        Err(Error::new(ErrorKind::Value, range.clone(), message).help(help))
    };
    match value {
        Some(JsonValue::Text(text)) => Ok(text.into()),
        Some(JsonValue::Integer(number)) => Ok(number.to_string().into()),
        Some(JsonValue::Float(number)) => Ok(value::print_number(*number).into()),
        Some(JsonValue::Boolean(true)) => Ok("true".into()),
        Some(JsonValue::Boolean(false)) => Ok("false".into()),
        Some(JsonValue::Null) => refuse("none", "pass a value for every variable that is printed"),
        Some(other @ (JsonValue::Array(_) | JsonValue::Object(_))) => {
            refuse(other.describe(), "pass a text")
        }
        None => {
            let message = format!("`{name}` is undefined");
            Err(Error::new(ErrorKind::Undefined, range.clone(), message)
                .help("pass a value for every variable that is printed"))
        }
    }
}

/// Finds `{% … %}` on one line.
fn statements(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{%") {
        let start = at + open;
        match text[start..].find(['\n', '}']).map(|end| start + end) {
            Some(end) if text[..end].ends_with('%') => {
                found.push(start..end + 1);
                at = end + 1;
            }
            _ => at = start + 2,
        }
    }
    found
}

/// Returns the placeholders of a dialect that are still in a rendered text.
pub fn unresolved_placeholders(dialect: Dialect, rendered: &str) -> Vec<Range<usize>> {
    match dialect {
        Dialect::Plain => Vec::new(),
        Dialect::Fstring => segments::single_braces(rendered),
        Dialect::Jinja | Dialect::Curly => segments::double_braces(rendered),
    }
}
