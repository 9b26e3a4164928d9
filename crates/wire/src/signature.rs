//! Signatures of releases: which bytes are signed, and the note that carries the signatures.
//!
//! `signature` is the last member of a release. Its value is a C2SP signed note: the text that is signed, an empty line,
//! and a line for each signature. The text names the release and the digest of its other bytes. Making and checking the
//! signatures themselves takes keys, and is not done here.

use std::fmt;

use crate::digest::Digest;
use crate::json::{self, ReadError};
use crate::name::{Chain, RegistryName};
use crate::release::Release;

/// The first line of every text that is signed for a release. No text with another purpose begins with it, so that a
/// signature made for one purpose is worth nothing for another.
pub const FIRST_LINE: &str = "promptdex release 1";

/// What stands between the signed bytes of a release and its note.
const MEMBER: &[u8] = b",\"signature\":";

/// A signed release, cut into the bytes that are signed and the note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRelease {
    /// The release without its last member: up to `,"signature":`, and a `}`.
    pub signed_bytes: Vec<u8>,
    /// The note, as it stands in `signature`.
    pub note: String,
}

impl SignedRelease {
    /// Cuts a release whose last member is `signature`. Returns nothing for any other.
    ///
    /// Bytes decide, not values: whatever stands before the last member is signed, also fields that this reader does not
    /// know, and members of that name in other objects.
    pub fn cut(release: &[u8]) -> Option<Self> {
        let at = release.windows(MEMBER.len()).rposition(|bytes| bytes == MEMBER)?;
        let value = release.get(at + MEMBER.len()..)?.strip_suffix(b"}")?;
        // White space is not part of the format. One string up to the end means that the brace was that of the release.
        if !value.starts_with(b"\"") || !value.ends_with(b"\"") {
            return None;
        }
        let note = serde_json::from_slice(value).ok()?;
        let mut signed_bytes = release.get(..at)?.to_owned();
        signed_bytes.push(b'}');
        Some(Self { signed_bytes, note })
    }

    /// Writes the release with its note.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signed_bytes.clone();
        bytes.pop();
        bytes.extend(MEMBER);
        bytes.extend(serde_json::Value::from(self.note.as_str()).to_string().into_bytes());
        bytes.push(b'}');
        bytes
    }
}

/// What a signature of a release says: the text of its note. `Display` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseStatement {
    /// The registry.
    pub registry: RegistryName,
    /// The environment, or `catalog`.
    pub environment: Chain,
    /// The number of the release.
    pub sequence: u64,
    /// Digest of the signed bytes.
    pub digest: Digest,
}

impl ReleaseStatement {
    /// Returns what is to be signed for a release that has no signature yet.
    pub fn of_unsigned(release: &[u8]) -> Result<Self, SignatureError> {
        let fields: Release = json::read(release)?;
        if fields.signature.is_some() {
            return Err(SignatureError::Signed);
        }
        Ok(Self::new(fields, release))
    }

    fn new(release: Release, signed_bytes: &[u8]) -> Self {
        let Release { registry, environment, sequence, .. } = release;
        Self { registry, environment, sequence, digest: Digest::of(signed_bytes) }
    }

    fn lines(&self) -> [(&'static str, String); 5] {
        [
            ("first line", FIRST_LINE.to_owned()),
            ("registry", self.registry.to_string()),
            ("environment", self.environment.to_string()),
            ("sequence", self.sequence.to_string()),
            ("digest", self.digest.to_string()),
        ]
    }
}

impl fmt::Display for ReleaseStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|(_, line)| writeln!(f, "{line}"))
    }
}

/// A C2SP signed note. `Display` writes it, [`SignedNote::parse`] reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    /// The text that is signed, with its last line end.
    pub text: String,
    /// The signatures: one at least.
    pub signatures: Vec<NoteSignature>,
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key.
    pub key: String,
    /// The first four bytes of the key's digest and the signature, in Base64.
    pub base64: String,
}

impl SignedNote {
    /// Reads a note.
    pub fn parse(note: &str) -> Option<Self> {
        let (text, lines) = note.strip_suffix('\n')?.rsplit_once("\n\n")?;
        if text.contains(|character: char| character.is_control() && character != '\n') {
            return None;
        }
        let signatures: Option<Vec<NoteSignature>> =
            lines.split('\n').map(NoteSignature::parse).collect();
        Some(Self { text: format!("{text}\n"), signatures: signatures? })
    }

