//! Preferences of this browser: kept in its local storage, never in an address. `theme.js` reads the
//! theme before the page is painted.

use leptos::tachys::dom::{document, window};

const THEME: &str = "promptdex-theme";
const KEYS: &str = "promptdex-keys";

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A browser that keeps nothing forgets it with the page.
        drop(storage.set_item(key, value));
    }
}

/// Returns `auto`, `light` or `dark`.
pub(crate) fn theme() -> String {
    let theme = read(THEME).filter(|theme| theme == "light" || theme == "dark");
    theme.unwrap_or_else(|| "auto".to_owned())
}

/// Whether single keys do something.
pub(crate) fn has_keys() -> bool {
    read(KEYS).as_deref() != Some("off")
}

/// Changes a preference: `theme` to a theme, `keys` to the other of on and off.
pub(crate) fn change(name: &str, value: &str) {
    if name == "keys" {
        write(KEYS, if has_keys() { "off" } else { "on" });
        return;
    }
    write(THEME, value);
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-theme", value));
    }
}
