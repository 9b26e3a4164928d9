//! Shows the number of tokens of a rendering: an estimate, or the exact number by a module that is loaded
//! on demand, because its vocabulary is large.

use leptos::prelude::*;
use promptdex_template::conversation::texts;
use promptdex_wire::engine::Rendering;

use crate::data::{LoadProblem, LoadState, Pending};
use crate::engine::{LatestQuestion, Question, counter, forget_tokens};
use crate::model::form_values::estimated_tokens;
use crate::text::{count, format_number};
use crate::view::{reactive, view, watch};

/// The size of the current rendering, and a button that counts its tokens exactly.
#[component]
pub fn RenderingSize(
    /// The rendering.
    of: Pending<Rendering>,
    /// What counts tokens in this registry.
    tokenizer: String,
) -> impl IntoView {
    let is_exact = RwSignal::new(false);
    let exact = Pending::<String>::default();
    let arrived = exact.clone();
    let newest = LatestQuestion::new(move |answer| match answer {
        Ok(tokens) => arrived.arrive(tokens),
        Err(problem) => arrived.fail(Some(problem)),
    });
    on_cleanup(forget_tokens);
    {
        let (rendered, newest, tokenizer) = (of.clone(), newest.clone(), tokenizer.clone());
        watch(move || {
            let Some(rendered) = rendered.get().ready().filter(|_| is_exact.get()) else { return };
            let Some(messages) = &rendered.messages else { return };
            let texts = texts(messages).into_iter().map(str::to_owned).collect();
            newest.ask(Question::Count { tokenizer: tokenizer.clone(), texts });
        });
    }
    let button = counter(&tokenizer).map(|size| {
        let toggle = move |_| {
            // The vocabulary is only kept where it is used.
            forget_tokens();
            is_exact.set(!is_exact.get_untracked());
        };
        let is_pressed = move || if is_exact.get() { "true" } else { "false" };
        view! {
            <button type="button" aria-pressed=is_pressed on:click=toggle>
                {format!("Count exactly ({size} download)")}
            </button>
        }
    });
    let line = move || {
        let rendered = of.get().ready()?;
        if rendered.messages.is_none() {
            return Some(describe_missing_values(&rendered));
        }
        let text = &rendered.text;
        let estimate = format!("~{} (estimate)", count(estimated_tokens(text), "token"));
        let tokens = match (is_exact.get(), newest.is_busy.get(), exact.get()) {
            (true, true, _) => "counting tokens…".to_owned(),
            (true, _, LoadState::Ready(tokens)) => {
                format!("{} ({tokenizer})", count(tokens.parse().unwrap_or_default(), "token"))
            }
            (true, _, LoadState::Failed(LoadProblem::Format(error))) => {
                format!("{estimate}; counting failed: {error}")
            }
            _ => estimate,
        };
        let characters = count(text.chars().count(), "character");
        Some(format!("{characters}, {} bytes, {tokens}", format_number(text.len())))
    };
    view! {
        <p class="aside tokens">
            <span role="status">{reactive(line)}</span>
            " "
            {button}
        </p>
    }
}

/// Describes how many values are missing.
pub fn describe_missing_values(rendered: &Rendering) -> String {
    match rendered.problems.iter().filter(|problem| !problem.is_unknown).count() {
        0 => String::new(),
        1 => "1 input is missing or invalid.".to_owned(),
        number => format!("{number} inputs are missing or invalid."),
    }
}
