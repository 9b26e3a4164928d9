//! `promptdex rollback`: an environment serves again what it served before.

use std::collections::BTreeMap;
use std::path::Path;

use promptdex_core::compile::target;
use promptdex_history::GitError;
use promptdex_ops::change::plan::{Effect, Proposal};
use promptdex_ops::change::pointer_move::{Registry, Way, with_version};
use promptdex_ops::history;
use promptdex_ops::prompts::loader::{Found, Loader};
use promptdex_ops::prompts::selector;
use promptdex_ops::published::Previous;
use promptdex_ops::text::plural;
use promptdex_ops::tree::revision;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::event::{Change, Target};
use promptdex_wire::release::Entry;
use promptdex_wire::{Chain, Environment, Path as Address, PromptName, Version};

use super::change;
use crate::cli::RollbackArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment;
use crate::ui::Ui;

/// So many earlier versions are looked at.
const MOST_EARLIER: usize = 10;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RollbackArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let environment = selector::environment(&loader.settings, &args.environment)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let proposal = match (&args.prompt, &args.to) {
        (Some(prompt), to) => one(&registry, prompt, &environment, to.as_deref(), args)?,
        (None, Some(to)) => all(&registry, &environment, to, args)?,
        // The arguments require one of them.
        (None, None) => return Err(Failure::new("nothing is named", "name a prompt").into()),
    };
    change::carry_out(ui, &loader, &proposal, &args.change)
}

fn one(
    registry: &Registry<'_>,
    prompt: &str,
    environment: &Environment,
    to: Option<&str>,
    args: &RollbackArgs,
) -> anyhow::Result<Proposal> {
    let (name, selector) = selector::parse(prompt)?;
    let (_, prompt) = registry.prompt(&name)?;
    if let Some(selector) = selector {
        let message = format!("`@{selector}` is not a part of a prompt's name");
        return Err(Failure::new(message, format!("say `--to {selector}`")).into());
    }
    let Some(served) = registry.served(&name, environment) else {
        let message = format!("{environment} does not serve `{name}`");
        return Err(Failure::new(message, "`promptdex promote` lets it serve a version").into());
    };
    let history = history::events::whole(registry.loader.tree(), registry.settings())?;
    let chain = Chain::Environment(environment.clone());
    let of_prompt = history.as_ref().and_then(|history| history.prompts.get(&name));
    let events = of_prompt.and_then(|history| history.events.get(&chain));
    let events = events.map(Vec::as_slice).unwrap_or_default();
    let known = earlier(events, &served);
    let (to, origin) = match to {
        Some(to) => {
            let version = selector::select(prompt, registry.settings(), Some(to))?.version;
            (with_version(Some(&served), &version, Way::All, environment)?, None)
        }
        None => {
            let Some(to) = before(events, &served) else {
                let message = format!(
                    "as far as the commits tell, {environment} has nothing to go back to of `{name}`"
                );
                let help =
                    format!("name a version with `--to`; it has {}", selector::versions(prompt));
                return Err(Failure::new(message, help).into());
            };
            (to, Some("what it served before".to_owned()))
        }
    };
    let subject = match &to {
        Target::Version(version) => format!("Roll back {name} to {version} in {environment}"),
        Target::Tracks(_) | Target::Rollout(_) => format!("Roll back {name} in {environment}"),
    };
    let (mut files, mut flawed) = (Overlay::new(), Vec::new());
    let moved = registry.propose(&name, environment, Some(to), origin, &mut files, &mut flawed)?;
    let mut notes = Vec::new();
    let effects = match moved {
        Some(mut moved) => {
            moved.earlier = Some(registry.earlier(&name, &served, known, &mut flawed)?);
            vec![Effect::Moved(Box::new(moved))]
        }
        None => {
            notes.push(format!("{environment} serves that of {name} already"));
            Vec::new()
        }
    };
    let reason = Some(args.reason.clone());
    Ok(Proposal { command: "rollback", subject, reason, effects, notes, flawed, files })
}

/// Returns what an environment served before, without what it was rolled back from: the newest that did
/// not serve everything that it serves now. A smaller share of the same versions is no way back.
fn before(events: &[Change], served: &Target) -> Option<Target> {
    let mut line: Vec<&Target> = Vec::new();
    let mut last = None;
    for target in events.iter().flat_map(|event| [&event.from, &event.to]) {
        if target == &last {
            continue;
        }
        last.clone_from(target);
        let Some(target) = target else { continue };
        match line.iter().position(|known| *known == target) {
            Some(at) => line.truncate(at + 1),
            None => line.push(target),
        }
    }
    // What is not committed yet comes after all that is.
    if let Some(at) = line.iter().position(|known| *known == served) {
        line.truncate(at);
    }
    let has_all = |target: &Target| {
        let known = target.versions();
        served.versions().iter().all(|version| known.contains(version))
    };
    line.into_iter().rev().find(|target| !has_all(target)).cloned()
}

