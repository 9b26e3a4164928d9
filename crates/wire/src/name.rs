//! The names of things: prompts, versions, environments, registries. Each is checked once, when it
//! is parsed, so that a path made from one of them can never leave its folder.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::Digest;
use crate::json::{from_text, text_schema};

/// Why a text is not a name. The sentence says what the rule is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty.
    #[error("the name is empty")]
    Empty,
    /// A character outside the allowed set, or `-`/`_` at an end.
    #[error(
        "`{segment}` is not a valid name segment (1 to 64 of a-z, 0-9, `_` and `-`, beginning and ending with a letter or digit)"
    )]
    Segment {
        /// The segment.
        segment: String,
    },
    /// A word that has a meaning in the layout.
    #[error("the name segment `{segment}` is reserved")]
    Reserved {
        /// The segment.
        segment: String,
    },
    /// A device of Windows.
    #[error("`{text}` is a reserved device name on Windows")]
    Device {
        /// The name.
        text: String,
    },
    /// `v` and a digit: read as a version folder.
    #[error("the name segment `{segment}` looks like a version (`v` and a digit)")]
    VersionLike {
        /// The segment.
        segment: String,
    },
    /// More than four segments.
    #[error("the prompt name has {count} segments; the limit is 4")]
    Depth {
        /// How many there are.
        count: usize,
    },
    /// More than [`PromptName::MAX_BYTES`].
    #[error("the prompt name has {length} bytes; the limit is {}", PromptName::MAX_BYTES)]
    Length {
        /// How many there are.
        length: usize,
    },
    /// Not an environment name.
    #[error(
        "`{text}` is not a valid environment name (2 to 32 of a-z, 0-9 and `-`, beginning with a letter, not ending with `-`, and not `catalog`)"
    )]
    Environment {
        /// The text.
        text: String,
    },
    /// Not the name of a bundle or a registry.
    #[error(
        "`{text}` is not a valid name (1 to 64 of a-z, 0-9, `_` and `-`, beginning and ending with a letter or digit)"
    )]
    Plain {
        /// The text.
        text: String,
    },
    /// Not a version.
    #[error("`{text}` is not a version: {reason}")]
    Version {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not `name@version`.
    #[error("`{text}` is not `name@version`")]
    PromptVersion {
        /// The text.
        text: String,
    },
    /// Not a ref.
    #[error("`{text}` is not a ref (`registry/name@version#sha256:…`)")]
    Ref {
        /// The text.
        text: String,
    },
}

/// Segments that mean something in the layout.
const RESERVED: [&str; 8] =
    ["versions", "latest", "history", "cases", "index", "environments", "results", "files"];

/// Whether Windows takes a name for a device, in any case and whatever follows the first dot.
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let is_port = || {
        let (port, number) = stem.split_at_checked(3)?;
        let is_kind = ["com", "lpt"].iter().any(|kind| port.eq_ignore_ascii_case(kind));
        Some(is_kind && number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
    };
    ["con", "prn", "aux", "nul"].iter().any(|device| stem.eq_ignore_ascii_case(device))
        || is_port() == Some(true)
}

/// Refuses a name that Windows takes for a device.
fn check_device(text: &str) -> Result<(), NameError> {
    if is_device(text) { Err(NameError::Device { text: text.to_owned() }) } else { Ok(()) }
}

