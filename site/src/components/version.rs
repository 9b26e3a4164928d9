//! Shows versions and their states as words on a line.

use leptos::prelude::*;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Open, PromptName};

use crate::model::differences::EnvironmentDifference;
use crate::model::prompt;
use crate::route::Route;
use crate::text::count;
use crate::view::view;

/// A link to each version that is served, with its track or its share.
#[component]
pub fn Served<'a>(
    /// The prompt.
    name: &'a PromptName,
    /// What is served.
    target: Option<&'a Open<Target>>,
) -> impl IntoView {
    let target = match target {
        None => return view! { <span class="none">"not live"</span> },
        Some(Open::Unknown(_)) => {
            let text = "in a form that needs a newer site";
            return view! { <span class="none">{text}</span> };
        }
        Some(Open::Known(target)) => target,
    };
    let one = |served: prompt::ServedVersion| {
        let label = served.label.map(|label| view! { <span class="label">{label}</span>" " });
        let share = served.share.map(|share| view! { " "<span class="share">{share}</span> });
        view! {
            <span class="served">
                {label}
                <a href=Route::version(name, &served.version)
                    .to_string()>{served.version.to_string()}</a>
                {share}
            </span>
        }
    };
    prompt::list_served_versions(target).into_iter().map(one).collect::<Vec<_>>().into_any()
}

/// The word for a state, unless it is the usual one.
#[component]
pub fn State<'a>(
    /// The state.
    of: &'a Open<State>,
) -> impl IntoView {
    let class = match of.get() {
        Some(State::Active) => None,
        Some(State::Deprecated) => Some("state warn"),
        Some(State::Yanked | State::Redacted) => Some("state error"),
        Some(State::Archived) | None => Some("state"),
    };
    class.map(|class| view! { <span class=class>{of.word().into_owned()}</span> })
}

/// Returns how an environment differs from the previous one, and by how many versions if that is known, as a badge; as a link to a
/// comparison if there is one.
pub fn difference_badge(
    difference: &EnvironmentDifference<'_>,
    number: usize,
    comparison: Option<String>,
) -> AnyView {
    // To be behind is usual.
    let class = if difference.is_ahead() { "state warn" } else { "state" };
    let mut text = difference.in_words();
    if number > 0 {
        text = [&text, " by ", &count(number, "version")].concat();
    }
    match comparison {
        Some(href) => view! { <a class=class href=href>{text}</a> },
        None => view! { " "<span class=class>{text}</span> },
    }
}

/// Tags, in a line.
#[component]
pub fn Tags<'a>(
    /// The tags.
    tags: &'a [String],
) -> impl IntoView {
    let tags = tags.iter().map(|tag| view! { <li class="tag">{tag.clone()}</li> });
    view! { <ul class="tags">{tags.collect::<Vec<_>>()}</ul> }
}
