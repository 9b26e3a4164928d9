//! What happened in a published registry, as its own files say.

use std::collections::BTreeMap;

use promptdex_core::compile::Months;
use promptdex_wire::PromptName;
use promptdex_wire::history::Event;

/// What happened in a published registry.
#[derive(Debug, Default)]
pub struct AuditTrail {
    /// What happened to prompts.
    pub prompts: BTreeMap<PromptName, Vec<Event>>,
    /// The months.
    pub months: Months,
}
