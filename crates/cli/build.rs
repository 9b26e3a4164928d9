//! Embeds the pages of `docs/checks/`, and the packed site if `cargo xtask site` has built it.
//! Without the site, the program builds registries without pages and prints a note.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("pages.rs"), pages()?)?;
    fs::write(Path::new(&out).join("site.rs"), site()?)?;
    // `ci` lets runners download a release binary only if it has the same target.
    println!("cargo::rustc-env=PROMPTDEX_TARGET={}", env::var("TARGET")?);
    for name in ["PROMPTDEX_RELEASES", "PROMPTDEX_RUNNER_SHA256"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    Ok(())
}

fn pages() -> Result<String, Box<dyn Error>> {
    let folder = "../../docs/checks";
    println!("cargo::rerun-if-changed={folder}");
    let pages = names(folder)?;
    let codes = pages.iter().filter_map(|name| name.strip_suffix(".md"));
    let mut text = "static PAGES: &[(&str, &str)] = &[\n".to_owned();
    for code in codes.filter(|code| *code != "README") {
        let path = relative(&format!("docs/checks/{code}.md"));
        writeln!(text, "({code:?}, include_str!({path})),")?;
    }
    text.push_str("];\n");
    Ok(text)
}

fn site() -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../site/dist");
    let mut text = "static FILES: &[(&str, &[u8])] = &[\n".to_owned();
    if Path::new("../../site/dist/site.json").is_file() {
        let assets = names("../../site/dist/assets")?;
        let assets = assets.iter().map(|name| format!("assets/{name}"));
        for name in assets.chain(["site.json".to_owned()]) {
            let path = relative(&format!("site/dist/{name}"));
            writeln!(text, "({name:?}, include_bytes!({path})),")?;
        }
    }
    text.push_str("];\n");
    Ok(text)
}

/// Returns the path of a file of the workspace, for the compiler.
fn relative(path: &str) -> String {
    format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../{path}\")")
}

/// Lists a folder in sorted order.
fn names(folder: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        names.push(name.into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?);
    }
    names.sort();
    Ok(names)
}
