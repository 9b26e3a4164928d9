//! `promptdex archive`: versions that are no longer served leave the catalog, the search and the
//! pages.

use std::path::Path;

use promptdex_ops::change::{archive, version_state};
use promptdex_ops::prompts::selector;
use promptdex_wire::PromptName;

use super::{change, state};
use crate::cli::{ArchiveArgs, StateArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ArchiveArgs) -> anyhow::Result<Exit> {
    let Some(age) = &args.older_than else { return archive_version(ui, root, args) };
    let since = time_argument::parse(age)?;
    let only = args.prompt.as_deref().map(whole_prompt).transpose()?;
    change::run(ui, root, &args.change, |graph| {
        Ok(archive::plan_archive_of_unused(graph, only.as_ref(), &since, args.reason.as_deref())?)
    })
}

fn archive_version(ui: &Ui, root: &Path, args: &ArchiveArgs) -> anyhow::Result<Exit> {
    let Some(version) = args.prompt.clone() else {
        let message = "missing prompt and version";
        let help = "name a version such as `support/refund@1.0.0`, or pass `--older-than 2y`";
        return Err(Failure::new(message, help).into());
    };
    let reason = args.reason.clone().unwrap_or_else(|| "no environment serves it".to_owned());
    if args.undo {
        let one = StateArgs { version, undo: true, reason, change: args.change.clone() };
        return state::run(ui, root, &one, &archive::COMMAND);
    }
    change::run(ui, root, &args.change, |graph| {
        let own = version_state::find_named_version(graph, &version)?;
        Ok(archive::plan_archive(graph, &own, &reason)?)
    })
}

/// Parses a prompt name without a version, which selects all versions.
fn whole_prompt(text: &str) -> anyhow::Result<PromptName> {
    match selector::parse(text)? {
        (name, None) => Ok(name),
        (name, Some(_)) => {
            let message = "`--older-than` cannot be used with a version";
            let help = format!("remove `--older-than`, or name only the prompt: `{name}`");
            Err(Failure::new(message, help).into())
        }
    }
}
