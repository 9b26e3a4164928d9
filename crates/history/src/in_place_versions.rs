//! Finds the versions of prompts that are edited in place: the state in the first commit, along first
//! parents, that has a version number.

use std::collections::{BTreeMap, HashMap};

use promptdex_core::read::read_front_matter_version;
use promptdex_core::source::SourceFile;
use promptdex_core::tree::{InPlaceForm, is_version_file};
use promptdex_wire::Version;

use crate::first_parents::of_paths;
use crate::git::{Git, GitError};
use crate::objects::ObjectCache;
use crate::oid::Oid;

/// A version of a prompt that is edited in place: the files of the commit that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedVersion {
    /// The commit.
    pub commit: Oid,
    /// The contents of its files by their path in the version.
    pub files: BTreeMap<String, Oid>,
}

/// The versions of prompts, by the file that has the number.
pub type CommittedVersions = BTreeMap<String, BTreeMap<Version, CommittedVersion>>;

/// With so many prompts in place, the whole tree is looked at.
const PATHS_AT_ONCE: usize = 200;

/// Finds the versions of prompts that are edited in place: `places` are the files that have their numbers.
/// In a shallow clone, the oldest commit counts as the first one.
pub fn read(
    git: &Git,
    head: Oid,
    places: &[(String, InPlaceForm)],
) -> Result<CommittedVersions, GitError> {
    let paths: Vec<String> = if places.len() > PATHS_AT_ONCE {
        Vec::new()
    } else {
        let path = |(file, form): &(String, InPlaceForm)| match form {
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
    for commit in &commits {
        let mut touched = Vec::new();
        for change in &commit.changes {
            let Some((place, inside)) = find(&change.path) else { continue };
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
    Ok(versions)
}
