//! `promptdex deprecate`: marks a version that apps should no longer use.

use std::path::Path;

use promptdex_ops::change::version_state::StateCommand;
use promptdex_wire::catalog::State;

use super::state;
use crate::cli::DeprecateArgs;
use crate::exit::Exit;
use crate::ui::Ui;

const COMMAND: StateCommand = StateCommand {
    state: State::Deprecated,
    command: "deprecate",
    verb: "Deprecate",
    noun: "the deprecation of",
};

pub(crate) fn run(ui: &Ui, root: &Path, args: &DeprecateArgs) -> anyhow::Result<Exit> {
    state::run(ui, root, &args.state, &COMMAND)
}
