//! The documents that hold a prompt: a version, what an environment serves, and a redaction.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::{Blob, Digest};
use crate::event::Tracks;
use crate::file::FileBlob;
use crate::json::{Decimal, Format, Json, ReadError, is_false, read};
use crate::name::{Environment, PromptName, PromptVersion, Ref, RegistryName, Timestamp, Version};
use crate::open::{Open, words};
use crate::rollout::PublishedRollout;
use crate::state::State;
use crate::variables::Variable;
use crate::word::{Word, read_word};
use crate::{Document, Kind};

/// Template syntax of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The subset of Jinja in `docs/dialect-jinja.md`.
    Jinja,
    /// `{name}`; `{{` and `}}` are braces.
    Fstring,
    /// `{{ name }}`, no logic.
    Curly,
    /// No placeholders: the text as it is.
    Plain,
}

impl Dialect {
    /// Every dialect, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Jinja, Self::Fstring, Self::Curly, Self::Plain];

    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jinja => "jinja",
            Self::Fstring => "fstring",
            Self::Curly => "curly",
            Self::Plain => "plain",
        }
    }
}

impl Word for Dialect {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}

impl<'de> Deserialize<'de> for Dialect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_word(deserializer, "template", &Self::ALL)
    }
}

/// One version of a prompt with everything it needs: `api/prompts/{name}/versions/{version}.json`.
/// Written once, never rewritten. 4 MiB at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionDocument {
    /// Format version, always 1.
    pub format: Format,
    /// `version`; in a latest document `latest`.
    pub kind: Kind,
    /// `UUIDv5` in the URL namespace of `promptdex:{registry}:{name}@{version}`.
    pub id: String,
    /// The registry that published it.
    pub registry: RegistryName,
    /// The prompt.
    pub name: PromptName,
    /// The version.
    pub version: Version,
    /// Digest of the version's source files: what immutability is judged by.
    pub source_digest: Digest,
    /// Author of the version, in the form that the registry publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Creation time of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The changelog line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Dialect of all its templates.
    pub template: Dialect,
    /// The text of the first system message; empty if there is none, or if its content is a list of parts.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(required))]
    pub system_prompt: String,
    /// Complete conversation, which clients render.
    pub messages: Vec<Message>,
    /// The variables, in source order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Few-shot examples: objects with `input` and `output`; other keys are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<Vec<Json>>,
    /// Every included text, transitively, sorted by name and version.
    #[serde(default, skip_serializing_if = "Includes::is_empty")]
    pub includes: Includes,
    /// JSON Schema of the response, as the author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_schema: Option<Json>,
    /// Tool definitions, as the author wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Json>,
    /// Maximum number of tokens of a rendering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_budget: Option<u64>,
    /// Sampling temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Decimal>,
    /// Model that the prompt was written for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Free JSON for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Json>,
    /// Tags of the version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Source of an imported version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Free JSON of the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
}

impl Document for VersionDocument {
    const KIND: Kind = Kind::Version;
}

/// Where an imported version came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Origin {
    /// The system, such as `langfuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Name in that system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Version in that system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// URL in that system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Included texts by `name@version`.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct Includes(pub std::collections::BTreeMap<PromptVersion, Include>);

impl Includes {
    /// Whether nothing is included.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Includes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Includes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::collections::BTreeMap::deserialize(deserializer).map(Self)
    }
}

/// The text of an included version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Include {
    /// Its dialect: `jinja` or `plain`.
    pub template: Dialect,
    /// Its single system message.
    pub text: String,
    /// Digest of its version document.
    pub digest: Digest,
    /// Size of its version document.
    pub size: u64,
}

/// Role of the speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The answer of a tool.
    Tool,
    /// The instructions, as some models call them.
    Developer,
}

impl Role {
    /// Every role, in the order of the documentation.
    pub const ALL: [Self; 5] =
        [Self::System, Self::User, Self::Assistant, Self::Tool, Self::Developer];

    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Developer => "developer",
        }
    }
}

impl Word for Role {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_word(deserializer, "role", &Self::ALL)
    }
}

