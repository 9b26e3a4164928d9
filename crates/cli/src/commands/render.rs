//! `promptdex render`: one version, without looking at the rest of the tree.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use promptdex_core::compile::includes::Library;
use promptdex_core::compile::{compiled_document, serves};
use promptdex_core::diagnostic::{Diagnostic, did_you_mean};
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::read::read_prompt;
use promptdex_core::rules;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};
use promptdex_template::ErrorKind;
use promptdex_template::conversation::{Conversation, VariableProblemKind, complete};
use promptdex_wire::prompt::{Content, Part, Role};
use promptdex_wire::variables::Type;
use promptdex_wire::{Message, PromptName, Variable, Version, VersionDocument};
use serde_json::{Map, Value};

use crate::cli::{Extra, Format, RenderArgs, RenderFormat};
use crate::compile;
use crate::error::{Exit, Failure};
use crate::output;
use crate::tree::Tree;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RenderArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let (settings, _) = compile::settings(&tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?;
    let (name, selector) = match args.prompt.split_once('@') {
        Some((name, selector)) => (name, Some(selector)),
        None => (args.prompt.as_str(), None),
    };
    let name: PromptName =
        name.trim_matches('/').parse().with_context(|| format!("`{name}` is not a prompt name"))?;
    let mut findings = Vec::new();
    let Some(prompt) = load(&tree, &name, &mut findings)? else {
        return Err(unknown_prompt(&tree, &name)?.into());
    };
    let version = select(&prompt, &settings, selector)?;

    let mut loaded: BTreeMap<PromptName, Option<Arc<Prompt>>> = BTreeMap::new();
    let mut library = Library::new(&settings, |name: &PromptName| {
        let load = || load(&tree, name, &mut Vec::new()).ok().flatten();
        loaded.entry(name.clone()).or_insert_with(load).clone()
    });
    let document = compiled_document(&prompt, &version, &settings, &mut library, &mut findings);
    // Findings about other versions do not stand in the way of this one.
    let about = |finding: &Diagnostic| {
        finding.path.contains(&format!("/v{version}")) || !finding.path.contains("/v")
    };
    findings.retain(|finding| {
        about(finding) && finding.severity == promptdex_core::diagnostic::Severity::Error
    });
    if !findings.is_empty() {
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        ui.talk(&output::list(&tree, &findings, Format::Human));
        return Ok(Exit::Findings);
    }
    let Some(document) = document else {
        return Err(Failure::new(
            format!("`{name}` has no version {version}"),
            "see the folders of the prompt",
        )
        .into());
    };

    let given = given(&prompt, &version, &document, args)?;
    let (values, problems) = complete(&document.variables, &given);
    let problems: Vec<_> = problems
        .into_iter()
        .filter(|problem| {
            !(args.extra == Extra::Ignore && problem.kind == VariableProblemKind::Unknown)
        })
        .collect();
    if let Some(first) = problems.first() {
        let all: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let help = match first.kind {
            VariableProblemKind::Missing => {
                format!("add `--var {}=…`, or a stored case with `--case`", first.name)
            }
            VariableProblemKind::Unknown => "remove it, or pass `--extra ignore`".to_owned(),
            VariableProblemKind::Misfit => "change the value".to_owned(),
        };
        return Err(Failure::new(all.join("; "), help).into());
    }
    match Conversation::of(&document).render(&values) {
        Ok(messages) => {
            ui.text(&show(&messages, args.format)?);
            Ok(Exit::Done)
        }
        Err(failed) => {
            let source = prompt.versions.get(&version).and_then(|source| {
                source
                    .templates
                    .iter()
                    .find(|t| t.slot.message == failed.message && t.slot.text == failed.text)
            });
            if let (Some(source), None) = (source, &failed.error.inside) {
                let rule = match failed.error.kind {
                    ErrorKind::Limit => &rules::RENDER_LIMIT,
                    _ => &rules::RENDER_ERROR,
                };
                let place = source.text.origin.locate(failed.error.range.clone());
                let finding = Diagnostic::at(rule, &source.source, place, &failed.error.message)
                    .maybe_help(failed.error.help.clone());
                ui.talk(&output::list(&tree, &[finding], Format::Human));
                return Ok(Exit::Findings);
            }
            let place = failed
                .error
                .inside
                .as_ref()
                .map_or_else(String::new, |include| format!(" in `{include}`"));
            let help = failed
                .error
                .help
                .clone()
                .unwrap_or_else(|| "change the values or the template".to_owned());
            Err(Failure::new(format!("{}{place}", failed.error.message), help).into())
        }
    }
}

fn load(
    tree: &Tree,
    name: &PromptName,
    findings: &mut Vec<Diagnostic>,
) -> anyhow::Result<Option<Arc<Prompt>>> {
    let Some(files) = tree.prompt_files(name)? else { return Ok(None) };
    let contents = tree.contents(&files)?;
    Ok(Some(Arc::new(read_prompt(name, &files, &contents, findings))))
}

