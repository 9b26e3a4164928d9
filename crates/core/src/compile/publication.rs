//! How the releases of a build come about.

use promptdex_wire::event::Change;
use promptdex_wire::release::Source;

/// What the releases of a build say of the publication that they are part of: from what the registry was
/// made, and under which rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The commit that the tree is the same as, if there is one.
    pub source: Option<Source>,
    /// The changes of the rules since the catalog's last release, for its next one.
    pub rules: Vec<Change>,
}
