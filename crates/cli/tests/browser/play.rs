//! Tests the playground of a version: its form, its messages, the rendered text, and the token
//! count.

use serde_json::Value;

use crate::host::Static;
use crate::registries::{forms, ours, workspace};
use crate::webdriver::Browser;

const RENDERED: &str = "return document.querySelector('.play .message') !== null";
const STATUS: &str = "return document.querySelector('.tokens [role=status]').textContent";

/// Types a text into a field.
fn type_in(browser: &Browser, id: &str, text: &str) {
    let text = Value::from(text);
    browser.run(&format!(
        "const field = document.getElementById('{id}');
        field.value = {text};
        field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ));
}

fn choose_case(browser: &Browser, number: usize) {
    browser.run(&format!(
        "const list = document.getElementById('case');
        list.value = '{number}';
        list.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    ));
}

#[test]
fn a_form_renders_what_the_command_renders() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/refund/?view=play&v=1.1.0", host.base);
    browser.visit(&page);
    browser.wait("the cases", "return document.querySelector('#case') !== null");
    choose_case(&browser, 1);
    // The value of a sensitive variable is not published, and has no replacement.
    let note = "return document.getElementById('v0-about').textContent.includes('Sensitive value not published')";
    browser.wait("the note", note);
    assert_eq!(browser.text("return document.getElementById('v0').value"), "");
    type_in(&browser, "v0", "Ada");
    browser.wait("the rendering", "return document.querySelector('.play .message') !== null");
    assert_eq!(browser.run(note), false);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_promptdex"))
        .args(["render", "customer-support/refund@1.1.0", "--case", "chat with goodwill voucher"])
        .args(["--var", "customer_name=Ada"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = String::from_utf8(output.stdout).unwrap();
    let rendered = browser.text(
        "return [...document.querySelectorAll('.play .message .line > span')]
            .map((line) => line.textContent === '\\n' ? '' : line.textContent).join('\\n')",
    );
    assert_eq!(rendered.trim_end(), expected.trim_end());

    // An invalid value is reported at its field, in the wording of the engine.
    browser.run(
        "const field = [...document.querySelectorAll('.field')].find((field) => field.textContent.startsWith('goodwill_limit_eur'));
        const input = field.querySelector('input');
        input.value = 'much';
        input.dispatchEvent(new Event('input', { bubbles: true }));",
    );
    browser.wait(
        "the problem",
        "return document.querySelector('[aria-invalid=true]')?.closest('.field').querySelector('.wrong').textContent.includes('goodwill_limit_eur')",
    );
    assert_eq!(browser.text("return location.href"), page, "values are not in the address");
    assert_eq!(browser.run("return localStorage.length + sessionStorage.length"), 0);
    browser.assert_calm(&page);
}

#[test]
fn an_exact_count_is_what_the_build_counts() {
    for (folder, prompt, tokenizer) in [
        (ours(), "engineering/ui-review/?view=play&v=1.1.0", "o200k_base"),
        (forms("o200k_base"), "all/types/?view=play", "o200k_base"),
        (forms("cl100k_base"), "all/types/?view=play", "cl100k_base"),
    ] {
        let host = Static::start(folder, "/registry/");
        let browser = Browser::start();
        browser.visit(&format!("{}p/{prompt}", host.base));
        let (name, version) = (prompt.split("/?").next().unwrap(), prompt.split_once("v=1.1.0"));
        let version = version.map_or("1.0.0", |_| "1.1.0");
        let cases = folder.join(format!("api/prompts/{name}/cases/{version}.json"));
        let cases: Value = serde_json::from_slice(&std::fs::read(cases).unwrap()).unwrap();
        browser.wait("the cases", "return document.querySelector('#case') !== null");
        let counter = |host: &Static| {
            let loaded = host.requests().into_iter().map(|request| request.path);
            loaded.filter(|path| path.contains("/tokens-")).count()
        };
        choose_case(&browser, 0);
        browser.wait("an estimate", &format!("{STATUS}.endsWith('(estimate)')"));
        assert_eq!(counter(&host), 0, "the vocabulary is loaded before it is asked for");
        let label = browser.text("return document.querySelector('.tokens button').textContent");
        assert!(
            label.starts_with("Count exactly (0.") && label.ends_with(" MB download)"),
            "{label}"
        );
        browser.click(".tokens button");
        let cases = cases["cases"].as_array().unwrap();
        assert!(cases.len() > 1);
        for (number, case) in cases.iter().enumerate() {
            choose_case(&browser, number);
            let tokens = case["tokens"].as_u64().unwrap().to_string();
            let digits = tokens.len();
            let (thousands, rest) = tokens.split_at(digits.saturating_sub(3));
            let tokens =
                if thousands.is_empty() { rest.to_owned() } else { format!("{thousands},{rest}") };
            let end = format!(", {tokens} tokens ({tokenizer})");
            browser.wait(&end, &format!("{STATUS}.endsWith({})", Value::from(end.clone())));
        }
        // The loader, and the module.
        assert_eq!(counter(&host), 2);
        browser.click(".tokens button");
        browser.wait("an estimate", &format!("{STATUS}.endsWith('(estimate)')"));
        browser.assert_calm(prompt);
    }
}

#[test]
fn only_what_counts_for_the_registry_is_published() {
    let sizes = |folder: &std::path::Path| -> Vec<u64> {
        let assets = std::fs::read_dir(folder.join("assets")).unwrap().map(Result::unwrap);
        let is_counter = |name: &str| name.starts_with("tokens-") && name.ends_with(".wasm");
        assets
            .filter(|asset| is_counter(asset.file_name().to_str().unwrap()))
            .map(|asset| asset.metadata().unwrap().len())
            .collect()
    };
    let (cl100k, o200k) = (sizes(forms("cl100k_base")), sizes(forms("o200k_base")));
    assert_eq!((cl100k.len(), o200k.len()), (1, 1));
    assert!(cl100k < o200k);
}

#[test]
fn a_count_that_cannot_load_says_so_and_stays_an_estimate() {
    let folder = tempfile::tempdir().unwrap();
    crate::registries::copy(forms("cl100k_base"), folder.path());
    for asset in std::fs::read_dir(folder.path().join("assets")).unwrap() {
        let asset = asset.unwrap().path();
        if asset.file_name().unwrap().to_str().unwrap().starts_with("tokens-") {
            std::fs::remove_file(asset).unwrap();
        }
    }
    let host = Static::start(folder.path(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/all/types/?view=play", host.base));
    browser.wait("the cases", "return document.querySelector('#case') !== null");
    choose_case(&browser, 0);
    browser.wait("the rendering", RENDERED);
    browser.click(".tokens button");
    browser.wait("the failure", &format!("{STATUS}.includes('(estimate); counting failed: ')"));
}

#[test]
fn every_type_has_its_control() {
    let host = Static::start(forms("cl100k_base"), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/all/types/?view=play", host.base));
    assert_eq!(
        browser.texts(
            "return [...document.querySelectorAll('.field [id^=v][autocomplete]')].map((control) =>
                document.querySelector(`label[for=${control.id}]`).textContent + ' ' + control.localName +
                [...control.querySelectorAll('option')].map((option) => ' ' + option.textContent).join(''))"
        ),
        [
            "text textarea",
            "whole input",
            "number input",
            "truth select — true false",
            "list textarea",
            "map textarea",
            "picture input",
            "paper input",
            "sound input",
            "choice select — warm calm",
            "secret textarea",
        ]
    );
    browser.assert_calm("the controls");
}

#[test]
fn what_is_missing_is_said_when_somebody_wants_to_know() {
    let host = Static::start(forms("cl100k_base"), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/all/types/?view=play", host.base);
    browser.visit(&page);
    // The status shows only the number at first.
    browser.wait("the number", &format!("{STATUS} === '2 inputs are missing or invalid.'"));
    let invalid =
        "return [...document.querySelectorAll('[aria-invalid=true]')].map((field) => field.id)";
    assert_eq!(browser.texts(invalid), [""; 0]);
    // A field that was left empty shows a message.
    browser.click("#v0");
    browser.click("#v1");
    browser.wait(
        "the first field",
        "return document.getElementById('v0').getAttribute('aria-invalid') === 'true'",
    );
    assert_eq!(browser.texts(invalid), ["v0"]);
    // Submitting the form lists all problems, with links to their fields.
    browser.click(".values [type=submit]");
    browser.wait("the list", "return document.querySelectorAll('#problems a').length === 2");
    assert_eq!(browser.texts(invalid), ["v0", "v1"]);
    assert_eq!(browser.text("return document.activeElement.id"), "problems");
    type_in(&browser, "v1", "many");
    browser.wait("what is wrong", "return document.querySelector('#problems li + li').textContent.includes('`whole` is a string')");
    browser.click("#problems li + li a");
    browser.wait("the field", "return document.activeElement.id === 'v1'");
    assert_eq!(browser.text("return document.getElementById('v1').value"), "many");
    assert_eq!(browser.run(RENDERED), false, "values that do not fit are rendered");
    // Typed text exists only in the form.
    type_in(&browser, "v0", "a text");
    type_in(&browser, "v1", "2");
    type_in(&browser, "v10", "hush");
    browser.wait(
        "the rendering",
        "return document.querySelector('.play section')?.textContent.includes('. hush') === true",
    );
    assert_eq!(browser.run("return document.querySelector('#problems').childElementCount"), 0);
    assert_eq!(browser.text("return location.href"), format!("{page}#v1"));
    assert_eq!(browser.run("return localStorage.length + sessionStorage.length"), 0);
    assert_eq!(browser.text("return document.cookie"), "");
    // The link contains everything except sensitive values.
    browser.run(
        "window.copied = ''; Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { copied = text; } } })",
    );
    browser.run("[...document.querySelectorAll('.values button')].find((button) => button.textContent.startsWith('Copy')).click()");
    browser.wait("the link", "return copied !== ''");
    let link = browser.text("return copied");
    assert!(
        link.contains("#values=") && link.contains("a%20text") && !link.contains("hush"),
        "{link}"
    );
    for request in host.requests() {
        assert!(!request.path.contains("hush"), "{}", request.path);
    }
    browser.visit(&link);
    browser.wait("the values", "return document.getElementById('v0')?.value === 'a text'");
    assert_eq!(browser.text("return document.getElementById('v10').value"), "");
    browser.assert_calm("the form");
}

#[test]
fn a_place_in_the_rendering_leaves_the_form_as_it_is() {
    let host = Static::start(forms("cl100k_base"), "/registry/");
    let browser = Browser::start();
    for address in ["?view=play", "?view=play&env=dev", "?view=play&v=1.0.0"] {
        let page = format!("{}p/all/types/{address}", host.base);
        browser.visit(&page);
        for (id, text) in [("v0", "kept"), ("v1", "1"), ("v10", "x")] {
            type_in(&browser, id, text);
        }
        browser.wait("the rendering", RENDERED);
        browser.click("#r1\\.L1 > a");
        browser.wait("the place", "return location.hash === '#r1.L1'");
        assert_eq!(browser.text("return location.href"), format!("{page}#r1.L1"));
        assert_eq!(browser.text("return document.getElementById('v0').value"), "kept", "{address}");
        browser.assert_calm(address);
    }
}

#[test]
fn only_the_newest_values_wait_and_a_rendering_can_be_stopped() {
    let host = Static::start(forms("cl100k_base"), "/registry/");
    let browser = Browser::start();
    browser.hold_workers();
    browser.visit(&format!("{}p/all/types/?view=play", host.base));
    browser.wait("the first question", "return held.questions.length === 1");
    for text in ["a", "ab", "abc", "abcd"] {
        type_in(&browser, "v0", text);
    }
    assert_eq!(browser.run("return held.questions.length"), 1, "questions pile up");
    // The button to stop appears after a while, and does not move the page.
    let visible = "return getComputedStyle(document.querySelector('.at-work button')).visibility === 'visible'";
    browser.wait("the way to stop", visible);
    browser.click(".at-work button");
    browser.wait(
        "the end",
        "return document.querySelector('.play .notice')?.innerText === 'Rendering stopped'",
    );
    assert_eq!(browser.run("return held.ended"), 1, "the worker goes on");
    browser.run("held.isOn = false");
    for (id, text) in [("v0", "the newest"), ("v1", "1"), ("v10", "x")] {
        type_in(&browser, id, text);
    }
    browser.wait("the rendering", "return document.querySelector('.play .message')?.textContent.includes('the newest') === true");
    // A page that is left stops its work.
    browser.run("held.isOn = true");
    type_in(&browser, "v0", "too late");
    browser.run("document.querySelector('h1 .leaf').click()");
    browser.wait("the prompt", "return document.querySelector('.version') !== null");
    assert_eq!(browser.run("return held.ended"), 2, "the worker goes on");
    browser.assert_calm("the form");
}
