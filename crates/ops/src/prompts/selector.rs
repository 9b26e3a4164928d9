//! What a command is asked about: a prompt, and one of its versions by its number or by the environment
//! that serves it.

use promptdex_core::compile::serves;
use promptdex_core::diagnostic::did_you_mean;
use promptdex_core::model::{Prompt, Settings};
use promptdex_wire::{Environment, PromptName, Version};

use crate::error::{Result, SelectionError};

/// A version, and the environment by which it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSelection {
    /// The version.
    pub version: Version,
    /// The environment that the selector named, if it named one.
    pub environment: Option<Environment>,
}

/// Splits `NAME`, `NAME@VERSION` or `NAME@ENV`.
pub fn parse(text: &str) -> Result<(PromptName, Option<&str>)> {
    let (name, selector) = match text.split_once('@') {
        Some((name, selector)) => (name, Some(selector)),
        None => (text, None),
    };
    let name = name
        .trim_matches('/')
        .parse()
        .map_err(|source| SelectionError::InvalidName { text: name.to_owned(), source })?;
    Ok((name, selector))
}

/// Reads a version as people write it.
pub fn version(text: &str) -> Option<Version> {
    text.strip_prefix('v').unwrap_or(text).parse().ok()
}

/// Finds the version that is meant: an exact one, what an environment serves, or the highest.
pub fn select(
    prompt: &Prompt,
    settings: &Settings,
    selector: Option<&str>,
) -> Result<VersionSelection> {
    let Some(selector) = selector else {
        let highest = prompt.versions.keys().rev().find(|version| !version.is_pre_release());
        let version = highest.or_else(|| prompt.versions.keys().next_back()).cloned();
        let version =
            version.ok_or_else(|| SelectionError::NoVersions { name: prompt.name.clone() })?;
        return Ok(VersionSelection { version, environment: None });
    };
    if let Some(environment) = settings.environment(selector) {
        let version =
            serves(prompt, settings, environment).ok_or_else(|| SelectionError::NotServed {
                environment: environment.clone(),
                name: prompt.name.clone(),
                versions: versions(prompt),
            })?;
        return Ok(VersionSelection { version, environment: Some(environment.clone()) });
    }
    match version(selector) {
        Some(version) if prompt.versions.contains_key(&version) => {
            Ok(VersionSelection { version, environment: None })
        }
        _ => Err(SelectionError::UnknownVersion {
            name: prompt.name.clone(),
            selector: selector.to_owned(),
            suggestion: nearest(selector, settings),
            versions: versions(prompt),
            environments: environments(settings),
        }
        .into()),
    }
}

/// Finds the version below another: a release below a release, if there is one.
pub fn below(prompt: &Prompt, version: &Version) -> Result<Version> {
    let lower = || prompt.versions.keys().rev().filter(|other| *other < version);
    let release = lower().find(|other| version.is_pre_release() || !other.is_pre_release());
    let below = release.or_else(|| lower().next()).cloned();
    Ok(below.ok_or_else(|| SelectionError::NothingBelow {
        name: prompt.name.clone(),
        version: version.clone(),
        versions: versions(prompt),
    })?)
}

/// Finds an environment by its name or an alias.
pub fn environment(settings: &Settings, name: &str) -> Result<Environment> {
    if let Some(environment) = settings.environment(name) {
        return Ok(environment.clone());
    }
    let known = settings.environments.iter().map(Environment::as_str);
    Err(SelectionError::UnknownEnvironment {
        name: name.to_owned(),
        suggestion: did_you_mean(name, known),
        environments: environments(settings),
    }
    .into())
}

/// Lists the environments.
pub fn environments(settings: &Settings) -> String {
    let names: Vec<&str> = settings.environments.iter().map(Environment::as_str).collect();
    names.join(", ")
}

/// Returns which environment may have been meant, as a question.
pub fn nearest(text: &str, settings: &Settings) -> Option<String> {
    let names = settings.environments.iter().map(Environment::as_str);
    did_you_mean(text, names.chain(settings.aliases.keys().map(String::as_str)))
}

/// Lists the versions of a prompt, for a message.
pub fn versions(prompt: &Prompt) -> String {
    prompt.versions.keys().map(Version::to_string).collect::<Vec<_>>().join(", ")
}
