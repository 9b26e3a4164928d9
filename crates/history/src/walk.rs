//! The commits that changed a tree, along the first parents of one commit.
//!
//! With merges, the first parents are what the published branch was, one merge after the other. Who did
//! what a merge brought is the author of the commit in it that did it, so the commits of merged branches
//! are read, too, where there are any.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use promptdex_core::tree::{Part, locate};
use promptdex_wire::{PromptName, Version};

use crate::git::{self, Git, GitError, ended};
use crate::message::Message;
use crate::objects::Oid;

/// A commit on the way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Commit {
    pub(crate) facts: Arc<Facts>,
    /// How many commits came after it: 0 for the one that the walk began with.
    pub(crate) age: usize,
    pub(crate) changes: Vec<FileChange>,
}

/// What Git says of a commit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) id: Oid,
    pub(crate) author: Person,
    /// Seconds since 1970; commits may have any text there.
    pub(crate) authored: Option<i64>,
    pub(crate) committer: Person,
    /// Likewise.
    pub(crate) committed: Option<i64>,
    pub(crate) message: Message,
}

/// A name and an address, as `.mailmap` has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// A file that a commit changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FileChange {
    /// Below the root of the tree.
    pub(crate) path: String,
    /// The prompt and the part of it that it is.
    pub(crate) part: Option<(PromptName, Part)>,
    /// The content before.
    pub(crate) old: Option<Oid>,
    /// The content after.
    pub(crate) new: Option<Oid>,
    /// The commit of a merged branch that did it.
    pub(crate) origin: Option<Arc<Facts>>,
}

/// The way from a commit back along first parents.
pub(crate) struct Walk {
    /// The commits on it that are read, the newest first.
    ids: Vec<Oid>,
    /// The age of each of the commits that were asked for and that are on the way.
    pub(crate) ages: HashMap<Oid, usize>,
    /// The commit before the first one, whose files the walk begins with.
    pub(crate) base: Option<Oid>,
    /// Whether the way ends there only because the clone is shallow.
    pub(crate) is_cut: bool,
    /// The commit of a merged branch that gave a file its content, by the merge.
    did: HashMap<(Oid, String, Option<Oid>), Arc<Facts>>,
    /// The commit of a merged branch that first touched a version, by the merge.
    begun: HashMap<(Oid, PromptName, Version), Arc<Facts>>,
    /// The merges of branches of which a shallow clone does not have every commit.
    cut_sides: HashSet<Oid>,
    /// What `.mailmap` makes of the people in trailers, as far as they were met.
    contacts: RefCell<HashMap<String, String>>,
}

/// Reads the commits along first parents that changed some paths below the root, the oldest first, and the
/// commit that a shallow clone begins with.
pub(crate) fn of_paths(
    git: &Git,
    head: Oid,
    paths: &[String],
) -> Result<(Vec<Commit>, Option<Oid>), GitError> {
    let differ = Differ::start(git, head, paths)?;
    let (way, mut commits) = differ.follow(|feed| Way::read(git, head, &[None], feed))?;
    commits.reverse();
    let cut = way.base.filter(|_| way.is_cut);
    commits.retain(|commit| Some(commit.facts.id) != cut);
    Ok((commits, cut))
}

impl Walk {
    /// Walks back from `head` to the oldest of the commits `until`, or to the beginning if one of them is
    /// not on the way or not known.
    pub(crate) fn read(git: &Git, head: Oid, until: &[Option<Oid>]) -> Result<Self, GitError> {
        let Way { ids, length, ages, base, is_cut } = Way::read(git, head, until, &mut |_| Ok(()))?;
        let way = &ids[..length];
        let mut walk = Self {
            ids: way.iter().map(|(id, _)| *id).collect(),
            ages,
            base,
            is_cut,
            did: HashMap::new(),
            begun: HashMap::new(),
            cut_sides: HashSet::new(),
            contacts: RefCell::default(),
        };
        if way.iter().any(|(_, parents)| parents.len() > 1) {
            walk.attribute(git, head, way)?;
        }
        // Of a clone that is cut off, the first commit seems to add everything.
        walk.ids.retain(|id| !is_cut || Some(*id) != base);
        Ok(walk)
    }

