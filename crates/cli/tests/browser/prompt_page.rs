//! Tests the page of a prompt: the selected version, the message for missing ones, links to places
//! on the page, and snippets that run.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::host::{Serve, Static};
use crate::registries;
use crate::webdriver::Browser;

const VERSION: &str = "return document.getElementById('version').textContent";
const ALERT: &str = "return document.querySelector('main [role=alert]').innerText";
const LISTED: &str = "return [...document.querySelectorAll('.timeline p:first-child > a')].map((version) => version.textContent)";

#[test]
fn the_address_says_which_version_is_shown() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    let open = |place: &str| browser.visit(&format!("{}p/{place}", host.base));
    for (place, version) in [
        ("customer-support/refund/", "1.1.0"),
        ("customer-support/refund/?v=2.0.0", "2.0.0"),
        ("customer-support/refund/?v=1.0.0", "1.0.0"),
        ("customer-support/ticket-triage/?env=dev", "1.2.0-rc.1"),
        ("customer-support/ticket-triage/?env=production", "1.1.0"),
        ("engineering/ui-review/?env=staging", "1.1.0"),
        ("engineering/ui-review/?env=production", "1.0.0"),
    ] {
        open(place);
        assert_eq!(browser.text(VERSION), format!("Version {version}"), "{place}");
        let marked = "return document.querySelector('.timeline [aria-current=true]').textContent";
        assert_eq!(browser.text(marked), version, "{place}");
    }
    // Other versions are one click away, without reloading the page.
    open("customer-support/refund/");
    browser.run("window.isStillHere = true");
    browser.click(".timeline a[href$='?v=1.0.0']");
    browser.wait(
        "version 1.0.0",
        "return document.getElementById('version')?.textContent === 'Version 1.0.0'",
    );
    assert_eq!(browser.run("return window.isStillHere"), true);
    assert_eq!(
        browser.text("return document.querySelector('.version .notice').innerText"),
        "deprecated use 1.1.0"
    );
    browser.back();
    browser.wait(
        "version 1.1.0",
        "return document.getElementById('version')?.textContent === 'Version 1.1.0'",
    );
    browser.assert_calm("the versions");
}

#[test]
fn what_is_served_and_what_includes_it_is_shown() {
    let host = Static::start(registries::ours(), "/");
    let browser = Browser::start();
    let served = "return [...document.querySelectorAll('#environments tbody tr')].map((row) => row.innerText.replace(/\\s+/g, ' ').trim())";
    browser.visit(&format!("{}p/customer-support/refund/", host.base));
    assert_eq!(
        browser.texts(served),
        ["dev", "staging", "production"]
            .map(|name| format!("{name} track 1 1.1.0track 2 2.0.0 release 1 JSON"))
    );
    browser.visit(&format!("{}p/customer-support/chat-agent/", host.base));
    assert_eq!(
        browser.texts(served),
        [
            "dev 1.2.0 release 1 JSON",
            "staging 1.2.0 release 1 JSON",
            "production control 1.1.0 90%clarify 1.2.0 10% release 1 behind staging by 1 version JSON",
        ]
    );
    browser.visit(&format!("{}p/shared/tone/", host.base));
    browser.wait("what includes it", "return Boolean(document.querySelector('#included-by li'))");
    // Every published version that includes it, read from the documents.
    let included = "return [...document.querySelectorAll('#included-by li a')].map((link) => link.textContent)";
    assert_eq!(browser.texts(included), includers("shared/tone"));
    browser.assert_calm("what is served");
}

#[test]
fn what_is_not_there_is_said_with_a_way_on() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    let refund = format!("{}p/customer-support/refund/", host.base);
    for (query, sentence) in [
        ("?v=9.9.9", "customer-support/refund has no version 9.9.9."),
        ("?env=nowhere", "nowhere does not serve customer-support/refund."),
    ] {
        browser.visit(&format!("{refund}{query}"));
        let alert = browser.text(ALERT);
        assert!(alert.starts_with(sentence), "{alert}");
        assert_eq!(
            browser.text("return document.querySelector('h1').textContent"),
            "customer-support/refund"
        );
        assert_eq!(browser.texts(LISTED), ["2.0.0", "1.1.0", "1.0.0"]);
        browser.click("main [role=alert] a");
        browser.wait(
            "the served version",
            "return document.getElementById('version')?.textContent === 'Version 1.1.0'",
        );
        assert_eq!(browser.text("return location.href"), refund);
        browser.assert_calm(query);
    }
    browser.visit(&format!("{}p/customer-support/refunds/", host.base));
    assert_eq!(
        browser.text("return document.querySelector('h1').textContent"),
        "Prompt customer-support/refunds not found"
    );
    browser.wait(
        "suggestions",
        "return document.querySelector('.nearest a')?.textContent === 'customer-support/refund'",
    );
}

