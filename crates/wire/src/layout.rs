//! Every published path: made and read here and nowhere else.

use std::fmt;

use crate::Kind;
use crate::digest::Digest;
use crate::name::{BundleName, Chain, Environment, Month, PromptName, Version};
use crate::pack::PackRange;

/// A published file. `Display` writes its path below the registry's base, [`RegistryPath::parse`] reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegistryPath {
    /// `api/registry.json`.
    Registry,
    /// `api/policy.json`.
    Policy,
    /// `api/catalog.json`.
    Catalog,
    /// `api/schemas/{kind}.schema.json`.
    Schema(Kind),
    /// `api/prompts/{name}/versions/{version}.json`.
    Version(PromptName, Version),
    /// `api/prompts/{name}/versions.json`.
    Versions(PromptName),
    /// `api/prompts/{name}/latest/{environment}.json`.
    Latest(PromptName, Environment),
    /// `api/prompts/{name}/latest/{environment}/{major}.json`.
    LatestTrack(PromptName, Environment, u64),
    /// `api/prompts/{name}/cases/{version}.json`.
    Cases(PromptName, Version),
    /// `api/prompts/{name}/history.json`.
    History(PromptName),
    /// `api/history/{month}.json` for the first file of a month, `api/history/{month}-2.json` for the
    /// second one.
    HistoryMonth(Month, u32),
    /// `api/environments/{environment}.json`: the pointer.
    Pointer(Chain),
    /// `api/environments/{environment}/releases/{sequence}.json`.
    Release(Chain, u64),
    /// `api/environments/{environment}/releases/{first}-{last}.json`.
    ReleasePack(Chain, PackRange),
    /// `api/environments/{environment}/bundles/{bundle}.json`.
    Bundle(Environment, BundleName),
    /// `api/search/{shard}.json`.
    Search(ShardName),
    /// `api/snapshots/{sha256}.json`: a snapshot, its shards, a version list, changes, or rules.
    Snapshot(Digest),
    /// `api/blobs/{sha256}`.
    Blob(Digest),
    /// `index.html`, `environments/index.html`, `p/{name}/index.html`, …: a page of the site.
    Page(Page),
    /// `assets/{name}`: a part of the site, named by its content.
    Asset(AssetName),
}

/// A page of the site. It is also an address: `index.html` is what hosts serve for its folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// `index.html`: the catalogue.
    Catalogue,
    /// `p/{name}/index.html`.
    Prompt(PromptName),
    /// `environments/index.html`.
    Environments,
    /// `history/index.html`.
    History,
    /// `status/index.html`.
    Status,
    /// `404.html`: what hosts serve for addresses that are not there.
    NotFound,
}

impl Page {
    /// The folders at the root of a registry that hold the site, and its two files there.
    pub const ROOTS: [&str; 7] =
        ["assets", "p", "environments", "history", "status", "index.html", "404.html"];

    /// Returns the page of an address below the registry's base: nothing, or `p/support/refund/`.
    pub fn of_folder(folder: &str) -> Option<Self> {
        match folder {
            "" => Some(Self::Catalogue),
            "environments/" => Some(Self::Environments),
            "history/" => Some(Self::History),
            "status/" => Some(Self::Status),
            _ => folder.strip_prefix("p/")?.strip_suffix('/')?.parse().ok().map(Self::Prompt),
        }
    }

    /// Returns the address below the registry's base at which a host serves it.
    pub fn folder(&self) -> String {
        match self {
            Self::Catalogue => String::new(),
            Self::Prompt(name) => format!("p/{name}/"),
            Self::Environments => "environments/".to_owned(),
            Self::History => "history/".to_owned(),
            Self::Status => "status/".to_owned(),
            Self::NotFound => "404.html".to_owned(),
        }
    }
}

/// The file name of an asset: what it is, 16 hex digits of its content's digest, and what form it has,
/// such as `app-3f9a0c12d4e5f607.wasm` or, compressed, `app-3f9a0c12d4e5f607.wasm.br`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetName(String);

impl AssetName {
    /// Reads a file name.
    pub fn parse(name: &str) -> Option<Self> {
        let form = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz")).unwrap_or(name);
        let (stem, extension) = form.rsplit_once('.')?;
        let (what, digest) = stem.rsplit_once('-')?;
        let is_hex = |byte: u8| matches!(byte, b'a'..=b'f' | b'0'..=b'9');
        let is_word = |text: &str, other: u8| {
            !text.is_empty()
                && text.len() <= 40
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == other)
        };
        let is_name = is_word(what, b'-')
            && is_word(extension, b'2')
            && digest.len() == 16
            && digest.bytes().all(is_hex);
        is_name.then(|| Self(name.to_owned()))
    }

    /// Returns the file name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A term of the search has at most so many bytes, so that any one can be the name of a file.
