//! The audit trail: events that a published registry has recorded.

use std::collections::BTreeMap;

use promptdex_core::compile::Months;
use promptdex_wire::PromptName;
use promptdex_wire::history::Event;

/// Events that a published registry has recorded.
#[derive(Debug, Default)]
pub struct AuditTrail {
    /// The events by prompt.
    pub prompts: BTreeMap<PromptName, Vec<Event>>,
    /// The events by month.
    pub months: Months,
}
