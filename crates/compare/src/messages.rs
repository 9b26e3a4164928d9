//! Compares the messages of two versions: which one became which, and what changed in it.

use std::borrow::Cow;

use promptdex_wire::prompt::{Content, Include, Includes, Media, Part, Turn};
use promptdex_wire::{Message, PromptName, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lines::compare_texts;
use crate::matches::{ListItem, Pairing, match_items};
use crate::settings::{ChangeKind, Setting, compare_fields, compare_values, push};
use crate::text::{Options, TextDiff};
use crate::value::{pretty, read};

/// The difference between two versions of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDiff {
    /// Its role in the newest version that has it, or `placeholder` or `examples`.
    pub role: String,
    /// What happened to it, other than moving.
    pub kind: MessageChange,
    /// Its place in the first version, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// Its place in the second version, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<usize>,
    /// Whether its place among the other messages changed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub moved: bool,
    /// Differences that are not text: role, name, media, metadata. `content form`: a text became a list of
    /// parts. `content order`: parts changed places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Setting>,
    /// Its texts that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<FieldDiff>,
}

/// Whether a message was added, removed or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageChange {
    /// Nothing.
    Same,
    /// It was edited.
    Changed,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

impl MessageDiff {
    /// Whether nothing happened to it.
    pub fn is_same(&self) -> bool {
        self.kind == MessageChange::Same && !self.moved
    }
}

/// A text of a message that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDiff {
    /// Which text: `content`, `content[0]` for a part, `tool_calls`, `examples.user`,
    /// `examples.assistant`.
    pub field: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// The lines.
    pub diff: TextDiff,
}

/// An included text that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncludeDiff {
    /// The prompt that is included.
    pub name: PromptName,
    /// What happened to it.
    pub kind: ChangeKind,
    /// The version that the first version includes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Version>,
    /// The version that the second version includes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Version>,
    /// The lines.
    pub diff: TextDiff,
}

/// Compares two lists of messages, in the order of the second. Removed messages keep their place.
pub fn compare_messages(a: &[Message], b: &[Message], options: &Options) -> Vec<MessageDiff> {
    let [a, b]: [Vec<FlatMessage<'_>>; 2] =
        [a, b].map(|messages| messages.iter().map(FlatMessage::of).collect());
    let [keys_a, keys_b]: [Vec<ListItem>; 2] = [&a, &b].map(|messages| {
        let keys =
            messages.iter().map(|message| ListItem { label: message.role, text: message.text() });
        keys.collect()
    });
    let mut rows = Vec::new();
    for pairing in match_items(&keys_a, &keys_b) {
        let (old, new) = (pairing.before.map(|at| &a[at]), pairing.after.map(|at| &b[at]));
        let Some(newest) = new.or(old) else { continue };
        let (fields, texts) = compare_message(old, new, options);
        let kind = match ChangeKind::of(old, new) {
            Some(ChangeKind::Added) => MessageChange::Added,
            Some(ChangeKind::Removed) => MessageChange::Removed,
            Some(ChangeKind::Changed) | None if fields.is_empty() && texts.is_empty() => {
                MessageChange::Same
            }
            Some(ChangeKind::Changed) | None => MessageChange::Changed,
        };
        rows.push(MessageDiff {
            role: newest.role.to_owned(),
            kind,
            before: pairing.before.map(|at| at + 1),
            after: pairing.after.map(|at| at + 1),
            moved: pairing.is_moved,
            fields,
            texts,
        });
    }
    rows
}

/// Compares the texts that two versions include. A text that one of them includes in another version
/// than the other changed.
pub fn compare_includes(a: &Includes, b: &Includes, options: &Options) -> Vec<IncludeDiff> {
    type Changed<'a> = Vec<(&'a PromptName, &'a Version, &'a str)>;
    let [before, after]: [Changed<'_>; 2] = [(a, b), (b, a)].map(|(own, others)| {
        let is_shared = |reference, include: &Include| {
            others.0.get(reference).is_some_and(|other| {
                other.text == include.text && other.template == include.template
            })
        };
        let changed = own.0.iter().filter(|(reference, include)| !is_shared(reference, include));
        changed.map(|(of, include)| (&of.name, &of.version, include.text.as_str())).collect()
    });
    let mut rest = [before.as_slice(), after.as_slice()];
    let mut rows = Vec::new();
    // Both are sorted by name.
    while let Some(name) = rest.iter().filter_map(|rows| Some(rows.first()?.0)).min() {
        let [before, after] = rest.each_mut().map(|rows| {
            let (versions, others) = rows.split_at(rows.partition_point(|row| row.0 == name));
            *rows = others;
            versions
        });
        for index in 0..before.len().max(after.len()) {
            let (old, new) = (before.get(index), after.get(index));
            let Some(kind) = ChangeKind::of(old, new) else { continue };
            rows.push(IncludeDiff {
                name: name.clone(),
                kind,
                before: old.map(|(_, version, _)| (*version).clone()),
                after: new.map(|(_, version, _)| (*version).clone()),
                diff: compare_texts(
                    old.map_or("", |(_, _, text)| text),
                    new.map_or("", |(_, _, text)| text),
                    options,
                ),
            });
        }
    }
    rows
}

