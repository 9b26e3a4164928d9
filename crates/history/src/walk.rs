//! The commits that changed a tree, along the first parents of one commit.
//!
//! With merges, the first parents are what the published branch was, one merge after the other. Who did
//! what a merge brought is the author of the commit in it that did it, so the commits of merged branches
//! are read, too, where there are any.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use promptdex_core::tree::{Part, locate};
use promptdex_wire::{PromptName, Version};

use crate::git::{Git, GitError};
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
    /// The commits that changed the tree, the oldest first.
    commits: Vec<Commit>,
    /// The age of each of the commits that were asked for and that are on the way.
    pub(crate) ages: HashMap<Oid, usize>,
    /// The commit before the first one, whose files the walk begins with.
    pub(crate) base: Option<Oid>,
    /// Whether the way ends there only because the clone is shallow.
    pub(crate) is_cut: bool,
    /// The commit of a merged branch that first touched a version, by the merge.
    begun: HashMap<(Oid, PromptName, Version), Arc<Facts>>,
    /// The merges of branches of which a shallow clone does not have every commit.
    cut_sides: HashSet<Oid>,
    /// What `.mailmap` makes of the people in trailers.
    contacts: HashMap<String, String>,
}

/// Reads the commits along first parents that changed some paths below the root, the oldest first, and the
/// commit that a shallow clone begins with.
pub(crate) fn of_paths(
    git: &Git,
    head: Oid,
    paths: &[String],
) -> Result<(Vec<Commit>, Option<Oid>), GitError> {
    let differ = Differ::start(git, head, paths)?;
    let (way, mut commits) = differ.run(git.root(), |feed| Way::read(git, head, &[None], feed))?;
    commits.reverse();
    let cut = way.base.filter(|_| way.is_cut);
    commits.retain(|commit| Some(commit.facts.id) != cut);
    Ok((commits, cut))
}

impl Walk {
    /// Walks back from `head` to the oldest of the commits `until`, or to the beginning if one of them is
    /// not on the way or not known.
    pub(crate) fn read(git: &Git, head: Oid, until: &[Option<Oid>]) -> Result<Self, GitError> {
        let differ = Differ::start(git, head, &[])?;
        let (way, commits) = differ.run(git.root(), |feed| Way::read(git, head, until, feed))?;
        let ages: HashMap<Oid, usize> =
            way.ids[..way.length].iter().map(|(id, _)| *id).zip(0..).collect();
        let mut commits = commits;
        for commit in &mut commits {
            commit.age = ages.get(&commit.facts.id).copied().unwrap_or_default();
        }
        commits.sort_by_key(|commit| std::cmp::Reverse(commit.age));
        let Way { ages, base, is_cut, .. } = way;
        // Of a clone that is cut off, the first commit seems to add everything.
        commits.retain(|commit| !is_cut || Some(commit.facts.id) != base);
        let mut walk = Self {
            commits,
            ages,
            base,
            is_cut,
            begun: HashMap::new(),
            cut_sides: HashSet::new(),
            contacts: HashMap::new(),
        };
        let merges: HashSet<Oid> =
            way.ids.iter().filter(|(_, parents)| parents.len() > 1).map(|(id, _)| *id).collect();
        if walk.commits.iter().any(|commit| merges.contains(&commit.facts.id)) {
            walk.attribute(git, head, &way.ids[..way.length])?;
        }
        walk.map_contacts(git, head)?;
        Ok(walk)
    }

