//! Tests that the URL has the whole state of a page, and that going back restores an earlier state.

use crate::host::Static;
use crate::registries::ours;
use crate::webdriver::{Browser, key};

/// Returns the visible text of the page, once all requests are complete.
const SHOWN: &str = "return new Promise((resolve) => {
    const isLoading = () => [...document.querySelectorAll('.loading')].some((one) => one.checkVisibility());
    const look = () => isLoading()
        ? setTimeout(look, 20)
        : resolve(document.getElementById('main').innerText.split('\\n'));
    look();
})";

/// Performs an action on a page, and checks that its URL shows the same state in a new tab.
fn check(browser: &Browser, what: &str, act: &str, address: &str) {
    browser.run(act);
    browser.wait(what, &format!("return location.href.endsWith({address:?})"));
    let shown = browser.texts(SHOWN);
    let here = browser.text("return location.href");
    assert_eq!(browser.in_another_tab(&here, SHOWN), shown, "{what} at {here}");
}

/// Clicks the first link with this text.
fn link(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('main a')].find((a) => a.textContent === {text:?}).click()"
    )
}

/// Selects a value in a list.
fn choose(list: &str, value: &str) -> String {
    format!(
        "const list = document.querySelector({list:?});
        list.value = {value:?};
        list.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    )
}

#[test]
fn an_address_shows_another_reader_the_same() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    let steps = [
        ("a folder", link("customer-support/"), "?q=folder:customer-support"),
        ("a facet", link("production"), "?q=folder:customer-support+env:production"),
        ("no folder", link("folder:customer-support ×"), "?q=env:production"),
        ("a prompt", link("customer-support/refund"), "p/customer-support/refund/"),
        ("a version", link("1.0.0"), "?v=1.0.0"),
        ("a comparison", link("Compare"), "?view=diff&a=1.0.0"),
        (
            "another side",
            choose(".bar label:nth-of-type(2) select", "@production"),
            "?view=diff&a=1.0.0&b=@production",
        ),
        ("two columns", link("Split"), "?view=diff&a=1.0.0&b=@production&as=split"),
        ("no white space", link("Ignore whitespace"), "&b=@production&as=split&ws=ignore"),
        (
            "the other way",
            "document.querySelector('.swap').click()".to_owned(),
            "?view=diff&a=@production&b=1.0.0&as=split&ws=ignore",
        ),
        ("versions", link("Pin versions"), "?view=diff&a=1.1.0&b=1.0.0&as=split&ws=ignore"),
        ("white space", link("Show whitespace"), "?view=diff&a=1.1.0&b=1.0.0&as=split"),
        ("lines", link("Unified"), "?view=diff&a=1.1.0&b=1.0.0&as=unified"),
        ("words", link("Inline"), "?view=diff&a=1.1.0&b=1.0.0"),
    ];
    for (what, act, address) in steps {
        check(&browser, what, &act, address);
    }
    browser.visit(&format!("{}p/customer-support/refund/?v=1.1.0", host.base));
    check(&browser, "a form", &link("Render"), "?view=play&v=1.1.0");
    browser.visit(&format!("{}environments/", host.base));
    let promotion =
        "[...document.querySelectorAll('main a')].find((a) => a.search.includes('from=')).click()";
    check(&browser, "a promotion", promotion, "environments/?from=dev&to=staging");
    browser.assert_calm("addresses");
}

#[test]
fn the_way_back_leads_to_the_same_place_and_focus() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    // Most of the page is out of view.
    browser.size_of(1280, 300);
    browser.visit(&host.base);
    let place = "return [document.activeElement.textContent, String(Math.round(scrollY))]";
    for _ in 0..9 {
        browser.press("j");
    }
    let row = browser.texts(place);
    assert!(row[1].parse::<u32>().unwrap() > 300, "{row:?}");
    browser.press(key::ENTER);
    browser.wait("the prompt", "return document.querySelector('.version') !== null");
    assert_eq!(browser.texts("return [document.activeElement.id, String(scrollY)]"), ["main", "0"]);
    browser.run("scrollTo(0, 500)");
    let version = browser.text(
        "const link = document.querySelector('.timeline a');
        link.focus();
        return link.textContent",
    );
    let prompt = browser.texts(place);
    browser.press(key::ENTER);
    browser.wait("the version", "return location.search.startsWith('?v=')");
    browser.back();
    browser.wait("the prompt", "return location.search === ''");
    let is = |what: &str, expected: &[String]| {
        browser.wait(
            what,
            &format!(
                "return JSON.stringify([document.activeElement.textContent, String(Math.round(scrollY))])
                    === JSON.stringify({expected:?})"
            ),
        );
    };
    assert_eq!(prompt[0], version);
    is("the place on the prompt's page", &prompt);
    browser.back();
    browser.wait("the catalogue", "return document.querySelector('.rows') !== null");
    is("the row", &row);
    browser.forward();
    browser.wait("the prompt", "return document.querySelector('.version') !== null");
    browser.wait("the place", &format!("return Math.round(scrollY) === {}", prompt[1]));
    browser.assert_calm("the way back");
}
