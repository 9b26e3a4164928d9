//! The site that is embedded in the program.

use promptdex_ops::build::site::Site;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Returns the site, or `None` if the program was built without it.
pub(crate) fn load_site() -> Option<Site> {
    Site::new(FILES)
}
