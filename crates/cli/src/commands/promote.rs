//! `promptdex promote`: an environment serves another version.

use std::path::Path;

use promptdex_compare::promotion::{Promoted, promoted};
use promptdex_ops::change::plan::{Effect, Proposal};
use promptdex_ops::change::pointer_move::{Registry, Way, with_version};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::text::plural;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, Version};

use super::change;
use crate::cli::PromoteArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &PromoteArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let environment = selector::environment(&loader.settings, &args.to)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let path = &loader.settings.environments;
    let position = path.iter().position(|known| *known == environment).unwrap_or_default();
    let before = position.checked_sub(1).and_then(|before| path.get(before));
    let proposal = match &args.prompt {
        Some(prompt) => one(&registry, prompt, (before, &environment), args)?,
        None => all(&registry, (before, &environment), args)?,
    };
    change::carry_out(ui, &loader, &proposal, &args.change)
}

fn one(
    registry: &Registry<'_>,
    prompt: &str,
    (before, environment): (Option<&Environment>, &Environment),
    args: &PromoteArgs,
) -> anyhow::Result<Proposal> {
    let (name, selector) = selector::parse(prompt)?;
    let (_, prompt) = registry.prompt(&name)?;
    let way = match args.weight {
        Some(weight) => Way::Share(weight),
        None if args.track => Way::Track,
        None => Way::All,
    };
    let served = registry.served(&name, environment);
    let (version, origin) = match selector {
        Some(selector) => {
            let selected = selector::select(prompt, registry.settings(), Some(selector))?;
            let origin = selected.environment.map(|from| format!("what {from} serves"));
            (selected.version, origin)
        }
        None => {
            let (version, from) = default(registry, &name, before, environment, served.as_ref())?;
            (version, Some(format!("what {from} serves")))
        }
    };
    let to = with_version(served.as_ref(), &version, way, environment)?;
    let share = match &to {
        Target::Rollout(rollout) => rollout.arms.iter().find(|arm| arm.version == version),
        Target::Version(_) | Target::Tracks(_) => None,
    };
    let share = share.map_or_else(String::new, |arm| format!("{} % of ", arm.weight.percent()));
    let subject = format!("Promote {name} {version} to {share}{environment}");
    let (mut files, mut flawed) = (Overlay::new(), Vec::new());
    let moved = registry.propose(&name, environment, Some(to), origin, &mut files, &mut flawed)?;
    let mut notes = Vec::new();
    if moved.is_none() {
        notes.push(format!("{environment} serves {name} {version} already"));
    }
    Ok(Proposal {
        command: "promote",
        subject,
        reason: Some(args.reason.clone()),
        effects: moved.map(|moved| Effect::Moved(Box::new(moved))).into_iter().collect(),
        notes,
        flawed,
        files,
    })
}

/// Returns the version that the environment before serves, and the name of that environment.
fn default<'e>(
    registry: &Registry<'_>,
    name: &PromptName,
    before: Option<&'e Environment>,
    environment: &Environment,
    served: Option<&Target>,
) -> anyhow::Result<(Version, &'e Environment)> {
    let fail = |message: String| {
        let help = format!("name the version: `promptdex promote {name}@1.0.0 --to {environment}`");
        Err(Failure::new(message, help).into())
    };
    let Some(before) = before else {
        return fail(format!("nothing comes before {environment} on the promotion path"));
    };
    match registry.served(name, before) {
        None => {
            fail(format!("{before}, which comes before {environment}, does not serve `{name}`"))
        }
        Some(Target::Version(version)) => Ok((version, before)),
        Some(Target::Rollout(_)) => fail(format!("{before} is rolling out several versions")),
        Some(Target::Tracks(tracks)) => {
            // With tracks on both sides it is clear only when one of them moves.
            let known = served.map(Target::versions).unwrap_or_default();
            let mut new = tracks.into_values().filter(|version| !known.contains(&version));
            match (new.next(), new.next()) {
                (Some(version), None) => Ok((version, before)),
                (None, _) => fail(format!("{environment} serves every track of {before} already")),
                (Some(_), Some(_)) => fail(format!("{before} serves several tracks")),
            }
        }
    }
}

fn all(
    registry: &Registry<'_>,
    (before, environment): (Option<&Environment>, &Environment),
    args: &PromoteArgs,
) -> anyhow::Result<Proposal> {
    let Some(before) = before else {
        let message = format!("nothing comes before {environment} on the promotion path");
        let known = selector::environments(registry.settings());
        return Err(Failure::new(message, format!("the path is {known}")).into());
    };
    let (mut files, mut flawed) = (Overlay::new(), Vec::new());
    let (mut effects, mut notes) = (Vec::new(), Vec::new());
    for name in registry.prompts.keys() {
        let served = registry.served(name, environment);
        let Some(target) = registry.served(name, before) else { continue };
        let to = match promoted((before, &target), (environment, served.as_ref())) {
            Promoted::Same => continue,
            Promoted::Left(why) => {
                notes.push(format!("{name} is left: {why}"));
                continue;
            }
            Promoted::To(to) => to,
        };
        let origin = Some(format!("what {before} serves"));
        let moved =
            registry.propose(name, environment, Some(to), origin, &mut files, &mut flawed)?;
        effects.extend(moved.map(|moved| Effect::Moved(Box::new(moved))));
    }
    if effects.is_empty() {
        notes.push(format!("{environment} serves everything that {before} serves"));
    }
    Ok(Proposal {
        command: "promote",
        subject: format!("Promote {} to {environment}", plural(effects.len(), "prompt")),
        reason: Some(args.reason.clone()),
        effects,
        notes,
        flawed,
        files,
    })
}
