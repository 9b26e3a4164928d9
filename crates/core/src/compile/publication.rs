//! How the releases of a build come about.

use promptdex_wire::Timestamp;
use promptdex_wire::event::Change;
use promptdex_wire::release::{Actor, Source};

/// What the releases of a build say of the publication that they are part of: from what the registry was
/// made, how its rules changed, when and by whom it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The commit that the tree is the same as, if there is one.
    pub source: Option<Source>,
    /// The changes of the rules since the catalog's last release, for its next one.
    pub rules: Vec<Change>,
    /// The moment, by the publisher's clock. The releases have that of the newest published release if this
    /// one is before it, because time never goes back in a registry.
    pub time: Option<Timestamp>,
    /// The publisher. Of its name, the releases say what the registry publishes of people.
    pub actor: Option<Actor>,
}
