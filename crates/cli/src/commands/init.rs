//! `promptdex init`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use promptdex_ops::tree::Tree;
use promptdex_wire::RegistryName;

use crate::cli::InitArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

const SYSTEM_PROMPT: &str = "You answer the first message of customers of {{ company }}.

- Thank the customer once, in the first sentence.
- Say what happens next, and when they will hear from us.
- If the message has no order number, ask for it. Ask for nothing else.
- Write in {{ language }}, in at most five sentences.
";

const METADATA: &str = r#"{
  "description": "first version",
  "variables": [
    {"name": "company", "type": "string"},
    {"name": "language", "type": "string", "default": "English"}
  ],
  "token_budget": 500
}
"#;

const FRONT_MATTER: &str = "version: 1.0.0
description: first version
variables:
  - {name: company, type: string}
  - {name: language, type: string, default: English}
token_budget: 500
";

const CASES: &str = "- name: english by default
  variables: {company: Acme}
  expect:
    contains: [customers of Acme, in English]
";

pub(crate) fn run(ui: &Ui, root: &Path, args: &InitArgs) -> anyhow::Result<Exit> {
    if fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
        let message = format!("`{}` is not empty", root.display());
        return Err(Failure::new(message, "`promptdex new NAME` adds a prompt to it").into());
    }
    let registry = registry_name(args)?;
    let registry_file = format!(
        "registry: {registry}
environments: [dev, staging, production]   # the promotion path
visibility: private
"
    );
    fs::create_dir_all(root).with_context(|| format!("cannot make `{}`", root.display()))?;
    let tree = Tree::open(root)?;
    let document = format!("---\n{FRONT_MATTER}---\n\n{SYSTEM_PROMPT}");
    let text = if args.in_place {
        vec![("support/first-answer.md", document.as_str())]
    } else {
        vec![
            ("support/first-answer/v1.0.0/system_prompt.md", SYSTEM_PROMPT),
            ("support/first-answer/v1.0.0/metadata.json", METADATA),
        ]
    };
    let rest = [
        ("support/first-answer/cases/1.0.0.yaml", CASES),
        ("support/first-answer/environments/production.yaml", "version: 1.0.0\n"),
    ];
    let registry = [("registry.yaml", registry_file.as_str())];
    for (path, text) in registry.into_iter().chain(text).chain(rest) {
        tree.write_new(path, text.as_bytes())?;
        ui.status("Wrote", &tree.shown(path));
    }
    // Line ends are part of a prompt: Git must not change them. Builds are not source.
    let shown = root.to_string_lossy().replace('\\', "/");
    append(
        ui,
        ".gitattributes",
        &format!("{}/** -text", shown.trim_start_matches("./").trim_end_matches('/')),
    )?;
    append(ui, ".gitignore", "/dist/")?;
    ui.hint("`promptdex check` finds mistakes, `promptdex build` compiles to dist/");
    Ok(Exit::Done)
}

fn registry_name(args: &InitArgs) -> anyhow::Result<RegistryName> {
    if let Some(name) = &args.registry {
        let help = "use a-z, 0-9, `_` and `-`, beginning and ending with a letter or digit";
        return name.parse().map_err(|_invalid| {
            Failure::new(format!("`{name}` is not a registry name"), help).into()
        });
    }
    let folder = std::env::current_dir().context("cannot tell the current folder")?;
    let folder = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = folder
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
        .collect();
    // A folder may have any name; `prompts` is the registry's default.
    Ok(name.trim_matches(['-', '_']).parse().or_else(|_| "prompts".parse())?)
}

/// Adds a line to a file, unless it is there.
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
