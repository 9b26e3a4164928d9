//! Automatic corrections: the fixes that findings carry, and pointers that move from metadata to
//! files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use promptdex_core::compile::metadata_pointers;
use promptdex_core::edit;
use promptdex_core::model::Prompt;
use promptdex_core::node;
use promptdex_core::read::read_prompt;
use promptdex_core::rules;
use promptdex_core::source::SourceFile;
use promptdex_core::tree::survey;
use promptdex_wire::Version;

use crate::build;
use crate::build::output::Output;
use crate::change::files;
use crate::error::Result;
use crate::prompts::settings;
use crate::published::PreviousRegistry;
use crate::tree::{Overlay, Tree};

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// A text in a file is replaced.
    Replacement {
        /// The file.
        path: String,
        /// The old text.
        old: String,
        /// The new text.
        new: String,
    },
    /// A pointer in metadata moves to a file of its own.
    Pointer {
        /// The version that the environment serves.
        version: Version,
        /// The file.
        path: String,
    },
    /// A metadata key without effect is removed.
    Key {
        /// The file.
        path: String,
        /// The key.
        key: &'static str,
    },
    /// A file can no longer be executed.
    Mode {
        /// The file.
        path: String,
    },
}

/// Corrections, and the corrected files.
#[derive(Debug, Default)]
pub struct Corrections {
    /// The corrections, in the order in which they are made.
    pub list: Vec<Correction>,
    /// The corrected files.
    pub files: Overlay,
    /// The files that can be executed and should not.
    pub executable: BTreeSet<String>,
}

impl Corrections {
    /// Carries them out. If a file cannot be written, nothing is changed.
    pub fn write(&self, tree: &Tree) -> Result<()> {
        files::write(tree, &self.files)?;
        self.executable.iter().try_for_each(|path| tree.make_plain(path))
    }
}

/// Plans all corrections of a tree. Folders of published versions are not changed.
pub fn plan(tree: &Tree, previous: Option<&PreviousRegistry>) -> Result<Corrections> {
    let published_folders =
        previous.map(PreviousRegistry::version_folders).transpose()?.unwrap_or_default();
    let mut planner = Planner { published_folders, corrections: Corrections::default() };
    planner.apply_fixes(tree, previous)?;
    // Metadata that is still invalid has no pointers, so this step follows the fixes.
    planner.move_pointers(&tree.with(planner.corrections.files.clone()))?;
    Ok(planner.corrections)
}

struct Planner {
    published_folders: BTreeSet<String>,
    corrections: Corrections,
}

impl Planner {
    fn is_published(&self, path: &str) -> bool {
        let mut folders = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        folders.any(|folder| self.published_folders.contains(folder))
    }

    fn write(&mut self, path: &str, text: String) {
        self.corrections.files.insert(path.to_owned(), Some(text.into_bytes()));
    }

    /// Applies the fixes that findings carry.
    fn apply_fixes(&mut self, tree: &Tree, previous: Option<&PreviousRegistry>) -> Result<()> {
        let outcome = build::run(tree, &Output { previous, ..Output::default() })?;
        let mut edits: BTreeMap<&str, Vec<(Range<usize>, &str)>> = BTreeMap::new();
        for finding in &outcome.findings {
            // The mode of a file is not published.
            if finding.rule.code == rules::EXECUTABLE_FILE.code {
                let path = finding.path.clone();
                if self.corrections.executable.insert(path.clone()) {
                    self.corrections.list.push(Correction::Mode { path });
                }
            }
            let replacements =
                finding.fix.iter().map(|(range, text)| (range.clone(), text.as_str()));
            edits.entry(&finding.path).or_default().extend(replacements);
        }
        for (path, mut edits) in edits {
            // Versions of a prompt in place that only commits have are not edited.
            if edits.is_empty() || self.is_published(path) || tree.is_label(path) {
                continue;
            }
            // A text that is shown with replaced bytes is never written.
            let Ok(mut text) = String::from_utf8(tree.read(path)?) else { continue };
            // From the end, so that earlier positions stay valid.
            edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            edits.dedup();
            for (range, new) in edits {
                let old = text.get(range.clone()).unwrap_or_default().to_owned();
                let (path, new) = (path.to_owned(), new.to_owned());
                text = edit::replace(&text, range, &new);
                self.corrections.list.push(Correction::Replacement { path, old, new });
            }
            self.write(path, text);
        }
        Ok(())
    }

    /// Moves unambiguous `environment` and `status` keys into files.
    fn move_pointers(&mut self, tree: &Tree) -> Result<()> {
        let survey = survey(&tree.listing()?);
        let (settings, _) =
            settings::read_with_findings(tree, survey.has_registry_file, survey.has_policy_file)?;
        for (name, files) in &survey.prompts {
            let prompt = read_prompt(name, files, &tree.read_prompt_files(files)?, &mut Vec::new());
            let pointers = metadata_pointers(&prompt, &settings);
            for (environment, version) in &pointers {
                let path = files.environment_file(environment);
                self.write(&path, format!("version: {version}\n"));
                let version = version.clone();
                self.corrections.list.push(Correction::Pointer { version, path });
            }
            // If the prompt has pointer files, the keys have no effect. Otherwise, the moved keys
            // lose their effect now.
            for version in prompt.versions.keys() {
                if !prompt.pointers.is_empty() || pointers.values().any(|moved| moved == version) {
                    self.remove_keys(&prompt, version);
                }
            }
        }
        Ok(())
    }

    fn remove_keys(&mut self, prompt: &Prompt, version: &Version) {
        let source =
            prompt.versions.get(version).and_then(|source| source.metadata.source.as_ref());
        let Some(source) = source.filter(|source| !self.is_published(source.path())) else {
            return;
        };
        let path = source.path();
        let mut text = source.text().to_owned();
        let known = self.corrections.list.len();
        for key in ["environment", "status"] {
            let source = SourceFile::new(path, text.clone());
            let edited = node::parse(&source, &mut Vec::new())
                .and_then(|node| edit::remove_entry(&source, &node, key));
            if let Some(edited) = edited {
                text = edited;
                self.corrections.list.push(Correction::Key { path: path.to_owned(), key });
            }
        }
        if self.corrections.list.len() > known {
            self.write(path, text);
        }
    }
}
