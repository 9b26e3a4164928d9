//! Walks a registry as its clients do, and holds every file to the digest that names it: pointers,
//! the chains behind them, snapshots, and the documents of all versions.

#[cfg(feature = "csr")]
use promptdex_wire::catalog::Registry;

/// How far a walk has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Files that were read.
    pub files: usize,
    /// Their bytes.
    pub bytes: usize,
    /// What is not as it should be.
    pub problems: Vec<String>,
    /// Whether the walk is over.
    pub is_done: bool,
}

#[cfg(feature = "csr")]
pub use walk::verify;

#[cfg(feature = "csr")]
mod walk {
    use promptdex_wire::{Chain, Digest, Path, PromptName, Version};

    use super::{Progress, Registry};
    use crate::data::json::{Value, parse};
    use crate::data::{fetch, fetch_all};

    /// Documents that are fetched at the same time.
    const TOGETHER: usize = 8;

    /// Walks every chain, and tells `report` how far it is; it stops when `report` says so.
    pub async fn verify(registry: &Registry, report: impl FnMut(&Progress) -> bool) {
        let mut walk = Walk { progress: Progress::default(), report, is_stopped: false };
        let chains = registry.environments.iter().cloned().map(Chain::Environment);
        for chain in chains.chain([Chain::Catalog]) {
            // What could not be read is among the problems.
            let _stopped_early = walk.chain(&chain).await;
        }
        walk.progress.is_done = true;
        (walk.report)(&walk.progress);
    }

    struct Walk<R> {
        progress: Progress,
        report: R,
        is_stopped: bool,
    }

    /// A file that something names.
    type Named = (Path, Digest);

    impl<R: FnMut(&Progress) -> bool> Walk<R> {
        fn problem(&mut self, path: &Path, what: &str) {
            self.progress.problems.push(format!("{path} {what}"));
        }

        /// Counts a file that has arrived, and holds it to its digest.
        fn take(
            &mut self,
            path: &Path,
            expected: Option<Digest>,
            bytes: Option<Vec<u8>>,
        ) -> Option<Vec<u8>> {
            let Some(bytes) = bytes else {
                self.problem(path, "is missing");
                return None;
            };
            self.progress.files += 1;
            self.progress.bytes += bytes.len();
            let actual = Digest::of(&bytes);
            if let Some(expected) = expected.filter(|expected| *expected != actual) {
                self.problem(path, &format!("has the digest {actual}, published was {expected}"));
            }
            self.is_stopped = !(self.report)(&self.progress);
            Some(bytes)
        }

        async fn read(&mut self, path: &Path, expected: Option<Digest>) -> Option<String> {
            if self.is_stopped {
                return None;
            }
            let bytes = fetch(path).await.ok().flatten();
            String::from_utf8(self.take(path, expected, bytes)?).ok()
        }

        /// Reads documents whose contents need not be looked at.
        async fn read_all(&mut self, named: Vec<Named>) {
            for some in named.chunks(TOGETHER) {
                if self.is_stopped {
                    return;
                }
                let paths: Vec<Path> = some.iter().map(|(path, _)| path.clone()).collect();
                let fetched = fetch_all(&paths).await;
                for ((path, digest), bytes) in some.iter().zip(fetched) {
                    self.take(path, Some(*digest), bytes.ok().flatten());
                }
            }
        }

        async fn chain(&mut self, chain: &Chain) -> Option<()> {
            let pointer = self.read(&Path::Pointer(chain.clone()), None).await?;
            let newest = parse(&pointer).ok()?;
            let mut sequence: u64 = newest.get("sequence")?.text().parse().ok()?;
            let mut expected = Some(Digest::of(pointer.as_bytes()));
            while sequence > 0 {
                let path = Path::Release(chain.clone(), sequence);
                let release = self.read(&path, expected).await?;
                expected = parse(&release).ok().and_then(|release| digest(&release, "previous"));
                sequence = if expected.is_some() { sequence - 1 } else { 0 };
            }
            let snapshot = digest(newest.get("snapshot")?, "digest")?;
            let root = self.read(&Path::Snapshot(snapshot), Some(snapshot)).await?;
            let root = parse(&root).ok()?;
            self.entries(chain, &root).await;
            for shard in root.get("shards").into_iter().flat_map(Value::items) {
                let shard = digest(shard, "digest")?;
                let text = self.read(&Path::Snapshot(shard), Some(shard)).await?;
                self.entries(chain, &parse(&text).ok()?).await;
            }
            Some(())
        }

        async fn entries(&mut self, chain: &Chain, snapshot: &Value<'_>) {
            let entries = snapshot.get("entries").into_iter().flat_map(Value::items);
            let mut named = Vec::new();
            let mut lists = Vec::new();
            for entry in entries {
                let Some(name) = text(entry, "name").and_then(|name| name.parse().ok()) else {
                    continue;
                };
                if *chain == Chain::Catalog {
                    lists.extend(digest(entry, "digest").map(|list| (name, list)));
                    continue;
                }
                named.extend(document(&name, entry));
                let arms = entry.get("rollout").and_then(|rollout| rollout.get("arms"));
                let arms = arms.into_iter().flat_map(Value::items);
                named.extend(arms.filter_map(|arm| document(&name, arm)));
            }
            self.read_all(named).await;
            for (name, list) in lists {
                self.list(&name, list).await;
            }
        }

        /// Walks the list of a prompt's versions.
        async fn list(&mut self, name: &PromptName, list: Digest) {
            let mut next = Some(list);
            while let Some(list) = next {
                let Some(text) = self.read(&Path::Snapshot(list), Some(list)).await else { return };
                let Ok(list) = parse(&text) else { return };
                let versions = list.get("versions").into_iter().flat_map(Value::items);
                let named = versions.filter_map(|row| document(name, row)).collect();
                self.read_all(named).await;
                next = list.get("older").and_then(|older| digest(older, "digest"));
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
        Some((Path::Version(name.clone(), version), digest(row, "digest")?))
    }
}
