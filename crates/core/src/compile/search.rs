//! The index of all texts: which prompts have a term, in shards of neighbouring terms.
//!
//! The terms of a prompt go into one index as soon as it is compiled: there may be millions. What the
//! index does not have, because a prompt is as it was,
//! comes out of the shards of the registry that is continued, one shard at a time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::prompt::Message;
use promptdex_wire::release::Sequences;
use promptdex_wire::search::{self, from_gaps, to_gaps};
use promptdex_wire::{
    Digest, Format, Json, Kind, RegistryName, RegistryPath, Search, SearchShard, ShardName, json,
};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::{PromptSummary, targets};
use crate::model::{Prompt, Settings};
use crate::published_registry::CorruptFile;

/// The minimum size of a shard in bytes. After it, the shard ends at the first term whose hash marks a
/// boundary. Boundaries depend on nearby terms alone, so an edit leaves the other shards unchanged.
const SMALLEST: usize = if cfg!(test) { 64 } else { 64 * 1024 };

/// On average, one term of this many marks a boundary.
const ONE_OF: u8 = if cfg!(test) { 4 } else { 64 };

/// A shard ends here in any case.
const LARGEST: usize = if cfg!(test) { 160 } else { 128 * 1024 };

/// Terms in one buffer, so that each takes a few bytes and no memory of its own.
#[derive(Debug, Clone, Default)]
struct TermBuffer {
    text: String,
    slots: Vec<BufferedTerm>,
}

/// A term in a buffer.
#[derive(Debug, Clone, Copy)]
struct BufferedTerm {
    /// Its first eight bytes, which order most terms without a look into the buffer.
    key: u64,
    start: u32,
    /// No term has more than 112 bytes.
    length: u8,
    place: u32,
}

impl TermBuffer {
    /// Adds a term, unless the buffer is full: it holds far more than the texts of one prompt.
    fn push(&mut self, term: &str, place: u32) {
        let mut first = [0; 8];
        first.iter_mut().zip(term.bytes()).for_each(|(to, from)| *to = from);
        if let (Ok(start), Ok(length)) = (u32::try_from(self.text.len()), u8::try_from(term.len()))
        {
            self.text.push_str(term);
            self.slots.push(BufferedTerm { key: u64::from_be_bytes(first), start, length, place });
        }
    }

    fn term(&self, slot: &BufferedTerm) -> &str {
        let start = slot.start as usize;
        self.text.get(start..start + usize::from(slot.length)).unwrap_or_default()
    }

    /// Returns the terms in order, each with its places in order.
    fn sorted(&self) -> Vec<BufferedTerm> {
        let mut slots = self.slots.clone();
        slots.sort_unstable_by(|a, b| {
            let terms = || self.term(a).cmp(self.term(b));
            a.key.cmp(&b.key).then_with(terms).then(a.place.cmp(&b.place))
        });
        slots
    }
}

/// The terms of the texts of a prompt, each once, in order.
#[derive(Debug, Clone, Default)]
pub struct PromptTerms(TermBuffer);

impl PromptTerms {
    /// Collects the terms of the versions that the site shows: the highest one and those that are
    /// served.
    pub fn of(prompt: &Prompt, settings: &Settings) -> Self {
        let targets = targets::targets(prompt, settings);
        let served = targets.values().flat_map(Target::versions);
        let shown: BTreeSet<_> = served.chain(targets::highest(prompt)).collect();
        let texts = shown.into_iter().filter_map(|version| {
            let state = prompt.states.get(version).map(|state| state.state);
            let is_shown = !matches!(state, Some(State::Archived | State::Redacted));
            let source = prompt.versions.get(version).filter(|_| is_shown)?;
            Some((source.messages.as_slice(), source.examples.as_deref()))
        });
        Self::of_texts(texts)
    }

