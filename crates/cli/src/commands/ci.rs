//! `promptdex ci`: CI workflows for the Git host.

use std::path::Path;

use anyhow::Context as _;
use clap::ValueEnum;
use promptdex_core::managed_block::{lines_of, with_block};
use promptdex_core::rules::Severity;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};
use promptdex_ops::history::head::LazyHeadCommit;
use promptdex_ops::history::in_place_versions::survey_with_versions;
use promptdex_ops::prompts::settings;
use promptdex_ops::tree::Tree;
use promptdex_ops::tree::repository::DiskRepository;
use promptdex_wire::Digest;

use crate::ci::{self, Install, Project, WorkflowFile, is_public};
use crate::cli::{CiArgs, CiHost, FindingsFormat, PublishTo};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::ui::Ui;

/// The URL of the releases, for a release binary. A file has the URL `{this}/v{version}/{file}`.
const RELEASES: Option<&str> = option_env!("PROMPTDEX_RELEASES");

/// The target of runners. The static binary, for musl, takes about twice as long.
const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn run(ui: &Ui, root: &Path, args: &CiArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let (settings, findings) =
        settings::read_with_findings(&tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?;
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        ui.message(&output::list(&tree, &findings, FindingsFormat::Human));
        ui.hint("workflows are not written from what cannot be read");
        return Ok(Exit::Findings);
    }
    if args.publish == PublishTo::Pages && !is_public(&settings) {
        let message = "the registry is private, and everybody can read what is on Pages";
        let help = "`--publish artifact` hands it to a job of yours; if everybody may read it, say `visibility: public` in registry.yaml";
        return Err(Failure::new(message, help).into());
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
    let project = Project::of(&settings, prompts, folder, branch, args.publish, install(args)?);
    let mut stale = Vec::new();
    for WorkflowFile { path, text } in ci::files(&project, args.host) {
        let old = repository.text(path)?;
        let lines: Vec<&str> = text.iter().flat_map(|text| text.lines()).collect();
        if lines.is_empty() && old.as_deref().and_then(lines_of).is_none() {
            continue;
        }
        let new = with_block(old.as_deref(), &command_line(args), &lines);
        if old.as_ref() == Some(&new) {
            if !args.check {
                ui.status("Unchanged", path);
            }
        } else if args.check {
            stale.push(path);
        } else if new.trim().is_empty() {
            repository.files.remove(path)?;
            ui.status("Removed", path);
        } else {
            repository.write(path, &new)?;
            ui.status("Wrote", path);
        }
    }
    if args.check {
        for path in &stale {
            ui.message(&format!("{path} is not what `{}` writes\n", command_line(args)));
        }
        if stale.is_empty() {
            ui.status("Current", "the workflows are what this command writes");
        }
        return Ok(if stale.is_empty() { Exit::Done } else { Exit::Differences });
    }
    advise(ui, &repository, &project, args)?;
    Ok(Exit::Done)
}

/// Prints the steps that remain for the user.
fn advise(
    ui: &Ui,
    repository: &DiskRepository,
    project: &Project,
    args: &CiArgs,
) -> anyhow::Result<()> {
    if args.host == CiHost::Gitlab {
        use crate::ci::gitlab::{JOBS, OWN};
        let include = format!("include:\n  - local: {JOBS}\n");
        match repository.text(OWN)? {
            None => {
                repository.write(OWN, &include)?;
                ui.status("Wrote", OWN);
            }
            Some(text) if !text.contains(JOBS) => {
                ui.hint(&format!("add `- local: {JOBS}` to `include` of {OWN}"));
            }
            Some(_) => {}
        }
    }
    if project.has_teams && !project.has_handles {
        ui.hint("nobody in `teams` of policy.yaml has a `@handle`: a move from the form is refused, and e-mail addresses of commits can be forged");
    }
    ui.hint("docs/ci.md says what to set up once: required checks, reviews and tokens");
    Ok(())
}

/// Returns the command line that regenerates the workflows.
fn command_line(args: &CiArgs) -> String {
    let host = value_name(&args.host);
    match args.publish {
        PublishTo::None => format!("promptdex ci {host}"),
        publish => format!("promptdex ci {host} --publish {}", value_name(&publish)),
    }
}

/// Returns the command-line name of a choice.
fn value_name(choice: &impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Returns how a runner installs this exact version of promptdex.
fn install(args: &CiArgs) -> anyhow::Result<Install> {
    if let Some(commands) = &args.setup {
        return Ok(Install::Setup(commands.clone()));
    }
    let version = env!("CARGO_PKG_VERSION");
    let file = format!("promptdex-{version}-{TARGET}");
    let Some(from) = args.from.as_deref().or(RELEASES) else {
        let message = "this promptdex was not released, so no machine can fetch it";
        let help = "`--setup COMMAND` says how a machine gets one; `--from URL --sha256 HEX` where a release is";
        return Err(Failure::new(message, help).into());
    };
    if !from.starts_with("https://")
        || from.contains(|c: char| c.is_whitespace() || "\"'$`\\".contains(c))
    {
        let message = format!("`{from}` is not an address that a machine fetches from");
        return Err(Failure::new(message, "it begins with `https://`").into());
    }
    let url = format!("{}/v{version}/{file}", from.trim_end_matches('/'));
    let sha256 = match &args.sha256 {
        Some(sha256) => sha256.clone(),
        None if RELEASES.is_some() && env!("PROMPTDEX_TARGET") == TARGET => {
            // The running program is the file that the runner downloads.
            let path = std::env::current_exe().context("cannot find this program")?;
            let bytes = std::fs::read(&path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            let digest = Digest::of(&bytes).to_string();
            digest.trim_start_matches("sha256:").to_owned()
        }
        None => {
            let message = format!("the checksum of {file} is not known here");
            let help = "`--sha256 HEX`: it stands in SHA256SUMS of the release";
            return Err(Failure::new(message, help).into());
        }
    };
    Ok(Install::Fetch { url, sha256 })
}
