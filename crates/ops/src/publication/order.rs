//! The order of publications: a commit is published only after those that it came from, so that an older CI run
//! never replaces what a newer one has published.

use promptdex_history::ancestry::{Ancestry, follow};
use promptdex_wire::{Chain, RegistryPath, Release};

use crate::error::{PublishError, Result};
use crate::history::head::HeadCommit;
use crate::published::PreviousRegistry;
use crate::tree::revision::of_head;

/// Returns an error unless a commit may follow everything that is published: it has to come after the newest
/// commit that each chain names, or to be that commit.
pub(super) fn check_order(head: &HeadCommit, previous: &PreviousRegistry) -> Result<()> {
    for chain in previous.published.tails.keys() {
        let Some(published) = newest_commit(previous, chain)? else { continue };
        let (git, commit) = (head.git(), head.commit());
        let (chain, own) = (chain.clone(), commit.to_string());
        return match follow(git, commit, &published).map_err(of_head)? {
            Ancestry::Follows => continue,
            Ancestry::IsOlder => Err(PublishError::Superseded { chain, published, own }.into()),
            Ancestry::Diverged => Err(PublishError::Diverged { chain, published, own }.into()),
            Ancestry::Unknown => {
                let is_shallow = git.is_shallow().map_err(of_head)?;
                Err(PublishError::UnknownCommit { chain, published, is_shallow }.into())
            }
        };
    }
    Ok(())
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
