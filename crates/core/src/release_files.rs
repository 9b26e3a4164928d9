//! The releases of a published chain, wherever they are: in files of their own, or in packs.

use promptdex_wire::pack::RELEASES_PER_PACK;
use promptdex_wire::{Chain, Digest, PackRange, RegistryPath, ReleasePack};

use crate::published_file::{CorruptFile, parse};

/// Reads releases of a chain. What it returns is not yet held to a digest.
#[derive(Debug)]
pub struct ReleaseFiles<'c, R> {
    chain: &'c Chain,
    read: R,
    /// The pack that was read last.
    pack: Option<(PackRange, Vec<String>)>,
}

impl<'c, R> ReleaseFiles<'c, R> {
    /// Reads the releases of a chain by `read`, which returns a published file, if there is one.
    pub fn new(chain: &'c Chain, read: R) -> Self {
        Self { chain, read, pack: None }
    }

    /// Returns the bytes of a release and the file that has them, if there is one with this number.
    pub fn release<E: From<CorruptFile>>(
        &mut self,
        sequence: u64,
    ) -> Result<Option<(RegistryPath, Vec<u8>)>, E>
    where
        R: Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    {
        let Some(range) = PackRange::holding(sequence) else { return Ok(None) };
        let path = RegistryPath::ReleasePack(self.chain.clone(), range);
        // Whoever walks back through a pack does not look for a hundred files that are not there.
        if self.pack.as_ref().is_none_or(|(own, _)| *own != range) {
            let own = RegistryPath::Release(self.chain.clone(), sequence);
            if let Some(bytes) = (self.read)(&own)? {
                return Ok(Some((own, bytes)));
            }
            let Some(bytes) = (self.read)(&path)? else { return Ok(None) };
            let pack: ReleasePack = parse(&path, &bytes)?;
            if pack.documents.len() as u64 != RELEASES_PER_PACK {
                let problem =
                    format!("has {} releases, not {RELEASES_PER_PACK}", pack.documents.len());
                return Err(CorruptFile { path, problem }.into());
            }
            self.pack = Some((range, pack.documents));
        }
        let place = range.place(sequence);
        let documents = self.pack.as_ref().map(|(_, documents)| documents);
        let text = documents.zip(place).and_then(|(documents, place)| documents.get(place));
        Ok(text.map(|text| (path, text.clone().into_bytes())))
    }

    /// Returns the release that the one after it names by its digest, and the file that has it.
    pub fn named<E: From<CorruptFile>>(
        &mut self,
        sequence: u64,
        digest: Digest,
    ) -> Result<(RegistryPath, Vec<u8>), E>
    where
        R: Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    {
        let own = RegistryPath::Release(self.chain.clone(), sequence);
        let Some((path, bytes)) = self.release(sequence)? else {
            let pack = PackRange::holding(sequence)
                .map(|range| RegistryPath::ReleasePack(self.chain.clone(), range));
            let problem = match pack {
                Some(pack) => format!("is missing, and so is its pack `{pack}`"),
                None => "is missing".to_owned(),
            };
            return Err(CorruptFile::new(own, problem).into());
        };
        if Digest::of(&bytes) == digest {
            return Ok((path, bytes));
        }
        let problem = if path == own {
            "does not match its digest".to_owned()
        } else {
            format!("has a different release {sequence} than the published one")
        };
        Err(CorruptFile::new(path, problem).into())
    }
}
