//! All prompts of a tree with their includes, as the basis of plans.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::compile::includes::includes_of;
use promptdex_core::compile::target;
use promptdex_core::compile::targets::targets;
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::tree::PromptFiles;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, PromptVersion, Version};

use crate::error::Result;
use crate::prompts::loader::{self, LoadedPrompt, Loader};
use crate::prompts::selector;

/// All prompts of a tree, and the versions that include each version.
pub struct PromptGraph<'l> {
    /// The loader that read the tree.
    pub loader: &'l Loader<'l>,
    /// All prompts of the tree.
    pub prompts: BTreeMap<PromptName, LoadedPrompt>,
    /// The versions that include each version.
    includers: BTreeMap<PromptVersion, BTreeSet<PromptVersion>>,
}

impl<'l> PromptGraph<'l> {
    /// Reads all prompts.
    pub fn read(loader: &'l Loader<'l>) -> Result<Self> {
        let mut prompts = BTreeMap::new();
        let mut includers: BTreeMap<PromptVersion, BTreeSet<PromptVersion>> = BTreeMap::new();
        for found in loader.load_all()? {
            let prompt = &found.prompt;
            for (version, source) in &prompt.versions {
                let own = PromptVersion { name: prompt.name.clone(), version: version.clone() };
                for (_, include) in includes_of(source) {
                    if let Ok(included) = include.name.parse() {
                        includers.entry(included).or_default().insert(own.clone());
                    }
                }
            }
            prompts.insert(prompt.name.clone(), found);
        }
        Ok(Self { loader, prompts, includers })
    }

    /// Returns the settings of the registry.
    pub fn settings(&self) -> &Settings {
        &self.loader.settings
    }

    /// Returns a prompt and its files, or an error if it does not exist.
    pub fn prompt(&self, name: &PromptName) -> Result<(&PromptFiles, &Prompt)> {
        self.loaded_prompt(name).map(|found| (&found.files, &*found.prompt))
    }

    /// Returns a loaded prompt, or an error if it does not exist.
    pub fn loaded_prompt(&self, name: &PromptName) -> Result<&LoadedPrompt> {
        let unknown = || loader::unknown_prompt(self.loader.tree(), name, self.prompts.keys());
        self.prompts.get(name).ok_or_else(unknown)
    }

    /// Returns the target that an environment serves for a prompt.
    pub fn target_in(&self, name: &PromptName, environment: &Environment) -> Option<Target> {
        target(&self.prompts.get(name)?.prompt, self.settings(), environment)
    }

    /// Returns the target that an environment serves for a prompt, or an error if its pointer file cannot be read.
    pub fn readable_target_in(
        &self,
        name: &PromptName,
        environment: &Environment,
    ) -> Result<Option<Target>> {
        let LoadedPrompt { prompt, findings, .. } = self.loaded_prompt(name)?;
        selector::check_pointer(self.loader.tree(), prompt, findings, environment)?;
        Ok(self.target_in(name, environment))
    }

    /// Returns the environments that serve a version.
    pub fn environments_serving(&self, name: &PromptName, version: &Version) -> Vec<Environment> {
        let Some(found) = self.prompts.get(name) else { return Vec::new() };
        let served = targets(&*found.prompt, self.settings());
        let serves = |environment: &&Environment| {
            served.get(*environment).is_some_and(|target| target.versions().contains(&version))
        };
        self.settings().environments.iter().filter(serves).cloned().collect()
    }

    /// Returns the versions that include a version.
    pub fn includers_of(&self, name: &PromptName, version: &Version) -> Vec<Includer> {
        let included = PromptVersion { name: name.clone(), version: version.clone() };
        let includers = self.includers.get(&included).into_iter().flatten();
        let includer = |own: &PromptVersion| Includer {
            version: own.clone(),
            served_by: self.environments_serving(&own.name, &own.version),
        };
        includers.map(includer).collect()
    }

    /// Returns the versions that include any version of a prompt, if they are served or the highest
    /// of their prompt.
    pub fn dependents(&self, name: &PromptName) -> Vec<Includer> {
        let all = self.includers.iter().filter(|(included, _)| included.name == *name);
        let own: BTreeSet<&PromptVersion> = all.flat_map(|(_, own)| own).collect();
        let includers = own.into_iter().map(|own| Includer {
            version: own.clone(),
            served_by: self.environments_serving(&own.name, &own.version),
        });
        let is_highest = |own: &PromptVersion| {
            let versions = self.prompts.get(&own.name).map(|found| &found.prompt.versions);
            versions.is_some_and(|versions| versions.keys().next_back() == Some(&own.version))
        };
        includers
            .filter(|includer| !includer.served_by.is_empty() || is_highest(&includer.version))
            .collect()
    }
}

/// A version that includes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Includer {
    /// The including version.
    pub version: PromptVersion,
    /// The environments that serve it.
    pub served_by: Vec<Environment>,
}
