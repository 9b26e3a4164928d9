//! Tasks of the repository: the two commands of the README, and generators of checked-in files.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a task says what it runs")]

mod bench;
mod demo;
mod programs;
mod site;
mod steps;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use programs::{
    WASM, cargo, fetch_linters, fetch_package, install, install_chromium, install_hosts,
    install_jinja2, need, root, run,
};
use steps::Step;

const HELP: &str = "usage: cargo xtask TASK

  demo [PORT]  build promptdex, serve prompts/ on 127.0.0.1 and show what changes in it; without another port
               8017, or the next one that is free
  site         compile and pack the site into site/dist/, which promptdex embeds
  test         everything that CI runs; installs what is missing
  bench [--beside PROMPTDEX] [N …]
               measure on generated trees of N versions (1000, 10000 and 100000), and another promptdex
               in turn with this one; needs Linux and Git
  bench history [N]  measure what reading N commits costs (20000)
  bench site   measure the pages of 10,000 prompts: their cost in a build, their speed in Chromium
  bench dialect [COUNT [SEED]]
               render COUNT random templates (1000000) here and in Jinja2, and compare
  bench rendering  measure renderings here, in minijinja and in Jinja2
  bench stress [--runs N] [--seed N]
               run the stress test of random operations with N seeds (300) from one on, each with more steps
  generate     write the generated files anew: JSON Schemas, tables in docs/, snapshots";

