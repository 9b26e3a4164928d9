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
    shown: watch::Sender<PreviewState>,
    /// The start time, which distinguishes this process from an earlier one at the same address.
    started: u128,
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
    pub(crate) trouble: Option<Arc<str>>,
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
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let shown = PreviewState {
            event: Arc::default(),
            number: 0,
            trouble: None,
            visibility: Visibility::Private,
        };
        Self { shown: watch::Sender::new(shown), started, is_watching }
    }

    pub(crate) fn shown(&self) -> PreviewState {
        self.shown.borrow().clone()
    }

    /// Publishes a successful build, or new findings for the current one.
    pub(crate) fn built(&self, is_new: bool, visibility: Visibility, findings: &[PreviewFinding]) {
        self.tell(findings, false, |shown| {
            shown.number += u64::from(is_new || shown.trouble.is_some());
            shown.trouble = None;
            shown.visibility = visibility;
        });
    }

    /// Keeps the current build, and publishes the findings that prevented a newer one.
    pub(crate) fn behind(&self, findings: &[PreviewFinding]) {
        self.tell(findings, true, |_| {});
    }

    /// Publishes the findings that prevented the first build.
    pub(crate) fn trouble(&self, text: &str, findings: &[PreviewFinding]) {
        self.tell(findings, true, |shown| {
            shown.number += 1;
            shown.trouble = Some(text.into());
        });
    }

    fn tell(
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
        self.shown.send_modify(|shown| {
            change(shown);
            let told = PreviewEvent {
                build: &self.build(shown),
                is_behind,
                summary: counts.join(", "),
                findings: &findings[..findings.len().min(MOST)],
                more: findings.len().saturating_sub(MOST),
            };
            // Strings and numbers always serialize.
            shown.event = serde_json::to_string(&told).unwrap_or_default().into();
        });
    }

    /// Returns the name of the build that is served.
    fn build(&self, shown: &PreviewState) -> String {
        format!("{:x}-{}", self.started, shown.number)
    }

    /// Adds the script to a page, if the tree is watched.
    pub(crate) fn with_script(&self, page: Vec<u8>, shown: &PreviewState) -> Vec<u8> {
        let end = b"</head>";
        let head = page.windows(end.len()).position(|bytes| bytes == end);
        let Some(head) = head.filter(|_| self.is_watching) else { return page };
        let script = format!(
            "<script src=\"{FOLDER}live.js\" data-build=\"{}\"{} defer></script>\n",
            self.build(shown),
            if shown.trouble.is_some() { " data-trouble" } else { "" }
        );
        [&page[..head], script.as_bytes(), &page[head..]].concat()
    }

    /// Returns the page that replaces every other page until the first successful build.
    pub(crate) fn trouble_page(&self, text: &str, shown: &PreviewState) -> Vec<u8> {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                other => escaped.push(other),
            }
        }
        let page = include_str!("trouble.html").replace("{text}", &escaped);
        self.with_script(page.into_bytes(), shown)
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
            (self.shown.subscribe(), true),
            |(mut shown, is_first)| async move {
                if !is_first {
                    shown.changed().await.ok()?;
                }
                let event = Arc::clone(&shown.borrow_and_update().event);
                Some((Ok::<_, Infallible>(Event::default().data(event)), (shown, false)))
            },
        );
        Sse::new(events).keep_alive(KeepAlive::default()).into_response()
    }
}