    /// Collects the terms of versions: of the messages and the examples of each.
    pub(super) fn of_texts<'t>(
        versions: impl IntoIterator<Item = (&'t [Message], Option<&'t [Json]>)>,
    ) -> Self {
        let mut all = TermBuffer::default();
        for (messages, examples) in versions {
            search::texts(messages, examples, |_, text| {
                // Letters and their marks have one spelling in the index.
                let text = if is_nfc(&text) { text } else { text.nfc().collect::<String>().into() };
                search::terms(&text, |term| all.push(term, 0));
            });
        }
        Self::deduplicate(&all)
    }

    fn deduplicate(all: &TermBuffer) -> Self {
        let mut terms = TermBuffer::default();
        let mut last = "";
        for slot in all.sorted() {
            let term = all.term(&slot);
            if term != last {
                terms.push(term, 0);
            }
            last = term;
        }
        Self(terms)
    }

    /// Returns a number that changes when the terms change.
    pub fn stamp(&self) -> u64 {
        let terms: Vec<&str> = self.0.slots.iter().map(|slot| self.0.term(slot)).collect();
        let digest = Digest::of(terms.join("\n").as_bytes());
        digest.as_bytes().iter().take(8).fold(0, |stamp, byte| stamp << 8 | u64::from(*byte))
    }
}

/// So many terms of prompts wait to be sorted.
const WAITING: usize = if cfg!(test) { 50 } else { 512 * 1024 };

/// Which prompts have a term. A prompt is known by its place among all prompts of the tree, by name.
///
/// There may be millions of terms, most of them in one prompt. They are sorted in heaps of a size, each of
/// which is packed into a few bytes a term; in the end the heaps are read side by side.
#[derive(Debug, Default)]
pub struct Terms {
    waiting: TermBuffer,
    packed: Vec<Vec<u8>>,
    /// For each place the one that the prompt has in the end, if prompts were left out.
    moved: Option<Vec<Option<u32>>>,
}

impl Terms {
    /// Adds a prompt.
    pub fn add(&mut self, place: u32, terms: &PromptTerms) {
        for slot in &terms.0.slots {
            self.waiting.push(terms.0.term(slot), place);
        }
        if self.waiting.slots.len() >= WAITING {
            self.pack();
        }
    }

    /// Gives every prompt another place, and leaves out those that have none.
    pub fn move_places(&mut self, places: Vec<Option<u32>>) {
        self.moved = Some(places);
    }

    /// Packs the buffered terms: for each term the length of the prefix that it shares with the previous
    /// one, the rest, and its places.
    fn pack(&mut self) {
        let mut packed = Vec::new();
        let slots = self.waiting.sorted();
        let mut before = "";
        for places in
            slots.chunk_by(|a, b| a.key == b.key && self.waiting.term(a) == self.waiting.term(b))
        {
            let Some(first) = places.first() else { continue };
            let term = self.waiting.term(first);
            let same = before.bytes().zip(term.bytes()).take_while(|(a, b)| a == b).count();
            write_number(&mut packed, u32::try_from(same).unwrap_or(0));
            write_number(&mut packed, u32::try_from(term.len() - same).unwrap_or(0));
            packed.extend_from_slice(&term.as_bytes()[same..]);
            write_number(&mut packed, u32::try_from(places.len()).unwrap_or(u32::MAX));
            let mut last = 0;
            for slot in places {
                write_number(&mut packed, slot.place - last);
                last = slot.place;
            }
            before = term;
        }
        packed.shrink_to_fit();
        self.packed.push(packed);
        self.waiting.text.clear();
        self.waiting.slots.clear();
    }

