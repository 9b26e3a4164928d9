//! `promptdex record`: records test results for a version.

use std::path::Path;

use promptdex_ops::change::commit::{self, CommitText};
use promptdex_ops::change::commit_plan::CommittedTree;
use promptdex_ops::change::files;
use promptdex_ops::change::test_record::{self, VersionUnderTest};
use promptdex_ops::change::test_report::{self, PromptChoice, TestRun};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::prompt_handle::LoadError;
use promptdex_ops::prompts::selector;
use promptdex_ops::text::printable;
use promptdex_ops::tree::Tree;
use promptdex_wire::catalog::TestResult;
use promptdex_wire::json::Decimal;

use super::change::refuse_broken_commit;
use crate::cli::{FindingsFormat, RecordArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input_file;
use crate::output;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RecordArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, selector) = selector::parse(&args.prompt)?;
    let tested = match test_record::find(&loader, &name, selector) {
        Err(LoadError::Unreadable(unreadable)) => {
            ui.message(&output::list(&tree, &unreadable.findings, FindingsFormat::Human));
            let message = format!("cannot read the tested version `{}`", unreadable.version);
            return Err(
                Failure::new(message, "run `promptdex check`, and fix its errors first").into()
            );
        }
        tested => tested?,
    };
    if args.commit {
        commit::check_signing(root, &loader.settings.governance)?;
    }
    let committed = if args.commit { CommittedTree::of(&tree)? } else { None };
    let result = result(ui, args, &tested)?;
    let record = test_record::plan(&tree, &tested, &result)?;
    if !record.findings.is_empty() {
        ui.message(&output::list(&tree, &record.findings, FindingsFormat::Human));
        return Ok(Exit::Findings);
    }
    let is_open = |committed: &CommittedTree| committed.uncommitted_files.contains(&record.path);
    let is_committed = !committed.as_ref().is_some_and(is_open);
    if record.files.is_empty() && is_committed {
        ui.status("Unchanged", &tree.display_path(&record.path));
        return Ok(Exit::Done);
    }
    if let Some(committed) = &committed {
        let mut files = record.files.clone();
        if files.is_empty() {
            files.insert(record.path.clone(), Some(tree.read(&record.path)?));
        }
        if refuse_broken_commit(ui, committed, &files)? {
            return Ok(Exit::Findings);
        }
    }
    files::write(&tree, &record.files)?;
    let TestResult { passed, failed, .. } = result;
    let of = passed.saturating_add(failed);
    ui.status("Wrote", &format!("{} ({passed} of {of} passed)", tree.display_path(&record.path)));
    if args.commit {
        let version = &tested.version;
        let subject = format!("Record {} of {name} {version}: {passed} of {of} passed", args.test);
        let message = CommitText { subject: subject.clone(), reason: None };
        let id = commit::commit(&tree, &[record.path], &message)?;
        ui.status("Committed", &format!("{id} {subject}"));
    }
    Ok(Exit::Done)
}

/// Returns the test result from the arguments, which override the report of a test runner.
fn result(ui: &Ui, args: &RecordArgs, tested: &VersionUnderTest) -> anyhow::Result<TestResult> {
    let read = match &args.from {
        Some(file) => {
            let text = input_file::read(file)?;
            let choice =
                PromptChoice { label: args.prompt_label.as_deref(), text: tested.text.as_ref() };
            test_report::read(&file.display().to_string(), &text, choice)?
        }
        None => TestRun::default(),
    };
    if let Some(label) = &read.matched_prompt {
        // A prompt without a label has its text as one.
        let label = printable(label.lines().next().unwrap_or_default());
        ui.status(
            "Matched",
            &format!("prompt `{label}`, which has the text of version {}", tested.version),
        );
    }
    Ok(TestResult {
        test_name: args.test.clone(),
        source_digest: tested.source_digest,
        passed: args.passed.unwrap_or(read.passed),
        failed: args.failed.unwrap_or(read.failed),
        avg_score: args.avg_score.or(read.avg_score).and_then(Decimal::new),
        tested_at: match &args.tested_at {
            Some(text) => time_argument::parse(text)?,
            None => read.tested_at.unwrap_or_else(time_argument::now),
        },
        source: args.source.clone().or(read.source),
    })
}
