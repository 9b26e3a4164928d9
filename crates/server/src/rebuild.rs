//! Builds a tree for its preview, and reports the results to the console and to the pages.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::build;
use promptdex_ops::build::cache::{self, BuildCache, CacheIndex};
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::build::output::Output;
use promptdex_ops::build::site::Site;
use promptdex_ops::history::events::HistoryCache;
use promptdex_ops::history::in_place_versions::DraftPolicy;
use promptdex_ops::target::{Preview, PreviewUpdate, Staging};
use promptdex_ops::tree::Tree;

use super::console::{Console, Notice};
use super::error::{Error, Result, panic_message};
use super::live::{Live, PreviewFinding};

/// The delay before a failed build is repeated, because the tree may have been in the middle of a
/// write.
const AGAIN: Duration = Duration::from_millis(100);

/// The function that compiles a tree into the place that its output names.
type Build = fn(&Tree, &Output<'_>) -> promptdex_ops::error::Result<BuildOutcome>;

/// Builds one tree repeatedly.
pub(crate) struct PreviewBuilder {
    run_build: Build,
    console: Arc<dyn Console>,
    root: PathBuf,
    preview: Arc<Preview>,
    live: Arc<Live>,
    site: Option<Site>,
    index: CacheIndex,
    /// The Git history of the last build.
    history_cache: HistoryCache,
    /// Whether a build has succeeded.
    has_built: bool,
    /// The findings that were printed last, so that they are not printed twice.
    last_report: String,
}

impl PreviewBuilder {
    pub(crate) fn new(
        console: &Arc<dyn Console>,
        tree: &Tree,
        site: Option<Site>,
        preview: Arc<Preview>,
        live: Arc<Live>,
    ) -> Self {
        let mut index = CacheIndex::default();
        if let Some(cache) = cache(tree, &preview) {
            if let Some(mut known) = cache.load()
                && let Some(held) = known.owned_files.take()
            {
                preview.restore(held);
                index = known;
            }
            cache.clear();
        }
        let root = tree.root().to_owned();
        Self {
            run_build: build::run,
            console: Arc::clone(console),
            root,
            preview,
            live,
            site,
            index,
            history_cache: HistoryCache::default(),
            has_built: false,
            last_report: String::new(),
        }
    }

    /// Runs the first build. Returns whether there is something to serve.
    pub(crate) fn build_first(&mut self) -> Result<bool> {
        match self.build_and_report(Instant::now()) {
            Err(error @ Error::Panic { .. }) => self.report_error(&error),
            result => result?,
        }
        Ok(self.has_built)
    }

    /// Builds the changed tree. If that fails, the current build is still served.
    pub(crate) fn rebuild(&mut self) {
        let started = Instant::now();
        let result = match self.build_and_report(started) {
            // The tree may have been in the middle of a write.
            Err(error) if !matches!(error, Error::Panic { .. }) => {
                std::thread::sleep(AGAIN);
                self.build_and_report(started)
            }
            result => result,
        };
        if let Err(error) = result {
            self.report_error(&error);
        }
    }

    /// Builds the tree and reports the result. A panic is an error like any other, so that the next change is
    /// built again.
    fn build_and_report(&mut self, started: Instant) -> Result<()> {
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let built = self.build()?;
            self.report(built, started);
            Ok(())
        }));
        attempt.unwrap_or_else(|payload| {
            // What the build remembers may be half changed. The preview itself is in order: files are staged first.
            self.index = CacheIndex::default();
            self.history_cache = HistoryCache::default();
            Err(Error::Panic { message: panic_message(&*payload) })
        })
    }

    fn report_error(&mut self, error: &Error) {
        self.last_report.clear();
        self.console.notice(Notice::Failed(error));
        let help = self.console.help(error);
        let findings = [PreviewFinding::failure(error, help.as_deref())];
        self.report_failure(&format!("{}\n", error.in_full()), &findings, false);
    }

    /// Saves the state, so that the next process builds only changes.
    pub(crate) fn finish(&mut self) {
        if let Ok(tree) = Tree::open(&self.root)
            && let Some(cache) = cache(&tree, &self.preview)
            && let Some(held) = self.preview.files_to_restore()
            && cache.is_current(&self.index)
        {
            self.index.owned_files = Some(held);
            cache.save(&mut self.index);
        }
    }

    fn build(&mut self) -> Result<PreviewBuild> {
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
            site: self.site.as_ref(),
            history_cache: Some(&self.history_cache),
            drafts: DraftPolicy::Shown,
            ..Output::default()
        };
        let mut outcome = match (self.run_build)(&tree, &output) {
            Err(promptdex_ops::error::Error::Damage(_)) if is_current => {
                // The preview was changed by another program.
                self.index = CacheIndex::default();
                return self.build();
            }
            outcome => outcome?,
        };
        let is_good = outcome.count(Severity::Error) == 0;
        let update = if is_good { Some(self.preview.commit()?) } else { None };
        // After a failed build, earlier entries for other settings remain valid.
        if let Some(cache) = cache.filter(|_| is_good || is_current) {
            let cache_update = std::mem::take(&mut outcome.cache_update);
            cache.update(&mut self.index, cache_update);
        }
        Ok(PreviewBuild { tree, outcome, update })
    }

    fn report(&mut self, built: PreviewBuild, started: Instant) {
        let PreviewBuild { tree, outcome, update } = built;
        let text = if outcome.findings.is_empty() {
            String::new()
        } else {
            self.console.plain_findings(&tree, &outcome)
        };
        let is_other = self.last_report != text;
        if is_other {
            self.console.notice(Notice::Findings(&tree, &outcome));
        }
        let mut findings: Vec<&Diagnostic> = outcome.findings.iter().collect();
        findings.sort_by_key(|finding| finding.severity != Severity::Error);
        let findings: Vec<PreviewFinding> =
            findings.into_iter().map(|finding| PreviewFinding::of(&tree, finding)).collect();
        let Some(rebuilt) = update else {
            self.report_failure(&text, &findings, true);
            self.last_report = text;
            return;
        };
        let time = started.elapsed();
        if !self.has_built {
            self.console.notice(Notice::Built(&outcome, time));
        } else if rebuilt.is_new || is_other {
            self.console.notice(Notice::Rebuilt(rebuilt, time));
        }
        self.has_built = true;
        self.live.publish_build(rebuilt.is_new, outcome.settings.visibility, &findings);
        self.last_report = text;
    }

    /// Reports that the tree could not be built, with the reason.
    fn report_failure(&self, text: &str, findings: &[PreviewFinding], has_errors: bool) {
        let has_older = self.has_built;
        self.console.notice(Notice::NotBuilt { has_older, has_errors });
        if has_older {
            self.live.publish_failed_rebuild(findings);
        } else {
            self.live.publish_failed_first_build(text, findings);
        }
    }
}

