//! Measures the cost of the site: its pages in a build, and the waiting times of a reader in a
//! browser. `cargo xtask bench site` runs it. The figures are printed, never asserted, because they
//! depend on the machine.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

// What drives a browser is shared with the tests, which use more of it.
#[expect(dead_code, reason = "the tests use it")]
#[path = "../tests/browser/host.rs"]
mod host;
#[expect(dead_code, reason = "the tests use it")]
#[path = "../tests/http/mod.rs"]
mod http;
#[expect(dead_code, reason = "the tests use it")]
#[path = "../tests/browser/registries.rs"]
mod registries;
#[expect(dead_code, reason = "the tests use it")]
#[path = "../tests/browser/webdriver.rs"]
mod webdriver;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::host::Serve;
use crate::webdriver::Browser;

/// The number of runs per measurement. The median counts.
const RUNS: usize = 5;

fn main() {
    println!("| what | median | all | goal |");
    println!("| --- | --- | --- | --- |");
    let large = registries::large();
    build(large.path());
    first_view(&large.path().join("dist"));
    search(&large.path().join("dist"));
    drop(large);
    long_comparison();
}

/// Prints the median of some times, and all of them, in milliseconds.
fn row(what: &str, mut times: Vec<f64>, goal: &str) {
    times.sort_by(f64::total_cmp);
    let all: Vec<String> = times.iter().map(|time| format!("{time:.0}")).collect();
    println!("| {what} | {:.0} ms | {} | {goal} |", times[times.len() / 2], all.join(", "));
}

/// Measures the time that the pages of 10,000 prompts add to a full build.
fn build(folder: &Path) {
    let time = |more: &[&str]| {
        let output = folder.join("measured");
        let start = Instant::now();
        let built = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(["build", "--quiet", "--root"])
            .arg(folder.join("tree"))
            .arg("--output")
            .arg(&output)
            .args(more)
            .output()
            .unwrap();
        let time = start.elapsed().as_secs_f64() * 1_000.0;
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        std::fs::remove_dir_all(output).unwrap();
        time
    };
    let both: Vec<(f64, f64)> = (0..RUNS).map(|_| (time(&[]), time(&["--no-site"]))).collect();
    row("a build of 10,000 prompts", both.iter().map(|(with, _)| *with).collect(), "");
    row("… with `--no-site`", both.iter().map(|(_, without)| *without).collect(), "");
    let pages = both.iter().map(|(with, without)| with - without).collect();
    row("… so its pages", pages, "3,000 ms");
}

/// Starts a browser without a cache, on a slow machine with a slow connection.
fn slow_browser() -> Browser {
    let browser = Browser::start();
    browser.devtools("Network.enable", &json!({}));
    let line = json!({
        "offline": false,
        "latency": 150,
        "downloadThroughput": 1_600_000 / 8,
        "uploadThroughput": 750_000 / 8,
    });
    browser.devtools("Network.emulateNetworkConditions", &line);
    browser.devtools("Emulation.setCPUThrottlingRate", &json!({"rate": 4}));
    let watch = "
        new MutationObserver((_, observer) => {
            if (!document.querySelector('#app[data-ready]')) return;
            observer.disconnect();
            window.interactive = performance.now();
        }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-ready'] })";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": watch}));
    browser
}

/// Measures how long a first visitor waits for a page.
fn first_view(folder: &Path) {
    let serve = Serve::start(folder);
    let catalog = std::fs::read(folder.join("api/catalog.json")).unwrap();
    let catalog: Value = serde_json::from_slice(&catalog).unwrap();
    let prompt = catalog["prompts"][0]["name"].as_str().unwrap();
    let pages = [
        ("a prompt", format!("p/{prompt}/"), "2,500 ms"),
        ("the catalogue", String::new(), "2,000 ms"),
    ];
    for (what, place, goal) in pages {
        let mut painted = Vec::new();
        let mut interactive = Vec::new();
        let mut bytes = 0.0;
        for _ in 0..RUNS {
            let browser = slow_browser();
            browser.visit(&format!("{}{place}", serve.base));
            let times = browser.run(
                "return [
                    performance.getEntriesByName('first-contentful-paint')[0].startTime,
                    window.interactive,
                    performance.getEntriesByType('resource')
                        .filter((entry) => entry.responseEnd < window.interactive)
                        .concat(performance.getEntriesByType('navigation'))
                        .reduce((sum, entry) => sum + entry.transferSize, 0),
                ]",
            );
            let time = |at: usize| times[at].as_f64().unwrap();
            painted.push(time(0));
            interactive.push(time(1));
            bytes = time(2);
        }
        row(&format!("{what}, until it can be read"), painted, "");
        let kilobytes = bytes / 1_000.0;
        row(&format!("{what}, until it is interactive ({kilobytes:.0} kB)"), interactive, goal);
    }
}

