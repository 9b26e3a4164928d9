//! The place that a registry is published to.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use promptdex_publish::files::create_folders;
use url::Url;

use crate::error::{Context as _, PublishError, Result};
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
            Some(scheme) if scheme.eq_ignore_ascii_case("file") => {
                let rest = &text[scheme.len()..];
                let url = rest.starts_with("://").then(|| Url::parse(text).ok()).flatten();
                let folder = url.and_then(|url| url.to_file_path().ok());
                folder.map(Self::Folder).ok_or_else(unsupported)
            }
            None if !text.is_empty() => Ok(Self::Folder(PathBuf::from(text))),
            _ => Err(unsupported()),
        }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
        }
    }

    /// Returns an error unless an empty target was announced as such, and no other one.
    pub(super) fn check_first(&self, has_registry: bool, is_first: bool) -> Result<()> {
        let target = self.to_string();
        match (has_registry, is_first) {
            (false, false) => Err(PublishError::EmptyTarget { target }.into()),
            (true, true) => Err(PublishError::NotEmpty { target }.into()),
            _ => Ok(()),
        }
    }

    /// Whether the target has a registry.
    pub fn has_registry(&self) -> bool {
        is_registry_folder(self.folder())
    }
}

/// A folder that was created for a first publication, so that two runs lock the same one. It goes if it stays empty.
#[derive(Debug)]
pub(super) struct CreatedTarget(Option<PathBuf>);

impl CreatedTarget {
    /// Creates the folder of a target, unless it exists or nothing is going to be written.
    pub(super) fn of(target: &PublishTarget, is_dry_run: bool) -> Result<Self> {
        let folder = target.folder();
        if is_dry_run || folder.exists() {
            return Ok(Self(None));
        }
        let context = || format!("cannot create `{}`", folder.display());
        create_folders(folder).with_context(context)?;
        Ok(Self(Some(folder.to_owned())))
    }
}

impl Drop for CreatedTarget {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // A registry is in it now, or it is empty.
            drop(fs::remove_dir(folder));
        }
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
            ("FILE:///srv/prompts", Some("/srv/prompts")),
            ("file:live", None),
            ("file:../live", None),
            ("", None),
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
