//! What the catalogue is filtered by: one line of text, which facets edit and the address carries.

use std::fmt::{self, Write as _};

use crate::text::to_lower_case;

/// The filter and the page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The line as it was typed.
    pub text: String,
    /// Which hundred rows are shown, from 0.
    pub page: usize,
}

/// One part of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether rows with it are left out.
    pub is_excluded: bool,
    /// The field to search.
    pub field: Field,
    /// The text to find, in lower case.
    pub value: String,
}

/// The field that a term searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Names, titles, descriptions, tags and variables.
    Any,
    /// `folder:support`: prompts below a folder.
    Folder,
    /// `tag:billing`.
    Tag,
    /// `owner:ana`.
    Owner,
    /// `model:gpt`: a part of the model's name.
    Model,
    /// `env:production`: what the environment serves.
    Environment,
    /// `drift:production`: where it serves different versions than the previous environment; `drift:any`.
    Drift,
    /// `is:deprecated`, `is:yanked`, `is:replaced`.
    State,
}

impl Field {
    /// The fields that have a word, with it.
    pub const NAMED: [(Self, &str); 7] = [
        (Self::Folder, "folder"),
        (Self::Tag, "tag"),
        (Self::Owner, "owner"),
        (Self::Model, "model"),
        (Self::Environment, "env"),
        (Self::Drift, "drift"),
        (Self::State, "is"),
    ];

    fn of_word(word: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(_, name)| *name == word).map(|(field, _)| field)
    }

    fn word(self) -> Option<&'static str> {
        Self::NAMED.into_iter().find(|(field, _)| *field == self).map(|(_, name)| name)
    }
}

impl Query {
    /// Reads an address's query.
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        Self { text: get("q").unwrap_or_default(), page: read_page(get) }
    }

    /// Passes the pairs of an address's query.
    pub fn write(&self, mut pair: impl FnMut(&str, &str) -> fmt::Result) -> fmt::Result {
        if !self.text.trim().is_empty() {
            pair("q", self.text.trim())?;
        }
        write_page(self.page, pair)
    }

    /// Returns the parts of the line.
    pub fn terms(&self) -> Vec<Term> {
        words(&self.text).filter_map(Term::parse).collect()
    }

    /// Returns the first word before a colon that names no field: a slip, unless something is found.
    pub fn unknown_field(&self) -> Option<&str> {
        words(&self.text).find_map(|word| {
            let (name, value) = word.strip_prefix('-').unwrap_or(word).split_once(':')?;
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
            let is_address = value.is_empty() || value.starts_with('/');
            (is_name && !is_address && Field::of_word(name).is_none()).then_some(name)
        })
    }

    /// Returns the folder that rows must be below.
    pub fn folder(&self) -> Option<Term> {
        self.terms().into_iter().find(|term| term.field == Field::Folder && !term.is_excluded)
    }

    /// Adds a term, or removes it if present; on the first page.
    pub fn with_toggled(&self, term: Term) -> Self {
        let mut terms = self.terms();
        match terms.iter().position(|there| *there == term) {
            Some(at) => drop(terms.remove(at)),
            None => terms.push(term),
        }
        Self { text: line(&terms), page: 0 }
    }

    /// Puts a term in the place of all with that field.
    pub fn with_only(&self, field: Field, value: &str) -> Self {
        let mut terms = self.terms();
        terms.retain(|term| term.field != field);
        terms.push(Term::new(field, value));
        Self { text: line(&terms), page: 0 }
    }

    /// Takes a term out.
    pub fn without(&self, term: &Term) -> Self {
        let terms: Vec<Term> = self.terms().into_iter().filter(|there| there != term).collect();
        Self { text: line(&terms), page: 0 }
    }

    /// Goes to another page.
    pub fn on_page(&self, page: usize) -> Self {
        Self { text: self.text.clone(), page }
    }
}

/// Reads the page of a list from a URL, from 0.
pub fn read_page(get: impl Fn(&str) -> Option<String>) -> usize {
    get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).max(1) - 1
}

/// Passes on the page as a pair of the URL's query. The first page needs none.
pub fn write_page(page: usize, mut pair: impl FnMut(&str, &str) -> fmt::Result) -> fmt::Result {
    if page > 0 { pair("page", &(page + 1).to_string()) } else { Ok(()) }
}

fn line(terms: &[Term]) -> String {
    terms.iter().map(Term::to_string).collect::<Vec<_>>().join(" ")
}

impl Term {
    /// Makes a term that rows must fit.
    pub fn new(field: Field, value: &str) -> Self {
        Self { is_excluded: false, field, value: to_lower_case(value) }
    }

    /// Reads one word of a line: `word`, `-word`, `"a phrase"`, `tag:billing`.
    fn parse(word: &str) -> Option<Self> {
        let (is_excluded, word) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let named = word.split_once(':');
        let named = named.and_then(|(name, value)| Some((Field::of_word(name)?, value)));
        let (field, value) = named.unwrap_or((Field::Any, word));
        let value = to_lower_case(&value.replace('"', ""));
        (!value.is_empty()).then_some(Self { is_excluded, field, value })
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_excluded {
            f.write_char('-')?;
        }
        if let Some(word) = self.field.word() {
            write!(f, "{word}:")?;
        }
        if self.value.contains(char::is_whitespace)
            || (self.field == Field::Any
                && (self.value.contains(':') || self.value.starts_with('-')))
        {
            write!(f, "\"{}\"", self.value)
        } else {
            f.write_str(&self.value)
        }
    }
}

/// Cuts a line at white space outside quotation marks. One that is not closed ends with the line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    line.split(move |character: char| {
        if character == '"' {
            is_quoted = !is_quoted;
        }
        character.is_whitespace() && !is_quoted
    })
    .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> Query {
        Query { text: text.to_owned(), page: 0 }
    }

    #[test]
    fn a_line_has_words_phrases_exclusions_and_fields() {
        let terms =
            query("refund -draft \"angry customer\" tag:Billing -env:production x:y").terms();
        let shown: Vec<String> = terms
            .iter()
            .map(|term| format!("{:?} {} {}", term.field, term.is_excluded, term.value))
            .collect();
        assert_eq!(
            shown,
            [
                "Any false refund",
                "Any true draft",
                "Any false angry customer",
                "Tag false billing",
                "Environment true production",
                "Any false x:y",
            ]
        );
    }

    #[test]
    fn a_facet_is_switched_on_and_off() {
        let tag = || Term::new(Field::Tag, "two words");
        let on = query("refund").with_toggled(tag());
        assert_eq!(on.text, "refund tag:\"two words\"");
        assert_eq!(on.with_toggled(tag()).text, "refund");
        assert_eq!(query("folder:a x").with_only(Field::Folder, "a/b").text, "x folder:a/b");
        assert_eq!(query("-folder:a").folder(), None);
        assert_eq!(query("refund -tagg:x tag:y").unknown_field(), Some("tagg"));
        assert_eq!(query("tag:y https://a \"x:y\" x:").unknown_field(), None);
    }

    proptest! {
        #[test]
        fn a_line_reads_back(text in "[-a-z:\" é]{0,30}") {
            let terms = query(&text).terms();
            prop_assert_eq!(query(&line(&terms)).terms(), terms);
        }
    }
}
