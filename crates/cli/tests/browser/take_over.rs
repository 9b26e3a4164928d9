//! Tests that the app replaces the pre-rendered page without a visible change.

use serde_json::Value;

use crate::host::{Serve, Static};
use crate::registries;
use crate::webdriver::Browser;

/// One page of every kind.
const PAGES: [&str; 6] = [
    "",
    "p/customer-support/refund/",
    "p/customer-support/chat-agent/",
    "environments/",
    "history/",
    "status/",
];

#[test]
fn the_app_takes_over_without_a_trace() {
    let browser = Browser::start();
    let serve = Serve::start(registries::ours());
    let host = Static::start(registries::ours(), "/registry/");
    for base in [&serve.base, &host.base] {
        for page in PAGES {
            let url = format!("{base}{page}");
            browser.scripts(false);
            browser.open(&url);
            let written = browser.run(
                "const app = document.getElementById('app');
                 return { text: app.innerText, height: document.documentElement.scrollHeight }",
            );
            browser.scripts(true);
            browser.visit(&url);
            let taken = browser.run("return window.seen.taken");
            same_lines(&url, &written["text"], &taken["text"]);
            let height = |look: &Value| look["height"].as_f64().unwrap();
            let moved = height(&written) - height(&taken);
            assert!(moved.abs() <= 2.0, "{url} moves by {moved} pixels");
            browser.assert_calm(&url);
        }
    }
}

#[track_caller]
fn same_lines(url: &str, written: &Value, taken: &Value) {
    let (written, taken) = (written.as_str().unwrap(), taken.as_str().unwrap());
    let differ = written.lines().zip(taken.lines()).position(|(written, taken)| written != taken);
    if let Some(line) = differ {
        let around = |text: &str| {
            text.lines().skip(line.saturating_sub(2)).take(6).collect::<Vec<_>>().join("\n")
        };
        panic!("{url} changes:\n{}\n\nbecomes\n\n{}", around(written), around(taken));
    }
    assert_eq!(written.lines().count(), taken.lines().count(), "{url}");
}