    /// Returns every term, in order, with its places.
    fn sorted(mut self) -> impl Iterator<Item = (String, Vec<u32>)> {
        self.pack();
        self.waiting = TermBuffer::default();
        let mut heaps: Vec<PackedTerms> = self.packed.into_iter().map(PackedTerms::new).collect();
        let moved = self.moved;
        let mut heads: BinaryHeap<Reverse<(Vec<u8>, usize)>> = BinaryHeap::new();
        for (number, heap) in heaps.iter_mut().enumerate() {
            heads.extend(heap.next().map(|term| Reverse((term, number))));
        }
        std::iter::from_fn(move || {
            let Reverse((term, _)) = heads.peek()?;
            let term = term.clone();
            let mut places = Vec::new();
            while let Some(Reverse((_, number))) = pop_if(&mut heads, &term) {
                let heap = heaps.get_mut(number)?;
                places.append(&mut heap.places);
                heads.extend(heap.next().map(|term| Reverse((term, number))));
            }
            if let Some(moved) = &moved {
                let place = |place: u32| moved.get(usize::try_from(place).ok()?).copied().flatten();
                places = places.into_iter().filter_map(place).collect();
                places.sort_unstable();
            }
            Some((String::from_utf8_lossy(&term).into_owned(), places))
        })
    }
}

/// Takes the first term if it is this one.
fn pop_if(
    heads: &mut BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    term: &[u8],
) -> Option<Reverse<(Vec<u8>, usize)>> {
    let is_it = matches!(heads.peek(), Some(Reverse((first, _))) if first == term);
    if is_it { heads.pop() } else { None }
}

/// A packed heap that is read from its beginning.
struct PackedTerms {
    bytes: std::vec::IntoIter<u8>,
    term: Vec<u8>,
    /// The places of the term that was read last.
    places: Vec<u32>,
}

impl PackedTerms {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into_iter(), term: Vec::new(), places: Vec::new() }
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        let same = self.number()?;
        let rest = self.number()?;
        self.term.truncate(same as usize);
        self.term.extend(self.bytes.by_ref().take(rest as usize));
        let mut place = 0;
        self.places.clear();
        for _ in 0..self.number()? {
            place += self.number()?;
            self.places.push(place);
        }
        Some(self.term.clone())
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.bytes.next()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        Some(number)
    }
}

/// Writes a number, seven bits a byte, the lowest first.
fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// The search index of the texts of a registry.
#[derive(Debug)]
pub enum TextIndex {
    /// They are what they were, and so are the shards.
    Unchanged(Option<Search>),
    /// The shards are written again.
    Changed {
        /// The terms of the prompts that were compiled.
        terms: Terms,
        /// The reused terms of prompts that were not compiled.
        reused_terms: ReusedTerms,
    },
}

/// The terms of unchanged prompts, from the shards of an earlier build.
#[derive(Debug, Default)]
pub struct ReusedTerms {
    /// Its shards, in order.
    pub shards: Vec<ShardName>,
    /// For each row of its catalog the place of the prompt, unless that was compiled or is gone.
    pub places: Vec<Option<u32>>,
}

/// The fields that all shards have in common.
pub(super) struct ShardHeader<'a> {
    pub(super) registry: &'a RegistryName,
    /// The newest release of each chain.
    pub(super) sequences: &'a Sequences,
    /// Whether a published registry is continued: its shards keep their bytes if their terms are unchanged.
    pub(super) is_continued: bool,
    /// Digest of the names in the catalog.
    pub(super) names: Digest,
    /// For the place of each prompt its row in the catalog, unless nothing of it is shown.
    pub(super) rows: Vec<Option<u32>>,
}

