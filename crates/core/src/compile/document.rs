//! Version documents: what apps fetch. A document depends only on the version's own files, on what it
//! includes, and on two facts of the registry.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_wire::prompt::{Content, Role};
use promptdex_wire::{Format, Kind, Message, PromptVersion, VersionDocument};
use uuid::Uuid;

use super::includes::{Resolved, published};
use crate::model::{PromptVersionSource, Settings};

/// A version document may have this many bytes.
pub(super) const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

pub(super) fn version_document(
    settings: &Settings,
    prompt: &PromptVersion,
    source: &PromptVersionSource,
    includes: &BTreeMap<PromptVersion, Arc<Resolved>>,
) -> VersionDocument {
    let metadata = &source.metadata;
    let address = format!("promptdex:{}:{prompt}", settings.registry);
    VersionDocument {
        format: Format,
        kind: Kind::Version,
        id: Uuid::new_v5(&Uuid::NAMESPACE_URL, address.as_bytes()).to_string(),
        registry: settings.registry.clone(),
        name: prompt.name.clone(),
        version: prompt.version.clone(),
        source_digest: source.source_digest,
        created_by: metadata.created_by.clone(),
        created_at: metadata.created_at.clone(),
        description: metadata.description.clone(),
        template: metadata.template,
        system_prompt: system_prompt(&source.messages),
        messages: source.messages.clone(),
        variables: metadata.variables.iter().map(|declared| declared.variable.clone()).collect(),
        examples: source.examples.clone(),
        includes: published(includes),
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

/// Returns the text of the first system message, when its content is text.
fn system_prompt(messages: &[Message]) -> Option<String> {
    let first = messages.iter().find_map(|message| match message {
        Message::Turn(turn) if turn.role == Role::System => Some(turn),
        Message::Turn(_) | Message::Placeholder(_) | Message::Examples(_) => None,
    })?;
    match &first.content {
        Some(Content::Text(text)) => Some(text.clone()),
        Some(Content::Parts(_)) | None => None,
    }
}
