//! Shows what a publication will write.

use std::fmt::Write as _;

use promptdex_ops::publication::{Phase, PlannedPhase, PlannedRelease, PublicationPlan};
use promptdex_ops::text::{plural, printable};
use promptdex_wire::release::HeldBack;
use serde_json::{Value, json};

use super::log::format_change;

/// The number of changes that are listed of a release.
const MOST_LISTED: usize = 10;

/// Formats a plan for people.
pub(crate) fn plan(
    registry: &str,
    target: &str,
    commit: Option<&str>,
    plan: &PublicationPlan,
) -> String {
    let at = match commit {
        Some(commit) => format!(" at {}", commit.get(..12).unwrap_or(commit)),
        None => ", from files that no commit has".to_owned(),
    };
    let mut text = format!("{registry}{at} to {}\n", printable(target));
    for PlannedRelease { chain, sequence, changes, change_count } in &plan.releases {
        let changes_text = plural(usize::try_from(*change_count).unwrap_or(usize::MAX), "change");
        _ = writeln!(text, "  {chain}: release {sequence}, {changes_text}");
        for change in changes.iter().take(MOST_LISTED) {
            _ = writeln!(text, "    {}", format_change(change));
        }
        let more = usize::try_from(*change_count).unwrap_or(usize::MAX);
        if more > MOST_LISTED.min(changes.len()) {
            let more = more - changes.len().min(MOST_LISTED);
            _ = writeln!(text, "    and {}", plural(more, "more change"));
        }
    }
    let written = plan.written();
    if plan.is_empty() {
        text.push_str("  no changes\n");
    } else {
        let parts: Vec<String> = plan
            .phases
            .iter()
            .filter(|planned| planned.phase != Phase::Removals)
            .map(|PlannedPhase { phase, files }| format!("{} {}", files.count, name(*phase)))
            .collect();
        let (files, size) = (plural(written.count, "file"), format_size(written.bytes));
        _ = writeln!(text, "  {files} to write ({size}): {}", parts.join(", "));
    }
    if plan.removed() > 0 {
        _ = writeln!(text, "  {} to remove", plural(plan.removed(), "file"));
    }
    text
}

/// Formats a plan and its result as one JSON object.
pub(crate) fn json(
    registry: &str,
    target: &str,
    commit: Option<&str>,
    plan: &PublicationPlan,
    held_back: &[HeldBack],
    is_published: bool,
) -> String {
    let release = |release: &PlannedRelease| {
        json!({
            "environment": release.chain.to_string(),
            "sequence": release.sequence,
            "changes": release.change_count,
        })
    };
    let files = |PlannedPhase { phase, files }: &PlannedPhase| json!({"phase": name(*phase), "count": files.count, "bytes": files.bytes});
    let mut object = json!({
        "v": 1,
        "registry": registry,
        "target": target,
        "releases": plan.releases.iter().map(release).collect::<Vec<_>>(),
        "files": plan.phases.iter().map(files).collect::<Vec<_>>(),
        "held_back": held_back,
        "published": is_published,
    });
    if let Some(commit) = commit {
        object["commit"] = Value::String(commit.to_owned());
    }
    format!("{object}\n")
}

/// The name of a phase.
fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Create => "new",
        Phase::Releases => "releases",
        Phase::Replacements => "replaced",
        Phase::Derived => "derived",
        Phase::Catalog => "catalog",
        Phase::Pointers => "pointers",
        Phase::Removals => "removed",
    }
}

/// Formats a number of bytes.
fn format_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
