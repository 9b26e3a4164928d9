//! Include updates: every prompt that includes a given prompt gets a new version that includes a
//! given version of it.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::compile::includes::includes_of;
use promptdex_core::edit;
use promptdex_core::model::PromptVersionSource;
use promptdex_core::node;
use promptdex_core::source::SourceFile;
use promptdex_core::tree::PromptFiles;
use promptdex_wire::{Environment, PromptName, PromptVersion, Version};

use super::files::text_to_edit;
use super::new_version::metadata_of_copy;
use super::plan::{ChangePlan, IncludeUpdate, PlannedEffect};
use super::prompt_graph::PromptGraph;
use super::version_number::{Increment, next_version, with_number};
use crate::error::{PlanError, Result};
use crate::text::plural;

/// The checks report deeper nesting.
const MAX_DEPTH: usize = 32;

/// Plans new versions, including `new_include`, of the latest versions of every prompt that includes
/// that prompt.
pub fn plan(
    graph: &PromptGraph<'_>,
    new_include: PromptVersion,
    reason: Option<&str>,
) -> Result<ChangePlan> {
    let mut updates = IncludeUpdates {
        graph,
        new_include,
        visited_versions: BTreeMap::new(),
        plan: ChangePlan::new("update_includes", reason),
    };
    for name in graph.prompts.keys() {
        for version in latest_versions(graph, name) {
            updates.update(&PromptVersion { name: name.clone(), version }, 0)?;
        }
    }
    let IncludeUpdates { new_include, mut plan, .. } = updates;
    if plan.effects.is_empty() {
        plan.notes.push(format!(
            "no prompt includes a version of {} other than {}",
            new_include.name, new_include.version
        ));
    }
    plan.subject = format!("Include {new_include} in {}", plural(plan.effects.len(), "prompt"));
    Ok(plan)
}

/// Returns the latest versions of a prompt: the highest one, and the highest of each major version
/// that is served.
fn latest_versions(graph: &PromptGraph<'_>, name: &PromptName) -> BTreeSet<Version> {
    let Ok((_, prompt)) = graph.prompt(name) else { return BTreeSet::new() };
    let releases = || prompt.versions.keys().rev().filter(|version| !version.is_pre_release());
    let environments = graph.settings().environments.iter();
    let served = environments.filter_map(|environment| graph.target_in(name, environment));
    let served: Vec<u64> = served
        .flat_map(|target| target.versions().into_iter().map(Version::major).collect::<Vec<_>>())
        .collect();
    let of_major = |major: u64| releases().find(|version| version.major() == major);
    served.into_iter().filter_map(of_major).chain(releases().next()).cloned().collect()
}

struct IncludeUpdates<'r> {
    graph: &'r PromptGraph<'r>,
    /// The version to include.
    new_include: PromptVersion,
    /// The versions visited, each with the new version made from it, if one was made.
    visited_versions: BTreeMap<PromptVersion, Option<PromptVersion>>,
    plan: ChangePlan,
}

