//! What the page of a prompt shows.

use std::sync::Arc;

use promptdex_wire::catalog::{State, VersionRow, Versions};
use promptdex_wire::event::{Share, Target};
use promptdex_wire::variables::{Member, Properties, Shape};
use promptdex_wire::{Blob, Chain, Environment, Json, Open, RegistryPath, Version};

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
    /// It may be in this file of older versions, which was not read.
    Unread(Blob),
}

/// Returns the row of the version that is chosen: without a choice, what the last environment serves that serves
/// anything, else the highest version. `files` are those of the list that were read, the newest first; what they do not
/// have may be in the next one.
pub fn choose_version<'v>(
    files: &'v [Arc<Versions>],
    path: &[Environment],
    choice: &Choice,
) -> Result<&'v VersionRow, NoVersion> {
    let [newest, ..] = files else { return Err(NoVersion::Empty) };
    let row = |version: &Version, reason: NoVersion| {
        find_row(files, &|row| row.version == *version).ok_or_else(|| next_file(files, reason))
    };
    match choice {
        Choice::Version(version) => row(version, NoVersion::Unknown(version.clone())),
        Choice::Environment(environment) => {
            let served = newest.pointers.get(environment);
            if served.is_some_and(|served| served.known().is_none()) {
                return Err(NoVersion::NewerForm(environment.clone()));
            }
            let not_served = NoVersion::NotServed(environment.clone());
            match served.and_then(Open::known).and_then(Target::main) {
                Some(served) => row(served, not_served),
                None => Err(not_served),
            }
        }
        Choice::Unreadable(text) => Err(NoVersion::Unreadable(text.clone())),
        Choice::Default => {
            let served = path.iter().rev().find_map(|name| newest.target(name)?.main());
            match served.map_or(Err(NoVersion::Empty), |served| row(served, NoVersion::Empty)) {
                Err(NoVersion::Empty) => {}
                found => return found,
            }
            let states =
                [&[State::Active][..], &[State::Deprecated], &[State::Yanked, State::Redacted]];
            let highest = states.into_iter().find_map(|states| {
                let fits = |state: State| states.contains(&state);
                find_row(files, &|row| row.state.get().is_some_and(fits))
            });
            highest.ok_or_else(|| next_file(files, NoVersion::Empty))
        }
    }
}

/// Returns the version that another one is compared with if none is chosen: the highest other one that has its text.
pub fn choose_other<'v>(
    files: &'v [Arc<Versions>],
    version: &Version,
) -> Result<&'v VersionRow, NoVersion> {
    let other = find_row(files, &|row| row.version != *version && has_text(row));
    other.ok_or_else(|| next_file(files, NoVersion::Empty))
}

fn find_row<'v>(
    files: &'v [Arc<Versions>],
    fits: &dyn Fn(&VersionRow) -> bool,
) -> Option<&'v VersionRow> {
    files.iter().flat_map(|file| &file.versions).find(|row| fits(row))
}

/// Returns why no row was found, unless it may be in the next file.
fn next_file(files: &[Arc<Versions>], reason: NoVersion) -> NoVersion {
    files.last().and_then(|file| file.older).map_or(reason, NoVersion::Unread)
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

/// Returns the type and limits of a value, and those of the values within it, in words.
pub fn type_in_words(shape: &Shape<'_>) -> String {
    let mut text = shape.kind.as_str().to_owned();
    if let Some(allowed) = shape.allowed {
        let values: Vec<&str> = allowed.iter().map(Json::text).collect();
        text = format!("{text}: {}", values.join(", "));
    }
    for (of, least, most) in [
        (
            "",
            shape.minimum.map(|n| format_decimal(n.get())),
            shape.maximum.map(|n| format_decimal(n.get())),
        ),
        (
            "length ",
            shape.min_length.map(|n| n.to_string()),
            shape.max_length.map(|n| n.to_string()),
        ),
    ] {
        let limits = match (least, most) {
            (None, None) => continue,
            (Some(least), Some(most)) if least == most => least,
            (Some(least), Some(most)) => [least, most].join("–"),
            (Some(least), None) => ["at least ", &least].concat(),
            (None, Some(most)) => ["at most ", &most].concat(),
        };
        text = [&text, ", ", of, &limits].concat();
    }
    let mut add = |before: &str, name: &str, after: &str, member: &Member| {
        for piece in [before, name, after, &type_in_words(&member.shape())] {
            text.push_str(piece);
        }
    };
    if let Some(items) = shape.items {
        add(" of", "", " ", items);
    }
    if let Some(Properties(properties)) = shape.properties {
        let mut before = " {";
        for (name, property) in properties {
            add(before, name, if property.required { ": " } else { "?: " }, property);
            before = "; ";
        }
        text.push('}');
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
            share: share.arm.map(|arm| format!("{}%", arm.weight)),
        }
    };
    target.shares().into_iter().map(served).collect()
}

