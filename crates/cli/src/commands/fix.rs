//! `promptdex fix`.

use std::collections::BTreeMap;
use std::path::Path;

use promptdex_core::compile::metadata_pointers;
use promptdex_core::edit;
use promptdex_core::model::Prompt;
use promptdex_core::node;
use promptdex_core::read::read_prompt;
use promptdex_core::source::Source;
use promptdex_core::tree::survey;

use crate::cli::FixArgs;
use crate::compile::{self, Output};
use crate::error::Exit;
use crate::tree::Tree;
use crate::ui::{Ui, plural};

pub(crate) fn run(ui: &Ui, root: &Path, args: &FixArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let corrected = correct(ui, &tree, args)?;
    // Metadata that is still wrong says nothing about pointers, so this comes second.
    let moved = move_pointers(ui, &tree, args)?;
    let would = if args.dry_run { "Would fix" } else { "Fixed" };
    if corrected + moved == 0 {
        ui.status("Nothing", "that can be corrected in only one way");
    } else {
        ui.status(would, &plural(corrected + moved, "place"));
        ui.hint("`promptdex check` shows what is left");
    }
    Ok(Exit::Done)
}

/// Applies the replacements that findings carry.
fn correct(ui: &Ui, tree: &Tree, args: &FixArgs) -> anyhow::Result<usize> {
    let outcome = compile::run(tree, Output::default())?;
    let mut edits: BTreeMap<&str, Vec<(std::ops::Range<usize>, &str)>> = BTreeMap::new();
    for finding in &outcome.findings {
        let replacements = finding.fix.iter().map(|(range, text)| (range.clone(), text.as_str()));
        edits.entry(&finding.path).or_default().extend(replacements);
    }
    let mut count = 0;
    for (path, mut edits) in edits {
        if edits.is_empty() {
            continue;
        }
        let mut text = tree.source(path)?.text().to_owned();
        // From the end, so that earlier places stay where they are.
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        edits.dedup();
        for (range, new) in edits {
            let old = text.get(range.clone()).unwrap_or_default();
            ui.status("Fix", &format!("{}: `{old}` becomes `{new}`", tree.shown(path)));
            text = edit::replace(&text, range, new);
            count += 1;
        }
        if !args.dry_run {
            tree.replace(path, &text)?;
        }
    }
    Ok(count)
}

/// Moves `environment` and `status` into files, where they are unambiguous.
fn move_pointers(ui: &Ui, tree: &Tree, args: &FixArgs) -> anyhow::Result<usize> {
    let survey = survey(&tree.listing()?);
    let (settings, _) = compile::settings(tree, survey.has_registry_file, survey.has_policy_file)?;
    let mut count = 0;
    for (name, files) in &survey.prompts {
        let prompt = read_prompt(name, files, &tree.contents(files)?, &mut Vec::new());
        let pointers = metadata_pointers(&prompt, &settings);
        for (environment, version) in &pointers {
            let path = files.environment_file(environment);
            ui.status("Move", &format!("version {version} to {}", tree.shown(&path)));
            if !args.dry_run {
                tree.write_new(&path, format!("version: {version}\n").as_bytes())?;
            }
            count += 1;
        }
        // With files, the keys have no effect; without, those that were moved have none any more.
        for version in prompt.versions.keys() {
            if !prompt.pointers.is_empty() || pointers.values().any(|moved| moved == version) {
                count += remove_keys(ui, tree, &prompt, version, args)?;
            }
        }
    }
    Ok(count)
}

fn remove_keys(
    ui: &Ui,
    tree: &Tree,
    prompt: &Prompt,
    version: &promptdex_wire::Version,
    args: &FixArgs,
) -> anyhow::Result<usize> {
    let Some(source) =
        prompt.versions.get(version).and_then(|source| source.metadata.source.as_deref())
    else {
        return Ok(0);
    };
    let mut text = source.text().to_owned();
    let mut count = 0;
    for key in ["environment", "status"] {
        let source = Source::new(source.path(), text.clone());
        let edited = node::parse(&source, &mut Vec::new())
            .and_then(|node| edit::remove_entry(&source, &node, key));
        if let Some(edited) = edited {
            ui.status("Fix", &format!("{}: `{key}` is removed", tree.shown(source.path())));
            text = edited;
            count += 1;
        }
    }
    if count > 0 && !args.dry_run {
        tree.replace(source.path(), &text)?;
    }
    Ok(count)
}