pub(crate) const MAX_TERM_BYTES: usize = 112;

/// A published path has at most so many bytes below the registry's base: some systems can open no path
/// of more than 260, and the folder that holds the registry needs some of them.
pub const MAX_PATH_BYTES: usize = 240;

/// Returns the longest path of a prompt's files, whichever of its versions are served in which environment.
pub fn longest_path<'a>(
    name: &PromptName,
    versions: impl IntoIterator<Item = &'a Version>,
    environments: impl IntoIterator<Item = &'a Environment>,
) -> RegistryPath {
    let versions: Vec<&Version> = versions.into_iter().collect();
    let longest_version = versions.iter().max_by_key(|version| version.to_string().len());
    let environment = environments.into_iter().max_by_key(|name| name.as_str().len());
    let served = environment.zip(versions.iter().map(|version| version.major()).max());
    let version =
        longest_version.map(|version| RegistryPath::Version(name.clone(), (*version).clone()));
    let track = served.map(|(environment, major)| {
        RegistryPath::LatestTrack(name.clone(), environment.clone(), major)
    });
    let mut longest = RegistryPath::Versions(name.clone());
    for path in version.into_iter().chain(track) {
        if path.to_string().len() > longest.to_string().len() {
            longest = path;
        }
    }
    longest
}

/// The file name of a shard of the search: `start` for the first one, else its boundary, the hex digits
/// of its UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShardName(String);

impl ShardName {
    /// Returns the name of the shard that begins at a boundary, unless no term is as long.
    pub fn of_boundary(boundary: &str) -> Option<Self> {
        (boundary.len() <= MAX_TERM_BYTES).then(|| Self(boundary.to_owned()))
    }

    /// Returns the boundary.
    pub fn boundary(&self) -> &str {
        &self.0
    }

    fn parse(name: &str) -> Option<Self> {
        if name == Self::FIRST {
            return Some(Self(String::new()));
        }
        let digit =
            |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = name.as_bytes().chunks(2).map(byte).collect();
        let boundary = String::from_utf8(bytes?).ok()?;
        Self::of_boundary(&boundary).filter(|_| !boundary.is_empty())
    }

    const FIRST: &str = "start";
}

impl fmt::Display for ShardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(Self::FIRST);
        }
        self.0.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How a published file may change: never, as a pointer, or as a derived file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileClass {
    /// Written once.
    Immutable,
    /// The file of an environment that tells what it serves.
    Pointer,
    /// Can be made again from the others.
    Derived,
}

impl RegistryPath {
    /// Returns how the file may change.
    pub fn class(&self) -> FileClass {
        match self {
            Self::Version(..)
            | Self::Release(..)
            | Self::ReleasePack(..)
            | Self::Snapshot(_)
            | Self::Blob(_)
            | Self::Asset(_) => FileClass::Immutable,
            Self::Pointer(_) => FileClass::Pointer,
            Self::Registry
            | Self::Policy
            | Self::Catalog
            | Self::Schema(_)
            | Self::Versions(_)
            | Self::Latest(..)
            | Self::LatestTrack(..)
            | Self::History(_)
            | Self::HistoryMonth(..)
            | Self::Cases(..)
            | Self::Bundle(..)
            | Self::Search(_)
            | Self::Page(_) => FileClass::Derived,
        }
    }

    /// Reads a path below the registry's base, without a leading slash. Only the one spelling that
    /// `Display` writes is a path.
    pub fn parse(path: &str) -> Option<Self> {
        let parsed = Self::parse_any(path)?;
        (parsed.to_string() == path).then_some(parsed)
    }