/// Returns the environments of a prompt, in the order of promotion.
pub fn environments(versions: &Versions, path: &[Environment]) -> Vec<EnvironmentRow> {
    let row = |name: &Environment| {
        let target = versions.pointers.get(name);
        EnvironmentRow {
            name: name.clone(),
            sequence: target
                .and_then(|_| versions.sequences.get(&Chain::Environment(name.clone())).copied()),
        }
    };
    path.iter().map(row).collect()
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

    #[test]
    fn types_are_told_with_what_is_within() {
        for (variable, words) in [
            (r#""type":"string","max_length":80"#, "string, length at most 80"),
            (r#""type":"string","enum":["en","de"]"#, "string: \"en\", \"de\""),
            (r#""type":"array","items":{"type":"string"}"#, "array of string"),
            (
                r#""type":"array","max_length":3,"items":{"type":"object","properties":{"name":{"type":"string"},
                "price":{"type":"number","required":false,"minimum":0}}}"#,
                "array, length at most 3 of object {name: string; price?: number, at least 0}",
            ),
        ] {
            let text = format!(r#"{{"name":"a","required":true,{variable}}}"#);
            let variable: promptdex_wire::Variable = serde_json::from_str(&text).unwrap();
            assert_eq!(type_in_words(&variable.shape()), words);
        }
    }

    fn path() -> Vec<Environment> {
        ["dev", "staging", "production"].map(|name| name.parse().unwrap()).to_vec()
    }

    #[test]
    fn what_production_serves_is_shown_first() {
        let version = |choice: Choice| {
            let files = [Arc::new(versions())];
            choose_version(&files, &path(), &choice).map(|row| row.version.to_string())
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
        let files = [Arc::new(unserved)];
        let row = choose_version(&files, &path(), &Choice::Default).unwrap();
        assert_eq!(row.version.to_string(), "1.1.0");
        assert_eq!(choose_other(&files, &row.version).unwrap().version.to_string(), "2.0.0-rc.1");
    }

    #[test]
    fn a_version_may_be_in_a_file_that_was_not_read() {
        let older = Blob::of(b"older");
        let mut newest = versions();
        let rows = newest.versions.split_off(2);
        newest.older = Some(older);
        let oldest = Versions { older: None, versions: rows, ..newest.clone() };
        let mut files = vec![Arc::new(newest)];
        let choices = ["", "@production", "1.0.0", "9.0.0"].map(Choice::parse);
        let find = |files: &[Arc<Versions>], choice: &Choice| {
            choose_version(files, &path(), choice).map(|row| row.version.to_string())
        };
        for choice in &choices {
            assert_eq!(find(&files, choice), Err(NoVersion::Unread(older)), "{choice:?}");
        }
        files.push(Arc::new(oldest));
        let unknown = Err(NoVersion::Unknown("9.0.0".parse().unwrap()));
        let found = |version: &str| Ok(version.to_owned());
        let expected = [found("1.0.0"), found("1.0.0"), found("1.0.0"), unknown];
        assert_eq!(choices.map(|choice| find(&files, &choice)), expected);
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
            ["track 1, control: 1.0.0 90%", "track 1, warm: 1.1.0 10%", "track 2 (main): 2.0.0 "];
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
                format!("{}: {serves}; {:?}", row.name, row.sequence)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "dev: None 1.1.0 None; Some(3)",
                "staging: ; None",
                r#"production: Some("control") 1.0.0 Some("90%"), Some("warm") 1.1.0 Some("10%"); Some(2)"#,
            ]
        );
    }
}
