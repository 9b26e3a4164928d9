//! Tests the parts of the site that the engine provides: comparisons, renderings, the promotion
//! preview, and the verification of all files.

use promptdex_wire::Digest;
use serde_json::Value;

use crate::host::Static;
use crate::registries::{copy, ours};
use crate::webdriver::Browser;

const COMPARED: &str = "return document.querySelector('.sentence') !== null";

/// Returns the content of the first message of a version.
fn content(name: &str, version: &str) -> String {
    let file = ours().join(format!("api/prompts/{name}/versions/{version}.json"));
    let document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    document["messages"][0]["content"].as_str().unwrap().to_owned()
}

/// Assembles one side of the first message from the rows of the page.
fn side(browser: &Browser, side: &str) -> String {
    browser.text(&format!(
        "const side = '{side}', other = side === 'del' ? 'ins' : 'del';
        const rows = [...document.querySelectorAll('#messages .message:first-of-type .diff .line')];
        const of = (row) => {{
            const texts = [...row.querySelectorAll(':scope > .t')];
            const text = row.closest('.split')
                ? texts.find((text) => text.localName === side) ?? texts[side === 'del' ? 0 : 1] ?? texts[0]
                : texts[0];
            const copy = text.cloneNode(true);
            copy.querySelectorAll('.ending, ' + other).forEach((piece) => piece.remove());
            return copy.textContent === '\\n' ? '' : copy.textContent;
        }};
        const skipped = side === 'del' ? 'added' : 'removed';
        return rows.filter((row) => !row.classList.contains(skipped)).map(of).join('\\n');"
    ))
}

#[test]
fn the_rows_of_a_comparison_are_both_texts_in_every_layout() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/refund/?view=diff&a=1.1.0&b=2.0.0", host.base);
    for layout in ["", "&as=unified", "&as=split"] {
        browser.visit(&format!("{page}{layout}"));
        browser.wait("the comparison", COMPARED);
        assert_eq!(side(&browser, "del"), content("customer-support/refund", "1.1.0"), "{layout}");
        assert_eq!(side(&browser, "ins"), content("customer-support/refund", "2.0.0"), "{layout}");
    }
    let callers = browser.text("return document.getElementById('callers').innerText");
    assert!(callers.contains("required variable country added"), "{callers}");
    // Clients drop what an older version does not know.
    let dropped = "compatible the variable country was removed: clients drop it";
    assert!(callers.contains(dropped), "{callers}");
    // The engine is a separate module. It is requested once, and only here.
    let engine = |request: &&crate::host::Request| request.path.contains("/engine-");
    assert!(host.requests().iter().any(|request| engine(&request)));
    browser.assert_calm(&page);
}

#[test]
fn renderings_are_compared_message_by_message() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/chat-agent/?view=diff&a=1.0.0&b=1.1.0", host.base);
    browser.visit(&page);
    browser.wait("the renderings", "return document.querySelector('#rendered .message') !== null");
    let titles = browser.texts(
        "return [...document.querySelectorAll('#rendered .cases > li:first-of-type .message > h3')]
            .map((title) => title.innerText.trim())",
    );
    let [first, others @ ..] = &titles[..] else { panic!("no messages") };
    assert_eq!(first, "1 system changed");
    assert_eq!(others[..2], ["2 user unchanged", "3 assistant unchanged"]);
    browser.assert_calm(&page);
}

#[test]
fn a_control_keeps_the_focus_when_it_is_used() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    browser
        .visit(&format!("{}p/customer-support/chat-agent/?view=diff&a=1.0.0&b=1.1.0", host.base));
    browser.wait("the comparison", COMPARED);
    for (control, end) in
        [("#swap", "a=1.1.0&b=1.0.0"), ("#split", "as=split"), ("#whitespace", "ws=ignore")]
    {
        browser.run(&format!("document.querySelector('{control}').focus()"));
        browser.click(control);
        browser.wait("the address", &format!("return location.search.endsWith('{end}')"));
        browser.wait("the comparison", COMPARED);
        let focused = browser.text("return '#' + document.activeElement.id");
        assert_eq!(focused, control);
    }
}

#[test]
fn the_sides_are_chosen_and_the_address_says_them() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/chat-agent/?view=diff", host.base);
    browser.visit(&format!("{page}&a=@production&b=@staging"));
    browser.wait("the comparison", COMPARED);
    let permanent = browser.text(
        "return [...document.querySelectorAll('.options a')].find((a) => a.text === 'Pin versions').href",
    );
    assert_eq!(permanent, format!("{page}&a=1.1.0&b=1.2.0"));
    browser.run(
        "const side = document.querySelectorAll('.bar select')[1];
        side.value = '1.0.0';
        side.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    browser.wait("the address", "return location.search.endsWith('b=1.0.0')");
    assert_eq!(browser.text("return location.href"), format!("{page}&a=@production&b=1.0.0"));
    browser.wait("the comparison", COMPARED);
    browser.click(".bar .swap");
    browser.wait("the address", "return location.search.endsWith('b=@production')");
    browser.visit(&format!("{page}&a=1.2.0&b=1.2.0"));
    browser.wait("the comparison", COMPARED);
    assert_eq!(
        browser.text("return document.querySelector('.sentence').textContent"),
        "No differences."
    );
    browser.assert_calm(&page);
}

