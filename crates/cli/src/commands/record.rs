//! `promptdex record`: what a test of a version came to.

use std::path::Path;

use anyhow::Context as _;
use promptdex_core::read::read_result;
use promptdex_core::source::Source;
use promptdex_ops::change::commit::{self, Message};
use promptdex_ops::change::files;
use promptdex_ops::change::test_report::{self, Tested};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::tree::Tree;
use promptdex_wire::catalog::TestResult;
use promptdex_wire::json::Decimal;

use crate::cli::{Format, RecordArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment;
use crate::output;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RecordArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, selected) = selector::parse(&args.prompt)?;
    let mut findings = Vec::new();
    let prompt = loader.prompt(&name, &mut findings)?;
    let version = selector::select(&prompt, &loader.settings, selected)?.version;
    let source = prompt.versions.get(&version).filter(|source| source.is_complete);
    let (Some(source), Some(files)) = (source, loader.files(&name)?) else {
        ui.talk(&output::list(&tree, &findings, Format::Human));
        let message =
            format!("`{name}@{version}` cannot be read, so nobody can say what was tested");
        return Err(Failure::new(message, "correct what was found in it").into());
    };
    if args.commit {
        commit::check(root)?;
    }
    let read = match &args.from {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read `{}`", file.display()))?;
            test_report::read(&file.display().to_string(), &text)?
        }
        None => Tested::default(),
    };
    let result = TestResult {
        test_name: args.test.clone(),
        source_digest: source.source_digest,
        passed: args.passed.unwrap_or(read.passed),
        failed: args.failed.unwrap_or(read.failed),
        avg_score: args.avg_score.or(read.avg_score).and_then(Decimal::new),
        tested_at: match &args.tested_at {
            Some(text) => moment::parse(text)?,
            None => read.tested_at.unwrap_or_else(moment::now),
        },
        source: args.source.clone().or(read.source),
    };
    let path = files.results_file(&version, &args.test);
    let mut text = serde_json::to_string_pretty(&result)?;
    text.push('\n');
    // What is written has to be read again.
    let mut findings = Vec::new();
    read_result(&Source::new(&path, text.as_str()), &args.test, &mut findings);
    if !findings.is_empty() {
        ui.talk(&output::list(&tree, &findings, Format::Human));
        return Ok(Exit::Findings);
    }
    let is_there = tree.has(&path);
    if is_there && tree.read(&path)? == text.as_bytes() {
        ui.status("Unchanged", &tree.shown(&path));
        return Ok(Exit::Done);
    }
    files::put(&tree, &path, is_there, Some(text.as_bytes()))?;
    let TestResult { passed, failed, .. } = result;
    let of = passed.saturating_add(failed);
    ui.status("Wrote", &format!("{} ({passed} of {of} passed)", tree.shown(&path)));
    if args.commit {
        let subject = format!("Record {} of {name} {version}: {passed} of {of} passed", args.test);
        let message = Message { subject: subject.clone(), reason: None };
        let id = commit::commit(root, &[path], &message)?;
        ui.status("Committed", &format!("{id} {subject}"));
    }
    Ok(Exit::Done)
}
