//! Links to documents of the registry, and out of the site.

use leptos::prelude::*;
use promptdex_wire::RegistryPath;

use crate::view::view;

/// A link to a document of the registry.
#[expect(clippy::needless_pass_by_value, reason = "children of components own what they show")]
#[component]
pub fn DocumentLink(
    /// The document.
    path: RegistryPath,
    children: Children,
) -> impl IntoView {
    view! { <a href=path.to_string() rel="external">{children()}</a> }
}

/// A link that leaves the site. Only web addresses become links.
#[component]
pub fn ExternalLink(
    /// The address.
    url: String,
) -> impl IntoView {
    if !is_web(&url) {
        return view! { <code>{url}</code> };
    }
    let text = url.clone();
    view! { <a href=url rel="external noopener noreferrer nofollow">{text}</a> }
}

/// Whether an address is one of the web, and nothing that runs.
pub fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
