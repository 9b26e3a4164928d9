//! What the page of a prompt shows.

use promptdex_wire::catalog::{State, VersionRow, Versions};
use promptdex_wire::event::{Share, Target};
use promptdex_wire::{Blob, Chain, Environment, Json, Open, RegistryPath, Variable, Version};

use crate::route::Choice;
use crate::text::format_decimal;

/// Why the chosen version cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoVersion {
    /// The prompt has no such version.
    Unknown(Version),
    /// The environment does not serve the prompt.
    NotServed(Environment),
    /// The environment serves the prompt in a form that only a newer site knows.
    NewerForm(Environment),
    /// The URL has something that is neither a version nor an environment.
    Unreadable(String),
    /// The prompt has no versions that are shown.
    Empty,
}

/// Returns the row of the version that is chosen: without a choice, what the last environment serves
/// that serves anything, else the highest version.
pub fn choose_version<'v>(
    versions: &'v Versions,
    path: &[Environment],
    choice: &Choice,
) -> Result<&'v VersionRow, NoVersion> {
    let row = |version: &Version| versions.versions.iter().find(|row| row.version == *version);
    match choice {
        Choice::Version(version) => row(version).ok_or_else(|| NoVersion::Unknown(version.clone())),
        Choice::Environment(environment) => {
            let served = versions.pointers.get(environment);
            if served.is_some_and(|served| served.known().is_none()) {
                return Err(NoVersion::NewerForm(environment.clone()));
            }
            let main = served.and_then(Open::known).and_then(Target::main);
            main.and_then(row).ok_or_else(|| NoVersion::NotServed(environment.clone()))
        }
        Choice::Unreadable(text) => Err(NoVersion::Unreadable(text.clone())),
        Choice::Default => {
            let served = path.iter().rev().find_map(|name| versions.target(name)?.main());
            let highest = |states: &[State]| {
                versions
                    .versions
                    .iter()
                    .find(|row| row.state.get().is_some_and(|state| states.contains(&state)))
            };
            let highest = || {
                highest(&[State::Active])
                    .or_else(|| highest(&[State::Deprecated]))
                    .or_else(|| highest(&[State::Yanked, State::Redacted]))
            };
            served.and_then(row).or_else(highest).ok_or(NoVersion::Empty)
        }
    }
}

/// Returns the address and digest of a version's document.
pub fn document(versions: &Versions, row: &VersionRow) -> (RegistryPath, Blob) {
    let path = RegistryPath::Version(versions.name.clone(), row.version.clone());
    (path, Blob { digest: row.digest, size: row.size })
}

/// Whether a version is shown, and still has its text.
pub fn has_text(row: &VersionRow) -> bool {
    !matches!(row.state.get(), Some(State::Archived | State::Redacted))
}

/// Returns the environments whose main version this is.
pub fn environments_serving<'v>(
    versions: &'v Versions,
    path: &'v [Environment],
    version: &'v Version,
) -> impl Iterator<Item = &'v Environment> {
    path.iter().filter(move |name| {
        versions.target(name).is_some_and(|target| target.versions().contains(&version))
    })
}

/// Returns the type and limits of a variable, in words.
pub fn type_in_words(variable: &Variable) -> String {
    let mut text = variable.kind.as_str().to_owned();
    if let Some(items) = &variable.items {
        text = format!("{text} of {}", items.kind.as_str());
    }
    if let Some(allowed) = &variable.allowed {
        let values: Vec<&str> = allowed.iter().map(Json::text).collect();
        text = format!("{text}: {}", values.join(", "));
    }
    let limits = [
        ("at least", variable.minimum.map(|number| format_decimal(number.get())), ""),
        ("at most", variable.maximum.map(|number| format_decimal(number.get())), ""),
        ("at least", variable.min_length.map(|length| length.to_string()), " long"),
        ("at most", variable.max_length.map(|length| length.to_string()), " long"),
    ];
    for (word, limit, unit) in limits {
        if let Some(limit) = limit {
            text = format!("{text}, {word} {limit}{unit}");
        }
    }
    text
}

/// One environment on the page of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentRow {
    /// The environment.
    pub name: Environment,
    /// The release in which it last changed.
    pub sequence: Option<u64>,
    /// The environment before it, when it serves something else.
    pub differs_from: Option<Environment>,
}

/// One version that an environment serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedVersion {
    /// The track or the arm it is, if there are several: `track 1`, `control`.
    pub label: Option<String>,
    /// The version.
    pub version: Version,
    /// Its share: `90 %`.
    pub share: Option<String>,
}

