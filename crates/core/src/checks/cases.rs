//! `case-variables`, `render-error`, `render-limit`, `empty-rendering`, `unresolved-placeholder`,
//! `expectation-failed`: every test case renders, and meets its expectations.

use promptdex_template::conversation::{
    Conversation, MessageError, MessageText, VariableProblemKind, complete, join_texts, texts,
};
use promptdex_template::{ErrorKind, IncludedTexts, JsonValue, Values, unresolved_placeholders};
use promptdex_wire::{Message, Variable};

use super::context::VersionContext;
use super::{template_syntax, unguarded_value};
use crate::diagnostic::Diagnostic;
use crate::model::{CaseFile, CaseSource, TemplateSlot};
use crate::rules;

/// Counts the tokens of a text.
#[derive(Clone, Copy)]
pub struct CaseTokenizer<'t> {
    /// Returns the number of tokens of a text: never more than its bytes.
    pub count: &'t (dyn Fn(&str) -> u64 + Sync),
    /// Whether the counts are published, and not only held against limits.
    pub is_published: bool,
}

/// The result of a test case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// Tokens of the rendered contents, when a tokenizer counts them and the case renders.
    pub tokens: Option<u64>,
}

pub(super) fn check(
    context: &VersionContext<'_>,
    renders: bool,
    is_current: bool,
    tokenizer: Option<CaseTokenizer<'_>>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<CaseResult> {
    let variables: Vec<Variable> = context
        .source
        .metadata
        .variables
        .iter()
        .map(|declared| declared.variable.clone())
        .collect();
    let wire_includes = crate::compile::build_includes(context.includes);
    let conversation = Conversation {
        template: context.dialect(),
        messages: &context.source.messages,
        examples: context.source.examples.as_deref().unwrap_or_default(),
        includes: &wire_includes.0,
    };
    // Examples depend on no case; one that fails would fail every case again.
    let renders = renders && check_examples(context, conversation, findings);
    let file = context.prompt.cases.get(context.version);
    if file.is_none() && !(renders && is_current) {
        return Vec::new();
    }
    // What cannot be parsed is reported where it is included.
    let (includes, renders) = match conversation.parse_includes() {
        Ok(includes) => (includes, renders),
        Err(_) => (IncludedTexts::new(), false),
    };
    let variables = &variables;
    if renders && is_current {
        unguarded_value::check(context, conversation, &includes, variables, findings);
    }
    let Some(file) = file else { return Vec::new() };
    let run = CaseRun { context, renders, file, variables, conversation, includes, tokenizer };
    file.cases.iter().map(|case| run.check(case, findings)).collect()
}

/// Renders the few-shot examples, and returns whether all of them could be.
fn check_examples(
    context: &VersionContext<'_>,
    conversation: Conversation<'_>,
    findings: &mut Vec<Diagnostic>,
) -> bool {
    let before = findings.len();
    for (position, message) in conversation.messages.iter().enumerate() {
        if !matches!(message, Message::Examples(_)) {
            continue;
        }
        let alone = Conversation { messages: std::slice::from_ref(message), ..conversation };
        let Err(failed) = alone.render(&Values::default()) else { continue };
        let slot = |source: &&crate::model::TemplateSource| {
            source.slot.message == position && source.slot.text == failed.text
        };
        if let Some(source) = context.source.templates.iter().find(slot) {
            let example = failed.example.map_or(1, |example| example + 1);
            let message = format!("example {example} of examples.json: {}", failed.error.message);
            let rule = render_rule(failed.error.kind);
            let finding = template_syntax::finding(source, &failed.error);
            findings.push(Diagnostic { message, rule, severity: rule.severity, ..finding });
        }
    }
    findings.len() == before
}

/// Returns the rule that a failed rendering breaks.
fn render_rule(kind: ErrorKind) -> &'static rules::Rule {
    if kind == ErrorKind::Limit { &rules::RENDER_LIMIT } else { &rules::RENDER_ERROR }
}

struct CaseRun<'a> {
    context: &'a VersionContext<'a>,
    renders: bool,
    file: &'a CaseFile,
    variables: &'a [Variable],
    conversation: Conversation<'a>,
    includes: IncludedTexts<'a>,
    tokenizer: Option<CaseTokenizer<'a>>,
}