/// The result of a build. `rebuilt` is `None` if the tree has errors.
struct PreviewBuild {
    tree: Tree,
    outcome: BuildOutcome,
    update: Option<PreviewUpdate>,
}

/// Opens the build cache of a preview.
fn cache(tree: &Tree, preview: &Preview) -> Option<BuildCache> {
    // The folder may have been removed together with the tree, before the tree was restored.
    drop(cache::folder(tree));
    BuildCache::open_file(&preview.cache_file(), tree, &preview.folder(), true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::sync::Mutex;

    use promptdex_core::diagnostic::Diagnostic;
    use proptest::prelude::*;

    use super::*;

    /// Returns a site of two files.
    fn site() -> Option<Site> {
        Site::new(&[
            ("assets/style-0123456789abcdef.css", b"body {}"),
            (
                "site.json",
                br#"{"style": "style-0123456789abcdef.css", "theme": "t.js", "boot": "b.js", "app": "a.js",
                    "app_wasm": "a.wasm", "not_found": "n.js", "icon": "i.svg", "tokens": {}}"#,
            ),
        ])
    }

    /// A console that ignores all messages.
    struct SilentConsole;

    impl Console for SilentConsole {
        fn notice(&self, _: Notice<'_>) {}

        fn plain_findings(&self, _: &Tree, outcome: &BuildOutcome) -> String {
            format!("{:?}", outcome.findings)
        }

        fn help(&self, _: &Error) -> Option<String> {
            None
        }
    }

    /// A tree, and its last good build.
    struct PreviewFixture {
        folder: tempfile::TempDir,
        builder: PreviewBuilder,
        good: BTreeMap<String, Vec<u8>>,
    }

    fn builder(root: &Path) -> PreviewBuilder {
        let tree = Tree::open(root).unwrap();
        let preview = Preview::open(cache::folder(&tree)).unwrap();
        let console: Arc<dyn Console> = Arc::new(SilentConsole);
        PreviewBuilder::new(&console, &tree, site(), Arc::new(preview), Arc::new(Live::new(true)))
    }

    impl PreviewFixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("prompts")).unwrap();
            let builder = builder(&folder.path().join("prompts"));
            Self { folder, builder, good: BTreeMap::new() }
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.folder.path().join("prompts").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn remove(&self, path: &str) {
            drop(fs::remove_dir_all(self.folder.path().join("prompts").join(path)));
        }

        /// Ends the process and starts a new one.
        fn restart(&mut self) {
            self.builder.finish();
            // The folder stays locked until the old preview is dropped.
            let elsewhere = tempfile::tempdir().unwrap();
            self.builder = builder(elsewhere.path());
            self.builder = builder(&self.folder.path().join("prompts"));
        }

        /// Builds the changes, then the whole tree in memory and into an empty folder, and compares
        /// the results.
        fn check(&mut self) -> Result<(), TestCaseError> {
            let root = self.folder.path().join("prompts");
            let fresh = tempfile::tempdir().unwrap();
            let built = self.builder.build();
            let whole = build_afresh(&root, fresh.path());
            match (built, whole) {
                (Ok(built), Ok((findings, is_good))) => {
                    prop_assert_eq!(&built.outcome.findings, &findings);
                    prop_assert_eq!(built.update.is_some(), is_good);
                    if is_good {
                        self.good = files(fresh.path());
                    }
                }
                (Err(ours), Err(theirs)) => prop_assert_eq!(ours.to_string(), theirs.to_string()),
                (ours, theirs) => prop_assert!(false, "{:?}, {:?}", ours.err(), theirs.err()),
            }
            let preview = files(&self.builder.preview.folder());
            let names =
                |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
            prop_assert_eq!(names(&preview), names(&self.good));
            prop_assert!(preview == self.good);
            Ok(())
        }
    }

    fn build_afresh(root: &Path, output: &Path) -> Result<(Vec<Diagnostic>, bool)> {
        let tree = Tree::open(root)?;
        let staging = Staging::start(output, Some(root), None)?;
        let site = site();
        let output = Output { staging: Some(&staging), site: site.as_ref(), ..Output::default() };
        let outcome = build::run(&tree, &output)?;
        let is_good = outcome.count(Severity::Error) == 0;
        if is_good {
            staging.commit()?;
        }
        Ok((outcome.findings, is_good))
    }

    /// Returns all files in a folder, and its empty folders.
    fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter().map(Result::unwrap);
        entries
            .filter(|entry| {
                entry.file_type().is_file()
                    || fs::read_dir(entry.path()).is_ok_and(|mut below| below.next().is_none())
            })
            .map(|entry| {
                let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                (path, fs::read(entry.path()).unwrap_or_default())
            })
            .collect()
    }

    /// A console that keeps its messages, and cannot format the findings of one file.
    #[derive(Default)]
    struct FragileConsole(Mutex<Vec<String>>);

    impl FragileConsole {
        fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    impl Console for FragileConsole {
        fn notice(&self, notice: Notice<'_>) {
            let line = match notice {
                Notice::Failed(error) => error.in_full(),
                Notice::Built(..) => "built".to_owned(),
                Notice::Rebuilt(..) => "rebuilt".to_owned(),
                Notice::NotBuilt { has_older, .. } => {
                    format!("not built, older build: {has_older}")
                }
                Notice::Serving { .. }
                | Notice::Watching(_)
                | Notice::NotWatching
                | Notice::Findings(..) => return,
            };
            self.0.lock().unwrap().push(line);
        }

        fn plain_findings(&self, _: &Tree, outcome: &BuildOutcome) -> String {
            assert!(!outcome.findings.iter().any(|finding| finding.path == "stray.txt"), "stray");
            format!("{:?}", outcome.findings)
        }

        fn help(&self, _: &Error) -> Option<String> {
            None
        }
    }

    /// Builds a tree, and panics at the end if the tree has a certain file.
    fn fragile_build(
        tree: &Tree,
        output: &Output<'_>,
    ) -> promptdex_ops::error::Result<BuildOutcome> {
        let outcome = build::run(tree, output)?;
        assert!(!tree.has("_fragile"), "the tree is fragile");
        Ok(outcome)
    }

    #[test]
    fn a_panic_is_reported_and_the_next_change_is_built() {
        let mut fixture = PreviewFixture::new();
        let console = Arc::new(FragileConsole::default());
        fixture.builder.console = Arc::clone(&console) as Arc<dyn Console>;
        fixture.builder.run_build = fragile_build;
        let failure = |message: &str, older: bool| {
            [
                format!("promptdex failed with an internal error: {message}"),
                format!("not built, older build: {older}"),
            ]
        };

        // The first build, the build of a change, and the report of its findings.
        fixture.write("tone/v1.0.0/system_prompt.txt", "Be kind.\n");
        fixture.write("_fragile", "");
        assert!(!fixture.builder.build_first().unwrap());
        assert_eq!(console.take(), failure("the tree is fragile", false));
        fs::remove_file(fixture.folder.path().join("prompts/_fragile")).unwrap();
        fixture.builder.rebuild();
        assert_eq!(console.take(), ["built"]);
        fixture.check().unwrap();

        fixture.write("tone/v1.1.0/system_prompt.txt", "Be kinder.\n");
        fixture.write("_fragile", "");
        fixture.builder.rebuild();
        assert_eq!(console.take(), failure("the tree is fragile", true));
        assert_eq!(files(&fixture.builder.preview.folder()), fixture.good);
        fs::remove_file(fixture.folder.path().join("prompts/_fragile")).unwrap();
        fixture.builder.rebuild();
        assert_eq!(console.take(), ["rebuilt"]);

        fixture.write("stray.txt", "");
        fixture.builder.rebuild();
        assert_eq!(console.take(), failure("stray", true));
        fs::remove_file(fixture.folder.path().join("prompts/stray.txt")).unwrap();
        fixture.write("tone/v1.1.0/system_prompt.txt", "Be the kindest.\n");
        fixture.builder.rebuild();
        assert_eq!(console.take(), ["rebuilt"]);
        fixture.check().unwrap();
    }

    const NAMES: [&str; 4] = ["greeting", "tone", "support/refund", "photo"];

    /// One edit, valid or not.
    fn edit() -> impl Strategy<Value = (usize, u8, usize)> {
        (0..NAMES.len(), 0..18_u8, 0..3_usize)
    }

    fn apply(desk: &mut PreviewFixture, prompt: usize, kind: u8, number: usize) {
        let name = NAMES[prompt];
        let version = format!("1.{number}.0");
        let folder = format!("{name}/v{version}");
        match kind {
            0 | 1 => desk.write(&format!("{folder}/system_prompt.txt"), &format!("Text {kind}.\n")),
            2 => desk.write(&format!("{folder}/system_prompt.txt"), "{{ name }}\n"),
            3 => desk.write(
                &format!("{folder}/metadata.json"),
                "{\"variables\": {\"name\": \"string\"}}\n",
            ),
            4 => desk.write(
                &format!("{folder}/system_prompt.txt"),
                &format!("{{% include \"{}@1.0.0\" %}}\n", NAMES[number]),
            ),
            5 => {
                let picture = "[{type: image, file: files/a.png, media_type: image/png}]";
                desk.write(
                    &format!("{folder}/messages.yaml"),
                    &format!("- role: user\n  content: {picture}\n"),
                );
                desk.write(&format!("{folder}/files/a.png"), ["one", "two", "one"][number]);
            }
            6 => desk.write(
                &format!("{name}/environments/production.yaml"),
                &format!("version: {version}\n"),
            ),
            7 => desk.write(&format!("{name}/cases/{version}.yaml"), "- name: plain\n"),
            8 => desk.write(
                &format!("{name}/prompt.yaml"),
                [
                    "title: A title\n",
                    "redacted: {1.0.0: a leak}\n",
                    "deprecated: {1.0.0: old}\nreplaced_by: tone\n",
                ][number],
            ),
            9 => desk.write(
                "registry.yaml",
                ["", "visibility: public\n", "environments: [dev, production]\n"][number],
            ),
            10 => desk.write(
                "policy.yaml",
                ["", "checks: {unused-variable: off}\n", "checks: {undefined-variable: warn}\n"]
                    [number],
            ),
            11 => desk.remove(&folder),
            12 => desk.remove(&format!("{name}/environments")),
            13 => desk.remove(name),
            14 => desk.restart(),
            15 => {
                // Enough words for several search shards.
                let words =
                    (0..12_000_u32).map(|word| format!("{:x}", word.wrapping_mul(2_654_435_761)));
                let words = words.skip(number).collect::<Vec<_>>();
                desk.write(&format!("{folder}/system_prompt.txt"), &words.join(" "));
            }
            16 => desk
                .write(&format!("{name}/prompt.yaml"), &format!("archived: {{{version}: old}}\n")),
            // The preview is removed by another program.
            _ => {
                desk.remove(".promptdex/preview");
                desk.good.clear();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

        /// After any sequence of edits, the preview equals a build into an empty folder. After an
        /// edit with errors, the preview does not change.
        #[test]
        fn a_preview_is_a_fresh_build(edits in prop::collection::vec(edit(), 1..14)) {
            let mut desk = PreviewFixture::new();
            for name in NAMES {
                desk.write(&format!("{name}/v1.0.0/system_prompt.txt"), "Text.\n");
            }
            desk.check()?;
            for (prompt, kind, number) in edits {
                apply(&mut desk, prompt, kind, number);
                desk.check()?;
            }
        }
    }
}
