//! The rows of the catalogue: filtered by a query, counted by facet.

use std::collections::BTreeMap;

use promptdex_wire::Environment;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, State};

use super::differences::list_differences;
use super::query::{Field, Query, Term};
use crate::text::to_lower_case;

/// Rows on one page.
pub const ROWS: usize = 100;

/// The index of the catalogue for searching.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogIndex {
    /// For each prompt, what words are looked for in: lower case, parts on lines of their own.
    texts: Vec<String>,
}

/// A value of a facet and the number of rows that have it.
pub type FacetCount = (String, usize);

/// The results of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchResults {
    /// Positions in the catalogue, best first: names that begin with the word, names, the rest.
    pub rows: Vec<usize>,
    /// Positions of the others that have words in their texts.
    pub in_text: Vec<usize>,
    /// The state of the search in the texts.
    pub texts: TextSearchState,
}

/// The state of the search in the texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TextSearchState {
    /// There is nothing to look for.
    #[default]
    Unasked,
    /// It is under way.
    Searching,
    /// It is done.
    Searched,
    /// It could not be done.
    Failed(String),
}

/// What the rows of a catalogue have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// Folders below the chosen one, by name.
    pub folders: Vec<FacetCount>,
    /// Environments that serve prompts, in the order of promotion.
    pub environments: Vec<FacetCount>,
    /// Environments that serve different versions than the previous one.
    pub drift: Vec<FacetCount>,
    /// States.
    pub states: Vec<FacetCount>,
    /// Tags, most used first.
    pub tags: Vec<FacetCount>,
    /// Owners, most used first.
    pub owners: Vec<FacetCount>,
    /// Models, most used first.
    pub models: Vec<FacetCount>,
}

impl SearchResults {
    /// Returns all positions.
    pub fn all(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().chain(&self.in_text).copied()
    }
}

impl CatalogIndex {
    /// Prepares a catalogue.
    pub fn new(catalog: &Catalog) -> Self {
        let text = |prompt: &CatalogPrompt| {
            let mut text = prompt.name.as_str().to_owned();
            let parts = [&prompt.title, &prompt.about].into_iter().flatten();
            for part in parts.chain(&prompt.tags).chain(&prompt.variable_names) {
                text.push('\n');
                text.push_str(part);
            }
            to_lower_case(&text)
        };
        Self { texts: catalog.prompts.iter().map(text).collect() }
    }

    /// Returns the rows that fit every term. With `hits`, for each word of the query the numbers of those
    /// that have it in their text, a text may fit as well.
    pub fn find(&self, catalog: &Catalog, query: &Query, hits: &[Vec<String>]) -> SearchResults {
        let terms = query.terms();
        let words: Vec<&Term> =
            terms.iter().filter(|term| term.field == Field::Any && !term.is_excluded).collect();
        let row = |number: &String| number.parse().unwrap_or(usize::MAX);
        let hits: Vec<Vec<usize>> =
            hits.iter().map(|rows| rows.iter().map(row).collect()).collect();
        let (mut rows, mut in_text) = (Vec::new(), Vec::new());
        for (at, (prompt, text)) in catalog.prompts.iter().zip(&self.texts).enumerate() {
            let mut hits = hits.iter();
            let mut needs_text = false;
            let all_fit = terms.iter().all(|term| {
                let fits = matches_term(catalog, prompt, text, term);
                let has_text = term.field == Field::Any
                    && hits.next().is_some_and(|rows| rows.binary_search(&at).is_ok());
                needs_text |= has_text && !fits;
                (fits || has_text) != term.is_excluded
            });
            if all_fit {
                if needs_text { &mut in_text } else { &mut rows }.push(at);
            }
        }
        if !words.is_empty() {
            let rank = |at: &usize| {
                let name = catalog.prompts[*at].name.as_str();
                words.iter().map(|term| rank(name, &term.value)).sum()
            };
            rows = sort_positions(rows.iter().map(rank)).into_iter().map(|at| rows[at]).collect();
        }
        SearchResults { rows, in_text, texts: TextSearchState::Unasked }
    }

    /// Returns the words of a query that a row has in its text alone.
    pub fn words_only_in_text(&self, at: usize, query: &Query) -> Vec<String> {
        let words = words(query).filter(|term| !term.is_excluded).map(|term| term.value);
        words.filter(|word| !self.texts[at].contains(word)).collect()
    }
}

/// Returns what a query looks for in texts.
pub fn words(query: &Query) -> impl Iterator<Item = Term> {
    query.terms().into_iter().filter(|term| term.field == Field::Any)
}

