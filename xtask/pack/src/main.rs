//! Packs the site: generates the loaders of the compiled modules, names every file by its content,
//! compresses it, and checks the size budget. The `promptdex` binary embeds the contents of
//! `site/dist/`.
//!
//! `cargo xtask site` compiles the modules and then runs this program. It is a separate crate
//! because its WebAssembly libraries take half a minute to compile, and other tasks do not need
//! them.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "it prints the sizes")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use anyhow::{Context as _, bail};
use sha2::Digest as _;
use wasm_bindgen_cli_support::Bindgen;

/// The size limit of the app, in bytes after brotli.
const APP_LIMIT: usize = 256_500;

/// The size limit of the style sheet, in bytes after brotli.
const STYLE_LIMIT: usize = 14 * 1024;

/// The size limit of the engine, in bytes after brotli.
const ENGINE_LIMIT: usize = 300 * 1024;

/// The size limit of the audit module, in bytes after brotli.
const AUDIT_LIMIT: usize = 120 * 1024;

/// The size limit of the token counter for one tokenizer, in bytes after brotli.
const TOKENS_LIMIT: usize = 840 * 1024;

/// The token counters: one module per tokenizer, because vocabularies are large and a registry uses
/// only one.
const TOKENIZERS: [&str; 2] = ["cl100k_base", "o200k_base"];

/// A file of the packed site.
#[derive(Clone)]
struct Packed {
    /// The role of the file in `site.json`. For a token counter, the name of the tokenizer.
    role: &'static str,
    name: String,
    bytes: usize,
    compressed: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [compiled] = arguments.as_slice() else {
        eprintln!("usage: pack-site FOLDER, with the compiled modules");
        return ExitCode::from(2);
    };
    match pack(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), compiled) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Packs the compiled modules and the assets into `site/dist/`.
