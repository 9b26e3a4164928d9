//! The number of a next version, and the place of the number in a prompt that is edited in place.

use promptdex_core::edit;
use promptdex_core::read::number_place;
use promptdex_core::source::SourceFile;
use promptdex_wire::Version;

use crate::error::{ChangeError, Result};
use crate::tree::Tree;

/// Which part of a version number grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Increment {
    /// The major version: apps have to change.
    Major,
    /// The minor version: apps may go on as they are.
    Minor,
    /// The patch version: a correction.
    Patch,
}

/// Returns the number of the version after `from`: above all others for a major one, otherwise above those with the
/// same major version, or the same major and minor version.
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
        // A pre-release is followed by its release.
        Increment::Patch if highest.is_pre_release() => Version::new(major, minor, patch),
        Increment::Patch => Version::new(major, minor, patch + 1),
    }
}

/// Returns the text of a file with another number in it, and nothing else changed.
pub fn with_number(tree: &Tree, source: &SourceFile, version: &Version) -> Result<String> {
    let Some(place) = number_place(source) else {
        return Err(ChangeError::NoNumber { path: tree.shown(source.path()) }.into());
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
            // Copies of an older version come after what is there.
            ("1.0.0 1.1.0 2.0.0", "1.0.0", Major, "3.0.0"),
            ("1.0.0 1.1.0 2.0.0", "1.0.0", Minor, "1.2.0"),
            ("1.0.0 1.0.4 1.1.0 2.0.0", "1.0.0", Patch, "1.0.5"),
            // A pre-release is followed by its release.
            ("1.0.0 1.1.0-rc.1", "1.1.0-rc.1", Patch, "1.1.0"),
            ("1.0.0 1.1.0-rc.1", "1.1.0-rc.1", Minor, "1.2.0"),
            ("2.0.0-rc.1", "2.0.0-rc.1", Major, "3.0.0"),
            ("1.0.0 1.1.0-rc.1 1.1.0", "1.1.0-rc.1", Patch, "1.1.1"),
            // Nothing is known of the version itself.
            ("", "0.0.0", Minor, "0.1.0"),
        ] {
            let known: Vec<Version> =
                known.split_whitespace().map(|text| text.parse().unwrap()).collect();
            let next = next_version(known.iter(), &from.parse().unwrap(), increment);
            assert_eq!(next.to_string(), expected, "{known:?}, {from}, {increment:?}");
        }
    }
}
