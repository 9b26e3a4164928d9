//! Finds the versions of prompts that are edited in place: the state in the first commit, along first
//! parents, that has a version number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use promptdex_core::read::read_front_matter_version;
use promptdex_core::source::SourceFile;
use promptdex_core::tree::{InPlaceForm, is_read, is_version_file};
use promptdex_wire::{PromptName, Version};

use crate::first_parents::{find_last_move, of_paths};
use crate::git::{Git, GitError};
use crate::moves::{find_move_to_top, find_moved_files, root_of};
use crate::objects::ObjectCache;
use crate::oid::Oid;

/// A version of a prompt that is edited in place: the files of the commit that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedVersion {
    /// The commit with which the prompt got the version.
    pub commit: Oid,
    /// The contents of its files by their path in the version.
    pub files: BTreeMap<String, Oid>,
}

/// The versions of prompts, by the file that has the number.
pub type CommittedVersions = BTreeMap<String, BTreeMap<Version, CommittedVersion>>;

/// The file that has the number of a prompt in place, with the form of the prompt.
pub type NumberFile = (String, InPlaceForm);

/// With so many prompts in place, the whole tree is looked at.
const PATHS_AT_ONCE: usize = 200;

/// Finds the versions of prompts that are edited in place: `places` are the files that have their numbers.
/// Where a commit moved such a file, or the tree with it, the commits before are followed under the old path.
/// In a shallow clone, the oldest commit counts as the first one.
pub fn read(git: &Git, head: Oid, places: &[NumberFile]) -> Result<CommittedVersions, GitError> {
    if places.is_empty() {
        return Ok(CommittedVersions::new());
    }
    let Walked { mut versions, order, additions } = read_paths(git, head, places)?;
    let added: BTreeSet<Oid> = additions.iter().map(|(_, commit)| *commit).collect();
    let moved = find_moved_files(git, &added.into_iter().collect::<Vec<_>>())?;
    // The moved files by the commit that moved them, and the root that the tree had before.
    let mut groups: BTreeMap<(usize, String), (Oid, Vec<MovedPlace>)> = BTreeMap::new();
    for (place, commit) in additions {
        let (file, form) = &places[place];
        let new = git.path_in_repository(file);
        let Some(old) = moved.get(&commit).and_then(|moved| moved.get(&new)) else { continue };
        let Some(at) = order.get(&commit).filter(|_| old.ends_with(form.file_end())) else {
            continue;
        };
        // With the tree, a prompt keeps its name.
        let (root, old_file) = match (root_of(old, file), git.path_below_root(old)) {
            (Some(root), _) => (root, file.clone()),
            (None, Some(below)) => (git.root(), below.to_owned()),
            (None, None) => ("", old.clone()),
        };
        let moved = groups.entry((*at, root.to_owned())).or_insert_with(|| (commit, Vec::new()));
        moved.1.push(MovedPlace { place, old: (old_file, *form) });
    }
    for ((at, root), (commit, moved)) in groups {
        let before = git.commit(&format!("{commit}^1"))?;
        let old: Vec<NumberFile> = moved.iter().map(|moved| moved.old.clone()).collect();
        let mut older = read(&git.with_root(root), before, &old)?;
        for MovedPlace { place, old: (old, _) } in moved {
            let file = &places[place].0;
            let own = versions.entry(file.clone()).or_default();
            for (version, mut committed) in older.remove(&old).unwrap_or_default() {
                // What has the number since before the move keeps it.
                let known = own.get(&version).map(|known| order.get(&known.commit));
                if known.is_some_and(|known| known.is_none_or(|known| *known < at)) {
                    continue;
                }
                if old != *file {
                    // A prompt with a new name has its versions from the move on.
                    committed.commit = commit;
                }
                own.insert(version, committed);
            }
        }
    }
    Ok(versions)
}

/// Files that had the number of a prompt in place, where the tree was until some commit.
#[derive(Debug)]
pub struct FormerFiles {
    /// The repository, with the root of the tree.
    pub git: Git,
    /// The commit.
    pub head: Oid,
    /// The files.
    pub files: Vec<NumberFile>,
}

/// Finds the files that had the number of a prompt in place at some time and are not among `known`, for each place where
/// the tree was, the newest first. With a `name`, only those of that prompt are looked for.
pub fn list_former(
    git: &Git,
    head: Oid,
    known: &[NumberFile],
    name: Option<&PromptName>,
) -> Result<Vec<FormerFiles>, GitError> {
    let mut found: Vec<FormerFiles> = Vec::new();
    let mut seen: BTreeSet<String> = known.iter().map(|(file, _)| file.clone()).collect();
    let (mut git, mut head) = (git.clone(), head);
    loop {
        let (commits, _) = of_paths(&git, head, &[])?;
        let top_move = if git.root().is_empty() { find_move_to_top(&git, head)? } else { None };
        let moved = find_last_move(&git, top_move.as_ref(), &commits, &mut true)?;
        // Before the tree moved to its root, other files were there.
        let begin = moved.as_ref().map_or(0, |(at, _)| at + usize::from(top_move.is_some()));
        let mut files = Vec::new();
        for change in commits[begin..].iter().flat_map(|commit| &commit.changes) {
            let form = InPlaceForm::of_file(&change.path).filter(|_| is_read(&change.path));
            let Some(form) = form else { continue };
            let Ok(of) = form.folder(&change.path).parse::<PromptName>() else { continue };
            if name.is_none_or(|name| *name == of) && seen.insert(change.path.clone()) {
                files.push((change.path.clone(), form));
            }
        }
        found.push(FormerFiles { git: git.clone(), head, files });
        let Some((_, before)) = moved else { return Ok(found) };
        (git, head) = (before.git, before.parent);
    }
}

