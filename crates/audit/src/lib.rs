//! The audit trail for the site: which events fit a question, what environments served on some day, what changed
//! since a release, and what a promotion would need, by the very judgement of the commands.
//!
//! It runs in a worker of its own, so that whoever asks about the past does not load what renders and compares. The
//! functions take documents as they are published and answer in JSON; what they cannot do is `{"failed": "…"}`.
//!
//! ```
//! let month = r#"{"events":[{"name":"a","change_type":"created","new_value":{"version":"1.0.0"},"sequence":1}]}"#;
//! let answer = promptdex_audit::history_csv(vec![month.to_owned()], Vec::new());
//! assert!(answer.contains(r"\r\n,a,,created,,1.0.0,,,,,1\r\n"), "{answer}");
//! ```

use promptdex_wire::engine::answer;
use promptdex_wire::event::Target;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;

mod events;
mod rules;
mod served;

/// Returns the newest events of history documents that fit a filter, so many after some:
/// `promptdex_wire::engine::Lists`.
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

/// Returns what environments served at the end of a day: `promptdex_wire::engine::Lists`.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn served_on(documents: Vec<String>, day: &str, filter: Vec<String>) -> String {
    answer(|| served::on(&documents, day, &filter))
}

/// Returns the paths of what a release serves: without a snapshot that one, else its shards.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn release_parts(release: &str, snapshot: Option<String>) -> String {
    answer(|| served::parts(release, snapshot.as_deref()))
}

/// Returns what two releases do not serve alike: `promptdex_wire::engine::Lists`.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn changed_since(then: Vec<String>, now: Vec<String>) -> String {
    answer(|| served::changed_since(&then, &now))
}

/// Returns the versions whose promises a promotion to the last environment has to keep or keeps: a list of texts.
#[wasm_bindgen]
pub fn promised_versions(versions: &str, from: &str, to: &str) -> String {
    answer(|| rules::promised(versions, from, to))
}

/// Says what a promotion would do and need now, and who may make it: `promptdex_wire::engine::Lists`. `documents` are
/// those of [`promised_versions`], for the last environment: callers of another one are not asked.
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
    answer(|| rules::needs(policy, versions, history, documents.as_deref(), [from, to], now))
}

/// Returns the teams of a policy: `promptdex_wire::engine::Lists`.
#[wasm_bindgen]
pub fn policy_teams(policy: &str) -> String {
    answer(|| rules::teams(policy))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    promptdex_reader::read(text).map_err(|error| error.to_string())
}

/// Adds to a list that is written in one line.
fn add(line: &mut String, text: &str) {
    if !line.is_empty() && !text.is_empty() {
        line.push_str(", ");
    }
    line.push_str(text);
}

/// Joins texts in one line.
fn joined<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let mut all = String::new();
    texts.into_iter().for_each(|text| add(&mut all, text));
    all
}

/// Writes what a pointer says: `1.1.0`, `1: 1.4.2, 2: 2.0.0`, `warmer-tone: control 1.4.2 90 %, warm 1.5.0 10 %`.
fn shown(target: Option<&Target>) -> String {
    let mut line = String::new();
    match target {
        None => {}
        Some(Target::Version(version)) => line.push_str(&version.to_string()),
        Some(Target::Tracks(tracks)) => {
            for (major, version) in tracks {
                add(&mut line, &major.to_string());
                line.push_str(": ");
                line.push_str(&version.to_string());
            }
        }
        Some(Target::Rollout(rollout)) => {
            for arm in &rollout.arms {
                add(&mut line, &arm.key);
                line.push(' ');
                line.push_str(&arm.version.to_string());
                line.push(' ');
                line.push_str(&percent(arm.weight.hundredths()));
                line.push_str(" %");
            }
            if let Some(experiment) = &rollout.experiment {
                line.insert_str(0, ": ");
                line.insert_str(0, experiment);
            }
        }
    }
    line
}

/// Writes hundredths of a per cent as the wire has them: `90`, `12.5`.
fn percent(hundredths: u16) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns the version that callers get who ask for nothing special.
fn main_of(target: Option<&Target>) -> String {
    target.and_then(Target::main).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_written_in_a_line() {
        let arms = r#""arms":[{"key":"control","version":"1.4.2","weight":87.5},{"key":"warm","version":"1.5.0","weight":12.5}]"#;
        for (target, expected, main) in [
            (r#"{"version":"1.1.0"}"#.to_owned(), "1.1.0", "1.1.0"),
            (
                r#"{"tracks":{"10":"10.0.0","2":"2.0.0","1":"1.4.2"}}"#.to_owned(),
                "1: 1.4.2, 2: 2.0.0, 10: 10.0.0",
                "1.4.2",
            ),
            (
                format!(r#"{{"rollout":{{{arms}}}}}"#),
                "control 1.4.2 87.5 %, warm 1.5.0 12.5 %",
                "1.4.2",
            ),
            (
                format!(r#"{{"rollout":{{"experiment":"warmer-tone",{arms}}}}}"#),
                "warmer-tone: control 1.4.2 87.5 %, warm 1.5.0 12.5 %",
                "1.4.2",
            ),
        ] {
            let target: Target = parse(&target).unwrap();
            assert_eq!(
                (shown(Some(&target)).as_str(), main_of(Some(&target)).as_str()),
                (expected, main)
            );
        }
        assert_eq!([percent(10_000), percent(1), percent(0)], ["100", "0.01", "0"]);
    }
}