    /// Visits the commits that changed the tree, the oldest first, some of them at a time, while the rest
    /// is read.
    pub(crate) fn visit(
        &self,
        git: &Git,
        head: Oid,
        mut visit: impl FnMut(Vec<Commit>) -> Result<(), GitError>,
    ) -> Result<(), GitError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let ages: HashMap<Oid, usize> = self.ids.iter().copied().zip(0..).collect();
        let has_mailmap = OnceCell::new();
        Differ::start(git, head, &[])?.stream(self.ids.iter().rev(), |mut commits| {
            for commit in &mut commits {
                commit.age = ages.get(&commit.facts.id).copied().unwrap_or_default();
                if self.did.is_empty() {
                    continue;
                }
                for change in &mut commit.changes {
                    let key = (commit.facts.id, change.path.clone(), change.new);
                    change.origin = self.did.get(&key).map(Arc::clone);
                }
            }
            self.map_contacts(git, head, &has_mailmap, &commits)?;
            visit(commits)
        })
    }

    /// Asks `.mailmap` about the people in trailers.
    fn map_contacts(
        &self,
        git: &Git,
        head: Oid,
        has_mailmap: &OnceCell<bool>,
        commits: &[Commit],
    ) -> Result<(), GitError> {
        let mut contacts: BTreeSet<&str> = BTreeSet::new();
        for commit in commits {
            let origins = commit.changes.iter().filter_map(|change| change.origin.as_ref());
            for facts in origins.chain([&commit.facts]) {
                let Message { reviewed_by, co_authored_by, .. } = &facts.message;
                contacts.extend(reviewed_by.iter().chain(co_authored_by).map(String::as_str));
            }
        }
        // Git refuses what is not a name and an address.
        contacts.retain(|contact| contact.contains(" <") && contact.ends_with('>'));
        contacts.retain(|contact| !self.contacts.borrow().contains_key(*contact));
        if contacts.is_empty() {
            return Ok(());
        }
        let is_there = match has_mailmap.get() {
            Some(is_there) => *is_there,
            None => {
                let is_there = git.has(&format!("{head}:.mailmap"))?;
                *has_mailmap.get_or_init(|| is_there)
            }
        };
        if !is_there {
            return Ok(());
        }
        let asked: String = contacts.iter().map(|contact| format!("{contact}\n")).collect();
        let mut command = git.command();
        command.args(["-c", &format!("mailmap.blob={head}:.mailmap"), "check-mailmap", "--stdin"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GitError::Run)?;
        let input = child.stdin.take();
        let writer: JoinHandle<io::Result<()>> = std::thread::spawn(move || {
            input.map_or(Ok(()), |mut input| input.write_all(asked.as_bytes()))
        });
        let output = child.wait_with_output().map_err(GitError::Run)?;
        drop(writer.join());
        let text = String::from_utf8_lossy(&output.stdout);
        let mapped = contacts.into_iter().map(str::to_owned).zip(text.lines().map(str::to_owned));
        self.contacts.borrow_mut().extend(mapped);
        Ok(())
    }

    /// Returns a person in a trailer as `.mailmap` has them.
    pub(crate) fn contact(&self, text: &str) -> String {
        self.contacts.borrow().get(text).map_or_else(|| text.to_owned(), String::clone)
    }

    /// Returns the commit that first touched a version that a commit on the way added.
    pub(crate) fn begun(
        &self,
        commit: &Commit,
        name: &PromptName,
        version: &Version,
    ) -> Arc<Facts> {
        if self.begun.is_empty() {
            return Arc::clone(&commit.facts);
        }
        let key = (commit.facts.id, name.clone(), version.clone());
        self.begun.get(&key).map_or_else(|| Arc::clone(&commit.facts), Arc::clone)
    }

    /// Whether nobody can tell who did something that a merge brought: `facts` are of the merge itself, and
    /// some commits of its branch are missing.
    pub(crate) fn is_cut_side(&self, commit: &Commit, facts: &Facts) -> bool {
        facts.id == commit.facts.id && self.cut_sides.contains(&facts.id)
    }

    /// Finds the commits of merged branches that did what merges brought.
    fn attribute(&mut self, git: &Git, head: Oid, way: &[(Oid, Vec<Oid>)]) -> Result<(), GitError> {
        let owners = owners(git, head, self.base, way)?;
        let mut side = owners_in_order(&owners, git, head, self.base)?;
        // The first commit that a clone has of a branch seems to add everything.
        let cut = git.shallow()?;
        side.retain(|id| !cut.contains(id));
        self.cut_sides =
            owners.iter().filter(|(id, _)| cut.contains(*id)).map(|(_, o)| *o).collect();
        // The newest first: what a branch came to is by whoever wrote it last.
        if side.is_empty() {
            return Ok(());
        }
        for commit in &Differ::start(git, head, &[])?.read(side.iter())? {
            let Some(owner) = owners.get(&commit.facts.id) else { continue };
            for change in &commit.changes {
                let key = (*owner, change.path.clone(), change.new);
                self.did.entry(key).or_insert_with(|| Arc::clone(&commit.facts));
                if let Some((name, Part::Version(version, _))) = &change.part {
                    let key = (*owner, name.clone(), version.clone());
                    self.begun.insert(key, Arc::clone(&commit.facts));
                }
            }
        }
        Ok(())
    }
}

