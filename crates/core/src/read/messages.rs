//! `messages.yaml`: a conversation of roles, placeholders and examples.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use promptdex_template::conversation::MessageText;
use promptdex_wire::file::FilePathError;
use promptdex_wire::prompt::{
    Content, ExampleMessages, ExampleTemplates, Media, Part, Placeholder, Role, Turn,
};
use promptdex_wire::variables::Type;
use promptdex_wire::{Digest, FileBlob, FilePath, Message};

use super::fields::{Fields, Spanned, word, wrong_type};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{MediaVariable, TemplateSlot, TemplateSource};
use crate::node::{Node, Value};
use crate::rules;
use crate::source::{SourceFile, SourceText};
use crate::tree::FILES;

const ROLES: [(&str, Role); 5] = [
    ("system", Role::System),
    ("user", Role::User),
    ("assistant", Role::Assistant),
    ("tool", Role::Tool),
    ("developer", Role::Developer),
];

/// A conversation as its files define it, with the media and blobs that it refers to.
#[derive(Default)]
pub(super) struct ConversationSource {
    pub(super) messages: Vec<Message>,
    pub(super) templates: Vec<TemplateSource>,
    pub(super) media: Vec<MediaVariable>,
    pub(super) blobs: BTreeMap<Digest, String>,
}

/// The files of a version, by their path in its folder, and how they are shown.
pub(super) struct VersionFiles<'a> {
    pub(super) files: BTreeMap<&'a str, (String, &'a [u8])>,
}

pub(super) fn read(
    source: &Arc<SourceFile>,
    files: &VersionFiles<'_>,
    findings: &mut Vec<Diagnostic>,
) -> ConversationSource {
    let Some(node) = super::parse(source, findings) else { return ConversationSource::default() };
    let mut reader = MessageReader {
        source,
        files,
        texts: text_files(&node),
        conversation: ConversationSource::default(),
        findings,
    };
    reader.messages(&node);
    reader.conversation
}

/// Returns the files that messages name as their text: of these the line ends do not count, as in every
/// other text.
pub(super) fn text_files(messages: &Node) -> BTreeSet<String> {
    let Value::Sequence(messages) = &messages.value else { return BTreeSet::new() };
    let fields = messages.iter().filter_map(|message| match &message.value {
        Value::Mapping(fields) => Some(fields),
        _ => None,
    });
    let files = fields.flatten().filter(|(key, _)| key.text == "file");
    files.filter_map(|(_, file)| file.as_str().map(str::to_owned)).collect()
}

struct MessageReader<'a> {
    source: &'a Arc<SourceFile>,
    files: &'a VersionFiles<'a>,
    /// The files that are the text of a message.
    texts: BTreeSet<String>,
    conversation: ConversationSource,
    findings: &'a mut Vec<Diagnostic>,
}

impl<'a> MessageReader<'a> {
    fn messages(&mut self, node: &Node) {
        let Value::Sequence(nodes) = &node.value else {
            self.findings.push(wrong_type(
                self.source,
                node,
                "messages.yaml must be a list of messages",
            ));
            return;
        };
        for node in nodes {
            let (templates, media) =
                (self.conversation.templates.len(), self.conversation.media.len());
            match self.message(node) {
                Some(message) => self.conversation.messages.push(message),
                // The next message takes its place.
                None => {
                    self.conversation.templates.truncate(templates);
                    self.conversation.media.truncate(media);
                }
            }
        }
        if nodes.is_empty() {
            let finding = Diagnostic::at(
                &rules::MISSING_TEXT,
                self.source,
                node.range.clone(),
                "the list of messages is empty",
            );
            self.findings
                .push(finding.help("write at least one message, such as `- role: system`"));
        }
    }

    fn slot(&self, text: MessageText) -> TemplateSlot {
        TemplateSlot { message: self.conversation.messages.len(), text }
    }

    fn template(&mut self, source: Arc<SourceFile>, text: SourceText, slot: MessageText) {
        let slot = self.slot(slot);
        self.conversation.templates.push(TemplateSource { source, text, slot });
    }

    fn message(&mut self, node: &Node) -> Option<Message> {
        let mut fields = Fields::new(self.source, node, "a message", self.findings)?;
        let kinds = ["role", "placeholder", "examples"]
            .into_iter()
            .filter(|key| fields.key_range(key).is_some());
        match kinds.collect::<Vec<_>>().as_slice() {
            ["role"] => self.turn(fields),
            ["placeholder"] => {
                let placeholder = fields.text("placeholder", self.findings);
                let optional = fields.boolean("optional", self.findings).unwrap_or(false);
                fields.finish(self.findings);
                Some(Message::Placeholder(Placeholder {
                    placeholder: placeholder?.value,
                    optional,
                }))
            }
            ["examples"] => {
                let node = fields.object("examples", self.findings);
                fields.finish(self.findings);
                self.examples(node?)
            }
            [] => {
                fields.missing("role", self.findings, "write `role`, `placeholder` or `examples`");
                for key in ["role", "placeholder", "examples", "content", "file", "optional"] {
                    fields.node(key);
                }
                fields.finish(self.findings);
                None
            }
            _ => {
                let finding = Diagnostic::at(
                    &rules::INVALID_VALUE,
                    self.source,
                    node.range.clone(),
                    "a message must have exactly one of `role`, `placeholder` and `examples`",
                );
                self.findings.push(finding.help("split it into two messages"));
                None
            }
        }
    }