#[test]
fn cases_of_a_version_render_when_they_are_opened() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/customer-support/refund/?v=1.1.0", host.base));
    browser.wait("the cases", "return document.querySelectorAll('.cases details').length === 2");
    browser.run("document.querySelector('.cases details').open = true");
    browser.wait("the rendering", "return document.querySelector('.cases .message') !== null");
    // The site renders the masked value of a case, the command the actual one.
    assert_eq!(
        browser.text("return document.querySelector('.cases details .notice').textContent"),
        "*** replaces customer_name: sensitive values are not published."
    );
    browser.assert_calm("the cases");
}

#[test]
fn a_comparison_can_be_stopped() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    browser.hold_workers();
    let page = format!("{}p/customer-support/refund/?view=diff&a=1.0.0&b=1.1.0", host.base);
    browser.visit(&format!("{page}&words=all"));
    browser.wait("the way to stop", "return document.querySelector('.at-work button') !== null");
    browser.click(".at-work button");
    browser.wait("the end", "return document.querySelector('main .notice') !== null");
    assert_eq!(
        browser.text("return document.querySelector('main .notice').innerText"),
        "Comparison stopped"
    );
    assert_eq!(browser.run("return held.ended"), 1, "the worker goes on");
    browser.run("held.isOn = false");
    browser.click("main .notice + p a");
    browser.wait("the comparison", COMPARED);
    assert_eq!(browser.text("return location.href"), page);
    browser.wait(
        "the note",
        "return document.getElementById('rendered').textContent.includes('*** replaces customer_name')",
    );
    // A page that is left stops its work, so the next page does not wait.
    browser.run("held.isOn = true");
    browser.click(".bar .swap");
    browser.wait("the question", "return held.questions.length > 2");
    browser.run("held.isOn = false");
    browser.back();
    browser.wait("the comparison", COMPARED);
    assert_eq!(browser.run("return held.ended"), 2, "the worker goes on");
    browser.assert_calm(&page);
}

#[test]
fn a_promotion_preview_lists_what_would_change() {
    let catalog: Value =
        serde_json::from_slice(&std::fs::read(ours().join("api/catalog.json")).unwrap()).unwrap();
    let expected: Vec<&str> = catalog["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| {
            let served = |environment: &str| row["pointers"].get(environment);
            served("staging").is_some() && served("staging") != served("production")
        })
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}environments/?from=staging&to=production", host.base);
    browser.visit(&page);
    let shown = browser
        .texts("return [...document.querySelectorAll('tbody th')].map((name) => name.textContent)");
    assert_eq!(shown, expected);
    // Each prompt shows the summary of its comparison.
    browser.wait(
        "the effects",
        "return document.querySelector('.ahead .loading') === null && document.querySelector('.ahead td .state') !== null",
    );
    let effects = browser.texts(
        "return [...document.querySelectorAll('.ahead tbody tr')].map((row) => row.children[3].innerText)",
    );
    browser.assert_calm(&page);
    for (name, effect) in expected.iter().zip(effects) {
        // Prompts that are already served, or rolled out, are skipped.
        if ["new in production", "no change for apps"].contains(&effect.as_str()) {
            continue;
        }
        let page = format!("{}p/{name}/?view=diff&a=@production&b=@staging", host.base);
        browser.visit(&page);
        browser.wait("the comparison", COMPARED);
        let told = browser.text(
            "return document.querySelector('.impacts .state').innerText + ' ' + document.querySelector('.sentence').innerText",
        );
        assert_eq!(effect, format!("{told} View diff"), "{name}");
    }
}

#[test]
fn a_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    copy(ours(), folder.path());
    let host = Static::start(folder.path(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}status/", host.base);
    let verify = || {
        browser.visit(&page);
        browser.click(".verification button");
        browser.wait("the end", "return document.querySelector('.verification .notice') !== null");
        browser.text("return document.querySelector('.verification [role=status]').innerText")
    };
    let outcome = verify();
    assert!(outcome.starts_with("Verified: "), "{outcome}");
    let path = "api/prompts/engineering/code-review/versions/1.1.0.json";
    let published = std::fs::read(folder.path().join(path)).unwrap();
    let mut bytes = published.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(folder.path().join(path), bytes).unwrap();
    let outcome = verify();
    assert!(outcome.contains(path) && outcome.contains("digest mismatch"), "{outcome}");
    // A redaction is no problem, though everything still names what it replaced.
    let (name, digest) = ("engineering/code-review", Digest::of(&published));
    let redaction = format!(
        r#"{{"format":1,"kind":"redacted","registry":"acme","id":"x","name":"{name}","version":"1.1.0","replaced":{{"digest":"{digest}","size":{}}},"reason":"a leak"}}"#,
        published.len()
    );
    std::fs::write(folder.path().join(path), redaction).unwrap();
    let outcome = verify();
    let redacted = "1 version redacted after publication.";
    assert!(outcome.starts_with("Verified: ") && outcome.contains(redacted), "{outcome}");
    browser.visit(&format!("{}p/{name}/?v=1.1.0", host.base));
    browser.wait("the notice", "return document.body.innerText.includes('was redacted: a leak')");
}
