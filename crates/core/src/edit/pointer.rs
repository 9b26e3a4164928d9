//! Edits of `environments/{environment}.yaml`.

use std::ops::Range;
use std::sync::Arc;

use promptdex_wire::event::{Target, TrackTarget, Tracks};
use promptdex_wire::rollout::{Arm, Rollout};

use super::{in_quotes, insertion, line_ends, quote, removal, replace_all};
use crate::model::Pointer;
use crate::node::{self, Node, Value};
use crate::read::{read_environment, read_pointer};
use crate::source::SourceFile;

/// Returns the text of an environment file with `target`: with the smallest edit if its form stays,
/// otherwise rewritten below its leading comment.
pub fn pointer(old: Option<&SourceFile>, target: &Target) -> String {
    let Some(source) = old else { return lines(target).join("\n") + "\n" };
    let says = |text: &String| read_pointer(text.as_bytes()).as_ref() == Some(target);
    replace_values(source, target).filter(says).unwrap_or_else(|| rewrite_pointer(source, target))
}

fn replace_values(source: &SourceFile, target: &Target) -> Option<String> {
    let Pointer { target: old, places, .. } =
        read_environment(Arc::new(source.clone()), &mut Vec::new())?;
    let text = source.text();
    let node = node::parse(source, &mut Vec::new())?;
    let edits = match (&old, target) {
        (Target::Version(_), Target::Version(version)) => {
            let place = places.first()?;
            vec![(place.clone(), in_quotes(text, place, &version.to_string()))]
        }
        (Target::Tracks(before), Target::Tracks(after)) => {
            tracks(text, node.get("tracks")?, &places, before, after)?
        }
        (Target::Rollout(before), Target::Rollout(after)) => {
            rollout(text, node.get("rollout")?, &places, before, after)?
        }
        (Target::Version(_) | Target::Tracks(_) | Target::Rollout(_), _) => return None,
    };
    Some(replace_all(text, edits))
}

/// Changes what tracks serve, removes those that go, and adds those that come.
fn tracks(
    text: &str,
    map: &Node,
    places: &[Range<usize>],
    before: &Tracks,
    after: &Tracks,
) -> Option<Vec<(Range<usize>, String)>> {
    let mut edits = Vec::new();
    let mut places = places;
    for (major, old) in &before.targets {
        let count = old.rollout().map_or(1, |rollout| rollout.arms.len());
        let (own, rest) = places.split_at_checked(count)?;
        places = rest;
        let key = major.to_string();
        let node = map.get(&key)?;
        let is_main = |tracks: &Tracks| tracks.main == Some(*major);
        match (old, after.targets.get(major)) {
            (_, None) => edits.push((removal(text, map, &key)?, String::new())),
            (_, Some(new)) if is_main(before) != is_main(after) => {
                if matches!(node.value, Value::Mapping(_)) {
                    return None;
                }
                edits.push((node.range.clone(), flow(new, is_main(after))));
            }
            (old, Some(new)) if old == new => {}
            (TrackTarget::Version(_), Some(TrackTarget::Version(new))) => {
                let place = own.first()?;
                edits.push((place.clone(), in_quotes(text, place, &new.to_string())));
            }
            (TrackTarget::Rollout(old), Some(TrackTarget::Rollout(new))) => {
                edits.extend(rollout(text, node.get("rollout")?, own, old, new)?);
            }
            // Another form takes the place of the value, which may be a block that ends with comments.
            (TrackTarget::Version(_), Some(new)) if !matches!(node.value, Value::Mapping(_)) => {
                edits.push((node.range.clone(), flow(new, false)));
            }
            _ => return None,
        }
    }
    for (major, target) in &after.targets {
        if !before.targets.contains_key(major) {
            let entry = format!("\"{major}\": {}", flow(target, after.main == Some(*major)));
            let lines = std::slice::from_ref(&entry);
            edits.push(insertion((text, line_ends(text)), map, lines, &entry)?);
        }
    }
    Some(edits)
}

