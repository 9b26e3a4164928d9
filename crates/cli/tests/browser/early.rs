//! Tests what happens before the app has started: what is typed is kept, and nothing is sent.

use serde_json::json;

use crate::host::{Serve, Static};
use crate::registries::ours;
use crate::webdriver::{Browser, key};

/// Holds the app back until `startApp()` is called.
const HOLD_APP: &str = "
    const own = WebAssembly.instantiateStreaming;
    const gate = new Promise((start) => { window.startApp = start; });
    WebAssembly.instantiateStreaming = async (...all) => { await gate; return own(...all); };";

fn hold_app(browser: &Browser) {
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": HOLD_APP}));
}

#[test]
fn what_is_typed_before_the_app_has_started_is_kept() {
    let serve = Serve::start(ours());
    let browser = Browser::start();
    hold_app(&browser);
    browser.open(&serve.base);
    browser.wait("the note", "return document.body.innerText.includes('Loading')");
    browser.click("#q");
    browser.press("refund");
    // What searches in texts is on its way.
    let engine = "return performance.getEntriesByType('resource').some(({ name }) => /engine-.*wasm/.test(name))";
    browser.wait("the engine", engine);
    let before = browser.text("return location.href");
    browser.press(key::ENTER);
    assert_eq!(browser.text("return document.getElementById('q').value"), "refund");
    assert_eq!(browser.text("return location.href"), before);
    browser.run("document.getElementById('q').setSelectionRange(1, 3); startApp()");
    browser.wait("the search", "return location.search === '?q=refund'");
    let field = "const field = document.activeElement;
        return [field.id, field.value, String(field.selectionStart), String(field.selectionEnd)]";
    assert_eq!(browser.texts(field), ["q", "refund", "1", "3"]);
    browser.wait(
        "the rows",
        "return [...document.querySelectorAll('.rows .name')].every(({ innerText }) => innerText.includes('refund'))",
    );
    assert_eq!(browser.run("return document.body.innerText.includes('Loading')"), false);
    browser.assert_calm("an early search");
}

#[test]
fn a_link_with_a_search_fetches_what_searches_beside_the_app() {
    let serve = Serve::start(ours());
    let browser = Browser::start();
    hold_app(&browser);
    let engine = "return performance.getEntriesByType('resource').some(({ name }) => /engine-.*wasm/.test(name))";
    browser.open(&format!("{}?q=refund", serve.base));
    browser.wait("the engine", engine);
    browser.open(&serve.base);
    browser.wait("the note", "return document.body.innerText.includes('Loading')");
    assert_eq!(browser.run(engine), false, "a page without a search needs none");
}

#[test]
fn fields_and_the_focus_are_kept_on_other_pages() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    hold_app(&browser);
    browser.open(&format!("{}history/", host.base));
    browser.click("#by");
    browser.press("nobody");
    browser.run("startApp()");
    browser.wait("the filter", "return location.search === '?by=nobody'");
    assert_eq!(browser.text("return document.activeElement.id"), "by");
    browser.assert_calm("an early filter");
    // A link has the focus.
    browser.open(&format!("{}environments/", host.base));
    (0..3).for_each(|_| browser.press(key::TAB));
    let link = browser.text("return document.activeElement.href");
    browser.run("startApp()");
    browser.wait("the app", "return Boolean(window.seen?.taken)");
    assert_eq!(browser.text("return document.activeElement.href"), link);
}

#[test]
fn nothing_moves_while_a_page_loads() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    for page in [
        "",
        "?q=refund",
        "history/",
        "history/?env=production",
        "status/",
        "p/customer-support/refund/",
        "p/customer-support/refund/?view=diff&a=1.0.0&b=1.1.0",
        "p/customer-support/refund/?view=play",
        "environments/",
    ] {
        let url = format!("{}{page}", host.base);
        browser.open("about:blank");
        browser.visit(&url);
        let loaded = "return ![...document.querySelectorAll('.loading')].some((one) => one.checkVisibility())";
        browser.wait("the page", loaded);
        let moved = browser.run_until_called(
            "new PerformanceObserver((list) => arguments[0](
                list.getEntries().reduce((sum, { value }) => sum + value, 0),
            )).observe({ type: 'layout-shift', buffered: true });
            setTimeout(() => arguments[0](0), 100);",
        );
        assert!(moved.as_f64().unwrap() <= 0.02, "{url} moves by {moved}");
    }
}
