//! Walks the first parents of a commit, and reads the commits that changed a tree.
//!
//! With merges, the first parents are the states of the published branch, one merge after the other. The
//! author of a merged change is the author of the commit in the branch that made it, so the commits of
//! merged branches are read as well.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use promptdex_core::tree::{ServingFile, locate};
use promptdex_wire::{PromptName, Version};

use crate::commit_message::CommitMessage;
use crate::git::{self, Git, GitError, wait_for_end};
use crate::moves::{Difference, RootMove, diff_moved_trees, find_move_to_top, find_root_move};
use crate::oid::Oid;

/// A commit on the first-parent path, with the files that it changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Commit {
    pub(crate) facts: Arc<CommitInfo>,
    /// How many parents it has, as far as the clone has them.
    parents: usize,
    pub(crate) changes: Vec<FileChange>,
}

/// The metadata of a commit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommitInfo {
    pub(crate) id: Oid,
    pub(crate) author: Person,
    /// Seconds since 1970; commits may have any text there.
    pub(crate) authored_at: Option<i64>,
    pub(crate) committer: Person,
    /// Seconds since 1970; commits may have any text there.
    pub(crate) committed_at: Option<i64>,
    pub(crate) message: CommitMessage,
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
    pub(crate) part: Option<(PromptName, ServingFile)>,
    /// The content before.
    pub(crate) old: Option<Oid>,
    /// The content after.
    pub(crate) new: Option<Oid>,
    /// The commit of a merged branch that did it.
    pub(crate) origin: Option<Arc<CommitInfo>>,
}

/// A walk from a commit back along first parents.
pub(crate) struct Walk {
    git: Git,
    head: Oid,
    /// The way, when it does not go back to the first commit of all.
    way: Option<FirstParentPath>,
    /// For each commit on the path, the number of commits after it; empty when the whole path is read.
    ages: HashMap<Oid, usize>,
    /// Who did what the merges on the way brought, from the first merge on.
    sides: OnceCell<MergedBranches>,
    /// What `.mailmap` makes of the people in trailers, as far as they were met.
    contacts: RefCell<HashMap<String, String>>,
    has_mailmap: OnceCell<bool>,
    /// The commits that the walk goes back to.
    until: Vec<Option<Oid>>,
    /// The commit that moved the tree to the top of the repository, with where it was before.
    top_move: Option<(Oid, RootMove)>,
    /// The walk before the last commit that moved the tree to its root, once it is known that one did.
    older: RefCell<Option<Rc<Self>>>,
}

/// What a walk passes on.
pub(crate) enum Visit {
    /// The next commits, the oldest first.
    Commits(Vec<Commit>),
    /// What was passed on so far does not count: the tree was elsewhere in the meantime, and the commits before
    /// it came back follow once more, as far as they changed the tree where it was.
    Restart,
}

/// The commits of merged branches, by what they changed.
#[derive(Default)]
struct MergedBranches {
    /// The commit that gave a file its content, by the merge.
    content_commits: HashMap<(Oid, String, Option<Oid>), Arc<CommitInfo>>,
    /// The commit that first touched a version, by the merge.
    first_commits: HashMap<(Oid, PromptName, Version), Arc<CommitInfo>>,
    /// The merges of branches of which a shallow clone does not have every commit.
    shallow_merges: HashSet<Oid>,
}

/// Reads the commits along first parents that changed some paths below the root, the oldest first, and the
/// commit that a shallow clone begins with.
pub(crate) fn of_paths(
    git: &Git,
    head: Oid,
    paths: &[String],
) -> Result<(Vec<Commit>, Option<Oid>), GitError> {
    let mut commits = CommitDiffer::start_log(git, head, paths)?.read([].iter())?;
    // It seems to add everything.
    let oldest = commits.first().filter(|commit| commit.parents == 0);
    let oldest = oldest.map(|commit| commit.facts.id);
    let cut = match oldest.filter(|_| git.is_shallow().unwrap_or(false)) {
        Some(oldest) if has_hidden_parents(git, oldest)? => Some(oldest),
        _ => None,
    };
    commits.retain(|commit| Some(commit.facts.id) != cut);
    Ok((commits, cut))
}

