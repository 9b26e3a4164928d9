//! Tests a month of two teams, from the first commit to an auditor's question on the site.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::host::Static;
use crate::session::Session;
use crate::webdriver::Browser;
use crate::{git, registries};

const POLICY: &str = r#"promotion:
  production: {from: staging, reason: required}
teams:
  support:
    people: [ana@example.com, chiyo@example.com]
    owns: ["support/**"]
    may: [create, promote, revert]
  billing:
    people: [ben@example.com]
    owns: ["billing/**"]
    may: [create, promote, revert, govern]
"#;

/// Text that attacks people who open it in a spreadsheet or on a page.
const HOSTILE: &str = "=HYPERLINK(\"https://example.com\") <img src=x onerror=alert(1)>";

/// A repository of two teams, and the registry published from it.
struct Story {
    session: Session,
}

impl Story {
    /// Runs Git as one person on a day of March.
    fn git(&self, who: &str, day: u32, arguments: &[&str]) {
        let date = format!("2026-03-{day:02}T10:00:00Z");
        let folder = self.session.folder.path();
        git::git(folder, folder, who, &date, arguments);
    }

    /// Sets the person and the day of the following commands.
    fn sits_down(&mut self, who: &str, date: &'static str) {
        let email = format!("{}@example.com", who.to_lowercase());
        self.git(who, 1, &["config", "user.name", who]);
        self.git(who, 1, &["config", "user.email", &email]);
        writeln!(self.session.transcript, "({who}, {})\n", &date[..10]).unwrap();
        self.session.date = Some(date);
    }

    fn version(&mut self, name: &str, version: &str, text: &str, variables: &[&str]) {
        let variables: Vec<String> =
            variables.iter().map(|name| format!("{{\"name\": \"{name}\"}}")).collect();
        let metadata = format!("{{\"variables\": [{}]}}\n", variables.join(", "));
        let folder = format!("prompts/{name}/v{version}");
        self.session
            .write(&format!("{folder}/system_prompt.txt"), text)
            .write(&format!("{folder}/metadata.json"), &metadata);
    }

    fn point(&mut self, name: &str, environment: &str, version: &str) {
        let path = format!("prompts/{name}/environments/{environment}.yaml");
        self.session.write(&path, &format!("version: {version}\n"));
    }

    fn commit(&self, who: &str, day: u32, message: &str) {
        self.git(who, day, &["add", "--all"]);
        self.git(who, day, &["commit", "--quiet", "--message", message]);
    }

    /// Publishes the tree, as the CI job does after each commit of main.
    fn publish(&mut self) {
        let is_first = !self.session.folder.path().join("dist").exists();
        let line =
            if is_first { "build --output dist" } else { "build --output dist --previous dist" };
        self.session.run(line);
    }
}

