//! Tests lists that lie in several files: a page shows the rows of the newest file, says how many more there are, and
//! shows older ones on request; whatever names an older row finds it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::host::{Static, get};
use crate::registries;
use crate::webdriver::{Browser, key};

/// All versions of the long prompt: 500 are in each of two full pages, and 200 in the newest file.
const VERSIONS: usize = 1_200;

/// Other prompts, whose first versions are changes of one release.
const OTHERS: usize = 600;

/// The most bytes of the page of the long prompt.
const BYTES: usize = 64_000;

/// Returns a registry with a prompt of 1,200 versions, the last of which is a patch of an old major version.
pub(crate) fn long_lists() -> &'static Path {
    static BUILT: OnceLock<TempDir> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: String, text: &str| {
            let path = folder.path().join("prompts").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for minor in 0..VERSIONS - 1 {
            write(format!("long/v2.{minor}.0/system_prompt.txt"), &format!("Number {minor}.\n"));
        }
        write("long/environments/production.yaml".to_owned(), "version: 2.0.0\n");
        for number in 0..OTHERS {
            write(format!("other/p{number}/v1.0.0/system_prompt.txt"), "Hello.\n");
        }
        promptdex(folder.path(), "build");
        write("long/v1.0.0/system_prompt.txt".to_owned(), "Afterwards.\n");
        promptdex(folder.path(), "build --previous dist");
        folder
    });
    folder.path()
}

