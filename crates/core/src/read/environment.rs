//! `environments/{environment}.yaml`: what an environment serves.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use promptdex_wire::Version;
use promptdex_wire::event::{Target, TrackTarget, Tracks};
use promptdex_wire::rollout::{Arm, BUCKETS, Rollout, Weight};

use super::fields::{Fields, parse, wrong_type};
use crate::diagnostic::Diagnostic;
use crate::model::Pointer;
use crate::node::{Node, Value};
use crate::rules;
use crate::source::SourceFile;

pub(crate) fn read(source: Arc<SourceFile>, findings: &mut Vec<Diagnostic>) -> Option<Pointer> {
    let node = super::parse(&source, findings)?;
    let mut places = Vec::new();
    let target = read_target(&source, &node, &mut places, findings)?;
    Some(Pointer { target, source, places })
}

fn read_target(
    source: &SourceFile,
    node: &Node,
    places: &mut Vec<Range<usize>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Target> {
    let mut fields = Fields::new(source, node, "a pointer", findings)?;
    let version = fields.node("version");
    let tracks = fields.object("tracks", findings);
    let rollout = fields.node("rollout");
    let target = match (version, tracks, rollout) {
        (Some(node), None, None) => {
            read_version(source, node, places, findings).map(Target::Version)
        }
        (None, Some(node), None) => read_tracks(source, node, places, findings).map(Target::Tracks),
        (None, None, Some(node)) => {
            read_rollout(source, node, places, findings).map(Target::Rollout)
        }
        (None, None, None) => {
            if fields.key_range("tracks").is_none() {
                fields.missing("version", findings, "write `version`, `tracks` or `rollout`");
            }
            None
        }
        _ => {
            let finding = Diagnostic::at(
                &rules::INVALID_VALUE,
                source,
                node.range.clone(),
                "a pointer must have exactly one of `version`, `tracks` and `rollout`",
            );
            findings.push(finding.help("keep one of the keys"));
            None
        }
    };
    fields.finish(findings);
    target
}

fn read_version(
    source: &SourceFile,
    node: &Node,
    places: &mut Vec<Range<usize>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Version> {
    let text = match &node.value {
        Value::String(text, _) => text,
        Value::Number(number) => {
            findings.push(super::metadata::spelled_as_number(source, node, number));
            return None;
        }
        _ => {
            findings.push(wrong_type(source, node, "a version must be text"));
            return None;
        }
    };
    if text.parse::<Version>().is_err()
        && (text.contains(['*', '^', '~', '>', '<']) || text == "latest")
    {
        let message = format!("`{text}` is not an exact version");
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, node.range.clone(), message)
                .help("write one exact version, such as `1.0.0`"),
        );
        return None;
    }
    let version = parse::<Version>(source, text, node.range.clone(), findings)?;
    places.push(version.range);
    Some(version.value)
}