    /// Reads the note of a release, and checks that it is about this release: that every line of its text is what the
    /// release says, and the digest that of the signed bytes. It does not check the signatures.
    pub fn of_release(release: &[u8]) -> Result<Self, SignatureError> {
        let fields: Release = json::read(release)?;
        if fields.signature.is_none() {
            return Err(SignatureError::Unsigned);
        }
        let SignedRelease { signed_bytes, note } =
            SignedRelease::cut(release).ok_or(SignatureError::NotLast)?;
        let note = Self::parse(&note).ok_or(SignatureError::NotANote)?;
        let statement = ReleaseStatement::new(fields, &signed_bytes);
        let mut signed = note.text.lines();
        for (what, own) in statement.lines() {
            let signed = signed.next().unwrap_or_default();
            if signed != own {
                return Err(SignatureError::OtherRelease { what, signed: signed.to_owned(), own });
            }
        }
        if note.text != statement.to_string() {
            return Err(SignatureError::NotANote);
        }
        Ok(note)
    }
}

impl NoteSignature {
    fn parse(line: &str) -> Option<Self> {
        let (key, base64) = line.strip_prefix("— ")?.split_once(' ')?;
        let is_name = !key.is_empty()
            && !key.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
        let digits = base64.strip_suffix("==").or(base64.strip_suffix('=')).unwrap_or(base64);
        let is_base64 = base64.len() % 4 == 0
            && digits.len() >= 7
            && digits.bytes().all(|digit| digit.is_ascii_alphanumeric() || b"+/".contains(&digit));
        let is_both = is_name && is_base64;
        is_both.then(|| Self { key: key.to_owned(), base64: base64.to_owned() })
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "— {} {}", line.key, line.base64))
    }
}

