//! A registry, and where a web server will find and serve it.

use promptdex_core::model::Settings;
use promptdex_wire::RegistryName;
use promptdex_wire::catalog::Visibility;

use super::place::{self, BasePath, HostError, HostName, Listen, RegistryFolder};

/// A registry, and where a web server will find and serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedRegistry {
    /// The name of the registry.
    pub registry: RegistryName,
    /// Who may read it.
    pub visibility: Visibility,
    /// The folder that will hold it.
    pub folder: RegistryFolder,
    /// The host name that clients ask. Without one, every host name is answered.
    pub name: Option<HostName>,
    /// Whether clients ask by HTTPS.
    pub has_https: bool,
    /// The address to listen on. Without one, the web server's own choice for the host name.
    pub listen: Option<Listen>,
    /// The path below which the registry is served.
    pub base: BasePath,
}

/// What a caller says of a place, each in place of what `registry.yaml` says with `url`.
#[derive(Debug, Clone, Default)]
pub struct PlaceOptions {
    /// The host name.
    pub name: Option<HostName>,
    /// The address to listen on.
    pub listen: Option<Listen>,
    /// The path.
    pub base: Option<BasePath>,
}

impl HostedRegistry {
    /// Returns the place of a registry. Host name and path are those of `url` unless they are given.
    pub fn of(
        settings: &Settings,
        folder: RegistryFolder,
        options: PlaceOptions,
    ) -> Result<Self, HostError> {
        let url = settings.url.as_deref();
        let name = match options.name {
            Some(name) => Some(name),
            None => url.map(place::name_of).transpose()?,
        };
        let base = match (options.base, url) {
            (Some(base), _) => base,
            (None, Some(url)) => place::base_of(url)?,
            (None, None) => BasePath::default(),
        };
        Ok(Self {
            registry: settings.registry.clone(),
            visibility: settings.visibility,
            folder,
            name,
            has_https: url.is_none_or(|url| !url.starts_with("http://")),
            listen: options.listen,
            base,
        })
    }
}
