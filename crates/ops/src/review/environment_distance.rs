//! How far environments are from the previous ones on the promotion path: direction, number of versions, and age.

use std::cmp::Ordering;

use promptdex_compare::promotion::{TargetDifference, compare_targets};
use promptdex_core::compile::target;
use promptdex_core::history::PromptHistory;
use promptdex_core::model::{Prompt, Settings};
use promptdex_wire::event::{Change, Target};
use promptdex_wire::{Chain, Environment, Timestamp, Version};

use crate::text::plural;

/// An environment that serves an older or a newer version of a prompt than the previous environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentDistance {
    /// The environment.
    pub environment: Environment,
    /// The previous environment on the promotion path.
    pub previous: Environment,
    /// Whether the environment serves the newer version.
    pub is_ahead: bool,
    /// The number of versions from the older one to the newer one.
    pub versions: usize,
    /// The time at which the environment fell behind or went ahead, if commits show it.
    pub since: Option<Timestamp>,
}

impl EnvironmentDistance {
    /// Returns the direction: `behind` or `ahead of`.
    pub fn direction(&self) -> &'static str {
        if self.is_ahead { "ahead of" } else { "behind" }
    }

    /// Describes the distance at a time: `production is behind staging by 2 versions, 12 days`.
    pub fn describe(&self, now: &Timestamp) -> String {
        let Self { environment, previous, since, .. } = self;
        let (direction, versions) = (self.direction(), plural(self.versions, "version"));
        let age = since.as_ref().and_then(|since| format_age(now.unix() - since.unix()));
        let age = age.map_or_else(String::new, |age| format!(", {age}"));
        format!("{environment} is {direction} {previous} by {versions}{age}")
    }
}

/// Formats a duration in its largest unit. Returns nothing for a time in the future.
fn format_age(seconds: i64) -> Option<String> {
    let seconds = usize::try_from(seconds).ok()?;
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let unit = units.into_iter().find(|(length, _)| seconds >= *length);
    Some(match unit {
        Some((length, noun)) => plural(seconds / length, noun),
        None => "less than a minute".to_owned(),
    })
}

/// Returns the distance of an environment from the previous one, if their main versions differ. Pointers with tracks
/// have no distance.
pub fn find_distance(
    prompt: &Prompt,
    settings: &Settings,
    environment: &Environment,
    history: Option<&PromptHistory>,
) -> Option<EnvironmentDistance> {
    let path = &settings.environments;
    let position = path.iter().position(|known| known == environment)?;
    let previous = path.get(position.checked_sub(1)?)?;
    let [own, other] =
        [environment, previous].map(|environment| target(prompt, settings, environment));
    let (own, other) = (own?, other?);
    // Tracks have no common order.
    let has_tracks = [&own, &other].iter().any(|target| matches!(target, Target::Tracks(_)));
    if has_tracks || compare_targets(&other, &own) != Some(TargetDifference::Versions) {
        return None;
    }
    let (own, other) = (own.main()?, other.main()?);
    let order = own.cmp(other);
    if order == Ordering::Equal {
        return None;
    }
    let (low, high) = (own.min(other), own.max(other));
    let is_between = |version: &&Version| low < *version && *version <= high;
    Some(EnvironmentDistance {
        environment: environment.clone(),
        previous: previous.clone(),
        is_ahead: order == Ordering::Greater,
        versions: prompt.versions.keys().filter(is_between).count(),
        since: history.and_then(|history| find_start(history, [environment, previous], order)),
    })
}

/// Returns the time since which two environments are in an order, from their events.
fn find_start(
    history: &PromptHistory,
    environments: [&Environment; 2],
    order: Ordering,
) -> Option<Timestamp> {
    let mut moves: Vec<(usize, &Change)> = Vec::new();
    for (side, environment) in environments.into_iter().enumerate() {
        let events = history.events.get(&Chain::Environment(environment.clone()));
        moves.extend(events.into_iter().flatten().map(|change| (side, change)));
    }
    moves.sort_by_key(|(_, change)| change.at.as_ref().map(Timestamp::unix));
    let mut versions: [Option<&Version>; 2] = [None, None];
    let (mut current, mut since) = (None, None);
    for (side, change) in moves {
        versions[side] = change.after().and_then(Target::main);
        let after = versions[0].zip(versions[1]).map(|(own, other)| own.cmp(other));
        if after != current {
            (current, since) = (after, change.at.clone());
        }
    }
    since.filter(|_| current == Some(order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit() {
        for (seconds, expected) in [
            (-1, None),
            (0, Some("less than a minute")),
            (60, Some("1 minute")),
            (3_599, Some("59 minutes")),
            (7_200, Some("2 hours")),
            (86_399, Some("23 hours")),
            (86_400, Some("1 day")),
            (12 * 86_400 + 5, Some("12 days")),
        ] {
            assert_eq!(format_age(seconds).as_deref(), expected, "{seconds}");
        }
    }
}