/// The crates that also run in a browser.
const PORTABLE: [&str; 5] = [
    "promptdex-wire",
    "promptdex-template",
    "promptdex-compare",
    "promptdex-core",
    "promptdex-tokens",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["demo"] => demo::run(None),
        ["demo", port] => demo::run(Some(port)),
        ["site"] => steps::run("site", site::steps()),
        ["test"] => test(),
        ["generate"] => generate(),
        ["bench", "history"] => measure_history(None),
        ["bench", "history", commits] => measure_history(Some(commits)),
        ["bench", "site"] => measure_site(),
        ["bench", "dialect", numbers @ ..] => compare_dialect(numbers),
        ["bench", "rendering"] => measure_rendering(),
        ["bench", "stress", options @ ..] => stress(options),
        ["bench", "--beside", other, sizes @ ..] => measure(sizes, Some(Path::new(other))),
        ["bench", sizes @ ..] => measure(sizes, None),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> anyhow::Result<()> {
    let mut steps =
        vec![Step::new("install what the tests need and this machine lacks", 60, install_all)];
    // The tests serve the embedded site.
    steps.extend(site::steps());
    steps.extend([
        Step::new("check the format of the code", 1, || cargo(&["fmt", "--all", "--check"])),
        Step::new("lint every crate", 150, lint),
        Step::new("check that what runs in browsers compiles for them", 20, || {
            let mut check = vec!["check", "--target", WASM];
            check.extend(PORTABLE.iter().flat_map(|package| ["--package", package]));
            cargo(&check)
        }),
        // The schema feature changes the order of maps in tests, so both variants are tested.
        Step::new("test the wire format with its JSON Schemas", 15, || {
            cargo(&["test", "--package", "promptdex-wire", "--all-features"])
        }),
        Step::new("compile all tests", 130, || cargo(&["test", "--workspace", "--no-run"])),
        Step::new("run all tests", 450, || cargo(&["test", "--workspace"])),
    ]);
    steps::run("test", steps)
}

/// Installs the programs that the tests need besides Cargo.
fn install_all() -> anyhow::Result<()> {
    need("python3", "a second reader in Python walks the compiled registry: install python3")?;
    install_chromium()?;
    install("the browser tests take axe-core and run snippets with", &["npm", "node"], &["npm"])?;
    fetch_package("axe-core@4.14.1", "target/axe", "axe-core/axe.min.js")?;
    install_hosts()?;
    install_jinja2()?;
    fetch_linters()
}

fn lint() -> anyhow::Result<()> {
    let clippy = |arguments: &str| {
        let arguments = format!("clippy {arguments} -- --deny warnings");
        cargo(&arguments.split(' ').collect::<Vec<_>>())
    };
    clippy("--workspace --exclude promptdex-site --all-targets --all-features")?;
    // The two features of the site must not be enabled together.
    clippy("--package promptdex-site --all-targets --features ssr")?;
    clippy(&format!("--package promptdex-site --features csr --target {WASM}"))
}

fn generate() -> anyhow::Result<()> {
    // The documentation shows what a client in Python prints.
    install_jinja2()?;
    let mut wire = Command::new("cargo");
    wire.args([
        "test",
        "--package",
        "promptdex-wire",
        "--all-features",
        "--test",
        "published_format",
    ]);
    run(wire.env("PROMPTDEX_REGENERATE", "1"))?;
    let mut snapshots = Command::new("cargo");
    snapshots.args([
        "test",
        "--package",
        "promptdex-core",
        "--package",
        "promptdex-ops",
        "--package",
        "promptdex",
    ]);
    run(snapshots.env("INSTA_UPDATE", "always").env("PROMPTDEX_REGENERATE", "1"))
}

fn measure(sizes: &[&str], other: Option<&Path>) -> anyhow::Result<()> {
    cargo(&["build", "--release", "--package", "promptdex"])?;
    let sizes: Vec<usize> = sizes
        .iter()
        .map(|size| size.parse())
        .collect::<Result<_, _>>()
        .context("a size is a number")?;
    let sizes = if sizes.is_empty() { vec![1_000, 10_000, 100_000] } else { sizes };
    bench::run(&root(), &sizes, other)
}

fn measure_history(commits: Option<&str>) -> anyhow::Result<()> {
    let commits = commits.map(str::parse).transpose().context("how many commits is a number")?;
    cargo(&["build", "--release", "--package", "promptdex"])?;
    bench::history::run(&root(), commits.unwrap_or(bench::history::COMMITS))
}

/// Compares the `jinja` dialect with Jinja2.
fn compare_dialect(numbers: &[&str]) -> anyhow::Result<()> {
    anyhow::ensure!(
        numbers.iter().all(|number| number.parse::<u64>().is_ok()),
        "the number of programs and the seed are numbers"
    );
    install_jinja2()?;
    let bench = ["bench", "--package", "promptdex-template", "--bench", "dialect", "--"];
    cargo(&[&bench, numbers].concat())
}

/// Measures renderings beside minijinja and Jinja2.
fn measure_rendering() -> anyhow::Result<()> {
    install_jinja2()?;
    cargo(&["bench", "--package", "promptdex-template", "--bench", "rendering"])
}

/// Runs many seeds of the stress test.
fn stress(options: &[&str]) -> anyhow::Result<()> {
    let mut numbers = [("--runs", "300"), ("--seed", "7")];
    for option in options.chunks(2) {
        let known = numbers.iter_mut().find(|(name, _)| *name == option[0]);
        let (Some(known), Some(number)) = (known, option.get(1)) else {
            anyhow::bail!("`bench stress` takes `--runs N` and `--seed N`");
        };
        anyhow::ensure!(number.parse::<u64>().is_ok(), "`{} {number}` is not a number", option[0]);
        known.1 = number;
    }
    need("python3", "a second reader in Python walks the registries: install python3")?;
    let [(_, runs), (_, seed)] = numbers;
    cargo(&["bench", "--package", "promptdex", "--bench", "stress", "--", runs, seed])
}

/// Measures the site in a browser. The measurements are part of the browser tests.
fn measure_site() -> anyhow::Result<()> {
    let mut steps = vec![Step::new("install what drives pages", 60, install_chromium)];
    steps.extend(site::steps());
    steps.push(Step::new("compile the benchmark, and measure", 600, || {
        cargo(&["bench", "--package", "promptdex", "--bench", "site"])
    }));
    steps::run("bench site", steps)
}
