//! Searches the shards of the texts of a registry, and the documents that they lead to.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use promptdex_wire::catalog::{State, Versions};
use promptdex_wire::engine::{Excerpt, FoundVersion, Lists, TextMatches};
use promptdex_wire::event::Target;
use promptdex_wire::search::{
    NormalizedText, QueryTerm, TextPlace, from_gaps, is_unspaced, parse_query, texts,
};
use promptdex_wire::{
    Digest, Document, Kind, Open, RegistryPath, Role, SearchShard, ShardName, Version,
    VersionDocument,
};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::document::read;

/// Places that are shown of one prompt.
const PLACES: usize = 3;

/// Characters that are shown before and after a word.
const AROUND: usize = 60;

/// The fields of a shard that are needed here.
#[derive(Deserialize)]
struct ShardTerms {
    names: Digest,
    terms: Entries<Vec<u32>>,
}

impl Document for ShardTerms {
    const KIND: Kind = SearchShard::KIND;
}

/// The fields of `versions.json` that are needed here.
#[derive(Deserialize)]
struct PromptVersions {
    #[serde(default)]
    pointers: Entries<Open<Target>>,
    versions: Vec<PromptVersionRow>,
}

impl Document for PromptVersions {
    const KIND: Kind = Versions::KIND;
}

/// The fields of a version in `versions.json` that are needed here.
#[derive(Deserialize)]
struct PromptVersionRow {
    version: Version,
    digest: Digest,
    state: Open<State>,
}

/// The entries of an object, in their order. What is only gone through needs no map.
struct Entries<T>(Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// Composes letters and their marks (NFC), as they are in the index.
fn composed(text: &str) -> Cow<'_, str> {
    // Below the first mark every letter is one character.
    if text.chars().all(|character| character < '\u{300}') {
        return Cow::Borrowed(text);
    }
    #[cfg(target_arch = "wasm32")]
    let text = String::from(js_sys::JsString::from(text).normalize("NFC"));
    #[cfg(not(target_arch = "wasm32"))]
    let text = unicode_normalization::UnicodeNormalization::nfc(text).collect();
    Cow::Owned(text)
}

/// Returns the terms to look up for a word. A single letter would match nearly everything; a single Chinese
/// character is a word.
fn terms(word: &str) -> Vec<QueryTerm> {
    let terms: Vec<QueryTerm> = parse_query(&composed(word)).collect();
    match terms.as_slice() {
        [only] if only.text.chars().nth(1).is_none() && !only.text.chars().all(is_unspaced) => {
            Vec::new()
        }
        _ => terms,
    }
}

/// Returns the paths of the shards that have what words ask for, each once.
pub(crate) fn shards(words: &[String], boundaries: &[String]) -> Vec<String> {
    let terms = words.iter().flat_map(|word| terms(word));
    let mut needed: Vec<usize> = terms.flat_map(|asked| asked.shards(boundaries)).collect();
    needed.sort_unstable();
    needed.dedup();
    let shards = needed.into_iter().filter_map(|at| ShardName::of_boundary(boundaries.get(at)?));
    shards.map(|shard| RegistryPath::Search(shard).to_string()).collect()
}