/// Measures the time of an action on the page, until all its effects are complete, and until the
/// next frame is shown.
const TIMED: &str = "
    const task = () => new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(0);
    });
    const frame = () => new Promise(requestAnimationFrame);
    const timed = async (act) => {
        await frame();
        await task();
        const start = performance.now();
        act();
        await task();
        const done = performance.now();
        await frame();
        await task();
        return [done - start, performance.now() - start];
    };";

/// Measures typing into the search of 10,000 names.
fn search(folder: &Path) {
    let serve = Serve::start(folder);
    let browser = Browser::start();
    browser.visit(&serve.base);
    let times = browser.run(&format!(
        "{TIMED}
        const field = document.getElementById('q');
        const type = (text) => timed(() => {{
            field.value = text;
            field.dispatchEvent(new Event('input', {{ bubbles: true }}));
        }});
        return (async () => {{
            const times = [];
            for (const text of ['refund', 'angry letter', '-draft tag:billing', 'straße', '\"pull request\"']) {{
                for (let end = 1; end <= text.length; end += 1) times.push(await type(text.slice(0, end)));
                await type('');
            }}
            return times;
        }})()"
    ));
    let times: Vec<(f64, f64)> = serde_json::from_value(times).unwrap();
    let all: Vec<f64> = times.iter().map(|(done, _)| *done).collect();
    let frames: Vec<f64> = times.iter().map(|(_, frame)| *frame).collect();
    spread("a key typed into the search, until its results are in the page", all, "16 ms");
    spread("… until they are on the screen, at 60 frames a second", frames, "");
}

/// Prints the median and the maximum of many times.
fn spread(what: &str, mut times: Vec<f64>, goal: &str) {
    times.sort_by(f64::total_cmp);
    let (middle, last) = (times[times.len() / 2], times[times.len() - 1]);
    println!("| {what} | {middle:.1} ms | {} times, at most {last:.1} | {goal} |", times.len());
}

/// Measures two versions of 5,000 lines: the work of the engine, the transfer to and from its
/// worker, and the update of the page.
fn long_comparison() {
    let serve = Serve::start(registries::compared());
    let mut first = Vec::new();
    let mut whole = Vec::new();
    let mut alone = Vec::new();
    let mut toggled = Vec::new();
    let mut slowly = Vec::new();
    for _ in 0..RUNS {
        let browser = Browser::start();
        browser.visit(&format!("{}p/texts/long/?v=2.0.0", serve.base));
        let times = browser.run(
            "return (async () => {
                const read = async (version) => {
                    const path = `api/prompts/texts/long/versions/${version}.json`;
                    return (await fetch(new URL(path, document.baseURI))).text();
                };
                const question = ['compare', await read('1.0.0'), await read('2.0.0'), false, false];
                const source = document.documentElement.dataset.engine;
                const worker = new Worker(source, { type: 'module' });
                const ask = (...question) => new Promise((resolve) => {
                    const start = performance.now();
                    worker.onmessage = () => resolve(performance.now() - start);
                    worker.postMessage([1, ...question]);
                });
                // It has started when it has answered.
                await ask('render', '', '');
                const first = await ask(...question);
                const whole = await ask(...question);
                // The same module on the page, without the way there and back.
                const text = await (await fetch(source)).text();
                const [script, wasm] = text.match(/engine-[0-9a-f]+\\.(js|wasm)/g);
                const engine = await import(new URL(script, source));
                await engine.default({ module_or_path: new URL(wasm, source) });
                engine.compare(...question.slice(1));
                const start = performance.now();
                engine.compare(...question.slice(1));
                return [first, whole, performance.now() - start];
            })()",
        );
        let time = |at: usize| times[at].as_f64().unwrap();
        first.push(time(0));
        whole.push(time(1));
        alone.push(time(2));
        browser.visit(&format!("{}p/texts/long/?view=diff&a=1.0.0&b=2.0.0&as=unified", serve.base));
        browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
        toggled.push(toggle(&browser));
        browser.devtools("Emulation.setCPUThrottlingRate", &json!({"rate": 4}));
        slowly.push(toggle(&browser));
    }
    row("5,000 lines, the engine's first answer", first, "");
    row("… its next ones", whole, "60 ms");
    row("… that is, without the way to the worker and back", alone, "60 ms");
    row("from unified to split, until it is on the screen", toggled, "");
    row("… with a processor four times slower", slowly, "");
}

/// Returns how long a change of the layout takes until it is on the screen, and changes it back.
fn toggle(browser: &Browser) -> f64 {
    let times = browser.run(&format!(
        "{TIMED}
        const choose = (layout) => timed(() => [...document.querySelectorAll('.options a')]
            .find((link) => link.text === layout).click());
        return (async () => {{
            const [, time] = await choose('split');
            await choose('unified');
            return time;
        }})()"
    ));
    times.as_f64().unwrap_or_else(|| panic!("no time but {times}"))
}
