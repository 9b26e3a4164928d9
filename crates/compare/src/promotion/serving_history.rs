//! What environments served until now.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Timestamp, Version};

/// The versions of a prompt that environments served, and since when. A sorted list, because the code of
/// one more map type would make the site larger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServingHistory(Vec<(Environment, Version, Option<ServedSince>)>);

/// The time at which an environment began to serve a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedSince {
    /// The time.
    pub time: Timestamp,
    /// The release that recorded it; absent when a commit did.
    pub release: Option<u64>,
}

impl ServingHistory {
    /// Adds the next move of a pointer. A version that goes on being served began when it began.
    pub fn record(
        &mut self,
        environment: &Environment,
        from: Option<&Target>,
        to: Option<&Target>,
        at: Option<&Timestamp>,
    ) {
        let serves = |target: Option<&Target>, version: &Version| {
            target.is_some_and(|target| target.versions().contains(&version))
        };
        for gone in from.into_iter().flat_map(Target::versions) {
            if !serves(to, gone)
                && let Ok(at) = self.place(environment, gone)
            {
                self.0[at].2 = None;
            }
        }
        for new in to.into_iter().flat_map(Target::versions) {
            if let Some(time) = at.cloned().filter(|_| !serves(from, new)) {
                self.record_start(environment, new, ServedSince { time, release: None });
            }
        }
        from.into_iter().chain(to).for_each(|target| self.record_served(environment, target));
    }

    /// Adds what an environment serves, without a word on since when.
    pub fn record_served(&mut self, environment: &Environment, target: &Target) {
        for version in target.versions() {
            if let Err(at) = self.place(environment, version) {
                self.0.insert(at, (environment.clone(), version.clone(), None));
            }
        }
    }

    /// Records when an environment began to serve a version.
    pub fn record_start(
        &mut self,
        environment: &Environment,
        version: &Version,
        since: ServedSince,
    ) {
        match self.place(environment, version) {
            Ok(at) => self.0[at].2 = Some(since),
            Err(at) => self.0.insert(at, (environment.clone(), version.clone(), Some(since))),
        }
    }

    /// Returns since when an environment serves a version without a break, if anybody knows.
    pub fn since(&self, environment: &Environment, version: &Version) -> Option<&ServedSince> {
        self.place(environment, version).ok().and_then(|at| self.0[at].2.as_ref())
    }

    /// Whether an environment has served a version.
    pub fn has_served(&self, environment: &Environment, version: &Version) -> bool {
        self.place(environment, version).is_ok()
    }

    /// Finds the position of an environment and a version in the list, or the position to insert them at.
    fn place(&self, environment: &Environment, version: &Version) -> Result<usize, usize> {
        self.0.binary_search_by(|(of, other, _)| (of, other).cmp(&(environment, version)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_comes_back_begins_again() {
        let environment: Environment = "staging".parse().unwrap();
        let target = |version: &str| -> Target {
            serde_json::from_str(&format!(r#"{{"version":"{version}"}}"#)).unwrap()
        };
        let version = |text: &str| -> Version { text.parse().unwrap() };
        let (a, b) = (target("1.0.0"), target("1.1.0"));
        let at = |day: u32| -> Timestamp { format!("2026-03-0{day}T00:00:00Z").parse().unwrap() };
        let mut past = ServingHistory::default();
        past.record(&environment, None, Some(&a), Some(&at(1)));
        past.record(&environment, Some(&a), Some(&b), Some(&at(2)));
        past.record(&environment, Some(&b), Some(&a), Some(&at(3)));
        let since = |text: &str| past.since(&environment, &version(text)).map(|since| &since.time);
        assert_eq!((since("1.0.0"), since("1.1.0")), (Some(&at(3)), None));
        assert!(past.has_served(&environment, &version("1.1.0")));
        assert!(!past.has_served(&environment, &version("1.2.0")));
        assert!(!past.has_served(&"dev".parse().unwrap(), &version("1.1.0")));
    }
}
