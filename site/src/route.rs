//! Every address of the site, printed and parsed here and nowhere else. Addresses are relative to the
//! registry's base, which `<base>` names, so that one build works below any path.

use std::fmt;

use promptdex_wire::{Environment, Page, PromptName, Version};

use crate::model::query::{Query, read_page, write_page};

/// What a page shows. `Display` writes its address below the base: `./`, `p/support/refund/?v=1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The catalogue, filtered.
    Catalogue(Query),
    /// A prompt.
    Prompt(PromptName, View),
    /// The environments: `environments/?page=2`, or what promoting all that one serves would change:
    /// `environments/?from=staging&to=production`.
    Environments(Option<PromotionPreview>, usize),
    /// What happened: `history/?env=production&by=ana`, what was served at the end of a day:
    /// `history/?as_of=2026-03-01`, or what changed since a release: `history/?env=production&since=12`.
    History(Audit),
    /// What the registry is, and whether it is whole: `status/`.
    Status,
}

/// A promotion preview: what an environment would serve after a promotion from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionPreview {
    /// The environment that is taken from.
    pub from: Environment,
    /// The environment that would change.
    pub to: Environment,
}

/// What of the history is shown: a text for each of [`Audit::KEYS`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audit {
    /// The texts; unused ones are empty.
    pub texts: [String; 8],
    /// The page of the list, from 0.
    pub page: usize,
}

impl Audit {
    /// The prompt or a folder, the environment, what happened, who did it, the first day, the last one; the day
    /// as of which, and the release since which.
    pub const KEYS: [&str; 8] = ["prompt", "env", "type", "by", "from", "until", "as_of", "since"];

    /// Returns the text of a key.
    pub fn get(&self, key: &str) -> &str {
        Self::KEYS.iter().position(|known| *known == key).map_or("", |at| &self.texts[at])
    }

    /// Returns this query with another text for a key, at the first page.
    #[must_use]
    pub fn with(&self, key: &str, text: &str) -> Self {
        let mut audit = Self { page: 0, ..self.clone() };
        if let Some(at) = Self::KEYS.iter().position(|known| *known == key) {
            text.clone_into(&mut audit.texts[at]);
        }
        audit
    }
}

/// The view of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// One version, with everything known of it: `?v=1.2.0` or `?env=staging`.
    Version(Choice),
    /// Two versions: `?view=diff&a=1.0.0&b=@production`.
    Compare(Compare),
    /// One version with values to fill in: `?view=play&v=1.2.0`.
    Play(Choice),
}

/// A comparison: its two sides, and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compare {
    /// The first version: by default, as on the page of the prompt.
    pub a: Choice,
    /// The second version: by default, the highest other one.
    pub b: Choice,
    /// How texts are shown: `as=unified`.
    pub layout: Layout,
    /// Whether white space is ignored: `ws=ignore`.
    pub ignores_whitespace: bool,
    /// Whether words are compared however long it takes: `words=all`.
    pub is_full: bool,
}

/// How two texts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// One text, with what went and what came in the same line: for prose.
    #[default]
    Inline,
    /// One column, lines that went above lines that came.
    Unified,
    /// Two columns.
    Split,
}

impl Compare {
    /// The same comparison of two versions.
    #[must_use]
    pub fn of(self, a: Version, b: Version) -> Self {
        Self { a: Choice::Version(a), b: Choice::Version(b), ..self }
    }

    /// Writes the address of this comparison of a prompt.
    pub fn address(self, name: &PromptName) -> String {
        Route::Prompt(name.clone(), View::Compare(self)).to_string()
    }
}

impl Layout {
    /// Every layout, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Inline, Self::Unified, Self::Split];

    /// Returns the word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Unified => "unified",
            Self::Split => "split",
        }
    }

    /// Returns the word on the page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Inline => "Inline",
            Self::Unified => "Unified",
            Self::Split => "Split",
        }
    }
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
    /// Something that is neither; the page reports it.
    Unreadable(String),
}

impl Choice {
    /// Reads `1.0.0` or `@production`; nothing is the default.
    pub fn parse(text: &str) -> Self {
        let choice = match text.strip_prefix('@') {
            Some(environment) => environment.parse().ok().map(Self::Environment),
            None if text.is_empty() => Some(Self::Default),
            None => text.parse().ok().map(Self::Version),
        };
        choice.unwrap_or_else(|| Self::Unreadable(text.to_owned()))
    }

    /// Writes the choice as text; empty for the default.
    pub fn text(&self) -> String {
        match self {
            Self::Default => String::new(),
            Self::Environment(environment) => format!("@{environment}"),
            Self::Version(version) => version.to_string(),
            Self::Unreadable(text) => text.clone(),
        }
    }
}

