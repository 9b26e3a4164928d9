//! What environments served until now.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Timestamp, Version};

/// What environments served of a prompt, and since when they serve what they do: a list in order, because a map of its
/// own would have to be loaded by the site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServingHistory(Vec<(Environment, Version, Option<ServedSince>)>);

/// When a version began to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedSince {
    /// The moment.
    pub time: Timestamp,
    /// The release that says so; absent when a commit does.
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
                self.began(environment, new, ServedSince { time, release: None });
            }
        }
        from.into_iter().chain(to).for_each(|target| self.serves(environment, target));
    }

    /// Adds what an environment serves, without a word on since when.
    pub fn serves(&mut self, environment: &Environment, target: &Target) {
        for version in target.versions() {
            if let Err(at) = self.place(environment, version) {
                self.0.insert(at, (environment.clone(), version.clone(), None));
            }
        }
    }

    /// Says when a version that is served began to be.
    pub fn began(&mut self, environment: &Environment, version: &Version, since: ServedSince) {
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

    /// Finds where a version stands that an environment has served, or would stand.
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
