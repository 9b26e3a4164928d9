//! `undefined-variable`: a template uses a variable that is not declared.

use std::collections::BTreeMap;

use promptdex_template::VariableUse;
use promptdex_wire::variables::Type;

use super::context::VersionContext;
use crate::diagnostic::{Diagnostic, did_you_mean, only_near};
use crate::model::TemplateSource;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    let metadata = &context.source.metadata;
    let names = || metadata.variables.iter().map(|declared| declared.variable.name.as_str());
    let help = |name: &str| {
        did_you_mean(name, names())
            .unwrap_or_else(|| format!("declare `{name}` under `variables` in the metadata"))
    };

    // One finding a name and file: the first use, with the others as related places.
    let mut undefined: BTreeMap<(&str, String), Vec<(&TemplateSource, VariableUse)>> =
        BTreeMap::new();
    for (source, template) in &context.templates {
        if source.slot.is_example() {
            check_example(context, source, template.uses(), findings);
            continue;
        }
        for used in template.uses() {
            let Some(variable) = metadata.variable(&used.path[0]) else {
                // Set on every way that leads here, so that no caller is asked for it.
                if used.is_set {
                    continue;
                }
                undefined
                    .entry((source.source.path(), used.path[0].clone()))
                    .or_default()
                    .push((source, used));
                continue;
            };
            if let Some(attribute) = used.path.get(1)
                && variable.kind != Type::Object
            {
                let range = source.text.origin.locate(used.range);
                let message = format!(
                    "variable `{}` of type `{}` has no attribute `{attribute}`",
                    variable.name,
                    variable.kind.as_str()
                );
                findings.push(
                    Diagnostic::at(&rules::UNDEFINED_VARIABLE, &source.source, range, message)
                        .help("declare the variable with type `object`, or remove the attribute"),
                );
            }
        }
    }
    for ((_, name), uses) in undefined {
        let Some(((source, first), others)) = uses.split_first() else { continue };
        let mut finding = Diagnostic::at(
            &rules::UNDEFINED_VARIABLE,
            &source.source,
            source.text.origin.locate(first.range.clone()),
            format!("variable `{name}` is not declared"),
        )
        .help(help(&name));
        if let Some(meant) = only_near(&name, names()) {
            for (source, used) in &uses {
                finding = finding.fix(source.text.origin.locate(used.range.clone()), meant);
            }
        }
        for (source, other) in others.iter().take(3) {
            finding = finding.related(
                &source.source,
                source.text.origin.locate(other.range.clone()),
                "also used here",
            );
        }
        findings.push(finding);
    }

    for media in &context.source.media {
        let name = &media.name.value;
        let problem = match metadata.variable(name) {
            None => format!("variable `{name}` is not declared"),
            Some(variable) if variable.kind != media.kind => {
                format!(
                    "variable `{name}` has type `{}`; the part requires `{}`",
                    variable.kind.as_str(),
                    media.kind.as_str()
                )
            }
            Some(_) => continue,
        };
        let finding = Diagnostic::at(
            &rules::UNDEFINED_VARIABLE,
            &media.source,
            media.name.range.clone(),
            problem,
        );
        findings
            .push(finding.help(format!("declare `{name}` with type `{}`", media.kind.as_str())));
    }
}

/// The templates of examples see the keys of each example.
fn check_example(
    context: &VersionContext<'_>,
    source: &TemplateSource,
    uses: Vec<VariableUse>,
    findings: &mut Vec<Diagnostic>,
) {
    let examples: Vec<serde_json::Value> =
        context.source.examples.iter().flatten().map(promptdex_wire::Json::value).collect();
    for used in uses {
        let name = &used.path[0];
        if used.is_set {
            continue;
        }
        let Some(position) = examples.iter().position(|example| example.get(name).is_none()) else {
            continue;
        };
        let keys =
            examples[position].as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let help = did_you_mean(name, keys).unwrap_or_else(|| {
            "add the key to the example; these templates see only the keys of their example"
                .to_owned()
        });
        let range = source.text.origin.locate(used.range.clone());
        let message = format!("example {} of examples.json has no key `{name}`", position + 1);
        findings.push(
            Diagnostic::at(&rules::UNDEFINED_VARIABLE, &source.source, range, message).help(help),
        );
    }
}
