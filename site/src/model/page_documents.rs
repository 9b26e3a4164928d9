//! Which documents a page shows. The compiler writes a page from them and tells the browser to fetch some at once, and
//! the app reads them before it takes the page over.

use std::ops::Range;
use std::sync::Arc;

use promptdex_wire::catalog::{VersionRow, Versions};
use promptdex_wire::{Chain, Environment, Page, PromptName, RegistryPath};

use super::prompt::{NoVersion, choose_version, document};
use super::shown_documents::ShownRegistry;
use crate::route::{Route, View};

/// The most releases of an environment that the history shows.
pub const SHOWN_RELEASES: u64 = 20;

/// What the documents read so far say about which others a page shows.
#[derive(Debug, Clone, Default)]
pub struct KnownDocuments {
    /// The facts of the registry.
    pub registry: Option<Arc<ShownRegistry>>,
    /// The files of the list of versions of the prompt that the page is about, the newest first.
    pub versions: Vec<Arc<Versions>>,
    /// The number of the newest release of each environment.
    pub newest: Vec<(Environment, u64)>,
}

/// Returns the documents that a page shows, as far as they are known. Some name others: whoever reads what is returned
/// asks again, until nothing new is returned. An address that leads nowhere has no route.
pub fn page_documents(route: Option<&Route>, known: &KnownDocuments) -> Vec<RegistryPath> {
    let mut paths = vec![RegistryPath::Registry];
    match route {
        Some(Route::Catalogue(_) | Route::Environments(..)) => paths.push(RegistryPath::Catalog),
        Some(Route::Prompt(name, view)) => {
            paths.push(RegistryPath::Versions(name.clone()));
            paths.extend(version_documents(view, known));
        }
        Some(Route::History(_)) => {
            paths.push(RegistryPath::Catalog);
            paths.extend(pointers(known));
            for (environment, newest) in &known.newest {
                let chain = Chain::Environment(environment.clone());
                let older = older_releases(*newest);
                paths.extend(older.map(|number| RegistryPath::Release(chain.clone(), number)));
            }
        }
        Some(Route::Status) => paths.extend(pointers(known)),
        None => {}
    }
    paths
}

/// Whether the HTML of a page tells the browser to fetch a document before the app asks for it: everything that the
/// page of a prompt shows, and never the catalog, the pointers and the releases, which are large or many.
pub fn is_preloaded(page: &Page, path: &RegistryPath) -> bool {
    match page {
        Page::Prompt(_) => true,
        Page::Catalogue | Page::Environments => *path == RegistryPath::Registry,
        Page::History | Page::Status | Page::NotFound => false,
    }
}

/// Returns the documents of the version that the page of a prompt shows, and the files of older versions up to the one
/// that lists it. Those of a comparison are read when it is shown.
fn version_documents(view: &View, known: &KnownDocuments) -> Vec<RegistryPath> {
    let mut paths = Vec::new();
    let Some(registry) = &known.registry else { return paths };
    let (View::Version(choice) | View::Play(choice)) = view else { return paths };
    for read in 1..=known.versions.len() {
        let files = &known.versions[..read];
        match choose_version(files, &registry.environments, choice) {
            Err(NoVersion::Unread(page)) => paths.push(RegistryPath::Snapshot(page.digest)),
            Err(_) => break,
            Ok(row) => {
                paths.push(document(&files[0], row).0);
                paths.extend(cases(&files[0].name, row));
                break;
            }
        }
    }
    paths
}

/// Returns the document with the cases of a version, if it has any.
pub fn cases(name: &PromptName, row: &VersionRow) -> Option<RegistryPath> {
    (row.case_count > 0).then(|| RegistryPath::Cases(name.clone(), row.version.clone()))
}

/// Returns the chains of a registry: its environments, and then its catalog.
pub fn chains(registry: &ShownRegistry) -> Vec<Chain> {
    let environments = registry.environments.iter().cloned().map(Chain::Environment);
    environments.chain([Chain::Catalog]).collect()
}

fn pointers(known: &KnownDocuments) -> Vec<RegistryPath> {
    let chains = known.registry.as_ref().map(|registry| chains(registry)).unwrap_or_default();
    chains.into_iter().map(RegistryPath::Pointer).collect()
}

