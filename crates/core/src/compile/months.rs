//! The audit trail of the registry as a whole, month by month.

use std::collections::BTreeMap;

use promptdex_wire::history::{Event, HistoryMonth, MonthEvents};
use promptdex_wire::pages::ROWS_PER_FILE;
use promptdex_wire::{Environment, Format, Kind, Month, RegistryName, RegistryPath, json};

use crate::history::{rank, sequences};
use crate::published_registry::PublishedHistory;

/// The published months of the history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Months {
    /// How many events each month has.
    pub counts: BTreeMap<Month, u64>,
    /// The events of the months that are written, as far as they are published.
    pub events: BTreeMap<Month, Vec<Event>>,
}

impl Months {
    /// Takes all months of a registry.
    pub fn of(history: &PublishedHistory) -> Self {
        let mut months = Self::default();
        for event in history.prompts.values().flatten().chain(&history.rules) {
            months.add(event.clone());
        }
        let count = |(month, events): (&Month, &Vec<Event>)| (month.clone(), events.len() as u64);
        months.counts = months.events.iter().map(count).collect();
        months
    }

    /// Adds an event. One without a time is in no month.
    pub(super) fn add(&mut self, event: Event) {
        if let Some(at) = &event.changed_at {
            self.events.entry(at.month()).or_default().push(event);
        }
    }

    /// Writes the months that events were added to, or that were to be written, and returns how many
    /// events and files each month has, the newest first.
    pub(super) fn write<E>(
        mut self,
        registry: &RegistryName,
        path: &[Environment],
        write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
    ) -> Result<Vec<MonthEvents>, E> {
        for (month, mut events) in self.events {
            let rank = |event: &Event| rank(event.environment.as_ref(), path);
            events.sort_by(|a, b| {
                let order = (&a.changed_at, &a.name).cmp(&(&b.changed_at, &b.name));
                order.then_with(|| rank(a).cmp(&rank(b)))
            });
            self.counts.insert(month.clone(), events.len() as u64);
            let mut rest = events.into_iter();
            for part in 1.. {
                let events: Vec<Event> = rest.by_ref().take(ROWS_PER_FILE).collect();
                if events.is_empty() {
                    break;
                }
                let document = HistoryMonth {
                    format: Format,
                    kind: Kind::HistoryMonth,
                    registry: registry.clone(),
                    month: month.clone(),
                    sequences: sequences(&events),
                    events,
                };
                write(RegistryPath::HistoryMonth(month.clone(), part), json::write(&document))?;
            }
        }
        let months = self.counts.into_iter().rev();
        let files = |count: u64| u32::try_from(count.div_ceil(ROWS_PER_FILE as u64));
        let month =
            |(month, count)| MonthEvents { month, count, files: files(count).unwrap_or(u32::MAX) };
        Ok(months.map(month).collect())
    }
}
