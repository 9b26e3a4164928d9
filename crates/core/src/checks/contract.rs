//! `breaking-change`, `additive-change`: a version keeps the contract of the highest version below it, or
//! its number announces the break.

use promptdex_compare::contract::{Compatibility, Contract, ContractEffect, compare};
use promptdex_compare::promotion::find_breaking_effect;
use promptdex_wire::{Variable, Version};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, PromptVersionSource};
use crate::rules;

/// The contract of a version, in the form in which contracts are compared.
pub(super) struct OwnedContract {
    variables: Vec<Variable>,
    response_schema: Option<Value>,
    tools: Option<Value>,
}

impl OwnedContract {
    pub(super) fn of(source: &PromptVersionSource) -> Self {
        Self {
            variables: source
                .metadata
                .variables
                .iter()
                .map(|declared| declared.variable.clone())
                .collect(),
            response_schema: source.response_schema.as_ref().map(promptdex_wire::Json::value),
            tools: source.tools.as_ref().map(promptdex_wire::Json::value),
        }
    }

    pub(super) fn compare(&self, new: &Self) -> Vec<ContractEffect> {
        compare(&self.borrow(), &new.borrow())
    }

    /// Returns the first thing by which a version breaks callers of this one.
    pub(super) fn breaking_effect(&self, new: &Self, leaves_out: bool) -> Option<ContractEffect> {
        find_breaking_effect(&self.borrow(), &new.borrow(), leaves_out)
    }

    fn borrow(&self) -> Contract<'_> {
        Contract {
            variables: &self.variables,
            response_schema: self.response_schema.as_ref(),
            tools: self.tools.as_ref(),
        }
    }
}

pub(super) fn check(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
    let mut below: Option<(&Version, &PromptVersionSource, OwnedContract)> = None;
    for (version, source) in &prompt.versions {
        let contract = OwnedContract::of(source);
        if let Some((old_version, old_source, old)) = &below
            && old_source.is_complete
            && source.is_complete
        {
            report(prompt, (old_version, old), (version, source, &contract), findings);
        }
        below = Some((version, source, contract));
    }
}

fn report(
    prompt: &Prompt,
    (old_version, old): (&Version, &OwnedContract),
    (version, source, new): (&Version, &PromptVersionSource, &OwnedContract),
    findings: &mut Vec<Diagnostic>,
) {
    // Below 1.0.0 a minor version may break, as SemVer has it.
    let allowed = if version.major() > old_version.major() {
        Compatibility::Breaking
    } else if version.minor() > old_version.minor() {
        if version.major() == 0 { Compatibility::Breaking } else { Compatibility::Additive }
    } else {
        Compatibility::Compatible
    };
    for effect in old.compare(new).into_iter().filter(|effect| effect.verdict > allowed) {
        let (rule, needed, kind) = match effect.verdict {
            Compatibility::Breaking => {
                (&rules::BREAKING_CHANGE, next(old_version, true), "breaking")
            }
            Compatibility::Additive | Compatibility::Compatible => {
                (&rules::ADDITIVE_CHANGE, next(old_version, false), "additive")
            }
        };
        let message = format!("{kind} change since {old_version}: {}", effect.message);
        let declared = effect.variable.as_ref().and_then(|name| {
            source.metadata.variables.iter().find(|declared| declared.variable.name == *name)
        });
        let finding = match (&source.metadata.source, declared) {
            (Some(file), Some(declared)) => {
                Diagnostic::at(rule, file, declared.range.clone(), message)
            }
            _ => Diagnostic::about(rule, format!("{}/v{version}", prompt.name), message)
                .subject(effect.variable.as_deref().unwrap_or_default()),
        };
        findings
            .push(finding.help(format!("rename the version to {needed}, or revert the change")));
    }
}

/// Returns the version that a change needs at least.
fn next(version: &Version, breaks: bool) -> Version {
    if breaks && version.major() > 0 {
        Version::new(version.major() + 1, 0, 0)
    } else {
        Version::new(version.major(), version.minor() + 1, 0)
    }
}