/// Creates ten commits of main, and two pull requests that are refused.
fn story() -> &'static (PathBuf, String) {
    static TOLD: OnceLock<(PathBuf, String)> = OnceLock::new();
    TOLD.get_or_init(|| {
        let mut story = Story { session: Session::new() };
        story.git("Lena", 2, &["init", "--quiet", "--initial-branch=main"]);

        // Commits 1 to 3: the prompts of two teams, each promoted to production by its own team.
        story.sits_down("Lena", "2026-03-02T10:00:00Z");
        story
            .session
            .write(".gitignore", "dist/\n")
            .write("prompts/registry.yaml", "registry: acme\nvisibility: public\n")
            .write("prompts/policy.yaml", POLICY);
        story.session.show("prompts/policy.yaml");
        story.version("support/refund", "1.0.0", "Help {{ customer }} with a refund.\n", &["customer"]);
        story.version("billing/reminder", "1.0.0", "Remind {{ customer }} kindly.\n", &["customer"]);
        story.point("support/refund", "staging", "1.0.0");
        story.point("billing/reminder", "staging", "1.0.0");
        story.commit("Lena", 2, "Begin with two prompts");
        story.publish();
        story.sits_down("Ana", "2026-03-03T10:00:00Z");
        story.session.run("promote support/refund --to production --reason \"refunds go live\" --commit");
        story.sits_down("Ben", "2026-03-04T10:00:00Z");
        story.session.run("promote billing/reminder --to production --reason \"reminders go live\" --commit");
        story.publish();

        // Commits 4 and 5: a pull request that breaks apps with a minor version, and its
        // correction.
        story.sits_down("Chiyo", "2026-03-05T10:00:00Z");
        story.git("Chiyo", 5, &["checkout", "--quiet", "-b", "orders"]);
        let text = "Help {{ customer }} with the refund of {{ order }}.\n";
        story.version("support/refund", "1.1.0", text, &["customer", "order"]);
        story.commit("Chiyo", 5, "Name the order");
        story.session.run("check --base main");
        story.git("Chiyo", 5, &["mv", "prompts/support/refund/v1.1.0", "prompts/support/refund/v2.0.0"]);
        story.point("support/refund", "staging", "2.0.0");
        story.commit("Chiyo", 5, "Make it a major version");
        story.session.run("check --base main").run("report --base main");
        story.git("Ana", 6, &["checkout", "--quiet", "main"]);
        let message = "Merge pull request #7 from acme/orders\n\nName the order in refunds";
        story.git("Ana", 6, &["merge", "--quiet", "--no-ff", "orders", "--message", message]);
        story.sits_down("Ben", "2026-03-08T10:00:00Z");
        story.session.run("promote support/refund --to production --track --reason \"too slow\" --commit");
        story.sits_down("Ana", "2026-03-09T10:00:00Z");
        story
            .session
            .run("promote support/refund --to production --reason \"names the order\" --commit")
            .run("promote support/refund --to production --track --reason \"names the order\" --commit");
        story.publish();

        // A pull request by a person who does not own the prompt.
        story.sits_down("Ben", "2026-03-10T10:00:00Z");
        story.git("Ben", 10, &["checkout", "--quiet", "-b", "shorter"]);
        story.version("support/refund", "2.0.1", "Refund {{ order }} to {{ customer }}.\n", &["customer", "order"]);
        story.commit("Ben", 10, "Shorter");
        story.session.run("check --base main");
        story.git("Ben", 10, &["checkout", "--quiet", "main"]);
        story.git("Ben", 10, &["branch", "--quiet", "--delete", "--force", "shorter"]);

        // Commits 6 to 8: a new text for a tenth of the traffic, then for all of it.
        story.sits_down("Ben", "2026-03-11T10:00:00Z");
        story.version("billing/reminder", "1.1.0", "Remind {{ customer }} firmly.\n", &["customer"]);
        story.point("billing/reminder", "staging", "1.1.0");
        story.commit("Ben", 11, &format!("Firmer reminders\n\nReason: {HOSTILE}"));
        story.session.run(
            "promote billing/reminder --to production --weight 10 --reason \"a tenth first\" --commit",
        );
        story.publish();
        story.sits_down("Ben", "2026-03-16T10:00:00Z");
        story.session.run("promote billing/reminder --to production --reason \"paid sooner\" --commit");
        story.publish();

        // Commits 9 and 10: the text was bad, and one command rolls it back.
        story.sits_down("Ben", "2026-03-20T10:00:00Z");
        story.session.run("rollback billing/reminder --in production --reason \"complaints about the tone\" --commit");
        story.publish();
        story.sits_down("Ben", "2026-03-21T10:00:00Z");
        story.session.run("yank billing/reminder@1.1.0 --reason \"too rude\" --commit");
        let staging = "prompts/billing/reminder/environments/staging.yaml";
        story.session.edit(staging, "1.1.0", "1.0.0");
        story.commit("Ben", 21, "Stage the kind one");
        story.session.run("yank billing/reminder@1.1.0 --reason \"too rude\" --commit");
        story.publish();
        story.session.run("log --env production");
        let dist = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser/lifecycle");
        if dist.exists() {
            fs::remove_dir_all(&dist).unwrap();
        }
        registries::copy(&story.session.folder.path().join("dist"), &dist);
        (dist, story.session.transcript)
    })
}

#[test]
fn a_month_of_two_teams() {
    let (_, transcript) = story();
    insta::assert_snapshot!(transcript);
}

/// The rows of a table, each as the texts of its cells.
const ROWS: &str = "return [...document.querySelectorAll('table.audit tbody tr')]
    .map((row) => [...row.children].map((cell) => cell.innerText.replace(/\\s+/g, ' ').trim()).join(' | '))";

/// Opens a page of the history, and returns the rows of its table.
fn ask(browser: &Browser, host: &Static, query: &str) -> Vec<String> {
    browser.visit(&format!("{}history/{query}", host.base));
    browser.wait("an answer", "return document.querySelector('.count') !== null");
    browser.texts(ROWS).into_iter().map(|row| without_commits(&row)).collect()
}

