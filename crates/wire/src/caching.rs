//! How long a copy of a published file may be used without asking again.

use crate::catalog::Visibility;
use crate::layout::{FileClass, RegistryPath};

/// How long clients and shared caches may use a copy of a file without asking again.
///
/// [`FileClass`] says in which order files are written; this says how long they
/// are kept elsewhere. The two differ for versions: they are written once, and a redaction may
/// still replace them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caching {
    /// A year: the bytes at this path never change.
    Forever,
    /// A day: a version, so that a redaction gets through.
    Day,
    /// 15 seconds: pointers, derived files and pages.
    Seconds,
}

impl Caching {
    /// All of them, the longest first.
    pub const ALL: [Self; 3] = [Self::Forever, Self::Day, Self::Seconds];

    /// The `Cache-Control` header of responses that are not a published file.
    pub const NEVER: &str = "no-store";

    /// Returns the `Cache-Control` header. Only files of a public registry may be kept by caches
    /// that several clients share.
    pub fn header(self, visibility: Visibility) -> String {
        let shared = if visibility == Visibility::Public { "public" } else { "private" };
        let rule = match self {
            Self::Forever => "max-age=31536000, immutable",
            Self::Day => "max-age=86400",
            Self::Seconds => "max-age=15, stale-while-revalidate=45, stale-if-error=3600",
        };
        format!("{shared}, {rule}")
    }
}

impl RegistryPath {
    /// Returns how long a copy of the file may be used.
    pub fn caching(&self) -> Caching {
        match (self, self.class()) {
            // It never changes, but its redaction has to reach everybody.
            (Self::Version(..), _) => Caching::Day,
            (_, FileClass::Immutable) => Caching::Forever,
            (_, FileClass::Pointer | FileClass::Derived) => Caching::Seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_kept_as_long_as_its_bytes_are_sure_to_stay() {
        let hex = "0".repeat(64);
        let header = |path: &str| {
            let path = RegistryPath::parse(path).unwrap();
            path.caching().header(Visibility::Public)
        };
        for path in [
            "api/environments/production/releases/12.json",
            "api/environments/catalog/releases/1.json",
            "api/environments/catalog/releases/1-100.json",
            &format!("api/snapshots/{hex}.json"),
            &format!("api/blobs/{hex}"),
            "assets/app-0123456789abcdef.wasm",
        ] {
            assert_eq!(header(path), "public, max-age=31536000, immutable", "{path}");
        }
        assert_eq!(header("api/prompts/a/b/versions/1.0.0.json"), "public, max-age=86400");
        for path in [
            "index.html",
            "api/registry.json",
            "api/environments/production.json",
            "api/prompts/a/b/versions.json",
            "api/prompts/a/b/latest/production.json",
            "api/prompts/a/b/cases/1.0.0.json",
            "api/schemas/version.schema.json",
        ] {
            let expected = "public, max-age=15, stale-while-revalidate=45, stale-if-error=3600";
            assert_eq!(header(path), expected, "{path}");
        }
    }

    #[test]
    fn no_shared_cache_keeps_a_private_registry() {
        for caching in Caching::ALL {
            assert!(caching.header(Visibility::Private).starts_with("private, "), "{caching:?}");
        }
    }
}