fn is_plain(text: &str) -> bool {
    let alphanumeric =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = text.as_bytes();
    bytes.len() <= 64
        && alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// Whether a folder of this name is read as a version: `v` and a digit.
pub fn is_version_like(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    bytes.first() == Some(&b'v') && bytes.get(1).is_some_and(u8::is_ascii_digit)
}

/// Checks one segment of a prompt name.
pub fn check_segment(segment: &str) -> Result<(), NameError> {
    let segment_owned = || segment.to_owned();
    if segment.is_empty() {
        return Err(NameError::Empty);
    }
    if is_version_like(segment) {
        return Err(NameError::VersionLike { segment: segment_owned() });
    }
    if !is_plain(segment) {
        return Err(NameError::Segment { segment: segment_owned() });
    }
    if RESERVED.contains(&segment) {
        return Err(NameError::Reserved { segment: segment_owned() });
    }
    check_device(segment)
}

/// Checks the name of a registry or a bundle.
fn check_plain(text: &str) -> Result<(), NameError> {
    if is_plain(text) {
        check_device(text)
    } else {
        Err(NameError::Plain { text: text.to_owned() })
    }
}

/// Gives a name type its text, its parser and its serde form.
macro_rules! text_name {
    ($type:ident) => {
        impl $type {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer)
            }
        }
    };
}

/// A prompt's name: its path in the tree, such as `support/refund`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromptName(String);

text_name!(PromptName);
text_schema!(
    PromptName,
    "PromptName",
    "^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?(/[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?){0,3}$",
    "maxLength": PromptName::MAX_BYTES,
    "not": {"pattern": "(^|/)(v[0-9].*|versions|latest|history|cases|index|environments|results|files|con|prn|aux|nul|com[0-9]|lpt[0-9])(/|$)"}
);

impl PromptName {
    /// A name has at most so many bytes.
    pub const MAX_BYTES: usize = 180;

    /// Returns the folders above the prompt, or nothing for a prompt at the top of the tree.
    pub fn domain(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(domain, _)| domain)
    }

    /// Returns its own part, without the folders above it.
    pub fn leaf(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, leaf)| leaf)
    }

    /// Returns the form in which two names must differ: `_` is `-`.
    pub fn fold(&self) -> String {
        self.0.replace('_', "-")
    }
}

impl FromStr for PromptName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.len() > Self::MAX_BYTES {
            return Err(NameError::Length { length: text.len() });
        }
        let count = text.split('/').count();
        if count > 4 {
            return Err(NameError::Depth { count });
        }
        text.split('/').try_for_each(check_segment)?;
        Ok(Self(text.to_owned()))
    }
}

/// The name of an environment, such as `production`. Never `catalog`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Environment(String);

text_name!(Environment);
text_schema!(
    Environment,
    "Environment",
    "^[a-z][a-z0-9-]{0,30}[a-z0-9]$",
    "not": {"pattern": "^(catalog|con|prn|aux|nul|com[0-9]|lpt[0-9])$"}
);

impl FromStr for Environment {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let bytes = text.as_bytes();
        let legal = (2..=32).contains(&bytes.len())
            && bytes[0].is_ascii_lowercase()
            && bytes[bytes.len() - 1] != b'-'
            && bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && text != Chain::CATALOG;
        if !legal {
            return Err(NameError::Environment { text: text.to_owned() });
        }
        check_device(text)?;
        Ok(Self(text.to_owned()))
    }
}

/// The name of a registry, such as `acme-prompts`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryName(String);

text_name!(RegistryName);
text_schema!(
    RegistryName,
    "RegistryName",
    "^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$",
    "not": {"pattern": "^(con|prn|aux|nul|com[0-9]|lpt[0-9])$"}
);

impl FromStr for RegistryName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_plain(text).map(|()| Self(text.to_owned()))
    }
}

/// The name of a bundle, such as `support-app`; `all` is the one that every environment has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleName(String);

text_name!(BundleName);
text_schema!(
    BundleName,
    "BundleName",
    "^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$",
    "not": {"pattern": "^(con|prn|aux|nul|com[0-9]|lpt[0-9])$"}
);

impl BundleName {
    /// Returns the bundle of everything that an environment serves.
    pub fn all() -> Self {
        Self("all".to_owned())
    }
}

impl FromStr for BundleName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_plain(text).map(|()| Self(text.to_owned()))
    }
}

/// A chain of releases: an environment's, or the catalog's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// Every prompt and version there is. Sorts first, because it is published first.
    Catalog,
    /// What one environment serves.
    Environment(Environment),
}

