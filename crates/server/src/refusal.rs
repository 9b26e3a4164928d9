//! Responses to requests that are not answered by a file. Programs get JSON with one field, `error`.

use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use promptdex_ops::host;
use promptdex_wire::catalog::Registry;
use promptdex_wire::{Caching, RegistryPath, json};
use serde::Serialize;

/// The body of a refusal.
#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
}

/// Returns JSON that says why a request is refused.
pub(crate) fn refuse(status: StatusCode, error: &str) -> Response {
    // A string always serializes.
    let body = serde_json::to_string(&Refusal { error }).unwrap_or_default();
    whole(status, "application/json; charset=utf-8", body)
}

/// Returns JSON for a REST call whose query cannot be answered.
pub(crate) fn malformed() -> Response {
    constant(StatusCode::BAD_REQUEST, host::MALFORMED)
}

/// Returns JSON for a request that is neither GET nor HEAD.
pub(crate) fn read_only() -> Response {
    let mut response = constant(StatusCode::METHOD_NOT_ALLOWED, host::READ_ONLY);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// Returns JSON for a path at which no file is published. A path that a file could have is told
/// apart: whether the prompt, its version or the environment is unknown.
pub(crate) fn not_found(folder: &Path, path: Option<&RegistryPath>) -> Response {
    match path.and_then(|path| missing(folder, path)) {
        Some(error) => refuse(StatusCode::NOT_FOUND, &error),
        None => constant(StatusCode::NOT_FOUND, host::NOT_FOUND),
    }
}

fn missing(folder: &Path, path: &RegistryPath) -> Option<String> {
    let (RegistryPath::Version(name, _)
    | RegistryPath::Versions(name)
    | RegistryPath::History(name)
    | RegistryPath::Cases(name, _)
    | RegistryPath::Latest(name, _)
    | RegistryPath::LatestTrack(name, ..)) = path
    else {
        return None;
    };
    let is_known = folder.join(RegistryPath::Versions(name.clone()).to_string()).is_file();
    if !is_known {
        return Some(format!("prompt `{name}` not found"));
    }
    match path {
        RegistryPath::Version(_, version) => Some(format!("`{name}` has no version {version}")),
        RegistryPath::Latest(_, environment) => {
            let root = std::fs::read(folder.join(RegistryPath::Registry.to_string())).ok()?;
            let registry: Registry = json::read(&root).ok()?;
            if registry.environments.contains(environment) {
                return Some(format!("{environment} does not serve `{name}`"));
            }
            let known: Vec<&str> =
                registry.environments.iter().map(|environment| environment.as_str()).collect();
            let known = known.join(", ");
            Some(format!(
                "unknown environment `{environment}`: use one of {known} in `?environment=`"
            ))
        }
        RegistryPath::LatestTrack(_, environment, major) => {
            Some(format!("{environment} has no track {major} of `{name}`"))
        }
        _ => None,
    }
}

fn constant(status: StatusCode, body: &'static str) -> Response {
    whole(status, "application/json; charset=utf-8", body.to_owned())
}

/// Returns a response that must not be cached.
pub(crate) fn whole(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(Caching::NEVER));
    response
}
