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
    /// Format version, always 1.
    pub format: Format,
    /// `history`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The prompt.
    pub name: PromptName,
    /// Sequence numbers of the included releases; none in a full page.
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
    /// Format version, always 1.
    pub format: Format,
    /// `history_month`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The month, in UTC.
    pub month: Month,
    /// Sequence numbers of the included releases.
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
    /// Number of events.
    pub count: u64,
    /// Number of files. The first file has the oldest events.
    pub files: u32,
}

/// One row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// The prompt. Absent in the history of a prompt, and when the rules changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PromptName>,
    /// Kind of event.
    pub change_type: Open<Operation>,
    /// The environment. Absent when the event is about a version or the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Old target. Absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_value: Option<Open<Target>>,
    /// New target, or the version of the event. Absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_value: Option<Open<Target>>,
    /// Author of the commit. For a merge, the author of the commit in the merged branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// Time at which the change reached the default branch: the time of `commit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Reason in `prompt.yaml` for a version's state, or the `Reason:` of the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Git commit that brought the event to the default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The first line of the commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Number of the pull request, if the commit's message has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Committer, such as the person who merged the change, if different from `changed_by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_by: Option<String>,
    /// The commit's `Reviewed-by:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviewed_by: Vec<String>,
    /// The commit's `Co-authored-by:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_authored_by: Vec<String>,
    /// Release with the event: of the environment, or of the catalog.
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
