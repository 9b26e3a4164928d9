//! The audit trail: what happened to prompts, in the columns that such tables usually have. Both
//! documents are derived from the changes of the releases, which are the truth.

use serde::{Deserialize, Serialize};

use crate::digest::Blob;
use crate::event::{Change, Operation, Target};
use crate::json::Format;
use crate::name::{Chain, Environment, Month, PromptName, RegistryName, Timestamp};
use crate::open::Open;
use crate::release::Sequences;
use crate::{Document, Kind};

/// What happened to a prompt: `api/prompts/{name}/history.json`, and full pages of older events in
/// `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct History {
    /// 1.
    pub format: Format,
    /// `history`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The prompt.
    pub name: PromptName,
    /// The releases it shows; none in a full page.
    pub sequences: Sequences,
    /// The newest events, at most 500, the oldest of them first. Those of one environment, replayed in this order from
    /// the oldest page on, give what it serves.
    pub events: Vec<Event>,
    /// The full page with the 500 events before them. A reader must follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Blob>,
}

impl Document for History {
    const KIND: Kind = Kind::History;
}

/// What happened in a registry in one month: `api/history/{month}.json`, and what does not fit into it
/// in `api/history/{month}-2.json` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryMonth {
    /// 1.
    pub format: Format,
    /// `history_month`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The month, in UTC.
    pub month: Month,
    /// The releases it shows.
    pub sequences: Sequences,
    /// The events, the oldest first; at most 500.
    pub events: Vec<Event>,
}

impl Document for HistoryMonth {
    const KIND: Kind = Kind::HistoryMonth;
}

/// A month in which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthEvents {
    /// The month, in UTC.
    pub month: Month,
    /// Number of its events.
    pub count: u64,
    /// Number of its files. The first one has the oldest events.
    pub files: u32,
}

/// One row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// The prompt. Absent in the history of a prompt, and when the rules changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PromptName>,
    /// What happened.
    pub change_type: Open<Operation>,
    /// The environment. Absent when the event is about a version or the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// What was served before. Absent when there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_value: Option<Open<Target>>,
    /// What is served since, or the version that the event is about. Absent when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_value: Option<Open<Target>>,
    /// Who did it: the author of the commit; of a merge, the author of the commit in it that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// When it reached the published branch: the time of `commit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Why: what stands beside a version's state, else the commit's `Reason:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The Git commit that brought it to the published branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The first line of the commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The number of the pull request, when the commit's message has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Who made the commit, when it is somebody else than `changed_by`: who merged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_by: Option<String>,
    /// The commit's `Reviewed-by:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviewed_by: Vec<String>,
    /// The commit's `Co-authored-by:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_authored_by: Vec<String>,
    /// The release that has it: of the environment, else of the catalog.
    pub sequence: u64,
}

impl Event {
    /// Returns what was served before, if there was something and this release knows its form.
    pub fn before(&self) -> Option<&Target> {
        self.old_value.as_ref().and_then(Open::known)
    }

    /// Returns what is served since, or the version that the event is about, if this release knows its form.
    pub fn after(&self) -> Option<&Target> {
        self.new_value.as_ref().and_then(Open::known)
    }

    /// Returns the change that a release has.
    pub fn into_change(self) -> Change {
        Change {
            name: self.name,
            operation: self.change_type,
            from: self.old_value,
            to: self.new_value,
            by: self.changed_by,
            at: self.changed_at,
            commit: self.commit,
            reason: self.reason,
            subject: self.subject,
            pull_request: self.pull_request,
            committed_by: self.committed_by,
            reviewed_by: self.reviewed_by,
            co_authored_by: self.co_authored_by,
        }
    }

    /// Writes a change that a release of a chain has.
    pub fn new(change: Change, chain: &Chain, sequence: u64) -> Self {
        let environment = match chain {
            Chain::Environment(environment) => Some(environment.clone()),
            Chain::Catalog => None,
        };
        Self {
            name: change.name,
            change_type: change.operation,
            environment,
            old_value: change.from,
            new_value: change.to,
            changed_by: change.by,
            changed_at: change.at,
            reason: change.reason,
            commit: change.commit,
            subject: change.subject,
            pull_request: change.pull_request,
            committed_by: change.committed_by,
            reviewed_by: change.reviewed_by,
            co_authored_by: change.co_authored_by,
            sequence,
        }
    }
}