/// Changes versions and weights of arms that stay the same otherwise.
fn rollout(
    text: &str,
    node: &Node,
    places: &[Range<usize>],
    before: &Rollout,
    after: &Rollout,
) -> Option<Vec<(Range<usize>, String)>> {
    let Value::Sequence(nodes) = &node.get("arms")?.value else { return None };
    if before.arms.len() != after.arms.len() || nodes.len() != after.arms.len() {
        return None;
    }
    let mut edits = Vec::new();
    let arms = before.arms.iter().zip(&after.arms);
    for ((old, new), (node, place)) in arms.zip(nodes.iter().zip(places)) {
        if old.version != new.version {
            edits.push((place.clone(), in_quotes(text, place, &new.version.to_string())));
        }
        if old.weight != new.weight {
            edits.push((node.get("weight")?.range.clone(), new.weight.percent().to_string()));
        }
    }
    Some(edits)
}

fn rewrite_pointer(source: &SourceFile, target: &Target) -> String {
    let text = source.text();
    let eol = line_ends(text);
    let is_comment = |line: &&str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#')
    };
    let comment: String = text.split_inclusive('\n').take_while(is_comment).collect();
    let gap = if comment.is_empty() || comment.ends_with('\n') { "" } else { eol };
    format!("{comment}{gap}{}{eol}", lines(target).join(eol))
}

fn lines(target: &Target) -> Vec<String> {
    match target {
        Target::Version(version) => vec![format!("version: {version}")],
        Target::Rollout(rollout) => rollout_lines(rollout),
        Target::Tracks(tracks) => {
            let mut lines = vec!["tracks:".to_owned()];
            for (major, target) in &tracks.targets {
                let is_main = tracks.main == Some(*major);
                if target.rollout().is_none() {
                    lines.push(format!("  \"{major}\": {}", flow(target, is_main)));
                    continue;
                }
                lines.push(format!("  \"{major}\":"));
                lines.extend(is_main.then(|| "    main: true".to_owned()));
                let own = target.rollout().map(rollout_lines).unwrap_or_default();
                lines.extend(own.iter().map(|line| format!("    {line}")));
            }
            lines
        }
    }
}

fn rollout_lines(rollout: &Rollout) -> Vec<String> {
    let mut lines = vec!["rollout:".to_owned()];
    let experiment = rollout.experiment.iter();
    lines.extend(experiment.map(|name| format!("  experiment: {}", scalar(name))));
    lines.push("  arms:".to_owned());
    lines.extend(rollout.arms.iter().map(|arm| format!("    - {}", flow_arm(arm))));
    lines
}

/// Writes what a track serves on one line.
fn flow(target: &TrackTarget, is_main: bool) -> String {
    let main = if is_main { ", main: true" } else { "" };
    match target {
        TrackTarget::Version(version) if is_main => format!("{{version: {version}{main}}}"),
        TrackTarget::Version(version) => version.to_string(),
        TrackTarget::Rollout(Rollout { experiment, arms }) => {
            let experiment = experiment.iter();
            let name: String =
                experiment.map(|name| format!("experiment: {}, ", scalar(name))).collect();
            let arms: Vec<String> = arms.iter().map(flow_arm).collect();
            format!("{{rollout: {{{name}arms: [{}]}}{main}}}", arms.join(", "))
        }
    }
}

fn flow_arm(arm: &Arm) -> String {
    let (key, weight) = (scalar(&arm.key), arm.weight.percent());
    format!("{{key: {key}, version: {}, weight: {weight}}}", arm.version)
}

