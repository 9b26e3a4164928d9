//! What environments served until now.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Timestamp, Version};

/// What environments served of a prompt: lists, because maps of each kind would have to be loaded by the site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    served: Vec<(Environment, Version)>,
    since: Vec<(Environment, Version, Since)>,
}

/// When a version began to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The moment.
    pub time: Timestamp,
    /// The release that says so; absent when a commit does.
    pub release: Option<u64>,
}

impl Past {
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
            if !serves(to, gone) {
                self.since.retain(|(of, version, _)| (of, version) != (environment, gone));
            }
        }
        for new in to.into_iter().flat_map(Target::versions) {
            if let Some(time) = at.cloned().filter(|_| !serves(from, new)) {
                self.began(environment, new, Since { time, release: None });
            }
        }
        from.into_iter().chain(to).for_each(|target| self.serves(environment, target));
    }

    /// Adds what an environment serves, without a word on since when.
    pub fn serves(&mut self, environment: &Environment, target: &Target) {
        for version in target.versions() {
            if !self.has_served(environment, version) {
                self.served.push((environment.clone(), version.clone()));
            }
        }
    }

    /// Says when a version that is served began to be.
    pub fn began(&mut self, environment: &Environment, version: &Version, since: Since) {
        self.since.retain(|(of, other, _)| (of, other) != (environment, version));
        self.since.push((environment.clone(), version.clone(), since));
    }

    /// Returns since when an environment serves a version without a break, if anybody knows.
    pub fn since(&self, environment: &Environment, version: &Version) -> Option<&Since> {
        let mut all = self.since.iter();
        all.find(|(of, other, _)| (of, other) == (environment, version)).map(|(_, _, since)| since)
    }

    /// Whether an environment has served a version.
    pub fn has_served(&self, environment: &Environment, version: &Version) -> bool {
        self.served.iter().any(|(of, other)| (of, other) == (environment, version))
    }
}