/// Finds the last of some commits that moved the tree to its root, with its place among them. Before the first commit,
/// and after one that removed everything, the tree `may_be_elsewhere`.
pub(crate) fn find_last_move(
    git: &Git,
    top_move: Option<&(Oid, RootMove)>,
    commits: &[Commit],
    may_be_elsewhere: &mut bool,
) -> Result<Option<(usize, RootMove)>, GitError> {
    let mut moved = None;
    for (at, commit) in commits.iter().enumerate() {
        let adds = commit.changes.iter().all(|change| change.old.is_none());
        let found = match top_move {
            Some((of, root_move)) if *of == commit.facts.id => Some(root_move.clone()),
            _ if adds && *may_be_elsewhere => find_root_move(git, commit.facts.id)?,
            _ => None,
        };
        moved = found.map(|found| (at, found)).or(moved);
        *may_be_elsewhere = commit.changes.iter().all(|change| change.new.is_none());
    }
    Ok(moved)
}

impl Commit {
    fn is_merge(&self) -> bool {
        self.parents > 1
    }
}

impl Walk {
    /// Walks back from `head` to the oldest of the commits `until`, or to the beginning if one of them is
    /// not on the way or not known.
    pub(crate) fn read(git: &Git, head: Oid, until: &[Option<Oid>]) -> Result<Self, GitError> {
        // To go back to the first commit, nothing has to be known of the way.
        let is_whole = until.iter().all(Option::is_none) && !git.is_shallow()?;
        let way = if is_whole { None } else { Some(FirstParentPath::read(git, head, until)?) };
        let ids = way.iter().flat_map(FirstParentPath::ids);
        let ages = ids.enumerate().map(|(age, id)| (id, age)).collect();
        let (sides, contacts, has_mailmap) = (OnceCell::new(), RefCell::default(), OnceCell::new());
        let top_move = if git.root().is_empty() { find_move_to_top(git, head)? } else { None };
        let (git, until, older) = (git.clone(), until.to_vec(), RefCell::default());
        Ok(Self { git, head, way, ages, sides, contacts, has_mailmap, until, top_move, older })
    }

    /// Returns the commit before the first one, whose files the walk begins with.
    pub(crate) fn base(&self) -> Option<Oid> {
        self.way.as_ref()?.base
    }

    /// Returns that commit, with the root that it has the tree in. That is known after all was visited.
    pub(crate) fn base_tree(&self) -> Option<(Git, Oid)> {
        match self.older.borrow().as_ref() {
            Some(older) => older.base_tree(),
            None => self.base().map(|base| (self.git.clone(), base)),
        }
    }

    /// Whether the way ends at its base only because the clone is shallow.
    pub(crate) fn is_cut(&self) -> bool {
        self.way.as_ref().is_some_and(|way| way.is_cut)
    }

    /// Returns the number of commits after a commit, if that commit is on the path that is read.
    pub(crate) fn age(&self, commit: Oid) -> Option<usize> {
        self.ages.get(&commit).copied()
    }

