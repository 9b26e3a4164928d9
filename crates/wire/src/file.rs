//! The files of a version that its messages name: what they are called, and where their bytes are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::characters::is_invisible;
use crate::digest::{Blob, Digest};
use crate::json::{from_text, text_schema};
use crate::name::is_device;

/// The path of a file below the folder `files/` of a version, such as `img/receipt.png`. On every file
/// system it names a file in the folder that it is joined to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(String);

text_schema!(
    FilePath,
    "FilePath",
    r#"^[^/\\:*?"<>|\x00-\x1f\x7f-\x9f]+(/[^/\\:*?"<>|\x00-\x1f\x7f-\x9f]+)*$"#,
    "maxLength": FilePath::MAX_BYTES,
    "not": {"pattern": "[. ](/|$)|(^|/)([cC][oO][nN]|[pP][rR][nN]|[aA][uU][xX]|[nN][uU][lL]|[cC][oO][mM][0-9]|[lL][pP][tT][0-9])([./]|$)"}
);

/// Why a text is not the path of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilePathError {
    /// More than [`FilePath::MAX_BYTES`].
    #[error("the file path has {length} bytes; the limit is {}", FilePath::MAX_BYTES)]
    Length {
        /// How many there are.
        length: usize,
    },
    /// An empty segment, `.` or `..`.
    #[error("`{path}` is not a file path below `files/`")]
    Outside {
        /// The path.
        path: String,
    },
    /// A character that some file system cannot store.
    #[error("`{segment}` has a character that Windows does not allow in file names")]
    Character {
        /// The name of the file or folder.
        segment: String,
    },
    /// A character that cannot be seen.
    #[error("the file path has the invisible character U+{code:04X}")]
    Invisible {
        /// The character.
        code: u32,
    },
    /// A dot or a space at the end.
    #[error("`{segment}` ends with a dot or a space, which Windows removes")]
    End {
        /// The name of the file or folder.
        segment: String,
    },
    /// A device of Windows.
    #[error("`{segment}` is a reserved device name on Windows")]
    Device {
        /// The name of the file or folder.
        segment: String,
    },
}

impl FilePath {
    /// A path has at most so many bytes.
    pub const MAX_BYTES: usize = 180;

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FilePath {
    type Err = FilePathError;

    fn from_str(text: &str) -> Result<Self, FilePathError> {
        if text.len() > Self::MAX_BYTES {
            return Err(FilePathError::Length { length: text.len() });
        }
        let is_hidden = |c: &char| c.is_control() || is_invisible(*c);
        if let Some(character) = text.chars().find(is_hidden) {
            return Err(FilePathError::Invisible { code: character.into() });
        }
        for segment in text.split('/') {
            let owned = || segment.to_owned();
            if matches!(segment, "" | "." | "..") {
                return Err(FilePathError::Outside { path: text.to_owned() });
            }
            if segment.contains(|c| r#"\:*?"<>|"#.contains(c)) {
                return Err(FilePathError::Character { segment: owned() });
            }
            if segment.ends_with(['.', ' ']) {
                return Err(FilePathError::End { segment: owned() });
            }
            if is_device(segment) {
                return Err(FilePathError::Device { segment: owned() });
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// A file of the version: what it is called there, and its exact bytes, which are
/// `api/blobs/{64 hex of the digest}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileBlob {
    /// The path below `files/` in the version's folder, such as `img/receipt.png`.
    pub path: FilePath,
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Number of bytes.
    pub size: u64,
}

impl FileBlob {
    /// Describes the bytes of a file.
    pub fn of(path: FilePath, bytes: &[u8]) -> Self {
        let Blob { digest, size } = Blob::of(bytes);
        Self { path, digest, size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_file_below_its_folder_on_every_file_system() {
        for (text, expected) in [
            ("receipt.png", None),
            ("img/a.png", None),
            ("a b/é~.tar.gz", None),
            ("..a", None),
            ("console.txt", None),
            ("", Some(FilePathError::Outside { path: String::new() })),
            ("/etc/passwd", Some(FilePathError::Outside { path: "/etc/passwd".to_owned() })),
            ("a/../b", Some(FilePathError::Outside { path: "a/../b".to_owned() })),
            ("a//b", Some(FilePathError::Outside { path: "a//b".to_owned() })),
            ("a/", Some(FilePathError::Outside { path: "a/".to_owned() })),
            ("a\\b", Some(FilePathError::Character { segment: "a\\b".to_owned() })),
            ("c:a", Some(FilePathError::Character { segment: "c:a".to_owned() })),
            ("a\u{85}", Some(FilePathError::Invisible { code: 0x85 })),
            ("gnp.\u{202e}exe", Some(FilePathError::Invisible { code: 0x202e })),
            ("a./b", Some(FilePathError::End { segment: "a.".to_owned() })),
            ("a ", Some(FilePathError::End { segment: "a ".to_owned() })),
            ("a/Con.png", Some(FilePathError::Device { segment: "Con.png".to_owned() })),
            (&"a".repeat(181), Some(FilePathError::Length { length: 181 })),
        ] {
            assert_eq!(text.parse::<FilePath>().err(), expected, "{text:?}");
        }
    }
}
