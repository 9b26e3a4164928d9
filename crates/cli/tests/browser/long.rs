//! Tests long texts: the page contains all of them, stays small, and responds during a comparison.

use crate::host::Static;
use crate::registries::{LONG, compared, hostile, long};
use crate::webdriver::Browser;

const COMPARED: &str = "return document.querySelector('.sentence') !== null";

/// The maximum number of elements per line, including the line itself.
const ELEMENTS: u64 = 9;

#[test]
fn everything_of_a_long_comparison_is_in_the_page_and_can_be_found() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/texts/long/?view=diff&a=1.0.0&b=2.0.0", host.base);
    browser.visit(&page);
    browser.wait("the comparison", COMPARED);
    let lines = |version: usize| long(version).lines().map(str::to_owned).collect::<Vec<_>>();
    let sides = [("a", lines(0)), ("b", lines(1))];
    for layout in ["Unified", "Split", "Inline"] {
        choose(&browser, layout);
        let layout = &layout.to_ascii_lowercase();
        browser.wait(layout, &format!("return document.querySelector('.diff.{layout}') !== null"));
        let heaviest = browser.run(
            "return Math.max(...[...document.querySelectorAll('.diff .line')]
                .map((line) => line.querySelectorAll('*').length + 1))",
        );
        assert!(heaviest.as_u64().unwrap() <= ELEMENTS, "{heaviest} elements a line when {layout}");
        for (side, lines) in &sides {
            let numbers = browser.run(&format!(
                "return document.querySelectorAll('.diff [id^=\"{side}.m1.L\"]').length"
            ));
            assert_eq!(numbers, lines.len(), "lines of {side} when {layout}");
        }
        // As the search of the browser: it goes through what is shown, and what is far away is.
        for line in [&sides[0].1[LONG - 102], &sides[1].1[LONG - 102]] {
            let piece = &line[line.len() - 60..];
            let found = browser.run(&format!(
                "getSelection().removeAllRanges();
                return window.find({piece:?}) && getSelection().toString()"
            ));
            assert_eq!(found, piece, "when {layout}");
            browser.wait(
                "what was found to come into view",
                "const box = getSelection().getRangeAt(0).getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight && box.height > 0",
            );
        }
    }
    browser.assert_calm(&page);
}

fn choose(browser: &Browser, option: &str) {
    let found = browser.run(&format!(
        "const link = [...document.querySelectorAll('.options a')].find((a) => a.text === {option:?});
        link?.click();
        return link !== undefined"
    ));
    assert_eq!(found, true, "there is no option {option}");
}

#[test]
fn white_space_is_ignored_and_shown_again() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/texts/spaced/?view=diff&a=1.0.0&b=2.0.0", host.base));
    let changed = |number: usize| {
        let script = format!(
            "return document.querySelectorAll('.diff :is(.changed, .added, .removed)').length === {number}
                && {}",
            COMPARED.trim_start_matches("return ")
        );
        browser.wait(&format!("{number} changed lines"), &script);
    };
    changed(LONG / 50 + 1);
    choose(&browser, "Ignore whitespace");
    changed(1);
    assert_eq!(browser.run("return document.querySelectorAll('.diff .spaced').length"), LONG / 50);
    choose(&browser, "Show whitespace");
    changed(LONG / 50 + 1);
    browser.assert_calm("white space");
}

#[test]
fn a_page_answers_while_a_rewritten_text_is_compared_by_words() {
    let host = Static::start(hostile(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/attack/rewritten/?view=diff&a=1.0.0&b=2.0.0", host.base);
    browser.visit(&page);
    browser.wait("the comparison", COMPARED);
    let notice = "[...document.querySelectorAll('#messages .notice')]
        .map((notice) => notice.innerText)";
    assert_eq!(
        browser.texts(&format!("return {notice}")),
        ["Mostly rewritten, so compared by line. Show word diff"]
    );
    // An unrelated control is clicked repeatedly until the word differences are shown.
    let answered = browser.run_until_called(
        "const controls = document.querySelector('footer .keys');
        let answered = 0;
        document.querySelector('#messages .notice a').click();
        const click = () => {
            if (document.querySelector('.sentence')) return arguments[0](answered);
            const before = controls.open;
            controls.querySelector('summary').click();
            if (controls.open !== before) answered += 1;
            setTimeout(click, 5);
        };
        setTimeout(click, 5)",
    );
    assert!(answered.as_u64().unwrap() >= 3, "{answered} clicks were answered meanwhile");
    assert!(browser.text("return location.search").ends_with("&words=all"));
    assert_eq!(browser.texts(&format!("return {notice}")), [""; 0]);
    browser.assert_calm(&page);
}