    /// Visits the commits that changed the tree, the oldest first, some of them at a time, while the rest
    /// is read.
    pub(crate) fn visit(
        &self,
        visit: &mut dyn FnMut(Visit) -> Result<(), GitError>,
    ) -> Result<(), GitError> {
        // Before the first commit the tree may have been elsewhere, and after one that removed everything.
        let mut may_be_elsewhere = true;
        let visit = |mut commits: Vec<Commit>| {
            let top_move = self.top_move.as_ref();
            let moved = find_last_move(&self.git, top_move, &commits, &mut may_be_elsewhere)?;
            if let Some((at, root_move)) = moved {
                commits.drain(..at);
                visit(Visit::Restart)?;
                self.visit_before_move(&mut commits[0], &root_move, visit)?;
            }
            self.attribute(&mut commits)?;
            self.map_contacts(&commits)?;
            visit(Visit::Commits(commits))
        };
        let Some(way) = &self.way else {
            return CommitDiffer::start_log(&self.git, self.head, &[])?.stream([].iter(), visit);
        };
        // Of a clone that is cut off, the first commit seems to add everything.
        let read = &way.ids[..way.length];
        let read = read.iter().map(|(id, _)| id).filter(|id| !way.is_cut || Some(**id) != way.base);
        let read: Vec<&Oid> = read.collect();
        if read.is_empty() {
            return Ok(());
        }
        CommitDiffer::of(&self.git, self.head)?.stream(read.into_iter().rev(), visit)
    }

    /// Visits what came before a commit that moved the tree to its root, with the root that the tree had, and leaves
    /// of the commit what it changed besides.
    fn visit_before_move(
        &self,
        commit: &mut Commit,
        RootMove { parent, git }: &RootMove,
        visit: &mut dyn FnMut(Visit) -> Result<(), GitError>,
    ) -> Result<(), GitError> {
        let changes = diff_moved_trees((git, *parent), (&self.git, commit.facts.id))?;
        let older = Rc::new(Self::read(git, *parent, &self.until)?);
        self.older.replace(Some(Rc::clone(&older)));
        older.visit(visit)?;
        let change = |Difference { path, old, new }: Difference| {
            let part = locate(&path);
            FileChange { path, part, old, new, origin: None }
        };
        commit.changes = changes.into_iter().map(change).collect();
        Ok(())
    }

    /// Finds the author of every change that a merge brought.
    fn attribute(&self, commits: &mut [Commit]) -> Result<(), GitError> {
        let Some(merge) = commits.iter().position(|commit| commit.is_merge()) else {
            return Ok(());
        };
        let sides = match self.sides.get() {
            Some(sides) => sides,
            None => {
                let sides = self.sides()?;
                self.sides.get_or_init(|| sides)
            }
        };
        for commit in commits.iter_mut().skip(merge).filter(|commit| commit.is_merge()) {
            for change in &mut commit.changes {
                let key = (commit.facts.id, change.path.clone(), change.new);
                change.origin = sides.content_commits.get(&key).map(Arc::clone);
            }
        }
        Ok(())
    }