impl Route {
    /// The comparison of two versions of a prompt.
    pub fn compare(name: &PromptName, a: Choice, b: Choice) -> Self {
        Self::Prompt(name.clone(), View::Compare(Compare { a, b, ..Compare::default() }))
    }

    /// The page of a prompt.
    pub fn prompt(name: &PromptName) -> Self {
        Self::Prompt(name.clone(), View::Version(Choice::Default))
    }

    /// One version of a prompt.
    pub fn version(name: &PromptName, version: &Version) -> Self {
        Self::Prompt(name.clone(), View::Version(Choice::Version(version.clone())))
    }

    /// The form of a version.
    pub fn play(name: &PromptName, version: &Version) -> Self {
        Self::Prompt(name.clone(), View::Play(Choice::Version(version.clone())))
    }

    /// Returns what the catalogue is filtered by.
    pub fn query(route: Option<Self>) -> Query {
        match route {
            Some(Self::Catalogue(query)) => query,
            _ => Query::default(),
        }
    }

    /// Returns what of the history is shown.
    pub fn audit(route: Option<Self>) -> Audit {
        match route {
            Some(Self::History(audit)) => audit,
            _ => Audit::default(),
        }
    }

    /// Returns which version is shown.
    pub fn choice(route: Option<Self>) -> Choice {
        match route {
            Some(Self::Prompt(_, View::Version(choice) | View::Play(choice))) => choice,
            _ => Choice::Default,
        }
    }

    /// Returns the comparison of a route.
    pub fn comparison(route: Option<Self>) -> Compare {
        match route {
            Some(Self::Prompt(_, View::Compare(compare))) => compare,
            _ => Compare::default(),
        }
    }

    /// The same page, whatever it shows of itself. Values of one type can be memoized by one piece of
    /// code, so that parts of routes are routes.
    pub fn of_page(&self) -> Self {
        match self {
            Self::Catalogue(_) => Self::Catalogue(Query::default()),
            Self::Prompt(name, _) => Self::prompt(name),
            Self::Environments(..) => Self::Environments(None, 0),
            Self::History(_) => Self::History(Audit::default()),
            Self::Status => Self::Status,
        }
    }

    /// Returns the file that holds it.
    pub fn page(&self) -> Page {
        match self {
            Self::Catalogue(_) => Page::Catalogue,
            Self::Prompt(name, _) => Page::Prompt(name.clone()),
            Self::Environments(..) => Page::Environments,
            Self::History(_) => Page::History,
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
            Page::Environments => {
                let environment = |key| get(key).and_then(|text| text.parse().ok());
                let from = environment("from");
                let promotion = from.zip(environment("to"));
                Self::Environments(
                    promotion.map(|(from, to)| PromotionPreview { from, to }),
                    read_page(get),
                )
            }
            Page::History => Self::History(Audit {
                texts: Audit::KEYS.map(|key| get(key).unwrap_or_default()),
                page: read_page(get),
            }),
            Page::Status => Self::Status,
            Page::NotFound => return None,
        })
    }

    /// Adds the place on the page.
    pub fn at(&self, anchor: &str) -> String {
        format!("{self}#{anchor}")
    }
}

/// Reads the query of an address. Pages are written for addresses without one.
#[cfg_attr(not(feature = "csr"), expect(unused_variables, reason = "read in the browser"))]
pub fn query(search: &str) -> impl Fn(&str) -> Option<String> {
    #[cfg(feature = "csr")]
    let query = web_sys::UrlSearchParams::new_with_str(search).ok();
    #[cfg(feature = "csr")]
    return move |key: &str| query.as_ref().and_then(|query| query.get(key));
    #[cfg(not(feature = "csr"))]
    |_: &str| None
}

