//! The Git index: which files are tracked, and their metadata when Git last looked at them. The index file
//! is parsed here if it has the default format; otherwise Git lists it.

use std::collections::HashMap;
use std::fs;

use crate::git::{self, Git, GitError, run_to_end};
use crate::oid::Oid;

/// An entry of the index: a file with its id and its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// Its content.
    pub oid: Oid,
    /// When the file was changed, in seconds and nanoseconds.
    pub change_time: (i64, i64),
    /// When its content was changed.
    pub modification_time: (i64, i64),
    /// Its number in the file system, in 32 bits.
    pub inode: u32,
    /// Its size, in 32 bits.
    pub size: u32,
    /// Its place among them, below [`GitIndex::places`].
    pub place: usize,
}

/// The entries of the index by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitIndex {
    /// The files.
    pub files: HashMap<String, IndexEntry>,
    /// The number of places: at least the number of files, because different paths that are not UTF-8 may
    /// have the same text.
    pub places: usize,
}

impl GitIndex {
    fn add(&mut self, path: &str, mut indexed: IndexEntry) {
        let place = self.places;
        self.places += 1;
        indexed.place = place;
        self.files.insert(path.to_owned(), indexed);
    }
}

/// Reads the entries of the tree's files in the index. Unmerged entries, links and submodules are left out.
/// `head` is any commit.
pub fn read_index(git: &Git, head: Oid) -> Result<GitIndex, GitError> {
    let read = fs::read(git.index_file()).ok();
    match read.and_then(|bytes| parse(&bytes, head.to_string().len() / 2, git)) {
        Some(index) => Ok(index),
        None => list_index_entries(git),
    }
}

/// Parses an index file of version 2 or 3, with ids of `id_length` bytes; nothing for other formats.
fn parse(bytes: &[u8], id_length: usize, git: &Git) -> Option<GitIndex> {
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
    };
    let short = |at: usize| -> Option<u16> {
        Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
    };
    if bytes.get(..4)? != b"DIRC" || !matches!(number(4)?, 2 | 3) {
        return None;
    }
    let count = number(8)?;
    // Each entry has that much at least.
    if u64::from(count) * 62 > bytes.len() as u64 {
        return None;
    }
    // The bytes bear the number out.
    let files = HashMap::with_capacity(usize::try_from(count).ok()?);
    let mut index = GitIndex { files, places: 0 };
    let mut at = 12;
    for _ in 0..count {
        let fact = |place: usize| number(at + 4 * place);
        let time = |place: usize| Some((i64::from(fact(place)?), i64::from(fact(place + 1)?)));
        let ids = at + 40;
        let flags = short(ids + id_length)?;
        let is_extended = flags & 0x4000 != 0;
        let name = ids + id_length + if is_extended { 4 } else { 2 };
        let length = bytes.get(name..)?.iter().position(|byte| *byte == 0)?;
        let path = String::from_utf8_lossy(&bytes[name..name + length]);
        let is_file = fact(6)? >> 12 == 0o10 && (flags >> 12) & 3 == 0;
        if let Some(below) = git.path_below_root(&path).filter(|_| is_file) {
            let indexed = IndexEntry {
                oid: Oid::of_bytes(bytes.get(ids..ids + id_length)?)?,
                change_time: time(0)?,
                modification_time: time(2)?,
                inode: fact(5)?,
                size: fact(9)?,
                place: 0,
            };
            index.add(below, indexed);
        }
        // It ends with one to eight zeros.
        at += (name - at + length + 8) & !7;
    }
    // What extensions in small letters say has to be known to understand the rest.
    let end = bytes.len().checked_sub(id_length)?;
    while at < end {
        if !bytes.get(at)?.is_ascii_uppercase() {
            return None;
        }
        at = at.checked_add(8)?.checked_add(usize::try_from(number(at + 4)?).ok()?)?;
    }
    (at == end).then_some(index)
}

/// Lists the entries of the index with `git ls-files`.
fn list_index_entries(git: &Git) -> Result<GitIndex, GitError> {
    let mut command = git.command();
    command.args(["ls-files", "--stage", "--debug", "-z", "--"]);
    if !git.root().is_empty() {
        command.arg(git.root());
    }
    let listed = run_to_end("ls-files", &mut command)?;
    let mut index = GitIndex::default();
    let mut rest = listed.as_slice();
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let entry = String::from_utf8_lossy(&rest[..end]);
        rest = &rest[end + 1..];
        let facts = debug_lines(rest).ok_or(GitError::Unexpected("ls-files"))?;
        rest = &rest[facts.len()..];
        let file = std::str::from_utf8(facts).ok().and_then(|facts| read_indexed(&entry, facts));
        let (path, indexed) = file.ok_or(GitError::Unexpected("ls-files"))?;
        if let Some((indexed, path)) = indexed.zip(git.path_below_root(path)) {
            index.add(path, indexed);
        }
    }
    Ok(index)
}