    /// Maps the people in trailers through `.mailmap`.
    fn map_contacts(&self, commits: &[Commit]) -> Result<(), GitError> {
        let (git, head) = (&self.git, self.head);
        let mut contacts: BTreeSet<&str> = BTreeSet::new();
        for commit in commits {
            let origins = commit.changes.iter().filter_map(|change| change.origin.as_ref());
            for facts in origins.chain([&commit.facts]) {
                let CommitMessage { reviewed_by, co_authored_by, .. } = &facts.message;
                contacts.extend(reviewed_by.iter().chain(co_authored_by).map(String::as_str));
            }
        }
        // Git refuses what is not a name and an address.
        contacts.retain(|contact| contact.contains(" <") && contact.ends_with('>'));
        contacts.retain(|contact| !self.contacts.borrow().contains_key(*contact));
        if contacts.is_empty() {
            return Ok(());
        }
        let is_there = match self.has_mailmap.get() {
            Some(is_there) => *is_there,
            None => {
                let is_there = git.has(&format!("{head}:.mailmap"))?;
                *self.has_mailmap.get_or_init(|| is_there)
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
        let known = self.contacts.borrow().get(text).cloned();
        match (known, self.older.borrow().as_ref()) {
            (Some(known), _) => known,
            (None, Some(older)) => older.contact(text),
            (None, None) => text.to_owned(),
        }
    }

    /// Returns the commit that first touched a version that a commit on the way added.
    pub(crate) fn find_first_commit(
        &self,
        commit: &Commit,
        name: &PromptName,
        version: &Version,
    ) -> Arc<CommitInfo> {
        let key = (commit.facts.id, name.clone(), version.clone());
        let begun = self
            .find_in_walks(&|walk| walk.sides.get()?.first_commits.get(&key).cloned())
            .filter(|_| commit.is_merge());
        begun.unwrap_or_else(|| Arc::clone(&commit.facts))
    }

    /// Whether the author of a merged change is unknown: `facts` are of the merge itself, and some commits
    /// of its branch are missing from the clone.
    pub(crate) fn is_cut_side(&self, commit: &Commit, facts: &CommitInfo) -> bool {
        let find = |walk: &Self| walk.sides.get()?.shallow_merges.get(&facts.id).copied();
        facts.id == commit.facts.id && self.find_in_walks(&find).is_some()
    }

    /// Finds something in this walk and in those before it, in which the tree had other roots.
    fn find_in_walks<T>(&self, find: &dyn Fn(&Self) -> Option<T>) -> Option<T> {
        find(self).or_else(|| self.older.borrow().as_ref()?.find_in_walks(find))
    }

    /// Finds the commits of merged branches that did what merges brought.
    fn sides(&self) -> Result<MergedBranches, GitError> {
        let (git, head) = (&self.git, self.head);
        let whole;
        let way = match &self.way {
            Some(way) => way,
            None => {
                whole = FirstParentPath::read(git, head, &[])?;
                &whole
            }
        };
        let owners = owners(git, head, way)?;
        let mut side = owners_in_order(&owners, git, head, way.base)?;
        // The first commit that a clone has of a branch seems to add everything.
        let cut = git.shallow()?;
        side.retain(|id| !cut.contains(id));
        let mut sides = MergedBranches {
            shallow_merges: owners
                .iter()
                .filter(|(id, _)| cut.contains(*id))
                .map(|(_, o)| *o)
                .collect(),
            ..MergedBranches::default()
        };
        // The newest first: what a branch came to is by whoever wrote it last.
        for commit in &CommitDiffer::of(git, head)?.read(side.iter())? {
            let Some(owner) = owners.get(&commit.facts.id) else { continue };
            for change in &commit.changes {
                let key = (*owner, change.path.clone(), change.new);
                sides.content_commits.entry(key).or_insert_with(|| Arc::clone(&commit.facts));
                if let Some((name, ServingFile::Version(version, _))) = &change.part {
                    let key = (*owner, name.clone(), version.clone());
                    sides.first_commits.insert(key, Arc::clone(&commit.facts));
                }
            }
        }
        Ok(sides)
    }
}

/// The ids of commits along first parents, the newest first, each with the ids of its parents.
struct FirstParentPath {
    ids: Vec<(Oid, Vec<Oid>)>,
    /// How many of them are read: those after the oldest requested commit.
    length: usize,
    /// The commit that the way ends at, unless it is the first one of all.
    base: Option<Oid>,
    /// Whether it ends there only because the clone is shallow.
    is_cut: bool,
}

impl FirstParentPath {
    fn read(git: &Git, head: Oid, until: &[Option<Oid>]) -> Result<Self, GitError> {
        let mut wanted: HashSet<Option<Oid>> = until.iter().copied().collect();
        let mut ids = Vec::new();
        let head_text = head.to_string();
        let mut list =
            OutputLines::of(git, &["rev-list", "--first-parent", "--parents", &head_text])?;
        while let Some(line) = list.next()? {
            let (id, parents) = with_parents(&line).ok_or(GitError::Unexpected("rev-list"))?;
            let length = ids.len();
            ids.push((id, parents));
            if wanted.remove(&Some(id)) && wanted.is_empty() {
                list.stop();
                return Ok(Self { ids, length, base: Some(id), is_cut: false });
            }
        }
        list.end("rev-list")?;
        let length = ids.len();
        let mut way = Self { ids, length, base: None, is_cut: false };
        let oldest = way.ids.last().filter(|(_, parents)| parents.is_empty()).map(|(id, _)| *id);
        if let Some(oldest) = oldest.filter(|_| git.is_shallow().unwrap_or(false)) {
            way.is_cut = has_hidden_parents(git, oldest)?;
            way.base = Some(oldest).filter(|_| way.is_cut);
        }
        Ok(way)
    }

    fn ids(&self) -> impl Iterator<Item = Oid> {
        self.ids.iter().map(|(id, _)| *id)
    }
}

/// Whether a commit that seems to have no parents has some: Git hides them where a clone is cut off, its
/// object has them.
fn has_hidden_parents(git: &Git, commit: Oid) -> Result<bool, GitError> {
    let object = git.run("cat-file", &["commit", &commit.to_string()])?;
    let mut header = object.lines().take_while(|line| !line.is_empty());
    Ok(header.any(|line| line.starts_with("parent ")))
}

/// Finds the merge on the way that brought each commit of a merged branch.
fn owners(git: &Git, head: Oid, way: &FirstParentPath) -> Result<HashMap<Oid, Oid>, GitError> {
    let mut parents: HashMap<Oid, Vec<Oid>> = HashMap::new();
    let mut list = OutputLines::of(git, &graph(head, way.base, &["--parents"]))?;
    while let Some(line) = list.next()? {
        let (id, above) = with_parents(&line).ok_or(GitError::Unexpected("rev-list"))?;
        parents.insert(id, above);
    }
    list.end("rev-list")?;
    let way = &way.ids[..way.length];
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
    let mut list = OutputLines::of(git, &graph(head, base, &["--no-merges", "--topo-order"]))?;
    while let Some(line) = list.next()? {
        order.extend(Oid::parse(&line).filter(|id| owners.contains_key(id)));
    }
    list.end("rev-list")?;
    Ok(order)
}

/// Returns the arguments of `git` that list all commits between two.
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

/// How Git writes the facts of a commit; the message comes last, because it has many lines.
const FORMAT: &str = "--format=%H %P%n%at%n%ct%n%aN%n%aE%n%cN%n%cE%n%B";

/// A running `git diff-tree` or `git log` that prints what commits changed in the tree.
pub(crate) struct CommitDiffer<'g> {
    git: &'g Git,
    /// Its name in errors.
    name: &'static str,
    child: Child,
    input: BufWriter<ChildStdin>,
    output: ChildStdout,
}

impl<'g> CommitDiffer<'g> {
    /// Starts a `git` that reads commit ids from its input; `head` is the commit whose `.mailmap` counts.
    pub(crate) fn of(git: &'g Git, head: Oid) -> Result<Self, GitError> {
        Self::spawn(git, head, "diff-tree", &["--stdin", "--root"], git.paths())
    }

