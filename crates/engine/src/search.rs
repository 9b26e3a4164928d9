//! Searches the shards of the texts of a registry, and the documents that they lead to.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::catalog::Versions;
use promptdex_wire::engine::{FoundPlace, FoundText};
use promptdex_wire::search::{Asked, Folded, Place, asked, from_gaps, is_unspaced, texts};
use promptdex_wire::{Digest, Path, Role, SearchShard, ShardName, VersionDocument, json};

/// Places that are shown of one prompt.
const PLACES: usize = 3;

/// Characters that are shown before and after a word.
const AROUND: usize = 60;

/// Returns what is asked of the shards for a word. One letter would find nearly everything; one of
/// Chinese is a word.
fn terms(word: &str) -> Vec<Asked> {
    let terms: Vec<Asked> = asked(word).collect();
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
    let needed: BTreeSet<usize> = terms.flat_map(|asked| asked.shards(boundaries)).collect();
    let shards = needed.into_iter().filter_map(|at| ShardName::of_boundary(boundaries.get(at)?));
    shards.map(|shard| Path::Search(shard).to_string()).collect()
}

/// Returns for each word the rows of the catalog whose texts have all its terms. The shards must be of
/// the catalog with these names.
pub(crate) fn search(
    words: &[String],
    names: &str,
    shards: &[String],
) -> Result<Vec<Vec<u32>>, String> {
    let names: Digest = names.parse().map_err(|_error| "the catalog names no shards".to_owned())?;
    let mut index: Vec<BTreeMap<String, Vec<u32>>> = Vec::new();
    for shard in shards {
        let shard: SearchShard = json::read(shard.as_bytes()).map_err(|error| error.to_string())?;
        if shard.names != names {
            return Err(
                "the registry has been published anew meanwhile: load the page again".to_owned()
            );
        }
        index.push(shard.terms);
    }
    let rows = |asked: &Asked| -> BTreeSet<u32> {
        let shards = index.iter();
        let found = shards.flat_map(|terms| {
            let from = terms.range(asked.text.clone()..);
            from.take_while(|(term, _)| asked.fits(term))
        });
        found.flat_map(|(_, gaps)| from_gaps(gaps)).collect()
    };
    let of_word = |word: &String| -> Vec<u32> {
        let all = terms(word).iter().map(rows).reduce(|a, b| &a & &b);
        all.into_iter().flatten().collect()
    };
    Ok(words.iter().map(of_word).collect())
}

/// Looks for words in the versions of a prompt, best one first: each must stand in one of them. Returns
/// where they stand in the first that has one, unless a word stands in none.
pub(crate) fn find(
    words: &[String],
    versions: &str,
    documents: &[String],
) -> Result<FoundText, String> {
    let versions: Versions = json::read(versions.as_bytes()).map_err(|error| error.to_string())?;
    let mut missing: Vec<&String> = words.iter().collect();
    let mut found = FoundText::default();
    for document in documents {
        let digest = Digest::of(document.as_bytes());
        let version: VersionDocument =
            json::read(document.as_bytes()).map_err(|error| error.to_string())?;
        if !versions
            .versions
            .iter()
            .any(|row| row.version == version.version && row.digest == digest)
        {
            return Err(format!("version {} is not what was published", version.version));
        }
        let mut places: Vec<FoundPlace> = Vec::new();
        let mut last = None;
        texts(&version.messages, version.examples.as_deref(), |place, text| {
            let folded = Folded::new(&text);
            let hits = words.iter().filter_map(|word| Some((word, folded.find(word)?)));
            let mut first = None;
            for (word, hit) in hits {
                missing.retain(|missing| *missing != word);
                first.get_or_insert(hit);
            }
            if let Some(hit) = first.filter(|_| places.len() < PLACES && last != Some(place)) {
                last = Some(place);
                places.push(FoundPlace {
                    text: describe(place),
                    before: end(&text[..hit.start]),
                    after: beginning(&text[hit.end..]),
                    hit: text[hit].to_owned(),
                });
            }
        });
        if !places.is_empty() && found.version.is_none() {
            found = FoundText { version: Some(version.version), places, failed: None };
        }
    }
    Ok(if missing.is_empty() { found } else { FoundText::default() })
}

fn describe(place: Place) -> String {
    match place {
        Place::Message(1, Some(Role::System)) => "system message".to_owned(),
        Place::Message(number, Some(role)) => format!("message {number}, {}", role.as_str()),
        Place::Message(number, None) => format!("message {number}, for examples"),
        Place::Example(number) => format!("example {number}"),
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
            [vec![0, 1, 2], vec![2], vec![2], vec![2, 3], vec![]]
        );
        assert_eq!(
            search(&asked, &digest("b"), &shards).unwrap_err(),
            "the registry has been published anew meanwhile: load the page again"
        );
        assert!(search(&asked, &digest("a"), &words(&["{}"])).is_err());
    }

    #[test]
    fn places_are_told_and_what_is_not_there_is_not() {
        let document = |number: &str, system: &str| {
            format!(
                r#"{{"format":1,"kind":"version","id":"x","registry":"acme","name":"a","version":"{number}",
                "source_digest":"{}","template":"plain","messages":[{{"role":"system","content":"{system}"}},
                {{"role":"user","content":"About the refund\n policy, {}"}}],
                "examples":[{{"input":"no"}},{{"output":["my Refund"]}}]}}"#,
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
        let find = |asked: &[&str]| find(&words(asked), &versions, &documents).unwrap();
        let found = find(&["refund policy", "kind"]);
        assert_eq!(found.version.unwrap().to_string(), "1.1.0");
        let shown: Vec<String> = found
            .places
            .iter()
            .map(|place| format!("{}: {}[{}]{}", place.text, place.before, place.hit, place.after))
            .collect();
        assert_eq!(
            shown,
            [
                "system message: Be [kind].".to_owned(),
                format!(
                    "message 2, user: About the [refund\n policy], {}…",
                    &"long ".repeat(20)[..58]
                ),
            ]
        );
        assert_eq!(find(&["refund"]).places.len(), 2);
        // One word only in an older version, which is served: the prompt has all of them.
        assert_eq!(find(&["kind", "refund."]).version.unwrap().to_string(), "1.1.0");
        assert_eq!(find(&["refund policies"]), FoundText::default());
        assert_eq!(
            super::find(&words(&["x"]), &versions, &[old + " "]).unwrap_err(),
            "version 1.0.0 is not what was published"
        );
    }
}
