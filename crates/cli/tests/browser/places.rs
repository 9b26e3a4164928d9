//! Tests the links to places in texts: they land on their lines, also on lines that are folded away, and name versions that stay.

use crate::host::Static;
use crate::registries::{compared, ours};
use crate::webdriver::Browser;

const COMPARED: &str = "return document.querySelector('.sentence') !== null";

/// The numbers of the marked lines on a side, and whether the first one is in view, below the controls.
const LANDED: &str = "
    const lines = [...document.querySelectorAll('.line.chosen')];
    const box = lines[0]?.getBoundingClientRect();
    const bar = document.querySelector('.bar')?.getBoundingClientRect().bottom ?? 0;
    const isSeen = box && box.top >= bar && box.bottom <= innerHeight;
    return lines.length > 0 && isSeen ? lines.map((line) => line.querySelector(`[id^='${SIDE}.']`)?.dataset.n ?? '') : []";

fn landed(browser: &Browser, side: &str) -> Vec<String> {
    browser.texts(&format!("const SIDE = '{side}';{LANDED}"))
}

#[track_caller]
fn wait_for_lines(browser: &Browser, side: &str, expected: &[&str]) {
    let script = format!(
        "return JSON.stringify((() => {{ const SIDE = '{side}';{LANDED} }})()) === JSON.stringify({expected:?})"
    );
    browser.wait(&format!("lines {expected:?} of {side}"), &script);
}

#[test]
fn a_link_into_a_comparison_lands_on_its_line() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    for (prompt, options, place, side, lines) in [
        // A line that changed, near the beginning and near the end.
        ("long", "", "b.m1.L15", "b", &["15"][..]),
        ("long", "", "a.m1.L4890", "a", &["4890"]),
        ("long", "&as=unified", "b.m1.L2500", "b", &["2500"]),
        ("long", "&as=split", "a.m1.L2500", "a", &["2500"]),
        // A line that is folded away.
        ("spaced", "", "b.m1.L2500", "b", &["2500"]),
        ("spaced", "&as=split&ws=ignore", "a.m1.L4000", "a", &["4000"]),
        ("spaced", "", "b.m1.L2500-L2503", "b", &["2500", "2501", "2502", "2503"]),
    ] {
        let page =
            format!("{}p/texts/{prompt}/?view=diff&a=1.0.0&b=2.0.0{options}#{place}", host.base);
        // The address may be another one only behind the `#`.
        browser.open("about:blank");
        browser.visit(&page);
        wait_for_lines(&browser, side, lines);
        let focused = browser.text("return document.activeElement.id");
        assert_eq!(focused, format!("{side}.m1.L{}", lines[0]), "{page}");
        browser.assert_calm(&page);
    }
}

#[test]
fn a_chosen_line_looks_neither_added_nor_removed() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.open("about:blank");
        let page = format!("{}p/texts/long/?view=diff&a=1.0.0&b=2.0.0&as=unified", host.base);
        browser.visit(&format!("{page}#b.m1.L15"));
        wait_for_lines(&browser, "b", &["15"]);
        let colors = browser.texts(
            "const look = (selector) => getComputedStyle(document.querySelector(selector));
            return [look('.line.chosen').backgroundColor, look('.line.added:not(.chosen)').backgroundColor,
                look('.line.removed:not(.chosen)').backgroundColor, look('.line.chosen > .no').color,
                getComputedStyle(document.querySelector('.line.chosen .t')).color]",
        );
        let [chosen, added, removed, number, text] = &colors[..] else { panic!("{colors:?}") };
        assert!(chosen != added && chosen != removed, "{scheme}: {colors:?}");
        for ink in [number, text] {
            let contrast = contrast(ink, chosen);
            assert!(contrast >= 7.0, "{scheme}: {ink} on {chosen} has {contrast}");
        }
    }
}

