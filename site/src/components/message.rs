//! The messages of a version: lines with numbers that can be linked to, tags of the template marked.

use leptos::prelude::*;
use promptdex_compare::invisible::{Suspicion, scan};
use promptdex_template::TokenKind;
use promptdex_wire::prompt::{Content, Media, Part, Turn};
use promptdex_wire::{Dialect, Message, RegistryPath};

use crate::components::link::DocumentLink;
use crate::model::pretty::pretty;
use crate::model::template_lines::{TemplateLine, TemplatePiece, lines};
use crate::view::view;

/// Lines that are laid out together, so that those far away cost nothing.
const BLOCK: usize = 50;

/// One element of a conversation.
#[component]
pub fn MessageSection<'a>(
    /// The element.
    message: &'a Message,
    /// The syntax of its texts.
    dialect: Dialect,
    /// Its number, from 1.
    number: usize,
    /// What the names of its places begin with: `m` for `m1.L2`.
    prefix: &'a str,
    /// The address that its places are added to.
    page: &'a str,
) -> impl IntoView {
    let id = format!("{prefix}{number}");
    let href = format!("{page}#{id}");
    let (title, body) = match message {
        Message::Turn(turn) => (title(turn), view! { <TurnBody turn dialect id=&id page/> }),
        Message::Placeholder(placeholder) => {
            let optional = if placeholder.optional { " (optional)" } else { "" };
            let name = view! { <code>{placeholder.placeholder.clone()}</code> };
            let text = format!("{optional}: the app inserts messages here.");
            ("placeholder".to_owned(), view! { <p class="aside">"Placeholder " {name} {text}</p> })
        }
        Message::Examples(examples) => {
            let template = |role: &'static str, text: &str| {
                let id = format!("{id}-{role}");
                view! {
                    <h4>{role}</h4>
                    <TextLines text dialect id=&id page/>
                }
            };
            let body = view! {
                <p class="aside">"Each example becomes two messages."</p>
                {template("user", &examples.examples.user)}
                {template("assistant", &examples.examples.assistant)}
            };
            ("examples".to_owned(), body)
        }
    };
    view! {
        <section class="message" id=id>
            <h3>
                <a class="number" href=href>{number.to_string()}</a>
                " "
                {title}
            </h3>
            {body}
        </section>
    }
}

fn title(turn: &Turn) -> String {
    match &turn.name {
        Some(name) => format!("{} ({name})", turn.role.as_str()),
        None => turn.role.as_str().to_owned(),
    }
}

#[component]
fn TurnBody<'a>(turn: &'a Turn, dialect: Dialect, id: &'a str, page: &'a str) -> impl IntoView {
    let part = |(at, part): (usize, &Part)| match part {
        Part::Text { text } => {
            let id = format!("{id}-p{}", at + 1);
            view! { <TextLines text dialect id=&id page/> }
        }
        Part::Image(media) => view! { <MediaPart kind="image" media/> },
        Part::Audio(media) => view! { <MediaPart kind="audio" media/> },
        Part::File(media) => view! { <MediaPart kind="file" media/> },
    };
    let content = match &turn.content {
        None => ().into_any(),
        Some(Content::Text(text)) => view! { <TextLines text dialect id page/> },
        Some(Content::Parts(parts)) => parts.iter().enumerate().map(part).collect_view().into_any(),
    };
    let calls = turn.tool_calls.as_ref().map(|calls| {
        view! {
            <h4>"Tool calls"</h4>
            <JsonBlock text=calls.text()/>
        }
    });
    let answers = turn.tool_call_id.as_ref().map(|id| {
        view! { <p class="aside">"Reply to tool call "<code>{id.clone()}</code></p> }
    });
    view! { {answers} {content} {calls} }
}

