//! Tests that the chosen color scheme applies from the first pixel on.

use crate::host::{Serve, Static};
use crate::registries;
use crate::webdriver::Browser;

#[test]
fn the_theme_stays_without_a_flash() {
    let serve = Serve::start(registries::ours());
    let host = Static::start(registries::ours(), "/registry/");
    for base in [&serve.base, &host.base] {
        let browser = Browser::start();
        browser.prefer("light");
        let page =
            || browser.text("return getComputedStyle(document.documentElement).backgroundColor");
        browser.visit(base);
        let light = page();
        assert_eq!(browser.text("return window.seen.theme"), "none");
        browser.click("input[name=theme][value=dark]");
        let dark = page();
        assert_ne!(light, dark);
        browser.reload();
        // What it was when the body began, before anything could be painted.
        assert_eq!(browser.text("return window.seen.theme"), "dark");
        assert_eq!(page(), dark);
        assert_eq!(
            browser.run("return document.querySelector('input[name=theme][value=dark]').checked"),
            true
        );
        for place in ["p/customer-support/refund/", "status/", "no/such/page"] {
            browser.visit(&format!("{base}{place}"));
            assert_eq!(browser.text("return window.seen.theme"), "dark", "{base}{place}");
            assert_eq!(page(), dark, "{base}{place}");
        }
        browser.visit(base);
        browser.click("input[name=theme][value=auto]");
        assert_eq!(page(), light);
        browser.reload();
        assert_eq!(page(), light);
        browser.assert_calm_but_missing(base);
    }
}