/// Returns the five lines that follow an entry.
fn debug_lines(text: &[u8]) -> Option<&[u8]> {
    let mut ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    Some(&text[..=ends.nth(4)?])
}

/// Reads `100644 {id} 0\t{path}` and the lines `ctime: 1:2`, `mtime: 1:2`, `dev: 1\tino: 2`, `uid: …`,
/// `size: 1\tflags: 0`.
fn read_indexed<'e>(entry: &'e str, facts: &str) -> Option<(&'e str, Option<IndexEntry>)> {
    let (kind, path) = entry.split_once('\t')?;
    let mut kind = kind.split(' ');
    let (mode, oid, stage) = (kind.next()?, Oid::parse(kind.next()?)?, kind.next()?);
    let mut words = facts.split_ascii_whitespace();
    let mut after = |key: &str| words.by_ref().skip_while(|word| *word != key).nth(1);
    let time = |text: &str| -> Option<(i64, i64)> {
        let (seconds, rest) = text.split_once(':')?;
        Some((seconds.parse().ok()?, rest.parse().ok()?))
    };
    let (change_time, modification_time) = (time(after("ctime:")?)?, time(after("mtime:")?)?);
    let (inode, size) = (after("ino:")?.parse().ok()?, after("size:")?.parse().ok()?);
    let is_file = git::is_file(mode) && stage == "0";
    let indexed = IndexEntry { oid, change_time, modification_time, inode, size, place: 0 };
    Some((path, is_file.then_some(indexed)))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_index_says_what_git_says_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command
                .args(arguments)
                .current_dir(folder.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null");
            assert!(command.status().unwrap().success(), "{arguments:?}");
        };
        for (format, head) in [("sha1", "1".repeat(40)), ("sha256", "1".repeat(64))] {
            drop(fs::remove_dir_all(folder.path().join(".git")));
            run(&["init", "--quiet", &format!("--object-format={format}")]);
            for (path, text) in [("top", ""), ("prompts/a", "A"), ("prompts/b/\u{e9} c", "B")] {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            // Of paths that are not UTF-8, several may read the same.
            let twins = twins(folder.path());
            run(&["add", "top", "prompts/a", "prompts/twins"]);
            run(&["add", "--intent-to-add", "prompts/b"]);
            let head = Oid::parse(&head).unwrap();
            for root in ["", "prompts"] {
                let git = Git::find(&folder.path().join(root)).unwrap().unwrap();
                let bytes = fs::read(git.index_file()).unwrap();
                let length = head.to_string().len() / 2;
                let read = parse(&bytes, length, &git);
                assert_eq!(read, Some(list_index_entries(&git).unwrap()));
                let index = read.unwrap_or_default();
                assert_eq!(index.places, index.files.len() + twins);
                assert!(index.files.values().all(|file| file.place < index.places));
                for end in 0..bytes.len() {
                    drop(parse(&bytes[..end], length, &git));
                }
                // In other forms Git is asked.
                run(&["update-index", "--index-version=4"]);
                assert_eq!(parse(&fs::read(git.index_file()).unwrap(), length, &git), None);
                assert_eq!(read_index(&git, head).unwrap(), list_index_entries(&git).unwrap());
                run(&["update-index", "--index-version=2"]);
                run(&["update-index", "--split-index"]);
                assert_eq!(parse(&fs::read(git.index_file()).unwrap(), length, &git), None);
                run(&["update-index", "--no-split-index"]);
            }
        }
    }

    /// Writes files whose names read the same, and returns how many are hidden by another.
    #[cfg(unix)]
    fn twins(folder: &std::path::Path) -> usize {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = folder.join("prompts/twins");
        fs::create_dir_all(&folder).unwrap();
        for name in [b"z\xe8", b"z\xe9"] {
            fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), "").unwrap();
        }
        1
    }

    #[cfg(not(unix))]
    fn twins(_: &std::path::Path) -> usize {
        0
    }
}