impl View {
    fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        if get("view").as_deref() == Some("diff") {
            let choice = |key| Choice::parse(&get(key).unwrap_or_default());
            let is = |key, word: &str| get(key).as_deref() == Some(word);
            let layouts = Layout::ALL.into_iter();
            return Self::Compare(Compare {
                a: choice("a"),
                b: choice("b"),
                layout: { layouts }.find(|layout| is("as", layout.as_str())).unwrap_or_default(),
                ignores_whitespace: is("ws", "ignore"),
                is_full: is("words", "all"),
            });
        }
        let is_play = get("view").as_deref() == Some("play");
        let environment = || get("env").map(|environment| format!("@{environment}"));
        let choice = Choice::parse(&get("v").or_else(environment).unwrap_or_default());
        if is_play { Self::Play(choice) } else { Self::Version(choice) }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.page().folder();
        f.write_str(if folder.is_empty() { "./" } else { &folder })?;
        let mut query = QueryWriter { f, is_first: true };
        match self {
            Self::Catalogue(shown) => shown.write(|key, value| query.pair(key, value)),
            Self::Prompt(_, View::Version(choice) | View::Play(choice)) => {
                if let Self::Prompt(_, View::Play(_)) = self {
                    query.pair("view", "play")?;
                }
                match choice {
                    Choice::Default => Ok(()),
                    Choice::Environment(environment) => query.pair("env", environment.as_str()),
                    Choice::Version(version) => query.pair("v", &version.to_string()),
                    Choice::Unreadable(text) => query.pair("v", text),
                }
            }
            Self::Prompt(_, View::Compare(compare)) => {
                let side = |choice: &Choice| Some(choice.text()).filter(|text| !text.is_empty());
                let is = |is: bool, word: &str| is.then(|| word.to_owned());
                let layout = compare.layout;
                let pairs = [
                    ("view", Some("diff".to_owned())),
                    ("a", side(&compare.a)),
                    ("b", side(&compare.b)),
                    ("as", is(layout != Layout::default(), layout.as_str())),
                    ("ws", is(compare.ignores_whitespace, "ignore")),
                    ("words", is(compare.is_full, "all")),
                ];
                pairs.iter().try_for_each(|(key, value)| match value {
                    Some(value) => query.pair(key, value),
                    None => Ok(()),
                })
            }
            Self::Environments(promotion, page) => {
                if let Some(PromotionPreview { from, to }) = promotion {
                    query.pair("from", from.as_str())?;
                    query.pair("to", to.as_str())?;
                }
                write_page(*page, |key, value| query.pair(key, value))
            }
            Self::History(audit) => {
                for (key, text) in Audit::KEYS.into_iter().zip(&audit.texts) {
                    if !text.is_empty() {
                        query.pair(key, text)?;
                    }
                }
                write_page(audit.page, |key, value| query.pair(key, value))
            }
            Self::Status => Ok(()),
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
        write!(self.f, "{separator}{key}={}", EncodedValue(value))
    }
}

/// A value in a query: everything but letters, digits and a few signs that read well is escaped.
struct EncodedValue<'a>(&'a str);

impl fmt::Display for EncodedValue<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an address as a browser splits it.
    fn parse(address: &str) -> Option<Route> {
        let (folder, query) = address.split_once('?').unwrap_or((address, ""));
        let get = |key: &str| {
            let pair =
                query.split('&').find_map(|pair| pair.split_once('=').filter(|p| p.0 == key));
            pair.map(|(_, value)| decode(value))
        };
        Route::parse(folder.trim_start_matches("./"), get)
    }

    fn decode(value: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = value.as_bytes();
        while let [first, after @ ..] = rest {
            rest = after;
            match first {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let hex = std::str::from_utf8(&rest[..2]).unwrap();
                    bytes.push(u8::from_str_radix(hex, 16).unwrap());
                    rest = &rest[2..];
                }
                _ => bytes.push(*first),
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_address_reads_back() {
        for address in [
            "./",
            "./?q=refund+tag:%22two+words%22+-%C3%A9%26%23&page=3",
            "p/support/refund/",
            "p/support/refund/?v=1.2.0-rc.1",
            "p/support/refund/?env=staging",
            "p/a/?view=diff",
            "p/a/?view=play&v=1.0.0",
            "p/a/?view=diff&a=1.0.0&b=@production",
            "p/a/?view=diff&a=@dev&as=split&ws=ignore&words=all",
            "environments/",
            "environments/?page=2",
            "environments/?from=staging&to=production&page=3",
            "history/",
            "history/?prompt=support/refund&env=production&type=promoted&by=ana&from=2026-01-01&until=2026-02-01&page=2",
            "history/?env=production&as_of=2026-03-01",
            "status/",
        ] {
            assert_eq!(parse(address).map(|route| route.to_string()).as_deref(), Some(address));
        }
    }

    #[test]
    fn what_is_no_page_is_none() {
        for address in ["p/", "p/a//b/", "p/A/", "p/a/b/c/d/e/", "other/", "environments/x/"] {
            assert_eq!(parse(address), None, "{address}");
        }
        let unreadable = View::Version(Choice::Unreadable("x".to_owned()));
        assert_eq!(parse("p/a/?v=x"), Some(Route::Prompt("a".parse().unwrap(), unreadable)));
        assert_eq!(parse("p/a"), parse("p/a/index.html"));
    }
}