    fn parse_any(path: &str) -> Option<Self> {
        let Some(rest) = path.strip_prefix("api/") else {
            return Self::parse_site(path);
        };
        if let Some(hex) = rest.strip_prefix("blobs/") {
            return Digest::from_hex(hex).ok().map(Self::Blob);
        }
        let rest = rest.strip_suffix(".json")?;
        match rest.split_once('/') {
            None => match rest {
                "registry" => Some(Self::Registry),
                "policy" => Some(Self::Policy),
                "catalog" => Some(Self::Catalog),
                _ => None,
            },
            Some(("schemas", kind)) => {
                Kind::from_word(kind.strip_suffix(".schema")?).map(Self::Schema)
            }
            Some(("search", shard)) => ShardName::parse(shard).map(Self::Search),
            Some(("history", file)) => {
                let (month, part) = match file.split_at_checked("2026-03".len())? {
                    (month, "") => (month, 1),
                    (month, part) => {
                        (month, part.strip_prefix('-')?.parse().ok().filter(|part| *part > 1)?)
                    }
                };
                Some(Self::HistoryMonth(month.parse().ok()?, part))
            }
            Some(("snapshots", hex)) => Digest::from_hex(hex).ok().map(Self::Snapshot),
            Some(("environments", rest)) => {
                let mut parts = rest.split('/');
                let chain: Chain = parts.next()?.parse().ok()?;
                let path = match (parts.next(), parts.next(), chain) {
                    (None, _, chain) => Self::Pointer(chain),
                    (Some("releases"), Some(sequence), chain) => match sequence.split_once('-') {
                        None => Self::Release(chain, sequence.parse().ok()?),
                        Some((_, last)) => {
                            Self::ReleasePack(chain, PackRange::holding(last.parse().ok()?)?)
                        }
                    },
                    (Some("bundles"), Some(bundle), Chain::Environment(environment)) => {
                        Self::Bundle(environment, bundle.parse().ok()?)
                    }
                    _ => return None,
                };
                parts.next().is_none().then_some(path)
            }
            Some(("prompts", rest)) => Self::parse_prompt(rest),
            Some(_) => None,
        }
    }

    fn parse_site(path: &str) -> Option<Self> {
        if path == "404.html" {
            return Some(Self::Page(Page::NotFound));
        }
        if let Some(name) = path.strip_prefix("assets/") {
            return AssetName::parse(name).map(Self::Asset);
        }
        Page::of_folder(path.strip_suffix("index.html")?).map(Self::Page)
    }

    /// Reads what follows `api/prompts/`. No name segment is one of the words looked for here, so the
    /// first of them ends the name; what follows `latest` may be an environment of any name.
    fn parse_prompt(rest: &str) -> Option<Self> {
        if let Some((name, served)) = rest.split_once("/latest/") {
            let name = name.parse().ok()?;
            return match served.split_once('/') {
                None => Some(Self::Latest(name, served.parse().ok()?)),
                Some((environment, major)) => {
                    Some(Self::LatestTrack(name, environment.parse().ok()?, major.parse().ok()?))
                }
            };
        }
        if let Some((name, version)) = rest.split_once("/versions/") {
            return Some(Self::Version(name.parse().ok()?, version.parse().ok()?));
        }
        if let Some((name, version)) = rest.split_once("/cases/") {
            return Some(Self::Cases(name.parse().ok()?, version.parse().ok()?));
        }
        if let Some(name) = rest.strip_suffix("/history") {
            return name.parse().ok().map(Self::History);
        }
        Some(Self::Versions(rest.strip_suffix("/versions")?.parse().ok()?))
    }
}