    /// Starts a `git` that prints all commits along first parents, the oldest first; `paths` below the root
    /// limit it to the changes below them. This takes half the time of listing the commits first.
    fn start_log(git: &'g Git, head: Oid, paths: &[String]) -> Result<Self, GitError> {
        let paths = if paths.is_empty() { git.paths() } else { paths };
        let head_text = head.to_string();
        let mut options = vec!["--first-parent", "--reverse", "--no-mailmap", "--no-decorate"];
        options.extend(["--no-show-signature", "--no-notes", "--no-follow", &head_text]);
        // Git would look at every commit twice, and most of them change the tree.
        options.extend(Some("--sparse").filter(|_| paths.is_empty()));
        Self::spawn(git, head, "log", &options, paths)
    }

    fn spawn(
        git: &'g Git,
        head: Oid,
        name: &'static str,
        options: &[&str],
        paths: &[String],
    ) -> Result<Self, GitError> {
        let mut command = git.command();
        command.args(["-c", &format!("mailmap.blob={head}:.mailmap"), name]).args(options);
        command.args(["-r", "--raw", "-z", "--no-renames"]);
        command.args(["--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color"]);
        command.args(["--no-relative", "--diff-merges=first-parent", "--encoding=UTF-8"]);
        command.args(["--ignore-submodules=none", FORMAT, "--"]);
        let root = git.root();
        match (root.is_empty(), paths.is_empty()) {
            (true, _) => drop(command.args(paths)),
            (false, true) => drop(command.arg(root)),
            (false, false) => drop(command.args(paths.iter().map(|path| format!("{root}/{path}")))),
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GitError::Run)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                Ok(Self { git, name, child, input: BufWriter::new(input), output })
            }
            _ => Err(GitError::Unexpected(name)),
        }
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
        let Self { git, name, mut child, mut input, output } = self;
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
                let gone = || GitError::Unexpected(name);
                parse(output, git, name, |commit| {
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
            let read = reader.join().unwrap_or(Err(GitError::Unexpected(name)));
            // A program that went away says so by its status.
            drop(writer.join());
            visited.and(read)
        });
        let ended = wait_for_end(name, &mut child);
        visited.and(ended).map_err(|error| git.explain_failure(error))
    }
}

