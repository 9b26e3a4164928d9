//! Buckets and arms of rollouts are those of `conformance/rollout.json`, signed releases those of
//! `conformance/signatures.json`.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::path::Path;

use promptdex_wire::rollout::{Weight, arm_of, bucket};
use promptdex_wire::signature::{SignatureError, SignedNote, SignedRelease};
use serde_json::Value;

#[test]
fn buckets_and_arms_are_those_of_the_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/rollout.json");
    let vectors: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut callers, mut arms) = (0, 0);
    for vector in vectors {
        let expected = vector["bucket"].as_u64().unwrap();
        let Some(buckets) = vector["buckets"].as_array() else {
            let actual = bucket(vector["salt"].as_str().unwrap(), vector["key"].as_str().unwrap());
            assert_eq!(actual, expected, "{vector}");
            callers += 1;
            continue;
        };
        let weight = |count: &Value| {
            Weight::from_buckets(u16::try_from(count.as_u64().unwrap()).unwrap()).unwrap()
        };
        let arm = arm_of(buckets.iter().map(weight), expected);
        assert_eq!(u64::try_from(arm).ok(), vector["arm"].as_u64(), "{vector}");
        arms += 1;
    }
    assert!(callers >= 4 && arms >= 18, "{callers} and {arms} vectors");
}

/// Returns the name of an error in the vectors.
fn refusal(error: &SignatureError) -> &'static str {
    match error {
        SignatureError::Release(_) => "unreadable",
        SignatureError::Unsigned => "unsigned",
        SignatureError::Signed => "signed",
        SignatureError::NotLast => "not_last",
        SignatureError::NotANote => "not_a_note",
        SignatureError::OtherRelease { .. } => "other_release",
    }
}

#[test]
fn signed_releases_are_those_of_the_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/signatures.json");
    let vectors: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut signed, mut refused) = (0, 0);
    for vector in vectors {
        let text = |field: &str| vector[field].as_str();
        let release = text("release").unwrap().as_bytes();
        let found = SignedNote::of_release(release);
        if let Some(expected) = text("refused") {
            assert_eq!(refusal(&found.unwrap_err()), expected, "{vector}");
            refused += 1;
            continue;
        }
        let note = found.unwrap();
        assert_eq!(text("text"), Some(note.text.as_str()));
        let cut = SignedRelease::cut(release).unwrap();
        assert_eq!(text("signed").map(str::as_bytes), Some(cut.signed_bytes.as_slice()));
        assert_eq!(cut.to_bytes(), release);
        // A key is its name, four bytes of its digest in hex, and its bytes.
        let keys = vector["keys"].as_array().unwrap().iter();
        let keys = keys.map(|key| key.as_str().unwrap().split('+').next().unwrap());
        assert!(keys.eq(note.signatures.iter().map(|signature| signature.key.as_str())));
        signed += 1;
    }
    assert!(signed >= 2 && refused >= 10, "{signed} and {refused} vectors");
}