/// A prompt whose file with the number was moved.
struct MovedPlace {
    /// Its place among those that were asked for.
    place: usize,
    /// The file before the move.
    old: NumberFile,
}

/// What a walk along the first parents found of some prompts.
struct Walked {
    versions: CommittedVersions,
    /// The place of each commit among those that were walked.
    order: HashMap<Oid, usize>,
    /// The commits that added a file with a number: the place of the file among those that were asked for.
    additions: Vec<(usize, Oid)>,
}

/// Finds the versions of prompts under the paths that they have now.
fn read_paths(git: &Git, head: Oid, places: &[NumberFile]) -> Result<Walked, GitError> {
    let paths: Vec<String> = if places.len() > PATHS_AT_ONCE {
        Vec::new()
    } else {
        let path = |(file, form): &NumberFile| match form {
            InPlaceForm::Document => file.clone(),
            InPlaceForm::Folder => form.folder(file).to_owned(),
        };
        places.iter().map(path).collect()
    };
    let (commits, cut) = of_paths(git, head, &paths)?;
    let mut contents = ObjectCache::open(git)?;
    let by_file: HashMap<&str, usize> =
        places.iter().map(|(file, _)| file.as_str()).zip(0..).collect();
    let folders: HashMap<&str, usize> = places
        .iter()
        .zip(0..)
        .filter(|((_, form), _)| *form == InPlaceForm::Folder)
        .map(|((file, form), place)| (form.folder(file), place))
        .collect();
    let find = |path: &str| -> Option<(usize, String)> {
        if let Some(place) = by_file.get(path) {
            return Some((*place, places[*place].1.number_file().to_owned()));
        }
        let slashes = path.match_indices('/').map(|(slash, _)| slash);
        let (place, inside) = slashes
            .filter_map(|slash| Some((*folders.get(&path[..slash])?, &path[slash + 1..])))
            .next()?;
        is_version_file(inside).then(|| (place, inside.to_owned()))
    };
    let numbers = commits.iter().flat_map(|commit| &commit.changes);
    let numbers = numbers.filter(|change| by_file.contains_key(change.path.as_str()));
    contents.fetch(&numbers.filter_map(|change| change.new).collect::<Vec<_>>())?;

    let mut states: Vec<BTreeMap<String, Oid>> = vec![BTreeMap::new(); places.len()];
    let mut versions = CommittedVersions::new();
    let mut add_version =
        |place: usize, state: &BTreeMap<String, Oid>, commit, contents: &mut ObjectCache| {
            let (file, form) = &places[place];
            let Some(number) = state.get(form.number_file()) else { return Ok(()) };
            let bytes = contents.read(*number)?;
            let source = SourceFile::lossy(file.as_str(), &bytes);
            if let Some(version) =
                read_front_matter_version(&source).and_then(|front_matter| front_matter.version)
            {
                let known = versions.entry(file.clone()).or_default();
                known
                    .entry(version)
                    .or_insert_with(|| CommittedVersion { commit, files: state.clone() });
            }
            Ok::<(), GitError>(())
        };
    if let Some(cut) = cut {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        for (path, file) in git.list_if_there(cut, "", &paths)? {
            if let Some((place, inside)) = find(&path) {
                states[place].insert(inside, file.oid);
            }
        }
        for (place, state) in states.iter().enumerate() {
            add_version(place, state, cut, &mut contents)?;
        }
    }
    let mut additions = Vec::new();
    for commit in &commits {
        let mut touched = Vec::new();
        for change in &commit.changes {
            let Some((place, inside)) = find(&change.path) else { continue };
            if change.old.is_none() && change.path == places[place].0 {
                additions.push((place, commit.facts.id));
            }
            match change.new {
                Some(new) => drop(states[place].insert(inside, new)),
                None => drop(states[place].remove(&inside)),
            }
            touched.push(place);
        }
        touched.dedup();
        for place in touched {
            add_version(place, &states[place], commit.facts.id, &mut contents)?;
        }
    }
    let order = cut.into_iter().chain(commits.iter().map(|commit| commit.facts.id));
    Ok(Walked { versions, order: order.zip(0..).collect(), additions })
}