impl Chain {
    /// The reserved name of the catalog's chain.
    pub const CATALOG: &str = "catalog";

    /// Returns the name that stands in paths and in a release's `environment`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Catalog => Self::CATALOG,
            Self::Environment(environment) => environment.as_str(),
        }
    }
}

impl FromStr for Chain {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == Self::CATALOG { Ok(Self::Catalog) } else { text.parse().map(Self::Environment) }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

text_schema!(
    Chain,
    "Chain",
    "^[a-z][a-z0-9-]{0,30}[a-z0-9]$",
    "not": {"pattern": "^(con|prn|aux|nul|com[0-9]|lpt[0-9])$"}
);

/// A version of a prompt: SemVer without build metadata, pre-release in lower case, 64 bytes at most.
/// Orders by SemVer precedence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(semver::Version);

impl Version {
    /// Returns the major number.
    pub fn major(&self) -> u64 {
        self.0.major
    }

    /// Returns the minor number.
    pub fn minor(&self) -> u64 {
        self.0.minor
    }

    /// Returns the patch number.
    pub fn patch(&self) -> u64 {
        self.0.patch
    }

    /// Whether it is a pre-release, such as `1.0.0-rc.1`.
    pub fn is_pre_release(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// Makes the release `major.minor.patch`.
    pub fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self(semver::Version::new(major, minor, patch))
    }
}

impl FromStr for Version {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refuse =
            |reason: &str| NameError::Version { text: text.to_owned(), reason: reason.to_owned() };
        if text.len() > 64 {
            return Err(refuse("the limit is 64 bytes"));
        }
        let version = semver::Version::parse(text).map_err(|error| refuse(&error.to_string()))?;
        if !version.build.is_empty() {
            return Err(refuse("build metadata (`+…`) is not allowed"));
        }
        if version.pre.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(refuse("a pre-release must be in lower case"));
        }
        const EXACT: u64 = 1 << 53;
        if version.major > EXACT || version.minor > EXACT || version.patch > EXACT {
            return Err(refuse("a number is larger than 2^53"));
        }
        Ok(Self(version))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

text_schema!(
    Version,
    "Version",
    "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9a-z.-]+)?$"
);

/// One version of one prompt: `shared/tone@1.2.0`. Orders by name, then by version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromptVersion {
    /// The prompt.
    pub name: PromptName,
    /// Its version.
    pub version: Version,
}

impl FromStr for PromptVersion {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (name, version) = text
            .split_once('@')
            .ok_or_else(|| NameError::PromptVersion { text: text.to_owned() })?;
        Ok(Self { name: name.parse()?, version: version.parse()? })
    }
}

impl fmt::Display for PromptVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

impl Serialize for PromptVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PromptVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

text_schema!(PromptVersion, "PromptVersion", "^[a-z0-9/_-]{1,180}@[0-9][0-9a-z.-]*$");

/// What an app logs: `acme-prompts/support/refund@1.3.0#sha256:ab12…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    /// The registry that published the document.
    pub registry: RegistryName,
    /// The prompt and its version.
    pub prompt: PromptVersion,
    /// The digest of the version document.
    pub digest: Digest,
}

impl FromStr for Ref {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refuse = || NameError::Ref { text: text.to_owned() };
        let (registry, rest) = text.split_once('/').ok_or_else(refuse)?;
        let (prompt, digest) = rest.split_once('#').ok_or_else(refuse)?;
        let digest = digest.parse().ok().ok_or_else(refuse)?;
        Ok(Self { registry: registry.parse()?, prompt: prompt.parse()?, digest })
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}#{}", self.registry, self.prompt, self.digest)
    }
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

text_schema!(Ref, "Ref", "^[a-z0-9_-]+/[a-z0-9/_-]+@[0-9][0-9a-z.-]*#sha256:[0-9a-f]{64}$");

/// A moment: RFC 3339, UTC, whole seconds, `Z`. Orders by time, because the text does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(String);

