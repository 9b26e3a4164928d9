//! The place that a registry is published to.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use crate::error::{PublishError, Result};
use crate::published::is_registry_folder;

/// The place that a registry is published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishTarget {
    /// A folder of this machine.
    Folder(PathBuf),
}

impl PublishTarget {
    /// Parses a target: a path, or a URL such as `file:///srv/prompts`.
    pub fn parse(text: &str) -> Result<Self> {
        let unsupported = || PublishError::UnsupportedTarget { target: text.to_owned() }.into();
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        // A drive of Windows has one letter.
        let is_scheme = |scheme: &str| {
            scheme.len() > 1
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        };
        match scheme.filter(|scheme| is_scheme(scheme)) {
            Some("file") => {
                let folder = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
                folder.map(Self::Folder).ok_or_else(unsupported)
            }
            Some(_) => Err(unsupported()),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
        }
    }

    /// Whether the target has a registry.
    pub fn has_registry(&self) -> bool {
        is_registry_folder(self.folder())
    }
}

impl fmt::Display for PublishTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.folder().display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_paths_and_urls() {
        for (text, expected) in [
            ("live", Some("live")),
            ("/srv/prompts/", Some("/srv/prompts/")),
            ("file:///srv/prompts", Some("/srv/prompts")),
            ("file:///srv/my%20prompts", Some("/srv/my prompts")),
            ("a folder: with a colon", Some("a folder: with a colon")),
            ("file://host/share", None),
            ("s3://bucket/prefix", None),
            ("https://prompts.example.com/", None),
        ] {
            let target = PublishTarget::parse(text).ok();
            #[cfg(not(windows))]
            assert_eq!(target, expected.map(|path| PublishTarget::Folder(path.into())), "{text}");
        }
    }
}
