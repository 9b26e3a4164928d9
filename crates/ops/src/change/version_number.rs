//! The next version number, and the edit that sets it in a prompt in place.

use promptdex_core::edit;
use promptdex_core::read::number_place;
use promptdex_core::source::SourceFile;
use promptdex_wire::Version;

use crate::error::{ChangeError, Result};
use crate::tree::Tree;

/// The part of a version number to increase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Increment {
    /// The major version: apps have to change.
    Major,
    /// The minor version: apps keep working.
    Minor,
    /// The patch version: a correction.
    Patch,
}

/// Returns the version number after `from`. It is higher than all other versions for a major
/// increment. For a minor or patch increment, it is higher than all versions with the same major,
/// or the same major and minor, number.
pub fn next_version<'v>(
    known: impl Iterator<Item = &'v Version>,
    from: &'v Version,
    increment: Increment,
) -> Version {
    let is_in_line = |version: &&Version| match increment {
        Increment::Major => true,
        Increment::Minor => version.major() == from.major(),
        Increment::Patch => (version.major(), version.minor()) == (from.major(), from.minor()),
    };
    let highest = known.filter(is_in_line).max().unwrap_or(from);
    let (major, minor, patch) = (highest.major(), highest.minor(), highest.patch());
    match increment {
        Increment::Major => Version::new(major + 1, 0, 0),
        Increment::Minor => Version::new(major, minor + 1, 0),
        // The version after a pre-release is its release.
        Increment::Patch if highest.is_pre_release() => Version::new(major, minor, patch),
        Increment::Patch => Version::new(major, minor, patch + 1),
    }
}

/// Returns the text of a file with a new version number, otherwise unchanged.
pub fn with_number(tree: &Tree, source: &SourceFile, version: &Version) -> Result<String> {
    let Some(place) = number_place(source) else {
        return Err(ChangeError::NoNumber { path: tree.display_path(source.path()) }.into());
    };
    let number = edit::in_quotes(source.text(), &place, &version.to_string());
    Ok(edit::replace(source.text(), place, &number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_versions() {
        use Increment::{Major, Minor, Patch};
        for (known, from, increment, expected) in [
            ("1.0.0", "1.0.0", Major, "2.0.0"),
            ("1.0.0", "1.0.0", Minor, "1.1.0"),
            ("1.0.0", "1.0.0", Patch, "1.0.1"),
            // A copy of an older version gets a number above all existing ones.
            ("1.0.0 1.1.0 2.0.0", "1.0.0", Major, "3.0.0"),
            ("1.0.0 1.1.0 2.0.0", "1.0.0", Minor, "1.2.0"),
            ("1.0.0 1.0.4 1.1.0 2.0.0", "1.0.0", Patch, "1.0.5"),
            // The version after a pre-release is its release.
            ("1.0.0 1.1.0-rc.1", "1.1.0-rc.1", Patch, "1.1.0"),
            ("1.0.0 1.1.0-rc.1", "1.1.0-rc.1", Minor, "1.2.0"),
            ("2.0.0-rc.1", "2.0.0-rc.1", Major, "3.0.0"),
            ("1.0.0 1.1.0-rc.1 1.1.0", "1.1.0-rc.1", Patch, "1.1.1"),
            // The prompt has no versions.
            ("", "0.0.0", Minor, "0.1.0"),
        ] {
            let known: Vec<Version> =
                known.split_whitespace().map(|text| text.parse().unwrap()).collect();
            let next = next_version(known.iter(), &from.parse().unwrap(), increment);
            assert_eq!(next.to_string(), expected, "{known:?}, {from}, {increment:?}");
        }
    }
}
