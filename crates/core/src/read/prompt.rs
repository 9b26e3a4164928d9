//! A prompt's folder: `prompt.yaml`, the pointers, the versions and their cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_template::conversation::MessageText;
use promptdex_wire::catalog::State;
use promptdex_wire::prompt::{Content, Role, Turn};
use promptdex_wire::{Json, Message, PromptName, Version};

use super::fields::{Fields, parse, wrong_type};
use super::messages::{ConversationSource, VersionFiles};
use super::source_digest::{PROMPT_KEYS, digest_of, file_digests};
use super::text_file::text_file;
use crate::diagnostic::Diagnostic;
use crate::model::{
    DeclaredState, Metadata, Prompt, PromptVersionSource, TemplateSlot, TemplateSource,
};
use crate::node::{Node, Value};
use crate::rules;
use crate::source::{SourceFile, SourceText};
use crate::tree::{Contents, InPlaceForm, PromptFiles};

/// Reads the files of one prompt. `contents` has every path of [`PromptFiles::paths`].
pub fn read_prompt(
    name: &PromptName,
    files: &PromptFiles,
    contents: &Contents,
    findings: &mut Vec<Diagnostic>,
) -> Prompt {
    let mut prompt = Prompt { has_environments: files.has_environments, ..empty(name.clone()) };
    if files.has_prompt_file
        && let Some(source) = text_file(&files.prompt_file(), contents, findings)
    {
        super::secrets::check(&source, findings);
        let form = files.in_place.as_ref().map(|in_place| in_place.form);
        read_prompt_file(&source, form, &mut prompt, findings);
        prompt.source = Some(source);
    }
    if let Some(in_place) = &files.in_place {
        let versions = in_place.places.keys().cloned().collect();
        prompt.in_place = Some((in_place.file.clone(), versions));
        prompt.lacks_commits = in_place.lacks_commits;
        prompt.draft = in_place.current.clone().filter(|_| in_place.is_draft);
        super::in_place_prompt::check_draft(name, in_place, findings);
    }
    if !files.is_folder_in_place() {
        findings.extend(files.loose.iter().map(|path| report_misplaced_file(path)));
    }
    for environment in &files.environments {
        if let Some(source) = text_file(&files.environment_file(environment), contents, findings)
            && let Some(pointer) = super::environment::read(source, findings)
        {
            prompt.pointers.insert(environment.clone(), pointer);
        }
    }
    for version in files.versions.keys() {
        let is_redacted =
            prompt.states.get(version).is_some_and(|state| state.state == State::Redacted);
        // Of a redacted version only its digest is published: what is wrong with it no longer matters.
        let mut unheard = Vec::new();
        let heard = if is_redacted { &mut unheard } else { &mut *findings };
        if let Some(source) = read_version(name, version, files, contents, heard) {
            prompt.versions.insert(version.clone(), source);
        }
    }
    for version in &files.cases {
        let path = files.cases_file(version);
        if !files.versions.contains_key(version) {
            let finding = Diagnostic::about(
                &rules::MISSING_VERSION,
                path,
                format!("`{name}` has no version {version} for these test cases"),
            );
            findings.push(finding.help("rename the file after a version, or remove it"));
        } else if let Some(source) = text_file(&path, contents, findings) {
            super::secrets::check(&source, findings);
            prompt.cases.insert(version.clone(), super::cases::read(source, findings));
        }
    }
    super::results::read_all(files, contents, &mut prompt, findings);
    prompt
}

/// A prompt of which nothing is known.
pub(super) fn empty(name: PromptName) -> Prompt {
    Prompt {
        name,
        title: None,
        description: None,
        tags: Vec::new(),
        owners: Vec::new(),
        replaced_by: None,
        source: None,
        has_environments: false,
        states: BTreeMap::new(),
        pointers: BTreeMap::new(),
        in_place: None,
        draft: None,
        lacks_commits: false,
        versions: BTreeMap::new(),
        cases: BTreeMap::new(),
        results: BTreeMap::new(),
    }
}