/// The contrast of two colors as [WCAG 2](https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio) defines it.
fn contrast(ink: &str, page: &str) -> f64 {
    let luminance = |color: &str| {
        let parts = color.trim_start_matches("rgb(").trim_end_matches(')').split(", ");
        let parts = parts.map(|part| part.parse::<f64>().unwrap() / 255.0);
        let linear = parts.map(|part| {
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        linear.zip([0.2126, 0.7152, 0.0722]).map(|(part, weight)| part * weight).sum::<f64>()
    };
    let (a, b) = (luminance(ink), luminance(page));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn numbers_of_lines_pin_the_versions_and_take_ranges() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/chat-agent/?view=diff", host.base);
    browser.visit(&format!("{page}&a=@production&b=@staging"));
    browser.wait("the comparison", COMPARED);
    let lines = browser.texts(
        "return [...document.querySelectorAll('#m1 .line > .no[id^=\"b.\"]')].map((line) => line.id)",
    );
    let [first, .., last] = &lines[..] else { panic!("{lines:?}") };
    let numbers = lines.iter().map(|id| id.rsplit_once('L').unwrap().1).collect::<Vec<_>>();
    browser.run("window.marked = document.querySelector('.sentence')");
    browser.run(&format!("document.getElementById('{last}').click()"));
    browser.wait("the place", &format!("return location.hash === '#{last}'"));
    assert_eq!(browser.text("return location.search"), "?view=diff&a=1.1.0&b=1.2.0");
    wait_for_lines(&browser, "b", &[numbers[numbers.len() - 1]]);
    // Nothing was compared again for it.
    assert_eq!(browser.run("return marked.isConnected"), true);
    browser.run(&format!(
        "document.getElementById('{first}').dispatchEvent(
            new MouseEvent('click', {{ shiftKey: true, bubbles: true, cancelable: true }}))"
    ));
    let range = format!("{first}-L{}", numbers[numbers.len() - 1]);
    browser.wait("the range", &format!("return location.hash === '#{range}'"));
    assert_eq!(landed(&browser, "b").len(), lines.len());
    // Options and sides keep it.
    browser.click("#split");
    browser
        .wait("the layout", "return document.querySelector('.diff.split .line.chosen') !== null");
    assert_eq!(browser.text("return location.hash"), format!("#{range}"));
    browser.click("#swap");
    browser.wait("the other way", "return location.search.includes('a=1.2.0')");
    assert_eq!(browser.text("return location.hash"), format!("#a{}", &range[1..]));
    browser.wait("the lines", "return document.querySelector('.line.chosen') !== null");
    browser.assert_calm("places");
}

#[test]
fn places_in_a_version_and_in_what_it_renders_to_are_found() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/refund/?v=1.1.0", host.base);
    for place in ["m1.L2", "r1-1.L1"] {
        browser.open("about:blank");
        browser.visit(&format!("{page}#{place}"));
        let script = format!(
            "const line = document.getElementById('{place}');
            const box = line?.getBoundingClientRect();
            return Boolean(box?.height && box.top >= 0 && box.bottom <= innerHeight && line.classList.contains('chosen'))"
        );
        browser.wait(place, &script);
    }
    browser.assert_calm("places in a version");
}

#[test]
fn a_comparison_keeps_the_place_when_it_shows_something_else() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/texts/spaced/?view=diff&a=1.0.0&b=2.0.0", host.base));
    browser.wait("the comparison", COMPARED);
    let top = |id: &str| {
        let script = format!("return document.getElementById('{id}').getBoundingClientRect().top");
        browser.run(&script).as_f64().unwrap()
    };
    browser.run("document.getElementById('a.m1.L2526').scrollIntoView({ block: 'center', behavior: 'instant' })");
    let mut side = "a";
    for (control, done) in [
        ("#whitespace", "return document.querySelector('.diff .spaced') !== null"),
        ("#whitespace", "return document.querySelector('.diff .spaced') === null"),
        ("#split", "return document.querySelector('.diff.split') !== null"),
        ("#swap", "return location.search.includes('a=2.0.0')"),
    ] {
        let before = top(&format!("{side}.m1.L2526"));
        browser.click(control);
        browser.wait(control, done);
        browser.wait("the comparison", "return document.querySelector('[aria-busy]') === null");
        if control == "#swap" {
            side = "b";
        }
        let moved = top(&format!("{side}.m1.L2526")) - before;
        assert!(moved.abs() <= 60.0, "{control} moves the line by {moved} pixels");
    }
    browser.assert_calm("the place");
}

#[test]
fn another_layout_of_a_long_text_is_there_at_once() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/texts/folded/?view=diff&a=1.0.0&b=2.0.0", host.base));
    browser.wait("the comparison", COMPARED);
    let took = browser.run_until_called(
        "const layouts = ['unified', 'split', 'inline', 'unified', 'split', 'inline'];
        const all = [];
        const next = () => {
            const layout = layouts.shift();
            if (!layout) return arguments[0](Math.min(...all));
            const start = performance.now();
            document.getElementById(layout).click();
            const look = () => {
                if (!document.querySelector(`.diff.${layout}`)) return setTimeout(look);
                requestAnimationFrame(() => setTimeout(() => { all.push(performance.now() - start); next(); }));
            };
            look();
        };
        next();",
    );
    assert!(took.as_f64().unwrap() <= 100.0, "{took} ms");
}