/// So many commits are visited together.
const COMMITS_AT_ONCE: usize = 1_024;

/// Reads the output of a [`CommitDiffer`]: parts that end with NUL, the facts of a commit or a changed file
/// and its path. Passes on each commit that changed something.
fn parse(
    mut output: impl io::BufRead,
    git: &Git,
    name: &'static str,
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
        let unexpected = || GitError::Unexpected(name);
        // Between the facts and the first file stands a line end.
        let text = part.strip_prefix(b"\n").unwrap_or(&part);
        if text.is_empty() {
            continue;
        }
        if text[0] != b':' {
            let text = String::from_utf8_lossy(text);
            let next = read_facts(&text).ok_or_else(unexpected)?;
            let before = commit.replace(next);
            before.filter(|commit| !commit.changes.is_empty()).map_or(Ok(()), &mut tell)?;
            continue;
        }
        let (old, new) = git::read_change(text).ok_or_else(unexpected)?;
        if !next(&mut part)? {
            return Err(unexpected());
        }
        let path = String::from_utf8_lossy(&part);
        let commit = commit.as_mut().ok_or_else(unexpected)?;
        // Neither what was there nor what is may be a file.
        if let Some(path) = git.path_below_root(&path).filter(|_| old.is_some() || new.is_some()) {
            let (path, part) = (path.to_owned(), locate(path));
            commit.changes.push(FileChange { path, part, old, new, origin: None });
        }
    }
    commit.filter(|commit| !commit.changes.is_empty()).map_or(Ok(()), tell)
}

/// Reads what [`FORMAT`] writes.
fn read_facts(text: &str) -> Option<Commit> {
    let mut lines = text.splitn(8, '\n');
    let (id, parents) = lines.next()?.split_once(' ')?;
    let (id, parents) = (Oid::parse(id)?, parents.split_ascii_whitespace().count());
    let (authored_at, committed_at) = (lines.next()?.parse().ok(), lines.next()?.parse().ok());
    let mut person =
        || Some(Person { name: lines.next()?.to_owned(), email: lines.next()?.to_owned() });
    let (author, committer) = (person()?, person()?);
    let message = CommitMessage::read(lines.next().unwrap_or_default());
    let facts = Arc::new(CommitInfo { id, author, authored_at, committer, committed_at, message });
    Some(Commit { facts, parents, changes: Vec::new() })
}

/// The lines of the output of a command, read while it runs.
struct OutputLines {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl OutputLines {
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

    /// Waits for the end of a command whose output has been read.
    fn end(&mut self, command: &'static str) -> Result<(), GitError> {
        wait_for_end(command, &mut self.child)
    }
}

impl Drop for OutputLines {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
