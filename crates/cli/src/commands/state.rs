//! States of versions, for all commands that give them.

use std::path::Path;

use promptdex_ops::change::pointer_move::Registry;
use promptdex_ops::change::version_state::{self, Words};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::tree::Tree;
use promptdex_wire::PromptVersion;

use super::change;
use crate::cli::StateArgs;
use crate::exit::Exit;
use crate::ui::Ui;

/// Gives a version a state, or takes it back.
pub(crate) fn run(ui: &Ui, root: &Path, args: &StateArgs, words: &Words) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, selector) = selector::parse(&args.version)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let version = version_state::named(&registry, &name, selector)?;
    let own = PromptVersion { name, version };
    let proposal = version_state::plan(&registry, &own, words, &args.reason, args.undo)?;
    change::carry_out(ui, &loader, &proposal, &args.change)
}