fn promptdex(folder: &Path, line: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
        .args(line.split(' '))
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn document(path: &str) -> Value {
    let bytes = fs::read(long_lists().join("dist").join(path)).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The versions that are listed.
const LISTED: &str =
    "[...document.querySelectorAll('.timeline li > p > a:first-child')].map((a) => a.text)";

/// The text of the link to the rest of the list of versions.
const MORE: &str = "document.querySelector('#versions .more > button')?.innerText";

#[test]
fn a_page_has_the_newest_versions_and_is_small() {
    let page = fs::read_to_string(long_lists().join("dist/p/long/index.html")).unwrap();
    assert!(page.len() <= BYTES, "{} bytes, {BYTES} are allowed", page.len());
    assert_eq!(page.matches("class=\"compare\"").count(), 200);
    assert!(page.contains("Show older versions (1,000)"));
}

#[test]
fn without_scripts_the_rest_of_a_list_is_a_file() {
    let host = Static::start(&long_lists().join("dist"), "/registry/");
    let browser = Browser::start();
    browser.scripts(false);
    browser.open(&format!("{}p/long/", host.base));
    assert_eq!(browser.texts(&format!("return {LISTED}")).len(), 200);
    let link = browser.text("return document.querySelector('#versions .more > a').href");
    let older: Value = serde_json::from_slice(get(&link).bytes()).unwrap();
    assert_eq!(older["versions"].as_array().unwrap().len(), 500);
    let text = browser.text("return document.getElementById('versions').innerText");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (first, last) = (lines[..3].join("\n"), lines[lines.len() - 3..].join("\n"));
    insta::assert_snapshot!("the_newest_versions", format!("{first}\n…\n{last}"));
    // What production serves is in the oldest file, and is shown all the same.
    let shown = browser.text("return document.querySelector('#messages .text').innerText");
    assert_eq!(shown.trim(), "Number 0.");

    browser.open(&format!("{}history/", host.base));
    let changes = "return [...document.querySelectorAll('.releases .more > a')]";
    let count = document("api/environments/dev/releases/1.json")["changes_file"]["count"].clone();
    let texts = browser.texts(&format!("{changes}.map((a) => a.innerText)"));
    assert_eq!(texts, [format!("Show changes ({count})")]);
    let link = browser.text(&format!("{changes}[0].href"));
    let changes: Value = serde_json::from_slice(get(&link).bytes()).unwrap();
    assert!(changes["older"]["digest"].is_string());
    browser.assert_calm_but_missing("lists without scripts");
}

#[test]
fn older_versions_are_shown_on_request() {
    let host = Static::start(&long_lists().join("dist"), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/long/", host.base);
    browser.visit(&page);
    let listed = |number: usize, more: Option<&str>| {
        let what = format!("{number} versions, and {more:?}");
        let more = more.map_or("undefined".to_owned(), |more| format!("{more:?}"));
        browser.wait(&what, &format!("return {LISTED}.length === {number} && {MORE} === {more}"));
    };
    listed(200, Some("Show older versions (1,000)"));
    // One page was read for the list, and two to find what production serves.
    let pages = |host: &Static| {
        let is_page = |path: &String| path.starts_with("api/snapshots/");
        host.requests().into_iter().map(|request| request.path).filter(is_page).count()
    };
    assert_eq!(pages(&host), 2);
    // With the keyboard: what was asked for has the focus.
    browser.run("document.querySelector('#versions .more > button').focus()");
    browser.press(key::ENTER);
    listed(700, Some("Show older versions (500)"));
    browser.press(key::TAB);
    assert_eq!(browser.text("return document.activeElement.text"), "2.999.0");
    // A version of the rest is shown, and the rest stays.
    browser.run("document.activeElement.click()");
    let shown = |version: &str| {
        let script =
            format!("return document.getElementById('version')?.innerText === 'Version {version}'");
        browser.wait(version, &script);
    };
    shown("2.999.0");
    listed(700, Some("Show older versions (500)"));
    // The keys for the next version go from one file to the other.
    browser.press("]");
    shown("1.0.0");
    browser.press("[");
    shown("2.999.0");
    browser.click("#versions .more .more > button");
    listed(1_200, None);
    let versions = browser.texts(&format!("return {LISTED}"));
    // In the order of their publication, file by file.
    let expected = ["2.1198.0", "2.1000.0", "1.0.0", "2.999.0", "2.0.0"];
    assert_eq!([0, 198, 199, 200, 1_199].map(|at| versions[at].as_str()), expected);
    // The way back leads to the place that was left.
    browser.run("document.querySelector(\".timeline a[href$='&b=2.3.0']\").click()");
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
    browser.back();
    listed(1_200, None);
    browser.wait(
        "the focus on the link",
        "return document.activeElement.href?.endsWith('&b=2.3.0') === true",
    );
    browser.assert_calm(&page);
}

#[test]
fn any_version_can_be_typed_for_a_comparison() {
    let host = Static::start(&long_lists().join("dist"), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/long/?view=diff&a=2.1100.0&b=2.1198.0", host.base);
    browser.visit(&page);
    browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
    assert_eq!(browser.run("return document.querySelectorAll('#after option').length"), 202);
    for (typed, version) in [("2.7.0", "2.7.0"), ("@production", "2.0.0")] {
        browser.click("[aria-label='After: type a version']");
        browser.press(typed);
        browser.press(key::ENTER);
        browser.wait(
            typed,
            &format!(
                "return document.getElementById('after').value === '{typed}'
                    && document.querySelector('.sentence')?.dataset.sides.includes(' → {version} ') === true"
            ),
        );
    }
    browser.click("[aria-label='Before: type a version']");
    browser.press("9.9.9");
    browser.press(key::ENTER);
    browser.wait(
        "the problem",
        "return document.querySelector('main [role=alert]')?.innerText.includes('long has no version 9.9.9.') === true",
    );
    let chosen = "return document.getElementById('before').selectedOptions[0].text";
    assert_eq!(browser.text(chosen), "9.9.9 (not found)");
    browser.reload();
    browser.wait("the mark", &format!("{chosen} === '9.9.9 (not found)'"));
    browser.assert_calm(&page);
    // Prompts with fewer versions choose from a list of all of them.
    browser.visit(&format!("{}p/other/p1/?view=diff", host.base));
    assert_eq!(browser.run("return document.querySelectorAll('.bar input').length"), 0);
}

#[test]
fn an_older_version_is_found_by_its_address() {
    let host = Static::start(&long_lists().join("dist"), "/registry/");
    let browser = Browser::start();
    for (query, text) in [("?v=2.999.0", "Number 999."), ("?v=2.3.0", "Number 3.")] {
        browser.visit(&format!("{}p/long/{query}", host.base));
        let shown = browser.text("return document.querySelector('#messages .text').innerText");
        assert_eq!(shown.trim(), text);
        browser.visit(&format!("{}p/long/{query}&view=play", host.base));
        browser.wait(
            text,
            &format!(
                "return document.querySelector('.play')?.innerText.includes('{text}') === true"
            ),
        );
    }
    browser.visit(&format!("{}p/long/?v=9.9.9", host.base));
    let alert = browser.text("return document.querySelector('main [role=alert]').innerText");
    assert!(alert.starts_with("long has no version 9.9.9."), "{alert}");
    // A text of a version that is in a page is found.
    browser.visit(&format!("{}?q=%22number+1198%22", host.base));
    browser.wait("the place", "return document.body.innerText.includes('Number 1198.')");
    browser.assert_calm(&host.base);
}

#[test]
fn older_events_and_changes_are_shown_on_request() {
    let host = Static::start(&long_lists().join("dist"), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/long/", host.base));
    browser.click("#history summary");
    let events = |number: usize| {
        let rows =
            format!("return document.querySelectorAll('#history tbody tr').length === {number}");
        browser.wait(&format!("{number} events"), &rows);
    };
    events(20);
    let more = "#history .more > button";
    let label = browser.text(&format!("return document.querySelector('{more}').innerText"));
    assert!(label.starts_with("Show older events ("), "{label}");
    browser.click(more);
    events(120);

    browser.visit(&format!("{}history/", host.base));
    let changes = |number: usize| {
        let rows = format!("return document.querySelectorAll('.changes li').length === {number}");
        browser.wait(&format!("{number} changes"), &rows);
    };
    let before = browser.run("return document.querySelectorAll('.changes li').length");
    let before = usize::try_from(before.as_u64().unwrap()).unwrap();
    let count = document("api/environments/dev/releases/1.json")["changes_file"]["count"].clone();
    let count = usize::try_from(count.as_u64().unwrap()).unwrap();
    browser.click(".releases .more > button");
    changes(before + count % 500);
    assert_eq!(
        browser.text("return document.querySelector('.releases .more > button').innerText"),
        "Show more changes (500)"
    );
    browser.click(".releases .more > button");
    changes(before + count);
    browser.assert_calm("older rows");
}

#[test]
fn a_page_that_is_missing_or_another_one_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    registries::copy(&long_lists().join("dist"), folder.path());
    let mut digest = document("api/prompts/long/versions.json")["older"]["digest"].clone();
    let file = |digest: &Value| {
        let hex = digest.as_str().unwrap().trim_start_matches("sha256:").to_owned();
        folder.path().join(format!("api/snapshots/{hex}.json"))
    };
    let newer = fs::read_to_string(file(&digest)).unwrap();
    fs::write(file(&digest), newer.replacen("active", "yanked", 1)).unwrap();
    let host = Static::start(folder.path(), "/registry/");
    let browser = Browser::start();
    let problem = |text: &str| {
        browser.visit(&format!("{}p/long/", host.base));
        browser.run("document.querySelector('#versions .more > button').click()");
        browser.wait(
            text,
            &format!(
                "return document.querySelector('#versions [role=alert]')?.innerText.includes('{text}') === true"
            ),
        );
    };
    problem("Digest mismatch: list of older versions");
    fs::write(file(&digest), &newer).unwrap();
    digest = serde_json::from_str::<Value>(&newer).unwrap()["older"]["digest"].clone();
    fs::remove_file(file(&digest)).unwrap();
    // What production serves is in the file that is missing.
    browser.visit(&format!("{}p/long/", host.base));
    let alert = browser.text("return document.querySelector('main [role=alert]').innerText");
    assert!(alert.contains("Could not load list of older versions"), "{alert}");
    assert_eq!(browser.texts(&format!("return {LISTED}")).len(), 200);
    // The events are read by the worker.
    for entry in fs::read_dir(folder.path().join("api/snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        if text.starts_with(r#"{"format":1,"kind":"history","#) {
            fs::write(&path, text.replace("created", "yanked")).unwrap();
        }
    }
    browser.click("#history summary");
    browser.wait(
        "the problem",
        "document.querySelector('#history .more > button')?.click();
        return document.querySelector('#history').innerText.includes('digest mismatch')",
    );
}
