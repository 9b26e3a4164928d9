//! What the worker that reads the history and the rules answers.

use leptos::prelude::*;
use promptdex_wire::engine::Lists;

use crate::components::load_state::Loaded;
use crate::data::Pending;
use crate::engine::{Question, ask};
use crate::view::{reactive, view};

/// Asks the worker, and shows what it answers.
pub fn query_worker(
    name: &'static str,
    lists: Lists,
    show: impl Fn(&[Vec<String>]) -> AnyView + Send + 'static,
) -> AnyView {
    let answer = Pending::<Lists>::default();
    ask(Question::Audit(name, lists), answer.clone());
    view! { <Loaded of=answer what="history" let:rows>{show(&rows)}</Loaded> }
}

/// What the worker is asked for once somebody wants to know: it is not loaded before.
#[component]
pub fn LazyDetails<A>(
    /// What there is to know.
    summary: &'static str,
    /// Asks the worker, and shows what it answers.
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
