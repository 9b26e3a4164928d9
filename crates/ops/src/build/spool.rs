//! The compiled files of prompts, until it is known which of them are published.
//!
//! Whether a prompt is published is only known once the whole tree is checked. A spool has the files
//! until then, so that a build that fails has written nothing: in memory while they are few, and then
//! in a temporary file without a name.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use promptdex_wire::RegistryPath;
use tempfile::SpooledTempFile;

use crate::error::{Context as _, Result};

/// So many bytes stay in memory.
const IN_MEMORY: usize = if cfg!(test) { 64 } else { 16 << 20 };

/// The files of all prompts that were compiled so far.
#[derive(Debug)]
pub(super) struct Spool(Mutex<SpooledTempFile>);

/// The place of the files of one prompt in a spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SpooledFiles {
    start: u64,
    size: usize,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileRole {
    /// A file of the prompt.
    Own,
    /// The replacement of a redacted document.
    Redaction,
}

impl Spool {
    /// Makes an empty spool, which may use a temporary file in `folder`.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(Mutex::new(SpooledTempFile::new_in(IN_MEMORY, folder)))
    }

    /// Adds the files of a prompt.
    pub(super) fn add<'f>(
        &self,
        files: impl IntoIterator<Item = (FileRole, &'f RegistryPath, &'f [u8])>,
    ) -> Result<SpooledFiles> {
        let mut record = Vec::new();
        for (role, path, bytes) in files {
            record.push(u8::from(role == FileRole::Redaction));
            for part in [path.to_string().as_bytes(), bytes] {
                record.extend((part.len() as u64).to_le_bytes());
                record.extend(part);
            }
        }
        let context = || "cannot write a temporary file".to_owned();
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = file.seek(SeekFrom::End(0)).with_context(context)?;
        file.write_all(&record).with_context(context)?;
        Ok(SpooledFiles { start, size: record.len() })
    }

    /// Returns the files of a prompt, in the order in which they were added.
    pub(super) fn read(
        &self,
        files: SpooledFiles,
    ) -> Result<Vec<(FileRole, RegistryPath, Vec<u8>)>> {
        let mut record = vec![0; files.size];
        {
            let context = || "cannot read a temporary file".to_owned();
            let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(files.start)).with_context(context)?;
            file.read_exact(&mut record).with_context(context)?;
        }
        let mut rest = record.as_slice();
        let mut read = Vec::new();
        while let Some((role, after)) = rest.split_first() {
            rest = after;
            let role = if *role == 0 { FileRole::Own } else { FileRole::Redaction };
            let (Some(path), Some(bytes)) = (take_part(&mut rest), take_part(&mut rest)) else {
                break;
            };
            let path = std::str::from_utf8(path).ok().and_then(RegistryPath::parse);
            // Every path that was added is one that the registry has.
            if let Some(path) = path {
                read.push((role, path, bytes.to_owned()));
            }
        }
        Ok(read)
    }
}

/// Takes a part of a record, which begins with its length.
fn take_part<'r>(rest: &mut &'r [u8]) -> Option<&'r [u8]> {
    let (length, after) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (part, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_as_they_were_added() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::in_folder(folder.path());
        let path = |text: &str| RegistryPath::parse(text).unwrap();
        let version = path("api/prompts/a/b/versions/1.0.0.json");
        let latest = path("api/prompts/a/b/latest/production.json");
        let long = vec![b'x'; 1_000];
        let first = [
            (FileRole::Own, &version, long.as_slice()),
            (FileRole::Redaction, &latest, b"".as_slice()),
        ];
        let second = [(FileRole::Own, &latest, b"{}".as_slice())];
        let places = [first.as_slice(), &[], &second].map(|files| {
            let place = spool.add(files.iter().copied()).unwrap();
            (place, files)
        });
        for (place, files) in places.iter().rev() {
            let found = spool.read(*place).unwrap();
            let found: Vec<_> =
                found.iter().map(|(role, path, bytes)| (*role, path, bytes.as_slice())).collect();
            assert_eq!(found, *files);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has a name");
    }
}
