//! The site that is embedded in this command.

use promptdex_ops::build::site::Site;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Returns the site, or nothing when this command was built without it.
pub(crate) fn load_site() -> Option<Site> {
    Site::new(FILES)
}
