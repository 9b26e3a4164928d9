//! Single keys. Each does what something on the page does, so that nothing needs them; the footer
//! lists them and switches them off.

/// The keys, and what they do.
pub const KEYS: [(&str, &str); 9] = [
    ("/", "Focus search; ↓ for results"),
    ("j", "Next row or change"),
    ("k", "Previous row or change"),
    ("[ ]", "Older or newer version"),
    ("s", "Swap sides"),
    ("v w", "Next layout; toggle whitespace"),
    ("y", "Pin versions"),
    ("g", "Go to Prompts, Environments, History, Status: p, e, h, s"),
    ("?", "Show shortcuts"),
];

#[cfg(feature = "csr")]
pub(crate) use listener::listen;

#[cfg(feature = "csr")]
mod listener {
    use std::cell::Cell;

    use leptos::ev;
    use leptos::prelude::window_event_listener;
    use leptos::tachys::dom::document;
    use wasm_bindgen::JsCast as _;
    use web_sys::HtmlElement;

    use crate::settings;

    /// What the keys j and k step through.
    const STEPS: &str = ".row .name, .diff :is(.removed, .added, .changed):not(:is(.removed, .added, .changed) + *) > .no:not(.no ~ .no)";

    /// The version below the one that is shown: in its list, or in the list after it, which a button shows.
    const OLDER: &str = ".timeline li:has([aria-current]) + li a, .timeline:has(> li:last-child [aria-current]) + .more > button, .timeline:has(> li:last-child [aria-current]) + .more > .timeline > li:first-child a";

    /// The version above the one that is shown.
    const NEWER: &str = ".timeline li:has(+ li [aria-current]) a, .timeline:has(+ .more > .timeline > li:first-child [aria-current]) > li:last-child a";

    thread_local! {
        /// Whether the last key was g.
        static GOES: Cell<bool> = const { Cell::new(false) };
    }

    /// Listens for as long as the page lives.
    pub(crate) fn listen() {
        let _for_ever = window_event_listener(ev::keydown, |event| {
            let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
            if modified || event.default_prevented() {
                return;
            }
            let key = event.key();
            // No letter, and so never switched off.
            if key == "ArrowDown" && find("#q:focus").is_some() && step(1) {
                event.prevent_default();
            }
            if is_typing() || !settings::has_keys() {
                return;
            }
            let goes = GOES.replace(key == "g");
            let done = match (goes, key.as_str()) {
                (true, "p") => click("nav.pages li:nth-child(1) a"),
                (true, "e") => click("nav.pages li:nth-child(2) a"),
                (true, "h") => click("nav.pages li:nth-child(3) a"),
                (true, "s") => click("nav.pages li:nth-child(4) a"),
                (_, "/") => focus("#q") || click("nav.pages li:nth-child(1) a"),
                (_, "j") => step(1),
                (_, "k") => step(-1),
                (_, "[") => click(OLDER),
                (_, "]") => click(NEWER),
                (_, "s") => click("#swap"),
                (_, "w") => click("#whitespace"),
                (_, "y") => click("#pin"),
                (_, "v") => {
                    click(".options li:nth-child(-n+2):has([aria-current]) + li a")
                        || click(".options li:first-child a")
                }
                (_, "?") => click("footer .keys > summary") && focus("footer .keys > summary"),
                _ => false,
            };
            if done {
                event.prevent_default();
            }
        });
    }

    fn find(selector: &str) -> Option<HtmlElement> {
        document().query_selector(selector).ok().flatten()?.dyn_into().ok()
    }

    fn is_typing() -> bool {
        let tag = document().active_element().map(|element| element.tag_name());
        matches!(tag.as_deref(), Some("INPUT" | "TEXTAREA" | "SELECT"))
    }

    fn click(selector: &str) -> bool {
        find(selector).map(|element| element.click()).is_some()
    }

    fn focus(selector: &str) -> bool {
        find(selector).map(|element| element.focus()).is_some_and(|focused| focused.is_ok())
    }

    /// Moves the focus along the rows of a list or the changes of a comparison.
    fn step(by: i32) -> bool {
        let Ok(steps) = document().query_selector_all(STEPS) else { return false };
        let active = document().active_element();
        let all = || (0..steps.length()).filter_map(|at| steps.get(at));
        let here = all().position(|step| active.as_deref() == Some(&step));
        let next = match (here, by) {
            (Some(here), 1) => here + 1,
            (Some(here), _) => here.saturating_sub(1),
            (None, _) => 0,
        };
        let next = all().nth(next).and_then(|step| step.dyn_into::<HtmlElement>().ok());
        next.is_some_and(|next| next.focus().is_ok())
    }
}
