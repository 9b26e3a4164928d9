//! The audit trail: events that a published registry has recorded.

use std::collections::BTreeMap;

use promptdex_core::compile::Months;
use promptdex_core::history::restore_order;
use promptdex_core::published_registry::{PublishedHistory, read_pages};
use promptdex_wire::history::{Event, History};
use promptdex_wire::pages::{Paged as _, rows_in_full_pages};
use promptdex_wire::{Environment, PromptName, RegistryPath, json};

use crate::error::Result;

/// Events that a published registry has recorded.
#[derive(Debug, Default)]
pub struct AuditTrail {
    /// The events by prompt: those in full pages first, as they stand there.
    pub prompts: BTreeMap<PromptName, Vec<Event>>,
    /// The events by month.
    pub months: Months,
}

impl AuditTrail {
    /// Takes the events that were read from the chains. Only of `names`, the prompts that are compiled, the pages are
    /// looked at, and only if there are any.
    pub(super) fn of_chains<'n>(
        history: PublishedHistory,
        names: impl Iterator<Item = &'n PromptName>,
        path: &[Environment],
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>,
    ) -> Result<Self> {
        let months = Months::of(&history);
        let mut prompts = history.prompts;
        for name in names {
            let Some(events) = prompts.get_mut(name) else { continue };
            if rows_in_full_pages(events.len()) > 0 {
                let bytes = read(&RegistryPath::History(name.clone()))?;
                let history = bytes.and_then(|bytes| json::read::<History>(&bytes).ok());
                let paged = history.map_or_else(Vec::new, |history| paged_events(&history, &read));
                *events = restore_order(std::mem::take(events), &paged, path);
            }
        }
        Ok(Self { prompts, months })
    }
}

/// Returns the events of a prompt's full pages, the oldest first; none if a page is not what was published.
pub(crate) fn paged_events(
    history: &History,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>,
) -> Vec<Event> {
    let pages = read_pages::<History, _>(history.older, read).unwrap_or_default();
    pages.into_iter().rev().flat_map(|(_, page)| page.into_rows()).collect()
}
