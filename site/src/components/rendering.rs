//! What a version renders to: messages as a model receives them, or what went wrong.

use leptos::prelude::*;
use promptdex_wire::Dialect;
use promptdex_wire::engine::Rendering;

use crate::components::message::MessageSection;
use crate::view::view;

/// A rendering.
#[component]
pub fn Rendered<'a>(
    /// The rendering.
    rendering: &'a Rendering,
    /// What the names of its places begin with.
    prefix: &'a str,
    /// The address that its places are added to.
    page: &'a str,
) -> AnyView {
    if let Some(error) = &rendering.error {
        let place = match &error.inside {
            Some(inside) => format!("In {inside}, line {}: ", error.line),
            None => format!("In message {}, line {}: ", error.number, error.line),
        };
        return view! {
            <div class="notice error" role="alert">
                <p>{place} {error.message.clone()}</p>
                {error.help.clone().map(|help| view! { <p>{help}</p> })}
            </div>
        };
    }
    let Some(messages) = &rendering.messages else {
        return view! { <p class="notice">"Fill in the required inputs."</p> };
    };
    let dialect = Dialect::Plain;
    let messages = messages.iter().enumerate().map(|(at, message)| {
        view! { <MessageSection message dialect number=at + 1 prefix page/> }
    });
    messages.collect_view().into_any()
}
