//! What stands where there is nothing to show: it is on its way, missing, or not what it should be.

use crate::data::{Load, Problem};
use crate::engine;
use crate::html::{Element, Node, el};

/// Returns a document that is there, or what stands in its place.
pub fn loaded<T>(load: Load<T>, what: &str) -> Result<std::sync::Arc<T>, Node> {
    match load {
        Load::Ready(document) => Ok(document),
        Load::Loading => {
            let text = format!("Loading {what} …");
            Err(el("p").class("loading").attr("role", "status").with(text).into())
        }
        Load::Absent => {
            let text = format!("This registry has no {what}.");
            Err(el("p").class("notice").with(text).into())
        }
        Load::Failed(problem) => Err(failed(what, &problem)),
    }
}

/// Says that the engine is at work, with a way to stop it: at once, or when it has taken two seconds.
pub fn at_work(what: &str, at_once: bool) -> Element {
    let stop = el("button").attr("type", "button").with("Stop").on("click", |_| engine::stop());
    let text = el("span").attr("role", "status").with(format!("At work on the {what}. "));
    el("p").class(if at_once { "at-work" } else { "at-work late" }).with(text).with(stop)
}

/// Says why a document is not shown.
fn failed(what: &str, problem: &Problem) -> Node {
    let (title, detail): (String, Vec<Node>) = match problem {
        Problem::Stopped => (format!("The {what} was stopped"), Vec::new()),
        Problem::Network(error) => (
            format!("Could not load {what}"),
            vec![el("p").with(format!("{error}. Reload the page to try again.")).into()],
        ),
        Problem::Format(error) => {
            (format!("Could not read {what}"), vec![el("p").with(error.as_str()).into()])
        }
        Problem::Digest { expected, actual } => {
            let text =
                "Its bytes do not have the digest that the registry names, so it is not shown.";
            let digests = el("dl")
                .with(el("dt").with("Published"))
                .with(el("dd").with(el("code").with(expected.to_string())))
                .with(el("dt").with("Received"))
                .with(el("dd").with(el("code").with(actual.to_string())));
            (
                format!("{what} is not what was published"),
                vec![el("p").with(text).into(), digests.into()],
            )
        }
    };
    el("div")
        .class("notice error")
        .attr("role", "alert")
        .with(el("p").with(el("strong").with(title)))
        .with(detail)
        .into()
}