    fn turn(&mut self, mut fields: Fields<'_>) -> Option<Message> {
        let role = fields
            .text("role", self.findings)
            .and_then(|text| word(self.source, &text, &ROLES, self.findings));
        let name = fields.text("name", self.findings).map(|text| text.value);
        let content = fields.node("content");
        let file = fields.text("file", self.findings);
        let tool_calls = fields.list("tool_calls", self.findings);
        let tool_calls = tool_calls.and_then(|_| fields.node("tool_calls")).map(Node::to_json);
        let tool_call_id = fields.text("tool_call_id", self.findings).map(|text| text.value);
        let metadata = fields.object("metadata", self.findings).map(Node::to_json);
        let content = match (content, file) {
            (Some(node), None) => self.content(node),
            (None, Some(file)) => self.file_text(&file),
            (None, None) => {
                if tool_calls.is_none() {
                    fields.missing(
                        "content",
                        self.findings,
                        "write the text as `content`, or name a `file`",
                    );
                }
                None
            }
            (Some(_), Some(file)) => {
                let finding = Diagnostic::at(
                    &rules::CONFLICTING_FILES,
                    self.source,
                    file.range,
                    "a message must have `content` or `file`, not both",
                );
                self.findings.push(finding.help("keep one of the two"));
                None
            }
        };
        fields.finish(self.findings);
        if content.is_none() && tool_calls.is_none() {
            return None;
        }
        Some(Message::Turn(Box::new(Turn {
            role: role?,
            content,
            name,
            tool_calls,
            tool_call_id,
            metadata,
        })))
    }

    fn content(&mut self, node: &Node) -> Option<Content> {
        match &node.value {
            Value::String(text, origin) => {
                let text = SourceText { text: text.clone(), origin: origin.clone() };
                self.template(Arc::clone(self.source), text.clone(), MessageText::Content);
                Some(Content::Text(text.text))
            }
            Value::Sequence(nodes) => {
                let mut parts = Vec::new();
                for node in nodes {
                    if let Some(part) = self.part(node, parts.len()) {
                        parts.push(part);
                    }
                }
                if nodes.is_empty() {
                    let finding = Diagnostic::at(
                        &rules::INVALID_VALUE,
                        self.source,
                        node.range.clone(),
                        "`content` is empty",
                    );
                    self.findings.push(finding.help("write text, or at least one part"));
                }
                Some(Content::Parts(parts))
            }
            _ => {
                self.findings.push(wrong_type(
                    self.source,
                    node,
                    "`content` must be text or a list of parts",
                ));
                None
            }
        }
    }

    /// Reads the text that a message's `file` names.
    fn file_text(&mut self, file: &Spanned<String>) -> Option<Content> {
        let (path, bytes) = self.find_file(file)?;
        let source = Arc::new(super::open(&path, bytes, self.findings)?);
        let text = SourceText::of(&source);
        self.template(source, text.clone(), MessageText::Content);
        Some(Content::Text(text.text))
    }

    fn find_file(&mut self, file: &Spanned<String>) -> Option<(String, &'a [u8])> {
        let files = self.files;
        if let Some((path, bytes)) = files.files.get(file.value.as_str())
            && file.value.starts_with("files/")
        {
            return Some((path.clone(), bytes));
        }
        let known = self.files.files.keys().copied().filter(|path| path.starts_with("files/"));
        let help = did_you_mean(&file.value, known.clone())
            .or_else(|| {
                known
                    .clone()
                    .find(|path| path.ends_with(&format!("/{}", file.value)))
                    .map(|path| format!("write `{path}`"))
            })
            .unwrap_or_else(|| "put the file under `files/` in the version's folder".to_owned());
        let finding = Diagnostic::at(
            &rules::MISSING_FILE,
            self.source,
            file.range.clone(),
            format!("file `{}` not found", file.value),
        );
        self.findings.push(finding.help(help));
        None
    }

