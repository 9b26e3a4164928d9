//! `promptdex publish`.

use std::path::Path;

use anyhow::Context as _;
use promptdex_core::model::Settings;
use promptdex_ops::build::inputs::Publisher;
use promptdex_ops::error::{Error, FolderError, TargetError};
use promptdex_ops::prompts::settings;
use promptdex_ops::publication::{
    PublicationPlan, PublishOptions, PublishTarget, RegistryCopy, TreePublication,
};
use promptdex_ops::text::printable;
use promptdex_ops::tree::Tree;
use promptdex_wire::release::{Actor, Approval, HeldBack};
use promptdex_wire::{Chain, RegistryName, Timestamp};
use serde::Deserialize;

use super::check::report;
use crate::cli::{ChangeFormat, FindingsArgs, FindingsFormat, PublishArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;
use crate::{embedded_site, input_file, output, publication_report, run_context, time_argument};

pub(crate) fn run(ui: &Ui, root: &Path, args: &PublishArgs) -> anyhow::Result<Exit> {
    let target = PublishTarget::parse(&args.target)?;
    let result = match &args.from {
        Some(from) => publish_folder(ui, root, from, &target, args),
        None => publish_tree(ui, root, &target, args),
    };
    // Another run was first: this is no failure, and running it again is safe.
    result.or_else(|error| match error.downcast_ref::<Error>() {
        Some(cause) if is_lost_race(cause) => {
            ui.error(error.as_ref());
            Ok(Exit::Superseded)
        }
        _ => Err(error),
    })
}

fn is_lost_race(error: &Error) -> bool {
    match error {
        Error::Publish(error) => error.is_superseded(),
        Error::Target(error) => matches!(**error, TargetError::Folder(FolderError::Locked { .. })),
        _ => false,
    }
}

/// What is published where.
struct Summary<'a> {
    registry: &'a RegistryName,
    target: &'a PublishTarget,
    /// The commit, if the files are those of one.
    commit: Option<&'a str>,
    plan: &'a PublicationPlan,
}

fn publish_folder(
    ui: &Ui,
    root: &Path,
    from: &Path,
    target: &PublishTarget,
    args: &PublishArgs,
) -> anyhow::Result<Exit> {
    if args.first.is_some_and(|first| first > 1) {
        let message = "`--first N` numbers the releases of a tree that is compiled";
        let help = "pass `--first` alone with `--from`: the releases keep their numbers";
        return Err(Failure::new(message, help).into());
    }
    let copy = RegistryCopy::start(from, target, root, args.first.is_some(), args.dry_run)?;
    let published = &copy.registry.published;
    let source = published.tails.get(&Chain::Catalog).and_then(|tail| tail.release.source.as_ref());
    let commit = source.map(|source| source.commit.clone());
    let registry = published.registry.clone();
    let tail = published.tails.get(&Chain::Catalog);
    let held_back = tail.map_or_else(Vec::new, |tail| tail.release.held_back.clone());
    let plan = copy.plan.clone();
    let summary = Summary { registry: &registry, target, commit: commit.as_deref(), plan: &plan };
    if !confirm(ui, &summary, args)? {
        return finish(ui, &summary, args, &held_back, false);
    }
    copy.commit()?;
    finish(ui, &summary, args, &held_back, true)
}

fn publish_tree(
    ui: &Ui,
    root: &Path,
    target: &PublishTarget,
    args: &PublishArgs,
) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let settings = settings::read_settings(&tree)?;
    let has_registry = target.has_registry();
    let options = PublishOptions {
        allows_uncommitted: args.uncommitted,
        is_dry_run: args.dry_run,
        first: args.first,
        is_packed: args.pack,
        site: if args.no_site { None } else { embedded_site::load_site() },
        publisher: publisher(root, &settings, args)?,
        holds: publication_report::held_severity(args.strict, args.deny),
    };
    let publication = TreePublication::start(&tree, target, options)?;
    if publication.has_recovered() {
        ui.status("Finished", "a publication that was interrupted");
    }
    let later_time = publication.later_time().cloned();
    let (mut outcome, plan) = publication.run()?;
    let findings = FindingsArgs { format: FindingsFormat::Human, deny: args.deny };
    let exit = if outcome.findings.is_empty() {
        Exit::Done
    } else {
        report(ui, &tree, &outcome, &findings, false)
    };
    // A first publication has nothing to hold prompts back at.
    let is_held = has_registry && !args.strict;
    let Some(plan) = plan.filter(|_| exit == Exit::Done || is_held) else {
        ui.status("Nothing published", &format!("to {target}: fix the errors first"));
        return Ok(Exit::Findings);
    };
    publication_report::print_held_prompts(ui, &outcome);
    let commit = outcome.source.as_ref().map(|source| source.commit.clone());
    let registry = outcome.settings.registry.clone();
    let summary = Summary { registry: &registry, target, commit: commit.as_deref(), plan: &plan };
    if !confirm(ui, &summary, args)? {
        return finish(ui, &summary, args, &outcome.held_back, false);
    }
    // Print this first, because an interrupted publication is completed by the next one.
    publication_report::print_purge_list(ui, &outcome);
    if let Some(time) = later_time.filter(|_| !plan.releases.is_empty()) {
        ui.hint(&format!("the newest release is from {time}, so the new ones have that time too"));
    }
    publication.commit(&mut outcome)?;
    finish(ui, &summary, args, &outcome.held_back, true)
}

