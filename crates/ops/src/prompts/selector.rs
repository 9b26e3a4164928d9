//! What a command is asked about: a prompt, and one of its versions by its number or by the environment
//! that serves it.

use anyhow::Context as _;
use promptdex_core::compile::serves;
use promptdex_core::diagnostic::did_you_mean;
use promptdex_core::model::{Prompt, Settings};
use promptdex_wire::{Environment, PromptName, Version};

use crate::error::Failure;

/// A version, and the environment by which it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The version.
    pub version: Version,
    /// The environment that the selector named, if it named one.
    pub environment: Option<Environment>,
}

/// Splits `NAME`, `NAME@VERSION` or `NAME@ENV`.
pub fn parse(text: &str) -> anyhow::Result<(PromptName, Option<&str>)> {
    let (name, selector) = match text.split_once('@') {
        Some((name, selector)) => (name, Some(selector)),
        None => (text, None),
    };
    let name =
        name.trim_matches('/').parse().with_context(|| format!("`{name}` is not a prompt name"))?;
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
) -> anyhow::Result<Selected> {
    let Some(selector) = selector else {
        let highest = prompt.versions.keys().rev().find(|version| !version.is_pre_release());
        let version = highest.or_else(|| prompt.versions.keys().next_back()).cloned();
        let version = version.ok_or_else(|| {
            Failure::new(
                format!("`{}` has no version", prompt.name),
                "add a folder such as `v1.0.0/`",
            )
        })?;
        return Ok(Selected { version, environment: None });
    };
    if let Some(environment) = settings.environment(selector) {
        let version = serves(prompt, settings, environment).ok_or_else(|| {
            let help = format!("its versions are {}", versions(prompt));
            Failure::new(format!("{environment} does not serve `{}`", prompt.name), help)
        })?;
        return Ok(Selected { version, environment: Some(environment.clone()) });
    }
    match version(selector) {
        Some(version) if prompt.versions.contains_key(&version) => {
            Ok(Selected { version, environment: None })
        }
        _ => {
            let message = format!("`{}` has no version or environment `{selector}`", prompt.name);
            let known = format!(
                "its versions are {}; the environments are {}",
                versions(prompt),
                environments(settings)
            );
            Err(Failure::new(message, with_nearest(selector, settings, &known)).into())
        }
    }
}

/// Finds the version below another: a release below a release, if there is one.
pub fn below(prompt: &Prompt, version: &Version) -> anyhow::Result<Version> {
    let lower = || prompt.versions.keys().rev().filter(|other| *other < version);
    let release = lower().find(|other| version.is_pre_release() || !other.is_pre_release());
    release.or_else(|| lower().next()).cloned().ok_or_else(|| {
        let message = format!("`{}` has no version below {version}", prompt.name);
        let help = format!("name what to compare with; its versions are {}", versions(prompt));
        Failure::new(message, help).into()
    })
}

/// Finds an environment by its name or an alias.
pub fn environment(settings: &Settings, name: &str) -> anyhow::Result<Environment> {
    if let Some(environment) = settings.environment(name) {
        return Ok(environment.clone());
    }
    let known = settings.environments.iter().map(Environment::as_str);
    let help = did_you_mean(name, known)
        .unwrap_or_else(|| format!("the environments are {}", environments(settings)));
    Err(Failure::new(format!("there is no environment `{name}`"), help).into())
}

/// Lists the environments.
pub fn environments(settings: &Settings) -> String {
    let names: Vec<&str> = settings.environments.iter().map(Environment::as_str).collect();
    names.join(", ")
}

/// Says which environment may have been meant, and what there is.
pub fn with_nearest(text: &str, settings: &Settings, known: &str) -> String {
    let names = settings.environments.iter().map(Environment::as_str);
    let names = names.chain(settings.aliases.keys().map(String::as_str));
    match did_you_mean(text, names) {
        Some(nearest) => format!("{nearest} {known}"),
        None => known.to_owned(),
    }
}

/// Lists the versions of a prompt, for a message.
pub fn versions(prompt: &Prompt) -> String {
    prompt.versions.keys().map(Version::to_string).collect::<Vec<_>>().join(", ")
}