text_name!(Timestamp);
text_schema!(Timestamp, "Timestamp", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$");

/// The text is not a time as promptdex writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time must be RFC 3339 in UTC with whole seconds, such as `2026-03-01T12:00:00Z`")]
pub struct TimestampError;

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let bytes = text.as_bytes();
        if bytes.len() != 20 {
            return Err(TimestampError);
        }
        for (position, byte) in bytes.iter().enumerate() {
            let legal = match position {
                4 | 7 => *byte == b'-',
                10 => *byte == b'T',
                13 | 16 => *byte == b':',
                19 => *byte == b'Z',
                _ => byte.is_ascii_digit(),
            };
            if !legal {
                return Err(TimestampError);
            }
        }
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        };
        let (year, month, day) = (number(0..4), number(5..7), number(8..10));
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return Err(TimestampError),
        };
        let in_day = number(11..13) <= 23 && number(14..16) <= 59 && number(17..19) <= 59;
        if (1..=days).contains(&day) && in_day {
            Ok(Self(text.to_owned()))
        } else {
            Err(TimestampError)
        }
    }
}

impl Timestamp {
    /// Writes the seconds since 1970, unless they are before it or in a year of five digits.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        // The civil calendar counted from 1 March of year 0, in eras of 400 years.
        const DAYS_TO_1970: u64 = 719_468;
        const DAYS_OF_ERA: u64 = 146_097;
        let seconds = u64::try_from(seconds).ok()?;
        let (days, second) = (seconds / 86_400 + DAYS_TO_1970, seconds % 86_400);
        let (era, day) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        (year <= 9_999).then_some(Self(text))
    }

    /// Returns the seconds since 1970; before it they are negative.
    pub fn unix(&self) -> i64 {
        let number = |range: std::ops::Range<usize>| {
            self.0.as_bytes()[range].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
        };
        // The year begins in March, so that its last day is the one that may be missing.
        let (year, month) = (number(0..4), number(5..7));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let era = year.div_euclid(400);
        let in_era = year.rem_euclid(400);
        let day = in_era * 365 + in_era / 4 - in_era / 100 + (153 * month + 2) / 5 + number(8..10);
        let days = era * 146_097 + day - 1 - 719_468;
        days * 86_400 + number(11..13) * 3_600 + number(14..16) * 60 + number(17..19)
    }

    /// Returns the month.
    pub fn month(&self) -> Month {
        Month(self.0[..7].to_owned())
    }
}

/// A month of the UTC calendar, such as `2026-03`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(String);

text_name!(Month);
text_schema!(Month, "Month", "^[0-9]{4}-(0[1-9]|1[0-2])$");

