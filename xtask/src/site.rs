//! Packs the site: compiles the app, makes its loader, names every file by its content, compresses it
//! and holds it to the budget. The `promptdex` binary embeds what is in `site/dist/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use sha2::Digest as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::programs::{WASM, install_target, run};

/// Bytes after brotli that the app may have.
const APP_LIMIT: usize = 255_000;

/// Bytes after brotli that the style sheet may have.
const STYLE_LIMIT: usize = 14 * 1024;

/// Bytes after brotli that the engine may have.
const ENGINE_LIMIT: usize = 260 * 1024;

/// Bytes after brotli that what tells the past may have.
const AUDIT_LIMIT: usize = 120 * 1024;

/// Bytes after brotli that counting the tokens of one tokenizer may load.
const TOKENS_LIMIT: usize = 840 * 1024;

/// The compiled modules.
const APP: Module =
    Module { package: "promptdex-site", features: "csr", program: "promptdex-app", name: "app" };
const ENGINE: Module = Module {
    package: "promptdex-engine",
    features: "",
    program: "promptdex_engine",
    name: "engine",
};
const AUDIT: Module = Module {
    package: "promptdex-audit",
    features: "js",
    program: "promptdex_audit",
    name: "audit",
};

/// What counts tokens: a module for each tokenizer, because the vocabularies are large and a registry
/// has one.
const TOKENS: [Module; 2] = [tokens("cl100k_base"), tokens("o200k_base")];

const fn tokens(tokenizer: &'static str) -> Module {
    Module {
        package: "promptdex-tokens",
        features: tokenizer,
        program: "promptdex_tokens",
        name: "tokens",
    }
}

struct Module {
    package: &'static str,
    features: &'static str,
    /// The compiled file without its extension.
    program: &'static str,
    /// What the packed files are called.
    name: &'static str,
}

/// A file of the packed site.
#[derive(Clone)]
struct Packed {
    /// What it is for, as `site.json` calls it; of what counts tokens, the tokenizer.
    role: &'static str,
    name: String,
    bytes: usize,
    compressed: usize,
}

/// Builds the site into `site/dist/`.
pub(crate) fn pack(root: &Path) -> anyhow::Result<()> {
    install_target()?;
    let target = root.join("target/wasm");
    let (app_loader, app_module) = module(root, &target, &APP)?;
    let (engine_loader, engine_module) = module(root, &target, &ENGINE)?;
    let (audit_loader, audit_module) = module(root, &target, &AUDIT)?;
    let mut counters = Vec::new();
    for counter in &TOKENS {
        counters.push((counter, module(root, &target, counter)?));
    }
    let source = root.join("site/assets");
    let read = |name: &str| {
        fs::read_to_string(source.join(name)).with_context(|| format!("cannot read `{name}`"))
    };
    // Written beside and swapped in at the end: the compiler may be embedding the old one.
    let staging = tempfile::Builder::new().prefix("dist-").tempdir_in(root.join("site"))?;
    let assets = staging.path().join("assets");
    fs::create_dir(&assets)?;
    let mut packed = Vec::new();
    let mut add = |role, stem: &str, extension: &str, bytes: &[u8]| -> anyhow::Result<Packed> {
        let file = write(&assets, role, stem, extension, bytes)?;
        packed.push(file.clone());
        Ok(file)
    };
    // What a worker reads for its module follows what all of them have.
    let worker_of = |loader: &Packed, module: &Packed, reads: &str| -> anyhow::Result<String> {
        let worker = read("worker.js")?.replace("{module}", &loader.name);
        Ok(format!("{}{reads}", worker.replace("{module_wasm}", &module.name)))
    };
    let engine_wasm = add("engine_wasm", "engine", "wasm", &engine_module)?;
    let engine = add("engine", "engine", "js", engine_loader.as_bytes())?;
    let worker = worker_of(&engine, &engine_wasm, &read("search.js")?)?;
    let engine_worker = add("engine_worker", "worker", "js", worker.as_bytes())?;
    let audit_wasm = add("audit_wasm", "audit", "wasm", &audit_module)?;
    let audit = add("audit", "audit", "js", audit_loader.as_bytes())?;
    let worker = worker_of(&audit, &audit_wasm, &read("audit.js")?)?;
    let audit_worker = add("audit_worker", "worker", "js", worker.as_bytes())?;
    let (mut tokens, mut loaded) = (BTreeMap::new(), BTreeMap::new());
    for (module, (loader, bytes)) in &counters {
        let tokenizer = module.features;
        let wasm = add(tokenizer, "tokens", "wasm", bytes)?;
        let loader = add(tokenizer, "tokens", "js", loader.as_bytes())?;
        let worker = worker_of(&loader, &wasm, "")?;
        let worker = add(tokenizer, "worker", "js", worker.as_bytes())?;
        let together = wasm.compressed + loader.compressed + worker.compressed;
        loaded.insert(tokenizer, (megabytes(together), format!("./{}", worker.name)));
        tokens.insert(tokenizer, [worker.name, loader.name, wasm.name]);
    }
    let app_wasm = add("app_wasm", "app", "wasm", &app_module)?;
    let app = add("app", "app", "js", app_loader.as_bytes())?;
    let boot = read("boot.js")?.replace("{app}", &app.name).replace("{app_wasm}", &app_wasm.name);
    let boot = boot.replace("{engine}", &engine_worker.name).replace("{audit}", &audit_worker.name);
    let boot = boot.replace("{tokens}", &serde_json::to_string(&loaded)?);
    add("boot", "boot", "js", boot.as_bytes())?;
    add("theme", "theme", "js", read("theme.js")?.as_bytes())?;
    add("not_found", "not-found", "js", read("not-found.js")?.as_bytes())?;
    add("style", "style", "css", read("style.css")?.as_bytes())?;
    add("icon", "icon", "svg", read("icon.svg")?.as_bytes())?;

    let files = packed.iter().filter(|file| !tokens.contains_key(file.role));
    let mut names: serde_json::Map<String, serde_json::Value> =
        files.map(|file| (file.role.to_owned(), file.name.clone().into())).collect();
    names.insert("tokens".to_owned(), serde_json::to_value(&tokens)?);
    fs::write(staging.path().join("site.json"), serde_json::to_vec(&names)?)?;
    report(&packed);
    check(&packed)?;
    let dist = root.join("site/dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::rename(staging.keep(), &dist)?;
    Ok(())
}

/// Compiles a module for the browser, and makes the script that loads it.
fn module(
    root: &Path,
    target: &Path,
    &Module { package, features, program, name }: &Module,
) -> anyhow::Result<(String, Vec<u8>)> {
    let mut build = Command::new("cargo");
    build.env("RUSTFLAGS", flags(root)?).args([
        "build",
        "--package",
        package,
        "--no-default-features",
        "--features",
        features,
        "--profile",
        "wasm",
        "--target",
        WASM,
        "--target-dir",
    ]);
    run(build.arg(target))?;
    let compiled = target.join(WASM).join("wasm").join(format!("{program}.wasm"));
    let out = target.join("packed").join(name);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&compiled).web(true)?.out_name(name).typescript(false);
    bindgen.omit_default_module_path(true).remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&out).with_context(|| format!("cannot pack `{}`", compiled.display()))?;
    let snippets = out.join("snippets");
    if snippets.exists() {
        bail!("`{}`: scripts inside crates are not packed", shown(root, &snippets));
    }
    let loader = fs::read_to_string(out.join(format!("{name}.js")))?;
    Ok((loader, reduced(&out.join(format!("{name}_bg.wasm")))?))
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

