//! `promptdex bump`: whatever includes a prompt includes another version of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::compile::includes::includes_of;
use promptdex_core::edit;
use promptdex_core::model::{Prompt, PromptVersionSource};
use promptdex_core::node;
use promptdex_core::source::Source;
use promptdex_core::tree::PromptFiles;
use promptdex_ops::change::plan::{Bump, Effect, Proposal};
use promptdex_ops::change::pointer_move::{Registry, existing, with_number};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::text::plural;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::{Environment, PromptName, PromptVersion, Version};

use super::change;
use crate::cli::BumpArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

/// What is nested deeper than this is a finding of its own.
const MAX_DEPTH: usize = 32;

pub(crate) fn run(ui: &Ui, root: &Path, args: &BumpArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, _) = selector::parse(&args.dependents_of)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let (_, prompt) = registry.prompt(&name)?;
    let version = selector::select(prompt, &loader.settings, Some(&args.to))?.version;
    let mut bumps = Bumps {
        registry: &registry,
        wanted: PromptVersion { name, version },
        done: BTreeMap::new(),
        effects: Vec::new(),
        notes: Vec::new(),
        files: Overlay::new(),
    };
    for name in registry.prompts.keys() {
        for version in latest(&registry, name) {
            bumps.bump(&PromptVersion { name: name.clone(), version }, 0)?;
        }
    }
    let Bumps { wanted, effects, mut notes, files, .. } = bumps;
    if effects.is_empty() {
        notes.push(format!(
            "nothing includes another version of {} than {}",
            wanted.name, wanted.version
        ));
    }
    let proposal = Proposal {
        command: "bump",
        subject: format!("Include {wanted} in {}", plural(effects.len(), "prompt")),
        reason: args.reason.clone(),
        effects: effects.into_iter().map(Effect::Bumped).collect(),
        notes,
        flawed: Vec::new(),
        files,
    };
    change::carry_out(ui, &loader, &proposal, &args.change)
}

/// Returns the versions that a next one is made from: the highest, and the highest of each major that is
/// served.
fn latest(registry: &Registry<'_>, name: &PromptName) -> BTreeSet<Version> {
    let Ok((_, prompt)) = registry.prompt(name) else { return BTreeSet::new() };
    let releases = || prompt.versions.keys().rev().filter(|version| !version.is_pre_release());
    let environments = registry.settings().environments.iter();
    let served = environments.filter_map(|environment| registry.served(name, environment));
    let served: Vec<u64> = served
        .flat_map(|target| target.versions().into_iter().map(Version::major).collect::<Vec<_>>())
        .collect();
    let of_major = |major: u64| releases().find(|version| version.major() == major);
    served.into_iter().filter_map(of_major).chain(releases().next()).cloned().collect()
}

struct Bumps<'r> {
    registry: &'r Registry<'r>,
    /// What is to be included.
    wanted: PromptVersion,
    /// The versions that were looked at, and those that were made from them.
    done: BTreeMap<PromptVersion, Option<PromptVersion>>,
    effects: Vec<Bump>,
    notes: Vec<String>,
    files: Overlay,
}

impl Bumps<'_> {
    /// Returns the version that is made from another one, if it has to be: with what it includes first.
    fn bump(&mut self, own: &PromptVersion, depth: usize) -> anyhow::Result<Option<PromptVersion>> {
        if let Some(done) = self.done.get(own) {
            return Ok(done.clone());
        }
        if own.name == self.wanted.name || depth > MAX_DEPTH {
            return Ok(None);
        }
        // What goes in a circle is not bumped; the checks say so.
        self.done.insert(own.clone(), None);
        let (files, prompt) = self.registry.prompt(&own.name)?;
        let Some(source) = prompt.versions.get(&own.version) else { return Ok(None) };
        let mut includes = BTreeMap::new();
        for (_, include) in includes_of(source) {
            let Ok(included) = include.name.parse::<PromptVersion>() else { continue };
            if included.name == self.wanted.name {
                if included.version != self.wanted.version {
                    includes.insert(included, self.wanted.clone());
                }
            } else if latest_of(self.registry, &included)
                && let Some(next) = self.bump(&included, depth + 1)?
            {
                includes.insert(included, next);
            }
        }
        if includes.is_empty() {
            return Ok(None);
        }
        if files.in_place.as_ref().is_some_and(|in_place| in_place.is_draft) {
            self.notes.push(format!(
                "{} is left: it was edited, `promptdex release {}` gives that a number",
                own.name, own.name
            ));
            return Ok(None);
        }
        let version = next(prompt, &own.version);
        let made = PromptVersion { name: own.name.clone(), version };
        let is_current =
            files.in_place.as_ref().is_some_and(|i| i.current.as_ref() == Some(&own.version));
        match &files.in_place {
            Some(_) if !is_current => {
                self.notes.push(format!(
                    "{own} is left: it is edited in place, and not what is being edited"
                ));
                return Ok(None);
            }
            Some(in_place) => self.in_place(&in_place.file, source, &made, &includes)?,
            None => self.folder(files, source, own, &made, &includes)?,
        }
        // Without a pointer, the first environment serves the highest version.
        let follows = |environment: &Environment| {
            self.registry.settings().environments.first() == Some(environment)
                && !prompt.pointers.contains_key(environment)
        };
        let mut served_by = self.registry.served_by(&own.name, &own.version);
        served_by.retain(|environment| !follows(environment));
        self.effects.push(Bump {
            name: own.name.clone(),
            from: own.version.clone(),
            to: made.version.clone(),
            includes,
            served_by,
        });
        self.done.insert(own.clone(), Some(made.clone()));
        Ok(Some(made))
    }

    /// Edits a prompt where it stands.
    fn in_place(
        &mut self,
        file: &str,
        source: &PromptVersionSource,
        made: &PromptVersion,
        includes: &BTreeMap<PromptVersion, PromptVersion>,
    ) -> anyhow::Result<()> {
        let tree = self.registry.loader.tree();
        let mut texts = edited(source, includes)?;
        let text = match texts.remove(file) {
            Some(text) => text,
            None => {
                existing(tree, file)?.map(|source| source.text().to_owned()).unwrap_or_default()
            }
        };
        let text = with_number(tree, &Source::new(file, text), &made.version)?;
        texts.insert(file.to_owned(), text);
        self.files.extend(texts.into_iter().map(|(path, text)| (path, Some(text.into_bytes()))));
        Ok(())
    }

    /// Copies a version, as `new` does.
    fn folder(
        &mut self,
        files: &PromptFiles,
        source: &PromptVersionSource,
        own: &PromptVersion,
        made: &PromptVersion,
        includes: &BTreeMap<PromptVersion, PromptVersion>,
    ) -> anyhow::Result<()> {
        let tree = self.registry.loader.tree();
        let texts = edited(source, includes)?;
        for file in files.versions.get(&own.version).into_iter().flat_map(BTreeMap::keys) {
            let old = files.version_file(&own.version, file);
            let new = files.version_file(&made.version, file);
            let bytes = match texts.get(&old) {
                Some(text) => text.clone().into_bytes(),
                None => tree.read(&old)?,
            };
            let bytes = if file.starts_with("metadata.") {
                describe(file, super::new::refresh(file, bytes, &made.version), includes)
            } else {
                bytes
            };
            self.files.insert(new, Some(bytes));
        }
        let cases = files.cases_file(&made.version);
        if files.cases.contains(&own.version) && !files.cases.contains(&made.version) {
            self.files.insert(cases, Some(tree.read(&files.cases_file(&own.version))?));
        }
        Ok(())
    }
}

