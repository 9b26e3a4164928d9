//! `promptdex report`: summarizes a change for reviewers.

use std::path::Path;

use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::review::change_set::ChangeSet;
use promptdex_ops::review::report;
use promptdex_ops::tree::Tree;

use crate::cli::ReportArgs;
use crate::exit::Exit;
use crate::output;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ReportArgs) -> anyhow::Result<Exit> {
    let rev = args.revision.rev.as_deref();
    let (actors, now) = (args.actors.actors(), time_argument::now());
    let proposed = ChangeSet::open(root, rev, &args.base, actors, now, false)?;
    let tree = Tree::at(root, rev)?.read_once();
    let previous = args.previous.as_deref().map(PreviousRegistry::open).transpose()?;
    let report = report::report(&tree, &proposed, previous.as_ref())?;
    ui.data(&output::report::show(&tree, &report, args.format, args.limit));
    Ok(Exit::Done)
}