/// Returns the positions of keys from the lowest to the highest; equal ones stay in order. Every type
/// that is sorted costs two kilobytes to load, so that all sorting is done here.
pub fn sort_positions(keys: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut keys: Vec<(usize, usize)> = keys.enumerate().map(|(at, key)| (key, at)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, at)| at).collect()
}

/// How near a word is to a name: 0 for its last part, 3 when it is elsewhere.
fn rank(name: &str, word: &str) -> usize {
    let leaf = name.rsplit('/').next().unwrap_or(name);
    match leaf.find(word) {
        Some(0) if leaf.len() == word.len() => 0,
        Some(0) => 1,
        Some(_) => 2,
        None if name.contains(word) => 3,
        None => 4,
    }
}

fn matches_term(catalog: &Catalog, prompt: &CatalogPrompt, text: &str, term: &Term) -> bool {
    let value = term.value.as_str();
    let is_value = |text: &String| {
        text.eq_ignore_ascii_case(value) || (!text.is_ascii() && to_lower_case(text) == value)
    };
    match term.field {
        Field::Any => text.contains(value),
        Field::Folder => {
            let rest = prompt.name.as_str().strip_prefix(value.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.starts_with('/'))
        }
        Field::Tag => prompt.tags.iter().any(is_value),
        Field::Owner => prompt.owners.iter().any(is_value),
        Field::Model => {
            prompt.model.as_ref().is_some_and(|model| to_lower_case(model).contains(value))
        }
        Field::Environment => prompt.pointers.keys().any(|name| name.as_str() == value),
        Field::Drift => list_drifting_environments(&catalog.environments, prompt)
            .any(|environment| value == "any" || environment.as_str() == value),
        Field::State => match value {
            "replaced" => prompt.replaced_by.is_some(),
            "deprecated" => prompt.states.values().any(|state| *state == State::Deprecated),
            "yanked" => prompt.states.values().any(|state| *state == State::Yanked),
            _ => false,
        },
    }
}

/// Returns the environments that serve different versions of a prompt than the previous environment on the
/// promotion path.
pub fn list_drifting_environments<'e>(
    path: &'e [Environment],
    prompt: &'e CatalogPrompt,
) -> impl Iterator<Item = &'e Environment> {
    let differences = list_differences(path, &prompt.pointers);
    differences.filter(|difference| difference.is_of_versions()).map(|own| own.environment)
}

impl Facets {
    /// Counts the rows that a query finds.
    pub fn of(catalog: &Catalog, found: &SearchResults, query: &Query) -> Self {
        let chosen = query.folder().map(|term| format!("{}/", term.value.trim_end_matches('/')));
        let chosen = chosen.unwrap_or_default();
        let mut counts: BTreeMap<(Field, &str), usize> = BTreeMap::new();
        let mut add = |field, value| *counts.entry((field, value)).or_default() += 1;
        for at in found.all() {
            let prompt = &catalog.prompts[at];
            let name = prompt.name.as_str();
            if let Some((folder, _)) =
                name.strip_prefix(&chosen).and_then(|rest| rest.split_once('/'))
            {
                add(Field::Folder, &name[..chosen.len() + folder.len()]);
            }
            prompt.pointers.keys().for_each(|name| add(Field::Environment, name.as_str()));
            for environment in list_drifting_environments(&catalog.environments, prompt) {
                add(Field::Drift, environment.as_str());
            }
            for (state, word) in [(State::Deprecated, "deprecated"), (State::Yanked, "yanked")] {
                if prompt.states.values().any(|there| *there == state) {
                    add(Field::State, word);
                }
            }
            if prompt.replaced_by.is_some() {
                add(Field::State, "replaced");
            }
            prompt.tags.iter().for_each(|tag| add(Field::Tag, tag));
            prompt.owners.iter().for_each(|owner| add(Field::Owner, owner));
            prompt.model.iter().for_each(|model| add(Field::Model, model));
        }
        let by_name = |field: Field| -> Vec<FacetCount> {
            let counts = counts.iter().filter(|((of, _), _)| *of == field);
            counts.map(|((_, value), count)| ((*value).to_owned(), *count)).collect()
        };
        let in_path = |field: Field| {
            let counts = by_name(field);
            let count = |name: &Environment| {
                counts.iter().find(|(counted, _)| counted == name.as_str()).cloned()
            };
            catalog.environments.iter().filter_map(count).collect()
        };
        let by_count = |field: Field| {
            let counts = by_name(field);
            let order = sort_positions(counts.iter().map(|(_, count)| usize::MAX - count));
            order.into_iter().map(|at| counts[at].clone()).collect()
        };
        Self {
            folders: by_name(Field::Folder),
            environments: in_path(Field::Environment),
            drift: in_path(Field::Drift),
            states: by_name(Field::State),
            tags: by_count(Field::Tag),
            owners: by_count(Field::Owner),
            models: by_count(Field::Model),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let text = r#"{"format":1,"kind":"catalog","registry":"acme","sequences":{},
            "environments":["dev","staging","production"],"prompts":[
            {"name":"support/refund","title":"Refund reply","tags":["Billing"],"version_count":2,
             "pointers":{"dev":{"version":"1.1.0"},"staging":{"version":"1.0.0"},"production":{"version":"1.0.0"}}},
            {"name":"support/mail/greeting","about":"Says hello after a refund","version_count":1,
             "pointers":{"dev":{"version":"1.0.0"}},"states":{"1.0.0":"deprecated"}},
            {"name":"review","owners":["ana"],"model":"GPT-5","variable_names":["diff_text"],"version_count":1,
             "pointers":{"dev":{"version":"1.0.0"},"production":{"version":"0.9.0"}},
             "replaced_by":"support/refund"}]}"#;
        promptdex_wire::json::read(text.as_bytes()).unwrap()
    }

