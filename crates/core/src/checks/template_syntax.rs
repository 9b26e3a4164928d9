//! `template-syntax`, `unsupported-template`, `render-limit`: a text is a template of its dialect.

use promptdex_template::{Error, ErrorKind, Template};

use crate::diagnostic::Diagnostic;
use crate::model::{PromptVersionSource, TemplateSource};
use crate::rules::{self, Rule};

/// Parses the templates of a version, and returns those that can be parsed.
pub(crate) fn check<'a>(
    version: &'a PromptVersionSource,
    findings: &mut Vec<Diagnostic>,
) -> Vec<(&'a TemplateSource, Template<'a>)> {
    let mut parsed = Vec::with_capacity(version.templates.len());
    for source in &version.templates {
        match Template::parse(version.metadata.template, &source.text.text) {
            Ok(template) => {
                let constants = template.constant_problems();
                let problems = template.problems().iter().chain(&constants);
                findings.extend(problems.map(|error| finding(source, error)));
                parsed.push((source, template));
            }
            Err(errors) => findings.extend(errors.iter().map(|error| finding(source, error))),
        }
    }
    parsed
}

/// Turns an error of a template into a finding in its file.
pub(crate) fn finding(source: &TemplateSource, error: &Error) -> Diagnostic {
    let range = source.text.origin.locate(error.range.clone());
    Diagnostic::at(rule(error.kind), &source.source, range, &error.message)
        .maybe_help(error.help.clone())
}

fn rule(kind: ErrorKind) -> &'static Rule {
    match kind {
        ErrorKind::Syntax => &rules::TEMPLATE_SYNTAX,
        ErrorKind::Unsupported => &rules::UNSUPPORTED_TEMPLATE,
        ErrorKind::Limit => &rules::RENDER_LIMIT,
        ErrorKind::Include => &rules::INVALID_INCLUDE,
        ErrorKind::Undefined | ErrorKind::Value | ErrorKind::Raised => &rules::RENDER_ERROR,
    }
}
