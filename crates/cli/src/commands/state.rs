//! State changes of versions: the shared part of the commands that set states.

use std::path::Path;

use promptdex_ops::change::version_state::{self, StateCommand};

use super::change;
use crate::cli::StateArgs;
use crate::exit::Exit;
use crate::ui::Ui;

/// Sets or removes the state of a version.
pub(crate) fn run(
    ui: &Ui,
    root: &Path,
    args: &StateArgs,
    words: &StateCommand,
) -> anyhow::Result<Exit> {
    change::run(ui, root, &args.change, |graph| {
        let own = version_state::find_named_version(graph, &args.version)?;
        Ok(version_state::plan(graph, &own, words, &args.reason, args.undo)?)
    })
}
