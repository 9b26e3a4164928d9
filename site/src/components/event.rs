//! Events of the history, and what of them other tables show.

use leptos::prelude::*;
use promptdex_wire::engine::EventRow;

use crate::text::format_time;
use crate::view::view;

/// Returns the cells of events; on the page of a prompt, whose events do not repeat its name, without one for it. Events of one
/// commit stand together: what the commit says is shown once.
pub fn list_event_cells(events: &[Vec<String>], of: Option<&str>) -> Vec<Vec<AnyView>> {
    let rows = events.iter().filter_map(|cells| EventRow::from_list(cells));
    let rows: Vec<EventRow<'_>> = rows.collect();
    let above = |at: usize| at.checked_sub(1).map(|above| &rows[above]);
    let cells = |(at, row): (usize, &EventRow<'_>)| {
        let same = above(at).filter(|above| above.commit == row.commit && !row.commit.is_empty());
        event_cells(row, of, same)
    };
    rows.iter().enumerate().map(cells).collect()
}

/// Returns the cells of an event, below another one of the same commit or as the first.
fn event_cells(row: &EventRow<'_>, of: Option<&str>, above: Option<&EventRow<'_>>) -> Vec<AnyView> {
    let EventRow { at, operation, environment, from, from_main, to, to_main, .. } = *row;
    let EventRow { by, reason, commit, about, .. } = *row;
    let name = of.unwrap_or(row.name);
    let preposition = match operation {
        "promoted" => "to",
        "retired" => "from",
        _ => "in",
    };
    let place = (!environment.is_empty()).then(|| format!(" {preposition} {environment}"));
    // Whoever hears the table hears all of each row.
    let once = |is_said: bool, cell: AnyView| {
        if is_said {
            view! { <div class="unseen">{cell}</div> }
        } else {
            cell
        }
    };
    let is_next = above.is_some();
    let is_why_said = above.is_some_and(|above| (above.reason, above.about) == (reason, about));
    let why = [reason, about].into_iter().filter(|text| !text.is_empty());
    let why = why.map(|text| view! { <p dir="auto">{text.to_owned()}</p> }).collect_view();
    let at = if at.is_empty() { "Unknown".to_owned() } else { format_time(at) };
    let prompt =
        of.is_none().then(|| (!name.is_empty()).then(|| view! { <PromptLink name/> }).into_any());
    let what = view! { <span class="state">{operation.to_owned()}</span> {place} };
    let to =
        view! { {target_link(name, to, to_main)} {compare_link(name, from_main, to_main, " ")} };
    let rest = [
        target_link(name, from, from_main),
        to.into_any(),
        once(is_next, view! { <Author by commit/> }),
        once(is_why_said, why.into_any()),
    ];
    [once(is_next, at.into_any()), what.into_any()].into_iter().chain(prompt).chain(rest).collect()
}

/// A link to a prompt.
#[component]
pub fn PromptLink<'a>(
    /// Its name.
    name: &'a str,
) -> impl IntoView {
    view! { <a href=format!("p/{name}/")>{name.to_owned()}</a> }
}

/// Who did it, and in which commit.
#[component]
pub fn Author<'a>(
    /// Who did it.
    by: &'a str,
    /// The digest of the commit, or nothing.
    commit: &'a str,
) -> impl IntoView {
    let commit = commit.get(..7).map(|commit| view! { " "<code>{commit.to_owned()}</code> });
    view! { <span dir="auto">{by.to_owned()}</span> {commit} }
}

/// Returns a link to what differs between the main versions of what was served, if they do.
pub fn compare_link(name: &str, from: &str, to: &str, before: &'static str) -> Option<AnyView> {
    let href = format!("p/{name}/?view=diff&a={from}&b={to}");
    (!from.is_empty() && !to.is_empty() && from != to)
        .then(|| view! { {before} <a href=href>"View diff"</a> })
}

/// Returns what was served, as a link to its main version.
pub fn target_link(name: &str, text: &str, main: &str) -> AnyView {
    let text = text.to_owned();
    if main.is_empty() {
        return text.into_any();
    }
    view! { <a href=format!("p/{name}/?v={main}")>{text}</a> }
}
