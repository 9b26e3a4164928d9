//! The order of publications: a commit is published only after those that it came from, so that an older CI run
//! never replaces what a newer one has published.
//!
//! Releases name the commit that they were made from. A publication that changes nothing makes no release, so its
//! commit is recorded in a file of the target: without it, an older run that comes late would bring back what the
//! newer commit had taken back before it was ever published.

use std::path::Path;

use promptdex_history::ancestry::{Ancestry, follow};
use promptdex_wire::release::Source;
use promptdex_wire::{Chain, RegistryPath, Release};

use crate::error::{Error, PublishError, Result};
use crate::history::head::HeadCommit;
use crate::published::PreviousRegistry;
use crate::published::files::read;
use crate::target::{LAST_COMMIT, Staging};
use crate::tree::revision::of_head;

/// Returns an error unless a commit may follow everything that is published in a folder: it has to come after the newest
/// commit that each chain names and after the one that changed nothing, or to be that commit.
pub(super) fn check_order(
    head: &HeadCommit,
    previous: &PreviousRegistry,
    folder: &Path,
) -> Result<()> {
    let mut published: Vec<(Chain, String)> = Vec::new();
    for chain in previous.published.tails.keys() {
        published.extend(newest_commit(previous, chain)?.map(|commit| (chain.clone(), commit)));
    }
    published.extend(read_last_commit(folder)?.map(|source| (Chain::Catalog, source.commit)));
    for (chain, published) in published {
        let (git, commit) = (head.git(), head.commit());
        let own = commit.to_string();
        return match follow(git, commit, &published).map_err(of_head)? {
            Ancestry::Follows => continue,
            Ancestry::IsOlder => Err(PublishError::Superseded { chain, published, own }.into()),
            // A shallow clone can have both commits, and lack what is between them.
            Ancestry::Diverged | Ancestry::Unknown if git.is_shallow().map_err(of_head)? => {
                Err(PublishError::UnknownCommit { chain, published, is_shallow: true }.into())
            }
            Ancestry::Diverged => Err(PublishError::Diverged { chain, published, own }.into()),
            Ancestry::Unknown => {
                Err(PublishError::UnknownCommit { chain, published, is_shallow: false }.into())
            }
        };
    }
    Ok(())
}

/// Records a commit that no release names: its publication changes nothing, or has more than the commit.
pub(super) fn record_commit(staging: &Staging, target: &Path, source: &Source) -> Result<()> {
    if read_last_commit(target)?.as_ref() == Some(source) {
        return Ok(());
    }
    staging.record_commit(serde_json::to_string(source).unwrap_or_default().as_bytes())
}

/// Returns the commit that was recorded last, if there is one.
pub(super) fn read_last_commit(folder: &Path) -> Result<Option<Source>> {
    let file = folder.join(LAST_COMMIT);
    let Some(bytes) = read(&file)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::Io {
        action: format!("cannot read `{}`", file.display()),
        source: error.into(),
    })
}

/// Returns the commit that the newest release of a chain names, or an older one if it names none.
fn newest_commit(previous: &PreviousRegistry, chain: &Chain) -> Result<Option<String>> {
    let mut commit = None;
    previous.published.walk(
        chain,
        |path: &RegistryPath| previous.read(path),
        |release: &Release, _| {
            commit = release.source.as_ref().map(|source| source.commit.clone());
            Result::Ok(commit.is_none())
        },
    )?;
    Ok(commit)
}
