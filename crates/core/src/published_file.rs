//! Single files of a published registry: read, and held to the digest that names them.

use promptdex_wire::{Blob, Chain, Digest, Document, RegistryPath, json};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A published file that is missing, or does not match the reference to it.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` {problem}")]
pub struct CorruptFile {
    /// The file.
    pub path: RegistryPath,
    /// The problem.
    pub problem: String,
}

impl CorruptFile {
    pub(crate) fn new(path: RegistryPath, problem: impl Into<String>) -> Self {
        Self { path, problem: problem.into() }
    }

    /// Returns the problem of a chain whose releases are there, and whose pointer is not.
    pub fn missing_pointer(chain: &Chain) -> Self {
        Self::new(RegistryPath::Pointer(chain.clone()), "is missing, but its releases exist")
    }
}

/// Reads a file and verifies its digest and, if known, its size.
pub(crate) fn fetch<E: From<CorruptFile>>(
    path: &RegistryPath,
    digest: Digest,
    size: Option<u64>,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<u8>, E> {
    check(path, digest, size, read(path)?)
}

/// Holds the bytes of a file to its digest and, if known, its size.
pub(crate) fn check<E: From<CorruptFile>>(
    path: &RegistryPath,
    digest: Digest,
    size: Option<u64>,
    bytes: Option<Vec<u8>>,
) -> Result<Vec<u8>, E> {
    let Some(bytes) = bytes else {
        return Err(CorruptFile::new(path.clone(), "is missing").into());
    };
    let blob = Blob::of(&bytes);
    if blob.digest != digest || size.is_some_and(|size| size != blob.size) {
        return Err(CorruptFile::new(path.clone(), "does not match its digest").into());
    }
    Ok(bytes)
}

pub(crate) fn parse<T: Document + DeserializeOwned>(
    path: &RegistryPath,
    bytes: &[u8],
) -> Result<T, CorruptFile> {
    json::read(bytes)
        .map_err(|error| CorruptFile::new(path.clone(), format!("cannot be read: {error}")))
}

/// Reads a document that the next release replaces by one of its own: what is in it and not known here would be taken back,
/// so that it is refused.
pub(crate) fn parse_known<T: Document + Serialize + DeserializeOwned>(
    path: &RegistryPath,
    bytes: &[u8],
) -> Result<T, CorruptFile> {
    let document: T = parse(path, bytes)?;
    if !json::has_all_of(&document, bytes) {
        let problem = "has fields of a newer promptdex: continue the registry with that version";
        return Err(CorruptFile::new(path.clone(), problem));
    }
    Ok(document)
}
