//! Included texts: found by exact version, with everything they include themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_template::Template;
use promptdex_wire::catalog::State;
use promptdex_wire::prompt::{Content, Role};
use promptdex_wire::variables::Type;
use promptdex_wire::{Blob, Dialect, Message, PromptName, PromptVersion, Version, json};

use super::document::version_document;
use super::resolved_include::ResolvedInclude;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{Prompt, PromptVersionSource, Settings};
use crate::prompt_past::PromptWithPast;
use crate::rules;

/// Includes may be nested this deep.
const MAX_DEPTH: usize = 8;

/// Finds included versions; `load` returns a prompt by its name. Prompts are read when something
/// includes them, and kept.
pub struct IncludeLibrary<'s, L> {
    settings: &'s Settings,
    load: L,
    resolved_includes: BTreeMap<PromptVersion, Arc<ResolvedInclude>>,
}

/// Returns the includes of a version, each with the template that has it.
pub fn includes_of(
    source: &PromptVersionSource,
) -> Vec<(&crate::model::TemplateSource, promptdex_template::IncludeUse)> {
    let mut found = Vec::new();
    if source.metadata.template == Dialect::Jinja {
        for template in &source.templates {
            // Most texts have no include, and are not parsed for it.
            if template.text.text.contains("include")
                && let Ok(parsed) = Template::parse(Dialect::Jinja, &template.text.text)
            {
                found.extend(parsed.includes().iter().map(|include| (template, include.clone())));
            }
        }
    }
    found
}

/// Whether any version of a prompt includes another prompt.
pub fn has_includes(prompt: &Prompt) -> bool {
    prompt.versions.values().any(|source| !includes_of(source).is_empty())
}

impl<'s, L: FnMut(&PromptName) -> Option<Arc<PromptWithPast>>> IncludeLibrary<'s, L> {
    /// Starts with nothing loaded.
    pub fn new(settings: &'s Settings, load: L) -> Self {
        Self { settings, load, resolved_includes: BTreeMap::new() }
    }

    /// Finds everything that a version includes, transitively. What cannot be resolved, or does not
    /// fit the variables, is a finding.
    pub(crate) fn includes(
        &mut self,
        own: &PromptVersion,
        source: &PromptVersionSource,
        findings: &mut Vec<Diagnostic>,
    ) -> BTreeMap<PromptVersion, Arc<ResolvedInclude>> {
        let mut all = BTreeMap::new();
        for (template, include) in includes_of(source) {
            let place = template.text.origin.locate(include.range.clone());
            let report = |problem: IncludeProblem| {
                Diagnostic::at(
                    &rules::INVALID_INCLUDE,
                    &template.source,
                    place.clone(),
                    problem.message,
                )
                .maybe_help(problem.help)
            };
            if template.slot.is_example() {
                findings.push(report(
                    IncludeProblem::new("includes are not allowed in templates of examples")
                        .help("write the text itself"),
                ));
                continue;
            }
            match self.resolve(&include.name, &mut vec![own.clone()]) {
                Ok((name, resolved)) => {
                    findings.extend(
                        find_variable_conflicts(source, &name, &resolved).into_iter().map(report),
                    );
                    all.extend(resolved.includes.clone());
                    all.insert(name, resolved);
                }
                Err(problem) => findings.push(report(problem)),
            }
        }
        all
    }

