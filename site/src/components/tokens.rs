//! How many tokens a rendering has: an estimate, or exactly, by a module that somebody asks for, because
//! it has the vocabulary.

use leptos::prelude::*;
use promptdex_template::conversation::texts;
use promptdex_wire::engine::Rendering;

use crate::data::{Load, Pending, Problem};
use crate::engine::{Newest, Question, counter, forget_tokens};
use crate::html::{Node, el, live, watch};
use crate::model::values::estimated_tokens;
use crate::text::{count, grouped};

/// The size of what is rendered, as it changes, and a button that counts its tokens exactly.
pub fn counted(rendered: &Pending<Rendering>, tokenizer: &str) -> Node {
    let is_exact = ArcRwSignal::new(false);
    let exact = Pending::<String>::default();
    let arrived = exact.clone();
    let newest = Newest::new(move |answer| match answer {
        Ok(tokens) => arrived.arrive(tokens),
        Err(problem) => arrived.fail(Some(problem)),
    });
    on_cleanup(forget_tokens);
    {
        let (rendered, is_exact, newest) = (rendered.clone(), is_exact.clone(), newest.clone());
        let tokenizer = tokenizer.to_owned();
        watch(move || {
            let Some(rendered) = rendered.get().ready().filter(|_| is_exact.get()) else { return };
            let Some(messages) = &rendered.messages else { return };
            let texts = texts(messages).into_iter().map(str::to_owned).collect();
            newest.ask(Question::Count { tokenizer: tokenizer.clone(), texts });
        });
    }
    let button = counter(tokenizer).map(|size| {
        let (is_pressed, is_exact) = (is_exact.clone(), is_exact.clone());
        let toggle = move |_| {
            // The vocabulary is only kept where it is used.
            forget_tokens();
            is_exact.set(!is_exact.get_untracked());
        };
        let pressed = move || Some(if is_pressed.get() { "true" } else { "false" }.to_owned());
        el("button")
            .attr("type", "button")
            .live_attr("aria-pressed", pressed)
            .on("click", toggle)
            .with(format!("Count exactly (loads {size})"))
    });
    let rendered = rendered.clone();
    let tokenizer = tokenizer.to_owned();
    let line = live(move || {
        let rendered = rendered.get().ready()?;
        if rendered.messages.is_none() {
            return Some(missing(&rendered));
        }
        let text = &rendered.text;
        let estimate = format!("about {} (an estimate)", count(estimated_tokens(text), "token"));
        let tokens = match (is_exact.get(), newest.is_busy.get(), exact.get()) {
            (true, true, _) => "counting tokens …".to_owned(),
            (true, _, Load::Ready(tokens)) => {
                format!("{} ({tokenizer})", count(tokens.parse().unwrap_or_default(), "token"))
            }
            (true, _, Load::Failed(Problem::Format(error))) => {
                format!("{estimate}; counting failed: {error}")
            }
            _ => estimate,
        };
        let characters = count(text.chars().count(), "character");
        Some(format!("{characters}, {} bytes, {tokens}", grouped(text.len())))
    });
    let line = el("span").attr("role", "status").with(line);
    el("p").class("aside tokens").with(line).with(" ").with(button).into()
}

/// Says how many values are not there yet.
pub fn missing(rendered: &Rendering) -> String {
    match rendered.problems.iter().filter(|problem| !problem.is_unknown).count() {
        0 => String::new(),
        1 => "1 value is missing or does not fit.".to_owned(),
        number => format!("{number} values are missing or do not fit."),
    }
}