/// Returns the numbers of the releases that the history shows below the newest one of an environment.
pub fn older_releases(newest: u64) -> Range<u64> {
    newest.saturating_sub(SHOWN_RELEASES) + 1..newest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::query::Query;
    use crate::route::{Audit, Choice, Compare};

    fn registry() -> ShownRegistry {
        let text = r#"{"format":1,"kind":"registry","registry":"acme","visibility":"public","environments":["staging","production"],
            "bundles":[],"tokenizer":"o200k_base"}"#;
        promptdex_wire::json::read(text.as_bytes()).unwrap()
    }

    fn versions() -> Versions {
        let digest = format!("sha256:{}", "0".repeat(64));
        let text = format!(
            r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{}},"pointers":{{"production":{{"version":"1.0.0"}}}},
            "versions":[{{"version":"1.1.0","digest":"{digest}","size":1,"source_digest":"{digest}","state":"active","case_count":2}},
            {{"version":"1.0.0","digest":"{digest}","size":1,"source_digest":"{digest}","state":"active"}}]}}"#
        );
        promptdex_wire::json::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_page_has_its_documents() {
        let name: PromptName = "a".parse().unwrap();
        let prompt = |view: View| Some(Route::Prompt(name.clone(), view));
        let version = |text: &str| Choice::Version(text.parse().unwrap());
        let nothing = KnownDocuments::default();
        let facts =
            KnownDocuments { registry: Some(Arc::new(registry())), ..KnownDocuments::default() };
        let prompt_facts = KnownDocuments { versions: vec![Arc::new(versions())], ..facts.clone() };
        let numbers = KnownDocuments {
            newest: vec![("staging".parse().unwrap(), 1), ("production".parse().unwrap(), 3)],
            ..facts.clone()
        };
        let registry = "api/registry.json";
        let catalog = "api/catalog.json";
        let own = "api/prompts/a/versions.json";
        let first = "api/prompts/a/versions/1.0.0.json";
        let second = "api/prompts/a/versions/1.1.0.json";
        let second_cases = "api/prompts/a/cases/1.1.0.json";
        let pointers = [
            "api/environments/staging.json",
            "api/environments/production.json",
            "api/environments/catalog.json",
        ];
        let history = [&[registry, catalog][..], &pointers].concat();
        let releases = [
            history.as_slice(),
            &[
                "api/environments/production/releases/1.json",
                "api/environments/production/releases/2.json",
            ],
        ]
        .concat();
        let status = [&[registry][..], &pointers].concat();
        let view = |choice| prompt(View::Version(choice));
        for (route, known, expected) in [
            (None, &nothing, vec![registry]),
            (None, &numbers, vec![registry]),
            (Some(Route::Catalogue(Query::default())), &nothing, vec![registry, catalog]),
            (Some(Route::Catalogue(Query::default())), &numbers, vec![registry, catalog]),
            (Some(Route::Environments(None, 0)), &numbers, vec![registry, catalog]),
            (view(Choice::Default), &nothing, vec![registry, own]),
            (view(Choice::Default), &facts, vec![registry, own]),
            (view(Choice::Default), &prompt_facts, vec![registry, own, first]),
            (view(version("1.1.0")), &prompt_facts, vec![registry, own, second, second_cases]),
            (
                view(Choice::Environment("production".parse().unwrap())),
                &prompt_facts,
                vec![registry, own, first],
            ),
            (view(version("9.0.0")), &prompt_facts, vec![registry, own]),
            (view(Choice::Unreadable("x".to_owned())), &prompt_facts, vec![registry, own]),
            (
                prompt(View::Play(version("1.1.0"))),
                &prompt_facts,
                vec![registry, own, second, second_cases],
            ),
            (prompt(View::Compare(Compare::default())), &prompt_facts, vec![registry, own]),
            (Some(Route::History(Audit::default())), &nothing, vec![registry, catalog]),
            (Some(Route::History(Audit::default())), &facts, history),
            (Some(Route::History(Audit::default())), &numbers, releases),
            (Some(Route::Status), &nothing, vec![registry]),
            (Some(Route::Status), &numbers, status),
        ] {
            let paths = page_documents(route.as_ref(), known);
            let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
            assert_eq!(paths, expected, "{route:?} {known:?}");
        }
    }

    #[test]
    fn pages_preload_what_is_small() {
        let (registry, catalog) = (RegistryPath::Registry, RegistryPath::Catalog);
        let name: PromptName = "a".parse().unwrap();
        let versions = RegistryPath::Versions(name.clone());
        for (page, path, expected) in [
            (Page::Catalogue, &registry, true),
            (Page::Catalogue, &catalog, false),
            (Page::Environments, &registry, true),
            (Page::Environments, &catalog, false),
            (Page::Prompt(name), &versions, true),
            (Page::History, &registry, false),
            (Page::Status, &registry, false),
            (Page::NotFound, &registry, false),
        ] {
            assert_eq!(is_preloaded(&page, path), expected, "{page:?} {path}");
        }
    }

    #[test]
    fn the_history_shows_the_newest_releases() {
        for (newest, expected) in
            [(0, (1, 0)), (1, (1, 1)), (2, (1, 2)), (20, (1, 20)), (21, (2, 21))]
        {
            let older = older_releases(newest);
            assert_eq!((older.start, older.end), expected);
        }
    }
}
