//! What a newer promptdex may write is rendered, compared and searched as `conformance/extensions.json` says.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../wire/tests/extensions/table.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod table;

use promptdex_engine::{
    compare, compare_cases, find_in, render, search_rows, search_shards, shown_versions,
};
use promptdex_wire::{Digest, Kind};
use serde_json::Value;

use table::{Extension, Outcome, extensions, put, table};

const KINDS: [Kind; 4] = [Kind::Version, Kind::Versions, Kind::Cases, Kind::Search];

/// Returns what is answered to everything that has to do with a document.
fn answers(document: &str, own: &Value) -> Vec<String> {
    let table = table();
    let today = |name: &str| &table["documents"][name];
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let find = |versions: &Value, version: &Value| {
        let text = version.to_string();
        let mut versions = versions.clone();
        if let Some(row) = versions.pointer("/versions/1/digest")
            && row.as_str().unwrap().starts_with("sha256:")
        {
            let digest = Digest::of(text.as_bytes()).to_string();
            put(&mut versions, "/versions/1/digest", digest.into());
        }
        find_in(words(&["answer"]), &versions.to_string(), vec![text])
    };
    match document {
        "version" => {
            let (own, other) = (own.to_string(), today(document).to_string());
            vec![
                render(&own, r#"{"shop":"Acme","order":7}"#),
                compare(&other, &own, false, false),
                compare_cases(&other, &own, &today("cases").to_string(), false, false),
                find(today("versions"), &serde_json::from_str(&own).unwrap()),
            ]
        }
        "cases" => {
            let version = today("version").to_string();
            vec![compare_cases(&version, &version, &own.to_string(), false, false)]
        }
        "versions" => vec![shown_versions(&own.to_string()), find(own, today("version"))],
        "search" => {
            let boundaries: Vec<String> = words(&["", "re"]);
            assert!(search_shards(words(&["refund"]), boundaries).contains("7265.json"));
            let names = today(document)["names"].as_str().unwrap();
            vec![search_rows(words(&["reason", "退款"]), names, vec![own.to_string()])]
        }
        other => panic!("nothing is asked of {other}"),
    }
}

fn is_failed(answer: &str) -> bool {
    answer.starts_with(r#"{"failed""#)
}

#[test]
fn what_is_new_changes_no_answer_or_is_refused() {
    for Extension { name, document, today, extended, outcome, .. } in extensions(&KINDS) {
        let (before, after) = (answers(&document, &today), answers(&document, &extended));
        assert!(!before.iter().any(|answer| is_failed(answer)), "{name}: {before:?}");
        match outcome {
            Outcome::Read => assert_eq!(after, before, "{name}"),
            // What is served in an unknown form is not searched: here, version 1.1.0 still is, as an arm of a rollout.
            Outcome::PartRefused(_) => assert_eq!(after, before, "{name}"),
            Outcome::Refused => {
                for answer in after {
                    let is_refused = is_failed(&answer) && answer.contains("needs a newer");
                    assert!(is_refused, "{name}: {answer}");
                }
            }
        }
    }
}
