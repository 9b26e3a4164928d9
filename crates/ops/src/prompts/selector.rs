//! Selectors: a prompt, and one of its versions by number or by the environment that serves it.

use promptdex_core::compile::served_main_version;
use promptdex_core::diagnostic::{Diagnostic, did_you_mean};
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::rules::Severity;
use promptdex_wire::{Environment, PromptName, Version};

use crate::error::{Result, SelectionError};
use crate::tree::Tree;

/// A selected version, and the environment that it was selected by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSelection {
    /// The version.
    pub version: Version,
    /// The environment in the selector, if it named one.
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

/// Parses a version as users write it, with or without `v`.
pub fn version(text: &str) -> Option<Version> {
    text.strip_prefix('v').unwrap_or(text).parse().ok()
}

/// Returns an error if an environment has a pointer file for a prompt that cannot be read, so that it seems to serve
/// nothing. `findings` are those from reading the prompt.
pub fn check_pointer(
    tree: &Tree,
    prompt: &Prompt,
    findings: &[Diagnostic],
    environment: &Environment,
) -> Result<()> {
    let path = format!("{}/environments/{environment}.yaml", prompt.name);
    let is_wrong =
        |finding: &Diagnostic| finding.path == path && finding.severity == Severity::Error;
    if !prompt.pointers.contains_key(environment) && findings.iter().any(is_wrong) {
        return Err(SelectionError::UnreadablePointer { path: tree.display_path(&path) }.into());
    }
    Ok(())
}

/// Finds the version that a selector names: an exact version, or the one that an environment
/// serves. Defaults to the highest version.
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
        let version = served_main_version(prompt, settings, environment).ok_or_else(|| {
            SelectionError::NotServed {
                environment: environment.clone(),
                name: prompt.name.clone(),
                versions: versions(prompt),
            }
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
            suggestion: suggest_environment(selector, settings),
            versions: versions(prompt),
            environments: environments(settings),
            lacks_commits: prompt.lacks_commits,
        }
        .into()),
    }
}

/// Finds the next lower version. For a release, that is a release if there is one.
pub fn next_lower_version(prompt: &Prompt, version: &Version) -> Result<Version> {
    let lower = || prompt.versions.keys().rev().filter(|other| *other < version);
    let release = lower().find(|other| version.is_pre_release() || !other.is_pre_release());
    let below = release.or_else(|| lower().next()).cloned();
    Ok(below.ok_or_else(|| SelectionError::NothingBelow {
        name: prompt.name.clone(),
        version: version.clone(),
        versions: versions(prompt),
        lacks_commits: prompt.lacks_commits,
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

/// Returns the nearest environment name, as a question.
pub fn suggest_environment(text: &str, settings: &Settings) -> Option<String> {
    let names = settings.environments.iter().map(Environment::as_str);
    did_you_mean(text, names.chain(settings.aliases.keys().map(String::as_str)))
}

/// Lists the versions of a prompt, for messages.
pub fn versions(prompt: &Prompt) -> String {
    prompt.versions.keys().map(Version::to_string).collect::<Vec<_>>().join(", ")
}
