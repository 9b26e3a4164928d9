//! Times of commits that cannot be right. A commit's date is what its maker's clock said, and a maker can make it
//! say anything; these are the cases that the commits themselves contradict.

use std::fmt;

use promptdex_wire::Timestamp;

use crate::git::{Git, GitError};
use crate::oid::Oid;

/// Clocks of different machines differ by this number of seconds without anybody's doing.
const TOLERANCE: i64 = 300;

/// Why the time of a commit cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockProblem {
    /// The commit.
    commit: Oid,
    /// Its date.
    date: Option<Timestamp>,
    /// What contradicts it.
    kind: ClockProblemKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClockProblemKind {
    /// Its parent is younger.
    BeforeParent,
    /// The check runs before it.
    AfterNow,
}

impl fmt::Display for ClockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.commit.to_string();
        write!(f, "commit {} is dated ", id.get(..10).unwrap_or(&id))?;
        if let Some(date) = &self.date {
            write!(f, "{date}, ")?;
        }
        f.write_str(match self.kind {
            ClockProblemKind::BeforeParent => "before its parent",
            ClockProblemKind::AfterNow => "in the future",
        })
    }
}

/// Finds those of some commits whose committer dates are before the date of their first parent, or after `now`.
pub fn find_problems(
    git: &Git,
    commits: Vec<Oid>,
    now: &Timestamp,
) -> Result<Vec<(Oid, ClockProblem)>, GitError> {
    let mut problems = Vec::new();
    for commit in commits {
        let id = commit.to_string();
        let said =
            git.run("rev-list", &["--max-count=2", "--first-parent", "--format=%ct", &id])?;
        let mut times = said.lines().filter(|line| !line.starts_with("commit "));
        let mut next = || times.next().and_then(|line| line.trim().parse::<i64>().ok());
        let (Some(own), parent) = (next(), next()) else { continue };
        let since_parent = parent.map_or(0, |parent| parent.saturating_sub(own));
        let ahead = own.saturating_sub(now.unix());
        let kind = if since_parent > TOLERANCE {
            ClockProblemKind::BeforeParent
        } else if ahead > TOLERANCE {
            ClockProblemKind::AfterNow
        } else {
            continue;
        };
        problems.push((commit, ClockProblem { commit, date: Timestamp::from_unix(own), kind }));
    }
    Ok(problems)
}