/// A file of a version that is next to its prompt's version folders.
fn report_misplaced_file(path: &str) -> Diagnostic {
    let file = path.rsplit('/').next().unwrap_or(path);
    Diagnostic::about(&rules::UNKNOWN_FILE, path, format!("`{file}` is not in a version folder"))
        .help("move it into a folder such as `v1.0.0/`")
}

/// Reads `prompt.yaml`. For a folder that is edited in place it also has fields of the version.
pub(super) fn read_prompt_file(
    source: &SourceFile,
    form: Option<InPlaceForm>,
    prompt: &mut Prompt,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(node) = super::parse(source, findings) else { return };
    if node.value == Value::Null {
        return;
    }
    let Some(mut fields) = Fields::new(source, &node, "prompt.yaml", findings) else { return };
    if form == Some(InPlaceForm::Folder) {
        fields.leave(&["version"]);
        fields.leave(&super::metadata::KEYS);
    }
    prompt.title = fields.text("title", findings).map(|text| text.value);
    prompt.description = fields.text("description", findings).map(|text| text.value);
    prompt.tags = fields.texts("tags", findings).into_iter().map(|text| text.value).collect();
    prompt.owners = fields.texts("owners", findings).into_iter().map(|text| text.value).collect();
    prompt.replaced_by = fields.parse::<PromptName>("replaced_by", findings);
    // In this order, so that the gravest state of a version wins.
    for (key, state) in [
        ("deprecated", State::Deprecated),
        ("yanked", State::Yanked),
        ("archived", State::Archived),
        ("redacted", State::Redacted),
    ] {
        let Some(node) = fields.object(key, findings) else { continue };
        read_states(source, node, state, prompt, findings);
    }
    fields.finish(findings);
}

fn read_states(
    source: &SourceFile,
    node: &Node,
    state: State,
    prompt: &mut Prompt,
    findings: &mut Vec<Diagnostic>,
) {
    let Value::Mapping(entries) = &node.value else { return };
    for (key, node) in entries {
        let version = parse::<Version>(source, &key.text, key.range.clone(), findings);
        let Some(reason) = node.as_str() else {
            findings.push(wrong_type(source, node, "a reason must be text"));
            continue;
        };
        if reason.trim().is_empty() {
            findings.push(
                Diagnostic::at(
                    &rules::INVALID_VALUE,
                    source,
                    node.range.clone(),
                    "the reason is empty",
                )
                .help("write the reason; readers of the version see it"),
            );
        }
        if let Some(version) = version {
            if prompt.states.contains_key(&version.value) {
                let message = format!("version {} has two states", version.value);
                findings.push(
                    Diagnostic::at(&rules::INVALID_VALUE, source, version.range.clone(), message)
                        .help("keep the first of: redacted, archived, yanked, deprecated"),
                );
            }
            let state = DeclaredState { state, reason: reason.to_owned(), range: version.range };
            prompt.states.insert(version.value, state);
        }
    }
}

/// The first line of a Git LFS pointer.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

const TEXT_FILES: [&str; 3] = ["system_prompt.txt", "system_prompt.md", "system_prompt.j2"];