/// The signature of a release cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The release cannot be read.
    #[error(transparent)]
    Release(#[from] ReadError),
    /// There is none.
    #[error("the release has no `signature`")]
    Unsigned,
    /// There is one already.
    #[error("the release has a `signature` already")]
    Signed,
    /// Bytes after it would not be signed.
    #[error("`signature` is not the last member of the release")]
    NotLast,
    /// It is not a signed note about a release.
    #[error(
        "`signature` is not a signed note: five lines, an empty one, and lines with signatures"
    )]
    NotANote,
    /// It was made for another release, or for something else.
    #[error("the signature is of the {what} `{signed}`, and this is `{own}`")]
    OtherRelease {
        /// The line that differs.
        what: &'static str,
        /// The line of the note.
        signed: String,
        /// What the line of this release would be.
        own: String,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    const MARK: &str = r#","signature":"#;

    /// Texts in which the place of the cut could be taken for found.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            Just(MARK.to_owned()),
            Just(format!(r#"{MARK}"x"}}"#)),
            Just(format!(r#"\"{MARK}\"x\"}}"#)),
            Just("signature".to_owned()),
        ]
    }

    /// Values of fields that are not known yet: of any depth, with members that are called `signature`.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u32>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |value| {
            let key = prop_oneof![text(), Just("signature".to_owned())];
            prop_oneof![
                prop::collection::vec(value.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec((key, value), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The bytes of a release, with a remark and with fields that are not known yet at some place.
    fn release() -> impl Strategy<Value = Vec<u8>> {
        let fields = prop::collection::vec(("[a-z]{1,6}_later", value()), 0..3);
        (text(), fields, any::<bool>()).prop_map(|(note, fields, is_first)| {
            let digest = Digest::of(b"");
            let own = format!(
                r#""format":1,"kind":"release","registry":"acme","environment":"production","sequence":12,"operation":"publish","snapshot":{{"digest":"{digest}","size":0,"count":0,"bits":0}},"note":{}"#,
                Value::from(note)
            );
            let fields: Map<String, Value> = fields.into_iter().collect();
            let invented: Vec<String> = fields
                .into_iter()
                .map(|(name, value)| format!("{}:{value}", Value::from(name)))
                .collect();
            let mut members = vec![own];
            let at = if is_first { 0 } else { 1 };
            members.splice(at..at, invented);
            format!("{{{}}}", members.join(",")).into_bytes()
        })
    }

    fn note(text: &str) -> SignedNote {
        let signature =
            |key: &str| NoteSignature { key: key.to_owned(), base64: "AAAAAAAA".to_owned() };
        SignedNote { text: text.to_owned(), signatures: vec![signature("a/b"), signature("é")] }
    }

    proptest! {
        #[test]
        fn what_is_signed_is_cut_out_again(bytes in release(), anything in text()) {
            for note in [anything, note("x\n").to_string()] {
                let signed = SignedRelease { signed_bytes: bytes.clone(), note };
                let written = signed.to_bytes();
                let fields: Release = json::read(&written).unwrap();
                prop_assert_eq!(fields.signature.as_ref(), Some(&signed.note));
                prop_assert_eq!(SignedRelease::cut(&written), Some(signed));
            }
        }

        #[test]
        fn a_release_that_is_not_signed_is_not_cut(bytes in release(), more in value()) {
            prop_assert_eq!(SignedRelease::cut(&bytes), None);
            prop_assert!(matches!(SignedNote::of_release(&bytes), Err(SignatureError::Unsigned)));
            // What follows the signature would not be signed.
            let signed = SignedRelease { signed_bytes: bytes, note: note("x\n").to_string() };
            let mut longer = signed.to_bytes();
            longer.pop();
            longer.extend(format!(r#","more":{more}}}"#).into_bytes());
            prop_assert_eq!(SignedRelease::cut(&longer), None);
            prop_assert!(matches!(SignedNote::of_release(&longer), Err(SignatureError::NotLast)));
        }

        #[test]
        fn a_note_is_about_one_release(bytes in release(), other in release()) {
            let statement = ReleaseStatement::of_unsigned(&bytes).unwrap();
            let note = note(&statement.to_string());
            let signed = SignedRelease { signed_bytes: bytes.clone(), note: note.to_string() };
            prop_assert_eq!(SignedNote::of_release(&signed.to_bytes()).unwrap(), note);
            let moved = SignedRelease { signed_bytes: other.clone(), ..signed };
            prop_assert_eq!(SignedNote::of_release(&moved.to_bytes()).is_ok(), bytes == other);
        }

        #[test]
        fn a_note_reads_back(lines in prop::collection::vec("[^\\x00-\\x1f\\x7f-\\u{9f}]{1,20}", 1..4)) {
            let note = note(&(lines.join("\n") + "\n"));
            prop_assert_eq!(SignedNote::parse(&note.to_string()), Some(note));
        }
    }

    #[test]
    fn a_release_is_signed_as_it_is_written() {
        let digest = Digest::of(b"");
        let text = format!(
            r#"{{"format":1,"kind":"release","registry":"acme","environment":"production","sequence":12,"operation":"publish","snapshot":{{"digest":"{digest}","size":0,"count":0,"bits":0}}}}"#
        );
        let mut release: Release = json::read(text.as_bytes()).unwrap();
        let bytes = json::write(&release);
        let statement = ReleaseStatement::of_unsigned(&bytes).unwrap();
        assert_eq!(
            statement.to_string(),
            format!("promptdex release 1\nacme\nproduction\n12\n{}\n", Digest::of(&bytes))
        );
        let note = note(&statement.to_string()).to_string();
        release.signature = Some(note.clone());
        let signed = SignedRelease { signed_bytes: bytes, note };
        assert_eq!(signed.to_bytes(), json::write(&release));
        let again = ReleaseStatement::of_unsigned(&signed.to_bytes());
        assert!(matches!(again, Err(SignatureError::Signed)));
    }

    #[test]
    fn only_notes_are_read() {
        for text in [
            "",
            "a\n",
            "a\n\n",
            "a\n\n— k AAAAAAAA",
            "a\n— k AAAAAAAA\n",
            "a\n\n- k AAAAAAAA\n",
            "a\n\n—  AAAAAAAA\n",
            "a\n\n— k+k AAAAAAAA\n",
            "a\n\n— k\u{a0}k AAAAAAAA\n",
            "a\n\n— k AAAAAAA\n",
            "a\n\n— k AAAA\n",
            "a\n\n— k AAAAAA=A\n",
            "a\n\n— k AAAAAAAA \n",
            "a\r\n\n— k AAAAAAAA\n",
            "a\n\n— k AAAAAAAA\n\n",
            "a\n\n— k AAAAAAAA\nb\n",
        ] {
            assert_eq!(SignedNote::parse(text), None, "{text:?}");
        }
        assert!(SignedNote::parse("a\n\n— k AAAAAAA=\n— k AAAAAAAA\n").is_some());
    }
}
