//! `promptdex ci`: CI workflows for the Git host.

use std::path::Path;

use clap::ValueEnum;
use promptdex_core::managed_block::{lines_of, with_block};
use promptdex_core::rules::Severity;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};
use promptdex_ops::history::head::LazyHeadCommit;
use promptdex_ops::history::in_place_versions::survey_with_versions;
use promptdex_ops::prompts::settings;
use promptdex_ops::tree::Tree;
use promptdex_ops::tree::repository::DiskRepository;
use promptdex_wire::RegistryName;

use crate::ci::{self, Install, Project, WorkflowFile, WorkflowNames, is_public};
use crate::cli::{CiArgs, CiHost, FindingsFormat, PublishTo};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &CiArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let (settings, findings) =
        settings::read_with_findings(&tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?;
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        ui.message(&output::list(&tree, &findings, FindingsFormat::Human));
        ui.hint("workflows are not written from what cannot be read");
        return Ok(Exit::Findings);
    }
    if args.publish == PublishTo::Pages && !is_public(&settings) && !args.restricted_pages {
        return Err(private_pages(&tree, args).into());
    }
    let repository = DiskRepository::of(root)?;
    let branch = args.branch.clone().or_else(|| settings.repository.as_ref()?.branch.clone());
    let branch = branch.unwrap_or_else(|| "main".to_owned());
    for (what, text) in [("branch", branch.as_str()), ("folder", &repository.folder)] {
        let is_plain = |c: char| c.is_alphanumeric() || "-_./ ".contains(c);
        if !text.chars().all(is_plain) || (what == "branch" && text.contains(' ')) {
            let message = format!("the {what} `{text}` cannot be written into a workflow");
            let help = "letters, digits, `-`, `_`, `.` and `/` can";
            return Err(Failure::new(message, help).into());
        }
    }
    let (survey, _) = survey_with_versions(&tree, &LazyHeadCommit::of(&tree))?;
    let prompts = survey.prompts.into_keys().collect();
    let folder = repository.folder.clone();
    let others = list_other_workflows(&repository, args.host, &settings.registry)?;
    let names = choose_names(&repository, args.host, &settings.registry)?;
    if args.publish == PublishTo::Pages
        && let Some(other) = others.iter().find(|other| other.deploys_to_pages)
    {
        let message = format!("Pages already serves the registry `{}`", other.registry);
        let help =
            "a repository has one Pages site: pass `--publish artifact` and deploy to another host";
        return Err(Failure::new(message, help).into());
    }
    let command = command_line(args, &folder);
    let install = Install::of(args, &command, repository.files.root())?;
    let project = Project::of(&settings, names, prompts, folder, branch, args.publish, install);
    let mut stale = Vec::new();
    let mut is_first = false;
    for WorkflowFile { path, text } in ci::files(&project, args.host) {
        let path = path.as_str();
        let old = repository.text(path)?;
        let lines: Vec<&str> = text.iter().flat_map(|text| text.lines()).collect();
        if lines.is_empty() && old.as_deref().and_then(|text| lines_of(text, None)).is_none() {
            continue;
        }
        let new = with_block(old.as_deref(), None, &command, &lines);
        if old.as_ref() == Some(&new) {
            if !args.check {
                ui.status("Unchanged", path);
            }
        } else if args.check {
            stale.push(path.to_owned());
        } else if new.trim().is_empty() {
            repository.files.remove(path)?;
            ui.status("Removed", path);
        } else {
            repository.write(path, &new)?;
            ui.status("Wrote", path);
            is_first |= old.is_none();
        }
    }
    if args.check {
        for path in &stale {
            ui.message(&format!("{path} is not what `{command}` writes\n"));
        }
        if stale.is_empty() {
            ui.status("Current", "the workflows are what this command writes");
        }
        return Ok(if stale.is_empty() { Exit::Done } else { Exit::Differences });
    }
    advise(ui, &repository, &project, args, is_first)?;
    Ok(Exit::Done)
}

/// Prints the steps that remain for the user.
fn advise(
    ui: &Ui,
    repository: &DiskRepository,
    project: &Project,
    args: &CiArgs,
    is_first: bool,
) -> anyhow::Result<()> {
    if args.host == CiHost::Gitlab {
        let jobs = format!("{}/{}", ci::folder(args.host), project.names.file("promptdex"));
        match repository.text(ci::GITLAB_FILE)? {
            None => {
                repository.write(ci::GITLAB_FILE, &format!("include:\n  - local: {jobs}\n"))?;
                ui.status("Wrote", ci::GITLAB_FILE);
            }
            Some(text) if !text.contains(&jobs) => {
                ui.hint(&format!("add `- local: {jobs}` to `include` of {}", ci::GITLAB_FILE));
            }
            Some(_) => {}
        }
    }
    if project.has_teams && !project.has_handles {
        ui.hint("add `@handle`s to `teams` in policy.yaml: without them, forms are refused, and anyone can forge the email address of a commit");
    }
    if is_first {
        ui.hint("commit these files, then change these settings once (docs/ci.md explains each):");
        for (number, step) in (1..).zip(project.settings(args.host)) {
            ui.note(&format!("  {number}. {step}"));
        }
    }
    Ok(())
}