/// The ids along first parents, the newest first.
struct Way {
    ids: Vec<(Oid, Vec<Oid>)>,
    /// How many of them are read: those after the oldest that was asked for.
    length: usize,
    ages: HashMap<Oid, usize>,
    base: Option<Oid>,
    is_cut: bool,
}

impl Way {
    /// Walks back, and tells each commit that is read as it is found.
    fn read(
        git: &Git,
        head: Oid,
        until: &[Option<Oid>],
        feed: &mut dyn FnMut(Oid) -> io::Result<()>,
    ) -> Result<Self, GitError> {
        let mut wanted: HashSet<Option<Oid>> = until.iter().copied().collect();
        let mut ages = HashMap::new();
        let mut ids = Vec::new();
        let head_text = head.to_string();
        let mut list = Lines::of(git, &["rev-list", "--first-parent", "--parents", &head_text])?;
        while let Some(line) = list.next()? {
            let (id, parents) = with_parents(&line).ok_or(GitError::Unexpected("rev-list"))?;
            if wanted.remove(&Some(id)) {
                ages.insert(id, ids.len());
                if wanted.is_empty() {
                    let length = ids.len();
                    ids.push((id, parents));
                    list.stop();
                    return Ok(Self { ids, length, ages, base: Some(id), is_cut: false });
                }
            }
            feed(id).map_err(GitError::Run)?;
            ids.push((id, parents));
        }
        list.end("rev-list")?;
        let length = ids.len();
        let mut way = Self { ids, length, ages, base: None, is_cut: false };
        let oldest = way.ids.last().filter(|(_, parents)| parents.is_empty()).map(|(id, _)| *id);
        if let Some(oldest) = oldest.filter(|_| git.is_shallow().unwrap_or(false)) {
            // Git hides the parents of a commit at which a clone is cut off; its object has them.
            let commit = git.run("cat-file", &["commit", &oldest.to_string()])?;
            let mut header = commit.lines().take_while(|line| !line.is_empty());
            way.is_cut = header.any(|line| line.starts_with("parent "));
            way.base = Some(oldest).filter(|_| way.is_cut);
        }
        Ok(way)
    }
}

/// Finds the merge on the way that brought each commit of a merged branch.
fn owners(
    git: &Git,
    head: Oid,
    base: Option<Oid>,
    way: &[(Oid, Vec<Oid>)],
) -> Result<HashMap<Oid, Oid>, GitError> {
    let mut parents: HashMap<Oid, Vec<Oid>> = HashMap::new();
    let mut list = Lines::of(git, &graph(head, base, &["--parents"]))?;
    while let Some(line) = list.next()? {
        let (id, above) = with_parents(&line).ok_or(GitError::Unexpected("rev-list"))?;
        parents.insert(id, above);
    }
    list.end("rev-list")?;
    let mut seen: HashSet<Oid> = way.iter().map(|(id, _)| *id).collect();
    let mut owners = HashMap::new();
    // The oldest merge first: a branch belongs to the first one that brought it.
    for (merge, above) in way.iter().rev() {
        let mut pending: Vec<Oid> = above.iter().skip(1).copied().collect();
        while let Some(id) = pending.pop() {
            let Some(above) = parents.get(&id).filter(|_| seen.insert(id)) else { continue };
            owners.insert(id, *merge);
            pending.extend(above);
        }
    }
    Ok(owners)
}

/// Lists the commits that have an owner and are no merges, the newest first.
fn owners_in_order(
    owners: &HashMap<Oid, Oid>,
    git: &Git,
    head: Oid,
    base: Option<Oid>,
) -> Result<Vec<Oid>, GitError> {
    let mut order = Vec::new();
    let mut list = Lines::of(git, &graph(head, base, &["--no-merges", "--topo-order"]))?;
    while let Some(line) = list.next()? {
        order.extend(Oid::parse(&line).filter(|id| owners.contains_key(id)));
    }
    list.end("rev-list")?;
    Ok(order)
}

/// Asks for all commits between two.
fn graph(head: Oid, base: Option<Oid>, options: &[&str]) -> Vec<String> {
    let options = options.iter().map(|option| (*option).to_owned());
    let mut arguments: Vec<String> =
        std::iter::once("rev-list".to_owned()).chain(options).collect();
    arguments.push(head.to_string());
    arguments.extend(base.map(|base| format!("^{base}")));
    arguments
}