/// Sets the value of a field of the history.
fn fill(browser: &Browser, field: &str, value: &str) {
    browser.run(&format!(
        "const field = document.getElementById({field:?});
        field.value = {value:?};
        field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    ));
}

#[test]
fn an_auditor_asks_what_was_served_on_some_day() {
    let host = Static::start(&story().0, "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    browser.click(".top a[href='history/']");
    browser.wait("the form", "return document.getElementById('as_of') !== null");
    fill(&browser, "as_of", "2026-03-14");
    fill(&browser, "env", "production");
    let answer = [
        "billing/reminder | production | current 1.0.0 90%, next 1.1.0 10% | 2026-03-11 10:00 UTC | ben@example.com | a tenth first",
        "support/refund | production | 1: 1.0.0, 2: 2.0.0 | 2026-03-09 10:00 UTC | ana@example.com | names the order",
    ];
    browser.wait(
        "the answer",
        "return document.querySelectorAll('table.audit tbody tr').length === 2",
    );
    let rows: Vec<String> = browser.texts(ROWS).iter().map(|row| without_commits(row)).collect();
    assert_eq!(rows, answer);
    // The URL has the query, so the result can be shared.
    let address = browser.text("return location.href");
    assert_eq!(address, format!("{}history/?env=production&as_of=2026-03-14", host.base));
    assert_eq!(browser.in_another_tab(&address, "return new Promise((resolve) => {
        const look = () => document.querySelector('table.audit') === null ? setTimeout(look, 20) : resolve(
            [...document.querySelectorAll('table.audit tbody th')].map((cell) => cell.innerText));
        look();
    })"), ["billing/reminder", "support/refund"]);
    browser.assert_calm("what was served");
}

#[test]
fn events_are_found_by_prompt_environment_kind_person_and_day() {
    let host = Static::start(&story().0, "/registry/");
    let browser = Browser::start();
    insta::assert_snapshot!(ask(&browser, &host, "").join("\n"));
    for (query, found) in [
        ("?prompt=billing/&env=production", 4),
        ("?prompt=support/refund", 8),
        ("?type=reverted&env=production", 1),
        ("?by=ANA", 5),
        ("?from=2026-03-20", 4),
        ("?until=2026-03-03&env=production", 1),
        ("?by=nobody", 0),
    ] {
        let rows = ask(&browser, &host, query);
        assert_eq!(rows.len(), found, "{query}: {rows:#?}");
    }
    // The comparison of an event's versions is one click away.
    ask(&browser, &host, "?type=reverted&env=production");
    browser.click("table.audit td a[href*='view=diff']");
    browser.wait("the comparison", "return document.querySelector('.bar') !== null");
    assert!(browser.text("return location.search").contains("a=1.1.0&b=1.0.0"));
    browser.assert_calm("events");
}

#[test]
fn events_are_saved_for_a_spreadsheet() {
    let host = Static::start(&story().0, "/registry/");
    let browser = Browser::start();
    ask(&browser, &host, "?prompt=billing/&from=2026-03-11&until=2026-03-11");
    browser.click(".count button");
    browser.wait("the file", "return document.querySelector('a[download]') !== null");
    let folder = tempfile::tempdir().unwrap();
    let place = json!({"behavior": "allow", "downloadPath": folder.path()});
    browser.devtools("Browser.setDownloadBehavior", &place);
    browser.click("a[download]");
    let path = folder.path().join("history.csv");
    let start = Instant::now();
    while !path.exists() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let file = fs::read_to_string(path).unwrap();
    insta::assert_snapshot!(without_commits(&file));
    browser.assert_calm("the file");
}

#[test]
fn what_changed_since_a_release() {
    let host = Static::start(&story().0, "/registry/");
    let browser = Browser::start();
    ask(&browser, &host, "");
    browser.run(
        "[...document.querySelectorAll('.releases a')]
            .find((link) => link.textContent === 'Changes since' && link.href.endsWith('env=production&since=5')).click()",
    );
    browser.wait(
        "the answer",
        "return document.querySelector('table.audit thead')?.innerText.includes('Now') === true",
    );
    assert_eq!(browser.texts(ROWS), ["billing/reminder | 1.1.0 | 1.0.0 | View diff"]);
    browser.assert_calm("what changed");
}

#[test]
fn prompts_say_who_and_why_and_promotions_what_there_is_to_do() {
    let host = Static::start(&story().0, "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/billing/reminder/", host.base));
    let main = browser.text("return document.getElementById('main').innerText");
    for expected in ["Team", "billing", "complaints about the tone", "ben@example.com"] {
        assert!(main.contains(expected), "{expected}: {main}");
    }
    assert_eq!(browser.run("return document.querySelectorAll('#main img').length"), 0);
    browser.visit(&format!("{}environments/?from=dev&to=production", host.base));
    // Production serves what dev serves of support/refund as one of two tracks, which a promotion leaves as they are.
    let notice = browser.text("return document.querySelector('main .notice').innerText");
    assert_eq!(notice, "Nothing to promote from dev to production.");
    browser.visit(&format!("{}p/support/refund/", host.base));
    let main = browser.text("return document.getElementById('main').innerText");
    assert!(main.contains("more tracks than "), "{main}");
    // The tracks were made on 9 March. A page that a build wrote has no clock, so the app counts the days.
    let age = browser.text(
        "const days = Math.floor((Date.now() - Date.parse('2026-03-09T10:00:00Z')) / 864e5);
        return `for ${days} days`",
    );
    assert!(main.contains(&age), "{age}: {main}");
    browser.assert_calm("prompts and promotions");
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let host = Static::start(&story().0, "/registry/");
    let browser = Browser::start();
    for query in [
        "?as_of=2026-3-5",
        "?from=yesterday",
        "?env=production&since=..%2F..%2F..%2Fother",
        "?env=..%2F..%2Fother&since=1",
        "?since=1",
    ] {
        let before = host.requests().len();
        browser.visit(&format!("{}history/{query}", host.base));
        browser.wait(query, "return document.querySelector('#main [role=alert]') !== null");
        assert_eq!(browser.run("return document.querySelector('table.audit')"), Value::Null);
        let asked = host.requests().split_off(before);
        assert!(asked.iter().all(|request| !request.path.contains("other")), "{query}");
        browser.assert_calm(query);
    }
    // Going back removes the selection.
    browser.visit(&format!("{}history/", host.base));
    fill(&browser, "env", "production");
    browser.wait("the choice", "return location.search === '?env=production'");
    browser.back();
    browser.wait("the way back", "return document.getElementById('env')?.value === ''");
}

