//! Configurations of web servers that serve a registry: its files with the headers that
//! `docs/hosting.md` lists for every host, and the REST calls of existing clients, each answered by one
//! of the files.
//!
//! A configuration depends on the settings of a registry and on where it will lie, and not on its
//! prompts: it stays right when prompts, versions and environments are added.

pub use hosted_registry::{HostedRegistry, PlaceOptions};
pub use place::{BasePath, HostError, HostName, Listen, RegistryFolder};
pub use template::{ENVIRONMENT_BY_DEFAULT, MALFORMED, NOT_FOUND, READ_ONLY};

mod caddy;
mod hosted_registry;
mod nginx;
mod place;
mod template;

/// A web server that configurations can be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostProgram {
    /// nginx.
    Nginx,
    /// Caddy.
    Caddy,
}

/// Returns the configuration with which a web server serves a registry.
pub fn configuration(hosted: &HostedRegistry, program: HostProgram) -> String {
    match program {
        HostProgram::Nginx => nginx::configuration(hosted),
        HostProgram::Caddy => caddy::configuration(hosted),
    }
}

#[cfg(test)]
mod tests;
