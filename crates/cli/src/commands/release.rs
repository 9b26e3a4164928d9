//! `promptdex release`: the next number for a prompt that is edited in place.

use std::path::Path;

use promptdex_core::tree::{InPlace, PromptFiles};
use promptdex_ops::change::commit::{self, Message};
use promptdex_ops::change::pointer_move::with_number;
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::tree::Tree;
use promptdex_wire::{PromptName, Version};

use crate::cli::ReleaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ReleaseArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, _) = selector::parse(&args.prompt)?;
    let Some(files) = loader.files(&name)? else {
        return Err(loader.unknown(&name)?.into());
    };
    let Some(in_place) = &files.in_place else {
        let message = format!("`{name}` has its versions in folders");
        return Err(
            Failure::new(message, format!("`promptdex new {name}` starts the next one")).into()
        );
    };
    if args.commit || args.tag {
        commit::check(root)?;
    }
    let next = next(&name, &files, in_place, args)?;
    let source = tree.source(&in_place.file)?;
    tree.replace(&in_place.file, with_number(&tree, &source, &next)?)?;
    ui.status("Released", &format!("{name} {next} in {}", tree.shown(&in_place.file)));
    if !(args.commit || args.tag) {
        ui.hint("`promptdex check` finds mistakes; the number counts once it is committed");
        return Ok(Exit::Done);
    }
    let subject = format!("Release {name} {next}");
    let mut paths: Vec<String> = in_place.own.values().cloned().collect();
    paths.sort();
    let reason = args.reason.as_deref();
    let id = commit::commit(root, &paths, &Message { subject: subject.clone(), reason })?;
    ui.status("Committed", &format!("{id} {subject}"));
    if args.tag {
        let tag = format!("{name}@{next}");
        commit::tag(root, &tag, &subject)?;
        ui.status("Tagged", &tag);
    }
    Ok(Exit::Done)
}

/// Returns the number after the highest one.
fn next(
    name: &PromptName,
    files: &PromptFiles,
    in_place: &InPlace,
    args: &ReleaseArgs,
) -> anyhow::Result<Version> {
    let highest = files.versions.keys().next_back();
    let Some(highest) = highest else {
        let message = format!("`{}` has no version that can be read", in_place.file);
        return Err(Failure::new(message, "write `version: 1.0.0`").into());
    };
    if !in_place.is_draft {
        let current = in_place.current.as_ref().unwrap_or(highest);
        if in_place.is_new {
            let message = format!("`{name}` has a number that is not committed yet: {current}");
            return Err(Failure::new(message, "commit it, or write another number yourself").into());
        }
        let message = format!("`{name}` is as it was when it became {current}");
        return Err(Failure::new(message, "edit it first").into());
    }
    let (major, minor, patch) = (highest.major(), highest.minor(), highest.patch());
    Ok(match (args.major, args.patch) {
        (true, _) => Version::new(major + 1, 0, 0),
        // The release of a pre-release is its number without the rest.
        (false, true) if highest.is_pre_release() => Version::new(major, minor, patch),
        (false, true) => Version::new(major, minor, patch + 1),
        (false, false) => Version::new(major, minor + 1, 0),
    })
}
