//! Prompts that are edited in place: one Markdown file with front matter, or a folder whose `prompt.yaml`
//! has `version`. Their versions are found in the Git history.

use std::collections::BTreeMap;
use std::ops::Range;

use promptdex_wire::{Digest, PromptName, Version};

use super::fields::{Fields, Spanned, parse};
use super::source_digest::source_digest;
use super::text_file::open;
use crate::diagnostic::{Diagnostic, only_near};
use crate::node::Value;
use crate::rules;
use crate::source::SourceFile;
use crate::tree::{Contents, InPlaceForm, InPlacePrompt, PromptFiles, Survey};

/// The version number in the file of a prompt that is edited in place.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatterVersion {
    /// The version; there is none when it cannot be read, which is a finding.
    pub version: Option<Version>,
    /// The problem.
    pub findings: Vec<Diagnostic>,
}

/// Reads `version` from a Markdown file or a `prompt.yaml`; returns nothing without the key. A file that
/// seems to have the key and cannot be read is a finding, because the prompt would vanish silently.
pub fn read_front_matter_version(source: &SourceFile) -> Option<FrontMatterVersion> {
    let is_document = source.path().ends_with(".md");
    let front = if is_document { front_matter(source) } else { Some(source.clone()) };
    let Some(front) = front else {
        let range = number_line(source, source.text())?;
        let message = "front matter must start and end with a `---` line";
        let finding = Diagnostic::at(&rules::INVALID_VALUE, source, range, message);
        let help = "correct the two lines, or rename the key `version`";
        return Some(FrontMatterVersion { version: None, findings: vec![finding.help(help)] });
    };
    let Some(line) = number_line(source, front.text()) else {
        return if is_document { unnumbered(source, &front) } else { None };
    };
    let mut findings = Vec::new();
    let Some(node) = super::parse(&front, &mut findings) else {
        // The reader of `prompt.yaml` says the same.
        findings.retain(|_| is_document);
        return Some(FrontMatterVersion { version: None, findings });
    };
    let mut fields = Fields::new(&front, &node, "", &mut Vec::new())?;
    if fields.key_range("version").is_none() {
        // Deeper in the file, or in a text, it is something else.
        let is_key = |key: &str| key.eq_ignore_ascii_case("version");
        let Value::Mapping(entries) = &node.value else { return None };
        entries.iter().find(|(key, _)| is_key(&key.text))?;
        let finding = Diagnostic::at(
            &rules::UNKNOWN_KEY,
            source,
            line,
            "the key `version` must be in lower case",
        );
        return Some(FrontMatterVersion {
            version: None,
            findings: vec![finding.help("write `version`")],
        });
    }
    let version = match fields.node("version").map(|node| (node, &node.value)) {
        Some((node, Value::Number(number))) => {
            findings.push(super::metadata::spelled_as_number(source, node, number));
            None
        }
        _ => fields.text("version", &mut findings).and_then(|text: Spanned<String>| {
            parse::<Version>(source, &text.value, text.range, &mut findings)
        }),
    };
    // What else is wrong in it is found where its versions are read.
    Some(FrontMatterVersion { version: version.map(|version| version.value), findings })
}

/// Looks for a prompt whose front matter has no number: one that would not be read, without a word. Other
/// documents have front matter, too, but neither variables nor a key that is almost `version`.
fn unnumbered(source: &SourceFile, front: &SourceFile) -> Option<FrontMatterVersion> {
    let mut at = 0;
    let finding = front.text().split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let (key, _) = line.split_once(':')?;
        let range = start..start + key.len();
        // A word that is as near is no slip.
        if only_near(key, ["version", "session"]) == Some("version") {
            let message = format!("unknown key `{key}` in a prompt without `version`");
            let finding = Diagnostic::at(&rules::UNKNOWN_KEY, source, range, message);
            return Some(
                finding.help("write `version`, or begin the file name with `_` to ignore the file"),
            );
        }
        if key == "variables" {
            let message = "the front matter has `variables` but no `version`";
            let finding = Diagnostic::at(&rules::MISSING_KEY, source, range, message);
            return Some(finding.help(
                "write `version: 1.0.0`, or begin the file name with `_` to ignore the file",
            ));
        }
        None
    })?;
    Some(FrontMatterVersion { version: None, findings: vec![finding] })
}