pub(super) fn unknown_prompt(tree: &Tree, name: &PromptName) -> anyhow::Result<Failure> {
    let survey = promptdex_core::tree::survey(&tree.listing()?);
    let names: Vec<&str> = survey.prompts.keys().map(PromptName::as_str).collect();
    let same_end = names.iter().find(|known| known.rsplit('/').next() == Some(name.leaf()));
    let help = did_you_mean(name.as_str(), names.iter().copied())
        .or_else(|| same_end.map(|known| format!("did you mean `{known}`?")))
        .unwrap_or_else(|| {
            format!(
                "the tree has {} prompts, such as `{}`",
                names.len(),
                names.first().unwrap_or(&"none")
            )
        });
    Ok(Failure::new(format!("there is no prompt `{name}` in `{}`", tree.root().display()), help))
}

/// Finds the version that is meant: an exact one, what an environment serves, or the highest.
fn select(prompt: &Prompt, settings: &Settings, selector: Option<&str>) -> anyhow::Result<Version> {
    let known = || prompt.versions.keys().map(Version::to_string).collect::<Vec<_>>().join(", ");
    let Some(selector) = selector else {
        let highest = prompt.versions.keys().rev().find(|version| !version.is_pre_release());
        let version = highest.or_else(|| prompt.versions.keys().next_back()).cloned();
        return version.ok_or_else(|| {
            Failure::new(
                format!("`{}` has no version", prompt.name),
                "add a folder such as `v1.0.0/`",
            )
            .into()
        });
    };
    if let Some(environment) = settings.environment(selector) {
        return serves(prompt, settings, environment).ok_or_else(|| {
            let help = format!("its versions are {}", known());
            Failure::new(format!("{environment} does not serve `{}`", prompt.name), help).into()
        });
    }
    let version = selector.strip_prefix('v').unwrap_or(selector).parse::<Version>();
    match version {
        Ok(version) if prompt.versions.contains_key(&version) => Ok(version),
        _ => {
            let environments: Vec<&str> =
                settings.environments.iter().map(promptdex_wire::Environment::as_str).collect();
            let message = format!("`{}` has no version or environment `{selector}`", prompt.name);
            let help = format!(
                "its versions are {}; the environments are {}",
                known(),
                environments.join(", ")
            );
            Err(Failure::new(message, help).into())
        }
    }
}

/// Collects the values: of the case, then of the file, then of the command line.
fn given(
    prompt: &Prompt,
    version: &Version,
    document: &VersionDocument,
    args: &RenderArgs,
) -> anyhow::Result<Map<String, Value>> {
    let mut values = Map::new();
    if let Some(wanted) = &args.case {
        let cases = prompt.cases.get(version).map(|file| file.cases.as_slice()).unwrap_or_default();
        let Some(case) = cases.iter().find(|case| case.name.value == *wanted) else {
            let names: Vec<&str> = cases.iter().map(|case| case.name.value.as_str()).collect();
            let help = did_you_mean(wanted, names.iter().copied()).unwrap_or_else(|| {
                match names.as_slice() {
                    [] => "it has no cases: pass values with `--var`".to_owned(),
                    names => format!("it has {}", names.join(", ")),
                }
            });
            return Err(
                Failure::new(format!("version {version} has no case `{wanted}`"), help).into()
            );
        };
        values.extend(
            case.variables.iter().map(|(name, value)| (name.value.clone(), value.value.value())),
        );
    }
    if let Some(file) = &args.variables_file {
        let text = if file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin()).context("cannot read stdin")?
        } else {
            std::fs::read_to_string(file)
                .with_context(|| format!("cannot read `{}`", file.display()))?
        };
        match serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not JSON", file.display()))?
        {
            Value::Object(object) => values.extend(object),
            _ => {
                return Err(Failure::new(
                    format!("`{}` is not a JSON object", file.display()),
                    "write `{\"name\": value}`",
                )
                .into());
            }
        }
    }
    for argument in &args.variables {
        let Some((name, text)) = argument.split_once('=') else {
            return Err(Failure::new(
                format!("`--var {argument}` has no `=`"),
                "write `--var name=value`",
            )
            .into());
        };
        let value =
            parse_value(document.variables.iter().find(|variable| variable.name == name), text);
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// Reads a value of the command line: as text for strings and media, else as JSON.
fn parse_value(variable: Option<&Variable>, text: &str) -> Value {
    let is_text =
        variable.is_none_or(|variable| variable.kind == Type::String || variable.kind.is_media());
    let parsed = if is_text { None } else { serde_json::from_str(text).ok() };
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
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
            // Rendering turns examples into messages.
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
                (None, Some(blob), _) => format!("{} bytes, {}", blob.size, blob.digest),
                (None, None, variable) => variable.clone().unwrap_or_default(),
            };
            writeln!(text, "[{kind}: {from}]")
        }),
    }
}