fn read_tracks(
    source: &SourceFile,
    node: &Node,
    places: &mut Vec<Range<usize>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Tracks> {
    let Value::Mapping(entries) = &node.value else { return None };
    let mut tracks: BTreeMap<u64, (TrackTarget, Vec<Range<usize>>)> = BTreeMap::new();
    let mut main: Option<u64> = None;
    let mut sound = true;
    for (key, node) in entries {
        let mut own_places = Vec::new();
        let Some((target, is_main)) = read_track(source, node, &mut own_places, findings) else {
            sound = false;
            continue;
        };
        let Some(version) = target.main() else { continue };
        let major = key.text.parse::<u64>().ok().filter(|major| major.to_string() == key.text);
        if major != Some(version.major()) {
            let finding = Diagnostic::at(
                &rules::INVALID_TRACKS,
                source,
                key.range.clone(),
                format!("track `{}` serves version {version}", key.text),
            );
            findings.push(
                finding.help(format!(
                    "rename the track to the major version: `\"{}\"`",
                    version.major()
                )),
            );
            sound = false;
            continue;
        }
        let major = version.major();
        if is_main && let Some(other) = main.replace(major) {
            let message = format!("track {other} is already the main track");
            let finding =
                Diagnostic::at(&rules::INVALID_TRACKS, source, key.range.clone(), message);
            findings.push(finding.help("keep `main: true` in one track"));
            sound = false;
        }
        tracks.insert(major, (target, own_places));
    }
    if entries.is_empty() {
        let finding =
            Diagnostic::at(&rules::INVALID_TRACKS, source, node.range.clone(), "`tracks` is empty");
        findings.push(finding.help("list one version per major version, or remove the file"));
    }
    if !sound || tracks.is_empty() {
        return None;
    }
    let mut targets = BTreeMap::new();
    for (major, (target, own_places)) in tracks {
        places.extend(own_places);
        targets.insert(major, target);
    }
    Some(Tracks { targets, main })
}

/// Reads a track: a version, or a mapping with `version` or `rollout`, and whether it is the main one.
fn read_track(
    source: &SourceFile,
    node: &Node,
    places: &mut Vec<Range<usize>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<(TrackTarget, bool)> {
    if !matches!(node.value, Value::Mapping(_)) {
        let version = read_version(source, node, places, findings)?;
        return Some((TrackTarget::Version(version), false));
    }
    let mut fields = Fields::new(source, node, "a track", findings)?;
    let version = fields.node("version");
    let rollout = fields.node("rollout");
    let is_main = fields.boolean("main", findings).unwrap_or_default();
    let target = match (version, rollout) {
        (Some(node), None) => {
            read_version(source, node, places, findings).map(TrackTarget::Version)
        }
        (None, Some(node)) => {
            read_rollout(source, node, places, findings).map(TrackTarget::Rollout)
        }
        (None, None) => {
            let help = "write `version` or `rollout` for the track";
            fields.missing("version", findings, help);
            None
        }
        (Some(_), Some(_)) => {
            let message = "a track must have `version` or `rollout`, not both";
            let finding =
                Diagnostic::at(&rules::INVALID_TRACKS, source, first_line(source, node), message);
            findings.push(finding.help("keep one of the keys"));
            None
        }
    };
    fields.finish(findings);
    Some((target?, is_main))
}

fn read_rollout(
    source: &SourceFile,
    node: &Node,
    places: &mut Vec<Range<usize>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Rollout> {
    let mut fields = Fields::new(source, node, "`rollout`", findings)?;
    let experiment = fields.text("experiment", findings).map(|text| text.value);
    let nodes = fields.list("arms", findings);
    if nodes.is_none() && fields.key_range("arms").is_none() {
        fields.missing("arms", findings, "list 2 to 16 variants under `arms`");
    }
    fields.finish(findings);
    let nodes = nodes?;
    let mut arms: Vec<Arm> = Vec::new();
    for node in nodes {
        let Some(arm) = read_arm(source, node, places, findings) else { continue };
        if arms.iter().any(|other| other.key == arm.key) {
            let finding = Diagnostic::at(
                &rules::INVALID_ROLLOUT,
                source,
                node.range.clone(),
                format!("duplicate variant key `{}`", arm.key),
            );
            findings.push(finding.help("give each variant a unique `key`"));
        }
        arms.push(arm);
    }
    if arms.len() != nodes.len() {
        return None;
    }
    let range = || first_line(source, node);
    let report = |message: &str, help: &str| {
        Diagnostic::at(&rules::INVALID_ROLLOUT, source, range(), message).help(help)
    };
    if arms.iter().any(|arm| arm.key.is_empty()) || experiment.as_deref() == Some("") {
        findings.push(report("the name of an experiment or variant is empty", "write a name"));
    }
    if arms.windows(2).any(|pair| pair[0].version.major() != pair[1].version.major()) {
        let help = "serve different major versions as `tracks`";
        findings.push(report("the variants have different major versions", help));
    }
    if !(2..=16).contains(&arms.len()) {
        let message = format!("a rollout requires 2 to 16 variants, not {}", arms.len());
        findings.push(
            Diagnostic::at(&rules::INVALID_ROLLOUT, source, range(), message).help(
                "list 2 to 16 variants under `arms`; for a single version, write `version: …`",
            ),
        );
    }
    let sum: u64 = arms.iter().map(|arm| u64::from(arm.weight.buckets())).sum();
    if sum != BUCKETS {
        #[expect(clippy::cast_precision_loss, reason = "at most 16 times 10,000")]
        let percent = sum as f64 / 100.0;
        let message = format!("the weights add up to {percent}%, not 100%");
        findings.push(
            Diagnostic::at(&rules::INVALID_ROLLOUT, source, range(), message)
                .help("change a weight"),
        );
    }
    Some(Rollout { experiment, arms })
}

/// Returns the first line of a node: the whole of it would underline a page.
fn first_line(source: &SourceFile, node: &Node) -> Range<usize> {
    let text = &source.text()[node.range.clone()];
    let first = text.lines().next().map_or(0, |line| line.trim_end().len());
    node.range.start..node.range.start + first
}

fn read_arm(
    source: &SourceFile,
    node: &Node,
    places: &mut Vec<Range<usize>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Arm> {
    let mut fields = Fields::new(source, node, "a variant", findings)?;
    let key = fields.text("key", findings);
    let version = fields.node("version");
    let weight = fields.number("weight", findings);
    for field in ["key", "version", "weight"] {
        if fields.key_range(field).is_none() {
            fields.missing(field, findings, "write `key`, `version` and `weight` for a variant");
        }
    }
    fields.finish(findings);
    let version = version.and_then(|node| read_version(source, node, places, findings));
    let weight = weight.and_then(|number| {
        let weight = Weight::from_percent(number.value);
        if weight.is_none() {
            let finding = Diagnostic::at(
                &rules::INVALID_ROLLOUT,
                source,
                number.range,
                "a weight must be from 0 to 100, with at most two decimals",
            );
            findings.push(finding.help("change the weight"));
        }
        weight
    });
    Some(Arm { key: key?.value, version: version?, weight: weight? })
}
