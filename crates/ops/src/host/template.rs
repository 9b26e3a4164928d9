//! Templates of configurations, and what all of them fill in.

use promptdex_site::page::policy_header;
use promptdex_wire::Caching;
use promptdex_wire::catalog::Visibility;

use super::hosted_registry::HostedRegistry;

/// The environment that `latest` answers for if a REST call names none.
pub const ENVIRONMENT_BY_DEFAULT: &str = "production";

/// The body of responses with status 400 to REST calls.
pub const MALFORMED: &str =
    r#"{"error":"use ?version=1.2.3 for a version, or ?environment=production with /latest"}"#;

/// The body of responses with status 404.
pub const NOT_FOUND: &str = r#"{"error":"prompt, version or environment not found; see api/registry.json for the registry"}"#;

/// The body of responses with status 405.
pub const READ_ONLY: &str =
    r#"{"error":"this registry is read-only: use GET, and edit prompts in their repository"}"#;

/// A prompt's name, as a regular expression. These expressions tell names from other paths and keep
/// out what is hostile; whether a name exists is decided by the files.
pub(super) const PROMPT: &str = "[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*){0,3}";

/// An environment.
pub(super) const ENVIRONMENT: &str = "[a-z][a-z0-9-]{0,30}[a-z0-9]";

/// A version.
pub(super) const VERSION: &str =
    r"(?:0|[1-9][0-9]{0,19})(?:\.(?:0|[1-9][0-9]{0,19})){2}(?:-[0-9a-z.-]{1,58})?";

/// A segment of a published path. None begins with a dot.
pub(super) const FILE: &str = "[A-Za-z0-9-][A-Za-z0-9._-]*";

/// Fills in what configurations of all web servers have in common. A line that is nothing but
/// the name of a value becomes the lines of the value.
pub(super) fn configuration(
    hosted: &HostedRegistry,
    template: &str,
    own: &[(&str, &str)],
) -> String {
    let caching = Caching::ALL.map(|caching| caching.header(hosted.visibility));
    let [forever, day, seconds] = &caching;
    let policy = policy_header();
    let access = match hosted.visibility {
        Visibility::Public => "",
        Visibility::Private => {
            "#\n# This registry is private, but it does not control read access: everyone who can reach this server can\n# read all of it. Keep the server inside of your network, or require credentials here."
        }
    };
    let common = [
        ("REGISTRY", hosted.registry.as_str()),
        ("ACCESS", access),
        ("FOLDER", hosted.folder.as_str()),
        ("PROMPT", PROMPT),
        ("ENVIRONMENT", ENVIRONMENT),
        ("ENVIRONMENT_BY_DEFAULT", ENVIRONMENT_BY_DEFAULT),
        ("VERSION", VERSION),
        ("FILE", FILE),
        ("FOREVER", forever),
        ("DAY", day),
        ("SECONDS", seconds),
        ("NEVER", Caching::NEVER),
        ("POLICY", &policy),
        ("MALFORMED", MALFORMED),
        ("NOT_FOUND", NOT_FOUND),
        ("READ_ONLY", READ_ONLY),
    ];
    let value = |name: &str| {
        own.iter().chain(&common).find(|(key, _)| *key == name).map(|(_, value)| *value)
    };
    fill(template, value)
}

/// Replaces each `%NAME%` in a template, once: what is filled in is never looked at again.
pub(super) fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut filled = String::with_capacity(2 * template.len());
    for line in template.lines() {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        let alone = text.strip_prefix('%').and_then(|text| text.strip_suffix('%'));
        if let Some(lines) = alone.and_then(&value) {
            for row in lines.lines() {
                filled.extend([indent, row, "\n"]);
            }
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('%') {
            filled.push_str(before);
            match after.split_once('%').and_then(|(name, after)| Some((value(name)?, after))) {
                Some((text, after)) => {
                    filled.push_str(text);
                    rest = after;
                }
                None => {
                    filled.push('%');
                    rest = after;
                }
            }
        }
        filled.extend([rest, "\n"]);
    }
    filled
}
