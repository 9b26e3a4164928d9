//! Edits of `environments/{environment}.yaml`.

use std::ops::Range;
use std::sync::Arc;

use promptdex_wire::Version;
use promptdex_wire::event::Target;
use promptdex_wire::rollout::Rollout;

use super::{insertion, line_ends, quoted, removal, replace_all};
use crate::model::Pointer;
use crate::node::{self, Node, Value};
use crate::read::{read_environment, read_pointer};
use crate::source::Source;

/// Returns the text of a file that says `target`: the file with the smallest edit where its form stays, else
/// a new one below the comment that it begins with.
pub fn pointer(old: Option<&Source>, target: &Target) -> String {
    let Some(source) = old else { return lines(target).join("\n") + "\n" };
    let says = |text: &String| read_pointer(text.as_bytes()).as_ref() == Some(target);
    edited(source, target).filter(says).unwrap_or_else(|| anew(source, target))
}

fn edited(source: &Source, target: &Target) -> Option<String> {
    let Pointer { target: old, places, .. } =
        read_environment(Arc::new(source.clone()), &mut Vec::new())?;
    let text = source.text();
    let node = node::parse(source, &mut Vec::new())?;
    let edits = match (&old, target) {
        (Target::Version(_), Target::Version(version)) => {
            vec![version_at(text, places.first()?, version)]
        }
        (Target::Tracks(before), Target::Tracks(after)) => {
            let map = node.get("tracks")?;
            let mut edits = Vec::new();
            for ((major, version), place) in before.iter().zip(&places) {
                match after.get(major) {
                    Some(new) if new == version => {}
                    Some(new) => edits.push(version_at(text, place, new)),
                    None => edits.push(removal(text, map, &major.to_string())?),
                }
            }
            for (major, version) in after.iter().filter(|(major, _)| !before.contains_key(major)) {
                let entry = format!("\"{major}\": {version}");
                edits.push(insertion(text, map, &[entry.clone()], &entry)?);
            }
            edits
        }
        (Target::Rollout(before), Target::Rollout(after)) => {
            rollout(text, &node, &places, before, after)?
        }
        (Target::Version(_) | Target::Tracks(_) | Target::Rollout(_), _) => return None,
    };
    Some(replace_all(text, edits))
}

/// Changes versions and weights of arms that stay the same otherwise.
fn rollout(
    text: &str,
    node: &Node,
    places: &[Range<usize>],
    before: &Rollout,
    after: &Rollout,
) -> Option<Vec<(Range<usize>, String)>> {
    let Value::Sequence(nodes) = &node.get("rollout")?.get("arms")?.value else { return None };
    if before.arms.len() != after.arms.len() || nodes.len() != after.arms.len() {
        return None;
    }
    let mut edits = Vec::new();
    let arms = before.arms.iter().zip(&after.arms);
    for ((old, new), (node, place)) in arms.zip(nodes.iter().zip(places)) {
        if old.version != new.version {
            edits.push(version_at(text, place, &new.version));
        }
        if old.weight != new.weight {
            edits.push((node.get("weight")?.range.clone(), new.weight.percent().to_string()));
        }
    }
    Some(edits)
}

/// Writes a version where another one stands, in the same quotes.
fn version_at(text: &str, place: &Range<usize>, version: &Version) -> (Range<usize>, String) {
    let quote = text[place.clone()].chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.map_or_else(String::new, String::from);
    (place.clone(), format!("{quote}{version}{quote}"))
}

fn anew(source: &Source, target: &Target) -> String {
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
        Target::Tracks(tracks) => {
            let track = |(major, version)| format!("  \"{major}\": {version}");
            std::iter::once("tracks:".to_owned()).chain(tracks.iter().map(track)).collect()
        }
        Target::Rollout(rollout) => {
            let mut lines = vec!["rollout:".to_owned()];
            let experiment = rollout.experiment.iter();
            lines.extend(experiment.map(|name| format!("  experiment: {}", scalar(name))));
            lines.push("  arms:".to_owned());
            lines.extend(rollout.arms.iter().map(|arm| {
                let (key, weight) = (scalar(&arm.key), arm.weight.percent());
                format!("    - {{key: {key}, version: {}, weight: {weight}}}", arm.version)
            }));
            lines
        }
    }
}

/// Writes a text without quotes where that is clear.
fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if is_word { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(yaml: &str) -> Target {
        read_pointer(yaml.as_bytes()).unwrap()
    }

    #[track_caller]
    fn check(old: &str, wanted: &str, new: &str) {
        let source = Source::new("environments/production.yaml", old);
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
}
