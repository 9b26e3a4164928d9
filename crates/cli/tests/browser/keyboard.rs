//! Tests that everything can be reached with the keyboard.

use serde_json::Value;

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

/// Presses Tab until the text of the focused element starts with `text`.
#[track_caller]
fn tab_to(browser: &Browser, text: &str) {
    for _ in 0..80 {
        browser.press(key::TAB);
        let focused = browser.text("return document.activeElement.textContent");
        if focused.starts_with(text) {
            return;
        }
    }
    panic!("Tab does not reach `{text}`");
}

const ADDRESS: &str = "return location.pathname + location.search";

#[test]
fn a_change_is_found_and_reviewed_with_the_keyboard_alone() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    browser.press("/");
    assert_eq!(browser.text(FOCUSED), "q");
    browser.press("chat");
    browser.wait("the results", "return document.querySelectorAll('.rows .name').length === 1");
    browser.press(key::DOWN);
    assert_eq!(
        browser.text("return document.activeElement.textContent"),
        "customer-support/chat-agent"
    );
    browser.press(key::ENTER);
    browser.wait("the prompt", "return document.querySelector('.version') !== null");

    tab_to(&browser, "Compare");
    browser.press(key::ENTER);
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
    let floating = browser.text(ADDRESS);
    // Each change is a stop, from the first to the last and back.
    let here = "const it = document.activeElement;
        const block = it.closest('.line');
        const is = (line) => line?.matches('.removed, .added, .changed') === true;
        return [it.id, String(is(block)), String(is(block?.previousElementSibling))]";
    let mut stops = Vec::new();
    loop {
        browser.press("j");
        let stop = browser.texts(here);
        if stops.last() == Some(&stop) {
            break;
        }
        assert_eq!(stop[1..], ["true", "false"], "the first line of a change: {stop:?}");
        stops.push(stop);
    }
    let changes = browser.run(
        "const is = (line) => line?.matches('.removed, .added, .changed') === true;
        return [...document.querySelectorAll('.diff .line')]
            .filter((line) => is(line) && !is(line.previousElementSibling)).length",
    );
    assert_eq!(changes, stops.len());
    assert!(stops.len() > 1, "{stops:?}");
    for stop in stops.iter().rev().skip(1) {
        browser.press("k");
        assert_eq!(browser.texts(here), *stop);
    }
    let seen = "const [line, bar] = [document.activeElement, document.querySelector('.bar')]
        .map((one) => one.getBoundingClientRect());
        return line.top >= bar.bottom && line.bottom <= innerHeight";
    assert_eq!(browser.run(seen), true, "the first change is in view");

    browser.press("v");
    browser.wait("another layout", "return document.querySelector('.diff.unified') !== null");
    browser.press("vv");
    browser.wait("the first layout", "return document.querySelector('.diff.inline') !== null");
    browser.run("document.querySelector('.bar select').focus()");
    tab_to(&browser, "Pin versions");
    browser.press(key::ENTER);
    browser.wait("the permanent link", "return location.search.includes('&b=1.')");
    let permanent = browser.text(ADDRESS);
    assert_eq!(permanent, "/registry/p/customer-support/chat-agent/?view=diff&a=1.1.0&b=1.2.0");
    browser.back();
    browser.wait(
        "the way back",
        &format!("return location.pathname + location.search === {floating:?}"),
    );
    browser.press("gp");
    browser.wait("the catalogue", "return document.querySelector('.rows') !== null");
    browser.assert_calm("the review");
}

#[test]
fn single_keys_can_be_switched_off() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/refund/?view=diff&a=1.1.0&b=2.0.0", host.base);
    let switch = || {
        browser.run("document.querySelector('input[name=keys]').focus()");
        browser.press(" ");
        browser.run("document.activeElement.blur()");
    };
    let state = "return [
        location.href, document.activeElement.localName, document.querySelector('.keys').open,
        document.querySelector('.diff').className,
    ]";
    let keys_do_nothing = || {
        browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
        let before = browser.run(state);
        browser.press("jkv?/s");
        browser.press("gh");
        assert_eq!(browser.run(state), before);
    };
    browser.visit(&page);
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
    switch();
    keys_do_nothing();
    browser.reload();
    let is_on = "return document.querySelector('input[name=keys]').checked";
    assert_eq!(browser.run(is_on), false);
    keys_do_nothing();
    // Nothing that needs no letter is lost.
    browser.visit(&host.base);
    browser.run("document.querySelector('#q').focus()");
    browser.press(key::DOWN);
    assert_eq!(browser.text(FOCUSED), "name");

    switch();
    assert_eq!(browser.run(is_on), true);
    browser.visit(&page);
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
    browser.press("j");
    assert_eq!(browser.text("return document.activeElement.className"), "no");
    browser.press("gh");
    browser.wait("the history", "return document.querySelector('.releases') !== null");
    browser.assert_calm("the keys");
}

/// All elements of the page that Tab should reach, by their number.
const STOPS: &str = "
    const all = [...document.querySelectorAll('*')];
    const isStop = (one) => one.tabIndex >= 0
        && (one.matches('a[href], button, input, select, textarea, summary, [tabindex]'))
        && one.checkVisibility({ visibilityProperty: true })
        // Of a group of radio buttons only the one that is chosen is a stop.
        && !(one.type === 'radio' && !one.checked);
    return all.filter(isStop).map((one) => all.indexOf(one))";

/// The focused element: its number, whether the focus is visible, and its description.
const STOP: &str = "
    const it = document.activeElement;
    const style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
    return [[...document.querySelectorAll('*')].indexOf(it), isSeen, it.outerHTML.slice(0, 200)]";

#[test]
fn tab_stops_everywhere_once_is_seen_and_is_never_caught() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    for place in [
        "",
        "p/customer-support/refund/?v=1.1.0",
        "p/customer-support/refund/?view=diff&a=1.1.0&b=2.0.0",
        "p/customer-support/refund/?view=play&v=1.1.0",
        "environments/",
        "history/",
        "status/",
        "no/such/page",
    ] {
        browser.visit(&format!("{}{place}", host.base));
        let settled = "return [...document.querySelectorAll('.loading')].every((one) => !one.checkVisibility())";
        browser.wait("everything", settled);
        let expected: Vec<i64> = serde_json::from_value(browser.run(STOPS)).unwrap();
        let mut stops = Vec::new();
        let mut parts = 0;
        loop {
            browser.press(key::TAB);
            let stop = browser.run(STOP);
            let number = stop[0].as_i64().unwrap();
            let is_page = stop[2].as_str().unwrap().starts_with("<body");
            if is_page || stops.first() == Some(&number) {
                break;
            }
            // A day has a stop for each of its parts.
            if stops.last() == Some(&number) && stop[2].as_str().unwrap().contains("\"date\"") {
                parts += 1;
                assert!(parts < 30, "/{place}: Tab is caught at {}", stop[2]);
                continue;
            }
            assert_eq!(stop[1], Value::Bool(true), "/{place}: no focus is seen at {}", stop[2]);
            stops.push(number);
            assert!(stops.len() <= expected.len(), "/{place}: Tab is caught at {}", stop[2]);
        }
        assert_eq!(stops, expected, "/{place}");
        // From the end, the other way.
        browser.run("document.activeElement.blur()");
        browser.press(key::TAB);
        while browser.run(STOP)[0] != expected[2] {
            browser.press(key::TAB);
        }
        for number in [expected[1], expected[0]] {
            browser.press_back();
            assert_eq!(browser.run(STOP)[0], number, "/{place}, backwards");
        }
        browser.assert_calm_but_missing(place);
    }
}