/// The text is not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a month must be a year and a number, such as `2026-03`")]
pub struct MonthError;

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let first: Timestamp =
            format!("{text}-01T00:00:00Z").parse().map_err(|TimestampError| MonthError)?;
        Ok(first.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses<T: FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn names_that_could_leave_their_folder_or_not_be_stored_are_refused() {
        refuses::<PromptName>(&[
            "",
            "/",
            "a//b",
            "/a",
            "a/",
            "..",
            "a/../b",
            ".",
            "a.b",
            "A",
            "a b",
            "a\\b",
            "a\0",
            "-a",
            "a-",
            "_a",
            "a_",
            "%2e",
            "versions",
            "a/latest",
            "history",
            "cases",
            "index",
            "environments",
            "results",
            "files",
            "v1",
            "v2-thing",
            "a/v1.0.0",
            "a/b/c/d/e",
            "ä",
            "a@1",
        ]);
        refuses::<PromptName>(&[&"a".repeat(65)]);
        let longest = [&"a".repeat(59), "b", &"c".repeat(59), &"d".repeat(58)].join("/");
        assert_eq!(
            format!("{longest}d").parse::<PromptName>(),
            Err(NameError::Length { length: PromptName::MAX_BYTES + 1 })
        );
        for text in [
            "a",
            "0",
            "support/refund",
            "a/b/c/d",
            "vision",
            "v",
            "a-_b",
            &"a".repeat(64),
            &longest,
        ] {
            assert_eq!(
                text.parse::<PromptName>().map(|name| name.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn no_name_is_a_device_of_windows() {
        let ports = (0..10).flat_map(|number| [format!("com{number}"), format!("lpt{number}")]);
        for device in ["con", "prn", "aux", "nul"].map(str::to_owned).into_iter().chain(ports) {
            let refusal = NameError::Device { text: device.clone() };
            assert_eq!(device.parse::<PromptName>(), Err(refusal.clone()));
            assert_eq!(format!("a/{device}/b").parse::<PromptName>(), Err(refusal.clone()));
            assert_eq!(device.parse::<Environment>(), Err(refusal.clone()));
            assert_eq!(device.parse::<Chain>(), Err(refusal.clone()));
            assert_eq!(device.parse::<BundleName>(), Err(refusal.clone()));
            assert_eq!(device.parse::<RegistryName>(), Err(refusal));
            assert!(is_device(&format!("{}.tar.gz", device.to_uppercase())));
        }
        for text in ["com", "lpt", "com10", "console", "null", "auxiliary", "nul-1", "lpt-1"] {
            assert!(!is_device(text), "{text}");
            assert_eq!(text.parse::<Environment>().map(|name| name.to_string()), Ok(text.into()));
        }
    }

    #[test]
    fn versions_are_semver_in_one_spelling() {
        refuses::<Version>(&[
            "",
            "1",
            "1.0",
            "v1.0.0",
            "01.0.0",
            "1.0.0+build",
            "1.0.0-RC1",
            "1.0.0 ",
            "1.0.0-",
            "../1.0.0",
            "9007199254740993.0.0",
        ]);
        refuses::<Version>(&[&format!("1.0.0-{}", "a".repeat(60))]);
        let mut versions: Vec<Version> =
            ["1.10.0", "1.9.0", "1.10.0-rc.1", "1.10.0-rc.10", "1.10.0-rc.2"]
                .map(|v| v.parse().unwrap())
                .to_vec();
        versions.sort();
        let sorted: Vec<String> = versions.iter().map(Version::to_string).collect();
        assert_eq!(sorted, ["1.9.0", "1.10.0-rc.1", "1.10.0-rc.2", "1.10.0-rc.10", "1.10.0"]);
    }

    #[test]
    fn an_environment_is_never_the_catalog() {
        refuses::<Environment>(&["catalog", "a", "Dev", "1a", "a-", "dev_1", "", &"a".repeat(33)]);
        assert_eq!("catalog".parse(), Ok(Chain::Catalog));
        assert_eq!("dev".parse(), Ok(Chain::Environment("dev".parse().unwrap())));
    }

    #[test]
    fn times_have_one_spelling_and_exist() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_772_366_400, "2026-03-01T12:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.unix(), seconds);
            assert_eq!(Timestamp::from_unix(seconds), Some(time));
        }
        assert_eq!(Timestamp::from_unix(-1), None);
        assert_eq!(Timestamp::from_unix(253_402_300_800), None);
        refuses::<Timestamp>(&[
            "2026-03-01",
            "2026-03-01T12:00:00+00:00",
            "2026-03-01T12:00:00.0Z",
            "2026-13-01T12:00:00Z",
            "2026-02-29T12:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01t12:00:00z",
            "2100-02-29T00:00:00Z",
        ]);
        assert_eq!(
            "2028-02-29T23:59:59Z".parse::<Timestamp>().unwrap().as_str(),
            "2028-02-29T23:59:59Z"
        );
    }

    #[test]
    fn a_ref_reads_back() {
        let text = format!("acme-prompts/support/refund@1.3.0#{}", Digest::of(b"x"));
        assert_eq!(text.parse::<Ref>().map(|reference| reference.to_string()), Ok(text));
        refuses::<Ref>(&["acme/a@1.0.0", "a@1.0.0#sha256:00", "acme/a#sha256:00"]);
    }
}