#[test]
fn a_line_can_be_linked_to() {
    let host = Static::start(registries::ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/refund/?v=1.1.0", host.base);
    let in_view = |line: &str| {
        format!(
            "const line = document.getElementById('{line}');
             const box = line.getBoundingClientRect();
             return box.top >= 0 && box.bottom <= innerHeight && line.matches(':target')"
        )
    };
    browser.visit(&format!("{page}#m1.L20"));
    browser.wait("line 20", &in_view("m1.L20"));
    browser.click("#m1\\.L9 > a");
    browser.wait("line 9", &in_view("m1.L9"));
    assert_eq!(browser.text("return location.href"), format!("{page}#m1.L9"));
    // Copied text has no line numbers.
    let copied = browser.text(
        "const range = document.createRange();
         range.selectNode(document.querySelector('#m1 .text'));
         getSelection().removeAllRanges();
         getSelection().addRange(range);
         return getSelection().toString()",
    );
    assert!(copied.contains("Customer: {{ customer_name }}\nOrder: {{ order_id }}"), "{copied}");
    // Each view has a title of its own.
    for (query, title) in [
        ("?v=1.1.0", "customer-support/refund 1.1.0 · acme"),
        ("?view=play&v=1.1.0", "customer-support/refund: playground 1.1.0 · acme"),
        (
            "?view=diff&a=1.0.0&b=@staging",
            "customer-support/refund: compare 1.0.0 → @staging · acme",
        ),
    ] {
        browser.visit(&format!("{}p/customer-support/refund/{query}", host.base));
        let script = format!("return document.title.startsWith({title:?})");
        browser.wait(title, &script);
    }
    browser.assert_calm("the lines");
}

#[test]
fn snippets_run() {
    let serve = Serve::start(registries::ours());
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    for name in ["customer-support/refund", "customer-support/chat-agent", "shared/tone"] {
        browser.visit(&format!("{}p/{name}/", serve.base));
        let snippets = browser.run(
            "return [...document.querySelectorAll('.snippets pre')].map((pre) => [pre.getAttribute('aria-label'), pre.textContent])",
        );
        let snippets: Vec<(String, String)> = serde_json::from_value(snippets).unwrap();
        let latest = document(&format!("{name}/latest/production.json"));
        let version = latest["version"].as_str().unwrap().to_owned();
        let messages = latest["messages"].as_array().unwrap().len();
        let served = format!("{} {messages}\n", latest["ref"].as_str().unwrap());
        let pinned = format!("{version} {messages}\n");
        let mut ran = Vec::new();
        for (label, snippet) in snippets {
            let snippet = snippet.replace("https://prompts.example.com/", &serve.base);
            let (language, what) = label.split_once(": ").unwrap();
            let is_served = what == "Live in production";
            assert!(is_served || what == format!("Pinned to {version}"), "{label}");
            let expected = if is_served { &served } else { &pinned };
            match language {
                "curl" => {
                    let said = run(folder.path(), "sh", "snippet.sh", &snippet);
                    if is_served {
                        assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), latest);
                    } else {
                        assert_eq!(said, "prompt.json: OK\n");
                    }
                }
                "Python" => {
                    assert_eq!(&run(folder.path(), "python3", "snippet.py", &snippet), expected);
                }
                "TypeScript" => {
                    assert_eq!(&run(folder.path(), "node", "snippet.mjs", &snippet), expected);
                }
                // Compiled for one prompt only, because the snippets differ only in URLs and
                // digests.
                "Rust" if name != "customer-support/refund" => {}
                "Rust" => {
                    let said = run_rust(&snippet);
                    let (first, messages) = said.split_once(' ').unwrap();
                    let read = |json: &str| serde_json::from_str::<Value>(json).unwrap();
                    let key = if is_served { "ref" } else { "version" };
                    assert_eq!(
                        (read(first), read(messages)),
                        (latest[key].clone(), latest["messages"].clone())
                    );
                }
                other => panic!("nothing runs {other}"),
            }
            ran.push(label);
        }
        assert_eq!(ran.len(), 8, "{ran:#?}");
    }
}

/// Returns the prompts with a version that includes a prompt.
fn includers(name: &str) -> Vec<String> {
    let bytes = std::fs::read(registries::ours().join("api/catalog.json")).unwrap();
    let catalog: Value = serde_json::from_slice(&bytes).unwrap();
    let names =
        catalog["prompts"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap());
    let includes = |other: &&str| {
        let versions = document(&format!("{other}/versions.json"));
        versions["versions"].as_array().unwrap().iter().any(|row| {
            let version =
                document(&format!("{other}/versions/{}.json", row["version"].as_str().unwrap()));
            let includes = version["includes"].as_object();
            includes.is_some_and(|includes| {
                includes.keys().any(|key| key.starts_with(&format!("{name}@")))
            })
        })
    };
    names.filter(includes).map(str::to_owned).collect()
}

fn document(path: &str) -> Value {
    let bytes = std::fs::read(registries::ours().join("api/prompts").join(path)).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Runs a snippet as a package with the locked dependencies of this workspace, without downloads.
/// Compiled dependencies are kept between runs.
fn run_rust(snippet: &str) -> String {
    const MANIFEST: &str = "[package]
name = \"snippet\"
edition = \"2024\"

[dependencies]
serde_json = \"1\"
sha2 = { version = \"0.11\", default-features = false }
ureq = { version = \"3\", default-features = false }

[workspace]
";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("snippet");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), MANIFEST).unwrap();
    std::fs::copy(registries::workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    std::fs::write(folder.join("src/main.rs"), snippet).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--offline"]).env("CARGO_TARGET_DIR", folder.join("target"));
    said(&mut cargo, &folder, snippet)
}

/// Runs a snippet, and returns its output.
fn run(folder: &Path, program: &str, file: &str, snippet: &str) -> String {
    std::fs::write(folder.join(file), snippet).unwrap();
    said(Command::new(program).arg(file), folder, snippet)
}

fn said(command: &mut Command, folder: &Path, snippet: &str) -> String {
    let output = command.current_dir(folder).output();
    let output =
        output.unwrap_or_else(|error| panic!("cannot run {command:?}, {error}: install it"));
    let said = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} cannot run\n{snippet}\n{error}\n{said}");
    said
}