/// A workflow of another registry of the repository.
struct OtherWorkflow {
    registry: String,
    deploys_to_pages: bool,
}

/// Lists the workflows of other registries of the repository. Another tree with the same registry
/// name is an error, because both would publish to one branch.
fn list_other_workflows(
    repository: &DiskRepository,
    host: CiHost,
    registry: &RegistryName,
) -> anyhow::Result<Vec<OtherWorkflow>> {
    let mut others = Vec::new();
    let folder = ci::folder(host);
    for file in repository.file_names(folder)? {
        let is_ours = file.starts_with("promptdex") && file.ends_with(".yml");
        let text = if is_ours { repository.text(&format!("{folder}/{file}"))? } else { None };
        let Some(lines) = text.as_deref().and_then(|text| lines_of(text, None)) else { continue };
        let Some(owner) = ci::owner(&lines) else { continue };
        // A tree whose registry has a new name is the same tree.
        if owner.registry != registry.as_str() && owner.folder == repository.folder {
            continue;
        }
        if owner.registry != registry.as_str() {
            let deploys_to_pages = ci::deploys_to_pages(host, &lines);
            others.push(OtherWorkflow { registry: owner.registry.to_owned(), deploys_to_pages });
            continue;
        }
        let settings = |folder: &str| match folder {
            "" => REGISTRY_FILE.to_owned(),
            folder => format!("{folder}/{REGISTRY_FILE}"),
        };
        let (one, two) = (settings(&owner.folder), settings(&repository.folder));
        let is_there = repository.files.root().join(&owner.folder).is_dir();
        if one != two && is_there {
            let message = format!("{one} and {two} have the same registry name, `{registry}`");
            let help = format!("change `registry:` in {two}");
            return Err(Failure::new(message, help).into());
        }
    }
    Ok(others)
}

/// Returns the names of the workflows: plain ones, unless another registry has them.
fn choose_names(
    repository: &DiskRepository,
    host: CiHost,
    registry: &RegistryName,
) -> anyhow::Result<WorkflowNames> {
    let (plain, suffixed) =
        (WorkflowNames::plain(registry.clone()), WorkflowNames::suffixed(registry.clone()));
    let path = |names: &WorkflowNames| format!("{}/{}", ci::folder(host), names.file("promptdex"));
    if repository.text(&path(&suffixed))?.is_some() {
        return Ok(suffixed);
    }
    let text = repository.text(&path(&plain))?;
    let lines = text.as_deref().and_then(|text| lines_of(text, None));
    let owner = lines.as_deref().and_then(ci::owner);
    let is_ours = |owner: ci::WorkflowOwner<'_>| {
        owner.registry == registry.as_str() || owner.folder == repository.folder
    };
    let is_free = owner.is_none_or(is_ours);
    Ok(if is_free { plain } else { suffixed })
}

/// Says what to decide before a private registry is published to Pages.
fn private_pages(tree: &Tree, args: &CiArgs) -> Failure {
    let host = value_name(&args.host);
    let file = tree.display_path(REGISTRY_FILE);
    let message = "the registry is private, and anyone can read a Pages site";
    Failure::new(
        message,
        format!("if anyone may read the prompts: set `visibility: public` in {file}"),
    )
    .or(format!("if they are for your company: `promptdex ci {host} --publish artifact`, and deploy the artifact behind your login"))
    .or(format!("if your Pages site has access control: `promptdex ci {host} --publish pages --restricted-pages`"))
}

/// Returns the command line that regenerates the workflows, at the top of the repository. `folder`
/// is the path of the tree.
fn command_line(args: &CiArgs, folder: &str) -> String {
    let root = match folder {
        "prompts" => String::new(),
        "" => " --root .".to_owned(),
        folder if folder.contains(' ') => format!(" --root \"{folder}\""),
        folder => format!(" --root {folder}"),
    };
    let mut line = format!("promptdex{root} ci {}", value_name(&args.host));
    if args.publish != PublishTo::None {
        line.push_str(&format!(" --publish {}", value_name(&args.publish)));
    }
    if args.restricted_pages {
        line.push_str(" --restricted-pages");
    }
    if let Some(branch) = &args.branch {
        line.push_str(&format!(" --branch {branch}"));
    }
    line
}

/// Returns the command-line name of a choice.
fn value_name(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