impl IncludeUpdates<'_> {
    /// Returns the new version made from a version, if it needs one. Includes are updated first.
    fn update(&mut self, own: &PromptVersion, depth: usize) -> Result<Option<PromptVersion>> {
        if let Some(done) = self.visited_versions.get(own) {
            return Ok(done.clone());
        }
        if own.name == self.new_include.name || depth > MAX_DEPTH {
            return Ok(None);
        }
        // A cycle of includes gets no new versions; the checks report it.
        self.visited_versions.insert(own.clone(), None);
        let (files, prompt) = self.graph.prompt(&own.name)?;
        let Some(source) = prompt.versions.get(&own.version) else { return Ok(None) };
        let mut includes = BTreeMap::new();
        for (_, include) in includes_of(source) {
            let Ok(included) = include.name.parse::<PromptVersion>() else { continue };
            if included.name == self.new_include.name {
                if included.version != self.new_include.version {
                    includes.insert(included, self.new_include.clone());
                }
            } else if is_latest(self.graph, &included)
                && let Some(next) = self.update(&included, depth + 1)?
            {
                includes.insert(included, next);
            }
        }
        if includes.is_empty() {
            return Ok(None);
        }
        if files.in_place.as_ref().is_some_and(|in_place| in_place.is_draft) {
            self.plan.notes.push(format!(
                "{} skipped: it has unreleased edits; run `promptdex version {}` first",
                own.name, own.name
            ));
            return Ok(None);
        }
        let version = next_version(prompt.versions.keys(), &own.version, Increment::Patch);
        let made = PromptVersion { name: own.name.clone(), version };
        let is_current =
            files.in_place.as_ref().is_some_and(|i| i.current.as_ref() == Some(&own.version));
        match &files.in_place {
            Some(_) if !is_current => {
                self.plan.notes.push(format!(
                    "{own} skipped: only the current text of a single-file prompt can be edited"
                ));
                return Ok(None);
            }
            Some(in_place) => self.edit_in_place(&in_place.file, source, &made, &includes)?,
            None => self.folder(files, source, own, &made, &includes)?,
        }
        // Without a pointer, the first environment serves the highest version.
        let follows = |environment: &Environment| {
            self.graph.settings().environments.first() == Some(environment)
                && !prompt.pointers.contains_key(environment)
        };
        let mut served_by = self.graph.environments_serving(&own.name, &own.version);
        served_by.retain(|environment| !follows(environment));
        self.plan.effects.push(PlannedEffect::IncludesUpdated(IncludeUpdate {
            name: own.name.clone(),
            from: own.version.clone(),
            to: made.version.clone(),
            includes,
            served_by,
        }));
        self.visited_versions.insert(own.clone(), Some(made.clone()));
        Ok(Some(made))
    }

    /// Edits a prompt in place.
    fn edit_in_place(
        &mut self,
        file: &str,
        source: &PromptVersionSource,
        made: &PromptVersion,
        includes: &BTreeMap<PromptVersion, PromptVersion>,
    ) -> Result<()> {
        let tree = self.graph.loader.tree();
        let mut texts = edit_includes(source, includes)?;
        let text = match texts.remove(file) {
            Some(text) => text,
            None => {
                text_to_edit(tree, file)?.map(|source| source.text().to_owned()).unwrap_or_default()
            }
        };
        let text = with_number(tree, &SourceFile::new(file, text), &made.version)?;
        texts.insert(file.to_owned(), text);
        self.plan
            .files
            .extend(texts.into_iter().map(|(path, text)| (path, Some(text.into_bytes()))));
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
    ) -> Result<()> {
        let tree = self.graph.loader.tree();
        let texts = edit_includes(source, includes)?;
        for file in files.versions.get(&own.version).into_iter().flat_map(BTreeMap::keys) {
            let old = files.version_file(&own.version, file);
            let new = files.version_file(&made.version, file);
            let bytes = match texts.get(&old) {
                Some(text) => text.clone().into_bytes(),
                None => tree.read(&old)?,
            };
            let bytes = if file.starts_with("metadata.") {
                describe(file, metadata_of_copy(file, bytes, &made.version), includes)
            } else {
                bytes
            };
            self.plan.files.insert(new, Some(bytes));
        }
        let cases = files.cases_file(&made.version);
        if files.cases.contains(&own.version) && !files.cases.contains(&made.version) {
            self.plan.files.insert(cases, Some(tree.read(&files.cases_file(&own.version))?));
        }
        Ok(())
    }
}

/// Whether a version is one of the latest of its prompt.
fn is_latest(graph: &PromptGraph<'_>, included: &PromptVersion) -> bool {
    latest_versions(graph, &included.name).contains(&included.version)
}

/// Edits of a file: from the start of the old text to its end and the new text.
type Edits = BTreeMap<usize, (usize, String)>;

/// Returns the files of a version with updated includes, by path.
fn edit_includes(
    source: &PromptVersionSource,
    includes: &BTreeMap<PromptVersion, PromptVersion>,
) -> Result<BTreeMap<String, String>> {
    let mut edits: BTreeMap<&str, (&SourceFile, Edits)> = BTreeMap::new();
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
        // In a text with escapes, the exact position is unknown, so every occurrence in the range
        // is replaced.
        let found: Vec<usize> = written.match_indices(&include.name).map(|(at, _)| at).collect();
        if found.is_empty() {
            let path = template.source.path().to_owned();
            return Err(PlanError::EscapedInclude { path, include: old }.into());
        }
        for at in found {
            let start = place.start + at;
            edits.insert(start, (start + include.name.len(), new.to_string()));
        }
    }
    let apply = |(path, (source, edits)): (&str, (&SourceFile, Edits))| {
        let edits = edits.into_iter().map(|(start, (end, new))| (start..end, new));
        (path.to_owned(), edit::replace_all(source.text(), edits.collect()))
    };
    Ok(edits.into_iter().map(apply).collect())
}

/// Describes the change in the metadata of a copied version.
fn describe(
    file: &str,
    bytes: Vec<u8>,
    includes: &BTreeMap<PromptVersion, PromptVersion>,
) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    let source = SourceFile::new(file, text);
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
