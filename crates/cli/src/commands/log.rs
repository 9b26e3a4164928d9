//! `promptdex log`: the events of prompts, from Git history.

use std::cmp::Reverse;
use std::path::Path;

use promptdex_core::history::rank;
use promptdex_ops::history::head::LazyHeadCommit;
use promptdex_ops::history::in_place_versions::survey_with_versions;
use promptdex_ops::prompts::loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::prompts::settings;
use promptdex_ops::tree::Tree;
use promptdex_wire::Chain;
use promptdex_wire::event::Change;

use crate::cli::{LogArgs, LogFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &LogArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let settings = settings::facts(&tree)?;
    let head = LazyHeadCommit::of(&tree);
    let (survey, numbers) = survey_with_versions(&tree, &head)?;
    let prompts = survey.prompts;
    let name = match &args.prompt {
        Some(name) => {
            let (name, _) = selector::parse(name)?;
            if !prompts.contains_key(&name) {
                return Err(loader::unknown(&tree, &name, prompts.keys()).into());
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
    let of_prompts =
        history.prompts.iter().filter(|(own, _)| name.as_ref().is_none_or(|n| n == *own));
    let of_prompts = of_prompts.flat_map(|(_, history)| &history.events);
    let of_prompts =
        of_prompts.flat_map(|(chain, changes)| changes.iter().map(move |c| (chain, c)));
    let catalog = Chain::Catalog;
    let of_rules = history.rules.iter().filter(|_| name.is_none()).map(|change| (&catalog, change));
    let is_wanted = |(chain, change): &(&Chain, &Change)| {
        let is_there = environment.as_ref().is_none_or(
            |wanted| matches!(chain, Chain::Environment(environment) if environment == wanted),
        );
        is_there && since.as_ref().is_none_or(|since| change.at.as_ref() >= Some(since))
    };
    let events = of_prompts.chain(of_rules).filter(is_wanted);
    // Newest first. The events of one commit are sorted by prompt name and promotion path.
    let keyed = events.map(|(chain, change)| {
        // Commit times may be equal or wrong, so the order of commits decides.
        let place = change.commit.as_ref().and_then(|commit| history.order.get(commit));
        let environment = match chain {
            Chain::Catalog => None,
            Chain::Environment(environment) => Some(environment),
        };
        let rank = rank(environment, &settings.environments);
        ((Reverse(place), change.name.as_ref(), rank), (chain, change))
    });
    let mut keyed: Vec<(_, (&Chain, &Change))> = keyed.collect();
    keyed.sort_by_key(|(key, _)| *key);
    let mut events: Vec<_> = keyed.into_iter().map(|(_, event)| event).collect();
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
    if history.hidden.values().any(|versions| !versions.is_empty()) {
        ui.hint("the clone is shallow, and older commits are missing: `git fetch --unshallow`");
    }
    drop(events);
    // A long history takes time to drop.
    rayon::spawn(move || drop(history));
    Ok(Exit::Done)
}
