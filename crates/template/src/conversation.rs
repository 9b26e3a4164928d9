//! Renders all messages of a version: values are checked against the declared variables, examples
//! become messages, and what the app inserts itself keeps its place.

use std::collections::BTreeMap;

use promptdex_wire::prompt::{Content, ExampleMessages, Include, Media, Part, Role, Turn};
use promptdex_wire::{Dialect, Json, Message, PromptVersion, Variable, VersionDocument};

use crate::error::Error;
use crate::json_value::{JsonValue, Values};
use crate::suggest::did_you_mean;
use crate::value::{as_declared, check};
use crate::{IncludedText, IncludedTexts, Template};

/// A value that does not fit the declared variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableProblem {
    /// The variable.
    pub name: String,
    /// The kind of problem.
    pub kind: VariableProblemKind,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

/// What is wrong with the value of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableProblemKind {
    /// A required variable has no value.
    Missing,
    /// A value is passed for a variable that is not declared.
    Unknown,
    /// The value is not what its variable allows.
    Misfit,
}

impl std::fmt::Display for VariableProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// Completes the values of a caller: defaults are filled in, and a number of a variable that is an integer
/// becomes one. Null is absence, but for an optional variable without a default, which keeps it: then it
/// is none, and not undefined. Every problem is returned; a caller that ignores unknown
/// variables filters them out and goes on with the values, which never contain them.
pub fn complete(variables: &[Variable], given: &Values) -> (Values, Vec<VariableProblem>) {
    let mut values = Values::default();
    let mut problems = Vec::new();
    for variable in variables {
        let name = &variable.name;
        let mut problem = |kind, message| {
            problems.push(VariableProblem { name: name.clone(), kind, message });
        };
        let value = match given.get(name) {
            Some(value) if !value.is_null() => {
                if let Err(misfit) = check(value, &variable.shape()) {
                    problem(VariableProblemKind::Misfit, misfit.in_variable(name));
                }
                as_declared(value.clone(), &variable.shape())
            }
            null => match (&variable.default, null) {
                (Some(default), _) => as_declared(JsonValue::of(default), &variable.shape()),
                (None, _) if variable.required => {
                    let message = format!("`{name}` is required and has no value");
                    problem(VariableProblemKind::Missing, message);
                    continue;
                }
                (None, Some(null)) => null.clone(),
                (None, None) => continue,
            },
        };
        values.insert(name.clone(), value);
    }
    for (name, _) in given.iter() {
        if !variables.iter().any(|variable| variable.name == name) {
            let help = did_you_mean(name, variables.iter().map(|variable| variable.name.as_str()));
            let help = help.map_or_else(String::new, |help| format!("; {help}"));
            let message = format!("`{name}` is not declared{help}");
            problems.push(VariableProblem {
                name: name.to_owned(),
                kind: VariableProblemKind::Unknown,
                message,
            });
        }
    }
    (values, problems)
}

/// Where in a conversation an error is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageError {
    /// The position in `messages`.
    pub message: usize,
    /// Which text of it.
    pub text: MessageText,
    /// The element of `examples` that was rendered.
    pub example: Option<usize>,
    /// The error, with its place in that text.
    pub error: Error,
}

impl std::fmt::Display for MessageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "message {}: {}", self.message, self.error)
    }
}

impl std::error::Error for MessageError {}

/// Which text of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageText {
    /// The content.
    Content,
    /// A part of the content.
    Part(usize),
    /// The user template of `examples`.
    ExampleUser,
    /// The assistant template of `examples`.
    ExampleAssistant,
}

/// The fields of a version document that rendering depends on.
#[derive(Debug, Clone, Copy)]
pub struct Conversation<'d> {
    /// The dialect of every template.
    pub template: Dialect,
    /// The messages.
    pub messages: &'d [Message],
    /// The few-shot examples.
    pub examples: &'d [Json],
    /// Every included text.
    pub includes: &'d BTreeMap<PromptVersion, Include>,
}

/// Finds a parsed template by its message and its place in it.
pub type TemplateLookup<'p, 's> = &'p dyn Fn(usize, MessageText) -> Option<&'p Template<'s>>;

impl<'d> Conversation<'d> {
    /// Returns the conversation of a version document.
    pub fn of(document: &'d VersionDocument) -> Self {
        Self {
            template: document.template,
            messages: &document.messages,
            examples: document.examples.as_deref().unwrap_or_default(),
            includes: &document.includes.0,
        }
    }

    /// Renders the messages with completed values. In the result every template is text, examples
    /// are messages, a part's variable is its address, and placeholders stay as they are.
    pub fn render(&self, values: &Values) -> Result<Vec<Message>, MessageError> {
        self.render_parsed(values, &self.parse_includes()?, &|_, _| None)
    }

