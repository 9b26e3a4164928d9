//! `promptdex log`: the events of prompts, from Git history.

use std::path::Path;

use promptdex_ops::history::event_log::{EventFilter, newest_first};
use promptdex_ops::history::head::LazyHeadCommit;
use promptdex_ops::history::in_place_versions::survey_with_versions;
use promptdex_ops::prompts::loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::prompts::settings;
use promptdex_ops::tree::Tree;

use crate::cli::{LogArgs, LogFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &LogArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let settings = settings::read_settings(&tree)?;
    let head = LazyHeadCommit::of(&tree);
    let (survey, numbers) = survey_with_versions(&tree, &head)?;
    let prompts = survey.prompts;
    let name = match &args.prompt {
        Some(name) => {
            let (name, _) = selector::parse(name)?;
            if !prompts.contains_key(&name) {
                return Err(loader::unknown_prompt(&tree, &name, prompts.keys()).into());
            }
            Some(name)
        }
        None => None,
    };
    let environment =
        args.env.as_deref().map(|name| selector::environment(&settings, name)).transpose()?;
    let since = args.since.as_deref().map(time_argument::parse).transpose()?;
    let Some(head) = head.get()? else {
        let message = format!("`{}` has no history in Git", root.display());
        let help = "`git init` begins one, and `git commit` adds to it";
        return Err(Failure::new(message, help).into());
    };
    let history = head.history(&settings, &prompts, &numbers, None, None)?;
    let filter = EventFilter {
        prompt: name.as_ref(),
        environment: environment.as_ref(),
        since: since.as_ref(),
    };
    let mut events = newest_first(&history, filter, &settings.environments);
    let shown = args.limit.unwrap_or(usize::MAX);
    let rest = events.len().saturating_sub(shown);
    events.truncate(shown);
    match args.format {
        LogFormat::Human => ui.data(&output::log::human(&events)),
        LogFormat::Json => ui.data(&output::log::json(&events)?),
    }
    if events.is_empty() {
        ui.status("Nothing", "happened, as far as the commits tell");
    }
    if rest > 0 {
        ui.hint(&format!("{rest} older events are not shown: `--limit` says how many are"));
    }
    if history.lacks_commits() {
        ui.hint("the clone is shallow, and older commits are missing: `git fetch --unshallow`");
    }
    drop(events);
    // A long history takes time to drop.
    rayon::spawn(move || drop(history));
    Ok(Exit::Done)
}
