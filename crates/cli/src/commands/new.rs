//! `promptdex new`.

use std::path::Path;

use anyhow::Context as _;
use promptdex_core::diagnostic::did_you_mean;
use promptdex_core::edit;
use promptdex_core::model::NewDefaults;
use promptdex_core::node;
use promptdex_core::read::numbered;
use promptdex_core::source::Source;
use promptdex_core::tree::{PromptFiles, survey};
use promptdex_ops::prompts::settings;
use promptdex_ops::tree::Tree;
use promptdex_wire::{PromptName, Version};

use crate::cli::NewArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &NewArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let name: PromptName = args.prompt.trim_matches('/').parse().with_context(|| {
        let failure = Failure::new(
            format!("`{}` cannot be a prompt", args.prompt),
            "use lower case letters, digits, `-` and `/`",
        );
        failure.to_string()
    })?;
    for (slash, _) in name.as_str().match_indices('/') {
        let above: PromptName = name.as_str()[..slash].parse()?;
        if tree.prompt_files(&above)?.is_some_and(|files| files.versions.keys().next().is_some()) {
            let message = format!("`{above}` is a prompt, and a prompt holds no other prompt");
            return Err(Failure::new(message, "choose a name beside it").into());
        }
    }
    let survey = tree.survey(&name)?;
    for (file, _) in survey.may_be_in_place() {
        if numbered(&tree.source(&file)?).is_some() {
            let message = format!("`{name}` is edited in place, in `{}`", tree.shown(&file));
            let help =
                format!("edit it there; `promptdex release {name}` gives it the next number");
            return Err(Failure::new(message, help).into());
        }
    }
    match tree.prompt_files(&name)? {
        Some(files) if !files.versions.is_empty() => next_version(ui, &tree, &files, args),
        _ => first_version(ui, &tree, &name, args),
    }
}

fn first_version(ui: &Ui, tree: &Tree, name: &PromptName, args: &NewArgs) -> anyhow::Result<Exit> {
    if args.from.is_some() || args.major || args.minor || args.patch {
        let prompts = survey(&tree.listing()?).prompts;
        let help = did_you_mean(name.as_str(), prompts.keys().map(PromptName::as_str));
        let help = help.unwrap_or_else(|| {
            "leave the option out to start the prompt with version 1.0.0".to_owned()
        });
        return Err(Failure::new(format!("there is no version of `{name}` yet"), help).into());
    }
    let settings = settings::facts(tree)?;
    let folder = format!("{name}/v1.0.0");
    let last = name.leaf().replace(['-', '_'], " ");
    let text = format!("Say here what the model does for {last}.\n");
    tree.write_new(&format!("{folder}/system_prompt.md"), text.as_bytes())?;
    tree.write_new(&format!("{folder}/metadata.json"), metadata(settings.new).as_bytes())?;
    ui.status("Wrote", &format!("{}/", tree.shown(&folder)));
    ui.hint("write the prompt, declare its variables in metadata.json, then `promptdex check`");
    Ok(Exit::Done)
}

fn metadata(defaults: NewDefaults) -> String {
    let mut lines = vec!["  \"description\": \"first version\"".to_owned()];
    if let Some(template) = defaults.template {
        lines.push(format!("  \"template\": \"{}\"", template.as_str()));
    }
    lines.push("  \"variables\": []".to_owned());
    if let Some(budget) = defaults.token_budget {
        lines.push(format!("  \"token_budget\": {budget}"));
    }
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn next_version(ui: &Ui, tree: &Tree, files: &PromptFiles, args: &NewArgs) -> anyhow::Result<Exit> {
    let known = || files.versions.keys().map(Version::to_string).collect::<Vec<_>>().join(", ");
    let from = match &args.from {
        Some(text) => match text.trim_start_matches('v').parse::<Version>() {
            Ok(version) if files.versions.contains_key(&version) => version,
            _ => {
                let message = format!("`{}` has no version `{text}`", files.folder);
                return Err(Failure::new(message, format!("it has {}", known())).into());
            }
        },
        None => highest(files),
    };
    let to = bump(files, &from, args);
    let folder = |version: &Version| format!("{}/v{version}", files.folder);
    let (source, target) = (tree.shown(&folder(&from)), tree.shown(&folder(&to)));
    if tree.root().join(folder(&to)).exists() {
        let message = format!("`{target}` is there already");
        return Err(Failure::new(message, "change it, or choose another bump").into());
    }
    for file in files.versions[&from].keys() {
        let bytes = tree.read(&files.version_file(&from, file))?;
        let bytes = if file.starts_with("metadata.") { refresh(file, bytes, &to) } else { bytes };
        tree.write_new(&files.version_file(&to, file), &bytes)?;
    }
    ui.status("Wrote", &format!("{target}/ from {source}/"));
    if files.cases.contains(&from) && !files.cases.contains(&to) {
        let path = files.cases_file(&to);
        tree.write_new(&path, &tree.read(&files.cases_file(&from))?)?;
        ui.status("Wrote", &tree.shown(&path));
    }
    ui.hint("change the text and the `description`, then `promptdex check`");
    Ok(Exit::Done)
}

/// Returns the highest version; there is one.
fn highest(files: &PromptFiles) -> Version {
    files.versions.keys().next_back().cloned().unwrap_or_else(|| Version::new(0, 0, 0))
}

/// Returns the number of the next version: above all others for a major one, else above those of the
/// same major, or of the same minor, as the one that is copied.
fn bump(files: &PromptFiles, from: &Version, args: &NewArgs) -> Version {
    let same = |version: &&Version| {
        args.major
            || (version.major() == from.major() && (!args.patch || version.minor() == from.minor()))
    };
    let highest = files.versions.keys().rev().find(same).unwrap_or(from);
    let (major, minor, patch) = (highest.major(), highest.minor(), highest.patch());
    if args.major {
        Version::new(major + 1, 0, 0)
    } else if args.patch {
        // A pre-release is followed by its release.
        Version::new(major, minor, if highest.is_pre_release() { patch } else { patch + 1 })
    } else {
        Version::new(major, minor + 1, 0)
    }
}

/// Sets the version that the metadata repeats, and removes who made the old one and when.
pub(super) fn refresh(file: &str, bytes: Vec<u8>, version: &Version) -> Vec<u8> {
    let Ok(mut text) = String::from_utf8(bytes.clone()) else { return bytes };
    for key in ["created_by", "created_at"] {
        let source = Source::new(file, text.clone());
        let edited = node::parse(&source, &mut Vec::new())
            .and_then(|node| edit::remove_entry(&source, &node, key));
        text = edited.unwrap_or(text);
    }
    let source = Source::new(file, text.clone());
    let node = node::parse(&source, &mut Vec::new());
    if let Some(value) = node.as_ref().and_then(|node| node.get("version")) {
        let quote = if source.text()[value.range.clone()].starts_with('"') { "\"" } else { "" };
        text = edit::replace(&text, value.range.clone(), &format!("{quote}{version}{quote}"));
    }
    text.into_bytes()
}