    /// Renders a conversation whose templates are parsed already, for rendering it many times.
    pub fn render_parsed<'p>(
        &self,
        values: &Values,
        includes: &IncludedTexts<'_>,
        parsed: TemplateLookup<'p, 'p>,
    ) -> Result<Vec<Message>, MessageError> {
        let mut rendered = Vec::with_capacity(self.messages.len());
        for (position, message) in self.messages.iter().enumerate() {
            let text = |text: MessageText, template: &str, values: &Values, example| {
                let fail = |error| MessageError { message: position, text, example, error };
                if let Some(template) = parsed(position, text) {
                    return template.render(values, includes).map_err(fail);
                }
                let template = Template::parse(self.template, template)
                    .map_err(|mut errors| fail(errors.swap_remove(0)))?;
                // A document that was never checked may hold anything.
                if let Some(problem) = template.problems().first() {
                    return Err(fail(problem.clone()));
                }
                template.render(values, includes).map_err(fail)
            };
            match message {
                Message::Placeholder(placeholder) => {
                    rendered.push(Message::Placeholder(placeholder.clone()));
                }
                Message::Turn(turn) => {
                    let content = match &turn.content {
                        None => None,
                        Some(Content::Text(template)) => {
                            Some(Content::Text(text(MessageText::Content, template, values, None)?))
                        }
                        Some(Content::Parts(parts)) => {
                            let parts = parts.iter().enumerate().map(|(at, part)| {
                                Ok(match part {
                                    Part::Text { text: template } => Part::Text {
                                        text: text(MessageText::Part(at), template, values, None)?,
                                    },
                                    Part::Image(media) => Part::Image(resolve(media, values)),
                                    Part::Audio(media) => Part::Audio(resolve(media, values)),
                                    Part::File(media) => Part::File(resolve(media, values)),
                                })
                            });
                            Some(Content::Parts(parts.collect::<Result<_, MessageError>>()?))
                        }
                    };
                    rendered.push(Message::Turn(Box::new(Turn { content, ..Turn::clone(turn) })));
                }
                Message::Examples(ExampleMessages { examples: templates }) => {
                    for (at, example) in self.examples.iter().enumerate() {
                        let keys = Values::of(JsonValue::of(example));
                        let slots = [
                            (Role::User, MessageText::ExampleUser, &templates.user),
                            (Role::Assistant, MessageText::ExampleAssistant, &templates.assistant),
                        ];
                        for (role, slot, template) in slots {
                            let content =
                                Some(Content::Text(text(slot, template, &keys, Some(at))?));
                            let turn = Turn {
                                role,
                                content,
                                name: None,
                                tool_calls: None,
                                tool_call_id: None,
                                metadata: None,
                            };
                            rendered.push(Message::Turn(Box::new(turn)));
                        }
                    }
                }
            }
        }
        Ok(rendered)
    }

    /// Parses the included texts.
    pub fn parse_includes(&self) -> Result<IncludedTexts<'d>, MessageError> {
        let mut texts = IncludedTexts::new();
        for (name, include) in self.includes {
            let text =
                IncludedText::parse(include.template, &include.text).map_err(|mut error| {
                    error.inside = Some(name.to_string());
                    MessageError { message: 0, text: MessageText::Content, example: None, error }
                })?;
            texts.insert(name.to_string(), text);
        }
        Ok(texts)
    }
}

/// Gives a part the address that its variable holds; without a value the part stays as it is.
fn resolve(media: &Media, values: &Values) -> Media {
    let mut media = media.clone();
    if let Some(address) =
        media.variable.as_ref().and_then(|name| values.get(name)).and_then(JsonValue::as_str)
    {
        media.url = Some(address.to_owned());
        media.variable = None;
    }
    media
}

/// Joins the texts of rendered messages by one LF: what expectations see.
pub fn join_texts(messages: &[Message]) -> String {
    texts(messages).join("\n")
}

/// Returns the texts of rendered messages: the tokens of each are counted.
pub fn texts(messages: &[Message]) -> Vec<&str> {
    let mut texts = Vec::new();
    for message in messages {
        let Message::Turn(turn) = message else { continue };
        match &turn.content {
            None => {}
            Some(Content::Text(text)) => texts.push(text.as_str()),
            Some(Content::Parts(parts)) => {
                texts.extend(parts.iter().filter_map(|part| match part {
                    Part::Text { text } => Some(text.as_str()),
                    Part::Image(_) | Part::Audio(_) | Part::File(_) => None,
                }));
            }
        }
    }
    texts
}
