//! What decides which versions environments serve, read from single files of some commit. What cannot be
//! read was never published: there is nothing to report about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{PromptName, Version};

use super::fields::Fields;
use crate::node::Value;
use crate::source::SourceFile;

/// Reads a file of `environments/`.
pub fn read_pointer(bytes: &[u8]) -> Option<Target> {
    let source = SourceFile::new("", std::str::from_utf8(bytes).ok()?);
    super::environment::read(Arc::new(source), &mut Vec::new()).map(|pointer| pointer.target)
}

/// Reads the states of versions, and their reasons, from `prompt.yaml`.
pub fn read_states(name: &PromptName, bytes: &[u8]) -> Option<BTreeMap<Version, (State, String)>> {
    let source = SourceFile::new("", std::str::from_utf8(bytes).ok()?);
    let mut prompt = super::prompt::empty(name.clone());
    super::parse(&source, &mut Vec::new())?;
    super::prompt::read_prompt_file(&source, None, &mut prompt, &mut Vec::new());
    let states = prompt.states.into_iter();
    Some(states.map(|(version, state)| (version, (state.state, state.reason))).collect())
}

/// Reads `environment` and `status` from metadata.
pub fn read_claims(bytes: &[u8], is_json: bool) -> (Option<String>, Option<String>) {
    let has = |word: &str| bytes.windows(word.len()).any(|there| there == word.as_bytes());
    if !has("environment") && !has("status") {
        return (None, None);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return (None, None) };
    let source = SourceFile::new(if is_json { "metadata.json" } else { "metadata.yaml" }, text);
    let mut findings = Vec::new();
    let Some(node) = super::parse(&source, &mut findings) else { return (None, None) };
    if node.value == Value::Null {
        return (None, None);
    }
    let Some(mut fields) = Fields::new(&source, &node, "metadata", &mut findings) else {
        return (None, None);
    };
    let mut text = |key| fields.text(key, &mut findings).map(|text| text.value);
    (text("environment"), text("status"))
}