/// Returns every text of a message that a model reads.
pub(crate) fn texts(message: &Message) -> String {
    FlatMessage::of(message).text()
}

/// A message as texts.
#[derive(Default)]
struct FlatMessage<'a> {
    role: &'static str,
    /// Whether the content is a text or a list of parts.
    form: Option<&'static str>,
    /// The values that are compared as a whole, by name.
    fields: Vec<(String, String)>,
    metadata: Option<Value>,
    /// Types and texts of the parts of the content.
    parts: Vec<ListItem>,
    /// Its other texts, by name.
    texts: Vec<(&'static str, Cow<'a, str>)>,
}

impl<'a> FlatMessage<'a> {
    fn of(message: &'a Message) -> Self {
        match message {
            Message::Turn(turn) => Self::of_turn(turn),
            Message::Placeholder(placeholder) => Self {
                role: "placeholder",
                fields: vec![
                    ("placeholder".to_owned(), placeholder.placeholder.clone()),
                    ("optional".to_owned(), placeholder.optional.to_string()),
                ],
                ..Self::default()
            },
            Message::Examples(examples) => Self {
                role: "examples",
                texts: vec![
                    ("examples.user", Cow::from(&examples.examples.user)),
                    ("examples.assistant", Cow::from(&examples.examples.assistant)),
                ],
                ..Self::default()
            },
        }
    }

    fn of_turn(turn: &'a Turn) -> Self {
        let mut flat = Self { role: turn.role.as_str(), ..Self::default() };
        match &turn.content {
            None => {}
            Some(Content::Text(text)) => {
                flat.form = Some("text");
                flat.parts.push(ListItem { label: TEXT, text: text.clone() });
            }
            Some(Content::Parts(parts)) => {
                flat.form = Some("parts");
                flat.parts.extend(parts.iter().map(|part| match part {
                    Part::Text { text } => ListItem { label: TEXT, text: text.clone() },
                    Part::Image(media) => ListItem { label: "image", text: medium(media) },
                    Part::Audio(media) => ListItem { label: "audio", text: medium(media) },
                    Part::File(media) => ListItem { label: "file", text: medium(media) },
                }));
            }
        }
        for (field, text) in [("name", &turn.name), ("tool_call_id", &turn.tool_call_id)] {
            flat.fields.extend(text.clone().map(|text| (field.to_owned(), text)));
        }
        flat.metadata = turn.metadata.as_ref().map(read);
        let calls = turn.tool_calls.as_ref().map(|calls| pretty(&read(calls)));
        flat.texts.extend(calls.map(|calls| ("tool_calls", Cow::from(calls))));
        flat
    }

