//! `promptdex fix`.

use std::path::Path;

use promptdex_ops::change::correction::{self, Correction};
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;

use crate::cli::FixArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &FixArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?.read_once();
    let previous = args.previous.as_deref().map(PreviousRegistry::open).transpose()?;
    let corrections = correction::plan(&tree, previous.as_ref())?;
    if !args.dry_run {
        corrections.write(&tree)?;
    }
    corrections.list.iter().for_each(|correction| show(ui, &tree, correction));
    let would = if args.dry_run { "Would fix" } else { "Fixed" };
    if corrections.list.is_empty() {
        ui.status("Nothing", "to fix");
    } else {
        ui.status(would, &plural(corrections.list.len(), "place"));
        ui.hint("run `promptdex check` to see the remaining findings");
    }
    Ok(Exit::Done)
}

fn show(ui: &Ui, tree: &Tree, correction: &Correction) {
    match correction {
        Correction::Replacement { path, old, new } => {
            ui.status("Fix", &format!("{}: `{old}` → `{new}`", tree.display_path(path)));
        }
        Correction::Pointer { version, path } => {
            ui.status("Move", &format!("version {version} to {}", tree.display_path(path)));
        }
        Correction::Key { path, key } => {
            ui.status("Fix", &format!("{}: `{key}` removed", tree.display_path(path)));
        }
        Correction::Mode { path } => {
            ui.status("Fix", &format!("{}: executable mode removed", tree.display_path(path)));
        }
    }
}