/// Finds a line that seems to be the number, in a file that begins with front matter or is all of it.
fn number_line(source: &SourceFile, text: &str) -> Option<Range<usize>> {
    let is_document = source.path().ends_with(".md");
    if is_document && !text.trim_start_matches('\u{feff}').trim_start().starts_with("---") {
        return None;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let key = line.trim_start_matches(['{', ' ', '"', '\'']);
        let is_key = key.get(..7).is_some_and(|key| key.eq_ignore_ascii_case("version"));
        let rest = key.get(7..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']);
        if is_key && rest.starts_with(':') {
            return Some(at..at + line.trim_end().len());
        }
        at += line.len();
    }
    // In flow style it may stand anywhere.
    (!is_document && text.contains("version")).then_some(0..0)
}

/// Finds the number itself, for an edit of nothing else.
pub fn number_place(source: &SourceFile) -> Option<Range<usize>> {
    let front = if source.path().ends_with(".md") { front_matter(source)? } else { source.clone() };
    let node = super::parse(&front, &mut Vec::new())?;
    let mut found = Vec::new();
    let mut fields = Fields::new(&front, &node, "", &mut found)?;
    fields.text("version", &mut found).map(|text| text.range)
}

/// Returns a Markdown file up to the line that ends its front matter: a YAML document in which places equal
/// those of the file.
pub(super) fn front_matter(source: &SourceFile) -> Option<SourceFile> {
    let end = front_end(source)?.start;
    Some(SourceFile::new(source.path(), &source.text()[..end]))
}

/// Finds the line that ends the front matter, with its line end.
pub(super) fn front_end(source: &SourceFile) -> Option<Range<usize>> {
    let (text, start) = source.without_bom();
    let begin = text
        .strip_prefix("---\n")
        .map(|_| 4)
        .or_else(|| text.strip_prefix("---\r\n").map(|_| 5))?;
    let mut at = begin;
    for line in text[begin..].split_inclusive('\n') {
        if line.trim_end_matches(['\n', '\r']) == "---" {
            return Some(start + at..start + at + line.len());
        }
        at += line.len();
    }
    None
}

/// The versions of a prompt that commits have: for each, labels of its files, by their path in the version.
/// A label is a name that no file has, such as `support/refund.md@1.0.0`.
pub type CommittedFiles = BTreeMap<Version, BTreeMap<String, String>>;

/// Adds a prompt that is edited in place to a survey. `front_matter` has the version number in its file.
/// `contents` has its files, and the committed files behind the labels of its versions.
pub fn add_in_place_prompt(
    survey: &mut Survey,
    form: InPlaceForm,
    file: &str,
    front_matter: FrontMatterVersion,
    committed: &CommittedFiles,
    contents: &Contents,
) {
    survey.findings.extend(front_matter.findings);
    let folder = form.folder(file);
    let name = match folder.parse::<PromptName>() {
        Ok(name) => name,
        Err(error) => {
            let finding = Diagnostic::about(&rules::INVALID_NAME, file, error.to_string());
            survey.findings.push(finding.help("rename the file; its path is the prompt's name"));
            return;
        }
    };
    let files = survey.prompts.entry(name).or_default();
    files.folder = folder.to_owned();
    if let Some(other) = &files.in_place {
        let message = format!("`{file}` and `{}` are both files of the same prompt", other.file);
        survey.findings.push(
            Diagnostic::about(&rules::CONFLICTING_FILES, file, message)
                .help("keep `version` in one of the files"),
        );
        return;
    }
    let own = own_files(form, file, files, contents);
    let mut in_place = InPlacePrompt {
        form,
        file: file.to_owned(),
        current: front_matter.version.clone(),
        is_draft: false,
        lacks_commits: false,
        is_new: front_matter
            .version
            .as_ref()
            .is_some_and(|version| !committed.contains_key(version)),
        places: committed.clone(),
        working_files: own.clone(),
    };
    if let Some((size, stamp)) = survey.documents.get(file) {
        files.stamp.add(file, *size, *stamp);
    }
    if let Some(current) = front_matter.version {
        let digest = |places: &BTreeMap<String, String>| digest(places, contents);
        let is_same = in_place.places.get(&current).map(|places| digest(places) == digest(&own));
        in_place.is_draft = is_same == Some(false);
        if in_place.is_draft {
            open_draft(&in_place, contents, &mut survey.findings);
        }
        if !in_place.is_draft {
            // Findings point to the files that people edit.
            in_place.places.insert(current, own);
        }
    }
    for (version, places) in &in_place.places {
        if files.versions.contains_key(version) {
            let path = format!("{folder}/v{version}");
            let message = format!("version {version} is both a folder and a version of `{file}`");
            survey.findings.push(
                Diagnostic::about(&rules::CONFLICTING_FILES, path, message)
                    .help("keep one of the two"),
            );
        }
        let size = |label: &String| contents.get(label).map_or(0, |bytes| bytes.len() as u64);
        let sizes = places.iter().map(|(inside, label)| (inside.clone(), size(label)));
        files.versions.insert(version.clone(), sizes.collect());
    }
    files.in_place = Some(in_place);
}

/// Opens the files of a draft, which no version has yet: what is no text is found before it gets a number. The file with
/// the number was read before.
fn open_draft(in_place: &InPlacePrompt, contents: &Contents, findings: &mut Vec<Diagnostic>) {
    let number_file = in_place.form.number_file();
    for (inside, path) in &in_place.working_files {
        let is_text = inside != number_file && !inside.starts_with("files/");
        if let Some(bytes) = contents.get(path).filter(|_| is_text) {
            open(path, bytes, findings);
        }
    }
}

/// Returns where the files of the version that is being edited are, by their path in it.
fn own_files(
    form: InPlaceForm,
    file: &str,
    files: &PromptFiles,
    contents: &Contents,
) -> BTreeMap<String, String> {
    let own = [(form.number_file().to_owned(), file.to_owned())];
    match form {
        InPlaceForm::Document => own.into(),
        InPlaceForm::Folder => {
            let inside = |path: &String| {
                let inside = path.strip_prefix(&files.folder)?.strip_prefix('/')?;
                Some((inside.to_owned(), path.clone()))
            };
            let loose = files.loose.iter().filter(|path| contents.contains_key(*path));
            loose.filter_map(inside).chain(own).collect()
        }
    }
}

/// Computes the source digest of a version from where its files are.
fn digest(places: &BTreeMap<String, String>, contents: &Contents) -> Digest {
    let files = places
        .iter()
        .filter_map(|(inside, label)| Some((inside.as_str(), contents.get(label)?.as_slice())));
    source_digest(&files.collect())
}

/// Reports what was edited since the version that its number names.
pub(super) fn check_draft(
    name: &PromptName,
    files: &InPlacePrompt,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(current) = files.current.as_ref().filter(|_| files.is_draft) else { return };
    let message = format!("`{name}` has unreleased edits since {current}");
    let help = format!("run `promptdex version {name} --minor` to set the next version");
    findings.push(Diagnostic::about(&rules::DRAFT, &files.file, message).help(help));
}