    fn resolve(
        &mut self,
        name: &str,
        stack: &mut Vec<PromptVersion>,
    ) -> Result<(PromptVersion, Arc<ResolvedInclude>), IncludeProblem> {
        let wanted: PromptVersion =
            name.parse().map_err(|error: promptdex_wire::name::NameError| {
                IncludeProblem::new(error.to_string())
                    .help("name a prompt and an exact version, such as `shared/tone@1.2.0`")
            })?;
        if stack.contains(&wanted) {
            let chain: Vec<String> =
                stack.iter().chain([&wanted]).map(PromptVersion::to_string).collect();
            return Err(IncludeProblem::new(format!("circular include: {}", chain.join(" → ")))
                .help("remove one of the includes"));
        }
        let too_deep = || {
            IncludeProblem::new(format!("includes are nested deeper than {MAX_DEPTH} levels"))
                .help("reduce the nesting, or copy the text")
        };
        if stack.len() > MAX_DEPTH {
            return Err(too_deep());
        }
        if let Some(resolved) = self.resolved_includes.get(&wanted) {
            // What was resolved before may be too deep below what is being resolved now.
            return if stack.len() + resolved.depth > MAX_DEPTH {
                Err(too_deep())
            } else {
                Ok((wanted, Arc::clone(resolved)))
            };
        }
        let known = (self.load)(&wanted.name).ok_or_else(|| {
            IncludeProblem::new(format!("prompt `{}` not found", wanted.name))
                .help("correct the name; it is the path below the root of the tree")
        })?;
        let PromptWithPast { prompt, past } = known.as_ref();
        let published = past.published.as_ref();
        // Whoever takes the state away in prompt.yaml does not bring the text back to those who include it.
        if prompt.states.get(&wanted.version).is_some_and(|state| state.state == State::Redacted)
            || published.is_some_and(|published| published.is_redacted(&wanted.version))
        {
            return Err(IncludeProblem::new(format!("`{wanted}` is redacted")).help(
                "include a different version; list a published version that includes it under `redacted`",
            ));
        }
        let source = prompt.versions.get(&wanted.version).ok_or_else(|| {
            let known: Vec<String> = prompt.versions.keys().map(Version::to_string).collect();
            let help = did_you_mean(&wanted.version.to_string(), known.iter().map(String::as_str));
            let help = help.unwrap_or_else(|| format!("name one of {}", known.join(", ")));
            IncludeProblem::new(format!("`{}` has no version {}", wanted.name, wanted.version))
                .help(help)
        })?;
        let text = single_system_text(source).ok_or_else(|| {
            if !source.is_complete {
                return IncludeProblem::new(format!("`{wanted}` cannot be read")).help(format!(
                    "correct the files of `{}`: `promptdex check` lists what is wrong",
                    wanted.name
                ));
            }
            IncludeProblem::new(format!("`{wanted}` is not a single system message"))
                .help("include a prompt with a single text")
        })?;
        if !matches!(source.metadata.template, Dialect::Jinja | Dialect::Plain) {
            let dialect = source.metadata.template.as_str();
            return Err(IncludeProblem::new(format!(
                "`{wanted}` has the dialect `{dialect}`; includes require `jinja` or `plain`"
            ))
            .help("include a `jinja` or `plain` version"));
        }
        stack.push(wanted.clone());
        let mut includes = BTreeMap::new();
        let mut depth = 0;
        for (_, include) in includes_of(source) {
            let (name, resolved) = self.resolve(&include.name, stack)?;
            depth = depth.max(resolved.depth + 1);
            includes.extend(resolved.includes.clone());
            includes.insert(name, resolved);
        }
        stack.pop();
        let uses = Template::parse(source.metadata.template, text)
            .map(|template| template.uses())
            .unwrap_or_default();
        let document = match published.and_then(|published| published.versions.get(&wanted.version))
        {
            Some(listed) => Blob { digest: listed.digest, size: listed.size },
            None => {
                let settings = self.settings;
                let created = past.version_origin(&wanted.version, &source.metadata);
                let document = version_document(settings, &wanted, source, created, &includes);
                Blob::of(&json::write(&document))
            }
        };
        let state = prompt.states.get(&wanted.version);
        let resolved = Arc::new(ResolvedInclude {
            dialect: source.metadata.template,
            text: text.to_owned(),
            document,
            yank_reason: state
                .filter(|state| state.state == State::Yanked)
                .map(|state| state.reason.clone()),
            uses: uses.into_iter().map(|used| used.path[0].clone()).collect(),
            types: source
                .metadata
                .variables
                .iter()
                .map(|declared| (declared.variable.name.clone(), declared.variable.kind))
                .collect(),
            depth,
            includes,
        });
        self.resolved_includes.insert(wanted.clone(), Arc::clone(&resolved));
        Ok((wanted, resolved))
    }
}

fn single_system_text(source: &PromptVersionSource) -> Option<&str> {
    match source.messages.as_slice() {
        [Message::Turn(turn)] if turn.role == Role::System => match &turn.content {
            Some(Content::Text(text)) => Some(text),
            Some(Content::Parts(_)) | None => None,
        },
        _ => None,
    }
}

/// Finds the variables of an included text that the includer does not declare in the same way.
fn find_variable_conflicts(
    source: &PromptVersionSource,
    name: &PromptVersion,
    resolved: &ResolvedInclude,
) -> Vec<IncludeProblem> {
    let mut problems = Vec::new();
    for (name, resolved) in resolved.self_and_includes(name) {
        for used in &resolved.uses {
            let wanted = resolved.types.get(used).copied().unwrap_or(Type::String);
            match source.metadata.variable(used) {
                None => problems.push(
                    IncludeProblem::new(format!(
                        "variable `{used}` of the included `{name}` is not declared here"
                    ))
                    .help(format!("declare `{used}` with type `{}`", wanted.as_str())),
                ),
                Some(variable) if variable.kind != wanted => problems.push(
                    IncludeProblem::new(format!(
                        "variable `{used}` of the included `{name}` has type `{}`, here `{}`",
                        wanted.as_str(),
                        variable.kind.as_str()
                    ))
                    .help("declare the variable with the same type"),
                ),
                Some(_) => {}
            }
        }
    }
    problems
}

/// Why an include cannot be resolved.
struct IncludeProblem {
    message: String,
    help: Option<String>,
}

impl IncludeProblem {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
