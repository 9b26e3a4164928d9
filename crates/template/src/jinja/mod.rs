//! The `jinja` dialect: what Python's Jinja2 prints, as far as `docs/dialect-jinja.md` lists it.
//!
//! minijinja parses; what follows is ours, because a prompt must render to the same text as in Jinja2, in
//! every client, permanently, within limits that hold for hostile templates: [`source`] refuses what the
//! two parsers read differently, [`symbols`] says what names mean, [`lowering`] makes a program and finds
//! what the dialect lacks, and [`machine`] runs it and charges every byte it makes.

use std::ops::Range;

use minijinja::machinery::parse;
use syntax::syntax;

use crate::error::{Error, ErrorKind};

pub(crate) mod analysis;
mod arguments;
mod attributes;
pub(crate) mod budget;
pub(crate) mod constants;
mod filters;
mod formatting;
mod functions;
mod literal;
mod lowering;
pub(crate) mod machine;
mod methods;
mod operators;
mod places;
pub(crate) mod program;
mod source;
mod symbols;
mod syntax;
pub(crate) mod tags;
mod tests;
mod unclosed;
pub(crate) mod uses;
pub(crate) mod value;

/// A parsed template.
#[derive(Debug)]
pub(crate) struct ParsedTemplate {
    pub(crate) program: program::Program,
    pub(crate) uses: uses::Uses,
    /// Where text stands outside tags, but not inside `raw` blocks: there it is meant as it is.
    pub(crate) data: Vec<Range<usize>>,
}

/// Parses a template.
pub(crate) fn parse_template(text: &str) -> Result<ParsedTemplate, Error> {
    let source = source::check(text)?;
    let parsed = source.for_parser(text);
    let statements = parse(&parsed, "template", syntax()).map_err(|error| explain(text, &error))?;
    let (program, uses) = lowering::lower(text, &statements);
    Ok(ParsedTemplate { program, uses, data: source.data })
}

/// Says what is wrong: what is open at the end of the text is told where it was opened.
fn explain(text: &str, error: &minijinja::Error) -> Error {
    let told = syntax_error(text, error);
    let is_at_end = text.get(told.range.end..).is_none_or(|rest| rest.trim_ascii().is_empty());
    let detail = told.message.as_str();
    let is_unclosed = is_at_end
        || detail.contains("end of input")
        || detail.contains("unexpected end")
        || detail.contains("unknown statement end");
    unclosed::find(text).filter(|_| is_unclosed).unwrap_or(told)
}

fn syntax_error(text: &str, error: &minijinja::Error) -> Error {
    let mut range = error.range().unwrap_or_else(|| line_range(text, error.line().unwrap_or(1)));
    // The tokenizer counts bytes where it stops, which may be inside a character.
    range.start =
        (0..=range.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    range.end = (range.end.max(range.start)..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len());
    let detail = error.detail().unwrap_or("the template cannot be parsed").to_owned();
    if detail.starts_with("expected call expression") {
        return no_call(text, range);
    }
    let help = if detail.contains("identifier") || detail.contains("unexpected") {
        "write `{% raw %}…{% endraw %}` to print braces, or set `template` to `plain`"
    } else {
        "see docs/dialect-jinja.md"
    };
    Error::new(ErrorKind::Syntax, range, detail).help(help)
}

/// Says that a statement which takes a call has none.
fn no_call(text: &str, place: Range<usize>) -> Error {
    let tags = tags::tags(text).into_iter().map(|(tag, _)| tag);
    let tag = tags.rev().find(|tag| tag.start <= place.start).unwrap_or(place);
    let written = text.get(tag.clone()).unwrap_or_default();
    if written.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).starts_with("do") {
        return Error::new(ErrorKind::Unsupported, tag, "`do` requires a call").help(
            "write `{% set unused = … %}` for another expression, and `{% if … %}{% do … %}{% endif %}` for a \
             call under a condition",
        );
    }
    Error::new(ErrorKind::Syntax, tag, "`call` requires a call")
        .help("write `{% call name(…) %}…{% endcall %}` with the name of a macro")
}

fn line_range(text: &str, line: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text[start.min(text.len())..].lines().next().map_or(0, str::len);
    start..start + length
}

#[cfg(test)]
mod documentation {
    #![expect(clippy::disallowed_methods, reason = "tests read files")]

    #[test]
    fn the_page_lists_what_the_dialect_has() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dialect-jinja.md");
        let page = std::fs::read_to_string(path).unwrap();
        let filters: Vec<&str> = super::filters::names().collect();
        let tests: Vec<&str> = super::tests::names().collect();
        for (marker, names) in [("filters", filters), ("tests", tests)] {
            let table = page
                .split(&format!("<!-- {marker} -->"))
                .nth(1)
                .unwrap()
                .split("<!-- end -->")
                .next()
                .unwrap();
            let listed: Vec<&str> = table
                .lines()
                .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
                .map(|name| name.split('(').next().unwrap_or(name))
                .collect();
            assert_eq!(listed, names, "{marker}");
        }
    }
}
