//! `promptdex render`: renders one version, without reading the rest of the tree.

use std::fmt::Write as _;
use std::path::Path;

use promptdex_core::model::Prompt;
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::rendering::{self, JsonError, JsonValue, RenderError, Values};
use promptdex_ops::prompts::selector;
use promptdex_ops::tree::Tree;
use promptdex_wire::prompt::{Content, Part, Role};
use promptdex_wire::variables::Type;
use promptdex_wire::{Message, Variable, Version, VersionDocument};

use crate::cli::{Extra, FindingsFormat, RenderArgs, RenderFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input_file;
use crate::output;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RenderArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let (name, selector) = selector::parse(&args.prompt)?;
    let loader = Loader::open(&tree)?;
    // Without a version, an unreleased edit is rendered.
    let loader = if selector.is_none() { loader.with_draft(&name) } else { loader };
    let mut findings = Vec::new();
    let prompt = loader.prompt(&name, &mut findings)?;
    let version = loader.select(&prompt, &findings, selector)?.version;
    let document = loader.document(&prompt, &version, &mut findings);
    if !findings.is_empty() {
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        ui.message(&output::list(&tree, &findings, FindingsFormat::Human));
        return Ok(Exit::Findings);
    }
    let Some(document) = document else {
        return Err(Failure::new(
            format!("`{name}` has no version {version}"),
            "name an existing version of the prompt",
        )
        .into());
    };

    let given = collect_values(&prompt, &version, &document, args)?;
    let ignores_unknown = args.extra == Extra::Ignore;
    match rendering::render(&prompt, &version, &document, &given, ignores_unknown) {
        Ok(messages) => {
            ui.text(&show(&messages, args.format)?);
            Ok(Exit::Done)
        }
        Err(RenderError::Template(finding)) => {
            ui.message(&output::list(&tree, &[*finding], FindingsFormat::Human));
            Ok(Exit::Findings)
        }
        Err(error) => Err(error.into()),
    }
}

/// Collects the values. Those of the command line override those of the file, which override those
/// of the test case.
fn collect_values(
    prompt: &Prompt,
    version: &Version,
    document: &VersionDocument,
    args: &RenderArgs,
) -> anyhow::Result<Values> {
    let mut values = Values::default();
    if let Some(wanted) = &args.case {
        values = rendering::case_values(prompt, version, wanted)?;
    }
    if let Some(file) = &args.variables_file {
        let text = input_file::read(file)?;
        values.extend(Values::parse(&text).map_err(|error| {
            Failure::new(
                format!("cannot read the values in `{}`: {error}", file.display()),
                "write `{\"name\": value}`",
            )
        })?);
    }
    for argument in &args.variables {
        let Some((name, text)) = argument.split_once('=') else {
            return Err(Failure::new(
                format!("`--var {argument}` has no `=`"),
                "write `--var name=value`",
            )
            .into());
        };
        let variable = document.variables.iter().find(|variable| variable.name == name);
        values.insert(name, parse_value(variable, name, text)?);
    }
    Ok(values)
}

/// Parses a value of the command line: as text for strings and media, otherwise as JSON.
fn parse_value(variable: Option<&Variable>, name: &str, text: &str) -> anyhow::Result<JsonValue> {
    let is_text =
        variable.is_none_or(|variable| variable.kind == Type::String || variable.kind.is_media());
    if is_text {
        return Ok(JsonValue::Text(text.to_owned()));
    }
    match JsonValue::parse(text) {
        Ok(value) => Ok(value),
        // It does not fit, which is said with its type.
        Err(JsonError::Syntax(_)) => Ok(JsonValue::Text(text.to_owned())),
        Err(error) => Err(Failure::new(
            format!("invalid value of `{name}`: {error}"),
            "pass a JSON value, or declare the variable as a string",
        )
        .into()),
    }
}

fn show(messages: &[Message], format: RenderFormat) -> anyhow::Result<String> {
    if format == RenderFormat::Json {
        return Ok(serde_json::to_string_pretty(messages)? + "\n");
    }
    let mut text = String::new();
    for (position, message) in messages.iter().enumerate() {
        let only = messages.len() == 1;
        if position > 0 {
            text.push('\n');
        }
        match message {
            Message::Turn(turn) => {
                if !(only && turn.role == Role::System) {
                    writeln!(text, "── {} ──", turn.role.as_str())?;
                }
                show_content(turn.content.as_ref(), &mut text)?;
                if let Some(calls) = &turn.tool_calls {
                    writeln!(text, "[tool calls: {}]", calls.text())?;
                }
            }
            Message::Placeholder(placeholder) => {
                writeln!(text, "── {} (inserted by the app) ──", placeholder.placeholder)?;
            }
            // Rendering replaces examples by messages.
            Message::Examples(_) => {}
        }
    }
    Ok(text)
}

fn show_content(content: Option<&Content>, text: &mut String) -> std::fmt::Result {
    match content {
        None => Ok(()),
        Some(Content::Text(content)) => writeln!(text, "{content}"),
        Some(Content::Parts(parts)) => parts.iter().try_for_each(|part| {
            let (kind, media) = match part {
                Part::Text { text: content } => return writeln!(text, "{content}"),
                Part::Image(media) => ("image", media),
                Part::Audio(media) => ("audio", media),
                Part::File(media) => ("file", media),
            };
            let from = match (&media.url, &media.blob, &media.variable) {
                (Some(url), _, _) => url.clone(),
                (None, Some(blob), _) => {
                    format!("{}, {} bytes, {}", blob.path, blob.size, blob.digest)
                }
                (None, None, variable) => variable.clone().unwrap_or_default(),
            };
            writeln!(text, "[{kind}: {from}]")
        }),
    }
}
