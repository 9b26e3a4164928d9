//! HTTP requests to local hosts. Every status is a valid response, and redirects are not followed.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use ureq::http::{HeaderMap, Request, StatusCode};
use ureq::{Agent, AsSendBody};

/// The response of a host.
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }
}

/// Formats status and headers for messages of failed tests.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        self.headers.iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value:?}"))
    }
}

/// Creates a client. It waits at most `patience` for each part of a response, or without a limit.
pub(crate) fn agent(patience: Option<Duration>) -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.proxy(None).timeout_per_read(patience).build().into()
}

/// Sends a request, and reads the whole response.
pub(crate) fn send(
    agent: &Agent,
    request: Request<impl AsSendBody>,
) -> Result<Answer, ureq::Error> {
    let (head, mut body) = agent.run(request)?.into_parts();
    let body = body.with_config().limit(u64::MAX).read_to_vec()?;
    Ok(Answer { status: head.status, headers: head.headers, body })
}
