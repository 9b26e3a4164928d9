//! Shows the responses of the worker that reads the history and the policy.

use leptos::prelude::*;
use promptdex_wire::engine::Lists;

use crate::components::load_state::Loaded;
use crate::data::Pending;
use crate::engine::{Question, ask};
use crate::view::{reactive, view};

/// Sends a question to the worker and shows its response.
pub fn query_worker(
    name: &'static str,
    lists: Lists,
    show: impl Fn(&[Vec<String>]) -> AnyView + Send + 'static,
) -> AnyView {
    let answer = Pending::<Lists>::default();
    ask(Question::Audit(name, lists), answer.clone());
    view! { <Loaded of=answer what="history" let:rows>{show(&rows)}</Loaded> }
}

/// Details that the worker provides when they are opened; it is not loaded before.
#[component]
pub fn LazyDetails<A>(
    /// What there is to know.
    summary: &'static str,
    /// Sends a question to the worker and shows its response.
    ask: A,
    children: Children,
) -> impl IntoView
where
    A: Fn() -> AnyView + Send + 'static,
{
    let is_open = RwSignal::new(false);
    let open = move |_| {
        is_open.maybe_update(|is_open| !std::mem::replace(is_open, true));
    };
    view! {
        <details on:toggle=open>
            <summary>{summary}</summary>
            {reactive(move || (cfg!(not(feature = "ssr")) && is_open.get()).then(&ask))}
            {children()}
        </details>
    }
}
