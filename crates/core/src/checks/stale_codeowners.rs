//! `stale-codeowners`.

use promptdex_wire::PromptName;

use crate::code_owners::{block_name, code_owners};
use crate::diagnostic::Diagnostic;
use crate::managed_block::lines_of;
use crate::model::Settings;
use crate::rules;
use crate::tree::POLICY_FILE;

/// A `CODEOWNERS` file of the repository that a tree is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeOwnersFile {
    /// Its path from the top of the repository.
    pub path: String,
    /// What it says.
    pub text: String,
    /// The root of the tree from the top of the repository; empty for the top itself.
    pub folder: String,
}

/// Compares the block that promptdex wrote with the teams. A file without a block is not checked.
pub fn check_code_owners<'n>(
    settings: &Settings,
    prompts: impl Iterator<Item = &'n PromptName>,
    file: &CodeOwnersFile,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(written) = lines_of(&file.text, block_name(&file.folder)) else { return };
    let expected = code_owners(settings, prompts, &file.folder).lines;
    let differs = expected.iter().find(|line| !written.contains(&line.as_str()));
    let extra = || written.iter().find(|line| !expected.iter().any(|known| known == *line));
    let what = match (differs, extra()) {
        (Some(line), _) => format!("missing `{line}`"),
        (None, Some(line)) => format!("unexpected `{line}`"),
        (None, None) if expected == written => return,
        (None, None) => "wrong order of lines".to_owned(),
    };
    let message = format!("the promptdex block in `{}` is out of date: {what}", file.path);
    findings.push(
        Diagnostic::about(&rules::STALE_CODEOWNERS, POLICY_FILE, message)
            .help("run `promptdex codeowners` to rewrite the block"),
    );
}
