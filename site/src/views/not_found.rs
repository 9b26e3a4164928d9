//! The page of a URL that leads nowhere: the nearest prompts, and a link back.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::nearest::NearestPrompts;
use crate::view::{reactive, view};

/// The page.
#[component]
pub fn NotFound() -> impl IntoView {
    let path = use_location().pathname;
    let nearest = reactive(move || {
        let path = path.get();
        let tail = path.rsplit_once("/p/").map_or(path.as_str(), |(_, name)| name);
        let name = tail.trim_matches('/').trim_end_matches("/index.html");
        view! { <NearestPrompts name/> }
    });
    view! {
        <h1>"Page not found"</h1>
        <p>"Nothing in this registry has this URL."</p>
        {nearest}
        <p><a href="./">"All prompts"</a></p>
    }
}
