//! The share of the traffic that a version has.

use promptdex_wire::Version;
use promptdex_wire::event::Target;

/// Returns how many of 10,000 callers a target gives a version to: of its track, if the target has tracks.
pub fn share(target: &Target, version: &Version) -> u32 {
    let shares = target.shares().into_iter().filter(|share| share.version == version);
    shares.map(|share| share.arm.map_or(10_000, |arm| u32::from(arm.weight.buckets()))).sum()
}
