//! Contents by their id, from one `git cat-file --batch` that stays up.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;

use promptdex_core::tree::MAX_FILE;

use crate::git::{Git, GitError};
use crate::oid::Oid;

/// Nothing that is larger is part of a tree of prompts.
#[expect(clippy::cast_possible_truncation, reason = "it is 4 MiB")]
const MAX_SIZE: usize = promptdex_core::tree::MAX_PART as usize;

/// A running `git cat-file`, which reads the contents of objects.
#[derive(Debug)]
pub struct ObjectReader {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

/// How many objects are requested before the first answer is read: fewer than fill the pipe to the program.
const AHEAD: usize = 512;

impl ObjectReader {
    /// Starts a reader.
    pub fn open(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command();
        command.args(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GitError::Run)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::Unexpected("cat-file"));
        };
        Ok(Self { child, input: Some(BufWriter::new(input)), output: BufReader::new(output) })
    }

    /// Reads contents in the order of their ids. What is too large for a tree of prompts reads as empty.
    pub fn read(&mut self, ids: &[Oid]) -> Result<Vec<Vec<u8>>, GitError> {
        let mut contents = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AHEAD) {
            let asked = self.ask(ids);
            asked.map_err(GitError::Run)?;
            for id in ids {
                contents.push(self.read_answer(*id)?);
            }
        }
        Ok(contents)
    }

    fn ask(&mut self, ids: &[Oid]) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        for id in ids {
            writeln!(input, "{id}")?;
        }
        input.flush()
    }

    fn read_answer(&mut self, id: Oid) -> Result<Vec<u8>, GitError> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(GitError::Run)?;
        let mut words = line.split_ascii_whitespace();
        let (kind, size) = (words.nth(1), words.next());
        let size: usize = match (kind, size.and_then(|size| size.parse().ok())) {
            (Some("missing"), _) => return Err(GitError::MissingObject(id)),
            (Some(_), Some(size)) => size,
            _ => return Err(GitError::Unexpected("cat-file")),
        };
        if size > MAX_SIZE {
            let mut rest = (&mut self.output).take(size as u64 + 1);
            io::copy(&mut rest, &mut io::sink()).map_err(GitError::Run)?;
            return Ok(Vec::new());
        }
        let mut bytes = vec![0; size + 1];
        self.output.read_exact(&mut bytes).map_err(GitError::Run)?;
        bytes.pop();
        Ok(bytes)
    }
}

impl Drop for ObjectReader {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends with its input; nothing depends on how.
        drop(self.child.wait());
    }
}

/// A cache of contents: many pointer files have the same content.
pub(crate) struct ObjectCache {
    objects: ObjectReader,
    read: HashMap<Oid, Arc<[u8]>>,
    /// How many bytes they are.
    size: usize,
}

/// The size limit of the cache in bytes, apart from the contents of the commits that are being read.
const MAX_KEPT: usize = 32 * 1024 * 1024;

impl ObjectCache {
    pub(crate) fn open(git: &Git) -> Result<Self, GitError> {
        Ok(Self { objects: ObjectReader::open(git)?, read: HashMap::new(), size: 0 })
    }

    /// Reads contents that are going to be needed, in one go.
    pub(crate) fn fetch(&mut self, needed: &[Oid]) -> Result<(), GitError> {
        let mut seen = HashSet::new();
        let is_missing = |id: &&Oid| !self.read.contains_key(*id) && seen.insert(**id);
        let missing: Vec<Oid> = needed.iter().filter(is_missing).copied().collect();
        for (id, bytes) in missing.iter().zip(self.objects.read(&missing)?) {
            self.keep(*id, bytes);
        }
        Ok(())
    }

    /// Adds a content to the cache; a content that is too large for a text file is replaced by an empty
    /// one.
    fn keep(&mut self, id: Oid, mut bytes: Vec<u8>) -> Arc<[u8]> {
        if bytes.len() as u64 > MAX_FILE {
            bytes.clear();
        }
        self.size += bytes.len();
        let bytes: Arc<[u8]> = bytes.into();
        self.read.insert(id, Arc::clone(&bytes));
        bytes
    }

    /// Forgets what was read, when it has become much.
    pub(crate) fn forget(&mut self) {
        if self.size > MAX_KEPT {
            self.read.clear();
            self.size = 0;
        }
    }

    pub(crate) fn read(&mut self, id: Oid) -> Result<Arc<[u8]>, GitError> {
        if let Some(bytes) = self.read.get(&id) {
            return Ok(Arc::clone(bytes));
        }
        let bytes = self.objects.read(&[id])?.pop().unwrap_or_default();
        Ok(self.keep(id, bytes))
    }
}