/// Takes out of a module what nothing here calls: leptos brings streams for servers, which are exported
/// and so kept.
fn reduced(module: &Path) -> anyhow::Result<Vec<u8>> {
    let mut module = walrus::Module::from_file(module)?;
    let unused: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name.trim_start_matches("__wbg_").starts_with("intounderlying"))
        .map(walrus::Export::id)
        .collect();
    for export in unused {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// Writes a file named by its content, and its compressed forms beside it.
fn write(
    folder: &Path,
    role: &'static str,
    stem: &str,
    extension: &str,
    bytes: &[u8],
) -> anyhow::Result<Packed> {
    let mut hash = String::new();
    for byte in sha2::Sha256::digest(bytes).iter().take(8) {
        write!(hash, "{byte:02x}")?;
    }
    let name = format!("{stem}-{hash}.{extension}");
    let file: PathBuf = folder.join(&name);
    fs::write(&file, bytes)?;
    let mut brotli = Vec::new();
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &parameters)?;
    fs::write(folder.join(format!("{name}.br")), &brotli)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    fs::write(folder.join(format!("{name}.gz")), gzip.finish()?)?;
    Ok(Packed { role, name, bytes: bytes.len(), compressed: brotli.len() })
}

fn report(packed: &[Packed]) {
    println!("{:<32} {:<12} {:>10} {:>10}", "site/dist/assets", "for", "bytes", "brotli");
    for Packed { role, name, bytes, compressed } in packed {
        println!("{name:<32} {role:<12} {bytes:>10} {compressed:>10}");
    }
}

/// Writes a number of bytes for people: `0.8 MB`.
fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Holds the packed files to their budgets.
fn check(packed: &[Packed]) -> anyhow::Result<()> {
    let size = |role: &str| {
        packed.iter().filter(|file| file.role == role).map(|file| file.compressed).sum::<usize>()
    };
    for (what, size, limit) in [
        ("the app", size("app_wasm"), APP_LIMIT),
        ("the engine", size("engine_wasm"), ENGINE_LIMIT),
        ("what tells the past", size("audit_wasm"), AUDIT_LIMIT),
        ("the style sheet", size("style"), STYLE_LIMIT),
        ("counting the tokens of cl100k_base", size("cl100k_base"), TOKENS_LIMIT),
        ("counting the tokens of o200k_base", size("o200k_base"), TOKENS_LIMIT),
    ] {
        if size > limit {
            bail!("{what} has {size} bytes after brotli, {limit} are allowed");
        }
    }
    Ok(())
}
