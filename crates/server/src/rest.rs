//! The REST calls of clients that were written for a prompt registry with a server. Each is answered
//! by a published file:
//!
//! | call | file |
//! | --- | --- |
//! | `api/prompts/{name}?version=V` | `api/prompts/{name}/versions/V.json` |
//! | `api/prompts/{name}/latest?environment=E` | `api/prompts/{name}/latest/E.json` |
//! | `api/prompts/{name}/versions` | `api/prompts/{name}/versions.json` |
//! | `api/prompts/{name}/history` | `api/prompts/{name}/history.json` |
//!
//! The configurations that `promptdex host` writes do the same.

use std::borrow::Cow;
use std::str::FromStr;

use promptdex_ops::host::ENVIRONMENT_BY_DEFAULT;
use promptdex_wire::{Environment, PromptName, RegistryPath, Version};

/// A REST call whose query does not have what the call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MalformedQuery;

/// Returns the file that answers a REST call, unless the path is not one of a REST call. The path is
/// decoded and has no leading slash, the query is as it was sent.
pub(crate) fn file_of(
    path: &str,
    query: Option<&str>,
) -> Option<Result<RegistryPath, MalformedQuery>> {
    let call = path.strip_prefix("api/prompts/")?;
    // No segment of a name is one of these words.
    if let Some(name) = call.strip_suffix("/versions") {
        return Some(Ok(RegistryPath::Versions(name.parse().ok()?)));
    }
    if let Some(name) = call.strip_suffix("/history") {
        return Some(Ok(RegistryPath::History(name.parse().ok()?)));
    }
    if let Some(name) = call.strip_suffix("/latest") {
        let name: PromptName = name.parse().ok()?;
        let environment = match value(query, "environment") {
            Ok(Some(environment)) => Ok(environment),
            Ok(None) => ENVIRONMENT_BY_DEFAULT.parse().ok().ok_or(MalformedQuery),
            Err(malformed) => Err(malformed),
        };
        return Some(
            environment.map(|environment: Environment| RegistryPath::Latest(name, environment)),
        );
    }
    let name: PromptName = call.parse().ok()?;
    let version = value(query, "version").and_then(|version| version.ok_or(MalformedQuery));
    Some(version.map(|version: Version| RegistryPath::Version(name, version)))
}

/// Returns the value of a key in a query, if it is there once and well-formed.
fn value<T: FromStr>(query: Option<&str>, key: &str) -> Result<Option<T>, MalformedQuery> {
    let fields = query.unwrap_or_default().split('&');
    let mut values = fields
        .map(|field| field.split_once('=').unwrap_or((field, "")))
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| value);
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(MalformedQuery);
    }
    let text = decode(first).ok_or(MalformedQuery)?;
    text.parse().ok().map(Some).ok_or(MalformedQuery)
}

/// Decodes `%2F` and the like. Returns nothing if an escape is not one, or the result is not a text.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns what answers a request: the path of a file, `malformed`, or `-` for other paths.
    fn answer(request: &str) -> String {
        let (path, query) = match request.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (request, None),
        };
        match decode(path).and_then(|path| file_of(&path, query)) {
            None => "-".to_owned(),
            Some(Ok(path)) => path.to_string(),
            Some(Err(MalformedQuery)) => "malformed".to_owned(),
        }
    }

    #[test]
    fn a_call_names_a_file() {
        for (request, file) in [
            ("api/prompts/a?version=1.0.0", "api/prompts/a/versions/1.0.0.json"),
            (
                "api/prompts/a/b%2Fc?x=1&version=1.0.0-rc.1",
                "api/prompts/a/b/c/versions/1.0.0-rc.1.json",
            ),
            ("api/prompts/a%2fb?version=1%2E0.0", "api/prompts/a/b/versions/1.0.0.json"),
            ("api/prompts/a/latest?environment=dev", "api/prompts/a/latest/dev.json"),
            ("api/prompts/a/latest", "api/prompts/a/latest/production.json"),
            ("api/prompts/a/latest?environments=dev", "api/prompts/a/latest/production.json"),
            ("api/prompts/a%2Fb/versions", "api/prompts/a/b/versions.json"),
            ("api/prompts/a/b/c/d/history?version=7", "api/prompts/a/b/c/d/history.json"),
            // The query lacks what the call needs, has it twice, or has something else there.
            ("api/prompts/a", "malformed"),
            ("api/prompts/a?version=", "malformed"),
            ("api/prompts/a?version", "malformed"),
            ("api/prompts/a?version=1.0", "malformed"),
            ("api/prompts/a?version=latest", "malformed"),
            ("api/prompts/a?version=1.0.0&version=1.0.0", "malformed"),
            ("api/prompts/a?version=..%2F..%2Fregistry", "malformed"),
            ("api/prompts/a?environment=dev", "malformed"),
            ("api/prompts/a/latest?environment=", "malformed"),
            ("api/prompts/a/latest?environment=PROD", "malformed"),
            ("api/prompts/a/latest?environment=dev%00", "malformed"),
            ("api/prompts/a/latest?environment=dev&environment=dev", "malformed"),
            // These are not REST calls.
            ("api/prompts", "-"),
            ("api/prompts/", "-"),
            ("api/prompts/latest", "-"),
            ("api/prompts/versions?version=1.0.0", "-"),
            ("api/prompts/A?version=1.0.0", "-"),
            ("api/prompts/a/?version=1.0.0", "-"),
            ("api/prompts/a//b?version=1.0.0", "-"),
            ("api/prompts/..%2Fa/versions", "-"),
            ("api/prompts/a%00/versions", "-"),
            ("api/prompts/a%/versions", "-"),
            ("api/prompts/a%2/versions", "-"),
            ("api/prompts/a%+2/versions", "-"),
            ("api/prompts/a%ff/versions", "-"),
            ("api/prompts/a/b/c/d/e/versions", "-"),
            ("api/prompts/a/promote", "malformed"),
            ("prompts/a/versions", "-"),
        ] {
            assert_eq!(answer(request), file, "{request}");
        }
    }

    proptest! {
        #[test]
        fn no_call_names_anything_but_a_published_file(
            request in "api/prompts/[a-c./%20fF?=&A\\\\-]{0,30}(/latest|/versions|/history|)(\\?(version|environment)=[a-z0-9./%]{0,12})?",
        ) {
            let file = answer(&request);
            let is_path = RegistryPath::parse(&file).is_some_and(|path| path.to_string() == file);
            prop_assert!(is_path || file == "-" || file == "malformed", "{request}: {file}");
        }
    }
}