fn read_version(
    name: &PromptName,
    version: &Version,
    files: &PromptFiles,
    contents: &Contents,
    findings: &mut Vec<Diagnostic>,
) -> Option<PromptVersionSource> {
    let paths = files.versions.get(version)?;
    let path_of = |file: &str| files.version_file(version, file);
    let version_files = VersionFiles {
        files: paths
            .keys()
            .filter_map(|file| {
                let path = path_of(file);
                contents.get(&path).map(|bytes| (file.as_str(), (path, bytes.as_slice())))
            })
            .collect(),
    };
    let folder = match &files.in_place {
        Some(in_place) if in_place.places.contains_key(version) => in_place.file.clone(),
        _ => format!("{}/v{version}", files.folder),
    };
    let has = |file: &str| paths.contains_key(file);
    let before = findings.len();

    let texts: Vec<&str> =
        TEXT_FILES.into_iter().chain(["messages.yaml", "prompt.md"]).filter(|f| has(f)).collect();
    conflict(&folder, &texts, findings);
    let metadata_files: Vec<&str> =
        ["metadata.json", "metadata.yaml"].into_iter().filter(|file| has(file)).collect();
    conflict(&folder, &metadata_files, findings);

    // Every file is opened once, for its reader and for what is looked for in all of them. Under
    // `files/` there may be media; a message that uses one as text says that it is none.
    let mut sources: BTreeMap<&str, Arc<SourceFile>> = BTreeMap::new();
    for file in paths.keys() {
        let path = path_of(file);
        if contents.get(&path).is_some_and(|bytes| bytes.starts_with(LFS_POINTER)) {
            let message = format!("`{file}` is a Git LFS pointer, not the file");
            let help =
                "remove the file from LFS with `git lfs untrack` or `git lfs migrate export`";
            findings.push(Diagnostic::about(&rules::NOT_A_FILE, path, message).help(help));
            continue;
        }
        let mut media = Vec::new();
        let heard = if file.starts_with("files/") { &mut media } else { &mut *findings };
        if let Some(source) = text_file(&path_of(file), contents, heard) {
            sources.insert(file, source);
        }
    }
    let open = |file: &str| sources.get(file).cloned();
    let metadata = match metadata_files.first().and_then(|file| open(file)) {
        Some(source) => super::metadata::read(&source, name, version, &[], findings),
        None => Metadata::default(),
    };
    let metadata = if let Some(source) = open("prompt.md") {
        match super::in_place_prompt::front_matter(&source) {
            Some(front) => super::metadata::read(&Arc::new(front), name, version, &[], findings),
            None => Metadata::default(),
        }
    } else if let Some(source) = open("prompt.yaml").filter(|_| metadata_files.is_empty()) {
        let others = &PROMPT_KEYS;
        super::metadata::read(&source, name, version, others, findings)
    } else {
        metadata
    };
    let conversation = match texts.first() {
        Some(&"messages.yaml") => match open("messages.yaml") {
            Some(source) => super::messages::read(&source, &version_files, findings),
            None => ConversationSource::default(),
        },
        Some(file) => match open(file) {
            Some(source) => one_system_message(source, *file == "prompt.md"),
            None => ConversationSource::default(),
        },
        // A text file that was refused is not missing.
        None if files.versions_with_refused_files.contains(version) => {
            ConversationSource::default()
        }
        None => {
            let finding = Diagnostic::about(
                &rules::MISSING_TEXT,
                &folder,
                format!("version {version} has no prompt text"),
            );
            findings.push(
                finding.help("add `system_prompt.txt`, or `messages.yaml` for a conversation"),
            );
            ConversationSource::default()
        }
    };
    let examples = open("examples.json").and_then(|source| read_examples(&source, findings));
    let mut json = |file: &str, expected: fn(&Value) -> bool, what: &str| {
        let source = open(file)?;
        let node = super::parse(&source, findings)?;
        if !expected(&node.value) {
            findings.push(wrong_type(&source, &node, &format!("{file} must be {what}")));
            return None;
        }
        #[cfg(feature = "json-schema")]
        super::schemas::check(&source, &node, findings);
        Some(node.to_json())
    };
    let schema = |value: &Value| matches!(value, Value::Mapping(_) | Value::Bool(_));
    let response_schema = json("response_schema.json", schema, "a JSON Schema");
    let tools = json("tools.json", |value| matches!(value, Value::Sequence(_)), "a list of tools");
    let expands_examples =
        conversation.messages.iter().any(|message| matches!(message, Message::Examples(_)));
    if expands_examples && !has("examples.json") {
        let finding = Diagnostic::about(
            &rules::MISSING_FILE,
            &folder,
            "messages.yaml uses `examples`, but examples.json is missing",
        );
        findings.push(finding.help("add examples.json, or remove the message"));
    }
    // A key that nothing reads hides nothing that was read.
    let unread = |finding: &Diagnostic| {
        finding.rule.is_fixed && finding.rule.code != rules::UNKNOWN_KEY.code
    };
    let unread = findings[before..].iter().any(unread);
    // The texts of `messages.yaml` were looked through when it was parsed.
    let messages = sources.get("messages.yaml");
    for template in &conversation.templates {
        if messages.is_none_or(|messages| messages.path() != template.source.path()) {
            super::characters::check(&template.source, &template.text, findings);
        }
    }
    for (file, source) in &sources {
        super::secrets::check(source, findings);
        match *file {
            "messages.yaml" | "examples.json" | "response_schema.json" | "tools.json" => {
                super::characters::check_line_ends(source, findings);
            }
            // Prompt texts were looked through as templates; no model sees the rest.
            _ => {}
        }
    }
    let own_files = version_files.files.iter().map(|(path, (_, bytes))| (*path, *bytes));
    let file_digests = file_digests(&own_files.collect());
    Some(PromptVersionSource {
        is_complete: !unread && !files.versions_with_refused_files.contains(version),
        source_digest: digest_of(&file_digests),
        file_digests,
        metadata,
        messages: conversation.messages,
        templates: conversation.templates,
        examples,
        response_schema,
        tools,
        media: conversation.media,
        blobs: conversation.blobs,
    })
}

