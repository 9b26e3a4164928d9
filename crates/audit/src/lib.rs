//! The audit trail for the site: which events fit a question, what environments served on some day, what
//! changed since a release, and what a promotion would need, by the same code as the commands.
//!
//! It runs in a worker of its own, so that reading the history does not load the code that renders and
//! compares. The functions take documents as they are published and answer in JSON; what they cannot do is
//! `{"failed": "…"}`.
//!
//! ```
//! let month = r#"{"format":1,"kind":"history_month","events":[{"name":"a","change_type":"created","new_value":{"version":"1.0.0"},"sequence":1}]}"#;
//! let answer = promptdex_audit::history_csv(vec![month.to_owned()], Vec::new());
//! assert!(answer.contains(r"\r\n,a,,created,,1.0.0,,,,,1\r\n"), "{answer}");
//! ```

use promptdex_wire::Digest;
use promptdex_wire::engine::{PromotionCheck, answer};
use wasm_bindgen::prelude::wasm_bindgen;

mod document;
mod events;
mod line;
mod point_in_time;
mod promotion_check;

/// Returns the digest of a file of the registry, as it stands in file names: what is named so is held to it.
#[wasm_bindgen]
pub fn digest_hex(text: &str) -> String {
    Digest::of(text.as_bytes()).hex()
}

/// Returns how many events of history documents fit a filter, and the newest of them, so many after some: a list with the
/// number, and then each a `promptdex_wire::engine::EventRow`.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn history_rows(
    documents: Vec<String>,
    filter: Vec<String>,
    skip: usize,
    count: usize,
) -> String {
    answer(|| events::rows(&documents, &filter, skip, count))
}

/// Writes the events that fit a filter as CSV: a list of one text.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn history_csv(documents: Vec<String>, filter: Vec<String>) -> String {
    answer(|| Ok([events::csv(&documents, &filter)?]))
}

/// Returns what environments served at the end of a day, each a `promptdex_wire::engine::ServedRow`.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn served_on(documents: Vec<String>, day: &str, filter: Vec<String>) -> String {
    answer(|| point_in_time::list_served(&documents, day, &filter))
}

/// Returns the paths of what a release serves: without a snapshot that one, else its shards.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn release_parts(release: &str, snapshot: Option<String>) -> String {
    answer(|| point_in_time::list_release_parts(release, snapshot.as_deref()))
}

/// Returns what two releases do not serve alike, each a `promptdex_wire::engine::ChangedRow`.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn changed_since(then: Vec<String>, now: Vec<String>) -> String {
    answer(|| point_in_time::list_changes_between(&then, &now))
}

/// Returns the versions whose promises a promotion to the last environment has to keep or keeps: a list of texts.
#[wasm_bindgen]
pub fn promised_versions(versions: &str, from: &str, to: &str) -> String {
    answer(|| promotion_check::list_needed_documents(versions, from, to))
}

/// Returns what a promotion would do and need now, and who may make it: `promptdex_wire::engine::PromotionCheck` as lists.
/// `documents` are those of [`promised_versions`], for the last environment: callers of other environments
/// are not checked.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn promotion_needs(
    policy: &str,
    versions: &str,
    history: &str,
    documents: Option<Vec<String>>,
    from: &str,
    to: &str,
    now: &str,
) -> String {
    answer(|| {
        let documents = documents.as_deref();
        promotion_check::check_promotion(policy, versions, history, documents, [from, to], now)
            .map(PromotionCheck::into_lists)
    })
}

/// Returns the teams of a policy, each a `promptdex_wire::engine::TeamRow`.
#[wasm_bindgen]
pub fn policy_teams(policy: &str) -> String {
    answer(|| promotion_check::teams(policy))
}