    /// All of it, by which messages are paired.
    fn text(&self) -> String {
        let parts = self.parts.iter().map(|part| part.text.as_str());
        let texts = self.texts.iter().map(|(_, text)| text.as_ref());
        let fields = self.fields.iter().map(|(_, text)| text.as_str());
        parts.chain(texts).chain(fields).collect::<Vec<_>>().join("\n")
    }
}

/// The label of a part that is text.
const TEXT: &str = "text";

fn medium(media: &Media) -> String {
    let source = match (&media.url, &media.blob, &media.variable) {
        (Some(url), _, _) => format!("url {url}"),
        (None, Some(blob), _) => format!("file {}, {}", blob.path, blob.digest),
        (None, None, Some(variable)) => format!("variable {variable}"),
        (None, None, None) => String::new(),
    };
    match &media.media_type {
        Some(media_type) => format!("{source} ({media_type})"),
        None => source,
    }
}

fn compare_message(
    before: Option<&FlatMessage<'_>>,
    after: Option<&FlatMessage<'_>>,
    options: &Options,
) -> (Vec<Setting>, Vec<FieldDiff>) {
    let nothing = FlatMessage::default();
    let (a, b) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let (mut fields, mut texts) = (Vec::new(), Vec::new());
    if before.is_some() && after.is_some() {
        push(&mut fields, "role", Some(a.role.to_owned()), Some(b.role.to_owned()));
        let [old, new] = [a, b].map(|message| message.form.map(str::to_owned));
        push(&mut fields, "content form", old, new);
    }
    fields.extend(compare_fields(&a.fields, &b.fields));
    compare_values(&mut fields, "metadata", a.metadata.as_ref(), b.metadata.as_ref());
    let mut compare = |field: String, old: Option<&str>, new: Option<&str>| {
        if let Some(kind) = ChangeKind::of(old.as_ref(), new.as_ref())
            && old != new
        {
            let diff = compare_texts(old.unwrap_or_default(), new.unwrap_or_default(), options);
            texts.push(FieldDiff { field, kind, diff });
        }
    };
    let is_single = a.parts.len() <= 1 && b.parts.len() <= 1;
    let mut order = Vec::new();
    for Pairing { before, after, .. } in match_items(&a.parts, &b.parts) {
        let (old, new) = (before.map(|at| &a.parts[at]), after.map(|at| &b.parts[at]));
        let index = after.or(before).unwrap_or_default();
        let field = if is_single { "content".to_owned() } else { format!("content[{index}]") };
        if new.is_some() {
            order.extend(before);
        }
        if [old, new].into_iter().flatten().all(|part| part.label == TEXT) {
            let [old, new] = [old, new].map(|part| part.map(|part| part.text.as_str()));
            compare(field, old, new);
        } else {
            let [old, new] = [old, new]
                .map(|part| part.map(|ListItem { label, text }| format!("{label} {text}")));
            push(&mut fields, &field, old, new);
        }
    }
    let mut old_order = order.clone();
    old_order.sort_unstable();
    let [old_order, order] = [old_order, order].map(|order| {
        let parts: Vec<String> = order.iter().map(|at| format!("content[{at}]")).collect();
        Some(parts.join(", "))
    });
    push(&mut fields, "content order", old_order, order);
    let find = |message: &'_ FlatMessage<'_>, name: &str| {
        message.texts.iter().position(|(field, _)| *field == name)
    };
    let added = b.texts.iter().filter(|(field, _)| find(a, field).is_none());
    for (field, _) in a.texts.iter().chain(added) {
        let old = find(a, field).map(|at| a.texts[at].1.as_ref());
        let new = find(b, field).map(|at| b.texts[at].1.as_ref());
        compare((*field).to_owned(), old, new);
    }
    (fields, texts)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
