//! Tests URLs without a page: hosts show `404.html` for them, at any depth.

use crate::host::{Serve, Static, get};
use crate::registries;
use crate::webdriver::Browser;

#[test]
fn a_missing_page_finds_its_registry_and_the_nearest_prompt() {
    let serve = Serve::start(registries::ours());
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    for base in [&serve.base, &host.base] {
        for (place, nearest) in [
            ("p/customer-support/refnd/", Some("customer-support/refund")),
            ("p/shared/tones/", Some("shared/tone")),
            ("a/b/c", None),
            ("a", None),
            ("p/a/b/c/d/e/", None),
        ] {
            let url = format!("{base}{place}");
            assert_eq!(get(&url).status(), 404, "{url}");
            browser.visit(&url);
            assert_eq!(browser.text("return location.href"), url);
            let display = "return getComputedStyle(document.querySelector('.top')).display";
            assert_eq!(browser.text(display), "flex", "{url} has no style");
            assert_eq!(browser.run("return document.querySelectorAll('h1').length"), 1);
            let link = match nearest {
                Some(name) => {
                    browser.wait(
                        "suggestions",
                        "return Boolean(document.querySelector('.nearest a'))",
                    );
                    let first = "return document.querySelector('.nearest a').textContent";
                    assert_eq!(browser.text(first), name, "{url}");
                    ".nearest a"
                }
                None => "main p a[href='./']",
            };
            browser.click(link);
            let heading = nearest.unwrap_or("Prompts");
            browser.wait(
                &format!("{link} of {url}"),
                &format!("return document.querySelector('h1')?.textContent === '{heading}'"),
            );
            let here = browser.text("return location.href");
            let folder = nearest.map(|name| format!("p/{name}/")).unwrap_or_default();
            assert_eq!(here, format!("{base}{folder}"));
            // The same URL is requested again.
            assert_eq!(get(&here).status(), 200);
            browser.assert_calm_but_missing(&url);
        }
    }
}
