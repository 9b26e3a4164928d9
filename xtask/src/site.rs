//! Builds the site: compiles its modules for the browser, compiles the packer, and runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::programs::{WASM, cargo, install_target, root, run};
use crate::steps::Step;

/// The crates that become modules, with their features. They are compiled together, because
/// separate builds would select different features of shared dependencies and compile them again.
const CRATES: [(&str, &str); 3] =
    [("promptdex-site", "csr"), ("promptdex-audit", "js"), ("promptdex-engine", "")];

/// The token counters: one module per tokenizer, because vocabularies are large and a registry uses
/// only one.
const TOKENIZERS: [&str; 2] = ["cl100k_base", "o200k_base"];

/// The compiled files, with the names that the packer expects.
const MODULES: [(&str, &str); 3] =
    [("promptdex-app", "app"), ("promptdex_audit", "audit"), ("promptdex_engine", "engine")];

/// The target folder of Cargo. It is separate because the flags differ from other builds for
/// browsers.
const TARGET: &str = "target/wasm";

/// The folder that collects the compiled modules.
const COMPILED: &str = "target/wasm/modules";

/// Returns the steps that build `site/dist/`.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        Step::new("compile the site to WebAssembly", 90, compile),
        Step::new("compile what packs it", 20, || cargo(&["build", "--package", "pack-site"])),
        Step::new("pack it into site/dist/", 10, || {
            cargo(&["run", "--quiet", "--package", "pack-site", "--", COMPILED])
        }),
    ]
}

fn compile() -> anyhow::Result<()> {
    install_target()?;
    let (target, folder) = (root().join(TARGET), root().join(COMPILED));
    fs::create_dir_all(&folder)?;
    let keep = |program: &str, name: &str| {
        let file = target.join(WASM).join("wasm").join(format!("{program}.wasm"));
        fs::copy(&file, folder.join(format!("{name}.wasm")))
            .with_context(|| format!("cannot copy `{}`", file.display()))
    };
    for tokenizer in TOKENIZERS {
        let mut build = Command::new("cargo");
        build.env("RUSTFLAGS", flags(&root())?).args(["build", "--no-default-features"]);
        build.args(["--profile", "wasm", "--target", WASM, "--target-dir", TARGET]);
        build.args(["--package", "promptdex-tokens"]);
        let mut features = format!("promptdex-tokens/{tokenizer}");
        for (package, feature) in CRATES {
            build.args(["--package", package]);
            if !feature.is_empty() {
                features = format!("{features},{package}/{feature}");
            }
        }
        run(build.args(["--features", &features]))?;
        keep("promptdex_tokens", tokenizer)?;
    }
    for (program, name) in MODULES {
        keep(program, name)?;
    }
    Ok(())
}

/// Returns the compiler flags of the modules. They also remove local paths from messages, because
/// the paths would be published and cost bytes.
fn flags(root: &Path) -> anyhow::Result<String> {
    let mut flags = vec![
        // Views with types of their own would add code for each page.
        "--cfg=erase_components".to_owned(),
        // The compact implementation of SHA-256 is slower, but a quarter of the size.
        "--cfg=sha2_backend_soft=\"compact\"".to_owned(),
        format!("--remap-path-prefix={}=.", fs::canonicalize(root)?.display()),
    ];
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.map(|home| home.join("registry/src"));
    for folder in sources.iter().filter_map(|sources| fs::read_dir(sources).ok()).flatten() {
        flags.push(format!("--remap-path-prefix={}=", folder?.path().display()));
    }
    Ok(flags.join(" "))
}