fn with_parents(line: &str) -> Option<(Oid, Vec<Oid>)> {
    let mut ids = line.split(' ').map(Oid::parse);
    Some((ids.next()??, ids.collect::<Option<_>>()?))
}

/// How `diff-tree` writes the facts of a commit; the message comes last, because it has many lines.
const FORMAT: &str = "--format=%H%n%at%n%ct%n%aN%n%aE%n%cN%n%cE%n%B";

/// A `diff-tree` that says what commits changed in the tree.
pub(crate) struct Differ<'g> {
    git: &'g Git,
    child: Child,
    input: BufWriter<ChildStdin>,
    output: ChildStdout,
}

impl<'g> Differ<'g> {
    /// Starts it; `head` is the commit whose `.mailmap` counts. With `paths` below the root, only what is
    /// below these is looked at.
    pub(crate) fn start(git: &'g Git, head: Oid, paths: &[String]) -> Result<Self, GitError> {
        let mut command = git.command();
        command.args(["-c", &format!("mailmap.blob={head}:.mailmap")]);
        command.args(["diff-tree", "--stdin", "-r", "--raw", "-z", "--root", "--no-renames"]);
        command.args(["--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color"]);
        command.args(["--no-relative", "--diff-merges=first-parent", "--encoding=UTF-8"]);
        command.args(["--ignore-submodules=none", FORMAT, "--"]);
        let root = git.root();
        let paths = if paths.is_empty() { git.paths() } else { paths };
        match (root.is_empty(), paths.is_empty()) {
            (true, _) => drop(command.args(paths)),
            (false, true) => drop(command.arg(root)),
            (false, false) => drop(command.args(paths.iter().map(|path| format!("{root}/{path}")))),
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GitError::Run)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                Ok(Self { git, child, input: BufWriter::new(input), output })
            }
            _ => Err(GitError::Unexpected("diff-tree")),
        }
    }

    /// Reads what the commits that `find` tells have changed, while it finds them. Those that changed
    /// nothing are left out.
    fn follow<T>(
        self,
        find: impl FnOnce(&mut dyn FnMut(Oid) -> io::Result<()>) -> Result<T, GitError>,
    ) -> Result<(T, Vec<Commit>), GitError> {
        let Self { git, mut child, mut input, output } = self;
        let (found, commits) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut commits = Vec::new();
                let output = BufReader::with_capacity(1 << 16, output);
                parse(output, git, |commit| {
                    commits.push(commit);
                    Ok(())
                })?;
                Ok(commits)
            });
            let found = find(&mut |id| writeln!(input, "{id}"));
            // It ends with its input.
            let closed = input.flush().map_err(GitError::Run);
            drop(input);
            let commits = reader.join().unwrap_or(Err(GitError::Unexpected("diff-tree")));
            (found.and_then(|found| closed.map(|()| found)), commits)
        });
        ended("diff-tree", &mut child)?;
        Ok((found?, commits?))
    }

    /// Reads what commits have changed, in their order. Those that changed nothing are left out.
    pub(crate) fn read<'i>(
        self,
        ids: impl Iterator<Item = &'i Oid> + Send,
    ) -> Result<Vec<Commit>, GitError> {
        let mut commits = Vec::new();
        self.stream(ids, |mut more| {
            commits.append(&mut more);
            Ok(())
        })?;
        Ok(commits)
    }

    /// Visits what commits have changed, in their order, while the rest is read. Those that changed nothing
    /// are left out.
    fn stream<'i>(
        self,
        ids: impl Iterator<Item = &'i Oid> + Send,
        mut visit: impl FnMut(Vec<Commit>) -> Result<(), GitError>,
    ) -> Result<(), GitError> {
        let Self { git, mut child, mut input, output } = self;
        let (sender, receiver) = std::sync::mpsc::sync_channel(4);
        let visited = std::thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut ids = ids;
                ids.try_for_each(|id| writeln!(input, "{id}")).and_then(|()| input.flush())
            });
            let reader = scope.spawn(move || {
                let output = BufReader::with_capacity(1 << 16, output);
                let mut commits = Vec::new();
                // Nobody listens any more when a visit failed.
                let gone = || GitError::Unexpected("diff-tree");
                parse(output, git, |commit| {
                    commits.push(commit);
                    if commits.len() < COMMITS_AT_ONCE {
                        return Ok(());
                    }
                    sender.send(std::mem::take(&mut commits)).map_err(|_closed| gone())
                })?;
                sender.send(commits).map_err(|_closed| gone())
            });
            let mut visited = Ok(());
            for commits in &receiver {
                visited = visit(commits);
                if visited.is_err() {
                    break;
                }
            }
            drop(receiver);
            if visited.is_err() {
                // Who writes and who reads would wait for it.
                drop(child.kill());
            }
            let read = reader.join().unwrap_or(Err(GitError::Unexpected("diff-tree")));
            // A program that went away says so by its status.
            drop(writer.join());
            visited.and(read)
        });
        let ended = ended("diff-tree", &mut child);
        visited.and(ended)
    }
}

