//! The ids that Git gives to contents and commits.

use std::fmt;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The id of an object: SHA-1 or SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    bytes: [u8; 32],
    length: u8,
}

impl Oid {
    /// Reads 40 or 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let length = match text.len() {
            40 => 20,
            64 => 32,
            _ => return None,
        };
        let mut bytes = [0; 32];
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let [high, low] = pair else { return None };
            *byte = (digit(*high)? << 4) | digit(*low)?;
        }
        Some(Self { bytes, length })
    }

    /// Takes the bytes of an id.
    pub(crate) fn of_bytes(id: &[u8]) -> Option<Self> {
        let length = u8::try_from(id.len()).ok().filter(|length| matches!(length, 20 | 32))?;
        let mut bytes = [0; 32];
        bytes[..id.len()].copy_from_slice(id);
        Some(Self { bytes, length })
    }

    /// Whether it is the id of a file with these bytes, or of the same text with the line ends that Git
    /// keeps.
    pub fn is_of(self, bytes: &[u8]) -> bool {
        let is = |bytes: &[u8]| self == Self::of(bytes, self.length);
        is(bytes) || (bytes.contains(&b'\r') && is(&without_cr(bytes)))
    }

    fn of(bytes: &[u8], length: u8) -> Self {
        let header = format!("blob {}\0", bytes.len());
        let mut own = [0; 32];
        if length == 32 {
            own = Sha256::new().chain_update(header).chain_update(bytes).finalize().into();
        } else {
            let digest = Sha1::new().chain_update(header).chain_update(bytes).finalize();
            own[..20].copy_from_slice(&digest);
        }
        Self { bytes: own, length }
    }

    /// Returns the id, unless it is the one of nothing.
    pub(crate) fn non_null(self) -> Option<Self> {
        (self.bytes != [0; 32]).then_some(self)
    }

    /// Returns a number that differs for other contents.
    pub fn stamp(self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.bytes[..8]);
        u64::from_be_bytes(first)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes[..usize::from(self.length)].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes CRLF as LF.
fn without_cr(bytes: &[u8]) -> Vec<u8> {
    let followed = bytes.iter().skip(1).map(Some).chain([None]);
    let kept = bytes.iter().zip(followed);
    kept.filter(|pair| *pair != (&b'\r', Some(&b'\n'))).map(|(byte, _)| *byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_have_the_ids_that_git_gives_them() {
        // `printf 'Hi.\nHo.\n' | git hash-object --stdin`, in a repository of each kind.
        for id in [
            "12531535c5d9d55e4acc69658e4f3d083f73b481",
            "29a534c139b205c3487b33a70c3ae8ecd07ec0e6b4812915db212d0833424f7f",
        ] {
            let oid = Oid::parse(id).unwrap();
            assert_eq!(oid.to_string(), id);
            assert!(oid.is_of(b"Hi.\nHo.\n") && oid.is_of(b"Hi.\r\nHo.\r\n"));
            assert!(!oid.is_of(b"Hi.\nHo.") && !oid.is_of(b"Hi.\nHo.\n\r"));
        }
        assert_eq!(Oid::parse("12531535c5d9d55e4acc69658e4f3d083f73b48"), None);
        assert_eq!(Oid::parse("12531535c5d9d55e4acc69658e4f3d083f73b48g"), None);
    }
}