    fn part(&mut self, node: &Node, position: usize) -> Option<Part> {
        let mut fields = Fields::new(self.source, node, "a part", self.findings)?;
        let kind = fields.text("type", self.findings);
        if kind.is_none() && fields.key_range("type").is_none() {
            fields.missing(
                "type",
                self.findings,
                "write a `type`: `text`, `image`, `audio` or `file`",
            );
        }
        let words = [("text", 't'), ("image", 'i'), ("audio", 'a'), ("file", 'f')];
        let kind = kind.and_then(|kind| word(self.source, &kind, &words, self.findings));
        if kind == Some('t') {
            let text = fields.text_with_origin("text", self.findings);
            if text.is_none() && fields.key_range("text").is_none() {
                fields.missing("text", self.findings, "write the text of the part");
            }
            fields.finish(self.findings);
            let (text, origin) = text?;
            let text = SourceText { text: text.to_owned(), origin: origin.clone() };
            self.template(Arc::clone(self.source), text.clone(), MessageText::Part(position));
            return Some(Part::Text { text: text.text });
        }
        let url = fields.text("url", self.findings);
        let file = fields.text("file", self.findings);
        let variable = fields.text("variable", self.findings);
        let media_type = fields.text("media_type", self.findings);
        fields.finish(self.findings);
        let from_variable = "name a variable that has the URL: `variable: name`";
        self.check_literal("url", url.as_ref(), from_variable);
        self.check_literal(
            "media_type",
            media_type.as_ref(),
            "write the type, such as `image/png`",
        );
        let kind = kind?;
        let sources = [url.is_some(), file.is_some(), variable.is_some()]
            .into_iter()
            .filter(|there| *there)
            .count();
        if sources != 1 {
            let finding = Diagnostic::at(
                &rules::INVALID_VALUE,
                self.source,
                node.range.clone(),
                "a media part must have exactly one of `url`, `file` and `variable`",
            );
            self.findings.push(finding.help("write `url`, `file` or `variable`"));
            return None;
        }
        let blob = match file {
            Some(file) => {
                let (_, bytes) = self.find_file(&file)?;
                let path = self.path_of_part(&file)?;
                let blob = FileBlob::of(path, bytes);
                self.conversation.blobs.insert(blob.digest, file.value);
                Some(blob)
            }
            None => None,
        };
        if let Some(name) = &variable {
            let kind = match kind {
                'i' => Type::Image,
                'a' => Type::Audio,
                _ => Type::File,
            };
            let source = Arc::clone(self.source);
            self.conversation.media.push(MediaVariable { name: name.clone(), kind, source });
        }
        let media = Media {
            url: url.map(|text| text.value),
            blob,
            variable: variable.map(|text| text.value),
            media_type: media_type.map(|text| text.value),
        };
        Some(match kind {
            'i' => Part::Image(media),
            'a' => Part::Audio(media),
            _ => Part::File(media),
        })
    }

    /// Refuses a placeholder in a field that no renderer fills in.
    fn check_literal(&mut self, field: &str, value: Option<&Spanned<String>>, help: &str) {
        let Some(value) = value else { return };
        let Some(placeholder) = find_placeholder(&value.value) else { return };
        let message = format!("placeholder `{placeholder}` in `{field}`, which is not a template");
        let finding =
            Diagnostic::at(&rules::INVALID_VALUE, self.source, value.range.clone(), message);
        self.findings.push(finding.help(help));
    }

    /// Reads the name under which the file of a part is published.
    fn path_of_part(&mut self, file: &Spanned<String>) -> Option<FilePath> {
        if self.texts.contains(&file.value) {
            let message =
                format!("`{}` is both the text of a message and the file of a part", file.value);
            let finding =
                Diagnostic::at(&rules::AMBIGUOUS_FILE, self.source, file.range.clone(), message);
            self.findings.push(finding.help("name a copy of the file in the part"));
        }
        match file.value.strip_prefix(FILES).unwrap_or(&file.value).parse() {
            Ok(path) => Some(path),
            Err(error) => {
                let (range, message) = (file.range.clone(), FilePathError::to_string(&error));
                let finding = Diagnostic::at(&rules::INVALID_NAME, self.source, range, message);
                self.findings.push(finding.help("rename the file"));
                None
            }
        }
    }

    fn examples(&mut self, node: &Node) -> Option<Message> {
        let mut fields = Fields::new(self.source, node, "`examples`", self.findings)?;
        let mut texts = [String::new(), String::new()];
        let slots =
            [("user", MessageText::ExampleUser), ("assistant", MessageText::ExampleAssistant)];
        for ((key, slot), kept) in slots.into_iter().zip(&mut texts) {
            match fields.text_with_origin(key, self.findings) {
                Some((text, origin)) => {
                    text.clone_into(kept);
                    let text = SourceText { text: text.to_owned(), origin: origin.clone() };
                    self.template(Arc::clone(self.source), text, slot);
                }
                None if fields.key_range(key).is_none() => {
                    fields.missing(
                        key,
                        self.findings,
                        "write the template of both messages, such as `{{ input }}`",
                    );
                }
                None => {}
            }
        }
        fields.finish(self.findings);
        let [user, assistant] = texts;
        Some(Message::Examples(ExampleMessages { examples: ExampleTemplates { user, assistant } }))
    }
}

/// Finds a placeholder of any dialect: `{{ … }}`, `{% … %}` or `{name}`.
fn find_placeholder(text: &str) -> Option<&str> {
    let start = text.find('{')?;
    let rest = &text[start..];
    let is_tag = rest.starts_with("{{") || rest.starts_with("{%");
    let end = rest.find('}')?;
    if is_tag {
        let end = rest[end..].find(|c| c != '}').map_or(rest.len(), |more| end + more);
        return Some(&rest[..end]);
    }
    promptdex_template::is_name(&rest[1..end]).then(|| &rest[..=end])
}
