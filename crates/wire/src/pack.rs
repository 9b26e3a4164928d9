//! Packs: the older releases of a chain, a hundred in a file, for hosts that limit the number of files.

use serde::{Deserialize, Serialize};

use crate::json::Format;
use crate::{Document, Kind};

/// Number of releases in a pack.
pub const RELEASES_PER_PACK: u64 = 100;

/// Clients in other languages read numbers up to this one exactly.
const MAX_SEQUENCE: u64 = 1 << 53;

/// The releases of one pack: the last number is a multiple of 100, and the first one 99 below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackRange {
    last: u64,
}

impl PackRange {
    /// Returns the range of the pack that holds a release, if there can be such a release.
    pub fn holding(sequence: u64) -> Option<Self> {
        (1..=MAX_SEQUENCE)
            .contains(&sequence)
            .then(|| Self { last: sequence.div_ceil(RELEASES_PER_PACK) * RELEASES_PER_PACK })
    }

    /// Returns the number of its first release.
    pub fn first(self) -> u64 {
        self.last - (RELEASES_PER_PACK - 1)
    }

    /// Returns the number of its last release.
    pub fn last(self) -> u64 {
        self.last
    }

    /// Returns the place of a release in `documents` of the pack, if the pack holds it.
    pub fn place(self, sequence: u64) -> Option<usize> {
        let is_in = (self.first()..=self.last).contains(&sequence);
        usize::try_from(sequence.checked_sub(self.first())?).ok().filter(|_| is_in)
    }
}

/// A hundred releases of a chain, with their exact bytes:
/// `api/environments/{environment}/releases/{first}-{last}.json`.
///
/// It does not repeat the registry and the environment: each release in it says both, and is held to the digest that the
/// release after it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleasePack {
    /// Format version, always 1.
    pub format: Format,
    /// `releases`.
    pub kind: Kind,
    /// The bytes of the releases, the oldest first: 100 of them.
    pub documents: Vec<String>,
}

impl Document for ReleasePack {
    const KIND: Kind = Kind::Releases;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_release_has_one_pack() {
        let bounds = |sequence| PackRange::holding(sequence).map(|r| (r.first(), r.last()));
        for (sequence, expected) in [
            (0, None),
            (1, Some((1, 100))),
            (100, Some((1, 100))),
            (101, Some((101, 200))),
            (12_345, Some((12_301, 12_400))),
            (u64::MAX, None),
        ] {
            assert_eq!(bounds(sequence), expected, "{sequence}");
        }
        let range = PackRange::holding(150).unwrap();
        assert_eq!(
            [100, 101, 200, 201].map(|sequence| range.place(sequence)),
            [None, Some(0), Some(99), None]
        );
    }
}
