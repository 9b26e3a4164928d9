//! The app in the browser.

fn main() {
    promptdex_site::browser::start();
}
