//! Looks at the tokens of a template before it is parsed: refuses what would make the parser's tree deep,
//! because it is built and dropped by recursion, and what minijinja's parser reads differently from
//! Jinja2's.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::{range, syntax};
use crate::error::{Error, ErrorKind};

/// One tag may have this many operators, attributes, filters and calls.
const MAX_OPERATORS: usize = 200;

/// Branches of the `if`s around a place.
const MAX_BRANCHES: usize = 100;

/// Checks the tokens, and returns the places of text.
pub(super) fn check(text: &str) -> Result<Vec<Range<usize>>, Error> {
    check_characters(text)?;
    let mut data = Vec::new();
    let mut tags =
        Tags { branches: Vec::new(), operators: 0, tag_start: 0, words: Words::default() };
    for token in tokenize(text, false, syntax()) {
        // The parser reports what the tokenizer refuses.
        let Ok((token, span)) = token else { return Ok(data) };
        if let Token::TemplateData(_) = token {
            data.extend(text_range(text, range(span)));
            continue;
        }
        tags.count(&token, range(span))?;
        tags.words.check(text, &token, range(span))?;
    }
    Ok(data)
}

/// Refuses the characters that Python counts as white space and Unicode does not: what `-` trims would
/// differ.
fn check_characters(text: &str) -> Result<(), Error> {
    match text.find(['\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}']) {
        None => Ok(()),
        Some(at) => {
            let message = "a control character (U+001C to U+001F) is in the template";
            Err(Error::new(ErrorKind::Syntax, at..at + 1, message).help("remove it"))
        }
    }
}

/// Counts what makes a tree deep.
struct Tags {
    branches: Vec<usize>,
    operators: usize,
    tag_start: usize,
    words: Words,
}

impl Tags {
    fn count(&mut self, token: &Token<'_>, place: Range<usize>) -> Result<(), Error> {
        match token {
            Token::BlockStart | Token::VariableStart => {
                self.operators = 0;
                self.tag_start = place.start;
                return Ok(());
            }
            Token::BlockEnd
            | Token::VariableEnd
            | Token::Comma
            | Token::Colon
            | Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_) => {}
            Token::Ident(word) if self.words.is_first() => match *word {
                "if" => self.branches.push(1),
                "elif" => {
                    if let Some(count) = self.branches.last_mut() {
                        *count += 1;
                    }
                }
                "endif" => {
                    self.branches.pop();
                }
                _ => {}
            },
            Token::Ident("not" | "and" | "or" | "is" | "in" | "if" | "else") => self.operators += 1,
            Token::Ident(_) => {}
            _ => self.operators += 1,
        }
        let place = self.tag_start..place.end;
        if self.operators > MAX_OPERATORS {
            let message = format!("a tag has more than {MAX_OPERATORS} operators");
            return Err(Error::new(ErrorKind::Limit, place, message)
                .help("split the expression with `{% set %}`"));
        }
        if self.branches.iter().sum::<usize>() > MAX_BRANCHES {
            let message = format!("more than {MAX_BRANCHES} branches");
            return Err(Error::new(ErrorKind::Limit, place, message)
                .help("look the text up in an object variable"));
        }
        Ok(())
    }
}

/// The last words of a tag, by which the readings of the two parsers are told apart.
#[derive(Default)]
struct Words {
    /// How many tokens of a statement there were; nothing outside of statements.
    in_statement: Option<usize>,
    /// Whether the statement declares parameters: `macro` and `call`.
    declares: bool,
    test: TestState,
    was_comma: bool,
}

/// Where in `value is not name` the tokens are.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum TestState {
    #[default]
    None,
    /// After `is` or `is not`.
    Is,
    /// After the name of the test.
    Named,
}

impl Words {
    /// Whether the token is the keyword of a statement.
    fn is_first(&self) -> bool {
        self.in_statement == Some(0)
    }

    fn check(&mut self, text: &str, token: &Token<'_>, place: Range<usize>) -> Result<(), Error> {
        let refuse = |message: &str, help: &str| {
            Err(Error::new(ErrorKind::Syntax, place.clone(), message).help(help))
        };
        match token {
            Token::BlockStart => {
                *self = Self { in_statement: Some(0), ..Self::default() };
                return Ok(());
            }
            Token::VariableStart => {
                *self = Self::default();
                return Ok(());
            }
            _ => {}
        }
        if self.is_first() {
            self.declares = matches!(token, Token::Ident("macro" | "call"));
        }
        match (self.test, token) {
            (TestState::Named, Token::Minus | Token::Plus) => {
                return refuse(
                    "Jinja2 reads this sign as an operator, and not as that of an argument",
                    "put the argument or the test in parentheses",
                );
            }
            (TestState::Named, Token::Ident("is")) => {
                return refuse(
                    "tests cannot follow one another",
                    "put the first one in parentheses, or write `and`",
                );
            }
            _ => {}
        }
        self.test = match (self.test, token) {
            (_, Token::Ident("is")) => TestState::Is,
            (TestState::Is, Token::Ident("not")) => TestState::Is,
            (TestState::Is, Token::Ident(_)) => TestState::Named,
            (TestState::Named, Token::Dot) => TestState::Is,
            _ => TestState::None,
        };
        if self.declares && self.was_comma && matches!(token, Token::ParenClose) {
            return refuse("a parameter is missing after the comma", "remove the comma");
        }
        self.was_comma = matches!(token, Token::Comma);
        if let Token::Int(_) | Token::Int128(_) | Token::Float(_) = token {
            check_number(text.get(place.clone()).unwrap_or_default(), &place)?;
        }
        if let Some(count) = &mut self.in_statement {
            *count += 1;
        }
        Ok(())
    }
}

/// Refuses numbers that Jinja2 reads otherwise: those with a zero in front, or an underscore that stands
/// beside none or another one.
fn check_number(written: &str, place: &Range<usize>) -> Result<(), Error> {
    let has_odd_underscore = written.ends_with('_') || written.contains("__");
    let is_plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let has_zero = is_plain
        && written.len() > 1
        && written.starts_with('0')
        && written.bytes().any(|byte| byte != b'0' && byte != b'_');
    if has_odd_underscore || has_zero {
        let message = format!("`{written}` is no number of Jinja2");
        return Err(Error::new(ErrorKind::Syntax, place.clone(), message)
            .help("write it without zeros in front, and with single underscores between digits"));
    }
    Ok(())
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