/// One element of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MessageFields", into = "MessageFields")]
pub enum Message {
    /// A message with a role.
    Turn(Box<Turn>),
    /// Where the app inserts messages of its own.
    Placeholder(Placeholder),
    /// The few-shot examples, as one user and one assistant message each.
    Examples(ExampleMessages),
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Message {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Message".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let kinds = [
            generator.subschema_for::<Turn>(),
            generator.subschema_for::<Placeholder>(),
            generator.subschema_for::<ExampleMessages>(),
        ];
        schemars::json_schema!({"oneOf": kinds})
    }
}

/// Where the app inserts messages of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Placeholder {
    /// Name of the messages that the app inserts, such as `history`.
    pub placeholder: String,
    /// Whether the app may omit it. Defaults to false.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub optional: bool,
}

/// Where the few-shot examples stand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExampleMessages {
    /// Templates of the example messages.
    pub examples: ExampleTemplates,
}

/// A message with a role. Its content and the texts of its parts are templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Turn {
    /// Role of the speaker.
    pub role: Role,
    /// Content of the message. Absent only if there are `tool_calls`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The speaker's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tool calls of an assistant message, as the author wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Json>,
    /// Tool call that a tool message responds to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// Free JSON of the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
}

/// Templates of the two messages that each few-shot example becomes. They see only the keys of
/// their example, whose values are never templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExampleTemplates {
    /// Template of the user message.
    pub user: String,
    /// Template of the assistant message.
    pub assistant: String,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Content {
    /// Text.
    Text(String),
    /// Text and media, in order.
    Parts(Vec<Part>),
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Content;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or a list of parts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Content, E> {
                Ok(Content::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Content, E> {
                Ok(Content::Text(text))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                sequence: A,
            ) -> Result<Content, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(sequence))
                    .map(Content::Parts)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Part {
    /// Text: a template.
    Text {
        /// The template.
        text: String,
    },
    /// A picture.
    Image(Media),
    /// Sound.
    Audio(Media),
    /// Another file.
    File(Media),
}

// Derived, it would read the fields into a value first: code that is twice the size of this.
impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Clone, Copy)]
        enum PartKind {
            Text,
            Image,
            Audio,
            File,
        }

        impl Word for PartKind {
            fn as_str(self) -> &'static str {
                match self {
                    Self::Text => "text",
                    Self::Image => "image",
                    Self::Audio => "audio",
                    Self::File => "file",
                }
            }
        }

        impl<'de> Deserialize<'de> for PartKind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let all = [Self::Text, Self::Image, Self::Audio, Self::File];
                read_word(deserializer, "part type", &all)
            }
        }

        #[derive(Deserialize)]
        struct PartFields {
            #[serde(rename = "type")]
            kind: PartKind,
            #[serde(default)]
            text: Option<String>,
            #[serde(default)]
            url: Option<String>,
            #[serde(default)]
            blob: Option<FileBlob>,
            #[serde(default)]
            variable: Option<String>,
            #[serde(default)]
            media_type: Option<String>,
        }

        let PartFields { kind, text, url, blob, variable, media_type } =
            PartFields::deserialize(deserializer)?;
        let media = match kind {
            PartKind::Text => {
                let text = text.map(|text| Self::Text { text });
                return text.ok_or_else(|| D::Error::missing_field("text"));
            }
            PartKind::Image => Self::Image,
            PartKind::Audio => Self::Audio,
            PartKind::File => Self::File,
        };
        match (&url, &blob, &variable) {
            (Some(_), None, None) | (None, Some(_), None) | (None, None, Some(_)) => {
                Ok(media(Media { url, blob, variable, media_type }))
            }
            _ => Err(D::Error::custom("the source of a part needs a newer reader")),
        }
    }
}

impl VersionDocument {
    /// How every version document begins, and nothing else that can stand at its address.
    pub const START: &'static [u8] = br#"{"format":1,"kind":"version","#;

    /// Returns the digests of the files that its parts name, in order.
    pub fn blobs(&self) -> Vec<Digest> {
        let turns = self.messages.iter().filter_map(|message| match message {
            Message::Turn(turn) => turn.content.as_ref(),
            Message::Placeholder(_) | Message::Examples(_) => None,
        });
        let parts = turns.filter_map(|content| match content {
            Content::Parts(parts) => Some(parts),
            Content::Text(_) => None,
        });
        let media = parts.flatten().filter_map(|part| match part {
            Part::Image(media) | Part::Audio(media) | Part::File(media) => media.blob.as_ref(),
            Part::Text { .. } => None,
        });
        media.map(|blob| blob.digest).collect()
    }
}

