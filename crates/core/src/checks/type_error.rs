//! `type-error`, `pointless-filter`, `undeclared-key`: an expression fails with every value that the declarations
//! allow, a filter changes none of them, or a key is read that is not declared and looks like a slip.

use promptdex_wire::Variable;

use super::context::VersionContext;
use super::template_syntax;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    let declared: Vec<Variable> = context
        .source
        .metadata
        .variables
        .iter()
        .map(|declared| declared.variable.clone())
        .collect();
    for (source, template) in &context.templates {
        // The templates of examples see other values, and each of them is rendered.
        if source.slot.is_example() || !template.problems().is_empty() {
            continue;
        }
        let problems = template.type_problems(&declared);
        for (rule, found) in [
            (&rules::TYPE_ERROR, problems.certain),
            (&rules::POINTLESS_FILTER, problems.pointless),
            (&rules::UNDECLARED_KEY, problems.undeclared),
        ] {
            findings.extend(found.iter().map(|problem| Diagnostic {
                rule,
                severity: rule.severity,
                ..template_syntax::finding(source, problem)
            }));
        }
    }
}
