//! What environments served until now.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Timestamp, Version};

use super::share::share;

/// The versions of a prompt that environments served, since when, and to which share of the traffic. Sorted lists,
/// because the code of one more map type would make the site larger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServingHistory {
    /// How the share of each version grew and shrank since it went live in an environment; empty for a version
    /// that is not live any more.
    steps: Vec<(Environment, Version, Vec<ServingStep>)>,
    /// The commits whose times cannot be relied on, each with the reason.
    doubts: Vec<(String, String)>,
}

/// One step of a version in an environment: it began to serve another share of the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingStep {
    /// The share, of 10,000.
    pub buckets: u32,
    /// Since when, if that is known.
    pub since: Option<ServedSince>,
}

/// The time at which an environment began to serve a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedSince {
    /// The time.
    pub time: Timestamp,
    /// The release that recorded it; absent when a commit did.
    pub release: Option<u64>,
    /// The commit that recorded it, if one did and its id is known.
    pub commit: Option<String>,
}

/// For how long a version has been live in an environment with a share of the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Soak<'a> {
    /// Since a time.
    Since(&'a ServedSince),
    /// The version has less than that share now: so many of 10,000.
    SmallShare(u32),
    /// The version is live, and the time is not known.
    Unknown,
}

impl ServingHistory {
    /// Adds the next move of a pointer, with its time if that is known.
    pub fn record(
        &mut self,
        environment: &Environment,
        from: Option<&Target>,
        to: Option<&Target>,
        since: Option<&ServedSince>,
    ) {
        if let Some(from) = from {
            self.record_served(environment, from);
        }
        let versions = from.into_iter().chain(to).flat_map(Target::versions);
        for version in versions {
            let buckets = |target: Option<&Target>| target.map_or(0, |t| share(t, version));
            let (before, after) = (buckets(from), buckets(to));
            let steps = self.steps_of(environment, version);
            if after == 0 {
                steps.clear();
            } else if after != before || steps.is_empty() {
                steps.push(ServingStep { buckets: after, since: since.cloned() });
            }
        }
    }

    /// Adds what an environment serves, without a word on since when.
    pub fn record_served(&mut self, environment: &Environment, target: &Target) {
        for version in target.versions() {
            if let Err(at) = self.place(environment, version) {
                let step = ServingStep { buckets: share(target, version), since: None };
                self.steps.insert(at, (environment.clone(), version.clone(), vec![step]));
            }
        }
    }

    /// Records how an environment came to serve a version, the oldest step first.
    pub fn record_steps(
        &mut self,
        environment: &Environment,
        version: &Version,
        steps: Vec<ServingStep>,
    ) {
        *self.steps_of(environment, version) = steps;
    }

    /// Records that the time of a commit cannot be relied on.
    pub fn record_doubt(&mut self, commit: String, reason: String) {
        self.doubts.push((commit, reason));
    }

    /// Returns the commits whose times count.
    pub fn commits(&self) -> Vec<&str> {
        let steps = self.steps.iter().flat_map(|(_, _, steps)| steps);
        steps.filter_map(|step| step.since.as_ref()?.commit.as_deref()).collect()
    }

    /// Returns since when an environment serves a version without a break to a share of the traffic, of 10,000.
    pub fn soak(&self, environment: &Environment, version: &Version, least: u32) -> Soak<'_> {
        let steps = self.place(environment, version).map_or(&[][..], |at| &self.steps[at].2);
        let large = steps.iter().rev().take_while(|step| step.buckets >= least).last();
        match (large, steps.last()) {
            (Some(step), _) => step.since.as_ref().map_or(Soak::Unknown, Soak::Since),
            (None, Some(last)) => Soak::SmallShare(last.buckets),
            (None, None) => Soak::Unknown,
        }
    }

    /// Returns why the time of a commit cannot be relied on, if it cannot.
    pub fn doubt(&self, since: &ServedSince) -> Option<&str> {
        let commit = since.commit.as_deref()?;
        let doubt = self.doubts.iter().find(|(doubtful, _)| doubtful == commit);
        doubt.map(|(_, reason)| reason.as_str())
    }

    /// Whether an environment has served a version.
    pub fn has_served(&self, environment: &Environment, version: &Version) -> bool {
        self.place(environment, version).is_ok()
    }

    /// Returns the steps of a version, to be changed.
    fn steps_of(&mut self, environment: &Environment, version: &Version) -> &mut Vec<ServingStep> {
        let at = match self.place(environment, version) {
            Ok(at) => at,
            Err(at) => {
                self.steps.insert(at, (environment.clone(), version.clone(), Vec::new()));
                at
            }
        };
        &mut self.steps[at].2
    }

    /// Finds the position of an environment and a version in the list, or the position to insert them at.
    fn place(&self, environment: &Environment, version: &Version) -> Result<usize, usize> {
        self.steps.binary_search_by(|(of, other, _)| (of, other).cmp(&(environment, version)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::pointer_change::tests::target;
    use super::*;

    fn since(day: u32) -> ServedSince {
        let time = format!("2026-03-0{day}T00:00:00Z").parse().unwrap();
        ServedSince { time, release: None, commit: Some(format!("c{day}")) }
    }

    /// Records moves of staging, one a day, and returns since which day a version has a share, of 10,000.
    fn soak(moves: &[&str], version: &str, least: u32) -> String {
        let environment: Environment = "staging".parse().unwrap();
        let mut past = ServingHistory::default();
        for (day, pair) in (1..).zip(moves.windows(2)) {
            let (from, to) = (target(pair[0]), target(pair[1]));
            past.record(&environment, from.as_ref(), to.as_ref(), Some(&since(day)));
        }
        match past.soak(&environment, &version.parse().unwrap(), least) {
            Soak::Since(since) => since.time.to_string()[8..10].to_owned(),
            Soak::SmallShare(share) => format!("share {share}"),
            Soak::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn a_version_that_comes_back_begins_again() {
        let moves = ["", "1.0.0", "1.1.0", "1.0.0"];
        assert_eq!(soak(&moves, "1.0.0", 1_000), "03");
        assert_eq!(soak(&moves, "1.1.0", 1_000), "unknown");
        let environment: Environment = "staging".parse().unwrap();
        let mut past = ServingHistory::default();
        past.record(&environment, None, target("1.0.0").as_ref(), None);
        past.record(&environment, target("1.0.0").as_ref(), target("1.1.0").as_ref(), None);
        let has = |version: &str| past.has_served(&environment, &version.parse().unwrap());
        assert_eq!([has("1.0.0"), has("1.1.0"), has("1.2.0")], [true, true, false]);
        assert!(!past.has_served(&"dev".parse().unwrap(), &"1.1.0".parse().unwrap()));
    }

    #[test]
    fn a_small_share_is_no_soak() {
        // 1.2.0 has 1 %, then 20 %, then 5 %, then everybody.
        let moves = ["1.1.0", "1.1.0 99", "1.1.0 80", "1.1.0 95", "1.2.0"];
        assert_eq!(soak(&moves[..2], "1.2.0", 1_000), "share 100");
        assert_eq!(soak(&moves[..2], "1.2.0", 100), "01");
        assert_eq!(soak(&moves[..3], "1.2.0", 1_000), "02");
        assert_eq!(soak(&moves[..3], "1.2.0", 100), "01");
        assert_eq!(soak(&moves[..4], "1.2.0", 1_000), "share 500");
        assert_eq!(soak(&moves, "1.2.0", 1_000), "04");
        assert_eq!(soak(&moves, "1.2.0", 100), "01");
        assert_eq!(soak(&moves, "1.1.0", 1_000), "unknown");
    }
}
