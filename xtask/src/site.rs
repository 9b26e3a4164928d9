//! Builds the site: compiles its modules for the browser, then the crate that packs them, and runs that.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::programs::{WASM, cargo, install_target, root, run};
use crate::steps::Step;

/// The crates with a module, with their features. They are compiled together: each would pick other features
/// of what they share, which would be compiled for each.
const CRATES: [(&str, &str); 3] =
    [("promptdex-site", "csr"), ("promptdex-audit", "js"), ("promptdex-engine", "")];

/// What counts tokens: a module for each tokenizer, because the vocabularies are large and a registry has one.
const TOKENIZERS: [&str; 2] = ["cl100k_base", "o200k_base"];

/// The compiled files, and what the crate that packs them calls them.
const MODULES: [(&str, &str); 3] =
    [("promptdex-app", "app"), ("promptdex_audit", "audit"), ("promptdex_engine", "engine")];

/// Where Cargo compiles them. Its flags differ from those of other builds for browsers.
const TARGET: &str = "target/wasm";

/// Where the modules are put together.
const COMPILED: &str = "target/wasm/modules";

/// What has to be done for `site/dist/`.
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

/// Returns the flags of the modules. They keep the folders of this machine out of messages, too: these
/// would be published, and cost bytes.
fn flags(root: &Path) -> anyhow::Result<String> {
    let mut flags = vec![
        // Views that are typed by their structure bring code of their own, each page anew.
        "--cfg=erase_components".to_owned(),
        // The compact way to hash is slower, and a quarter of the size.
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
