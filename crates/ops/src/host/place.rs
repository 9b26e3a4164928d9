//! Where a registry lies and is served. What is read here becomes text of a configuration, so each
//! type holds only characters that mean nothing there.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The reason why a place cannot be written into a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A folder does not begin at the root of the file system.
    #[error("the folder `{folder}` does not begin with `/`")]
    RelativeFolder {
        /// The folder.
        folder: String,
    },
    /// A folder has a character that web servers give a meaning.
    #[error("the folder `{folder}` contains `{character}`, which a configuration cannot have")]
    FolderCharacter {
        /// The folder.
        folder: String,
        /// The first such character, escaped.
        character: String,
    },
    /// A text is not a host name.
    #[error("`{text}` is not a host name")]
    Name {
        /// The text.
        text: String,
    },
    /// A text is not a path of an address.
    #[error("`{text}` is not a valid path prefix")]
    Base {
        /// The text.
        text: String,
    },
    /// A text is neither a port nor an address with one.
    #[error("`{text}` is not a port")]
    Listen {
        /// The text.
        text: String,
    },
    /// The `url` of `registry.yaml` is not the URL of a place.
    #[error("invalid `url` `{url}` in registry.yaml: {problem}")]
    Url {
        /// The URL.
        url: String,
        /// The part that cannot be used.
        problem: Box<Self>,
    },
}

/// The folder on the web server that holds a registry, without a final slash: `/srv/prompts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryFolder(String);

impl RegistryFolder {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RegistryFolder {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let folder = text.to_owned();
        if !text.starts_with('/') {
            return Err(HostError::RelativeFolder { folder });
        }
        let is_plain = |c: &char| c.is_alphanumeric() || " +,-./=@_~".contains(*c);
        if let Some(character) = text.chars().find(|c| !is_plain(c)) {
            let character = character.escape_debug().to_string();
            return Err(HostError::FolderCharacter { folder, character });
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// The host name that clients ask: `prompts.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let is_label = |label: &str| {
            let ends = |end: Option<char>| end.is_some_and(|c| c.is_ascii_alphanumeric());
            label.len() < 64
                && ends(label.chars().next())
                && ends(label.chars().next_back())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if text.len() < 254 && text.split('.').all(is_label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(HostError::Name { text: text.to_owned() })
        }
    }
}

/// The path below which a registry is served, with a slash at both ends: `/`, `/registry/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path as a regular expression.
    pub(super) fn pattern(&self) -> String {
        self.0.replace('.', r"\.")
    }
}

impl Default for BasePath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl FromStr for BasePath {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let folders = text.strip_prefix('/').unwrap_or(text);
        let folders = folders.strip_suffix('/').unwrap_or(folders);
        if folders.is_empty() {
            return Ok(Self::default());
        }
        let is_folder = |folder: &str| {
            !folder.is_empty()
                && !folder.starts_with('.')
                && folder.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        };
        if folders.split('/').all(is_folder) {
            Ok(Self(format!("/{folders}/")))
        } else {
            Err(HostError::Base { text: text.to_owned() })
        }
    }
}

/// The address that a web server listens on: `8080`, `127.0.0.1:8080`, `[::1]:8080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// The address. Without one, all addresses.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: u16,
}

impl FromStr for Listen {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let listen = match text.parse::<SocketAddr>() {
            Ok(address) => Some(Self { address: Some(address.ip()), port: address.port() }),
            Err(_not_an_address) => text.parse().ok().map(|port| Self { address: None, port }),
        };
        let listen = listen.filter(|listen| listen.port != 0);
        listen.ok_or_else(|| HostError::Listen { text: text.to_owned() })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            None => self.port.fmt(f),
            Some(address) => SocketAddr::new(address, self.port).fmt(f),
        }
    }
}

/// Returns the host name of a registry's URL. The port is left out: it is that of what clients
/// reach, which may not be the web server itself.
pub(super) fn name_of(url: &str) -> Result<HostName, HostError> {
    let (authority, _) = split(url);
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => authority,
    };
    name.parse().map_err(|problem| refused(url, problem))
}

/// Returns the path of a registry's URL.
pub(super) fn base_of(url: &str) -> Result<BasePath, HostError> {
    let (_, path) = split(url);
    path.parse().map_err(|problem| refused(url, problem))
}

/// Returns what is between the scheme and the path of a URL, and the path.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find('/').unwrap_or(rest.len());
    rest.split_at(end)
}

fn refused(url: &str, problem: HostError) -> HostError {
    HostError::Url { url: url.to_owned(), problem: Box::new(problem) }
}
