//! Versions and what became of them, as words in a line.

use promptdex_wire::PromptName;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;

use crate::html::{Element, Node, el, link};
use crate::model::prompt;
use crate::route::Route;

/// A link to each version that is served, with its track or its share.
pub fn served(name: &PromptName, target: Option<&Target>) -> Node {
    let Some(target) = target else {
        return el("span").class("none").with("not served").into();
    };
    let one = |served: prompt::Served| {
        let href = Route::version(name, &served.version).to_string();
        let label =
            served.label.map(|label| [el("span").class("label").with(label).into(), " ".into()]);
        let share =
            served.share.map(|share| [" ".into(), el("span").class("share").with(share).into()]);
        el("span")
            .class("served")
            .with(label)
            .with(link(href, served.version.to_string()))
            .with(share)
    };
    prompt::served(target).into_iter().map(one).collect::<Vec<_>>().into()
}

/// The word for a state, unless it is the usual one.
pub fn state(state: State) -> Option<Element> {
    let (word, class) = match state {
        State::Active => return None,
        State::Deprecated => ("deprecated", "state warn"),
        State::Yanked => ("yanked", "state error"),
        State::Archived => ("archived", "state"),
        State::Redacted => ("redacted", "state error"),
    };
    Some(el("span").class(class).with(word))
}

/// The word for an environment that serves something else than the one before it.
pub fn drift() -> [Node; 2] {
    [" ".into(), el("span").class("state warn").with("drift").into()]
}

/// Tags, in a line.
pub fn tags(tags: &[String]) -> Element {
    el("ul").class("tags").all(tags.iter().map(|tag| el("li").class("tag").with(tag.as_str())))
}
