//! `promptdex init`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use promptdex_core::tree::REGISTRY_FILE;
use promptdex_ops::change::{files, scaffold};
use promptdex_ops::tree::Tree;
use promptdex_wire::RegistryName;

use crate::cli::InitArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &InitArgs) -> anyhow::Result<Exit> {
    if fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
        let message = format!("`{}` is not empty", root.display());
        return Err(Failure::new(message, "run `promptdex new NAME` to add a prompt").into());
    }
    let registry = registry_name(root, args)?;
    fs::create_dir_all(root).with_context(|| format!("cannot create `{}`", root.display()))?;
    let tree = Tree::open(root)?;
    let first = scaffold::files(&registry, args.in_place);
    let bytes =
        |(path, text): &(&str, String)| ((*path).to_owned(), Some(text.clone().into_bytes()));
    files::write(&tree, &first.iter().map(bytes).collect())?;
    first.iter().for_each(|(path, _)| ui.status("Wrote", &tree.display_path(path)));
    // Line endings are part of a prompt, so Git must not convert them. Builds are not source files.
    let shown = root.to_string_lossy().replace('\\', "/");
    append(
        ui,
        ".gitattributes",
        &format!("{}/** -text", shown.trim_start_matches("./").trim_end_matches('/')),
    )?;
    append(ui, ".gitignore", "/dist/")?;
    ui.hint("run `promptdex check` to find problems, and `promptdex build` to compile to dist/");
    ui.hint(&format!(
        "the registry is private: for a public one, set `visibility: public` in {}",
        tree.display_path(REGISTRY_FILE)
    ));
    Ok(Exit::Done)
}

fn registry_name(root: &Path, args: &InitArgs) -> anyhow::Result<RegistryName> {
    if let Some(name) = &args.registry {
        let help = "use a-z, 0-9, `_` and `-`, beginning and ending with a letter or digit";
        return name.parse().map_err(|_invalid| {
            Failure::new(format!("`{name}` is not a valid registry name"), help).into()
        });
    }
    let root = std::path::absolute(root).context("cannot read the current folder")?;
    // A repository can hold several registries: `mail/prompts` and `mail` both become `mail`.
    let folders = root.ancestors().filter_map(Path::file_name).map(|name| name.to_string_lossy());
    let folder =
        folders.into_iter().find(|name| name != "prompts").unwrap_or_default().to_lowercase();
    let name: String = folder
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
        .collect();
    // A folder may have any name, so the default `prompts` is used for invalid ones.
    Ok(name.trim_matches(['-', '_']).parse().or_else(|_| "prompts".parse())?)
}

/// Adds a line to a file, unless the file already has it.
fn append(ui: &Ui, file: &str, line: &str) -> anyhow::Result<()> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{file}`")),
    };
    if text.lines().any(|known| known.trim() == line) {
        return Ok(());
    }
    let separator = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    fs::write(file, format!("{text}{separator}{line}\n"))
        .with_context(|| format!("cannot write `{file}`"))?;
    ui.status("Wrote", &format!("`{line}` to {file}"));
    Ok(())
}