#[test]
fn every_event_is_on_one_page_of_the_list() {
    let mut story = Story { session: Session::new() };
    story.session.write("prompts/registry.yaml", "registry: acme\nvisibility: public\n");
    let folder = story.session.folder.path().to_owned();
    let run = |month: &str, arguments: &[&str]| {
        git::git(&folder, &folder, "Ana", &format!("2026-{month}-01T10:00:00Z"), arguments);
    };
    run("01", &["init", "--quiet", "--initial-branch=main"]);
    // Two events for each prompt: it is created, and dev serves it. The newer month has exactly one
    // page of events.
    for (month, prompts) in [("01", 30), ("02", 25)] {
        for number in 0..prompts {
            story.version(&format!("m{month}/p{number}"), "1.0.0", "Hello.\n", &[]);
        }
        run(month, &["add", "--all"]);
        run(month, &["commit", "--quiet", "--message", "More"]);
    }
    story.session.run("build --output dist");
    let host = Static::start(&folder.join("dist"), "/registry/");
    let browser = Browser::start();
    let mut seen = BTreeSet::new();
    for (query, rows, month) in
        [("", 50, "2026-02"), ("?page=2", 50, "2026-01"), ("?page=3", 10, "2026-01")]
    {
        let found = ask(&browser, &host, query);
        assert_eq!(found.len(), rows, "{query}");
        assert!(found.iter().all(|row| row.starts_with(month)), "{query}: {found:#?}");
        seen.extend(found);
        let said = browser.text("return document.querySelector('.count').innerText");
        assert!(said.starts_with("110 events "), "{said}");
    }
    assert_eq!(seen.len(), 110);
    // A page number after the last page shows the last page.
    let last = ask(&browser, &host, "?page=3");
    assert_eq!(ask(&browser, &host, "?page=9"), last);
    assert!(
        browser.text("return document.querySelector('.steps').innerText").contains("Page 3 of 3")
    );
    browser.assert_calm("pages of events");
}

/// Removes commit ids, which are not relevant for comparing texts.
fn without_commits(text: &str) -> String {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_commit = |word: &str| matches!(word.len(), 7 | 40) && word.bytes().all(is_digit);
    let words = text.split_inclusive([' ', ',']);
    words.map(|word| if is_commit(word.trim_end_matches([' ', ','])) { "" } else { word }).collect()
}
