//! Everything can be reached with the keyboard.

use crate::host::Static;
use crate::registries;
use crate::webdriver::{Browser, key};

const FOCUSED: &str = "const it = document.activeElement; return it.id || it.className || it.textContent || it.tagName";

#[test]
fn the_keyboard_reaches_the_content_and_the_search() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    for place in ["", "p/customer-support/refund/?v=2.0.0", "environments/"] {
        browser.visit(&format!("{}{place}", host.base));
        let here = browser.text("return location.href");
        browser.press(key::TAB);
        assert_eq!(browser.text(FOCUSED), "skip", "{place}");
        let top = browser.run("return document.activeElement.getBoundingClientRect().top >= 0");
        assert_eq!(top, true, "the skip link of {place} cannot be seen");
        browser.press(key::ENTER);
        browser.wait("the content", "return document.activeElement.id === 'main'");
        assert_eq!(browser.text("return location.href"), format!("{here}#main"));
        // The next stop is in the content.
        browser.press(key::TAB);
        let inside = "return document.getElementById('main').contains(document.activeElement)";
        assert_eq!(browser.run(inside), true, "{place}");
    }
    browser.visit(&host.base);
    let mut stops = Vec::new();
    while browser.text(FOCUSED) != "q" {
        browser.press(key::TAB);
        stops.push(browser.text(FOCUSED));
        assert!(stops.len() < 10, "the search is not near: {stops:#?}");
    }
    assert_eq!(stops, ["skip", "home", "Prompts", "Environments", "History", "Status", "q"]);
    browser.press("refund");
    browser.wait("the results", "return document.querySelectorAll('.rows .name').length === 1");
    // What is typed stays where it is typed.
    assert_eq!(browser.text(FOCUSED), "q");
    browser.press(key::ENTER);
    assert_eq!(browser.text(FOCUSED), "q");
    while browser.text(FOCUSED) != "name" {
        browser.press(key::TAB);
        stops.push(browser.text(FOCUSED));
        assert!(stops.len() < 50, "the result cannot be reached: {stops:#?}");
    }
    browser.press(key::ENTER);
    browser.wait(
        "the prompt's page",
        "return document.querySelector('h1')?.textContent === 'customer-support/refund'",
    );
    browser.assert_calm("the keyboard's way");
}
