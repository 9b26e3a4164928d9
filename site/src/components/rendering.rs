//! What a version renders to: messages as a model receives them, or what went wrong.

use promptdex_wire::Dialect;
use promptdex_wire::engine::Rendering;

use crate::components::message::message;
use crate::html::{Element, Node, el};

/// A rendering. Places are named by `prefix`; `page` is the address that they are added to.
pub fn rendering(rendering: &Rendering, prefix: &str, page: &str) -> Node {
    if let Some(error) = &rendering.error {
        let place = match &error.inside {
            Some(inside) => format!("In {inside}, line {}: ", error.line),
            None => format!("In message {}, line {}: ", error.number, error.line),
        };
        let help = error.help.as_ref().map(|help| el("p").with(help.as_str()));
        return el("div")
            .class("notice error")
            .attr("role", "alert")
            .with(el("p").with(place).with(error.message.as_str()))
            .with(help)
            .into();
    }
    let Some(messages) = &rendering.messages else {
        return el("p").class("notice").with("Fill in what is missing to see the text.").into();
    };
    let messages: Vec<Element> = messages
        .iter()
        .enumerate()
        .map(|(at, element)| message(element, Dialect::Plain, at + 1, prefix, page))
        .collect();
    messages.into()
}