/// Returns what a pointer serves, for people.
pub fn list_served_versions(target: &Target) -> Vec<ServedVersion> {
    let served = |share: Share<'_>| {
        let mark = if share.is_main_track { " (main)" } else { "" };
        let track = share.track.map(|track| format!("track {track}{mark}"));
        let arm = share.arm.map(|arm| arm.key.clone());
        let label: Vec<String> = track.into_iter().chain(arm).collect();
        ServedVersion {
            label: (!label.is_empty()).then(|| label.join(", ")),
            version: share.version.clone(),
            share: share.arm.map(|arm| format!("{} %", arm.weight)),
        }
    };
    target.shares().into_iter().map(served).collect()
}

/// Returns the environments of a prompt, in the order of promotion.
pub fn environments(versions: &Versions, path: &[Environment]) -> Vec<EnvironmentRow> {
    let row = |(at, name): (usize, &Environment)| {
        let target = versions.pointers.get(name);
        let before = at.checked_sub(1).and_then(|before| path.get(before));
        let other = before.and_then(|before| versions.pointers.get(before));
        let differs = target.is_some() && other.is_some() && target != other;
        EnvironmentRow {
            name: name.clone(),
            sequence: target
                .and_then(|_| versions.sequences.get(&Chain::Environment(name.clone())).copied()),
            differs_from: before.filter(|_| differs).cloned(),
        }
    };
    path.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions() -> Versions {
        let row = |version: &str, state: &str| {
            format!(
                r#"{{"version":"{version}","digest":"sha256:{0}","size":1,"source_digest":"sha256:{0}","state":"{state}"}}"#,
                "0".repeat(64)
            )
        };
        let text = format!(
            r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{"dev":3,"production":2}},
            "pointers":{{"dev":{{"version":"1.1.0"}},"production":{{"rollout":{{"arms":[
              {{"key":"control","version":"1.0.0","weight":90,"buckets":9000}},{{"key":"warm","version":"1.1.0","weight":10,"buckets":1000}}]}}}}}},
            "versions":[{},{},{}]}}"#,
            row("2.0.0-rc.1", "yanked"),
            row("1.1.0", "active"),
            row("1.0.0", "deprecated")
        );
        promptdex_wire::json::read(text.as_bytes()).unwrap()
    }

    fn path() -> Vec<Environment> {
        ["dev", "staging", "production"].map(|name| name.parse().unwrap()).to_vec()
    }

    #[test]
    fn what_production_serves_is_shown_first() {
        let version = |choice: Choice| {
            let versions = versions();
            choose_version(&versions, &path(), &choice).map(|row| row.version.to_string())
        };
        assert_eq!(version(Choice::Default), Ok("1.0.0".to_owned()));
        assert_eq!(version(Choice::Environment("dev".parse().unwrap())), Ok("1.1.0".to_owned()));
        assert_eq!(
            version(Choice::Environment("staging".parse().unwrap())),
            Err(NoVersion::NotServed("staging".parse().unwrap()))
        );
        assert_eq!(
            version(Choice::Version("9.0.0".parse().unwrap())),
            Err(NoVersion::Unknown("9.0.0".parse().unwrap()))
        );
        let mut unserved = versions();
        unserved.pointers.clear();
        let row = choose_version(&unserved, &path(), &Choice::Default).unwrap();
        assert_eq!(row.version.to_string(), "1.1.0");
    }

    #[test]
    fn tracks_and_their_rollouts_are_told_apart() {
        let target = r#"{"tracks":{"1":{"rollout":{"arms":[{"key":"control","version":"1.0.0","weight":90,"buckets":9000},
            {"key":"warm","version":"1.1.0","weight":10,"buckets":1000}]}},"2":{"version":"2.0.0","main":true}}}"#;
        let served = list_served_versions(&promptdex_reader::read(target).unwrap());
        let served: Vec<String> = served
            .into_iter()
            .map(|served| {
                let (label, share) = (served.label.unwrap(), served.share.unwrap_or_default());
                format!("{label}: {} {share}", served.version)
            })
            .collect();
        let expected =
            ["track 1, control: 1.0.0 90 %", "track 1, warm: 1.1.0 10 %", "track 2 (main): 2.0.0 "];
        assert_eq!(served, expected);
    }

    #[test]
    fn environments_say_what_they_serve_and_since_when() {
        let versions = versions();
        let rows = environments(&versions, &path());
        let shown: Vec<String> = rows
            .iter()
            .map(|row| {
                let target = versions.target(&row.name);
                let serves = target.map(list_served_versions).unwrap_or_default();
                let serves = serves.iter().map(|served| {
                    format!("{:?} {} {:?}", served.label, served.version, served.share)
                });
                let serves = serves.collect::<Vec<_>>().join(", ");
                format!("{}: {serves}; {:?} {:?}", row.name, row.sequence, row.differs_from)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "dev: None 1.1.0 None; Some(3) None",
                "staging: ; None None",
                r#"production: Some("control") 1.0.0 Some("90 %"), Some("warm") 1.1.0 Some("10 %"); Some(2) None"#,
            ]
        );
    }
}
