//! Tests the Prompts page with 10,000 prompts: its results and counts, compared with a separate
//! calculation over `api/catalog.json`, and the URL that has its state.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::host::Static;
use crate::registries::{self, LARGE};
use crate::webdriver::{Browser, key};

/// One prompt of the catalog, as the test reads it.
struct Row(Value);

impl Row {
    fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    fn list(&self, key: &str) -> Vec<&str> {
        let list = self.0[key].as_array();
        list.into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
    }

    fn says(&self, word: &str) -> bool {
        let texts =
            [self.name(), self.0["title"].as_str().unwrap(), self.0["about"].as_str().unwrap()];
        let lists = [self.list("tags"), self.list("variable_names")].concat();
        texts.iter().chain(&lists).any(|text| text.to_lowercase().contains(word))
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.list(key).iter().any(|text| text.to_lowercase() == value)
    }

    fn below(&self, folder: &str) -> bool {
        self.name().starts_with(&format!("{folder}/"))
    }

    fn serves(&self, environment: &str) -> bool {
        self.0["pointers"].get(environment).is_some()
    }

    /// Whether an environment has a different target than the previous environment.
    fn drifts(&self, environment: &str) -> bool {
        let before = match environment {
            "staging" => "dev",
            "production" => "staging",
            _ => return false,
        };
        let served = |environment: &str| self.0["pointers"].get(environment);
        matches!((served(before), served(environment)), (Some(before), Some(after)) if before != after)
    }

    fn is_deprecated(&self) -> bool {
        let states = self.0["states"].as_object();
        states.is_some_and(|states| states.values().any(|state| state == "deprecated"))
    }
}

fn catalog(folder: &Path) -> Vec<Row> {
    let bytes = std::fs::read(folder.join("api/catalog.json")).unwrap();
    let mut catalog: Value = serde_json::from_slice(&bytes).unwrap();
    let Value::Array(prompts) = catalog["prompts"].take() else { panic!("no prompts") };
    assert_eq!(prompts.len(), LARGE);
    prompts.into_iter().map(Row).collect()
}

const NAMES: &str = "return [...document.querySelectorAll('.results > .rows .name')].map((name) => name.textContent)";

const COUNT: &str = "return document.querySelector('.count').textContent";

fn grouped(number: usize) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", number / 1_000, number % 1_000)
    }
}

/// Formats the number of results: `1,284 of 10,000 prompts`.
fn summary(number: usize) -> String {
    if number == LARGE {
        "10,000 prompts".to_owned()
    } else {
        format!("{} of 10,000 prompts", grouped(number))
    }
}

/// Clears the field, types a line, and waits for its number of results.
fn type_line(browser: &Browser, line: &str, number: usize) {
    browser.run("document.getElementById('q').focus(); document.getElementById('q').select()");
    browser.press(line);
    let expected = summary(number);
    browser.wait(
        &format!("`{line}` to find {expected}"),
        &format!(
            "return document.querySelector('.count')?.textContent === '{expected}'
                && document.getElementById('q').value === {line:?}"
        ),
    );
}

type Fits = fn(&Row) -> bool;

/// There is only one test, because the registry takes a while to build.
#[test]
fn ten_thousand_prompts_are_found_and_counted() {
    let folder = registries::large();
    let folder = folder.path().join("dist");
    let catalog = catalog(&folder);
    what_is_typed_finds_what_it_should(&folder, &catalog);
    facets_count_and_exclude(&folder, &catalog);
    the_address_carries_the_filter_and_the_page(&folder, &catalog);
    texts_are_searched(&folder, &catalog);
    the_matrix_counts_what_is_served_and_what_drifts(&folder, &catalog);
}

fn the_matrix_counts_what_is_served_and_what_drifts(folder: &Path, catalog: &[Row]) {
    let host = Static::start(folder, "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}environments/", host.base));
    let summaries = browser.texts(
        "return [...document.querySelectorAll('.summaries li')].map((summary) => summary.innerText)",
    );
    for (environment, summary) in ["dev", "staging", "production"].into_iter().zip(summaries) {
        let serves = catalog.iter().filter(|row| row.serves(environment)).count();
        let drifts = catalog.iter().filter(|row| row.drifts(environment)).count();
        let beginning = format!("{environment}: {} prompts", grouped(serves));
        assert!(summary.starts_with(&beginning), "{summary}: {beginning}");
        let differing = format!(" · {} differ from ", grouped(drifts));
        assert_eq!(summary.contains(&differing), drifts > 0, "{summary}: {differing}");
    }
    // Every row on every page shows its drift.
    for page in [1, 2] {
        browser.visit(&format!("{}environments/?page={page}", host.base));
        let shown = browser.texts(
            "return [...document.querySelectorAll('.matrix tbody tr')].map((row) =>
                [row.firstChild.innerText, ...[...row.querySelectorAll('td')].filter((cell) =>
                    cell.querySelector('.state')).map((cell) => cell.dataset.label)].join(' '))",
        );
        let rows = catalog.iter().skip((page - 1) * 100).take(100);
        let expected = rows.map(|row| {
            let drifts = ["staging", "production"].into_iter().filter(|name| row.drifts(name));
            std::iter::once(row.name()).chain(drifts).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(shown, expected.collect::<Vec<_>>());
    }
    browser.assert_calm("the matrix");
}

