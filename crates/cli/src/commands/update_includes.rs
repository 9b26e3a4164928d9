//! `promptdex update-includes`: updates the includes of every prompt that includes a given prompt.

use std::path::Path;

use promptdex_ops::change::include_update;
use promptdex_ops::prompts::selector;
use promptdex_wire::PromptVersion;

use super::change;
use crate::cli::UpdateIncludesArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &UpdateIncludesArgs) -> anyhow::Result<Exit> {
    change::run(ui, root, &args.change, |graph| {
        let (name, _) = selector::parse(&args.prompt)?;
        let (_, prompt) = graph.prompt(&name)?;
        let version = selector::select(prompt, graph.settings(), Some(&args.to))?.version;
        let wanted = PromptVersion { name, version };
        Ok(include_update::plan(graph, wanted, args.reason.as_deref())?)
    })
}
