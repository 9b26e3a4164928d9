//! Tests that every page can be read without scripts.

use crate::host::{Static, get};
use crate::registries;
use crate::webdriver::Browser;

#[test]
fn pages_are_readable_without_scripts() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    browser.scripts(false);
    browser.open(&format!("{}p/customer-support/refund/", host.base));
    assert_eq!(
        browser.run("return document.querySelector('#app').hasAttribute('data-ready')"),
        false
    );
    let texts = |selector: &str| {
        browser.texts(&format!(
            "return [...document.querySelectorAll('{selector}')].map((one) => one.innerText.trim())"
        ))
    };
    // The address may ask for another version, which only the app shows.
    browser.open(&format!("{}p/customer-support/refund/?view=diff&a=1.0.0&b=2.0.0", host.base));
    assert_eq!(
        texts("noscript .notice"),
        [
            "JavaScript is off. This page shows the default version, not the version or comparison in its URL."
        ]
    );
    // The text equals the published document, line by line.
    let file = registries::ours().join("api/prompts/customer-support/refund/versions/1.1.0.json");
    let document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let text = document["messages"][0]["content"].as_str().unwrap();
    assert_eq!(texts("#m1 .line > span"), text.lines().map(str::trim).collect::<Vec<_>>());
    let variables = document["variables"].as_array().unwrap();
    let names: Vec<&str> =
        variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(texts("#variables tbody th"), names);
    assert_eq!(texts(".timeline p:first-child > a:first-child"), ["2.0.0", "1.1.0", "1.0.0"]);
    let raw = browser.texts(
        "return [...document.querySelectorAll('main a[rel=external]')].map((link) => link.href)",
    );
    assert_eq!(raw.len(), 5, "{raw:#?}");
    for link in raw {
        assert_eq!(get(&link).status(), 200, "{link}");
        assert!(link.ends_with(".json"), "{link}");
    }
    // The other pages.
    browser.open(&host.base);
    assert_eq!(texts(".rows .name").len(), 12);
    browser.click(".rows a.name[href='p/shared/tone/']");
    assert_eq!(browser.text("return document.querySelector('h1').innerText"), "shared/tone");
    browser.open(&format!("{}environments/", host.base));
    assert_eq!(texts(".matrix tbody th").len(), 12);
    browser.open(&format!("{}history/", host.base));
    assert_eq!(
        texts(".releases h3 > a:first-child"),
        ["Release 1", "Release 2", "Release 1", "Release 1"]
    );
    browser.open(&format!("{}status/", host.base));
    assert_eq!(texts("tbody th"), ["dev", "staging", "production", "catalog"]);
    browser.open(&format!("{}no/such/page", host.base));
    assert_eq!(texts("h1"), ["Page not found"]);
    browser.assert_calm_but_missing("pages without scripts");
}