/// A part that is not text. Addresses are shown, never fetched: the author may not be a friend.
#[component]
fn MediaPart<'a>(kind: &'static str, media: &'a Media) -> impl IntoView {
    let kind = media.media_type.clone().unwrap_or_else(|| kind.to_owned());
    let source = match (&media.blob, &media.variable, &media.url) {
        (Some(blob), _, _) => {
            let path = RegistryPath::Blob(blob.digest);
            let size = blob.size;
            let (src, name) = (path.to_string(), blob.path.to_string());
            let alt = name.clone();
            let picture =
                kind.starts_with("image/").then(|| view! { <img src=src alt=alt loading="lazy"/> });
            view! {
                {picture}
                <DocumentLink path>{name}</DocumentLink>
                {format!(", {size} bytes")}
            }
        }
        (None, Some(variable), _) => {
            view! { "from variable "<code class="placeholder">{variable.clone()}</code> }
        }
        (None, None, url) => view! { <code>{url.clone()}</code> },
    };
    view! {
        <p class="media">
            <span class="label">{kind}</span>
            " "
            {source}
        </p>
    }
}

/// The lines of a template. Numbers are links, and not part of what is copied.
#[component]
pub fn TextLines<'a>(
    /// The template.
    text: &'a str,
    /// Its syntax.
    dialect: Dialect,
    /// What the names of its places begin with: `m1` for `m1.L2`.
    id: &'a str,
    /// The address that its places are added to.
    page: &'a str,
) -> impl IntoView {
    let lines = lines(dialect, text);
    let blocks = lines.chunks(BLOCK).enumerate().map(|(block, lines)| {
        let lines = lines.iter().enumerate().map(|(at, line)| {
            let number = block * BLOCK + at + 1;
            text_line(line, number, &format!("{id}.L{number}"), page)
        });
        view! { <div class="block">{lines.collect_view()}</div> }
    });
    view! { <div class="text" lang=language(text)>{blocks.collect_view()}</div> }
}

fn text_line(line: &TemplateLine, number: usize, anchor: &str, page: &str) -> AnyView {
    let mut pieces: Vec<AnyView> = line.pieces.iter().map(piece).collect();
    if pieces.is_empty() {
        // An empty line keeps its height, and is copied as one.
        pieces.push("\n".into_any());
    }
    // Thousands of stops for the keyboard would keep it from what follows.
    view! {
        <div class="line" id=anchor.to_owned()>
            <a
                href=format!("{page}#{anchor}")
                data-n=number.to_string()
                tabindex="-1"
                aria-label=format!("line {number}")
            ></a>
            <span dir="auto">{pieces}</span>
        </div>
    }
}

/// Returns the language of a text if its script reveals it: browsers draw Chinese and Japanese differently.
fn language(text: &str) -> Option<&'static str> {
    text.chars().find_map(|character| match character {
        '\u{3041}'..='\u{30ff}' => Some("ja"),
        '\u{ac00}'..='\u{d7a3}' => Some("ko"),
        _ => None,
    })
}

/// Marks the invisible characters of a text: what a model reads, and a reviewer would not see.
fn visible_text(text: &str) -> AnyView {
    let found = scan(text);
    if found.is_empty() {
        return text.to_owned().into_any();
    }
    let mut pieces = Vec::new();
    let mut at = 0;
    for invisible in found {
        let end = invisible.at + invisible.character.len_utf8();
        let class = match invisible.level {
            Suspicion::Alarm => "invisible alarm",
            Suspicion::Note => "invisible",
        };
        if at < invisible.at {
            pieces.push(text[at..invisible.at].to_owned().into_any());
        }
        pieces.push(view! {
            <span class=class data-c=invisible.label() title=invisible.name()>
                {text[invisible.at..end].to_owned()}
            </span>
        });
        at = end;
    }
    if at < text.len() {
        pieces.push(text[at..].to_owned().into_any());
    }
    pieces.into_any()
}

/// Returns a part of one line, with the tags that are whole in it marked.
pub fn text_pieces(dialect: Dialect, text: &str) -> AnyView {
    let lines = lines(dialect, text);
    lines.iter().flat_map(|line| &line.pieces).map(piece).collect_view().into_any()
}

fn piece(piece: &TemplatePiece) -> AnyView {
    let text = visible_text(&piece.text);
    let class = match piece.token {
        None => return text,
        Some(TokenKind::Placeholder) => "placeholder",
        Some(TokenKind::Statement) => "statement",
        Some(TokenKind::Comment) => "comment",
    };
    view! { <bdi class=class>{text}</bdi> }
}

/// JSON as its author wrote it, laid out.
#[component]
pub fn JsonBlock<'a>(
    /// The JSON.
    text: &'a str,
) -> impl IntoView {
    view! { <pre class="json" tabindex="0">{pretty(text)}</pre> }
}
