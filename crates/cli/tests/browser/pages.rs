//! Tests lists that lie in several files: the site shows the versions and events that are in full pages, and says when a
//! page is another one than was published.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::host::Static;
use crate::webdriver::Browser;

/// Builds a registry with a prompt of 502 versions: 500 are in a full page, and so are 500 of its events.
fn long_lists() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let promptdex = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(line.split(' '))
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let write = |path: String, text: &str| {
        let path = folder.path().join("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for minor in 0..501 {
        write(format!("long/v2.{minor}.0/system_prompt.txt"), &format!("Number {minor}.\n"));
    }
    write("long/environments/production.yaml".to_owned(), "version: 2.0.0\n");
    promptdex("build");
    // A patch of what nobody has: the newest version is the lowest one.
    write("long/v1.0.0/system_prompt.txt".to_owned(), "Afterwards.\n");
    promptdex("build --previous dist");
    folder
}

const ROWS: &str = "document.querySelectorAll('#history tbody tr').length";

#[test]
fn what_is_in_full_pages_is_shown() {
    let registry = long_lists();
    let host = Static::start(&registry.path().join("dist"), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/long/", host.base);
    browser.visit(&page);
    // The highest version first, although its file is the older one.
    let versions = browser.texts(
        "return [...document.querySelectorAll('.timeline li > p > a:first-child')].map((a) => a.text)",
    );
    assert_eq!(versions.len(), 502);
    assert_eq!([&versions[0], &versions[500], &versions[501]], ["2.500.0", "2.0.0", "1.0.0"]);
    assert!(
        browser.text("return document.querySelector('#messages').innerText").contains("Number 0.")
    );
    // The newest file has few events: the rest of the twenty come from the page before it.
    browser.click("#history summary");
    browser.wait("the history", &format!("return {ROWS} === 20"));
    browser.assert_calm(&page);
    // A text of a version that is in the page is found.
    browser.visit(&format!("{}?q=%22number+500%22", host.base));
    browser.wait("the place", "return document.body.innerText.includes('Number 500.')");
    browser.assert_calm(&host.base);
}

#[test]
fn a_page_that_is_another_one_is_not_shown() {
    let registry = long_lists();
    let dist = registry.path().join("dist");
    for entry in fs::read_dir(dist.join("api/snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        if text.starts_with(r#"{"format":1,"kind":"history","#) {
            fs::write(&path, text.replace("created", "yanked")).unwrap();
        }
    }
    let host = Static::start(&dist, "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/long/", host.base));
    browser.click("#history summary");
    browser.wait(
        "the problem",
        "return document.querySelector('#history').innerText.includes('is not what was published')",
    );
}