const IN_TEXT: &str =
    "return [...document.querySelectorAll('.in-text .name')].map((name) => name.textContent)";

/// Waits until the text search has found this number of prompts.
fn wait_in_text(browser: &Browser, line: &str, number: usize) {
    let heading = format!("Matches in prompt text ({})", grouped(number));
    browser.wait(
        &format!("`{line}` to find {heading}"),
        &format!("return document.querySelector('.in-text h2')?.textContent === '{heading}'"),
    );
}

/// Waits for the excerpts of the texts, and returns them.
fn places(browser: &Browser) -> Vec<String> {
    browser.wait("the places", "return Boolean(document.querySelector('.in-text .found'))");
    browser
        .texts("return [...document.querySelectorAll('.found')].map((found) => found.textContent)")
}

/// Returns the texts of a prompt that are searched: of the highest version, and of the served
/// versions.
fn shown_texts(folder: &Path, row: &Row) -> Vec<String> {
    let environments = row.0["pointers"].as_object().unwrap();
    let served = environments.values().map(|target| target["version"].as_str().unwrap());
    let versions: std::collections::BTreeSet<&str> =
        served.chain(row.0["highest"].as_str()).collect();
    let text = |version: &str| {
        let path = format!("api/prompts/{}/versions/{version}.json", row.name());
        let document: Value =
            serde_json::from_slice(&std::fs::read(folder.join(path)).unwrap()).unwrap();
        document["messages"][0]["content"].as_str().unwrap().to_lowercase()
    };
    versions.into_iter().map(text).collect()
}

fn texts_are_searched(folder: &Path, catalog: &[Row]) {
    let texts: BTreeMap<&str, Vec<String>> =
        catalog.iter().map(|row| (row.name(), shown_texts(folder, row))).collect();
    let has = |row: &Row, word: &str| {
        texts[row.name()].iter().any(|text| {
            if word.is_ascii() {
                text.split(|c: char| !c.is_ascii_alphanumeric()).any(|own| own.starts_with(word))
            } else {
                text.contains(word)
            }
        })
    };
    let host = Static::start(folder, "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    let shards = || {
        let requests = host.requests();
        requests.iter().filter(|request| request.path.starts_with("api/search/")).count()
    };
    let check = |line: &str, by_facts: &dyn Fn(&Row) -> bool, by_either: &dyn Fn(&Row) -> bool| {
        let facts = catalog.iter().filter(|row| by_facts(row)).count();
        let in_text = catalog.iter().filter(|row| by_either(row) && !by_facts(row));
        let in_text: Vec<&str> = in_text.map(Row::name).collect();
        type_line(&browser, line, facts);
        wait_in_text(&browser, line, in_text.len());
        let shown = browser.texts(IN_TEXT);
        assert_eq!(shown, in_text[..in_text.len().min(20)], "{line}");
        (shards(), places(&browser))
    };

    shards();
    let (requests, found) = check("polite", &|_| false, &|row| has(row, "polite"));
    assert_eq!(requests, 1, "one term is in one shard");
    assert!(
        found[0].contains(", system message") && found[0].contains("Stay polite."),
        "{found:?}"
    );
    assert_eq!(browser.text("return document.querySelector('.found mark').textContent"), "polite");
    // Loaded documents are not requested again.
    assert_eq!(check("poli", &|_| false, &|row| has(row, "poli")).0, 0);
    // The excerpts of the rows above come when they have been read, and move the button: it is not aimed at.
    browser.text("document.querySelector('.in-text button').click(); return ''");
    browser.wait("20 more", "return document.querySelectorAll('.in-text .name').length === 40");

    let (_, found) = check("退款申", &|_| false, &|row| has(row, "退款申"));
    assert!(found[0].contains("处理退款申请前"), "{found:?}");
    let (_, found) = check("款", &|_| false, &|row| has(row, "款"));
    assert!(found[0].contains("处理退款申请前"), "{found:?}");

    // The result names only production, which alone serves the version.
    let (_, found) = check("antique", &|_| false, &|row| has(row, "antique"));
    assert!(found.iter().all(|place| place.starts_with("1.0.0, system message")), "{found:?}");

    check("refund polite tag:urgent", &|_| false, &|row| {
        row.has("tags", "urgent")
            && (row.says("refund") || has(row, "refund"))
            && has(row, "polite")
    });
    check("polite -退款", &|_| false, &|row| has(row, "polite") && !has(row, "退款"));

    // An excluded word is excluded from both groups of results.
    let line = "refund -polite";
    type_line(
        &browser,
        line,
        catalog.iter().filter(|row| row.says("refund") && !has(row, "polite")).count(),
    );

    // A phrase: texts with the same words in a different order are candidates until they have been
    // read.
    let line = "\"repayment plan\"";
    type_line(&browser, line, 0);
    let place = |row: &&Row| texts[row.name()].iter().any(|text| text.contains("repayment\nplan"));
    let phrases: Vec<&str> = catalog.iter().filter(place).map(Row::name).collect();
    places(&browser);
    let shown = browser.texts(IN_TEXT);
    assert!(!shown.is_empty() && shown.iter().all(|name| phrases.contains(&name.as_str())));
    assert_eq!(
        browser.text("return document.querySelector('.found mark').textContent"),
        "Repayment\nplan"
    );
    // The URL has the search.
    let address = browser.text("return location.href");
    browser.visit(&address);
    places(&browser);
    assert_eq!(browser.texts(IN_TEXT), shown);

    type_line(&browser, "nothing says this", 0);
    browser.wait("the notice", "return Boolean(document.querySelector('.results .notice'))");
    browser.assert_calm("the texts");
}

