//! The states of a document that is not shown: loading, missing, or damaged.

use std::sync::Arc;

use leptos::prelude::*;

use crate::data::{LoadProblem, LoadState, Pending};
use crate::engine;
use crate::view::{reactive, view};

/// Shows a document once it is loaded, and its loading state until then.
#[component]
pub fn Loaded<T, V, C>(
    /// The document.
    of: Pending<T>,
    /// Its name in a sentence.
    what: &'static str,
    /// What shows it.
    children: C,
) -> impl IntoView
where
    T: Send + Sync + 'static,
    V: IntoView + 'static,
    C: Fn(Arc<T>) -> V + Send + 'static,
{
    reactive(move || match ready_or_view(of.get(), what) {
        Ok(document) => children(document).into_any(),
        Err(state) => state,
    })
}

/// Returns a loaded document, or the view of its loading state.
pub fn ready_or_view<T>(load: LoadState<T>, what: &'static str) -> Result<Arc<T>, AnyView> {
    let problem = match load {
        LoadState::Ready(document) => return Ok(document),
        LoadState::Loading => None,
        LoadState::Absent => Some(None),
        LoadState::Failed(problem) => Some(Some(problem)),
    };
    Err(view! { <Missing problem what/> })
}

#[component]
fn Missing(problem: Option<Option<LoadProblem>>, what: &'static str) -> impl IntoView {
    match problem {
        None => view! { <p class="loading" role="status">{format!("Loading {what}…")}</p> },
        Some(None) => view! { <p class="notice">{format!("{} not found.", capitalize(what))}</p> },
        Some(Some(problem)) => view! { <Failed problem what/> },
    }
}

fn capitalize(what: &str) -> String {
    let (first, rest) = what.split_at(1);
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// Shows that the engine is at work, with a button to stop it: at once, or after two seconds.
#[component]
pub fn AtWork(
    /// What it does.
    what: &'static str,
    /// Whether the button is shown at once.
    #[prop(optional)]
    at_once: bool,
) -> impl IntoView {
    view! {
        <p class=if at_once { "loading at-work" } else { "loading at-work late" }>
            <span role="status">{what}</span>
            <button type="button" on:click=|_| engine::stop()>"Stop"</button>
        </p>
    }
}

/// Shows why a document cannot be shown.
#[component]
pub fn Failed(
    /// Its name in a sentence.
    what: &'static str,
    /// Why.
    problem: LoadProblem,
) -> impl IntoView {
    let (title, detail) = match problem {
        LoadProblem::Stopped => (format!("{} stopped", capitalize(what)), ().into_any()),
        LoadProblem::Network(error) => (
            format!("Could not load {what}"),
            view! { <p>{format!("{error}. Reload the page to try again.")}</p> },
        ),
        LoadProblem::Format(error) => (format!("Could not read {what}"), view! { <p>{error}</p> }),
        LoadProblem::Digest { expected, actual } => (
            format!("Digest mismatch: {what} is not shown."),
            view! {
                <dl>
                    <dt>"Expected"</dt>
                    <dd><code>{expected.to_string()}</code></dd>
                    <dt>"Received"</dt>
                    <dd><code>{actual.to_string()}</code></dd>
                </dl>
            },
        ),
    };
    view! {
        <div class="notice error" role="alert">
            <p><strong>{title}</strong></p>
            {detail}
        </div>
    }
}