fn pack(root: &Path, compiled: &Path) -> anyhow::Result<()> {
    let [app_module, engine_module, audit_module, cl100k, o200k] = modules(
        compiled,
        [
            ("app", "app"),
            ("engine", "engine"),
            ("audit", "audit"),
            (TOKENIZERS[0], "tokens"),
            (TOKENIZERS[1], "tokens"),
        ],
    )?;
    let counters = TOKENIZERS.into_iter().zip([cl100k, o200k]);
    let source = root.join("site/assets");
    let read = |name: &str| {
        fs::read_to_string(source.join(name)).with_context(|| format!("cannot read `{name}`"))
    };
    // Write to a temporary folder and swap at the end, because the compiler may be embedding the
    // old files.
    let staging = tempfile::Builder::new().prefix("dist-").tempdir_in(root.join("site"))?;
    let assets = staging.path().join("assets");
    fs::create_dir(&assets)?;
    let mut packed = Vec::new();
    let mut add =
        |role, stem: &str, extension: &str, file: &Compressed| -> anyhow::Result<Packed> {
            let file = write(&assets, role, stem, extension, file)?;
            packed.push(file.clone());
            Ok(file)
        };
    let text = |text: &str| Compressed::new(text.as_bytes().to_vec());
    // A worker is the shared script, followed by the functions that read the documents of its module.
    let worker_of = |loader: &Packed, module: &Packed, reads: &str| -> anyhow::Result<String> {
        let worker = read("worker.js")?.replace("{module}", &loader.name);
        Ok(format!("{}{reads}", worker.replace("{module_wasm}", &module.name)))
    };
    let engine_wasm = add("engine_wasm", "engine", "wasm", &engine_module.wasm)?;
    let engine = add("engine", "engine", "js", &engine_module.loader)?;
    let worker = worker_of(&engine, &engine_wasm, &read("search.js")?)?;
    let engine_worker = add("engine_worker", "worker", "js", &text(&worker)?)?;
    let audit_wasm = add("audit_wasm", "audit", "wasm", &audit_module.wasm)?;
    let audit = add("audit", "audit", "js", &audit_module.loader)?;
    let worker = worker_of(&audit, &audit_wasm, &read("audit.js")?)?;
    let audit_worker = add("audit_worker", "worker", "js", &text(&worker)?)?;
    let (mut tokens, mut loaded) = (BTreeMap::new(), BTreeMap::new());
    for (tokenizer, module) in counters {
        let wasm = add(tokenizer, "tokens", "wasm", &module.wasm)?;
        let loader = add(tokenizer, "tokens", "js", &module.loader)?;
        let worker = worker_of(&loader, &wasm, "")?;
        let worker = add(tokenizer, "worker", "js", &text(&worker)?)?;
        let together = wasm.compressed + loader.compressed + worker.compressed;
        loaded.insert(tokenizer, (megabytes(together), format!("./{}", worker.name)));
        tokens.insert(tokenizer, [worker.name, loader.name, wasm.name]);
    }
    let app_wasm = add("app_wasm", "app", "wasm", &app_module.wasm)?;
    let app = add("app", "app", "js", &app_module.loader)?;
    let boot = read("boot.js")?.replace("{app}", &app.name).replace("{app_wasm}", &app_wasm.name);
    let boot = boot.replace("{engine}", &engine_worker.name).replace("{audit}", &audit_worker.name);
    let boot = boot.replace("{tokens}", &serde_json::to_string(&loaded)?);
    let search = [&engine_worker, &engine, &engine_wasm].map(|file| format!("./{}", file.name));
    let boot = boot.replace("{search}", &serde_json::to_string(&search)?);
    add("boot", "boot", "js", &text(&boot)?)?;
    add("theme", "theme", "js", &text(&read("theme.js")?)?)?;
    add("not_found", "not-found", "js", &text(&read("not-found.js")?)?)?;
    add("style", "style", "css", &text(&read("style.css")?)?)?;
    add("icon", "icon", "svg", &text(&read("icon.svg")?)?)?;

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

/// A compiled module as the browser loads it.
struct Module {
    /// The script that loads it.
    loader: Compressed,
    wasm: Compressed,
}

/// Prepares the modules on all cores. Each pair has the names of the compiled and of the packed
/// files.
fn modules<const N: usize>(
    compiled: &Path,
    names: [(&str, &str); N],
) -> anyhow::Result<[Module; N]> {
    let made = thread::scope(|scope| {
        let threads =
            names.map(|(program, name)| scope.spawn(move || module(compiled, program, name)));
        threads.map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let made = made.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    made.try_into().ok().context("as many modules as names")
}

fn module(compiled: &Path, program: &str, name: &str) -> anyhow::Result<Module> {
    let compiled = compiled.join(format!("{program}.wasm"));
    let out = compiled.with_extension("packed");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&compiled).web(true)?.out_name(name).typescript(false);
    bindgen.omit_default_module_path(true).remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&out).with_context(|| format!("cannot pack `{}`", compiled.display()))?;
    let snippets = out.join("snippets");
    if snippets.exists() {
        bail!("`{}`: scripts inside crates are not packed", snippets.display());
    }
    let loader = Compressed::new(fs::read(out.join(format!("{name}.js")))?)?;
    let wasm = Compressed::new(remove_unused_exports(&out.join(format!("{name}_bg.wasm")))?)?;
    Ok(Module { loader, wasm })
}

/// Removes unused exports from a module: leptos exports streams for servers, which would keep their
/// code.
fn remove_unused_exports(module: &Path) -> anyhow::Result<Vec<u8>> {
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

/// A file with its compressed forms.
struct Compressed {
    bytes: Vec<u8>,
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

impl Compressed {
    fn new(bytes: Vec<u8>) -> anyhow::Result<Self> {
        let mut brotli = Vec::new();
        let parameters =
            brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &parameters)?;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&bytes)?;
        Ok(Self { brotli, gzip: gzip.finish()?, bytes })
    }
}

/// Writes a file named by its content, with its compressed forms.
fn write(
    folder: &Path,
    role: &'static str,
    stem: &str,
    extension: &str,
    Compressed { bytes, brotli, gzip }: &Compressed,
) -> anyhow::Result<Packed> {
    let mut hash = String::new();
    for byte in sha2::Sha256::digest(bytes).iter().take(8) {
        write!(hash, "{byte:02x}")?;
    }
    let name = format!("{stem}-{hash}.{extension}");
    fs::write(folder.join(&name), bytes)?;
    fs::write(folder.join(format!("{name}.br")), brotli)?;
    fs::write(folder.join(format!("{name}.gz")), gzip)?;
    Ok(Packed { role, name, bytes: bytes.len(), compressed: brotli.len() })
}

fn report(packed: &[Packed]) {
    println!("{:<32} {:<12} {:>10} {:>10}", "site/dist/assets", "for", "bytes", "brotli");
    for Packed { role, name, bytes, compressed } in packed {
        println!("{name:<32} {role:<12} {bytes:>10} {compressed:>10}");
    }
}

/// Formats a number of bytes: `0.8 MB`.
fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Checks the packed files against their size limits.
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