    fn list_found_names(text: &str) -> Vec<String> {
        let catalog = catalog();
        let query = Query { text: text.to_owned(), page: 0 };
        let found = CatalogIndex::new(&catalog).find(&catalog, &query, &[]);
        found.rows.iter().map(|at| catalog.prompts[*at].name.to_string()).collect()
    }

    #[test]
    fn every_kind_of_term_finds_its_rows() {
        let all = ["support/refund", "support/mail/greeting", "review"];
        for (text, expected) in [
            ("", all.as_slice()),
            ("REFUND", &["support/refund", "support/mail/greeting"]),
            ("refund -hello", &["support/refund"]),
            ("\"says hello\"", &["support/mail/greeting"]),
            ("diff_", &["review"]),
            ("tag:billing", &["support/refund"]),
            ("owner:ana", &["review"]),
            ("model:gpt", &["review"]),
            ("folder:support", &["support/refund", "support/mail/greeting"]),
            ("folder:support/mail", &["support/mail/greeting"]),
            ("folder:sup", &[]),
            ("-folder:support", &["review"]),
            ("env:production", &["support/refund", "review"]),
            ("-env:production", &["support/mail/greeting"]),
            ("drift:any", &["support/refund"]),
            ("drift:staging", &["support/refund"]),
            ("drift:production", &[]),
            ("is:deprecated", &["support/mail/greeting"]),
            ("is:replaced", &["review"]),
        ] {
            assert_eq!(list_found_names(text), expected, "{text}");
        }
    }

    #[test]
    fn a_row_fits_by_what_is_said_of_it_or_by_its_text() {
        let catalog = catalog();
        let check = |text: &str, hits: &[&[usize]], rows: &[usize], in_text: &[usize]| {
            let query = Query { text: text.to_owned(), page: 0 };
            let words = |rows: &&[usize]| rows.iter().map(usize::to_string).collect();
            let hits: Vec<Vec<String>> = hits.iter().map(words).collect();
            let found = CatalogIndex::new(&catalog).find(&catalog, &query, &hits);
            assert_eq!(
                (found.rows.as_slice(), found.in_text.as_slice()),
                (rows, in_text),
                "{text}"
            );
        };
        check("refund", &[], &[0, 1], &[]);
        check("refund", &[&[0, 2]], &[0, 1], &[2]);
        // One word by its name, another by its text.
        check("refund polite", &[&[], &[0, 2]], &[], &[0]);
        check("polite", &[&[0, 2]], &[], &[0, 2]);
        check("tag:billing polite", &[&[0, 2]], &[], &[0]);
        // What is left out is left out by either.
        check("refund -polite", &[&[0, 2], &[0]], &[1], &[2]);
        check("-hello -polite", &[&[], &[0]], &[2], &[]);
        let query = Query { text: "refund polite -x".to_owned(), page: 0 };
        assert_eq!(CatalogIndex::new(&catalog).words_only_in_text(0, &query), ["polite"]);
    }

    #[test]
    fn facets_count_what_is_found() {
        let catalog = catalog();
        let query = Query { text: "folder:support".to_owned(), page: 0 };
        let found = CatalogIndex::new(&catalog).find(&catalog, &query, &[]);
        let count = |value: &str, number| (value.to_owned(), number);
        assert_eq!(
            Facets::of(&catalog, &found, &query),
            Facets {
                folders: vec![count("support/mail", 1)],
                environments: vec![count("dev", 2), count("staging", 1), count("production", 1)],
                drift: vec![count("staging", 1)],
                states: vec![count("deprecated", 1)],
                tags: vec![count("Billing", 1)],
                owners: vec![],
                models: vec![],
            }
        );
    }
}
