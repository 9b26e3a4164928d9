//! Builds the tree for its preview, and says what came of it: in the terminal and on the pages.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use promptdex_core::diagnostic::Severity;

use super::live::{Finding, Live};
use crate::cache::{Cache, Index};
use crate::cli::Format;
use crate::compile::{self, Outcome, Output};
use crate::output;
use crate::site;
use crate::target::{Preview, Rebuilt, Staging};
use crate::tree::Tree;
use crate::ui::{Ui, plural};

/// A tree may be read while somebody writes to it; after so long it is read once more.
const AGAIN: Duration = Duration::from_millis(100);

/// Builds one tree again and again.
pub(super) struct Builder {
    ui: Ui,
    root: PathBuf,
    preview: Arc<Preview>,
    live: Arc<Live>,
    index: Index,
    /// Whether there was a good build.
    has_built: bool,
    /// The findings that were printed last: they are not printed again.
    printed: String,
}

impl Builder {
    pub(super) fn new(ui: &Ui, tree: &Tree, preview: Arc<Preview>, live: Arc<Live>) -> Self {
        let mut index = Index::default();
        if let Some(cache) = cache(tree, &preview) {
            if let Some(mut known) = cache.load()
                && let Some(held) = known.held.take()
            {
                preview.restore(held);
                index = known;
            }
            cache.clear();
        }
        let root = tree.root().to_owned();
        Self {
            ui: ui.clone(),
            root,
            preview,
            live,
            index,
            has_built: false,
            printed: String::new(),
        }
    }

    /// Builds for the first time, and returns whether there is something to serve.
    pub(super) fn first(&mut self) -> anyhow::Result<bool> {
        let started = Instant::now();
        let built = self.build()?;
        self.report(built, started);
        Ok(self.has_built)
    }

    /// Builds what has changed. Whatever happens, what is served stays.
    pub(super) fn again(&mut self) {
        let started = Instant::now();
        let built = self.build().or_else(|_half_written| {
            std::thread::sleep(AGAIN);
            self.build()
        });
        match built {
            Ok(built) => self.report(built, started),
            Err(error) => {
                self.printed.clear();
                self.ui.error(&error);
                let findings = [Finding::failure(&error)];
                self.behind(&format!("{error:#}\n"), &findings, "there was no build");
            }
        }
    }

    /// Keeps what is needed to begin the next time with what has changed meanwhile.
    pub(super) fn finish(&mut self) {
        if let Ok(tree) = Tree::open(&self.root)
            && let Some(cache) = cache(&tree, &self.preview)
            && let Some(held) = self.preview.to_restore()
            && cache.is_current(&self.index)
        {
            self.index.held = Some(held);
            cache.save(&mut self.index);
        }
    }

    fn build(&mut self) -> anyhow::Result<Built> {
        let tree = Tree::open(&self.root)?;
        let cache = cache(&tree, &self.preview);
        let is_current = self.preview.is_whole()
            && cache.as_ref().is_some_and(|cache| cache.is_current(&self.index));
        self.preview.begin()?;
        let staging = Staging::Preview(Arc::clone(&self.preview));
        let output = Output {
            staging: Some(&staging),
            previous: None,
            clock: cache.as_ref().map(|cache| cache.clock),
            index: is_current.then_some(&self.index),
            assets: site::assets(),
        };
        let mut outcome = compile::run(&tree, output)?;
        let is_good = outcome.count(Severity::Error) == 0;
        let rebuilt = if is_good { Some(self.preview.commit()?) } else { None };
        // With errors, what was known of other settings still is.
        if let Some(cache) = cache.filter(|_| is_good || is_current) {
            let compiled = std::mem::take(&mut outcome.compiled);
            cache.update(&mut self.index, &outcome.unchanged, compiled);
        }
        Ok(Built { tree, outcome, rebuilt })
    }

    fn report(&mut self, built: Built, started: Instant) {
        let Built { tree, outcome, rebuilt } = built;
        let text = if outcome.findings.is_empty() {
            String::new()
        } else {
            output::findings(&tree, &outcome, Format::Human)
        };
        let is_other = self.printed != text;
        if is_other {
            self.ui.talk(&text);
        }
        let findings: Vec<Finding> =
            outcome.findings.iter().map(|finding| Finding::of(&tree, finding)).collect();
        let Some(rebuilt) = rebuilt else {
            self.behind(&text, &findings, "fix the errors first");
            self.printed = text;
            return;
        };
        let time = format!("in {} ms", started.elapsed().as_millis());
        if !self.has_built {
            let prompts = plural(outcome.prompts, "prompt");
            let versions = plural(outcome.versions, "version");
            let registry = &outcome.settings.registry;
            self.ui.status("Built", &format!("{registry}: {prompts}, {versions}, {time}"));
        } else if rebuilt.is_new || is_other {
            let (verb, what) = what(rebuilt);
            self.ui.status(verb, &format!("{what} {time}"));
        }
        self.has_built = true;
        self.live.built(rebuilt.is_new, outcome.settings.visibility, &findings);
        self.printed = text;
    }

    /// Says that the tree was not built, and why.
    fn behind(&self, text: &str, findings: &[Finding], why: &str) {
        if self.has_built {
            self.ui.status("Not rebuilt:", &format!("{why}; the last good build stays up"));
            self.live.behind(findings);
        } else {
            self.ui.status("Not built:", &format!("{why}; every page says so until then"));
            let text = anstream::adapter::strip_str(text).to_string();
            self.live.trouble(&text, findings);
        }
    }
}

/// What a build came to; without `rebuilt` there were errors.
struct Built {
    tree: Tree,
    outcome: Outcome,
    rebuilt: Option<Rebuilt>,
}

/// Opens what is remembered of a preview.
fn cache(tree: &Tree, preview: &Preview) -> Option<Cache> {
    Cache::open_file(&preview.memory(), tree, &preview.folder(), true)
}

/// Says what was done, and to what.
fn what(rebuilt: Rebuilt) -> (&'static str, String) {
    match (rebuilt.prompts, rebuilt.gone) {
        (0, 0) if rebuilt.is_new => ("Rebuilt", "what belongs to no single prompt".to_owned()),
        (0, 0) => ("Rebuilt", "nothing new".to_owned()),
        (prompts, 0) => ("Rebuilt", plural(prompts, "prompt")),
        (0, gone) => ("Removed", plural(gone, "prompt")),
        (prompts, gone) => ("Rebuilt", format!("{}, removed {gone}", plural(prompts, "prompt"))),
    }
}