impl ShardHeader<'_> {
    /// Writes the shards, and returns where they are; without terms there are none.
    pub(super) fn write<E: From<CorruptFile>>(
        &self,
        terms: Terms,
        reused_terms: ReusedTerms,
        read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
        write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
    ) -> Result<Option<Search>, E> {
        let to_row = |place: u32| self.rows.get(usize::try_from(place).ok()?).copied().flatten();
        let mut compiled = terms.sorted().peekable();
        let mut shards = reused_terms.shards.into_iter();
        let mut known = BTreeMap::new().into_iter().peekable();
        let mut cut = ShardBuilder::default();
        let mut boundaries = Vec::new();
        let mut is_over = false;
        loop {
            // The next shard is read before the one in its place is written.
            while known.peek().is_none() && !is_over {
                match shards.next() {
                    Some(shard) => known = read_shard(shard, read)?.into_iter().peekable(),
                    None => is_over = true,
                }
            }
            let heads = [known.peek().map(|(term, _)| term), compiled.peek().map(|(term, _)| term)];
            let Some(term) = heads.into_iter().flatten().min().cloned() else { break };
            let new = compiled.next_if(|(new, _)| *new == term).map(|(_, places)| places);
            let old = known.next_if(|(old, _)| *old == term).map(|(_, gaps)| gaps);
            let old = old.unwrap_or_default();
            let old = from_gaps(old).filter_map(|row| {
                reused_terms.places.get(usize::try_from(row).ok()?).copied().flatten()
            });
            let places = old.chain(new.into_iter().flatten());
            let mut rows: Vec<u32> = places.filter_map(to_row).collect();
            if rows.is_empty() {
                continue;
            }
            rows.sort_unstable();
            rows.dedup();
            to_gaps(&mut rows);
            if let Some((from, terms, to)) = cut.end_before(&term, &rows) {
                self.write_shard(from.clone(), Some(to), terms, read, write)?;
                boundaries.push(from);
            }
            cut.push(term, rows);
        }
        if cut.terms.is_empty() {
            return Ok(None);
        }
        self.write_shard(cut.from.clone(), None, cut.terms, read, write)?;
        boundaries.push(cut.from);
        Ok(Some(Search { names: self.names, shards: boundaries }))
    }

    fn write_shard<E>(
        &self,
        from: String,
        to: Option<String>,
        terms: BTreeMap<String, Vec<u32>>,
        read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
        write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(name) = ShardName::of_boundary(&from) else { return Ok(()) };
        let path = RegistryPath::Search(name);
        let mut shard = SearchShard {
            format: Format,
            kind: Kind::Search,
            registry: self.registry.clone(),
            sequences: self.sequences.clone(),
            names: self.names,
            from,
            to,
            terms,
        };
        let old = if self.is_continued { read(&path)? } else { None };
        if let Some(old) = old
            && let Ok(known) = json::read::<SearchShard>(&old)
        {
            // In which releases it last changed is all that it knows better.
            let sequences = std::mem::replace(&mut shard.sequences, known.sequences.clone());
            if shard == known {
                return write(path, json::write(&shard));
            }
            shard.sequences = sequences;
        }
        write(path, json::write(&shard))
    }
}