/// Whether a version is one that a next one may be made from.
fn latest_of(registry: &Registry<'_>, included: &PromptVersion) -> bool {
    latest(registry, &included.name).contains(&included.version)
}

/// Returns the next patch number.
fn next(prompt: &Prompt, version: &Version) -> Version {
    let (major, minor) = (version.major(), version.minor());
    let same = |other: &&Version| (other.major(), other.minor()) == (major, minor);
    let highest = prompt.versions.keys().rev().find(same).unwrap_or(version);
    // A pre-release is followed by its release.
    let patch = highest.patch() + u64::from(!highest.is_pre_release());
    Version::new(major, minor, patch)
}

/// What is written in a file instead, by where that begins: where it ends, and the new text.
type Edits = BTreeMap<usize, (usize, String)>;

/// Returns the files of a version that have another literal in their includes, by path.
fn edited(
    source: &PromptVersionSource,
    includes: &BTreeMap<PromptVersion, PromptVersion>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut edits: BTreeMap<&str, (&Source, Edits)> = BTreeMap::new();
    for (template, include) in includes_of(source) {
        let Ok(old) = include.name.parse::<PromptVersion>() else { continue };
        let Some(new) = includes.get(&old) else { continue };
        let text = template.source.text();
        let place = template.text.origin.locate(include.range.clone());
        let written = text.get(place.clone()).unwrap_or_default();
        let edits = &mut edits
            .entry(template.source.path())
            .or_insert((&template.source, BTreeMap::new()))
            .1;
        if written == include.name {
            edits.insert(place.start, (place.end, new.to_string()));
            continue;
        }
        // A text with escapes has no places of its own: every such literal in it is meant.
        let found: Vec<usize> = written.match_indices(&include.name).map(|(at, _)| at).collect();
        if found.is_empty() {
            let message =
                format!("`{}` spells the include of `{old}` with escapes", template.source.path());
            return Err(Failure::new(message, "write the text as a block, with `|`").into());
        }
        for at in found {
            let start = place.start + at;
            edits.insert(start, (start + include.name.len(), new.to_string()));
        }
    }
    let apply = |(path, (source, edits)): (&str, (&Source, Edits))| {
        let edits = edits.into_iter().map(|(start, (end, new))| (start..end, new));
        (path.to_owned(), edit::replace_all(source.text(), edits.collect()))
    };
    Ok(edits.into_iter().map(apply).collect())
}

/// Says in the description of a copied version what is new in it.
fn describe(
    file: &str,
    bytes: Vec<u8>,
    includes: &BTreeMap<PromptVersion, PromptVersion>,
) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    let source = Source::new(file, text);
    let Some(node) = node::parse(&source, &mut Vec::new()) else { return bytes };
    let Some(place) = node.get("description").filter(|node| node.as_str().is_some()) else {
        return bytes;
    };
    let new: Vec<String> = includes.values().map(PromptVersion::to_string).collect();
    let text = format!("\"includes {}\"", new.join(", "));
    let written = &source.text()[place.range.clone()];
    let is_line = !written.contains('\n')
        && (place.as_str() == Some(written) || written.starts_with(['"', '\'']));
    if is_line {
        edit::replace(source.text(), place.range.clone(), &text).into_bytes()
    } else {
        bytes
    }
}
