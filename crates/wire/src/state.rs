//! The lifecycle of a version.

use crate::open::words;

words! {
    /// The lifecycle state of a version.
    pub enum State {
        /// Nothing speaks against using it.
        Active = "active",
        /// Served, with a warning.
        Deprecated = "deprecated",
        /// Served, but gets no new pointer or include.
        Yanked = "yanked",
        /// Left out of the catalog, the search and the pages.
        Archived = "archived",
        /// Its text was withdrawn.
        Redacted = "redacted",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro that declares it has no word for the default"
)]
impl Default for State {
    fn default() -> Self {
        Self::Active
    }
}
