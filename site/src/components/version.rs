//! Shows versions and their states as words on a line.

use leptos::prelude::*;
use promptdex_wire::PromptName;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;

use crate::model::prompt;
use crate::route::Route;
use crate::view::view;

/// A link to each version that is served, with its track or its share.
#[component]
pub fn Served<'a>(
    /// The prompt.
    name: &'a PromptName,
    /// What is served.
    target: Option<&'a Target>,
) -> impl IntoView {
    let Some(target) = target else {
        return view! { <span class="none">"not served"</span> };
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
pub fn State(
    /// The state.
    of: State,
) -> impl IntoView {
    let word = match of {
        State::Active => None,
        State::Deprecated => Some(("deprecated", "state warn")),
        State::Yanked => Some(("yanked", "state error")),
        State::Archived => Some(("archived", "state")),
        State::Redacted => Some(("redacted", "state error")),
    };
    word.map(|(word, class)| view! { <span class=class>{word}</span> })
}

/// The badge of an environment that differs from the previous one.
#[component]
pub fn Drift() -> impl IntoView {
    view! { " "<span class="state warn">"drift"</span> }
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