/// Reports that a version has one file in two forms.
fn conflict(folder: &str, files: &[&str], findings: &mut Vec<Diagnostic>) {
    if let [first, second, ..] = files {
        let message = format!("`{first}` and `{second}` cannot be used together");
        findings.push(
            Diagnostic::about(&rules::CONFLICTING_FILES, folder, message)
                .help("keep one of the two"),
        );
    }
}

/// `system_prompt.*` alone is a conversation of one system message. So is a Markdown file that is edited in
/// place, with what follows its front matter and an empty line.
fn one_system_message(source: Arc<SourceFile>, is_document: bool) -> ConversationSource {
    let text = match super::in_place_prompt::front_end(&source).filter(|_| is_document) {
        Some(end) => {
            let rest = &source.text()[end.end..];
            let empty = ["\r\n", "\n"].into_iter().find(|line| rest.starts_with(line));
            SourceText::from(&source, end.end + empty.map_or(0, str::len))
        }
        None => SourceText::of(&source),
    };
    let turn = Turn {
        role: Role::System,
        content: Some(Content::Text(text.text.clone())),
        name: None,
        tool_calls: None,
        tool_call_id: None,
        metadata: None,
    };
    let slot = TemplateSlot { message: 0, text: MessageText::Content };
    ConversationSource {
        messages: vec![Message::Turn(Box::new(turn))],
        templates: vec![TemplateSource { source, text, slot }],
        media: Vec::new(),
        blobs: BTreeMap::new(),
    }
}

fn read_examples(source: &SourceFile, findings: &mut Vec<Diagnostic>) -> Option<Vec<Json>> {
    let node = super::parse(source, findings)?;
    let Value::Sequence(nodes) = &node.value else {
        findings.push(wrong_type(source, &node, "examples.json must be a list"));
        return None;
    };
    let mut examples = Vec::new();
    for node in nodes {
        let Some(fields) = Fields::new(source, node, "an example", findings) else { continue };
        for key in ["input", "output"] {
            if fields.key_range(key).is_none() {
                fields.missing_among_others(
                    key,
                    findings,
                    "write `input` and `output` for an example",
                );
            }
        }
        examples.push(node.to_json());
    }
    // An empty list says nothing.
    (!examples.is_empty()).then_some(examples)
}
