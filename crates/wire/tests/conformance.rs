//! Buckets and arms of rollouts are those of `conformance/rollout.json`.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::path::Path;

use promptdex_wire::rollout::{Weight, arm_of, bucket};
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
