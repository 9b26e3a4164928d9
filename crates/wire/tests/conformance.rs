//! Buckets of rollouts are those of `conformance/rollout.json`.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::path::Path;

use promptdex_wire::rollout::bucket;
use serde_json::Value;

#[test]
fn buckets_are_those_of_the_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/rollout.json");
    let vectors: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(vectors.len() >= 4);
    for vector in vectors {
        let actual = bucket(vector["salt"].as_str().unwrap(), vector["key"].as_str().unwrap());
        assert_eq!(Some(actual), vector["bucket"].as_u64(), "{vector}");
    }
}
