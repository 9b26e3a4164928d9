//! Version documents: what apps fetch. A document depends only on the version's own files, on what it
//! includes, and on two facts of the registry.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::prompt::{Content, Redacted, Role};
use promptdex_wire::{Blob, Format, Kind, Message, PromptVersion, VersionDocument};
use uuid::Uuid;

use super::resolved_include::{ResolvedInclude, build_includes};
use crate::diagnostic::Diagnostic;
use crate::history::VersionOrigin;
use crate::model::{DeclaredState, PromptVersionSource, Settings};
use crate::rules;
use crate::source::SourceFile;

/// A version document may have this many bytes.
const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

pub(super) fn version_document(
    settings: &Settings,
    prompt: &PromptVersion,
    source: &PromptVersionSource,
    created: VersionOrigin,
    includes: &BTreeMap<PromptVersion, Arc<ResolvedInclude>>,
) -> VersionDocument {
    let metadata = &source.metadata;
    VersionDocument {
        format: Format,
        kind: Kind::Version,
        id: id(settings, prompt),
        registry: settings.registry.clone(),
        name: prompt.name.clone(),
        version: prompt.version.clone(),
        source_digest: source.source_digest,
        created_by: created.by,
        created_at: created.at,
        description: metadata.description.clone(),
        template: metadata.template,
        system_prompt: system_prompt(&source.messages),
        messages: source.messages.clone(),
        variables: metadata.variables.iter().map(|declared| declared.variable.clone()).collect(),
        examples: source.examples.clone(),
        includes: build_includes(includes),
        response_schema: source.response_schema.clone(),
        tools: source.tools.clone(),
        token_budget: metadata.token_budget,
        temperature: metadata.temperature,
        model: metadata.model.clone(),
        parameters: metadata.parameters.clone(),
        tags: metadata.tags.clone(),
        origin: metadata.origin.clone(),
        metadata: metadata.metadata.clone(),
    }
}

/// Returns the `id` of a version, in every document of it.
fn id(settings: &Settings, prompt: &PromptVersion) -> String {
    let address = format!("promptdex:{}:{prompt}", settings.registry);
    Uuid::new_v5(&Uuid::NAMESPACE_URL, address.as_bytes()).to_string()
}

/// Returns the text of the first system message; nothing if there is none, or if its content is a list of parts.
fn system_prompt(messages: &[Message]) -> String {
    let first = messages.iter().find_map(|message| match message {
        Message::Turn(turn) if turn.role == Role::System => Some(turn),
        Message::Turn(_) | Message::Placeholder(_) | Message::Examples(_) => None,
    });
    match first.and_then(|turn| turn.content.as_ref()) {
        Some(Content::Text(text)) => text.clone(),
        Some(Content::Parts(_)) | None => String::new(),
    }
}

/// Refuses a document that is too large.
pub(super) fn check_size(document: &[u8], folder: &str, findings: &mut Vec<Diagnostic>) {
    if document.len() > MAX_DOCUMENT {
        let message =
            format!("the version document has {} bytes; the limit is 4 MiB", document.len());
        let finding = Diagnostic::about(&rules::FILE_SIZE, folder, message);
        findings.push(finding.help("shorten texts or examples"));
    }
}

/// Refuses a redaction that readers may stop reading before its end.
pub(super) fn check_redaction_size(
    redaction: &[u8],
    source: Option<&SourceFile>,
    state: &DeclaredState,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(source) = source.filter(|_| redaction.len() > Redacted::MAX_BYTES) else { return };
    let message = format!("the redaction has {} bytes; the limit is 64 KiB", redaction.len());
    let finding = Diagnostic::at(&rules::FILE_SIZE, source, state.range.clone(), message);
    findings.push(finding.help("shorten the reason"));
}

/// Builds the document that replaces a redacted version; `events` are those of its prompt.
pub(super) fn build_redaction(
    settings: &Settings,
    prompt: &PromptVersion,
    replaced: Blob,
    state: &DeclaredState,
    events: &[Change],
) -> Redacted {
    let to = Target::Version(prompt.version.clone());
    let is_own =
        |event: &&Change| event.operation == Operation::Redacted && event.after() == Some(&to);
    let event = events.iter().rev().find(is_own);
    Redacted {
        format: Format,
        kind: Kind::Redacted,
        registry: settings.registry.clone(),
        id: id(settings, prompt),
        name: prompt.name.clone(),
        version: prompt.version.clone(),
        replaced,
        at: event.and_then(|event| event.at.clone()),
        by: event.and_then(|event| event.by.clone()),
        reason: state.reason.clone(),
    }
}
