//! `promptdex codeowners`: writes the teams of `policy.yaml` into the `CODEOWNERS` file.

use std::path::Path;

use promptdex_core::code_owners::{block_name, code_owners};
use promptdex_core::managed_block::{lines_of, names, with_block};
use promptdex_core::rules::Severity;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};
use promptdex_ops::history::head::LazyHeadCommit;
use promptdex_ops::history::in_place_versions::survey_with_versions;
use promptdex_ops::prompts::settings;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_ops::tree::repository::{CODE_OWNERS, DiskRepository};

use crate::cli::{CodeownersArgs, FindingsFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &CodeownersArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let (settings, findings) =
        settings::read_with_findings(&tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?;
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        ui.message(&output::list(&tree, &findings, FindingsFormat::Human));
        ui.hint("fix the errors first; CODEOWNERS was not written");
        return Ok(Exit::Findings);
    }
    let repository = DiskRepository::of(root)?;
    let (survey, _) = survey_with_versions(&tree, &LazyHeadCommit::of(&tree))?;
    let found = code_owners(&settings, survey.prompts.keys(), &repository.folder);
    let path = args.output.as_deref().unwrap_or_else(|| code_owners_path(&repository));
    let old = repository.text(path)?;
    let block = block_name(&repository.folder);
    let has_block = old.as_deref().is_some_and(|text| lines_of(text, block).is_some());
    if found.lines.is_empty() && !has_block {
        let message = "policy.yaml has no teams";
        let help = "add teams: `teams: {support: {people: [\"@ana\"], owns: [\"support/**\"], may: [create]}}`";
        return Err(Failure::new(message, help).into());
    }
    let written: Vec<&str> = found.lines.iter().map(String::as_str).collect();
    let command = match block {
        None => "promptdex codeowners".to_owned(),
        Some(folder) => format!("promptdex --root {folder} codeowners"),
    };
    let kept = old.clone().map(|text| without_moved_trees(&repository, text));
    let new = with_block(kept.as_deref(), block, &command, &written);
    let lines = plural(found.lines.len(), "line");
    if args.dry_run {
        ui.data(&new);
        ui.status("Would write", &format!("{path} ({lines})"));
    } else if old.as_ref() == Some(&new) {
        ui.status("Unchanged", &format!("{path} ({lines})"));
    } else {
        repository.write(path, &new)?;
        ui.status("Wrote", &format!("{path} ({lines})"));
        if old.is_none() {
            ui.hint(
                "commit the file to the default branch, and require reviews from code owners in the Git host's settings",
            );
        }
    }
    for person in found.people_without_handles {
        ui.hint(&format!(
            "`{person}` skipped: CODEOWNERS requires a `@handle` or an email address"
        ));
    }
    Ok(Exit::Done)
}

/// Removes the blocks of trees that are no longer in their folder.
fn without_moved_trees(repository: &DiskRepository, text: String) -> String {
    let is_gone = |folder: &&str| !repository.files.root().join(folder).is_dir();
    let gone: Vec<String> = names(&text).into_iter().filter(is_gone).map(str::to_owned).collect();
    let text =
        gone.iter().fold(text, |text, folder| with_block(Some(&text), Some(folder), "", &[]));
    // The block without a name is of a tree in `prompts` or at the top.
    let has_unnamed_tree = repository.files.root().join("prompts").is_dir()
        || repository.files.has(REGISTRY_FILE)
        || block_name(&repository.folder).is_none();
    if has_unnamed_tree { text } else { with_block(Some(&text), None, "", &[]) }
}

/// Returns the path of the existing file, or the path where the Git host looks first.
fn code_owners_path(repository: &DiskRepository) -> &'static str {
    let there = CODE_OWNERS.into_iter().find(|path| repository.files.has(path));
    let is_gitlab = repository.files.has(".gitlab-ci.yml");
    there.unwrap_or(if is_gitlab { ".gitlab/CODEOWNERS" } else { CODE_OWNERS[0] })
}
