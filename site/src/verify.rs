//! Walks a registry as its clients do, and verifies every file against its digest and size: pointers, the chains
//! behind them with their packs, the changes and rules that releases name, what the newest releases serve, and
//! the documents of all versions. What cannot be read where something should be is a problem: nothing is passed
//! over.

use promptdex_wire::RegistryPath;

#[cfg(feature = "csr")]
use crate::model::shown_documents::ShownRegistry;

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
    use promptdex_wire::pack::RELEASES_PER_PACK;
    use promptdex_wire::{Blob, Chain, Digest, PackRange, PromptName, RegistryPath, Version};

    use super::{Progress, ShownRegistry};
    use crate::data::{fetch, fetch_all, is_withdrawn};
    use crate::model::page_documents::chains;
    use promptdex_reader::{Value, parse};

    /// Documents that are fetched at the same time.
    const TOGETHER: usize = 8;

    /// Walks every chain, and passes its progress to `report`.
    pub async fn verify(registry: &ShownRegistry, report: impl FnMut(&Progress)) {
        let mut walk = RegistryWalk { progress: Progress::default(), rules: Vec::new(), report };
        for chain in chains(registry) {
            walk.chain(&chain).await;
        }
        walk.progress.is_done = true;
        (walk.report)(&walk.progress);
    }

    struct RegistryWalk<R> {
        progress: Progress,
        /// The rules that were read: most releases name the same.
        rules: Vec<Blob>,
        report: R,
    }

    /// A file that something names.
    type Named = (RegistryPath, Blob);

    impl<R: FnMut(&Progress)> RegistryWalk<R> {
        fn problem(&mut self, path: &RegistryPath, what: &str) {
            self.progress.problems.push(format!("{path}: {what}"));
        }

        /// Counts a fetched file, and verifies it against its digest and size.
        fn take(
            &mut self,
            path: &RegistryPath,
            expected: Option<Blob>,
            bytes: Option<Vec<u8>>,
        ) -> Option<Vec<u8>> {
            let Some(bytes) = bytes else {
                self.problem(path, "missing");
                return None;
            };
            self.progress.files += 1;
            self.progress.bytes += bytes.len();
            let actual = Blob::of(&bytes);
            if let Some(expected) = expected.filter(|expected| *expected != actual) {
                if is_withdrawn(path, &bytes, expected.digest) {
                    if !self.progress.redacted.contains(path) {
                        self.progress.redacted.push(path.clone());
                    }
                } else {
                    let [is, was] = [actual, expected]
                        .map(|blob| format!("{} with {} bytes", blob.digest, blob.size));
                    self.problem(path, &format!("digest mismatch: expected {was}, got {is}"));
                }
            }
            (self.report)(&self.progress);
            Some(bytes)
        }

        async fn read(&mut self, path: &RegistryPath, expected: Option<Blob>) -> Option<String> {
            let bytes = fetch(path).await.ok().flatten();
            self.take_text(path, expected, bytes)
        }

        fn take_text(
            &mut self,
            path: &RegistryPath,
            expected: Option<Blob>,
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
                for ((path, blob), bytes) in some.iter().zip(fetched) {
                    self.take(path, Some(*blob), bytes.ok().flatten());
                }
            }
        }

        /// Reads a release from its own file, or from the pack that holds it, and says which file has it. `pack` is the
        /// one that was read last.
        async fn release(
            &mut self,
            chain: &Chain,
            sequence: u64,
            pack: &mut Option<(PackRange, Vec<String>)>,
        ) -> Option<(RegistryPath, Vec<u8>)> {
            let range = PackRange::holding(sequence)?;
            let path = RegistryPath::ReleasePack(chain.clone(), range);
            if pack.as_ref().is_none_or(|(own, _)| *own != range) {
                let own = RegistryPath::Release(chain.clone(), sequence);
                if let Some(bytes) = fetch(&own).await.ok().flatten() {
                    return Some((own, bytes));
                }
                let Some(bytes) = fetch(&path).await.ok().flatten() else {
                    self.problem(
                        &own,
                        &format!("missing, and so is {path}, the pack that may have it"),
                    );
                    return None;
                };
                let Some(texts) = texts(bytes) else {
                    self.problem(&path, "not a pack of 100 releases");
                    return None;
                };
                *pack = Some((range, texts));
            }
            let (_, texts) = pack.as_ref()?;
            texts.get(range.place(sequence)?).map(|text| (path, text.clone().into_bytes()))
        }

        /// Reads the rules that were in force at a release.
        async fn rules(&mut self, release: &RegistryPath, rules: &Value<'_>) {
            let Some(rules) = blob(rules) else {
                return self.problem(release, "its policy has no digest or no size");
            };
            if self.rules.contains(&rules) {
                return;
            }
            self.rules.push(rules);
            let path = RegistryPath::Snapshot(rules.digest);
            let Some(policy) = self.read(&path, Some(rules)).await else { return };
            let policy = parse(&policy).ok();
            let kind = policy.as_ref().and_then(|policy| text(policy, "kind"));
            if kind != Some("policy") {
                self.problem(&path, "not a policy, which a release says it is");
            }
        }

        /// Walks a chain: its pointer, every release behind it, what the newest serves.
        async fn chain(&mut self, chain: &Chain) {
            let path = RegistryPath::Pointer(chain.clone());
            let Some(pointer) = self.read(&path, None).await else { return };
            let newest = parse(&pointer).ok();
            let facts = newest.as_ref().and_then(|newest| {
                Some((number(newest, "sequence")?, blob(newest.get("snapshot")?)?))
            });
            let Some((mut sequence, snapshot)) = facts else {
                return self.problem(&path, "not a release");
            };
            let mut expected = Some(Digest::of(pointer.as_bytes()));
            let mut pack = None;
            while sequence > 0 {
                let found = self.release(chain, sequence, &mut pack).await;
                let Some((path, bytes)) = found else { return };
                let actual = Blob::of(&bytes);
                // Nothing says how many bytes a release has.
                let mut named = expected.map(|digest| Blob { digest, ..actual });
                if matches!(path, RegistryPath::ReleasePack(..))
                    && named.is_some_and(|n| n != actual)
                {
                    let which = format!("release {sequence} is not the published one");
                    self.problem(&path, &which);
                    named = None;
                }
                let Some(text) = self.take_text(&path, named, Some(bytes)) else { return };
                let Ok(release) = parse(&text) else { return self.problem(&path, "not JSON") };
                let is_own = number(&release, "sequence") == Some(sequence)
                    && self::text(&release, "environment") == Some(chain.as_str());
                if !is_own {
                    let which = format!("wrong release, expected {sequence} of {chain}");
                    return self.problem(&path, &which);
                }
                if let Some(changes) = release.get("changes_file") {
                    match blob(changes) {
                        Some(file) => {
                            let count = self.list(None, file).await;
                            if count.is_some() && count != number(changes, "count") {
                                self.problem(&path, "wrong number of changes");
                            }
                        }
                        None => self.problem(&path, "its list of changes has no digest or no size"),
                    }
                }
                if let Some(rules) = release.get("policy") {
                    self.rules(&path, rules).await;
                }
                expected = digest(&release, "previous");
                sequence -= 1;
                if expected.is_none() && self::text(&release, "operation") == Some("restart") {
                    break;
                }
                if expected.is_none() && sequence > 0 {
                    return self.problem(&path, "no link to the previous release");
                }
            }
            let path = RegistryPath::Snapshot(snapshot.digest);
            let Some(root) = self.read(&path, Some(snapshot)).await else { return };
            let Ok(root) = parse(&root) else { return self.problem(&path, "not a snapshot") };
            if root.get("entries").is_none() && root.get("shards").is_none() {
                return self.problem(&path, "not a snapshot");
            }
            self.entries(chain, &path, &root).await;
            for shard in root.get("shards").into_iter().flat_map(Value::items) {
                let Some(shard) = blob(shard) else {
                    self.problem(&path, "a shard has no digest or no size");
                    continue;
                };
                let path = RegistryPath::Snapshot(shard.digest);
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
                    self.problem(path, "has an entry that needs a newer site");
                    continue;
                };
                if *chain == Chain::Catalog {
                    match blob(entry) {
                        Some(list) => drop(self.list(Some(&name), list).await),
                        None => self.problem(path, "has an entry that needs a newer site"),
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
                    None => {
                        self.problem(path, "names a document in a form that needs a newer site");
                    }
                }
            }
        }

        /// Walks a list and its pages: the versions of a prompt, else the changes of a release. Returns the number of
        /// its rows, if all could be read.
        async fn list(&mut self, name: Option<&PromptName>, list: Blob) -> Option<u64> {
            let mut count = 0;
            let mut next = Some(list);
            while let Some(list) = next {
                let path = RegistryPath::Snapshot(list.digest);
                let text = self.read(&path, Some(list)).await?;
                let list = parse(&text).ok();
                let rows = if name.is_some() { "versions" } else { "changes" };
                let rows = list.as_ref().and_then(|list| list.get(rows));
                let (Some(list), Some(rows)) = (&list, rows) else {
                    self.problem(&path, "not the list that another file says it is");
                    return None;
                };
                count += rows.items().len() as u64;
                if let Some(name) = name {
                    let mut named = Vec::new();
                    self.name_all(&path, name, rows.items(), &mut named);
                    self.read_all(named).await;
                }
                next = list.get("older").and_then(blob);
                if next.is_none() && list.get("older").is_some() {
                    self.problem(&path, "no link to the older rows");
                    return None;
                }
            }
            Some(count)
        }
    }

    fn text<'v>(value: &'v Value<'_>, field: &str) -> Option<&'v str> {
        value.get(field)?.as_str()
    }

    fn digest(value: &Value<'_>, field: &str) -> Option<Digest> {
        text(value, field)?.parse().ok()
    }

    fn number(value: &Value<'_>, field: &str) -> Option<u64> {
        value.get(field)?.text().parse().ok()
    }

    /// Reads which file something names: by its digest, with its size beside it.
    fn blob(value: &Value<'_>) -> Option<Blob> {
        Some(Blob { digest: digest(value, "digest")?, size: number(value, "size")? })
    }

    fn document(name: &PromptName, row: &Value<'_>) -> Option<Named> {
        let version: Version = text(row, "version")?.parse().ok()?;
        Some((RegistryPath::Version(name.clone(), version), blob(row)?))
    }

    /// Reads the releases of a pack.
    fn texts(pack: Vec<u8>) -> Option<Vec<String>> {
        let text = String::from_utf8(pack).ok()?;
        let pack = parse(&text).ok()?;
        let texts = pack.get("documents")?.items().iter();
        let texts: Vec<String> = texts.filter_map(|text| Some(text.as_str()?.to_owned())).collect();
        (texts.len() as u64 == RELEASES_PER_PACK).then_some(texts)
    }
}
