//! Shown instead of a version that a URL names and that does not exist.

use leptos::prelude::*;
use promptdex_wire::PromptName;

use crate::model::prompt::NoVersion;
use crate::route::Route;
use crate::view::view;

/// Explains why there is no version to show, and links to the live one.
#[component]
pub fn VersionNotFound<'a>(
    /// The prompt.
    name: &'a PromptName,
    /// Why there is none.
    reason: NoVersion,
) -> AnyView {
    let text = match reason {
        NoVersion::Unknown(version) => format!("{name} has no version {version}."),
        NoVersion::NotServed(environment) => format!("{environment} does not serve {name}."),
        NoVersion::Unreadable(text) => {
            format!("The address asks for {text:.60}, which is no version and no environment.")
        }
        NoVersion::Empty => format!("{name} has no versions."),
    };
    view! {
        <div class="notice" role="alert">
            <p><strong>{text}</strong></p>
            <p>
                "Choose another version, or "
                <a href=Route::prompt(name).to_string()>"go to the one that is served"</a>
                "."
            </p>
        </div>
    }
}