impl fmt::Display for RegistryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("api/registry.json"),
            Self::Policy => f.write_str("api/policy.json"),
            Self::Catalog => f.write_str("api/catalog.json"),
            Self::Schema(kind) => write!(f, "api/schemas/{kind}.schema.json"),
            Self::Version(name, version) => write!(f, "api/prompts/{name}/versions/{version}.json"),
            Self::Versions(name) => write!(f, "api/prompts/{name}/versions.json"),
            Self::Latest(name, environment) => {
                write!(f, "api/prompts/{name}/latest/{environment}.json")
            }
            Self::LatestTrack(name, environment, major) => {
                write!(f, "api/prompts/{name}/latest/{environment}/{major}.json")
            }
            Self::Cases(name, version) => write!(f, "api/prompts/{name}/cases/{version}.json"),
            Self::History(name) => write!(f, "api/prompts/{name}/history.json"),
            Self::HistoryMonth(month, 1) => write!(f, "api/history/{month}.json"),
            Self::HistoryMonth(month, part) => write!(f, "api/history/{month}-{part}.json"),
            Self::Pointer(chain) => write!(f, "api/environments/{chain}.json"),
            Self::Release(chain, sequence) => {
                write!(f, "api/environments/{chain}/releases/{sequence}.json")
            }
            Self::ReleasePack(chain, range) => {
                let (first, last) = (range.first(), range.last());
                write!(f, "api/environments/{chain}/releases/{first}-{last}.json")
            }
            Self::Bundle(environment, bundle) => {
                write!(f, "api/environments/{environment}/bundles/{bundle}.json")
            }
            Self::Search(shard) => write!(f, "api/search/{shard}.json"),
            Self::Snapshot(digest) => write!(f, "api/snapshots/{}.json", digest.hex()),
            Self::Blob(digest) => write!(f, "api/blobs/{}", digest.hex()),
            Self::Page(Page::NotFound) => f.write_str("404.html"),
            Self::Page(page) => write!(f, "{}index.html", page.folder()),
            Self::Asset(AssetName(name)) => write!(f, "assets/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Names that a regular expression makes, as far as they are legal.
    fn legal<T: std::str::FromStr + fmt::Debug>(
        expression: &'static str,
    ) -> impl Strategy<Value = T> {
        expression.prop_filter_map("a name", |text| text.parse().ok())
    }

    #[test]
    fn paths_without_a_prompt_are_short_enough() {
        let text = |length: usize| "a".repeat(length);
        let environment: Environment = text(32).parse().unwrap();
        let digest = Digest::of(b"");
        let asset = format!("{}-0123456789abcdef.{}.br", text(40), text(40));
        for path in [
            RegistryPath::Schema(Kind::HistoryMonth),
            RegistryPath::HistoryMonth("2026-03".parse().unwrap(), u32::MAX),
            RegistryPath::Release(Chain::Environment(environment.clone()), u64::MAX),
            RegistryPath::Bundle(environment, text(64).parse().unwrap()),
            RegistryPath::Search(ShardName::of_boundary(&text(MAX_TERM_BYTES)).unwrap()),
            RegistryPath::Snapshot(digest),
            RegistryPath::Blob(digest),
            RegistryPath::Asset(AssetName::parse(&asset).unwrap()),
        ] {
            assert!(path.to_string().len() <= MAX_PATH_BYTES, "{path}");
        }
    }

    fn path() -> impl Strategy<Value = RegistryPath> {
        let name = "[a-m]{1,8}(/[a-m][a-z0-9_-]{0,6}[0-9]){0,3}"
            .prop_filter_map("a name", |text| text.parse().ok());
        let version = "[0-9]\\.[1-9][0-9]{0,3}\\.0(-rc\\.[0-9])?"
            .prop_filter_map("a version", |text| text.parse::<Version>().ok());
        let environment = "[a-z][a-z0-9-]{0,6}[a-z0-9]"
            .prop_filter_map("an environment", |text| text.parse::<Environment>().ok());
        let digest = any::<[u8; 32]>().prop_map(Digest::from_bytes);
        (name, version, environment, digest, any::<u64>()).prop_flat_map(
            |(name, version, environment, digest, number)| {
                let chain = Chain::Environment(environment.clone());
                let page = PromptName::clone(&name);
                proptest::sample::select(vec![
                    RegistryPath::Registry,
                    RegistryPath::Policy,
                    RegistryPath::Catalog,
                    RegistryPath::Schema(Kind::VersionList),
                    RegistryPath::Version(PromptName::clone(&name), version.clone()),
                    RegistryPath::Versions(name.clone()),
                    RegistryPath::History(name.clone()),
                    RegistryPath::HistoryMonth("2026-03".parse().unwrap(), 1),
                    RegistryPath::HistoryMonth("1999-12".parse().unwrap(), 12),
                    RegistryPath::Latest(name.clone(), environment.clone()),
                    RegistryPath::LatestTrack(name.clone(), environment.clone(), number),
                    RegistryPath::Cases(name, version),
                    RegistryPath::Pointer(Chain::Catalog),
                    RegistryPath::Pointer(chain.clone()),
                    RegistryPath::Release(chain.clone(), number),
                    RegistryPath::ReleasePack(
                        chain,
                        PackRange::holding(number % 9_000_000 + 1).unwrap(),
                    ),
                    RegistryPath::Bundle(environment, BundleName::all()),
                    RegistryPath::Search(ShardName::of_boundary("").unwrap()),
                    RegistryPath::Search(ShardName::of_boundary(&"退~".repeat(28)).unwrap()),
                    RegistryPath::Snapshot(digest),
                    RegistryPath::Blob(digest),
                    RegistryPath::Page(Page::Catalogue),
                    RegistryPath::Page(Page::Prompt(page)),
                    RegistryPath::Page(Page::Environments),
                    RegistryPath::Page(Page::History),
                    RegistryPath::Page(Page::Status),
                    RegistryPath::Page(Page::NotFound),
                    RegistryPath::Asset(AssetName::parse("app-0123456789abcdef.wasm.br").unwrap()),
                ])
            },
        )
    }

    proptest! {
        #[test]
        fn a_path_reads_back(path in path()) {
            prop_assert_eq!(RegistryPath::parse(&path.to_string()), Some(path));
        }

        #[test]
        fn no_path_of_a_prompt_is_longer_than_its_longest(
            name in legal::<PromptName>("[a-m0-9]([a-m0-9_-]{0,62}[a-m0-9])?(/[a-m]([a-m0-9_-]{0,62}[a-m])?){0,3}"),
            versions in vec(legal::<Version>("[1-9][0-9]{0,14}\\.[0-9]\\.[1-9][0-9]{0,3}(-[a-z]{1,40})?"), 0..4),
            environments in vec(legal::<Environment>("[a-z][a-z0-9-]{0,30}[a-m]"), 1..4),
        ) {
            let longest = longest_path(&name, &versions, &environments).to_string();
            let mut paths = vec![
                RegistryPath::Versions(name.clone()),
                RegistryPath::History(name.clone()),
                RegistryPath::Page(Page::Prompt(name.clone())),
            ];
            for version in &versions {
                paths.push(RegistryPath::Version(name.clone(), version.clone()));
                paths.push(RegistryPath::Cases(name.clone(), version.clone()));
                for environment in &environments {
                    paths.push(RegistryPath::Latest(name.clone(), environment.clone()));
                    paths.push(RegistryPath::LatestTrack(
                        name.clone(),
                        environment.clone(),
                        version.major(),
                    ));
                }
            }
            let paths: Vec<String> = paths.iter().map(RegistryPath::to_string).collect();
            prop_assert!(paths.contains(&longest));
            prop_assert_eq!(paths.iter().map(String::len).max(), Some(longest.len()));
        }

        #[test]
        fn no_text_becomes_a_path_outside_the_registry(
            text in "(api/|p/|assets/)?[a-z./%\\\\0-9-]{0,40}(\\.json|/index\\.html)?",
        ) {
            if let Some(path) = RegistryPath::parse(&text) {
                let root = text.split('/').next().unwrap_or_default();
                prop_assert!(root == "api" || Page::ROOTS.contains(&root));
                prop_assert!(text.split('/').all(|part| !part.is_empty() && !part.starts_with('.')));
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }

    #[test]
    fn an_environment_may_have_the_name_of_a_folder() {
        let name: PromptName = "a/b".parse().unwrap();
        for environment in ["versions", "cases", "latest", "history", "bundles", "releases"] {
            let environment: Environment = environment.parse().unwrap();
            for path in [
                RegistryPath::Latest(name.clone(), environment.clone()),
                RegistryPath::LatestTrack(name.clone(), environment.clone(), 1),
                RegistryPath::Pointer(Chain::Environment(environment.clone())),
                RegistryPath::Release(Chain::Environment(environment.clone()), 1),
            ] {
                assert_eq!(RegistryPath::parse(&path.to_string()), Some(path));
            }
        }
    }

    #[test]
    fn only_one_spelling_is_a_path() {
        for text in [
            "api/environments/dev/releases/01.json",
            "api/environments/dev/releases/+1.json",
            "api/environments/dev/releases/1.json/x.json",
            "api/environments/dev/releases/1-99.json",
            "api/environments/dev/releases/2-101.json",
            "api/environments/dev/releases/01-100.json",
            "api/environments/dev/releases/1-100-100.json",
            "api/environments/dev/releases/0-0.json",
            "api/environments/dev/releases/18446744073709551517-18446744073709551616.json",
            "api/environments/dev/releases/18446744073709551516-18446744073709551600.json",
            "api/environments/catalog/bundles/all.json",
            "api/prompts/a/versions/1.0.0",
            "api/prompts/a/versions/../1.0.0.json",
            "api/prompts/versions.json",
            "api/prompts/a/latest/dev/01.json",
            "api//registry.json",
            "api/prompts/history.json",
            "api/history/2026-13.json",
            "api/history/2026-1.json",
            "api/history/2026-03-1.json",
            "api/history/2026-03-02.json",
            "api/history/2026-03-.json",
            "api/history/2026-0é.json",
            "api/search/.json",
            "api/search/6A.json",
            "api/search/6.json",
            "api/search/ff.json",
            "api/search/start/61.json",
            "p/index.html",
            "p/a/b/c/d/e/index.html",
            "p/../index.html",
            "p//index.html",
            "assets/",
            "assets/.htaccess",
            "assets/logo.svg",
            "assets/app-0123456789ABCDEF.js",
            "assets/a/b.js",
            "environments",
            "/api/registry.json",
            "registry.json",
        ] {
            assert_eq!(RegistryPath::parse(text), None, "{text}");
        }
    }
}
