//! Events of the history, and what of them other tables show.

use leptos::prelude::*;
use promptdex_wire::engine::EventRow;

use crate::text::format_time;
use crate::view::view;

/// Returns the cells of an event; on the page of a prompt, whose events do not repeat its name,
/// without one for it.
pub fn event_cells(cells: &[String], of: Option<&str>) -> Vec<AnyView> {
    let Some(row) = EventRow::from_list(cells) else { return Vec::new() };
    let EventRow { at, operation, environment, from, from_main, to, to_main, .. } = row;
    let EventRow { by, reason, commit, about, .. } = row;
    let name = of.unwrap_or(row.name);
    let preposition = match operation {
        "promoted" => "to",
        "retired" => "from",
        _ => "in",
    };
    let place = (!environment.is_empty()).then(|| format!(" {preposition} {environment}"));
    let why = [reason, about].into_iter().filter(|text| !text.is_empty());
    let why = why.map(|text| view! { <p dir="auto">{text.to_owned()}</p> }).collect_view();
    let at = if at.is_empty() { "not known".to_owned() } else { format_time(at) };
    let prompt =
        of.is_none().then(|| (!name.is_empty()).then(|| view! { <PromptLink name/> }).into_any());
    let what = view! { <span class="state">{operation.to_owned()}</span> {place} };
    let to =
        view! { {target_link(name, to, to_main)} {compare_link(name, from_main, to_main, " ")} };
    let rest = [
        target_link(name, from, from_main),
        to.into_any(),
        view! { <Author by commit/> },
        why.into_any(),
    ];
    [at.into_any(), what.into_any()].into_iter().chain(prompt).chain(rest).collect()
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
        .then(|| view! { {before} <a href=href>"compare"</a> })
}

/// Returns what was served, as a link to its main version.
pub fn target_link(name: &str, text: &str, main: &str) -> AnyView {
    let text = text.to_owned();
    if main.is_empty() {
        return text.into_any();
    }
    view! { <a href=format!("p/{name}/?v={main}")>{text}</a> }
}
