//! `promptdex yank`: marks a version that pointers and includes must no longer name.

use std::path::Path;

use promptdex_ops::change::version_state::StateCommand;
use promptdex_wire::catalog::State;

use super::state;
use crate::cli::YankArgs;
use crate::exit::Exit;
use crate::ui::Ui;

const COMMAND: StateCommand =
    StateCommand { state: State::Yanked, command: "yank", verb: "Yank", noun: "the yank of" };

pub(crate) fn run(ui: &Ui, root: &Path, args: &YankArgs) -> anyhow::Result<Exit> {
    state::run(ui, root, &args.state, &COMMAND)
}