/// So many commits are visited together.
const COMMITS_AT_ONCE: usize = 1_024;

/// Reads the output of `diff-tree`: parts that end with NUL, the facts of a commit or a changed file and
/// its path. Tells each commit that changed something.
fn parse(
    mut output: impl io::BufRead,
    git: &Git,
    mut tell: impl FnMut(Commit) -> Result<(), GitError>,
) -> Result<(), GitError> {
    let mut commit: Option<Commit> = None;
    let mut part = Vec::new();
    let mut next = |part: &mut Vec<u8>| -> Result<bool, GitError> {
        part.clear();
        let count = output.read_until(0, part).map_err(GitError::Run)?;
        if part.last() == Some(&0) {
            part.pop();
        }
        Ok(count > 0)
    };
    while next(&mut part)? {
        let unexpected = || GitError::Unexpected("diff-tree");
        // Between the facts and the first file stands a line end.
        let text = part.strip_prefix(b"\n").unwrap_or(&part);
        if text.is_empty() {
            continue;
        }
        if text[0] != b':' {
            let text = String::from_utf8_lossy(text);
            let facts = Arc::new(read_facts(&text).ok_or_else(unexpected)?);
            let before = commit.replace(Commit { facts, age: 0, changes: Vec::new() });
            before.filter(|commit| !commit.changes.is_empty()).map_or(Ok(()), &mut tell)?;
            continue;
        }
        let (old, new) = read_change(text).ok_or_else(unexpected)?;
        if !next(&mut part)? {
            return Err(unexpected());
        }
        let path = String::from_utf8_lossy(&part);
        let commit = commit.as_mut().ok_or_else(unexpected)?;
        // Neither what was there nor what is may be a file.
        if let Some(path) = git.below(&path).filter(|_| old.is_some() || new.is_some()) {
            let (path, part) = (path.to_owned(), locate(path));
            commit.changes.push(FileChange { path, part, old, new, origin: None });
        }
    }
    commit.filter(|commit| !commit.changes.is_empty()).map_or(Ok(()), tell)
}

/// Reads what [`FORMAT`] writes.
fn read_facts(text: &str) -> Option<Facts> {
    let mut lines = text.splitn(8, '\n');
    let id = Oid::parse(lines.next()?)?;
    let (authored, committed) = (lines.next()?.parse().ok(), lines.next()?.parse().ok());
    let mut person =
        || Some(Person { name: lines.next()?.to_owned(), email: lines.next()?.to_owned() });
    let (author, committer) = (person()?, person()?);
    let message = Message::read(lines.next().unwrap_or_default());
    Some(Facts { id, author, authored, committer, committed, message })
}

/// Reads `:100644 100644 {id} {id} M`. What is not a file has no content.
fn read_change(text: &[u8]) -> Option<(Option<Oid>, Option<Oid>)> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.strip_prefix(':')?.split(' ');
    let (before, after) = (git::is_file(words.next()?), git::is_file(words.next()?));
    let (old, new) = (Oid::parse(words.next()?)?, Oid::parse(words.next()?)?);
    Some((old.or_nothing().filter(|_| before), new.or_nothing().filter(|_| after)))
}

/// The lines that a command says, as it says them.
struct Lines {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Lines {
    fn of(git: &Git, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Result<Self, GitError> {
        let mut command = git.command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GitError::Run)?;
        let output = child.stdout.take().ok_or(GitError::Unexpected("rev-list"))?;
        Ok(Self { child, output: BufReader::new(output) })
    }

    fn next(&mut self) -> Result<Option<String>, GitError> {
        let mut line = String::new();
        let count = self.output.read_line(&mut line).map_err(GitError::Run)?;
        Ok((count > 0).then(|| line.trim_end_matches('\n').to_owned()))
    }

    /// Ends the command: the rest is not needed.
    fn stop(&mut self) {
        // It may have come to its end by itself.
        drop(self.child.kill());
    }

    /// Waits for the end of a command that has said everything.
    fn end(&mut self, command: &'static str) -> Result<(), GitError> {
        ended(command, &mut self.child)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