/// Returns for each word the rows of the catalog whose texts have all its terms. The shards must be of
/// the catalog with these names.
pub(crate) fn search(words: &[String], names: &str, shards: &[String]) -> Result<Lists, String> {
    let mut index: Vec<ShardTerms> = Vec::new();
    for shard in shards {
        let shard: ShardTerms = read(shard)?;
        if shard.names.to_string() != names {
            let problem = "The registry was republished. Reload the page.";
            return Err(problem.to_owned());
        }
        index.push(shard);
    }
    let rows = |asked: &QueryTerm| -> Vec<u32> {
        let terms = index.iter().flat_map(|shard| &shard.terms.0);
        let mut rows = Vec::new();
        for (_, gaps) in terms.filter(|(term, _)| asked.fits(term)) {
            rows.extend(from_gaps(gaps.iter().copied()));
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    let of_word = |word: &String| -> Vec<String> {
        let all = terms(word).iter().map(rows).reduce(|mut a, b| {
            a.retain(|row| b.binary_search(row).is_ok());
            a
        });
        all.into_iter().flatten().map(|row| row.to_string()).collect()
    };
    Ok(words.iter().map(of_word).collect())
}

/// Returns the versions of a prompt whose texts are searched, according to `versions`: the highest one,
/// then those that are live.
pub(crate) fn shown_versions(versions: &str) -> Result<Vec<String>, String> {
    let versions: PromptVersions = read(versions)?;
    let active = versions.versions.iter().filter(|row| {
        let is_active = matches!(row.state.get(), Some(State::Active | State::Deprecated));
        is_active && !row.version.is_pre_release()
    });
    // Pages of older versions may have higher ones.
    let highest = active.map(|row| &row.version).max();
    // What a newer promptdex serves in a form of its own is not looked through.
    let pointers = versions.pointers.0.iter().filter_map(|(_, target)| target.known());
    let served = pointers.flat_map(Target::versions);
    let mut shown: Vec<String> = Vec::new();
    for version in highest.into_iter().chain(served) {
        let version = version.to_string();
        if !shown.contains(&version) {
            shown.push(version);
        }
    }
    Ok(shown)
}

/// Looks for words in the versions of a prompt, best one first: each word must occur in one of them.
/// Returns the first version that has a word, with excerpts, unless a word occurs in none.
pub(crate) fn find(
    words: &[String],
    versions: &str,
    documents: &[String],
) -> Result<TextMatches, String> {
    let versions: PromptVersions = read(versions)?;
    let words: Vec<Cow<'_, str>> = words.iter().map(|word| composed(word)).collect();
    let mut missing: Vec<&Cow<'_, str>> = words.iter().collect();
    let mut found = None;
    for document in documents {
        let digest = Digest::of(document.as_bytes());
        let version: VersionDocument = read(document)?;
        let number = version.version.to_string();
        let mut rows = versions.versions.iter();
        if !rows.any(|row| row.version == version.version && row.digest == digest) {
            return Err(format!("digest mismatch: version {number}"));
        }
        let is_first = found.is_none();
        let mut last = None;
        texts(&version.messages, version.examples.as_deref(), |place, text| {
            let text = composed(&text);
            let folded = NormalizedText::new(&text);
            let mut first = None;
            for word in &words {
                if let Some(hit) = folded.find(word) {
                    missing.retain(|missing| *missing != word);
                    first.get_or_insert(hit);
                }
            }
            let Some(hit) = first.filter(|_| is_first && last != Some(place)) else { return };
            let new = || FoundVersion { version: number.clone(), excerpts: Vec::new() };
            let excerpts = &mut found.get_or_insert_with(new).excerpts;
            if excerpts.len() < PLACES {
                last = Some(place);
                excerpts.push(Excerpt {
                    place: describe(place),
                    before: end(&text[..hit.start]),
                    after: beginning(&text[hit.end..]),
                    words: text[hit].to_owned(),
                });
            }
        });
    }
    let found = found.filter(|_| missing.is_empty());
    Ok(found.map_or(TextMatches::Nowhere, TextMatches::Found))
}

fn describe(place: TextPlace) -> String {
    match place {
        TextPlace::Message(1, Some(Role::System)) => "system message".to_owned(),
        TextPlace::Message(number, Some(role)) => format!("message {number}, {}", role.as_str()),
        TextPlace::Message(number, None) => format!("message {number}, for examples"),
        TextPlace::Example(number) => format!("example {number}"),
    }
}

/// Returns the last characters of a text.
fn end(text: &str) -> String {
    match text.char_indices().rev().nth(AROUND) {
        Some((at, dropped)) => format!("…{}", &text[at + dropped.len_utf8()..]),
        None => text.to_owned(),
    }
}

/// Returns the first characters of a text.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(AROUND) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn digest(text: &str) -> String {
        Digest::of(text.as_bytes()).to_string()
    }

    fn shard(from: &str, terms: &str) -> String {
        format!(
            r#"{{"format":1,"kind":"search","registry":"acme","sequences":{{}},"names":"{}","from":"{from}","terms":{{{terms}}}}}"#,
            digest("a")
        )
    }

    #[test]
    fn a_word_asks_for_one_shard() {
        let boundaries = words(&["", "refund", "refv", "退"]);
        let check = |word: &str, expected: &[&str]| {
            assert_eq!(shards(&words(&[word]), &boundaries), expected, "{word}");
        };
        check("refund", &["api/search/726566756e64.json"]);
        check(
            "ref",
            &["api/search/start.json", "api/search/726566756e64.json", "api/search/72656676.json"],
        );
        check("退款", &["api/search/e98080.json"]);
        check("退", &["api/search/e98080.json"]);
        check("a", &[]);
        check("a b", &["api/search/start.json"]);
        check("{{", &[]);
    }

    #[test]
    fn rows_have_every_term_of_a_word() {
        let shards = [
            shard("", r#""policy":[1,1],"refund":[0,2],"refunds":[1]"#),
            shard("退", r#""款":[0],"款政":[2],"退款":[2,1]"#),
        ];
        let asked = words(&["refund", "refund policy", "退款政", "退", "x"]);
        assert_eq!(
            search(&asked, &digest("a"), &shards).unwrap(),
            [words(&["0", "1", "2"]), words(&["2"]), words(&["2"]), words(&["2", "3"]), vec![]]
        );
        assert_eq!(
            search(&asked, &digest("b"), &shards).unwrap_err(),
            "The registry was republished. Reload the page."
        );
        assert!(search(&asked, &digest("a"), &words(&["{}"])).is_err());
    }

    #[test]
    fn what_is_shown_is_the_highest_version_and_what_is_served() {
        let row = |version: &str, state: &str| {
            let digest = digest(version);
            format!(r#"{{"version":"{version}","digest":"{digest}","state":"{state}"}}"#)
        };
        let rows = [
            row("1.3.0", "active"),
            row("2.0.0", "yanked"),
            row("2.0.0-rc.1", "active"),
            row("1.5.0", "frozen"),
            row("1.4.0", "deprecated"),
        ];
        let arm = |version: &str| {
            format!(r#"{{"key":"v{version}","version":"{version}","weight":50,"buckets":5000}}"#)
        };
        let pointers = format!(
            r#""dev":{{"version":"1.4.0"}},"production":{{"tracks":{{"1":{{"rollout":{{"arms":[{}]}}}},"2":{{"version":"2.0.0"}}}}}},
            "qa":{{"schedule":[]}},"staging":{{"rollout":{{"arms":[{},{}]}}}}"#,
            arm("1.1.0"),
            arm("1.2.0"),
            arm("1.1.0")
        );
        let versions = |rows: &[String], pointers: &str| {
            let rows = rows.join(",");
            format!(
                r#"{{"format":1,"kind":"versions","versions":[{rows}],"pointers":{{{pointers}}}}}"#
            )
        };
        let shown = shown_versions(&versions(&rows, &pointers));
        assert_eq!(shown.unwrap(), ["1.4.0", "1.1.0", "2.0.0", "1.2.0"]);
        assert_eq!(shown_versions(&versions(&[], "")).unwrap(), [""; 0]);
    }

    #[test]
    fn places_are_told_and_what_is_not_there_is_not() {
        let document = |number: &str, system: &str| {
            format!(
                r#"{{"format":1,"kind":"version","id":"x","registry":"acme","name":"a","version":"{number}",
                "source_digest":"{}","template":"plain","messages":[{{"role":"system","content":"{system}"}},
                {{"role":"user","content":"About the refund\n policy, {}"}}],
                "examples":[{{"input":"no"}},{{"output":["my Refund"]}},{{"input":"café"}},{{"input":"réglé"}}]}}"#,
                digest(""),
                "long ".repeat(20),
            )
        };
        let (new, old) = (document("1.1.0", "Be kind."), document("1.0.0", "Refund."));
        let row = |number: &str, digest: &str| {
            format!(
                r#"{{"version":"{number}","digest":"{digest}","size":1,"source_digest":"{digest}","state":"active"}}"#
            )
        };
        let versions = format!(
            r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{}},"versions":[{},{}]}}"#,
            row("1.1.0", &digest(&new)),
            row("1.0.0", &digest(&old)),
        );
        let documents = [new, old.clone()];
        let find = |asked: &[&str]| find(&words(asked), &versions, &documents).unwrap().into_list();
        let found = find(&["refund policy", "kind"]);
        let after = format!(", {}…", &"long ".repeat(20)[..58]);
        let expected = ["1.1.0", "system message", "Be ", "kind", "."];
        let more = ["message 2, user", "About the ", "refund\n policy", &after];
        assert_eq!(found, [&expected[..], &more].concat());
        let texts =
            |found: &[String]| -> Vec<String> { found[1..].iter().step_by(4).cloned().collect() };
        assert_eq!(texts(&find(&["refund"])), ["message 2, user", "example 2"]);
        // One word only in an older version, which is served: the prompt has all of them.
        let found = find(&["kind", "refund."]);
        assert_eq!((found[0].as_str(), texts(&found)), ("1.1.0", words(&["system message"])));
        assert_eq!(find(&["refund policies"]), [""; 0]);
        // Typed and written in different ways: a letter with a mark is one character or two.
        assert_eq!(texts(&find(&["cafe\u{301}"])), ["example 3"]);
        assert_eq!(texts(&find(&["caf\u{e9}", "re\u{301}gle\u{301}"])), ["example 3", "example 4"]);
        assert_eq!(
            super::find(&words(&["x"]), &versions, &[old + " "]).unwrap_err(),
            "digest mismatch: version 1.0.0"
        );
    }
}