/// Where the bytes of a part come from: exactly one of `url`, `blob` and `variable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = one_source))]
pub struct Media {
    /// Literal URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A file of the version: its bytes are `api/blobs/{64 hex}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<FileBlob>,
    /// Variable that has the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The IANA media type, such as `image/png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

#[cfg(feature = "schema")]
fn one_source(schema: &mut schemars::Schema) {
    crate::json::require_one_of(schema, &[&["url"], &["blob"], &["variable"]]);
}

/// All fields that an element of `messages` can have; which ones it has decides what it is.
#[derive(Default, Serialize, Deserialize)]
struct MessageFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    placeholder: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    optional: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    examples: Option<ExampleTemplates>,
}

/// An element of `messages` is none of the three kinds.
#[derive(Debug, thiserror::Error)]
enum MessageFormError {
    #[error("a message has `role`, `placeholder` or `examples`, or needs a newer reader")]
    Kind,
    #[error("a message without `content` has `tool_calls`")]
    Content,
}

impl TryFrom<MessageFields> for Message {
    type Error = MessageFormError;

    fn try_from(fields: MessageFields) -> Result<Self, MessageFormError> {
        match (fields.role, fields.placeholder, fields.examples) {
            (Some(role), None, None) => {
                if fields.content.is_none() && fields.tool_calls.is_none() {
                    return Err(MessageFormError::Content);
                }
                Ok(Self::Turn(Box::new(Turn {
                    role,
                    content: fields.content,
                    name: fields.name,
                    tool_calls: fields.tool_calls,
                    tool_call_id: fields.tool_call_id,
                    metadata: fields.metadata,
                })))
            }
            (None, Some(placeholder), None) => {
                Ok(Self::Placeholder(Placeholder { placeholder, optional: fields.optional }))
            }
            (None, None, Some(examples)) => Ok(Self::Examples(ExampleMessages { examples })),
            _ => Err(MessageFormError::Kind),
        }
    }
}

impl From<Message> for MessageFields {
    fn from(message: Message) -> Self {
        let mut fields = Self::default();
        match message {
            Message::Turn(turn) => {
                fields.role = Some(turn.role);
                fields.content = turn.content;
                fields.name = turn.name;
                fields.tool_calls = turn.tool_calls;
                fields.tool_call_id = turn.tool_call_id;
                fields.metadata = turn.metadata;
            }
            Message::Placeholder(Placeholder { placeholder, optional }) => {
                fields.placeholder = Some(placeholder);
                fields.optional = optional;
            }
            Message::Examples(ExampleMessages { examples }) => fields.examples = Some(examples),
        }
        fields
    }
}

/// What an environment serves for a prompt, in one request:
/// `api/prompts/{name}/latest/{environment}.json`. The version document of the main arm, flat, and
/// then what the environment says of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Latest {
    /// The version document; its `kind` is `latest`.
    #[serde(flatten)]
    pub document: VersionDocument,
    /// Why this version: the environment and its pointer.
    #[serde(flatten)]
    pub serving: Serving,
}

impl Document for Latest {
    const KIND: Kind = Kind::Latest;
}

/// How a latest document begins.
const LATEST_START: &[u8] = br#"{"format":1,"kind":"latest","#;

impl Latest {
    /// Writes the latest document of a version from the bytes of its version document, which it
    /// repeats field by field, even those that this release does not know. `None` when the bytes do
    /// not begin as every version document does.
    pub fn from_published(document: &[u8], serving: &Serving) -> Option<Vec<u8>> {
        let fields = document.strip_prefix(VersionDocument::START)?.strip_suffix(b"}")?;
        let serving = serde_json::to_vec(serving).ok()?;
        let mut bytes = LATEST_START.to_vec();
        bytes.extend_from_slice(fields);
        bytes.push(b',');
        bytes.extend_from_slice(serving.strip_prefix(b"{")?);
        Some(bytes)
    }