/// Reads the terms of an existing shard.
fn read_shard<E: From<CorruptFile>>(
    shard: ShardName,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<BTreeMap<String, Vec<u32>>, E> {
    let path = RegistryPath::Search(shard);
    let problem = match read(&path)? {
        Some(bytes) => match json::read::<SearchShard>(&bytes) {
            Ok(shard) => return Ok(shard.terms),
            Err(error) => error.to_string(),
        },
        None => "is missing".to_owned(),
    };
    Err(CorruptFile { path, problem }.into())
}

/// Collects the terms of a shard until it ends.
#[derive(Default)]
struct ShardBuilder {
    from: String,
    terms: BTreeMap<String, Vec<u32>>,
    /// How many bytes its terms take.
    size: usize,
    last: String,
}

impl ShardBuilder {
    /// Ends the shard if it ends before a term: returns its boundary, its terms, and the boundary of
    /// the next one.
    fn end_before(
        &mut self,
        term: &str,
        rows: &[u32],
    ) -> Option<(String, BTreeMap<String, Vec<u32>>, String)> {
        let is_full = self.size + size(term, rows) > LARGEST;
        let says_so = || Digest::of(term.as_bytes()).as_bytes()[0].is_multiple_of(ONE_OF);
        if self.terms.is_empty() || !(is_full || self.size >= SMALLEST && says_so()) {
            return None;
        }
        let to = separator(&self.last, term);
        let from = std::mem::replace(&mut self.from, to.clone());
        self.size = 0;
        Some((from, std::mem::take(&mut self.terms), to))
    }

    fn push(&mut self, term: String, rows: Vec<u32>) {
        self.size += size(&term, &rows);
        self.last.clone_from(&term);
        self.terms.insert(term, rows);
    }
}

/// Returns how many bytes a term takes in a shard.
fn size(term: &str, rows: &[u32]) -> usize {
    let digits = |row: &u32| row.checked_ilog10().unwrap_or(0) as usize + 1;
    term.len() + "\"\":[],".len() + rows.iter().map(|row| digits(row) + 1).sum::<usize>()
}

/// Returns the shortest beginning of a term that is above the term before it.
fn separator(before: &str, term: &str) -> String {
    let ends = term.char_indices().map(|(at, character)| at + character.len_utf8());
    let mut beginnings = ends.map(|end| &term[..end]);
    beginnings.find(|beginning| *beginning > before).unwrap_or(term).to_owned()
}

impl PromptSummary {
    /// Whether the catalog has it: a prompt of which nothing can be shown is not in it.
    pub(super) fn is_shown(&self) -> bool {
        self.row.version_count > 0
    }
}

/// Returns the digest of the names in the catalog that is made of `summaries`.
pub fn digest_of_names(summaries: &[&PromptSummary]) -> Digest {
    let shown = summaries.iter().filter(|summary| summary.is_shown());
    Search::digest(shown.map(|summary| summary.name()))
}

/// Returns for each of `summaries` its row in the catalog.
pub(super) fn list_catalog_rows(summaries: &[&PromptSummary]) -> Vec<Option<u32>> {
    let mut rows = 0..;
    let row = |summary: &&PromptSummary| summary.is_shown().then(|| rows.next()).flatten();
    summaries.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;

    type Files = BTreeMap<String, Vec<u8>>;

    /// The terms of the prompts, by place.
    type Prompts = BTreeMap<u32, BTreeSet<String>>;

    /// Writes the shards of some prompts over those that are there.
    fn write(
        compiled: &Prompts,
        reused_terms: ReusedTerms,
        count: u32,
        sequence: u64,
        files: Files,
    ) -> (Option<Search>, Files) {
        let mut terms = Terms::default();
        // In any order: prompts are compiled on all cores.
        for (place, own) in compiled.iter().rev() {
            let mut heap = TermBuffer::default();
            own.iter().chain(own).for_each(|term| heap.push(term, 0));
            terms.add(*place, &PromptTerms::deduplicate(&heap));
        }
        let sequences = [(promptdex_wire::Chain::Catalog, sequence)].into();
        let shards = ShardHeader {
            registry: &"acme".parse().unwrap(),
            sequences: &sequences,
            is_continued: true,
            names: Digest::of(&count.to_be_bytes()),
            rows: (0..count).map(Some).collect(),
        };
        let files = RefCell::new(files);
        let written = RefCell::new(Files::new());
        let search = shards.write::<CorruptFile>(
            terms,
            reused_terms,
            &|path| Ok(files.borrow().get(&path.to_string()).cloned()),
            &mut |path, bytes| {
                // In place a shard is overwritten while the next ones are read.
                files.borrow_mut().insert(path.to_string(), bytes.clone());
                written.borrow_mut().insert(path.to_string(), bytes);
                Ok(())
            },
        );
        (search.unwrap(), written.into_inner())
    }

    /// Reads the shards, each of which must keep to its place.
    fn index(search: Option<&Search>, files: &Files) -> BTreeMap<String, Vec<u32>> {
        let mut index = BTreeMap::new();
        let Some(search) = search else {
            assert!(files.is_empty());
            return index;
        };
        assert_eq!(files.len(), search.shards.len());
        assert!(search.shards.is_sorted());
        let ends = search.shards.iter().skip(1).map(Some).chain([None]);
        for ((from, name), to) in search.shards.iter().zip(search.files()).zip(ends) {
            let bytes = &files[&RegistryPath::Search(name).to_string()];
            let shard: SearchShard = json::read(bytes).unwrap();
            assert_eq!((&shard.from, shard.to.as_ref(), shard.names), (from, to, search.names));
            assert!(bytes.len() < LARGEST + 400, "{}", String::from_utf8_lossy(bytes));
            for (term, gaps) in shard.terms {
                assert!(term >= *from && to.is_none_or(|to| term < *to), "{term} in {from}");
                assert_eq!(index.insert(term, from_gaps(gaps).collect()), None);
            }
        }
        index
    }

    fn expected(prompts: &Prompts) -> BTreeMap<String, Vec<u32>> {
        let mut index: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (place, terms) in prompts {
            for term in terms {
                index.entry(term.clone()).or_default().push(*place);
            }
        }
        index
    }

    fn prompts() -> impl Strategy<Value = Vec<BTreeSet<String>>> {
        prop::collection::vec(prop::collection::btree_set("[a-d退款]{1,5}", 0..30), 1..8)
    }

    proptest! {
        /// An index that was updated equals an index of the same texts built at once. Each prompt of the
        /// tree has its terms, and is unchanged, changed or new.
        #[test]
        fn what_is_taken_over_is_what_would_be_compiled(
            before in prompts(), after in prompts(), stays in prop::collection::vec(0..3_u8, 8),
        ) {
            let old: Prompts = (0..).zip(before.iter().cloned()).collect();
            let count = u32::try_from(before.len()).unwrap();
            let (search, files) = write(&old, ReusedTerms::default(), count, 1, Files::new());
            prop_assert_eq!(index(search.as_ref(), &files), expected(&old));

            // A tree in which some of the old prompts are gone, and others come between them.
            let mut now = Prompts::new();
            let (mut compiled, mut places) = (Prompts::new(), vec![None; before.len()]);
            let mut place = 0;
            for (number, terms) in before.iter().enumerate() {
                match (stays[number], after.get(number)) {
                    (0, _) => {
                        places[number] = Some(place);
                        now.insert(place, terms.clone());
                        place += 1;
                    }
                    (1, Some(terms)) => {
                        compiled.insert(place, terms.clone());
                        now.insert(place, terms.clone());
                        place += 1;
                    }
                    _ => {}
                }
            }
            let shards = search.iter().flat_map(Search::files).collect();
            let warm = write(&compiled, ReusedTerms { shards, places }, place, 2, files.clone());
            let cold = write(&now, ReusedTerms::default(), place, 2, files);
            prop_assert_eq!(index(cold.0.as_ref(), &cold.1), expected(&now));
            prop_assert!(warm == cold);
        }
    }

    #[test]
    fn an_edit_leaves_most_shards_as_they_are() {
        let term = |number: u32| Digest::of(&number.to_be_bytes()).hex()[..6].to_owned();
        let mut prompts: Prompts =
            (0..20).map(|place| (place, (0..40).map(|n| term(place * 29 + n)).collect())).collect();
        let (search, files) = write(&prompts, ReusedTerms::default(), 20, 1, Files::new());
        let shards = search.unwrap().shards;
        assert!(shards.len() > 40, "{}", shards.len());
        assert!(shards.iter().all(|boundary| boundary.len() <= 5), "{shards:?}");

        prompts.get_mut(&7).unwrap().insert("888888".to_owned());
        let (_, changed) = write(&prompts, ReusedTerms::default(), 20, 2, files.clone());
        let others = changed.iter().filter(|(path, bytes)| files.get(*path) != Some(bytes));
        assert!(matches!(others.count(), 1..5));
    }
}