/// Returns the versions that an environment served before, the newest first.
fn earlier(events: &[Change], served: &Target) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    let targets = events.iter().rev().flat_map(|event| [&event.to, &event.from]).flatten();
    for version in targets.flat_map(|target| target.versions().into_iter().rev()) {
        if !versions.contains(version) && !served.versions().contains(&version) {
            versions.push(version.clone());
        }
    }
    versions.truncate(MOST_EARLIER);
    versions
}

fn all(
    registry: &Registry<'_>,
    environment: &Environment,
    release: &str,
    args: &RollbackArgs,
) -> anyhow::Result<Proposal> {
    let previous = args.change.previous.as_deref();
    let number = release.parse::<u64>().ok();
    let (then, name) = match number.zip(previous) {
        Some((number, folder)) => {
            let previous = Previous::open(folder)?;
            (published(&previous, environment, number)?, format!("release {number}"))
        }
        None => committed(registry, environment, release)?,
    };
    let (mut files, mut flawed) = (Overlay::new(), Vec::new());
    let (mut effects, mut notes) = (Vec::new(), Vec::new());
    for prompt in registry.prompts.keys() {
        let to = then.get(prompt).cloned();
        let origin = Some(format!("what it served as of {name}"));
        let moved = registry.propose(prompt, environment, to, origin, &mut files, &mut flawed)?;
        effects.extend(moved.map(|moved| Effect::Moved(Box::new(moved))));
    }
    for gone in then.keys().filter(|name| !registry.prompts.contains_key(name)) {
        notes.push(format!("{gone} is left: it is not in the tree any more"));
    }
    if effects.is_empty() {
        notes.push(format!("{environment} serves what it served as of {name}"));
    }
    Ok(Proposal {
        command: "rollback",
        subject: format!(
            "Roll back {} in {environment} to {name}",
            plural(effects.len(), "prompt")
        ),
        reason: Some(args.reason.clone()),
        effects,
        notes,
        flawed,
        files,
    })
}

/// Reads what an environment served as of a release.
fn published(
    previous: &Previous,
    environment: &Environment,
    number: u64,
) -> anyhow::Result<BTreeMap<PromptName, Target>> {
    let read = |path: &Address| previous.read(path);
    let Some(served) = previous.published.served_as_of(environment, number, read)? else {
        let message = format!("{environment} has no release {number}");
        let newest = previous.published.tails.get(&Chain::Environment(environment.clone()));
        let help = match newest {
            Some(tail) => format!("the newest is {}", tail.release.sequence),
            None => "it has none at all".to_owned(),
        };
        return Err(Failure::new(message, help).into());
    };
    let target = |(name, entries): (PromptName, Vec<Entry>)| Some((name, Target::of(&entries)?));
    Ok(served.into_iter().filter_map(target).collect())
}

/// Reads what an environment served as of a commit, or of the newest one before a moment; and how that is
/// called.
fn committed(
    registry: &Registry<'_>,
    environment: &Environment,
    text: &str,
) -> anyhow::Result<(BTreeMap<PromptName, Target>, String)> {
    let root = registry.loader.tree().root();
    let Some(git) = revision::find(root)? else {
        let message = format!("`{}` is not in a Git repository", root.display());
        return Err(Failure::new(message, "name a prompt and a version").into());
    };
    let explained = |error: GitError| revision::explained(error, text);
    let (commit, name) = match git.commit(text) {
        Ok(commit) => (commit, text.to_owned()),
        Err(unknown) => {
            let Ok(moment) = moment::parse(text) else {
                if text.parse::<u64>().is_ok() {
                    let message = format!("there is no commit `{text}`");
                    let help =
                        "the number of a release needs `--previous DIR`, the published registry";
                    return Err(Failure::new(message, help).into());
                }
                return Err(explained(unknown).into());
            };
            let head = git.head().map_err(explained)?;
            let commit = match head {
                Some(head) => git.commit_at(head, &moment).map_err(explained)?,
                None => None,
            };
            let Some(commit) = commit else {
                let message = format!("there is no commit as old as {moment}");
                let help = "`promptdex log` shows how far back they go";
                return Err(Failure::new(message, help).into());
            };
            (commit, moment.to_string())
        }
    };
    let tree = Tree::at(root, Some(&commit.to_string()))?;
    let loader = Loader::open(&tree)?;
    let mut served = BTreeMap::new();
    for Found { prompt, .. } in loader.all()? {
        // What the settings say today is taken to have been so all the time.
        if let Some(target) = target(&prompt, registry.settings(), environment) {
            served.insert(prompt.name.clone(), target);
        }
    }
    let short: String = commit.to_string().chars().take(7).collect();
    let name =
        if commit.to_string().starts_with(text) { short } else { format!("{name} ({short})") };
    Ok((served, name))
}