    /// Cuts the version document out of the bytes of a latest document, whose `size` is given. `None` when the bytes
    /// are not those of a latest document of that size; whether they are the right ones, its `digest` tells.
    pub fn version_document(latest: &[u8], size: u64) -> Option<Vec<u8>> {
        let rest = latest.strip_prefix(LATEST_START)?;
        let length = usize::try_from(size).ok()?.checked_sub(VersionDocument::START.len() + 1)?;
        let fields = rest.get(..length).filter(|_| rest.get(length) == Some(&b','))?;
        Some([VersionDocument::START, fields, b"}"].concat())
    }
}

impl<'de> Deserialize<'de> for Latest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Both halves ignore the other's fields. Reading the text twice, and not by `flatten`,
        // keeps the author's JSON as it was written.
        let whole = Json::deserialize(deserializer)?;
        Ok(Self {
            document: serde_json::from_str(whole.text()).map_err(D::Error::custom)?,
            serving: serde_json::from_str(whole.text()).map_err(D::Error::custom)?,
        })
    }
}

/// The fields that a latest document has beyond a version document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Serving {
    /// Environment that serves the version.
    pub environment: Environment,
    /// `deprecated` if the version is deprecated or yanked. Otherwise it depends on the environment's place on the
    /// promotion path: `production` if last, `draft` if first, else `staging`.
    pub status: Open<Status>,
    /// The folders above the prompt: `name` without its last part. Absent at the top of the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The lifecycle state of the version.
    pub state: Open<State>,
    /// Reason of the state, unless the state is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Prompt that replaces this prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<PromptName>,
    /// Track of this document, as a major version, if the pointer has tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Version of each track, if the pointer has tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks: Option<Open<Tracks>>,
    /// Author of the last change of the pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// Time of the last change of the pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Reason of the last change of the pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Digest of the version document.
    pub digest: Digest,
    /// Size of the version document.
    pub size: u64,
    /// The release in which this prompt's pointer last changed.
    pub sequence: u64,
    /// Identifier for apps to log.
    #[serde(rename = "ref")]
    pub reference: Open<Ref>,
    /// Variants of a rollout. `version` is the version of the first variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Open<PublishedRollout>>,
}

words! {
    /// How far a served version has come.
    pub enum Status {
        /// Served by the first environment.
        Draft = "draft",
        /// Served by an environment between the first and the last.
        Staging = "staging",
        /// Served by the last environment.
        Production = "production",
        /// The served version is deprecated.
        Deprecated = "deprecated",
    }
}

/// The one lawful replacement of a version document: its text was withdrawn. 64 KiB at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Redacted {
    /// Format version, always 1.
    pub format: Format,
    /// `redacted`.
    pub kind: Kind,
    /// The registry that published it.
    pub registry: RegistryName,
    /// The `id` of the version.
    pub id: String,
    /// The prompt.
    pub name: PromptName,
    /// The version.
    pub version: Version,
    /// Replaced version document.
    pub replaced: Blob,
    /// Time of the redaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Author of the redaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Reason.
    pub reason: String,
}

impl Redacted {
    /// It has at most so many bytes, which may be more than the document had that it replaces.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Whether it stands in the place of a document of this version: where a snapshot names that
    /// document, the version was withdrawn, and nothing is corrupted.
    pub fn withdraws(&self, name: &PromptName, version: &Version, document: Digest) -> bool {
        self.name == *name && self.version == *version && self.replaced.digest == document
    }
}

impl Document for Redacted {
    const KIND: Kind = Kind::Redacted;
}

/// What stands at a version's address: the version, or its redaction, which is never a prompt.
#[derive(Debug, Clone, PartialEq)]
pub enum VersionOrRedaction {
    /// The version.
    Version(Box<VersionDocument>),
    /// Its redaction.
    Redacted(Box<Redacted>),
}

impl VersionOrRedaction {
    /// Reads what stands at a version's address.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        match read::<VersionDocument>(bytes) {
            Ok(document) => Ok(Self::Version(Box::new(document))),
            Err(ReadError::Kind { found, .. }) if found == Kind::Redacted.as_str() => {
                read::<Redacted>(bytes).map(|redacted| Self::Redacted(Box::new(redacted)))
            }
            Err(error) => Err(error),
        }
    }
}
