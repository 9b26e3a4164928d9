//! `promptdex fix`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::compile::metadata_pointers;
use promptdex_core::edit;
use promptdex_core::model::Prompt;
use promptdex_core::node;
use promptdex_core::read::read_prompt;
use promptdex_core::source::Source;
use promptdex_core::tree::survey;
use promptdex_ops::build;
use promptdex_ops::build::output::Output;
use promptdex_ops::prompts::settings;
use promptdex_ops::published::Previous;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_wire::Version;

use crate::cli::FixArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &FixArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let previous = args.previous.as_deref().map(Previous::open).transpose()?;
    let published = previous.as_ref().map(Previous::version_folders).transpose()?;
    let fix = Fix { ui, tree: &tree, args, published: published.unwrap_or_default() };
    let corrected = fix.correct(previous.as_ref())?;
    // Metadata that is still wrong says nothing about pointers, so this comes second.
    let moved = fix.move_pointers()?;
    let would = if args.dry_run { "Would fix" } else { "Fixed" };
    if corrected + moved == 0 {
        ui.status("Nothing", "that can be corrected in only one way");
    } else {
        ui.status(would, &plural(corrected + moved, "place"));
        ui.hint("`promptdex check` shows what is left");
    }
    Ok(Exit::Done)
}

struct Fix<'a> {
    ui: &'a Ui,
    tree: &'a Tree,
    args: &'a FixArgs,
    /// The folders of published versions, which stay as they are.
    published: BTreeSet<String>,
}

impl Fix<'_> {
    fn is_published(&self, path: &str) -> bool {
        let mut folders = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        folders.any(|folder| self.published.contains(folder))
    }

    /// Applies the replacements that findings carry.
    fn correct(&self, previous: Option<&Previous>) -> anyhow::Result<usize> {
        let outcome = build::run(self.tree, &Output { previous, ..Output::default() })?;
        let mut edits: BTreeMap<&str, Vec<(std::ops::Range<usize>, &str)>> = BTreeMap::new();
        for finding in &outcome.findings {
            let replacements =
                finding.fix.iter().map(|(range, text)| (range.clone(), text.as_str()));
            edits.entry(&finding.path).or_default().extend(replacements);
        }
        let mut count = 0;
        for (path, mut edits) in edits {
            // What a commit had of a prompt that is edited in place stays.
            if edits.is_empty() || self.is_published(path) || self.tree.is_label(path) {
                continue;
            }
            let mut text = self.tree.source(path)?.text().to_owned();
            // From the end, so that earlier places stay where they are.
            edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            edits.dedup();
            for (range, new) in edits {
                let old = text.get(range.clone()).unwrap_or_default();
                let shown = self.tree.shown(path);
                self.ui.status("Fix", &format!("{shown}: `{old}` becomes `{new}`"));
                text = edit::replace(&text, range, new);
                count += 1;
            }
            if !self.args.dry_run {
                self.tree.replace(path, &text)?;
            }
        }
        Ok(count)
    }

    /// Moves `environment` and `status` into files, where they are unambiguous.
    fn move_pointers(&self) -> anyhow::Result<usize> {
        let survey = survey(&self.tree.listing()?);
        let (settings, _) =
            settings::read(self.tree, survey.has_registry_file, survey.has_policy_file)?;
        let mut count = 0;
        for (name, files) in &survey.prompts {
            let prompt = read_prompt(name, files, &self.tree.contents(files)?, &mut Vec::new());
            let pointers = metadata_pointers(&prompt, &settings);
            for (environment, version) in &pointers {
                let path = files.environment_file(environment);
                let shown = self.tree.shown(&path);
                self.ui.status("Move", &format!("version {version} to {shown}"));
                if !self.args.dry_run {
                    self.tree.write_new(&path, format!("version: {version}\n").as_bytes())?;
                }
                count += 1;
            }
            // With files, the keys have no effect; without, those that were moved have none any more.
            for version in prompt.versions.keys() {
                if !prompt.pointers.is_empty() || pointers.values().any(|moved| moved == version) {
                    count += self.remove_keys(&prompt, version)?;
                }
            }
        }
        Ok(count)
    }

    fn remove_keys(&self, prompt: &Prompt, version: &Version) -> anyhow::Result<usize> {
        let source =
            prompt.versions.get(version).and_then(|source| source.metadata.source.as_ref());
        let Some(source) = source.filter(|source| !self.is_published(source.path())) else {
            return Ok(0);
        };
        let mut text = source.text().to_owned();
        let mut count = 0;
        for key in ["environment", "status"] {
            let source = Source::new(source.path(), text.clone());
            let edited = node::parse(&source, &mut Vec::new())
                .and_then(|node| edit::remove_entry(&source, &node, key));
            if let Some(edited) = edited {
                let shown = self.tree.shown(source.path());
                self.ui.status("Fix", &format!("{shown}: `{key}` is removed"));
                text = edited;
                count += 1;
            }
        }
        if count > 0 && !self.args.dry_run {
            self.tree.replace(source.path(), &text)?;
        }
        Ok(count)
    }
}