#[test]
fn texts_of_a_small_registry_are_searched_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().unwrap();
    registries::copy(registries::ours(), folder.path());
    let host = Static::start(folder.path(), "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}?q=%E9%83%A8%E5%93%81", host.base));
    let found = places(&browser);
    assert!(found[0].contains("工具と交換部品のオンラインショップ"), "{found:?}");
    assert_eq!(browser.text("return document.querySelector('.found mark').textContent"), "部品");
    assert_eq!(browser.texts(IN_TEXT), ["customer-support/inquiry-reply-ja"]);
    // The last letter is typed as two characters, and is one in the text.
    browser.visit(&format!("{}?q=%E3%82%B7%E3%83%A7%E3%83%83%E3%83%95%E3%82%9A", host.base));
    assert!(!places(&browser).is_empty());
    assert_eq!(
        browser.text("return document.querySelector('.found mark').textContent"),
        "ショップ"
    );
    assert_eq!(browser.texts(IN_TEXT), ["customer-support/inquiry-reply-ja"]);
    host.requests();
    browser.run("document.getElementById('q').focus(); document.getElementById('q').select()");
    browser.press("\"once, only when\"");
    wait_in_text(&browser, "once, only when", 1);
    assert_eq!(browser.texts(IN_TEXT), ["shared/tone"]);
    let shards = host.requests().into_iter().filter(|r| r.path.starts_with("api/search/"));
    assert_eq!(shards.count(), 0, "the one shard there is has been read");
    browser.assert_calm("the small registry");

    std::fs::remove_dir_all(folder.path().join("api/search")).unwrap();
    browser.visit(&format!("{}?q=refund", host.base));
    browser.wait("the reason", "return Boolean(document.querySelector('.results > .notice.warn'))");
    assert_eq!(
        browser.text("return document.querySelector('.results > .notice').textContent"),
        "Full-text search failed: HTTP 404 for api/search/start.json"
    );
    assert!(browser.texts(NAMES).contains(&"customer-support/refund".to_owned()));
    browser.assert_calm_but_missing("a host without the shards");
}

