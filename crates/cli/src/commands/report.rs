//! `promptdex report`: what a change means, for whoever reviews it.

use std::path::Path;

use crate::cli::ReportArgs;
use crate::error::Exit;
use crate::moment;
use crate::output;
use crate::previous::Previous;
use crate::proposed::Proposed;
use crate::report;
use crate::tree::Tree;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ReportArgs) -> anyhow::Result<Exit> {
    let rev = args.revision.rev.as_deref();
    let actor = args.actor.clone().filter(|actor| !actor.is_empty());
    let proposed = Proposed::open(root, rev, &args.base, actor, moment::now())?;
    let tree = Tree::at(root, rev)?;
    let previous = args.previous.as_deref().map(Previous::open).transpose()?;
    let report = report::report(&tree, &proposed, previous.as_ref())?;
    ui.data(&output::report::show(&tree, &report, args.format, args.limit));
    Ok(Exit::Done)
}