    /// Asks `.mailmap` about the people in trailers.
    fn map_contacts(&mut self, git: &Git, head: Oid) -> Result<(), GitError> {
        let mut contacts: BTreeSet<&str> = BTreeSet::new();
        for commit in &self.commits {
            let origins = commit.changes.iter().filter_map(|change| change.origin.as_ref());
            for facts in origins.chain([&commit.facts]) {
                let Message { reviewed_by, co_authored_by, .. } = &facts.message;
                contacts.extend(reviewed_by.iter().chain(co_authored_by).map(String::as_str));
            }
        }
        // Git refuses what is not a name and an address.
        contacts.retain(|contact| contact.contains(" <") && contact.ends_with('>'));
        if contacts.is_empty() || !git.has(&format!("{head}:.mailmap"))? {
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
        self.contacts = mapped.collect();
        Ok(())
    }

    /// Returns a person in a trailer as `.mailmap` has them.
    pub(crate) fn contact<'w>(&'w self, text: &'w str) -> &'w str {
        self.contacts.get(text).map_or(text, String::as_str)
    }

    /// Returns the commits that changed the tree, the oldest first.
    pub(crate) fn commits(&self) -> &[Commit] {
        &self.commits
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
        let touched: HashSet<Oid> = self.commits.iter().map(|commit| commit.facts.id).collect();
        let side = owners.iter().filter(|(_, owner)| touched.contains(owner));
        let owners: HashMap<Oid, Oid> = side.copied().collect();
        let mut side = owners_in_order(&owners, git, head, self.base)?;
        // The first commit that a clone has of a branch seems to add everything.
        let cut = git.shallow()?;
        side.retain(|id| !cut.contains(id));
        self.cut_sides =
            owners.iter().filter(|(id, _)| cut.contains(*id)).map(|(_, o)| *o).collect();
        // The newest first: what a branch came to is by whoever wrote it last.
        let mut did: HashMap<(Oid, &str, Option<Oid>), &Arc<Facts>> = HashMap::new();
        if side.is_empty() {
            return Ok(());
        }
        let feed = |feed: &mut dyn FnMut(Oid) -> io::Result<()>| -> Result<(), GitError> {
            side.iter().try_for_each(|id| feed(*id)).map_err(GitError::Run)
        };
        let ((), side) = Differ::start(git, head, &[])?.run(git.root(), feed)?;
        for commit in &side {
            let Some(owner) = owners.get(&commit.facts.id) else { continue };
            for change in &commit.changes {
                did.entry((*owner, change.path.as_str(), change.new)).or_insert(&commit.facts);
                if let Some((name, Part::Version(version, _))) = &change.part {
                    let key = (*owner, name.clone(), version.clone());
                    self.begun.insert(key, Arc::clone(&commit.facts));
                }
            }
        }
        for commit in &mut self.commits {
            for change in &mut commit.changes {
                let key = (commit.facts.id, change.path.as_str(), change.new);
                change.origin = did.get(&key).map(|facts| Arc::clone(facts));
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
) -> Result<Vec<(Oid, Oid)>, GitError> {
    let mut parents: HashMap<Oid, Vec<Oid>> = HashMap::new();
    let mut list = Lines::of(git, &graph(head, base, &["--parents"]))?;
    while let Some(line) = list.next()? {
        let (id, above) = with_parents(&line).ok_or(GitError::Unexpected("rev-list"))?;
        parents.insert(id, above);
    }
    list.end("rev-list")?;
    let mut seen: HashSet<Oid> = way.iter().map(|(id, _)| *id).collect();
    let mut owners = Vec::new();
    // The oldest merge first: a branch belongs to the first one that brought it.
    for (merge, above) in way.iter().rev() {
        let mut pending: Vec<Oid> = above.iter().skip(1).copied().collect();
        while let Some(id) = pending.pop() {
            let Some(above) = parents.get(&id).filter(|_| seen.insert(id)) else { continue };
            owners.push((id, *merge));
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
pub(crate) struct Differ {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: ChildStdout,
}

impl Differ {
    /// Starts it; `head` is the commit whose `.mailmap` counts. With `paths` below the root, only what is
    /// below these is looked at.
    pub(crate) fn start(git: &Git, head: Oid, paths: &[String]) -> Result<Self, GitError> {
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
            (Some(input), Some(output)) => Ok(Self { child, input: BufWriter::new(input), output }),
            _ => Err(GitError::Unexpected("diff-tree")),
        }
    }

    /// Reads what the commits that `find` tells have changed, while it finds them. Those that changed
    /// nothing are left out.
    pub(crate) fn run<T>(
        self,
        root: &str,
        find: impl FnOnce(&mut dyn FnMut(Oid) -> io::Result<()>) -> Result<T, GitError>,
    ) -> Result<(T, Vec<Commit>), GitError> {
        let Self { mut child, mut input, output } = self;
        let (found, commits) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| parse(BufReader::with_capacity(1 << 16, output), root));
            let found = find(&mut |id| writeln!(input, "{id}"));
            // It ends with its input.
            let closed = input.flush().map_err(GitError::Run);
            drop(input);
            let commits = reader.join().unwrap_or(Err(GitError::Unexpected("diff-tree")));
            (found.and_then(|found| closed.map(|()| found)), commits)
        });
        if !child.wait().map_err(GitError::Run)?.success() {
            let message = "it stopped before its end".to_owned();
            return Err(GitError::Failed { command: "diff-tree", message });
        }
        Ok((found?, commits?))
    }
}

/// Reads the output of `diff-tree`: parts that end with NUL, the facts of a commit or a changed file and
/// its path.
fn parse(mut output: impl io::BufRead, root: &str) -> Result<Vec<Commit>, GitError> {
    let mut commits: Vec<Commit> = Vec::new();
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
            let facts = read_facts(&text).ok_or_else(unexpected)?;
            commits.push(Commit { facts: Arc::new(facts), age: 0, changes: Vec::new() });
            continue;
        }
        let (old, new) = read_change(text).ok_or_else(unexpected)?;
        if !next(&mut part)? {
            return Err(unexpected());
        }
        let path = String::from_utf8_lossy(&part);
        let below = if root.is_empty() {
            Some(path.as_ref())
        } else {
            path.strip_prefix(root).and_then(|path| path.strip_prefix('/'))
        };
        let commit = commits.last_mut().ok_or_else(unexpected)?;
        if let Some(path) = below {
            let (path, part) = (path.to_owned(), locate(path));
            commit.changes.push(FileChange { path, part, old, new, origin: None });
        }
    }
    for commit in &mut commits {
        // Neither what was there nor what is is a file.
        commit.changes.retain(|change| change.old.is_some() || change.new.is_some());
    }
    commits.retain(|commit| !commit.changes.is_empty());
    Ok(commits)
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
    let is_file = |mode: &str| matches!(mode, "100644" | "100755");
    let (before, after) = (is_file(words.next()?), is_file(words.next()?));
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
        if self.child.wait().map_err(GitError::Run)?.success() {
            return Ok(());
        }
        let message = "it stopped before its end".to_owned();
        Err(GitError::Failed { command, message })
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
