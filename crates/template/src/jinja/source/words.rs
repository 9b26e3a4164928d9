//! Words and signs that the two parsers read differently.

use std::ops::Range;

use minijinja::machinery::Token;

use super::numbers;
use crate::error::{Error, ErrorKind};

/// The last words of a tag, by which the readings of the two parsers are told apart.
#[derive(Default)]
pub(super) struct Words {
    /// How many tokens of a statement there were; nothing outside of statements.
    in_statement: Option<usize>,
    statement: Statement,
    test: TestState,
    before: Before,
    /// Brackets that are open.
    open: usize,
    /// Whether the parameters of a declaration are being read.
    declares: bool,
    /// Whether the left side of an assignment is being read.
    is_target: bool,
}

/// Statements in which something is special.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Statement {
    /// What a loop assigns to.
    For,
    /// What comes after `in`.
    Items,
    Macro,
    Call,
    Set,
    /// `if` and `do`.
    Value,
    Include,
    #[default]
    Other,
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

/// The token before.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Before {
    Comma,
    Name,
    /// A word that an operand follows, unless it is the name of an argument.
    Keyword,
    /// Another end of an operand.
    Operand,
    Dot,
    #[default]
    Other,
}

impl Words {
    /// Whether the token is the keyword of a statement.
    pub(super) fn is_first(&self) -> bool {
        self.in_statement == Some(0)
    }

    pub(super) fn check(
        &mut self,
        text: &str,
        token: &Token<'_>,
        place: Range<usize>,
    ) -> Result<(), Error> {
        let written = text.get(place.clone()).unwrap_or_default();
        match token {
            Token::BlockStart => {
                *self = Self { in_statement: Some(0), ..Self::default() };
                return Ok(());
            }
            Token::VariableStart => {
                *self = Self { statement: Statement::Value, ..Self::default() };
                return Ok(());
            }
            Token::VariableEnd if written.starts_with('+') => {
                return refuse(place, "Jinja2 reads this `+` as an operator", "remove it");
            }
            Token::Int(_) | Token::Int128(_) | Token::Float(_) => numbers::check(written, &place)?,
            _ => {}
        }
        if self.is_first() {
            self.begin(token);
        } else {
            self.check_test(token, &place)?;
            self.check_statement(token, &place)?;
        }
        self.advance(token);
        Ok(())
    }

    /// Whether a `+` is the sign of what follows.
    pub(super) fn is_sign(&self, token: &Token<'_>) -> bool {
        let begins = matches!(self.before, Before::Other | Before::Comma | Before::Keyword);
        matches!(token, Token::Plus) && begins
    }

    fn begin(&mut self, token: &Token<'_>) {
        self.statement = match token {
            Token::Ident("for") => Statement::For,
            Token::Ident("macro") => Statement::Macro,
            Token::Ident("call") => Statement::Call,
            Token::Ident("set") => Statement::Set,
            Token::Ident("if" | "elif" | "do") => Statement::Value,
            Token::Ident("include") => Statement::Include,
            _ => Statement::Other,
        };
        self.is_target = self.statement == Statement::Set;
    }

    fn check_test(&mut self, token: &Token<'_>, place: &Range<usize>) -> Result<(), Error> {
        if self.test != TestState::Named {
            return Ok(());
        }
        match token {
            Token::Minus | Token::Plus => refuse(
                place.clone(),
                "Jinja2 reads this sign as an operator",
                "put the argument or the test in parentheses",
            ),
            Token::Ident("is") => refuse(
                place.clone(),
                "two tests in a row",
                "put the first one in parentheses, or write `and`",
            ),
            _ => Ok(()),
        }
    }

    fn check_statement(&mut self, token: &Token<'_>, place: &Range<usize>) -> Result<(), Error> {
        let is_second = self.in_statement == Some(1);
        match (self.statement, token) {
            (Statement::Macro, Token::Ident(name)) if is_second && is_constant(name) => {
                return refuse(
                    place.clone(),
                    "this name is a literal value",
                    "choose a different name",
                );
            }
            (Statement::Macro, Token::ParenOpen) if self.in_statement == Some(2) => {
                self.declares = true;
            }
            (Statement::Call, Token::ParenOpen) if is_second => self.declares = true,
            (_, Token::ParenClose) if self.declares && self.open == 1 => {
                self.declares = false;
                if self.before == Before::Comma {
                    let message = "missing parameter after the comma";
                    return refuse(place.clone(), message, "remove the comma");
                }
            }
            (Statement::For, Token::Ident("in")) if self.before == Before::Comma => {
                let message = "missing name after the comma";
                return refuse(place.clone(), message, "remove the comma, or name all items");
            }
            (Statement::For, Token::Ident("in")) if self.open == 0 => {
                self.statement = Statement::Items;
            }
            (Statement::Items | Statement::Value, Token::Comma) if self.open == 0 => {
                let message = "tuple without parentheses";
                let error = Error::new(ErrorKind::Unsupported, place.clone(), message);
                return Err(error.help("add parentheses: `(a, b)`"));
            }
            (Statement::Include, Token::Ident("without")) if self.before == Before::Operand => {
                let message = "an include always sees the app's variables";
                let error = Error::new(ErrorKind::Unsupported, place.clone(), message);
                return Err(error.help("remove `without context`"));
            }
            (_, Token::Colon) if self.open == 0 && self.in_statement.is_some() => {
                let message = "colon at the end of a tag";
                let error = Error::new(ErrorKind::Unsupported, place.clone(), message);
                return Err(error.help("remove the colon"));
            }
            (Statement::Set, Token::Assign | Token::BlockEnd) if self.open == 0 => {
                self.is_target = false;
            }
            (Statement::Set, Token::Dot) if self.is_target && self.open > 0 => {
                return refuse(
                    place.clone(),
                    "Jinja2 does not allow parentheses around an assigned attribute",
                    "remove the parentheses",
                );
            }
            (_, Token::Assign)
                if self.open > 0 && !matches!(self.before, Before::Name | Before::Keyword) =>
            {
                return refuse(
                    place.clone(),
                    "argument name in parentheses",
                    "remove the parentheses",
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn advance(&mut self, token: &Token<'_>) {
        self.test = match (self.test, token) {
            (_, Token::Ident("is")) => TestState::Is,
            (TestState::Is, Token::Ident("not")) => TestState::Is,
            (TestState::Is, Token::Ident(_)) => TestState::Named,
            (TestState::Named, Token::Dot) => TestState::Is,
            _ => TestState::None,
        };
        self.before = match token {
            Token::Comma => Before::Comma,
            Token::Dot => Before::Dot,
            Token::Ident(_) if self.before == Before::Dot => Before::Name,
            Token::Ident(_) if self.is_first() => Before::Keyword,
            Token::Ident("not" | "and" | "or" | "is" | "in" | "if" | "else") => Before::Keyword,
            Token::Ident(_) => Before::Name,
            Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_)
            | Token::Str(_)
            | Token::String(_)
            | Token::ParenClose
            | Token::BracketClose
            | Token::BraceClose => Before::Operand,
            _ => Before::Other,
        };
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => self.open += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                self.open = self.open.saturating_sub(1);
            }
            _ => {}
        }
        if let Some(count) = &mut self.in_statement {
            *count += 1;
        }
    }
}

fn is_constant(name: &str) -> bool {
    matches!(name, "true" | "True" | "false" | "False" | "none" | "None")
}

fn refuse<T>(place: Range<usize>, message: &str, help: &str) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Syntax, place, message).help(help))
}
