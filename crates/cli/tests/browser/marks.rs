//! Tests the marks inside a line: exactly the words that differ are marked, in every script, and
//! copied text is correct.

use serde_json::json;

use crate::host::Static;
use crate::registries::{EDITS, compared};
use crate::webdriver::Browser;

/// Opens a comparison of two versions.
fn compare(browser: &Browser, host: &Static, name: &str, layout: &str) {
    browser.visit(&format!("{}p/texts/{name}/?view=diff&a=1.0.0&b=2.0.0{layout}", host.base));
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
}

fn texts(browser: &Browser, selector: &str) -> Vec<String> {
    browser.texts(&format!(
        "return [...document.querySelectorAll({selector:?})].map((one) => one.textContent)"
    ))
}

#[test]
fn single_words_of_long_lines_are_marked() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    for (layout, removed, added) in [
        ("", ".t > del", ".t > ins"),
        ("&as=unified", "del.t > mark", "ins.t > mark"),
        ("&as=split", "del.t > mark", "ins.t > mark"),
    ] {
        compare(&browser, &host, "prose", layout);
        assert_eq!(texts(&browser, removed), ["gently"; EDITS], "{layout}");
        assert_eq!(texts(&browser, added), ["firmly"; EDITS], "{layout}");
    }
    browser.assert_calm("the prose");
}

#[test]
fn a_block_that_moved_leads_to_its_other_end_with_its_edit_marked() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    browser.size_of(1280, 300);
    for layout in ["", "&as=unified", "&as=split"] {
        compare(&browser, &host, "moved", layout);
        let labels = texts(&browser, ".moved-label");
        assert_eq!(labels, ["moved to line 7", "moved from line 3"], "{layout}");
        assert_eq!(texts(&browser, ".moved mark"), ["slowly", "quickly"], "{layout}");
        assert_eq!(texts(&browser, ".removed.moved").len(), 5, "{layout}");
        assert_eq!(texts(&browser, ".added.moved").len(), 5, "{layout}");
        for (label, place) in [("to", "b.m1.L7"), ("from", "a.m1.L3")] {
            browser.run(&format!(
                "[...document.querySelectorAll('.moved-label a')]
                    .find((label) => label.text.startsWith('moved {label}')).click()"
            ));
            browser.wait(
                "the other end to come into view",
                &format!(
                    "const line = document.getElementById('{place}');
                    const bar = document.querySelector('.bar').getBoundingClientRect().bottom;
                    const box = line.getBoundingClientRect();
                    return document.activeElement === line && box.top >= bar && box.bottom <= innerHeight"
                ),
            );
            assert_eq!(browser.text("return location.hash"), format!("#{place}"));
        }
    }
    browser.assert_calm("the moved block");
}

#[test]
fn every_script_is_read_in_its_own_direction() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    let direction = "
        const of = (line) => {
            const [number, text] = [line.querySelector('a'), line.lastElementChild];
            const range = document.createRange();
            range.selectNodeContents(text);
            const boxes = [...range.getClientRects()];
            const column = text.getBoundingClientRect();
            // What stands further from its own side than from the other starts there.
            const left = Math.min(...boxes.map((box) => box.left)) - column.left;
            const right = column.right - Math.max(...boxes.map((box) => box.right));
            return {
                number: number.getBoundingClientRect().right <= column.left + 1 ? 'left' : 'right',
                text: left <= right ? 'left' : 'right',
            };
        };";
    browser.visit(&format!("{}p/texts/scripts/?v=1.0.0", host.base));
    let lines = browser
        .run(&format!("{direction} return [...document.querySelectorAll('#m1 .line')].map(of)"));
    let line = |text: &str| json!({"number": "left", "text": text});
    assert_eq!(lines, json!([line("right"), line("right"), line("left"), line("left")]));
    let isolated = browser.texts(
        "return [...document.querySelectorAll('#m1 .placeholder')]
            .map((name) => `${name.localName} ${getComputedStyle(name).unicodeBidi}`)",
    );
    assert_eq!(isolated, ["bdi isolate"; 3]);
    // The second of the two names is to the left of the first, and reads as it was written.
    let order = browser.run(
        "const [name, order] = document.querySelectorAll('#m1\\\\.L2 .placeholder');
        return [
            order.getBoundingClientRect().right <= name.getBoundingClientRect().left,
            name.textContent,
            order.textContent,
        ]",
    );
    assert_eq!(order, json!([true, "{{ name }}", "{{ order }}"]));

    compare(&browser, &host, "scripts", "&as=split");
    assert_eq!(texts(&browser, "del.t > mark"), ["三"]);
    assert_eq!(texts(&browser, "ins.t > mark"), [" اليوم", "五"]);
    compare(&browser, &host, "scripts", "");
    assert_eq!(texts(&browser, ".t > del"), ["三"]);
    assert_eq!(texts(&browser, ".t > ins"), [" اليوم", "五"]);
    let lines = browser
        .run(&format!("{direction} return [...document.querySelectorAll('.diff .line')].map(of)"));
    assert_eq!(lines, json!([line("right"), line("right"), line("left"), line("left")]));
    let isolated = browser.texts(
        "return [...document.querySelectorAll('.t > :is(del, ins)')]
            .map((edit) => getComputedStyle(edit).unicodeBidi)",
    );
    assert_eq!(isolated, ["isolate"; 3]);
    browser.assert_calm("the scripts");
}

#[test]
fn what_is_copied_has_no_numbers_and_signs() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    let copied = |selector: &str| {
        browser.text(&format!(
            "getSelection().selectAllChildren(document.querySelector({selector:?}));
            return getSelection().toString()"
        ))
    };
    browser.visit(&format!("{}p/texts/scripts/?v=1.0.0", host.base));
    let text =
        std::fs::read_to_string(compared().join("../tree/texts/scripts/v1.0.0/system_prompt.txt"));
    let text = text.unwrap();
    assert_eq!(copied("#m1 .text"), text.trim_end());

    compare(&browser, &host, "small", "&as=unified");
    let unified = "Stay as you are.
Take this line out.
Answer within three days.
Answer within five days.
Thank you.
Put this line in.
Goodbye.";
    assert_eq!(copied(".diff"), unified);
    compare(&browser, &host, "small", "");
    let inline = unified.replace("three days.\nAnswer within five days.", "threefive days.");
    assert_eq!(copied(".diff"), inline);
    compare(&browser, &host, "small", "&as=split");
    let split = "Stay as you are.
Stay as you are.
Take this line out.
Answer within three days.
Answer within five days.
Thank you.
Thank you.
Put this line in.
Goodbye.
Goodbye.";
    assert_eq!(copied(".diff"), split);
    // The new line ending of the last line is not part of the text either.
    compare(&browser, &host, "grown", "&as=unified");
    assert_eq!(copied(".diff"), "One.\nTwo.\nTwo.\nThree.");
    assert_eq!(texts(&browser, ".ending"), ["no newline at end", "LF"]);
    browser.assert_calm("what is copied");
}