/// Returns who publishes, when, and who approved it.
fn publisher(root: &Path, settings: &Settings, args: &PublishArgs) -> anyhow::Result<Publisher> {
    let given = publication_report::publisher(&args.publisher)?;
    let actor = run_context::actor(root, settings.people)?;
    let given_actor = given.actor.unwrap_or_default();
    let actor = Actor { by: given_actor.by.or(actor.by), run: given_actor.run.or(actor.run) };
    let approvals = args.approvals.as_deref().map(read_approvals).transpose()?;
    Ok(Publisher {
        time: given.time.or_else(|| Some(time_argument::now())),
        actor: (actor != Actor::default()).then_some(actor),
        approvals: Some(approvals.unwrap_or_default()),
        first_sequence: None,
    })
}

/// An approval in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApprovalEntry {
    by: String,
    at: Option<Timestamp>,
    url: Option<String>,
    source: Option<String>,
}

/// Reads a file with approvals.
fn read_approvals(file: &Path) -> anyhow::Result<Vec<Approval>> {
    let text = input_file::read(file)?;
    let name = file.display();
    let help = "write a JSON list: `[{\"by\": \"@ana\", \"at\": \"2026-03-01T12:00:00Z\", \"url\": \"https://…\"}]`";
    let entries: Vec<ApprovalEntry> = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("invalid approvals in `{name}`: {error}"), help))?;
    let approval = |ApprovalEntry { by, at, url, source }| Approval { by, at, url, source };
    let approvals: Vec<Approval> = entries.into_iter().map(approval).collect();
    for Approval { by, url, source, .. } in &approvals {
        let texts = [Some(by), url.as_ref(), source.as_ref()];
        let is_url = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if !texts.into_iter().flatten().all(|text| publication_report::is_published_text(text))
            || !url.iter().all(is_url)
        {
            let message = format!("invalid approval by `{}` in `{name}`", printable(by));
            return Err(Failure::new(message, help).into());
        }
    }
    Ok(approvals)
}

/// Shows the plan, and returns whether it is to be carried out.
fn confirm(ui: &Ui, summary: &Summary<'_>, args: &PublishArgs) -> anyhow::Result<bool> {
    if args.format == ChangeFormat::Human {
        ui.message(&output::publication::plan(
            summary.registry.as_str(),
            &summary.target.to_string(),
            summary.commit,
            summary.plan,
        ));
    }
    if args.dry_run {
        return Ok(false);
    }
    // To write nothing, nobody has to be asked.
    if args.yes || summary.plan.is_empty() {
        return Ok(true);
    }
    let answer = ui.ask("Publish this?").context("cannot read the answer")?;
    answer.ok_or_else(|| {
        let message = "nobody can be asked whether to publish: there is no terminal";
        Failure::new(message, "pass `--yes` to publish, or `--dry-run` to see the plan alone")
            .into()
    })
}

/// Reports the result.
fn finish(
    ui: &Ui,
    summary: &Summary<'_>,
    args: &PublishArgs,
    held_back: &[HeldBack],
    is_published: bool,
) -> anyhow::Result<Exit> {
    let Summary { registry, target, commit, plan } = summary;
    if args.format == ChangeFormat::Json {
        let text = output::publication::json(
            registry.as_str(),
            &target.to_string(),
            *commit,
            plan,
            held_back,
            is_published,
        );
        ui.data(&text);
    }
    if plan.is_empty() {
        ui.status("Unchanged", &format!("{target} already has everything"));
    } else if is_published {
        let releases: Vec<(Chain, u64)> =
            plan.releases.iter().map(|release| (release.chain.clone(), release.sequence)).collect();
        ui.status("Published", &format!("{registry} to {target}"));
        ui.status("Released", &publication_report::format_releases(&releases));
    } else {
        ui.status("Unchanged", &format!("{target}: nothing was written"));
    }
    Ok(if is_published && !held_back.is_empty() { Exit::HeldBack } else { Exit::Done })
}