/// Writes a text without quotes where that is clear.
fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if is_word { text.to_owned() } else { quote(text) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use promptdex_wire::Version;
    use promptdex_wire::rollout::Weight;
    use proptest::prelude::*;

    use super::*;

    fn target(yaml: &str) -> Target {
        read_pointer(yaml.as_bytes()).unwrap()
    }

    #[track_caller]
    fn check(old: &str, wanted: &str, new: &str) {
        let source = SourceFile::new("environments/production.yaml", old);
        let text = pointer(Some(&source), &target(wanted));
        assert_eq!(text, new);
        assert_eq!(target(&text), target(wanted));
    }

    #[test]
    fn a_version_is_replaced_and_the_rest_stays() {
        check("version: 1.0.0\n", "version: 1.1.0", "version: 1.1.0\n");
        check(
            "# why\nversion:   1.0.0   # since May",
            "version: 1.1.0",
            "# why\nversion:   1.1.0   # since May",
        );
        check(
            "# a\r\nversion: \"1.0.0\"\r\n# b\r\n",
            "version: 1.1.0",
            "# a\r\nversion: \"1.1.0\"\r\n# b\r\n",
        );
        check("{version: '1.0.0'}", "version: 2.0.0-rc.1", "{version: '2.0.0-rc.1'}");
        check("\u{feff}version: 1.0.0\n", "version: 1.1.0", "\u{feff}version: 1.1.0\n");
        check(
            "---\n\"version\":\n  1.0.0\n...\n",
            "version: 1.1.0",
            "---\n\"version\":\n  1.1.0\n...\n",
        );
    }

    #[test]
    fn tracks_move_come_and_go() {
        let flow = "tracks: {\"1\": 1.4.2, \"2\": 2.0.0} # both\n";
        check(
            flow,
            "tracks: {\"1\": 1.5.0, \"2\": 2.0.0}",
            "tracks: {\"1\": 1.5.0, \"2\": 2.0.0} # both\n",
        );
        check(
            flow,
            "tracks: {\"1\": 1.4.2, \"2\": 2.0.0, \"3\": 3.0.0}",
            "tracks: {\"1\": 1.4.2, \"2\": 2.0.0, \"3\": 3.0.0} # both\n",
        );
        check(flow, "tracks: {\"1\": 1.4.2}", "tracks: {\"1\": 1.4.2} # both\n");
        check(flow, "tracks: {\"2\": 2.0.0}", "tracks: {\"2\": 2.0.0} # both\n");
        let block = "# top\ntracks:\n  # old apps\n  \"1\": 1.4.2 # keep\n  '2': '2.0.0'";
        check(
            block,
            "tracks: {\"1\": 1.4.2, \"2\": 2.1.0, \"3\": 3.0.0}",
            "# top\ntracks:\n  # old apps\n  \"1\": 1.4.2 # keep\n  '2': '2.1.0'\n  \"3\": 3.0.0",
        );
        check(
            block,
            "tracks: {\"1\": 1.4.2}",
            "# top\ntracks:\n  # old apps\n  \"1\": 1.4.2 # keep\n",
        );
        check(
            "tracks:\r\n  \"1\": 1.0.0\r\n",
            "tracks: {\"1\": 1.0.0, \"2\": 2.0.0}",
            "tracks:\r\n  \"1\": 1.0.0\r\n  \"2\": 2.0.0\r\n",
        );
    }

    #[test]
    fn weights_change_where_they_stand() {
        check(
            "rollout:\n  # Ana watches it\n  arms:\n    - {key: control, version: 1.0.0, weight: 90} # main\n    - key: warm\n      weight: 10.0\n      version: \"1.1.0\"\n",
            "rollout: {arms: [{key: control, version: 1.0.0, weight: 50}, {key: warm, version: 1.1.0, weight: 50}]}",
            "rollout:\n  # Ana watches it\n  arms:\n    - {key: control, version: 1.0.0, weight: 50} # main\n    - key: warm\n      weight: 50\n      version: \"1.1.0\"\n",
        );
    }

    #[test]
    fn another_form_is_written_anew_below_the_comment() {
        let canary = "rollout: {arms: [{key: current, version: 1.0.0, weight: 87.5}, {key: \"next: 1\", version: 1.1.0, weight: 12.5}]}";
        check(
            "# Ask Ana first.\r\n\r\nversion: 1.0.0 # gone\r\n",
            canary,
            "# Ask Ana first.\r\n\r\nrollout:\r\n  arms:\r\n    - {key: current, version: 1.0.0, weight: 87.5}\r\n    - {key: \"next: 1\", version: 1.1.0, weight: 12.5}\r\n",
        );
        check("rollout: [", "version: 1.1.0", "version: 1.1.0\n");
        check("# only this", "version: 1.1.0", "# only this\nversion: 1.1.0\n");
        check(
            "version: 1.0.0",
            "tracks: {\"1\": 1.0.0, \"2\": 2.0.0}",
            "tracks:\n  \"1\": 1.0.0\n  \"2\": 2.0.0\n",
        );
        assert_eq!(pointer(None, &target("version: 1.1.0")), "version: 1.1.0\n");
        check(
            canary,
            "rollout: {experiment: \"no\", arms: [{key: a, version: 1.0.0, weight: 50}, {key: b, version: 1.1.0, weight: 50}]}",
            "rollout:\n  experiment: \"no\"\n  arms:\n    - {key: a, version: 1.0.0, weight: 50}\n    - {key: b, version: 1.1.0, weight: 50}\n",
        );
    }

    /// Returns a version, or a rollout, of a major.
    fn track(major: u64) -> impl Strategy<Value = TrackTarget> {
        let version = move || {
            (0..3_u64, 0..2_u64).prop_map(move |(minor, patch)| Version::new(major, minor, patch))
        };
        let weight = (0..=10_000_u16).prop_map(|count| Weight::from_buckets(count).unwrap());
        let rollout = (version(), version(), weight).prop_map(|(a, b, weight)| {
            let rest = Weight::from_buckets(10_000 - weight.buckets()).unwrap();
            let arm = |key: &str, version, weight| Arm { key: key.to_owned(), version, weight };
            let arms = vec![arm("current", a, rest), arm("next", b, weight)];
            TrackTarget::Rollout(Rollout { experiment: None, arms })
        });
        prop_oneof![version().prop_map(TrackTarget::Version), rollout]
    }

    fn targets() -> impl Strategy<Value = Target> {
        let tracks = (track(1), track(2), track(3), 1..8_u8, 0..6_usize).prop_map(
            |(a, b, c, which, main)| {
                let all = (1..).zip([a, b, c]).filter(|(major, _)| which & (1 << (major - 1)) != 0);
                let targets: BTreeMap<u64, TrackTarget> = all.collect();
                let main = targets.keys().nth(main).copied();
                Target::Tracks(Tracks { targets, main })
            },
        );
        prop_oneof![track(1).prop_map(Target::from), tracks]
    }

    proptest! {
        #[test]
        fn an_edit_says_what_is_wanted_and_comments_stay(
            old in targets(),
            wanted in targets(),
            is_crlf in any::<bool>(),
            is_ended in any::<bool>(),
        ) {
            let text = print_target_with_comments(&old, is_crlf, is_ended);
            let edited = pointer(Some(&SourceFile::new("e.yaml", text.as_str())), &wanted);
            prop_assert_eq!(read_pointer(edited.as_bytes()), Some(wanted.clone()));
            let lost = find_lost_line(&text, &edited, &old, &wanted);
            prop_assert!(lost.is_none(), "{lost:?} of {text:?} is gone from {edited:?}");
        }
    }

    /// Writes a target with a comment above, below and in every line.
    fn print_target_with_comments(target: &Target, is_crlf: bool, is_ended: bool) -> String {
        let numbered = lines(target).into_iter().enumerate();
        let numbered = numbered.map(|(number, line)| format!("{line} # {number}\n"));
        let text = format!("# first\n\n{}# last\n", numbered.collect::<String>());
        let text = if is_crlf { text.replace('\n', "\r\n") } else { text };
        if is_ended { text } else { text.trim_end().to_owned() }
    }

    /// Finds a line that should be there still, and is not: with its value, if that did not change.
    fn find_lost_line(text: &str, edited: &str, old: &Target, wanted: &Target) -> Option<String> {
        let has_form = match (old, wanted) {
            (Target::Version(_), Target::Version(_)) | (Target::Rollout(_), Target::Rollout(_)) => {
                true
            }
            // What is edited in place: versions that stay versions, and rollouts that stay rollouts.
            (Target::Tracks(old), Target::Tracks(new)) => {
                let mut all = old.targets.iter().filter_map(|(major, old)| {
                    Some(old.rollout().is_some() == new.targets.get(major)?.rollout().is_some())
                });
                old.main == new.main
                    && all.next().is_some_and(|is_same| is_same && all.all(|same| same))
            }
            _ => false,
        };
        // The lines of a track that went, with those of its rollout.
        let mut is_in_gone = false;
        let mut is_gone = |line: &str| {
            let Target::Tracks(tracks) = wanted else { return false };
            if line.contains('"') {
                is_in_gone =
                    !tracks.targets.keys().any(|major| line.contains(&format!("\"{major}\"")));
            } else if !line.starts_with("    ") {
                is_in_gone = false;
            }
            is_in_gone
        };
        let mut rest = edited.split_inclusive('\n');
        let kept = text.split_inclusive('\n').take(if has_form { usize::MAX } else { 2 });
        for line in kept.filter(|line| !is_gone(line)) {
            let comment = line.split_once('#').map_or(line, |(_, comment)| comment);
            let is_value = line.contains('.');
            let is_same = |new: &str| {
                new == line
                    || new.trim_end() == line
                    || is_value && new.trim_end().ends_with(comment.trim_end())
            };
            if !rest.any(is_same) {
                return Some(line.to_owned());
            }
        }
        None
    }
}
