//! Lists the pages of `docs/checks/` so that the binary can show them.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new("../../docs/checks");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut codes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?
            .file_name()
            .into_string()
            .map_err(|name| format!("{} is not UTF-8", name.display()))?;
        if let Some(code) = name.strip_suffix(".md").filter(|code| *code != "README") {
            codes.push(code.to_owned());
        }
    }
    codes.sort();
    let mut text = "static PAGES: &[(&str, &str)] = &[\n".to_owned();
    for code in codes {
        let path =
            format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../docs/checks/{code}.md\")");
        writeln!(text, "({code:?}, include_str!({path})),")?;
    }
    text.push_str("];\n");
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("pages.rs"), text)?;
    Ok(())
}
