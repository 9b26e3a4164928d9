//! `promptdex log`: the events of prompts, from Git history.

use std::collections::BTreeSet;
use std::path::Path;

use promptdex_core::published_registry::PublishedHistory;
use promptdex_ops::history::event_log::{EventFilter, EventLog};
use promptdex_ops::history::events::read_log;
use promptdex_ops::history::gaps;
use promptdex_ops::prompts::loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::prompts::settings;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_wire::PromptName;

use crate::cli::{LogArgs, LogFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::help;
use crate::output;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &LogArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let settings = settings::read_settings(&tree)?;
    let name = match &args.prompt {
        Some(name) => Some(selector::parse(name)?.0),
        None => None,
    };
    let environment =
        args.env.as_deref().map(|name| selector::environment(&settings, name)).transpose()?;
    let since = args.since.as_deref().map(time_argument::parse).transpose()?;
    let as_of = args.as_of.as_deref().map(time_argument::parse_end).transpose()?;
    let published = args.previous.as_deref().map(read_published).transpose()?;
    let Some(log) = read_log(&tree, &settings, name.as_ref())? else {
        let message = format!("`{}` has no Git history", root.display());
        let help = "run `git init` and `git commit` to start a history";
        return Err(Failure::new(message, help).into());
    };
    let is_published = published.is_some();
    if let Some(name) = &name {
        let was_published = published.as_ref().is_some_and(|of| of.prompts.contains_key(name));
        if !was_published && !log.prompts.contains(name) && !log.history.prompts.contains_key(name)
        {
            let names = log.prompts.iter().chain(log.history.prompts.keys());
            let names: BTreeSet<&PromptName> = names.collect();
            return Err(loader::unknown_prompt(&tree, name, names.into_iter()).into());
        }
    }
    let events = EventLog::of(&log.history, published);
    let filter = EventFilter {
        prompt: name.as_ref(),
        environment: environment.as_ref(),
        since: since.as_ref(),
    };
    match &as_of {
        Some(time) => {
            let served = events.served_at(time, filter, &settings.environments);
            match args.format {
                LogFormat::Human => ui.data(&output::log::served(&served, is_published)),
                LogFormat::Json => ui.data(&output::log::served_json(&served, time)?),
            }
            let what = plural(served.len(), "pointer");
            let source = if is_published {
                "of releases, or of commits for releases without a time"
            } else {
                "of commits"
            };
            let is_end_of_day = args.as_of.as_deref().is_some_and(|text| text.trim().len() == 10);
            let when = match time.as_str().get(..10).filter(|_| is_end_of_day) {
                Some(day) => format!("at the end of {day} (UTC)"),
                None => format!("at {time}"),
            };
            ui.status("Served", &format!("{when}: {what}; times {source}"));
        }
        None => {
            let mut listed = events.newest_first(filter, &settings.environments);
            let shown = args.limit.unwrap_or(usize::MAX);
            let rest = listed.len().saturating_sub(shown);
            listed.truncate(shown);
            match args.format {
                LogFormat::Human => ui.data(&output::log::human(&listed, is_published)),
                LogFormat::Json => ui.data(&output::log::json(&listed)?),
            }
            if listed.is_empty() {
                ui.status("Nothing", "in the commits");
            }
            if rest > 0 {
                ui.hint(&format!(
                    "{} not shown; raise `--limit` to show more",
                    plural(rest, "older event")
                ));
            }
        }
    }
    if let Some(name) = name.filter(|name| !log.prompts.contains(name)) {
        ui.hint(&format!("`{name}` is no longer in the tree"));
    }
    for gap in gaps::of_log(&tree, &log.history)? {
        ui.hint(&help::of_gap(&gap));
    }
    drop(events);
    // A long history takes time to drop.
    rayon::spawn(move || drop(log));
    Ok(Exit::Done)
}

fn read_published(folder: &Path) -> anyhow::Result<PublishedHistory> {
    let previous = PreviousRegistry::open(folder)?;
    Ok(previous.history()?)
}
