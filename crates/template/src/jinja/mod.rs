//! The `jinja` dialect: the subset of Jinja that `docs/dialect-jinja.md` lists.
//!
//! minijinja parses; what follows is ours, because a prompt must render to the same text in every client,
//! permanently, within limits that hold for hostile templates: [`scope`] finds the variables and what the
//! dialect lacks, [`eval`] walks the tree and charges every byte it makes.

use std::ops::Range;

use minijinja::machinery::{Span, Token, ast, parse, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::error::{Error, ErrorKind};

pub(crate) mod budget;
pub(crate) mod eval;
#[expect(clippy::disallowed_methods, reason = "it has yet to move to our own tables of Unicode")]
mod filters;
mod operators;
#[expect(clippy::disallowed_methods, reason = "it has yet to move to our own tables of Unicode")]
pub(crate) mod scope;
pub(crate) mod tags;
mod tests;
pub(crate) mod value;

/// A parsed template.
#[derive(Debug)]
pub(crate) struct Program<'s> {
    pub(crate) statements: ast::Stmt<'s>,
    /// Where text stands outside tags, but not inside `raw` blocks: there it is meant as it is.
    pub(crate) data: Vec<Range<usize>>,
}

/// One tag may have this many operators, attributes, filters and calls: the parser's tree must stay
/// shallow enough to walk, whatever the template.
const MAX_OPERATORS: usize = 200;

/// Branches of the `if`s around a place.
const MAX_BRANCHES: usize = 100;

/// The syntax of Jinja as it comes, but nothing is trimmed that no dash asks for: a text's final
/// newline is dropped once, when its file is read.
fn syntax() -> SyntaxConfig {
    // Only custom delimiters can be refused.
    SyntaxConfig::builder().keep_trailing_newline(true).build().unwrap_or_default()
}

pub(crate) fn program(text: &str) -> Result<Program<'_>, Error> {
    let data = guard(text)?;
    match parse(text, "template", syntax()) {
        Ok(statements) => Ok(Program { statements, data }),
        Err(error) => Err(syntax_error(text, &error)),
    }
}

pub(crate) fn range(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
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
    let help = if detail.contains("identifier") || detail.contains("unexpected") {
        "to print braces as they are, write `{% raw %}…{% endraw %}`, or set `template` to `plain`"
    } else {
        "see docs/dialect-jinja.md"
    };
    Error::new(ErrorKind::Syntax, range, detail).help(help)
}

fn line_range(text: &str, line: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text[start.min(text.len())..].lines().next().map_or(0, str::len);
    start..start + length
}

/// Refuses what would make the parser's tree deep: it is built and dropped by recursion. Returns the
/// places of text.
fn guard(text: &str) -> Result<Vec<Range<usize>>, Error> {
    let mut data = Vec::new();
    let mut operators = 0;
    let mut branches: Vec<usize> = Vec::new();
    let mut tag_start = 0;
    let mut first = false;
    for token in tokenize(text, false, syntax()) {
        // The parser reports what the tokenizer refuses.
        let Ok((token, span)) = token else { return Ok(data) };
        match token {
            Token::BlockStart | Token::VariableStart => {
                operators = 0;
                tag_start = span.start_offset as usize;
                first = matches!(token, Token::BlockStart);
                continue;
            }
            Token::TemplateData(_) => data.extend(text_range(text, range(span))),
            Token::BlockEnd | Token::VariableEnd | Token::Comma | Token::Colon => {}
            Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_) => {}
            Token::Ident(word) if first => match word {
                "if" => branches.push(1),
                "elif" => {
                    if let Some(count) = branches.last_mut() {
                        *count += 1;
                    }
                }
                "endif" => {
                    branches.pop();
                }
                _ => {}
            },
            Token::Ident("not" | "and" | "or" | "is" | "in" | "if" | "else") => operators += 1,
            Token::Ident(_) => {}
            _ => operators += 1,
        }
        first = false;
        let range = tag_start..span.end_offset as usize;
        if operators > MAX_OPERATORS {
            let message = format!("a tag has more than {MAX_OPERATORS} operators");
            return Err(Error::new(ErrorKind::Limit, range, message)
                .help("split the expression with `{% set %}`"));
        }
        if branches.iter().sum::<usize>() > MAX_BRANCHES {
            let message = format!("more than {MAX_BRANCHES} branches");
            return Err(Error::new(ErrorKind::Limit, range, message)
                .help("look the text up in an object variable"));
        }
    }
    Ok(data)
}

/// Returns the range of a piece of text, unless a `raw` block holds it.
fn text_range(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    // The tokenizer counts bytes where it stops, which may be inside a character.
    let before = text.get(..range.start)?;
    text.get(range.clone())?;
    let tag = before.trim_end_matches("%}").trim_end_matches(['-', '+', ' ', '\t', '\n']);
    let is_raw = before.ends_with("%}") && tag.ends_with("raw") && !tag.ends_with("endraw");
    (!is_raw).then_some(range)
}

#[cfg(test)]
mod documentation {
    #![expect(clippy::disallowed_methods, reason = "tests read files")]

    #[test]
    fn the_page_lists_what_the_dialect_has() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dialect-jinja.md");
        let page = std::fs::read_to_string(path).unwrap();
        for (marker, names) in
            [("filters", super::filters::NAMES.as_slice()), ("tests", &super::tests::NAMES)]
        {
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
