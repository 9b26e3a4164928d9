//! Every address of the site, printed and parsed here and nowhere else. Addresses are relative to the
//! registry's base, which `<base>` names, so that one build works below any path.

use std::fmt;

use promptdex_wire::{Environment, Page, PromptName, Version};

use crate::model::query::Query;

/// What a page shows. `Display` writes its address below the base: `./`, `p/support/refund/?v=1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The catalogue, filtered.
    Catalogue(Query),
    /// A prompt.
    Prompt(PromptName, View),
    /// The environments: `environments/`.
    Environments,
    /// The releases: `history/`.
    History,
    /// What the registry is, and whether it is whole: `status/`.
    Status,
}

/// What of a prompt is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// One version, with everything known of it: `?v=1.2.0` or `?env=staging`.
    Version(Choice),
}

/// Which version is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Choice {
    /// What the last environment that serves the prompt serves, else the highest.
    #[default]
    Default,
    /// What an environment serves.
    Environment(Environment),
    /// This one.
    Version(Version),
}

impl Route {
    /// The page of a prompt.
    pub fn prompt(name: &PromptName) -> Self {
        Self::Prompt(name.clone(), View::Version(Choice::Default))
    }

    /// One version of a prompt.
    pub fn version(name: &PromptName, version: &Version) -> Self {
        Self::Prompt(name.clone(), View::Version(Choice::Version(version.clone())))
    }

    /// Returns the file that holds it.
    pub fn page(&self) -> Page {
        match self {
            Self::Catalogue(_) => Page::Catalogue,
            Self::Prompt(name, _) => Page::Prompt(name.clone()),
            Self::Environments => Page::Environments,
            Self::History => Page::History,
            Self::Status => Page::Status,
        }
    }

    /// Reads the address of a page below the base, `p/support/refund/`, and its query.
    pub fn parse(folder: &str, get: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let folder = folder.strip_suffix("index.html").unwrap_or(folder);
        let page = Page::of_folder(folder).or_else(|| Page::of_folder(&format!("{folder}/")))?;
        Some(match page {
            Page::Catalogue => Self::Catalogue(Query::parse(get)),
            Page::Prompt(name) => Self::Prompt(name, View::parse(get)),
            Page::Environments => Self::Environments,
            Page::History => Self::History,
            Page::Status => Self::Status,
            Page::NotFound => return None,
        })
    }

    /// Adds the place on the page.
    pub fn at(&self, anchor: &str) -> String {
        format!("{self}#{anchor}")
    }
}

impl View {
    fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        let version = get("v").and_then(|text| text.parse().ok()).map(Choice::Version);
        let environment = || get("env").and_then(|text| text.parse().ok()).map(Choice::Environment);
        Self::Version(version.or_else(environment).unwrap_or_default())
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.page().folder();
        f.write_str(if folder.is_empty() { "./" } else { &folder })?;
        let mut query = QueryWriter { f, is_first: true };
        match self {
            Self::Catalogue(shown) => shown.write(|key, value| query.pair(key, value)),
            Self::Prompt(_, View::Version(choice)) => match choice {
                Choice::Default => Ok(()),
                Choice::Environment(environment) => query.pair("env", environment.as_str()),
                Choice::Version(version) => query.pair("v", &version.to_string()),
            },
            Self::Environments | Self::History | Self::Status => Ok(()),
        }
    }
}

struct QueryWriter<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    is_first: bool,
}

impl QueryWriter<'_, '_> {
    fn pair(&mut self, key: &str, value: &str) -> fmt::Result {
        let separator = if std::mem::take(&mut self.is_first) { '?' } else { '&' };
        write!(self.f, "{separator}{key}={}", Encoded(value))
    }
}

/// A value in a query: everything but letters, digits and a few signs that read well is escaped.
struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => write!(f, "{}", byte as char)?,
                b'-' | b'_' | b'.' | b'~' | b'/' | b':' | b'@' => write!(f, "{}", byte as char)?,
                b' ' => f.write_str("+")?,
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}
