//! The messages of a version: lines with numbers that can be linked to, tags of the template marked.

use promptdex_compare::invisible::{Level, scan};
use promptdex_template::TokenKind;
use promptdex_wire::prompt::{Content, Media, Part, Turn};
use promptdex_wire::{Dialect, Message, Path};

use crate::html::{Element, Node, data, el, link, nothing};
use crate::model::outline::{Piece, lines};
use crate::model::pretty::pretty;

/// Lines that are laid out together, so that those far away cost nothing.
const BLOCK: usize = 50;

/// One element of a conversation. `number` counts from 1, places are named `{prefix}{number}`; `page`
/// is the address that they are added to.
pub fn message(
    message: &Message,
    dialect: Dialect,
    number: usize,
    prefix: &str,
    page: &str,
) -> Element {
    let id = format!("{prefix}{number}");
    let href = format!("{page}#{id}");
    let (title, body): (String, Node) = match message {
        Message::Turn(turn) => (title(turn), turn_body(turn, dialect, &id, page)),
        Message::Placeholder(placeholder) => {
            let optional = if placeholder.optional { ", or nothing" } else { "" };
            let text = format!(
                "The app inserts its own messages here, by the name {}{optional}.",
                placeholder.placeholder
            );
            ("placeholder".to_owned(), el("p").class("aside").with(text).into())
        }
        Message::Examples(examples) => {
            let template = |role: &str, text: &str| -> Node {
                let id = format!("{id}-{role}");
                [el("h4").with(role).into(), text_lines(text, dialect, &id, page)].into()
            };
            let aside = el("p").class("aside").with("Each example becomes two messages.");
            let body = [
                aside.into(),
                template("user", &examples.examples.user),
                template("assistant", &examples.examples.assistant),
            ];
            ("examples".to_owned(), body.into())
        }
    };
    let number = link(href, number.to_string()).class("number");
    el("section")
        .class("message")
        .attr("id", id)
        .with(el("h3").with(number).with(" ").with(title))
        .with(body)
}

fn title(turn: &Turn) -> String {
    match &turn.name {
        Some(name) => format!("{} ({name})", turn.role.as_str()),
        None => turn.role.as_str().to_owned(),
    }
}

fn turn_body(turn: &Turn, dialect: Dialect, id: &str, page: &str) -> Node {
    let part = |(at, part): (usize, &Part)| match part {
        Part::Text { text } => text_lines(text, dialect, &format!("{id}-p{}", at + 1), page),
        Part::Image(media) => media_part("image", media).into(),
        Part::Audio(media) => media_part("audio", media).into(),
        Part::File(media) => media_part("file", media).into(),
    };
    let content = match &turn.content {
        None => nothing(),
        Some(Content::Text(text)) => text_lines(text, dialect, id, page),
        Some(Content::Parts(parts)) => {
            parts.iter().enumerate().map(part).collect::<Vec<_>>().into()
        }
    };
    let calls = turn.tool_calls.as_ref();
    let calls = calls.map(|calls| [el("h4").with("Tool calls").into(), json(calls.text()).into()]);
    let answers = turn.tool_call_id.as_ref().map(|id| {
        el("p").class("aside").with("Answers the call ").with(el("code").with(id.as_str()))
    });
    [answers.into(), content, calls.into()].into()
}

/// A part that is not text. Addresses are shown, never fetched: the author may not be a friend.
fn media_part(kind: &'static str, media: &Media) -> Element {
    let kind = media.media_type.clone().unwrap_or_else(|| kind.to_owned());
    let source: Node = match (&media.blob, &media.variable, &media.url) {
        (Some(blob), _, _) => {
            let path = Path::Blob(blob.digest);
            let picture = kind.starts_with("image/").then(|| {
                el("img").attr("src", path.to_string()).attr("alt", "").attr("loading", "lazy")
            });
            [picture.into(), data(&path, format!("{} bytes", blob.size)).into()].into()
        }
        (None, Some(variable), _) => {
            let name = el("code").class("placeholder").with(variable.as_str());
            ["from the variable ".into(), name.into()].into()
        }
        (None, None, url) => el("code").with(url.clone()).into(),
    };
    el("p").class("media").with(el("span").class("label").with(kind)).with(" ").with(source)
}

/// The lines of a template. Numbers are links, and not part of what is copied.
pub fn text_lines(text: &str, dialect: Dialect, id: &str, page: &str) -> Node {
    let line = |number: usize, pieces: &[Piece]| {
        let anchor = format!("{id}.L{number}");
        let number_link = el("a")
            .attr("href", format!("{page}#{anchor}"))
            .attr("data-n", number.to_string())
            // Thousands of stops would keep the keyboard from what follows.
            .attr("tabindex", "-1")
            .attr("aria-label", format!("line {number}"));
        // An empty line keeps its height, and is copied as one.
        let end = pieces.is_empty().then_some("\n");
        let text = el("span").attr("dir", "auto").all(pieces.iter().map(piece)).with(end);
        el("div").class("line").attr("id", anchor).with(number_link).with(text)
    };
    let lines = lines(dialect, text);
    let blocks = lines.chunks(BLOCK).enumerate().map(|(block, lines)| {
        let lines = lines.iter().enumerate();
        let lines = lines.map(|(at, pieces)| line(block * BLOCK + at + 1, &pieces.pieces));
        el("div").class("block").all(lines)
    });
    let block = el("div").class("text").all(blocks);
    match language(text) {
        Some(language) => block.attr("lang", language).into(),
        None => block.into(),
    }
}

/// The language of a text whose script tells it: browsers draw Chinese and Japanese differently.
fn language(text: &str) -> Option<&'static str> {
    text.chars().find_map(|character| match character {
        '\u{3041}'..='\u{30ff}' => Some("ja"),
        '\u{ac00}'..='\u{d7a3}' => Some("ko"),
        _ => None,
    })
}

/// Text with its invisible characters marked: what a model reads, and a reviewer would not see.
fn shown(text: &str) -> Node {
    let found = scan(text);
    if found.is_empty() {
        return text.into();
    }
    let mut pieces: Vec<Node> = Vec::new();
    let mut at = 0;
    for invisible in found {
        let end = invisible.at + invisible.character.len_utf8();
        let class = match invisible.level {
            Level::Alarm => "invisible alarm",
            Level::Note => "invisible",
        };
        let chip = el("span")
            .class(class)
            .attr("data-c", invisible.label())
            .attr("title", invisible.name())
            .with(&text[invisible.at..end]);
        pieces.push(text[at..invisible.at].into());
        pieces.push(chip.into());
        at = end;
    }
    pieces.push(text[at..].into());
    pieces.into()
}

/// A part of one line, with the tags that are whole in it marked.
pub fn text_pieces(dialect: Dialect, text: &str) -> Node {
    let lines = lines(dialect, text);
    lines.iter().flat_map(|line| &line.pieces).map(piece).collect::<Vec<_>>().into()
}

fn piece(piece: &Piece) -> Node {
    let class = match piece.token {
        None => return shown(&piece.text),
        Some(TokenKind::Placeholder) => "placeholder",
        Some(TokenKind::Statement) => "statement",
        Some(TokenKind::Comment) => "comment",
    };
    el("bdi").class(class).with(shown(&piece.text)).into()
}

/// JSON as its author wrote it, laid out.
pub fn json(text: &str) -> Element {
    el("pre").class("json").attr("tabindex", "0").with(pretty(text))
}