impl CaseRun<'_> {
    fn check(&self, case: &CaseSource, findings: &mut Vec<Diagnostic>) -> CaseResult {
        let given: Values = case
            .variables
            .iter()
            .map(|(name, value)| (name.value.clone(), JsonValue::of(&value.value)))
            .collect();
        let (values, problems) = complete(self.variables, &given);
        for problem in &problems {
            let written = case.variables.iter().find(|(name, _)| name.value == problem.name);
            let (range, help) = match (problem.kind, written) {
                (VariableProblemKind::Misfit, Some((_, value))) => (
                    value.range.clone(),
                    "change the value or the variable's declaration".to_owned(),
                ),
                (VariableProblemKind::Unknown, Some((name, _))) => (
                    name.range.clone(),
                    "declare the variable in the metadata, or remove it from the test case"
                        .to_owned(),
                ),
                _ => (
                    case.name.range.clone(),
                    format!("add `{}: …` under `variables`", problem.name),
                ),
            };
            let is_hidden =
                problem.kind == VariableProblemKind::Misfit && self.is_sensitive(&problem.name);
            let said = if is_hidden {
                format!("invalid value for the sensitive variable `{}`", problem.name)
            } else {
                problem.message.clone()
            };
            let message = format!("test case `{}`: {said}", case.name.value);
            findings.push(
                Diagnostic::at(&rules::CASE_VARIABLES, &self.file.source, range, message)
                    .help(help),
            );
        }
        let is_blank = self
            .context
            .source
            .templates
            .iter()
            .any(|template| template.text.text.trim().is_empty());
        if !problems.is_empty() || is_blank || !self.renders {
            return CaseResult { tokens: None };
        }
        let parsed = |message: usize, text: MessageText| {
            let slot = TemplateSlot { message, text };
            let found = self.context.templates.iter().find(|(source, _)| source.slot == slot);
            found.map(|(_, template)| template)
        };
        match self.conversation.render_parsed(&values, &self.includes, &parsed) {
            Ok(rendered) => self.check_rendered(case, &rendered, findings),
            Err(error) => {
                findings.push(self.render_error(case, &error));
                CaseResult { tokens: None }
            }
        }
    }

    fn is_sensitive(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable.sensitive && variable.name == name)
    }

    fn render_error(&self, case: &CaseSource, failed: &MessageError) -> Diagnostic {
        let rule = render_rule(failed.error.kind);
        // What failed may be told with a value.
        let is_hidden = case.variables.iter().any(|(name, _)| self.is_sensitive(&name.value));
        let (said, help) = if is_hidden {
            let (prompt, version) = (&self.context.prompt.name, self.context.version);
            let name = &case.name.value;
            let help = format!(
                "run `promptdex render {prompt}@{version} --case \"{name}\"` to see the error"
            );
            ("cannot render the template with sensitive values", Some(help))
        } else {
            (failed.error.message.as_str(), failed.error.help.clone())
        };
        let message = format!("test case `{}`: {said}", case.name.value);
        let slot = |source: &&crate::model::TemplateSource| {
            source.slot.message == failed.message && source.slot.text == failed.text
        };
        let finding = match (&failed.error.inside, self.context.source.templates.iter().find(slot))
        {
            (None, Some(source)) => Diagnostic {
                message,
                rule,
                severity: rule.severity,
                ..template_syntax::finding(source, &failed.error)
            },
            (Some(include), _) => {
                let message = format!("{message} (in the included `{include}`)");
                Diagnostic::at(rule, &self.file.source, case.name.range.clone(), message)
            }
            (None, None) => {
                Diagnostic::at(rule, &self.file.source, case.name.range.clone(), message)
            }
        };
        finding.maybe_help(help)
    }

    fn check_rendered(
        &self,
        case: &CaseSource,
        rendered: &[Message],
        findings: &mut Vec<Diagnostic>,
    ) -> CaseResult {
        let name = &case.name;
        let mut report = |rule, message: String, help: &str| {
            findings.push(
                Diagnostic::at(rule, &self.file.source, name.range.clone(), message).help(help),
            );
        };
        for (position, message) in rendered.iter().enumerate() {
            for text in texts(std::slice::from_ref(message)) {
                if text.trim().is_empty() {
                    let message = format!(
                        "test case `{}`: message {} renders to an empty text",
                        name.value,
                        position + 1
                    );
                    report(
                        &rules::EMPTY_RENDERING,
                        message,
                        "print some text in every test case, or remove the message",
                    );
                }
                for range in unresolved_placeholders(self.context.dialect(), text) {
                    let left = &text[range];
                    let variable = left.trim_matches(['{', '}', ' ', '\t']);
                    // Text of the template itself may show a placeholder on purpose.
                    let from_value =
                        case.variables.iter().any(|(_, value)| value.value.text().contains(left));
                    if from_value && self.variables.iter().any(|declared| declared.name == variable)
                    {
                        let message = format!(
                            "test case `{}`: the rendered text still contains `{left}`",
                            name.value
                        );
                        report(
                            &rules::UNRESOLVED_PLACEHOLDER,
                            message,
                            "pass the final text; for an intended placeholder, \
                             add an `allow` entry to policy.yaml",
                        );
                    }
                }
            }
        }
        let text = join_texts(rendered);
        let limits = [case.expect.max_tokens, self.context.source.metadata.token_budget];
        // A token has at least one byte, so a short text passes no limit, whatever its tokens.
        let may_pass = limits.into_iter().flatten().any(|limit| text.len() as u64 > limit);
        let tokenizer = self.tokenizer.filter(|tokenizer| tokenizer.is_published || may_pass);
        let tokens =
            tokenizer.map(|tokenizer| texts(rendered).into_iter().map(tokenizer.count).sum());
        self.check_expectations(case, &text, tokens, findings);
        CaseResult { tokens }
    }

    fn check_expectations(
        &self,
        case: &CaseSource,
        text: &str,
        tokens: Option<u64>,
        findings: &mut Vec<Diagnostic>,
    ) {
        let (prompt, version) = (&self.context.prompt.name, self.context.version);
        let fail = |range: &std::ops::Range<usize>, what: &str| {
            let message = format!("test case `{}`: {what}", case.name.value);
            let help = format!(
                "`promptdex render {prompt}@{version} --case \"{}\"` shows the text",
                case.name.value
            );
            Diagnostic::at(&rules::EXPECTATION_FAILED, &self.file.source, range.clone(), message)
                .help(help)
        };
        let expect = &case.expect;
        if let Some(equals) = &expect.equals
            && equals.value != text
        {
            let line =
                equals.value.lines().zip(text.lines()).take_while(|(a, b)| a == b).count() + 1;
            findings.push(fail(&equals.range, &format!("the text differs from line {line} on")));
        }
        for wanted in expect.contains.iter().filter(|wanted| !text.contains(&wanted.value)) {
            findings.push(fail(&wanted.range, "the text does not contain this string"));
        }
        for unwanted in expect.not_contains.iter().filter(|unwanted| text.contains(&unwanted.value))
        {
            findings.push(fail(&unwanted.range, "the text contains an excluded string"));
        }
        if let Some(pattern) = &expect.matches {
            match regex::RegexBuilder::new(&pattern.value).size_limit(1 << 20).build() {
                Ok(regex) if regex.is_match(text) => {}
                Ok(_) => {
                    findings.push(fail(&pattern.range, "the text does not match this pattern"));
                }
                Err(error) => {
                    let reason = error.to_string();
                    let reason = reason
                        .lines()
                        .last()
                        .unwrap_or_default()
                        .trim_start_matches("error: ")
                        .to_owned();
                    let message =
                        format!("invalid regular expression `{}`: {reason}", pattern.value);
                    findings.push(
                        Diagnostic::at(&rules::INVALID_VALUE, &self.file.source, pattern.range.clone(), message)
                            .help("avoid look-around and back-references; write `\\` before a literal `.`, `(`, `[` …"),
                    );
                }
            }
        }
        if let (Some(most), Some(tokens)) = (expect.max_tokens, tokens)
            && tokens > most
        {
            let what = format!("the text has {tokens} tokens; the test case allows {most}");
            findings.push(fail(&case.name.range, &what));
        }
        if let (Some(budget), Some(tokens)) = (self.context.source.metadata.token_budget, tokens)
            && tokens > budget
        {
            let message = format!(
                "test case `{}`: the text has {tokens} tokens; the budget is {budget}",
                case.name.value
            );
            findings.push(
                Diagnostic::at(
                    &rules::TOKEN_BUDGET,
                    &self.file.source,
                    case.name.range.clone(),
                    message,
                )
                .help("shorten the text, or raise `token_budget`"),
            );
        }
    }
}
