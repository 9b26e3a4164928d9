//! Tests a registry in which every text is an attack: each stays text.

use crate::host::{Serve, Static};
use crate::registries::{self, HOSTILE, INVISIBLE, LINES};
use crate::webdriver::Browser;

/// Every page and state, with hostile parts of URLs.
const PLACES: [&str; 26] = [
    "",
    "?q=%3Cscript%3Ealert(40)%3C/script%3E",
    "?q=tag:%22%3Cimg+src%3Dx+onerror%3Dalert(2)%3E%22",
    "?q=javascript:alert(41)",
    "p/attack/messages/",
    "p/attack/messages/?v=1.0.0",
    "p/attack/messages/?env=production",
    "p/attack/messages/?v=%22%3E%3Cscript%3Ealert(42)%3C/script%3E",
    "p/attack/messages/?env=%3Cimg+src%3Dx+onerror%3Dalert(43)%3E",
    "p/attack/messages/#%22%3E%3Cscript%3Ealert(44)%3C/script%3E",
    "p/attack/included/",
    "p/attack/messages/?view=diff",
    "p/attack/messages/?view=diff&a=%3Cscript%3E&b=@%3Cimg%3E&as=split",
    "p/attack/messages/?view=play",
    "p/attack/messages/?view=play#values=%7B%22%3Cscript%3Ealert(45)%3C/script%3E%22:1%7D",
    "environments/?from=staging&to=production",
    "p/attack/included/?v=0.7.0",
    "p/attack/included/?v=0.8.0",
    "p/attack/included/?v=0.9.0",
    "p/attack/included/?v=9.9.9-%3Cscript%3E",
    "p/attack/long/",
    "environments/",
    "history/",
    "status/",
    "p/attack/%3Cscript%3Ealert(45)%3C/script%3E/",
    "javascript:alert(46)/%22%3E%3Cimg%20src=x%20onerror=alert(47)%3E",
];

/// Returns the elements of the page that do not belong to the site.
const FOREIGN: &str = "
    for (const details of document.querySelectorAll('details')) details.open = true;
    const base = document.baseURI;
    const foreign = [];
    const banned = new Set(['IFRAME', 'FRAME', 'SVG', 'MATH', 'OBJECT', 'EMBED', 'STYLE', 'VIDEO',
        'AUDIO', 'TEMPLATE', 'PORTAL', 'MARQUEE', 'APPLET']);
    for (const element of document.querySelectorAll('*')) {
        const tag = element.tagName.toUpperCase();
        const is_in_head = document.head.contains(element);
        if (banned.has(tag)) foreign.push(element.outerHTML);
        if (['SCRIPT', 'LINK', 'META', 'BASE'].includes(tag) && !is_in_head) foreign.push(element.outerHTML);
        if (tag === 'SCRIPT' && !new URL(element.src).pathname.includes('/assets/')) foreign.push(element.outerHTML);
        if (tag === 'IMG' && !element.src.startsWith(base + 'api/')) foreign.push(element.outerHTML);
        for (const { name, value } of element.attributes) {
            if (name.startsWith('on') || ['style', 'srcdoc', 'autofocus', 'formaction'].includes(name)) {
                foreign.push(`${tag} ${name}=${value}`);
            }
            if (['href', 'src', 'action', 'data', 'xlink:href'].includes(name)
                && !['http:', 'https:'].includes(new URL(value, base).protocol)) {
                foreign.push(`${tag} ${name}=${value}`);
            }
        }
    }
    return foreign";

#[test]
fn hostile_texts_stay_texts_with_the_policy_as_a_header() {
    let serve = Serve::start(registries::hostile());
    visit_all(&serve.base);
}

#[test]
fn hostile_texts_stay_texts_on_a_plain_host() {
    let host = Static::start(registries::hostile(), "/registry/");
    visit_all(&host.base);
}

fn visit_all(base: &str) {
    let browser = Browser::start();
    for place in PLACES {
        let url = format!("{base}{place}");
        // Without scripts, only the path selects what is shown.
        let ways = if place.contains(['?', '#']) { &[true][..] } else { &[false, true] };
        for &has_scripts in ways {
            browser.scripts(has_scripts);
            if has_scripts {
                browser.visit(&url);
            } else {
                browser.open(&url);
            }
            let foreign = browser.texts(FOREIGN);
            assert!(foreign.is_empty(), "{url}, scripts {has_scripts}:\n{}", foreign.join("\n"));
            browser.assert_calm_but_missing(&format!("{url}, scripts {has_scripts}"));
            let here = browser.text("return location.href.split('#')[0]");
            assert!(here.starts_with(base), "{url} went to {here}");
        }
        for width in [1280, 320] {
            browser.size(width);
            let wide = browser.run("return document.documentElement.scrollWidth - innerWidth");
            assert!(wide.as_i64().unwrap() <= 0, "{url} is {wide} pixels too wide at {width}");
        }
        browser.size(1280);
    }
}

#[test]
fn hostile_texts_are_shown_as_they_are() {
    let browser = Browser::start();
    let host = Static::start(registries::hostile(), "/");
    let page = format!("{}p/attack/messages/", host.base);
    for has_scripts in [false, true] {
        browser.scripts(has_scripts);
        if has_scripts {
            browser.visit(&page);
        } else {
            browser.open(&page);
        }
        let text = |selector: &str| {
            browser.text(&format!("return document.querySelector('{selector}').textContent"))
        };
        let texts = |selector: &str| {
            browser.texts(&format!(
                "return [...document.querySelectorAll('{selector}')].map((one) => one.textContent)"
            ))
        };
        assert_eq!(text(".heading .title"), HOSTILE[0]);
        assert!(text(".heading .title + p").contains(INVISIBLE));
        assert_eq!(texts(".heading .tag")[..HOSTILE.len()], HOSTILE);
        assert_eq!(text(".heading .owners"), format!("Owners: {}", HOSTILE.join(", ")));
        let message = texts("#m1 .line > span");
        for (line, text) in message.iter().zip(HOSTILE.join("\n").lines()) {
            assert!(line.contains(text), "{line} is not {text}");
        }
        assert!(message.contains(&INVISIBLE.to_owned()), "{message:#?}");
        assert_eq!(texts(".cases summary > span[dir]"), HOSTILE);
        assert_eq!(
            texts(".examples .prose").iter().step_by(2).collect::<Vec<_>>(),
            HOSTILE.iter().collect::<Vec<_>>()
        );
        let variables = text("#variables tbody");
        let settings = text("#settings");
        for hostile in HOSTILE {
            assert!(variables.contains(hostile), "{hostile} is not in {variables}");
        }
        // A URL with a different scheme is text, not a link.
        assert!(settings.contains("javascript:alert(30)"), "{settings}");
        assert!(texts("#messages .media").join("").contains("javascript:alert(31)"));
        browser.assert_calm(&page);
    }
    browser.visit(&format!("{}p/attack/long/", host.base));
    let lines = browser.run("return document.querySelectorAll('#m1 .line').length");
    assert_eq!(lines, LINES + 1);
    browser.visit(&format!("{}p/attack/long/#m1.L1100", host.base));
    browser.wait(
        "line 1100 to come into view",
        "const line = document.getElementById('m1.L1100').getBoundingClientRect();
         return line.top >= 0 && line.bottom <= innerHeight",
    );
}
