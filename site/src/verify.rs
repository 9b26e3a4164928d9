//! Walks a registry as its clients do, and verifies every file against its digest: pointers, the chains
//! behind them, what the newest releases serve, and the documents of all versions. What cannot be read
//! where something should be is a problem: nothing is passed over.

use promptdex_wire::RegistryPath;
#[cfg(feature = "csr")]
use promptdex_wire::catalog::Registry;

/// The progress of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Files that were read.
    pub files: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Versions that were redacted after something named them, each once.
    pub redacted: Vec<RegistryPath>,
    /// The problems that were found.
    pub problems: Vec<String>,
    /// Whether the walk is over.
    pub is_done: bool,
}

#[cfg(feature = "csr")]
pub use walk::verify;

#[cfg(feature = "csr")]
mod walk {
    use promptdex_wire::{Chain, Digest, PackRange, PromptName, RegistryPath, Version};

    use super::{Progress, Registry};
    use crate::data::{fetch, fetch_all, is_withdrawn};
    use crate::model::page_documents::chains;
    use promptdex_reader::{Value, parse};

    /// Documents that are fetched at the same time.
    const TOGETHER: usize = 8;

    /// Walks every chain, and passes its progress to `report`.
    pub async fn verify(registry: &Registry, report: impl FnMut(&Progress)) {
        let mut walk = RegistryWalk { progress: Progress::default(), report };
        for chain in chains(registry) {
            walk.chain(&chain).await;
        }
        walk.progress.is_done = true;
        (walk.report)(&walk.progress);
    }

    struct RegistryWalk<R> {
        progress: Progress,
        report: R,
    }

    /// A file that something names.
    type Named = (RegistryPath, Digest);

    impl<R: FnMut(&Progress)> RegistryWalk<R> {
        fn problem(&mut self, path: &RegistryPath, what: &str) {
            self.progress.problems.push(format!("{path}: {what}"));
        }

        /// Counts a fetched file, and verifies it against its digest.
        fn take(
            &mut self,
            path: &RegistryPath,
            expected: Option<Digest>,
            bytes: Option<Vec<u8>>,
        ) -> Option<Vec<u8>> {
            let Some(bytes) = bytes else {
                self.problem(path, "missing");
                return None;
            };
            self.progress.files += 1;
            self.progress.bytes += bytes.len();
            let actual = Digest::of(&bytes);
            if let Some(expected) = expected.filter(|expected| *expected != actual) {
                if is_withdrawn(path, &bytes, expected) {
                    if !self.progress.redacted.contains(path) {
                        self.progress.redacted.push(path.clone());
                    }
                } else {
                    self.problem(
                        path,
                        &format!("digest mismatch: expected {expected}, got {actual}"),
                    );
                }
            }
            (self.report)(&self.progress);
            Some(bytes)
        }

        async fn read(&mut self, path: &RegistryPath, expected: Option<Digest>) -> Option<String> {
            let bytes = fetch(path).await.ok().flatten();
            self.take_text(path, expected, bytes)
        }

        fn take_text(
            &mut self,
            path: &RegistryPath,
            expected: Option<Digest>,
            bytes: Option<Vec<u8>>,
        ) -> Option<String> {
            let text = String::from_utf8(self.take(path, expected, bytes)?).ok();
            if text.is_none() {
                self.problem(path, "not valid UTF-8");
            }
            text
        }

        /// Reads documents whose contents need not be looked at.
        async fn read_all(&mut self, named: Vec<Named>) {
            for some in named.chunks(TOGETHER) {
                let paths: Vec<RegistryPath> = some.iter().map(|(path, _)| path.clone()).collect();
                let fetched = fetch_all(&paths).await;
                for ((path, digest), bytes) in some.iter().zip(fetched) {
                    self.take(path, Some(*digest), bytes.ok().flatten());
                }
            }
        }

        /// Reads a release from its own file, or from the pack that holds it. `pack` is the one that was read last.
        async fn release(
            &mut self,
            chain: &Chain,
            sequence: u64,
            pack: &mut Option<(PackRange, Vec<String>)>,
        ) -> Option<Vec<u8>> {
            let range = PackRange::holding(sequence)?;
            if pack.as_ref().is_none_or(|(own, _)| *own != range) {
                let path = RegistryPath::Release(chain.clone(), sequence);
                if let Some(bytes) = fetch(&path).await.ok().flatten() {
                    return Some(bytes);
                }
                let path = RegistryPath::ReleasePack(chain.clone(), range);
                let bytes = fetch(&path).await.ok().flatten()?;
                let text = String::from_utf8(bytes).ok()?;
                let document = parse(&text).ok()?;
                let texts = document.get("documents")?.items().iter();
                let texts = texts.filter_map(|text| Some(text.as_str()?.to_owned()));
                *pack = Some((range, texts.collect()));
            }
            let (_, texts) = pack.as_ref()?;
            texts.get(range.place(sequence)?).map(|text| text.clone().into_bytes())
        }

