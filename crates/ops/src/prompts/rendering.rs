//! Renderings of a version with given values.

use promptdex_core::diagnostic::{Diagnostic, did_you_mean};
use promptdex_core::model::Prompt;
use promptdex_core::rules;
use promptdex_template::ErrorKind;
use promptdex_template::conversation::{Conversation, complete};
pub use promptdex_template::conversation::{VariableProblem, VariableProblemKind};
pub use promptdex_template::json_value::{JsonError, JsonValue, Values};
use promptdex_wire::{Message, Version, VersionDocument};

/// The reason why a version could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A version has no test case of this name.
    #[error("version {version} has no test case `{name}`")]
    UnknownCase {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// A suggested name, as a question.
        suggestion: Option<String>,
        /// The names of its test cases.
        known: Vec<String>,
    },
    /// Values are missing, unknown or of the wrong type.
    #[error("{}", list(.0))]
    Values(Vec<VariableProblem>),
    /// A template failed at a known position in a file of the version.
    #[error("{}", .0.message)]
    Template(Box<Diagnostic>),
    /// An included template failed.
    #[error("{message} in `{include}`")]
    Include {
        /// The message.
        message: String,
        /// The included version.
        include: String,
        /// The correction, if one is known.
        help: Option<String>,
    },
    /// A template failed in an unknown file.
    #[error("{message}")]
    Other {
        /// The message.
        message: String,
        /// The correction, if one is known.
        help: Option<String>,
    },
}

fn list(problems: &[VariableProblem]) -> String {
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    messages.join("; ")
}

/// Returns the values of a test case.
pub fn case_values(prompt: &Prompt, version: &Version, name: &str) -> Result<Values, RenderError> {
    let cases = prompt.cases.get(version).map(|file| file.cases.as_slice()).unwrap_or_default();
    let Some(case) = cases.iter().find(|case| case.name.value == name) else {
        let known: Vec<String> = cases.iter().map(|case| case.name.value.clone()).collect();
        let suggestion = did_you_mean(name, known.iter().map(String::as_str));
        let (version, name) = (version.clone(), name.to_owned());
        return Err(RenderError::UnknownCase { version, name, suggestion, known });
    };
    let values = case.variables.iter();
    Ok(values.map(|(name, value)| (name.value.clone(), JsonValue::of(&value.value))).collect())
}

/// Renders a version. With `ignores_unknown`, values of undeclared variables are ignored.
pub fn render(
    prompt: &Prompt,
    version: &Version,
    document: &VersionDocument,
    given: &Values,
    ignores_unknown: bool,
) -> Result<Vec<Message>, RenderError> {
    let (values, mut problems) = complete(&document.variables, given);
    problems.retain(|problem| !(ignores_unknown && problem.kind == VariableProblemKind::Unknown));
    if !problems.is_empty() {
        return Err(RenderError::Values(problems));
    }
    Conversation::of(document).render(&values).map_err(|failed| {
        let error = failed.error.into_details();
        let templates = prompt.versions.get(version).map(|source| source.templates.as_slice());
        let template = templates
            .unwrap_or_default()
            .iter()
            .find(|t| t.slot.message == failed.message && t.slot.text == failed.text);
        match (template, error.inside) {
            (_, Some(include)) => {
                RenderError::Include { message: error.message, include, help: error.help }
            }
            (None, None) => RenderError::Other { message: error.message, help: error.help },
            (Some(template), None) => {
                let rule = match error.kind {
                    ErrorKind::Limit => &rules::RENDER_LIMIT,
                    _ => &rules::RENDER_ERROR,
                };
                let place = template.text.origin.locate(error.range);
                let finding = Diagnostic::at(rule, &template.source, place, error.message)
                    .maybe_help(error.help);
                RenderError::Template(Box::new(finding))
            }
        }
    })
}