fn what_is_typed_finds_what_it_should(folder: &Path, catalog: &[Row]) {
    let host = Static::start(folder, "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    assert_eq!(browser.text(COUNT), summary(LARGE));
    let cases: [(&str, Fits); 18] = [
        ("refund", |row| row.says("refund")),
        ("REFUND -draft", |row| row.says("refund") && !row.says("draft")),
        ("\"pull request\" -\"check the\"", |row| {
            row.says("pull request") && !row.says("check the")
        }),
        ("straße", |row| row.says("straße")),
        ("input_2 sales", |row| row.says("input_2") && row.says("sales")),
        ("tag:drafts", |row| row.has("tags", "drafts")),
        ("tag:\"two words\" tag:urgent", |row| {
            row.has("tags", "two words") && row.has("tags", "urgent")
        }),
        ("-tag:json owner:ana", |row| !row.has("tags", "json") && row.has("owners", "ana")),
        ("owner:@quinn", |row| row.has("owners", "@quinn")),
        ("env:production -env:staging", |row| row.serves("production") && !row.serves("staging")),
        ("drift:production", |row| row.drifts("production")),
        ("drift:any -drift:production", |row| row.drifts("staging") && !row.drifts("production")),
        ("-drift:any contract", |row| {
            !row.drifts("staging") && !row.drifts("production") && row.says("contract")
        }),
        ("folder:hr", |row| row.below("hr")),
        ("folder:hr/reviews is:deprecated", |row| row.below("hr/reviews") && row.is_deprecated()),
        ("model:model-1 job", |row| row.0["model"] == "model-1" && row.says("job")),
        ("00042", |row| row.says("00042")),
        ("nosuchprompt", |_| false),
    ];
    for (number, (line, fits)) in cases.into_iter().enumerate() {
        let expected: Vec<&str> = catalog.iter().filter(|row| fits(row)).map(Row::name).collect();
        type_line(&browser, line, expected.len());
        let shown = browser.texts(NAMES);
        assert_eq!(shown.len(), expected.len().min(100), "{line}");
        assert!(shown.iter().all(|name| expected.contains(&name.as_str())), "{line}: {shown:#?}");
        // Every fourth time, the same URL is opened in a new tab, which reads the whole catalog.
        if number.is_multiple_of(4) {
            let address = browser.text("return location.href");
            assert_eq!(browser.in_another_tab(&address, NAMES), shown, "{line} at {address}");
        }
        if expected.is_empty() {
            // After the texts have been searched as well.
            browser.wait("advice", "return Boolean(document.querySelector('.notice'))");
        } else {
            let has_notice = browser.run("return Boolean(document.querySelector('.notice'))");
            assert_eq!(has_notice, false, "{line}");
        }
    }
    browser.assert_calm("the catalogue");
}

/// The facets of the page: titles, and values with their counts.
const FACETS: &str = "
    return Object.fromEntries([...document.querySelectorAll('.rail section')].map((section) => [
        section.querySelector('h2').textContent,
        Object.fromEntries([...section.querySelectorAll('li')].filter((li) => li.querySelector('.number')).map((li) => [
            li.querySelector('a').textContent,
            Number(li.querySelector('.number').textContent.replace(',', '')),
        ])),
    ]))";

type Counts = BTreeMap<String, BTreeMap<String, usize>>;

fn facets(rows: &[&Row], folder: &str) -> Counts {
    let mut counts = Counts::new();
    for row in rows {
        let mut add = |title: &str, value: &str| {
            let values = counts.entry(title.to_owned()).or_default();
            *values.entry(value.to_owned()).or_default() += 1;
        };
        if let Some((below, _)) =
            row.name().strip_prefix(folder).and_then(|rest| rest.split_once('/'))
        {
            add("Folders", &format!("{below}/"));
        }
        for environment in ["dev", "staging", "production"] {
            add(
                if row.serves(environment) { "In environment" } else { "Not in environment" },
                environment,
            );
            if row.drifts(environment) {
                add("Differs from previous environment", environment);
            }
        }
        if row.is_deprecated() {
            add("State", "deprecated");
        }
        row.list("tags").iter().for_each(|tag| add("Tags", tag));
        row.list("owners").iter().for_each(|owner| add("Owners", owner));
        row.0["model"].as_str().into_iter().for_each(|model| add("Models", model));
    }
    counts
}

fn facets_count_and_exclude(folder: &Path, catalog: &[Row]) {
    let host = Static::start(folder, "/");
    let browser = Browser::start();
    let shown = || {
        let mut counts: Counts = serde_json::from_value(browser.run(FACETS)).unwrap();
        // The link to the parent folder stays even if there are no subfolders.
        counts.retain(|_, values| !values.is_empty());
        counts
    };
    let click = |title: &str, value: &str, expected: usize| {
        let found = browser.run(&format!(
            "for (const details of document.querySelectorAll('.rail details')) details.open = true;
             const section = [...document.querySelectorAll('.rail section')]
                 .find((section) => section.querySelector('h2').textContent === '{title}');
             const link = [...section.querySelectorAll('a')].find((a) => a.textContent === '{value}');
             link.click();
             return true"
        ));
        assert_eq!(found, true);
        let summary = summary(expected);
        browser.wait(
            &format!("{title} {value} to leave {summary}"),
            &format!("return document.querySelector('.count')?.textContent === '{summary}'"),
        );
    };
    let narrowed = |folder: &str, fits: Fits| {
        let rows: Vec<&Row> = catalog.iter().filter(|row| fits(row)).collect();
        assert_eq!(shown(), facets(&rows, folder));
        rows.len()
    };
    browser.visit(&host.base);
    let all = narrowed("", |_| true);
    assert_eq!(all, LARGE);
    let number = |title: &str, value: &str| shown()[title][value];

    click("Folders", "hr/", number("Folders", "hr/"));
    narrowed("hr/", |row| row.below("hr"));
    click("Folders", "reviews/", number("Folders", "reviews/"));
    narrowed("hr/reviews/", |row| row.below("hr/reviews"));
    click("Not in environment", "production", number("Not in environment", "production"));
    narrowed("hr/reviews/", |row| row.below("hr/reviews") && !row.serves("production"));
    click("Tags", "two words", number("Tags", "two words"));
    let tagged = narrowed("hr/reviews/", |row| {
        row.below("hr/reviews") && !row.serves("production") && row.has("tags", "two words")
    });
    // A second click removes the term.
    click(
        "Tags",
        "two words",
        catalog.iter().filter(|row| row.below("hr/reviews") && !row.serves("production")).count(),
    );
    browser.back();
    browser.wait(
        "the way back",
        &format!("return document.querySelector('.count')?.textContent === '{}'", summary(tagged)),
    );
    assert_eq!(
        browser.text("return location.search"),
        "?q=folder:hr/reviews+-env:production+tag:%22two+words%22"
    );
    // A chip removes its own term.
    browser.click(".chip[aria-label='Remove filter -env:production']");
    let left = catalog
        .iter()
        .filter(|row| row.below("hr/reviews") && row.has("tags", "two words"))
        .count();
    browser.wait(
        "the chip",
        &format!("return document.querySelector('.count')?.textContent === '{}'", summary(left)),
    );
    browser.assert_calm("the facets");
}

fn the_address_carries_the_filter_and_the_page(folder: &Path, catalog: &[Row]) {
    let host = Static::start(folder, "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    let search = || browser.text("return location.search");
    let first = browser.texts(NAMES);
    assert_eq!(first.len(), 100);

    let refunds = catalog.iter().filter(|row| row.says("refund")).count();
    type_line(&browser, "refund", refunds);
    assert_eq!(search(), "?q=refund");
    let found = browser.texts(NAMES);
    browser.press(key::ENTER);
    let next =
        "[...document.querySelectorAll('.steps a')].find((a) => a.textContent.startsWith('Next'))";
    browser.run(&format!("{next}.click()"));
    browser.wait(
        "page 2",
        "return document.querySelector('.steps span')?.textContent.startsWith('Page 2 of')",
    );
    assert_eq!(search(), "?q=refund&page=2");
    let second = browser.texts(NAMES);
    assert_eq!(second.len(), 100);
    assert!(second.iter().all(|name| !found.contains(name)));
    assert_eq!(browser.in_another_tab(&format!("{}{}", host.base, search()), NAMES), second);

    let shows = |names: &[String]| {
        let first = &names[0];
        browser.wait(
            &format!("{first} to come first"),
            &format!("return document.querySelector('.rows .name')?.textContent === '{first}'"),
        );
        assert_eq!(browser.texts(NAMES), names);
    };
    browser.run("document.querySelector('.rows .name').click()");
    browser.wait("the prompt's page", "return Boolean(document.querySelector('.heading h1'))");
    browser.back();
    shows(&second);
    assert_eq!(search(), "?q=refund&page=2");
    browser.back();
    shows(&found);
    assert_eq!(browser.run("return document.getElementById('q').value"), "refund");
    browser.forward();
    shows(&second);
    // A page beyond the last is the last.
    // What is typed is decoded once.
    browser.visit(&format!("{}?q=%2541", host.base));
    assert_eq!(browser.text("return document.getElementById('q').value"), "%41");
    browser.visit(&format!("{}?q=refund&page=999", host.base));
    let rest = refunds % 100;
    assert_eq!(browser.texts(NAMES).len(), if rest == 0 { 100 } else { rest });
    browser.assert_calm("the pages");
}
