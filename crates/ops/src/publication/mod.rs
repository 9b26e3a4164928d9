//! Publishing a tree: where to, whether its commit may follow what is published there, and what a publication
//! will write.
//!
//! A publication is a [`build`](crate::build) that continues the registry at the target. What makes it more than
//! a build is what it refuses: a commit that is older than the published one, files that no commit has, and an
//! empty target that nobody announced.

mod order;
mod plan;
mod registry_copy;
mod target;
mod tree_publication;

pub use promptdex_publish::Phase;

pub use self::plan::{PlannedFiles, PlannedPhase, PlannedRelease, PublicationPlan};
pub use self::registry_copy::RegistryCopy;
pub use self::target::PublishTarget;
pub use self::tree_publication::{PublishOptions, TreePublication};
