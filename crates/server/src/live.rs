//! Live updates of preview pages: whether a newer build exists, and the findings of the last build.
//! The script that receives them is added when a page is served, so published files do not contain
//! it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::text::{plural, printable};
use promptdex_ops::tree::Tree;
use promptdex_wire::catalog::Visibility;
use serde::Serialize;
use tokio::sync::watch;

use crate::error::Error;

/// The path prefix of URLs that do not belong to the registry.
pub(crate) const FOLDER: &str = "/.promptdex/";

/// The number of findings that a page shows. The terminal shows all.
const MOST: usize = 50;

/// The current state of a preview, and its subscribers.
#[derive(Debug)]
pub(crate) struct Live {
    state: watch::Sender<PreviewState>,
    /// The start time, which distinguishes this process from an earlier one at the same address.
    start_time: u128,
    is_watching: bool,
}

/// The state of a preview.
#[derive(Debug, Clone)]
pub(crate) struct PreviewState {
    /// The current event for pages, as JSON.
    event: Arc<str>,
    /// The number of the build that is served.
    number: u64,
    /// The text that replaces every page until the first successful build.
    pub(crate) first_build_error: Option<Arc<str>>,
    pub(crate) visibility: Visibility,
}

/// An event for pages, read by `live.js`.
#[derive(Serialize)]
struct PreviewEvent<'a> {
    /// The build that is served. A page that was loaded from a different build is out of date.
    build: &'a str,
    /// Whether the tree has changed since this build, but could not be built.
    is_behind: bool,
    /// A summary of the findings.
    summary: String,
    findings: &'a [PreviewFinding],
    /// The number of findings that are omitted.
    more: usize,
}

/// A finding as a page displays it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PreviewFinding {
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl PreviewFinding {
    pub(crate) fn of(tree: &Tree, finding: &Diagnostic) -> Self {
        let path = tree.display_path(&finding.path);
        let place = match &finding.place {
            Some(place) => format!("{path}:{}:{}", place.line, place.column),
            None => path,
        };
        Self {
            severity: finding.severity.as_str(),
            code: Some(finding.rule.code),
            place: Some(printable(&place)),
            message: printable(&finding.message),
            help: finding.help.as_deref().map(printable),
        }
    }

    /// Creates a finding from the error that prevented a build.
    pub(crate) fn failure(error: &Error, help: Option<&str>) -> Self {
        Self {
            severity: Severity::Error.as_str(),
            code: None,
            place: None,
            message: printable(&error.in_full()),
            help: help.map(printable),
        }
    }
}

impl Live {
    pub(crate) fn new(is_watching: bool) -> Self {
        let start_time =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let state = PreviewState {
            event: Arc::default(),
            number: 0,
            first_build_error: None,
            visibility: Visibility::Private,
        };
        Self { state: watch::Sender::new(state), start_time, is_watching }
    }

    pub(crate) fn state(&self) -> PreviewState {
        self.state.borrow().clone()
    }

    /// Publishes a successful build, or new findings for the current one.
    pub(crate) fn publish_build(
        &self,
        is_new: bool,
        visibility: Visibility,
        findings: &[PreviewFinding],
    ) {
        self.publish(findings, false, |state| {
            state.number += u64::from(is_new || state.first_build_error.is_some());
            state.first_build_error = None;
            state.visibility = visibility;
        });
    }

    /// Keeps the current build, and publishes the findings that prevented a newer one.
    pub(crate) fn publish_failed_rebuild(&self, findings: &[PreviewFinding]) {
        self.publish(findings, true, |_| {});
    }

    /// Publishes the findings that prevented the first build.
    pub(crate) fn publish_failed_first_build(&self, text: &str, findings: &[PreviewFinding]) {
        self.publish(findings, true, |state| {
            state.number += 1;
            state.first_build_error = Some(text.into());
        });
    }

    fn publish(
        &self,
        findings: &[PreviewFinding],
        is_behind: bool,
        change: impl FnOnce(&mut PreviewState),
    ) {
        let count = |severity: Severity| {
            findings.iter().filter(|finding| finding.severity == severity.as_str()).count()
        };
        let counts = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| plural(count, noun))
            .collect();
        self.state.send_modify(|state| {
            change(state);
            let event = PreviewEvent {
                build: &self.build(state),
                is_behind,
                summary: counts.join(", "),
                findings: &findings[..findings.len().min(MOST)],
                more: findings.len().saturating_sub(MOST),
            };
            // Strings and numbers always serialize.
            state.event = serde_json::to_string(&event).unwrap_or_default().into();
        });
    }

    /// Returns the name of the build that is served.
    fn build(&self, state: &PreviewState) -> String {
        format!("{:x}-{}", self.start_time, state.number)
    }

    /// Adds the script to a page, if the tree is watched.
    pub(crate) fn with_script(&self, page: Vec<u8>, state: &PreviewState) -> Vec<u8> {
        let end = b"</head>";
        let head = page.windows(end.len()).position(|bytes| bytes == end);
        let Some(head) = head.filter(|_| self.is_watching) else { return page };
        let script = format!(
            "<script src=\"{FOLDER}live.js\" data-build=\"{}\"{} defer></script>\n",
            self.build(state),
            if state.first_build_error.is_some() { " data-trouble" } else { "" }
        );
        [&page[..head], script.as_bytes(), &page[head..]].concat()
    }

    /// Returns the page that replaces every other page until the first successful build.
    pub(crate) fn error_page(&self, text: &str, state: &PreviewState) -> Vec<u8> {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                other => escaped.push(other),
            }
        }
        let page = include_str!("trouble.html").replace("{text}", &escaped);
        self.with_script(page.into_bytes(), state)
    }

    /// Responds to URLs that do not belong to the registry.
    pub(crate) fn answer(&self, name: &str) -> Option<Response> {
        let (bytes, kind) = match name {
            "events" if self.is_watching => return Some(self.events()),
            "live.js" if self.is_watching => {
                (include_str!("live.js"), "text/javascript; charset=utf-8")
            }
            // The error page needs its style sheet even if no updates follow.
            "live.css" => (include_str!("live.css"), "text/css; charset=utf-8"),
            _ => return None,
        };
        let mut response = (StatusCode::OK, bytes).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Some(response)
    }

    /// Streams the current event, and a new event after every change.
    fn events(&self) -> Response {
        let events = futures::stream::unfold(
            (self.state.subscribe(), true),
            |(mut state, is_first)| async move {
                if !is_first {
                    state.changed().await.ok()?;
                }
                let event = Arc::clone(&state.borrow_and_update().event);
                Some((Ok::<_, Infallible>(Event::default().data(event)), (state, false)))
            },
        );
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }
}
