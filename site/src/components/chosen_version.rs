//! Finds the version that a URL names, in as many files of the list of versions as it takes, and says why there is none.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{VersionRow, Versions};
use promptdex_wire::{Environment, PromptName};

use crate::components::load_state::ready_or_view;
use crate::data::Store;
use crate::model::prompt::{NoVersion, choose_version};
use crate::route::{Choice, Route};
use crate::view::view;

/// Returns the row of a version. Files of older versions are read until one has it: call it in a closure that tracks signals,
/// not in a component.
pub fn find_version(
    newest: &Arc<Versions>,
    path: &[Environment],
    choice: &Choice,
) -> Result<VersionRow, NoVersion> {
    find_in_files(newest, &|files| choose_version(files, path, choice).cloned())
}

/// What looks for a row in the files of a list of versions that were read.
pub type RowSearch<'s> = dyn Fn(&[Arc<Versions>]) -> Result<VersionRow, NoVersion> + 's;

/// Looks for a row in the newest file of a list of versions, then in one file more at a time.
pub fn find_in_files(
    newest: &Arc<Versions>,
    find: &RowSearch<'_>,
) -> Result<VersionRow, NoVersion> {
    let store = Store::get();
    let mut files = vec![Arc::clone(newest)];
    loop {
        let found = find(&files);
        let Err(NoVersion::Unread(page)) = found else { return found };
        let Some(file) = store.older_versions(page).get().ready() else { return found };
        files.push(file);
    }
}

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
        NoVersion::NewerForm(environment) => {
            format!("{environment} serves {name} in a form that needs a newer site.")
        }
        NoVersion::NotServed(environment) => format!("{environment} does not serve {name}."),
        NoVersion::Unreadable(text) => {
            format!("`{text:.60}` is neither a version nor an environment.")
        }
        NoVersion::Empty => format!("{name} has no versions."),
        NoVersion::Unread(page) => {
            let older = Store::get().older_versions(page).get_untracked();
            return ready_or_view(older, "list of older versions").err().into_any();
        }
    };
    view! {
        <div class="notice" role="alert">
            <p><strong>{text}</strong></p>
            <p>
                "Choose another version, or "
                <a href=Route::prompt(name).to_string()>"open the live version"</a>
                "."
            </p>
        </div>
    }
}
