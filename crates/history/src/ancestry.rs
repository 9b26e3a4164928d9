//! How two commits follow one another.

use crate::changed_files::merge_base;
use crate::git::{Git, GitError};
use crate::oid::Oid;

/// How a commit follows another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ancestry {
    /// It is that commit, or came after it.
    Follows,
    /// That commit came after it.
    IsOlder,
    /// Neither came after the other.
    Diverged,
    /// The repository does not have that commit.
    Unknown,
}

/// Returns how `commit` follows the commit with the id `earlier`, in hexadecimal digits.
pub fn follow(git: &Git, commit: Oid, earlier: &str) -> Result<Ancestry, GitError> {
    let Some(earlier) = Oid::parse(earlier) else { return Ok(Ancestry::Unknown) };
    if earlier == commit {
        return Ok(Ancestry::Follows);
    }
    if !git.has(&format!("{earlier}^{{commit}}"))? {
        return Ok(Ancestry::Unknown);
    }
    let common = merge_base(git, earlier, commit)?;
    Ok(match common {
        Some(common) if common == earlier => Ancestry::Follows,
        Some(common) if common == commit => Ancestry::IsOlder,
        _ => Ancestry::Diverged,
    })
}
