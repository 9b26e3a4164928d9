//! Tests printed pages: everything is printed, on white, with the information to find the page
//! again.

use serde_json::json;

use crate::host::Static;
use crate::registries::{compared, ours};
use crate::webdriver::Browser;

/// Prints a page, and switches the browser to print media, so that the page keeps its look on paper.
fn print(browser: &Browser) {
    let printed = browser.devtools("Page.printToPDF", &json!({"printBackground": true}));
    assert!(printed["data"].as_str().unwrap().starts_with("JVBERi"), "a PDF");
    browser.prefer_all("print", &[("prefers-color-scheme", "dark")]);
}

/// Returns the generated content after an element: `"…"`, or `none`.
fn after(browser: &Browser, selector: &str) -> String {
    browser.text(&format!(
        "return getComputedStyle(document.querySelector({selector:?}), '::after').content"
    ))
}

#[test]
fn a_page_is_printed_whole_and_on_white() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/customer-support/refund/?v=1.1.0", host.base));
    browser.click("input[name=theme][value=dark]");
    let colours = || {
        browser.texts(
            "const page = getComputedStyle(document.documentElement);
            return [page.backgroundColor, page.color]",
        )
    };
    let dark = colours();
    print(&browser);
    assert_eq!(colours(), ["rgb(255, 255, 255)", "rgb(27, 31, 36)"]);

    let digest = browser.text("return document.querySelector('.version code[title]').title");
    assert_eq!(digest.len(), "sha256:".len() + 64);
    assert_eq!(after(&browser, ".version code[title]"), format!("{digest:?}"));
    let address = browser.text("return location.href");
    assert_eq!(after(&browser, ":root"), format!("{address:?}"));
    let data = "api/prompts/customer-support/refund/versions/1.1.0.json";
    let link = format!(".version a[href='{data}']");
    assert_eq!(after(&browser, &link), format!("\" (\" {data:?} \")\"").replace("\" \"", ""));

    let seen = |selector: &str| {
        browser.run(&format!(
            "return [...document.querySelectorAll({selector:?})].filter((one) => one.checkVisibility()).length"
        ))
    };
    assert_eq!(seen("nav.pages, .settings, .skip"), 0);
    // Content that is folded on the screen has a height on paper.
    let folded = browser.texts(
        "return [...document.querySelectorAll('main details:not([open])')]
            .filter((details) => details.scrollHeight <= details.querySelector('summary').offsetHeight + 4)
            .map((details) => details.textContent)",
    );
    assert_eq!(folded, [""; 0]);
    assert!(seen(".snippets pre").as_u64().unwrap() > 1);

    browser.prefer_all("", &[]);
    assert_eq!(colours(), dark, "the theme of the screen stays");
    assert_eq!(after(&browser, ":root"), "none");
    browser.click("input[name=theme][value=auto]");
    browser.assert_calm("what is printed");
}

#[test]
fn a_comparison_is_printed_with_its_unchanged_lines_and_both_digests() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/texts/spaced/?view=diff&a=1.0.0&b=2.0.0&ws=ignore", host.base));
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
    let folded = "return [...document.querySelectorAll('.fold .line')]
        .filter((line) => line.checkVisibility({ contentVisibilityAuto: false })).length";
    let last = "return document.querySelector('.diff .fold').getBoundingClientRect().height";
    let height = browser.run(last).as_f64().unwrap();
    print(&browser);
    assert!(browser.run(folded).as_u64().unwrap() > 4_000);
    assert!(browser.run(last).as_f64().unwrap() > height * 10.0);
    let versions =
        std::fs::read(compared().join("api/prompts/texts/spaced/versions.json")).unwrap();
    let versions: serde_json::Value = serde_json::from_slice(&versions).unwrap();
    let sides = after(&browser, ".sentence");
    for row in versions["versions"].as_array().unwrap() {
        let digest = row["digest"].as_str().unwrap();
        assert!(sides.contains(digest), "{digest} is not in {sides}");
    }
    browser.assert_calm("what is printed");
}
