//! Shows the results of comparing two versions.

use leptos::prelude::*;
use promptdex_compare::comparison::Comparison;
use promptdex_compare::contract::Compatibility;
use promptdex_wire::catalog::{VersionRow, Versions};

use crate::data::{DocumentText, LoadState, Pending, Store};
use crate::engine::{Question, ask};
use crate::model::prompt::document;
use crate::route::Compare;
use crate::view::{view, watch};

/// Returns the text of a version's document.
pub fn document_text(versions: &Versions, row: &VersionRow) -> Pending<DocumentText> {
    let (path, blob) = document(versions, row);
    Store::get().verified_document(path, blob)
}

/// Lets the engine compare two versions: returns a summary and all differences.
pub fn compare_versions(
    versions: &Versions,
    a: &VersionRow,
    b: &VersionRow,
    compare: &Compare,
) -> Pending<(String, Comparison)> {
    let [a, b] = [a, b].map(|row| document_text(versions, row));
    let answer = Pending::default();
    let pending = answer.clone();
    let (ignores_whitespace, is_full) = (compare.ignores_whitespace, compare.is_full);
    watch(move || match (a.get(), b.get()) {
        (LoadState::Ready(a), LoadState::Ready(b)) => {
            let (a, b) = (a.0.clone(), b.0.clone());
            ask(Question::Compare { a, b, ignores_whitespace, is_full }, pending.clone());
        }
        (LoadState::Failed(problem), _) | (_, LoadState::Failed(problem)) => {
            pending.fail(Some(problem));
        }
        (LoadState::Absent, _) | (_, LoadState::Absent) => pending.fail(None),
        (LoadState::Loading, _) | (_, LoadState::Loading) => {}
    });
    answer
}

/// The word for what a change means for callers.
#[component]
pub fn VerdictWord(
    /// The verdict.
    of: Compatibility,
) -> impl IntoView {
    let (word, class) = match of {
        Compatibility::Compatible => ("compatible", "state ok"),
        Compatibility::Additive => ("additive", "state"),
        Compatibility::Breaking => ("breaking", "state error"),
    };
    view! { <strong class=class>{word}</strong> }
}
