//! How deep a tag makes the tree of the parser, here and in Python.

use std::ops::Range;

use minijinja::machinery::Token;

use crate::error::{Error, ErrorKind};

/// So many operators, attributes, filters and calls may follow one another. Python compiles 190 of them.
const MAX_OPERATORS: usize = 150;

/// Brackets may be nested so deep. Jinja2 reads 70 of them.
const MAX_NESTING: usize = 40;

/// The brackets that are open in a tag.
#[derive(Default)]
pub(super) struct Brackets {
    start: usize,
    /// The tag itself, and what is open in it.
    levels: Vec<Level>,
}

/// What stands in a pair of brackets.
#[derive(Default, Clone, Copy)]
struct Level {
    /// Operators since the last comma.
    operators: usize,
    /// The deepest group of brackets since then.
    deepest: usize,
    /// The deepest item before.
    before: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.before.max(self.operators + self.deepest)
    }
}

impl Brackets {
    pub(super) fn check(&mut self, token: &Token<'_>, place: &Range<usize>) -> Result<(), Error> {
        match token {
            Token::BlockStart | Token::VariableStart => {
                self.start = place.start;
                self.levels = vec![Level::default()];
                return Ok(());
            }
            Token::BlockEnd
            | Token::VariableEnd
            | Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_) => return Ok(()),
            Token::Comma | Token::Colon => {
                if let Some(level) = self.levels.last_mut() {
                    *level = Level { before: level.depth(), ..Level::default() };
                }
                return Ok(());
            }
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                self.operator();
                self.levels.push(Level::default());
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                // What is closed without being open is for the parser.
                if self.levels.len() > 1
                    && let Some(closed) = self.levels.pop()
                    && let Some(level) = self.levels.last_mut()
                {
                    level.deepest = level.deepest.max(closed.depth());
                }
            }
            Token::Ident("not" | "and" | "or" | "is" | "in" | "if" | "else") => self.operator(),
            Token::Ident(_) => return Ok(()),
            _ => self.operator(),
        }
        let place = self.start..place.end;
        if self.levels.last().is_some_and(|level| level.depth() > MAX_OPERATORS) {
            let message = format!("more than {MAX_OPERATORS} operators in a row");
            return Err(Error::new(ErrorKind::Limit, place, message)
                .help("split the expression with `{% set %}`"));
        }
        if self.levels.len() > MAX_NESTING {
            let message = format!("brackets are nested deeper than {MAX_NESTING} levels");
            return Err(Error::new(ErrorKind::Limit, place, message)
                .help("split the expression with `{% set %}`"));
        }
        Ok(())
    }

    fn operator(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.operators += 1;
        }
    }
}