        /// Walks a chain: its pointer, every release behind it, what the newest serves.
        async fn chain(&mut self, chain: &Chain) {
            let path = RegistryPath::Pointer(chain.clone());
            let Some(pointer) = self.read(&path, None).await else { return };
            let newest = parse(&pointer).ok();
            let facts = newest.as_ref().and_then(|newest| {
                let sequence: u64 = newest.get("sequence")?.text().parse().ok()?;
                Some((sequence, digest(newest.get("snapshot")?, "digest")?))
            });
            let Some((mut sequence, snapshot)) = facts else {
                return self.problem(&path, "not a release");
            };
            let mut expected = Some(Digest::of(pointer.as_bytes()));
            let mut pack = None;
            while sequence > 0 {
                let path = RegistryPath::Release(chain.clone(), sequence);
                let bytes = self.release(chain, sequence, &mut pack).await;
                let Some(text) = self.take_text(&path, expected, bytes) else { return };
                let release = parse(&text).ok();
                let number = release.as_ref().and_then(|release| release.get("sequence"));
                if number.is_none_or(|number| number.text() != sequence.to_string()) {
                    return self.problem(&path, "wrong sequence number");
                }
                let changes = release.as_ref().and_then(|release| release.get("changes_file"));
                if let Some(changes) = changes.and_then(|changes| digest(changes, "digest")) {
                    self.list(None, changes).await;
                }
                expected = release.and_then(|release| digest(&release, "previous"));
                sequence -= 1;
                if expected.is_none() && sequence > 0 {
                    return self.problem(&path, "no link to the previous release");
                }
            }
            let path = RegistryPath::Snapshot(snapshot);
            let Some(root) = self.read(&path, Some(snapshot)).await else { return };
            let Ok(root) = parse(&root) else { return self.problem(&path, "not a snapshot") };
            if root.get("entries").is_none() && root.get("shards").is_none() {
                return self.problem(&path, "not a snapshot");
            }
            self.entries(chain, &path, &root).await;
            for shard in root.get("shards").into_iter().flat_map(Value::items) {
                let Some(shard) = digest(shard, "digest") else {
                    self.problem(&path, "a shard has no digest");
                    continue;
                };
                let path = RegistryPath::Snapshot(shard);
                let Some(text) = self.read(&path, Some(shard)).await else { continue };
                match parse(&text) {
                    Ok(shard) => self.entries(chain, &path, &shard).await,
                    Err(_) => self.problem(&path, "not a snapshot"),
                }
            }
        }

        async fn entries(&mut self, chain: &Chain, path: &RegistryPath, snapshot: &Value<'_>) {
            let mut named = Vec::new();
            for entry in snapshot.get("entries").into_iter().flat_map(Value::items) {
                let Some(name) = text(entry, "name").and_then(|name| name.parse().ok()) else {
                    self.problem(path, "an entry has no name");
                    continue;
                };
                if *chain == Chain::Catalog {
                    match digest(entry, "digest") {
                        Some(list) => self.list(Some(&name), list).await,
                        None => self.problem(path, "an entry has no digest"),
                    }
                    continue;
                }
                match entry.get("rollout").and_then(|rollout| rollout.get("arms")) {
                    Some(arms) => self.name_all(path, &name, arms.items(), &mut named),
                    None => self.name_all(path, &name, std::slice::from_ref(entry), &mut named),
                }
            }
            self.read_all(named).await;
        }

        /// Notes the documents that rows name.
        fn name_all(
            &mut self,
            path: &RegistryPath,
            name: &PromptName,
            rows: &[Value<'_>],
            named: &mut Vec<Named>,
        ) {
            for row in rows {
                match document(name, row) {
                    Some(document) => named.push(document),
                    None => self.problem(path, "an entry has no version or no digest"),
                }
            }
        }

        /// Walks a list and its pages: the versions of a prompt, else the changes of a release.
        async fn list(&mut self, name: Option<&PromptName>, list: Digest) {
            let mut next = Some(list);
            while let Some(list) = next {
                let path = RegistryPath::Snapshot(list);
                let Some(text) = self.read(&path, Some(list)).await else { return };
                let list = parse(&text).ok();
                let rows = if name.is_some() { "versions" } else { "changes" };
                let rows = list.as_ref().and_then(|list| list.get(rows));
                let (Some(list), Some(rows)) = (&list, rows) else {
                    return self.problem(&path, "not a list of versions or changes");
                };
                if let Some(name) = name {
                    let mut named = Vec::new();
                    self.name_all(&path, name, rows.items(), &mut named);
                    self.read_all(named).await;
                }
                next = list.get("older").and_then(|older| digest(older, "digest"));
                if next.is_none() && list.get("older").is_some() {
                    return self.problem(&path, "no link to the older rows");
                }
            }
        }
    }

    fn text<'v>(value: &'v Value<'_>, field: &str) -> Option<&'v str> {
        value.get(field)?.as_str()
    }

    fn digest(value: &Value<'_>, field: &str) -> Option<Digest> {
        text(value, field)?.parse().ok()
    }

    fn document(name: &PromptName, row: &Value<'_>) -> Option<Named> {
        let version: Version = text(row, "version")?.parse().ok()?;
        Some((RegistryPath::Version(name.clone(), version), digest(row, "digest")?))
    }
}
