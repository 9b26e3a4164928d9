//! Tests that axe-core finds no problem on any page, in all color schemes, on a wide and on a
//! narrow screen.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::host::Static;
use crate::pages::long_lists;
use crate::registries;
use crate::webdriver::Browser;

/// Pages, with the states that they can be in.
const PLACES: [&str; 15] = [
    "",
    "?q=no-such-prompt",
    "p/customer-support/refund/",
    "p/customer-support/chat-agent/?v=1.2.0",
    "p/customer-support/refund/?v=9.9.9",
    "p/customer-support/refund/?view=diff&a=1.1.0&b=2.0.0",
    "p/customer-support/refund/?view=diff&a=1.1.0&b=2.0.0&as=split",
    "p/customer-support/refund/?view=play&v=1.1.0",
    "environments/?from=staging&to=production",
    "p/engineering/ui-review/?env=dev",
    "p/customer-support/no-such-prompt/",
    "no/such/page",
    "environments/",
    "history/",
    "status/",
];

/// Pages of a prompt with more versions than one file lists.
const LONG_PLACES: [&str; 2] = ["p/long/", "p/long/?view=diff&a=2.7.0&b=@production"];

const CHECK: &str = "
    for (const details of document.querySelectorAll('details')) details.open = true;
    axe.run(document, { resultTypes: ['violations'] }).then((result) => arguments[0](result.violations))";

fn axe() -> String {
    let file: PathBuf = registries::workspace().join("target/axe/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("cannot read {}, {error}: `cargo xtask test` fetches axe-core", file.display())
    })
}

#[test]
fn pages_are_accessible_when_wide() {
    check(1280);
}

#[test]
fn pages_are_accessible_when_narrow() {
    check(320);
}

fn check(width: u32) {
    let axe = axe();
    let browser = Browser::start();
    let host = Static::start(registries::ours(), "/registry/");
    let long = Static::start(&long_lists().join("dist"), "/registry/");
    browser.size(width);
    let mut report = String::new();
    let places = PLACES.map(|place| (&host, place));
    for (host, place) in places.into_iter().chain(LONG_PLACES.map(|place| (&long, place))) {
        browser.visit(&format!("{}{place}", host.base));
        let wide = browser.run("return document.documentElement.scrollWidth - innerWidth");
        if wide.as_i64().unwrap() > 0 {
            writeln!(report, "/{place}: {wide} pixels wider than {width}").unwrap();
        }
        browser.run(&axe);
        for scheme in ["light", "dark", "forced"] {
            let forced = if scheme == "forced" { "active" } else { "none" };
            let features = [("prefers-color-scheme", scheme), ("forced-colors", forced)];
            browser.prefer_all("", &features);
            let violations = browser.run_until_called(CHECK);
            for violation in violations.as_array().unwrap() {
                describe(&mut report, &format!("/{place} {scheme} {width}"), violation);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn changes_are_told_apart_without_colours_of_ours() {
    let host = Static::start(registries::compared(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/texts/small/?view=diff&a=1.0.0&b=2.0.0", host.base);
    for forced in ["none", "active"] {
        browser.prefer_all("", &[("forced-colors", forced)]);
        browser.visit(&page);
        browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
        let is_forced = browser.run("return matchMedia('(forced-colors: active)').matches");
        assert_eq!(is_forced, forced == "active");
        let lines = browser.texts(
            "const style = (selector, pseudo) => getComputedStyle(document.querySelector(selector), pseudo);
            return [
                style('.t > del').textDecorationLine,
                style('.t > ins').textDecorationLine,
                style('.removed .t', '::before').content,
                style('.added .t', '::before').content,
            ]",
        );
        let signs = ["line-through", "underline", "\"−\" / \"\"", "\"+\" / \"\""];
        assert_eq!(lines, signs, "forced colours {forced}");
    }
    browser.assert_calm(&page);
}

fn describe(report: &mut String, place: &str, violation: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (id, help) = (text(&violation["id"]), text(&violation["help"]));
    let nodes = violation["nodes"].as_array().unwrap();
    writeln!(report, "{place}: {id}: {help} ({} places)", nodes.len()).unwrap();
    for node in nodes.iter().take(3) {
        let summary = text(&node["failureSummary"]).replace('\n', " ");
        writeln!(report, "    {}\n        {summary}", text(&node["html"])).unwrap();
    }
}
