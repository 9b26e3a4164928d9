//! `registry.yaml` and `policy.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_wire::catalog::{Repository, Visibility};
use promptdex_wire::{BundleName, Environment, RegistryName};

use super::fields::{Fields, Spanned, parse, word, wrong_type};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{AllowedFinding, ChangePolicy, NewDefaults, People, RuleLevel, Settings};
use crate::node::{Node, Value};
use crate::rules::{self, Severity};
use crate::source::SourceFile;

/// Reads the facts of a registry and the levels of its rules. Either file may be absent.
pub fn read_settings(
    registry: Option<&SourceFile>,
    policy: Option<&SourceFile>,
) -> (Settings, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let mut settings = Settings {
        registry: default_name(),
        url: None,
        environments: default_environments(),
        environments_key: None,
        aliases: BTreeMap::new(),
        visibility: Visibility::Private,
        people: People::Email,
        repository: None,
        tokenizer: "o200k_base".to_owned(),
        bundles: BTreeMap::new(),
        checks: BTreeMap::new(),
        file: registry.map(|source| Arc::new(source.clone())),
        policy: policy.map(|source| Arc::new(source.clone())),
        allow: Vec::new(),
        new: NewDefaults::default(),
        governance: ChangePolicy::default(),
    };
    if let Some(source) = registry {
        read_registry(source, &mut settings, &mut findings);
    }
    if let Some(source) = policy {
        read_policy(source, &mut settings, &mut findings);
    }
    (settings, findings)
}

#[expect(clippy::expect_used, reason = "the literal is a name")]
fn default_name() -> RegistryName {
    "prompts".parse().expect("a registry name")
}

#[expect(clippy::expect_used, reason = "the literals are environments")]
fn default_environments() -> Vec<Environment> {
    ["dev", "staging", "production"].map(|name| name.parse().expect("an environment")).to_vec()
}

fn read_registry(source: &SourceFile, settings: &mut Settings, findings: &mut Vec<Diagnostic>) {
    let Some(node) = super::parse(source, findings) else { return };
    if node.value == Value::Null {
        return;
    }
    let Some(mut fields) = Fields::new(source, &node, "registry.yaml", findings) else { return };
    if let Some(requires) = fields.text("requires", findings) {
        check_requires(source, &requires, findings);
    }
    if let Some(name) = fields.parse::<RegistryName>("registry", findings) {
        settings.registry = name.value;
    }
    if let Some(url) = fields.text("url", findings) {
        let help = "write the whole URL with a final slash, such as `https://prompts.example.com/`";
        settings.url = web_address(source, url, help, findings)
            .map(|url| if url.ends_with('/') { url } else { url + "/" });
    }
    if let Some(nodes) = fields.list("environments", findings) {
        let list = fields.key_range("environments").unwrap_or_default();
        read_environments(source, nodes, &list, settings, findings);
        settings.environments_key = Some(list);
    }
    if let Some(node) = fields.object("aliases", findings) {
        read_aliases(source, node, settings, findings);
    }
    if let Some(text) = fields.text("visibility", findings) {
        let words = [("private", Visibility::Private), ("public", Visibility::Public)];
        settings.visibility = word(source, &text, &words, findings).unwrap_or_default();
    }
    if let Some(text) = fields.text("people", findings) {
        let words = [("email", People::Email), ("name", People::Name), ("none", People::None)];
        settings.people = word(source, &text, &words, findings).unwrap_or(People::None);
    }
    if let Some(node) = fields.node("repository") {
        settings.repository = read_repository(source, node, findings);
    }
    if let Some(text) = fields.text("tokenizer", findings) {
        let words = [("o200k_base", "o200k_base"), ("cl100k_base", "cl100k_base")];
        if let Some(tokenizer) = word(source, &text, &words, findings) {
            tokenizer.clone_into(&mut settings.tokenizer);
        }
    }
    if let Some(node) = fields.object("bundles", findings) {
        read_bundles(source, node, settings, findings);
    }
    fields.finish(findings);
}

/// Accepts an `http` or `https` URL; anything else is a finding.
fn web_address(
    source: &SourceFile,
    url: Spanned<String>,
    help: &str,
    findings: &mut Vec<Diagnostic>,
) -> Option<String> {
    let rest = url.value.strip_prefix("https://").or_else(|| url.value.strip_prefix("http://"));
    // It stands in snippets of shell and code: what has a meaning there has to be escaped as `%27`.
    let is_plain =
        |character: char| character.is_alphanumeric() || "-._~:/[]@!&,+=%*".contains(character);
    let is_address = rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(is_plain)
    });
    if is_address {
        return Some(url.value);
    }
    let message = format!("`{}` is not a URL", url.value);
    findings.push(Diagnostic::at(&rules::INVALID_VALUE, source, url.range, message).help(help));
    None
}

/// `requires: ">=0.1"`: which promptdex can read this tree.
fn check_requires(source: &SourceFile, requires: &Spanned<String>, findings: &mut Vec<Diagnostic>) {
    let own = env!("CARGO_PKG_VERSION");
    let finding = match (semver::VersionReq::parse(&requires.value), semver::Version::parse(own)) {
        (Ok(requirement), Ok(version)) if !requirement.matches(&version) => Diagnostic::at(
            &rules::INVALID_VALUE,
            source,
            requires.range.clone(),
            format!("this tree requires promptdex {}, not {own}", requires.value),
        )
        .help("install a matching version of promptdex"),
        (Err(error), _) => Diagnostic::at(
            &rules::INVALID_VALUE,
            source,
            requires.range.clone(),
            format!("`{}` is not a version requirement: {error}", requires.value),
        )
        .help("write a SemVer requirement, such as `>=0.1`"),
        _ => return,
    };
    findings.push(finding);
}

fn read_environments(
    source: &SourceFile,
    nodes: &[Node],
    list: &std::ops::Range<usize>,
    settings: &mut Settings,
    findings: &mut Vec<Diagnostic>,
) {
    let mut environments: Vec<Environment> = Vec::new();
    for node in nodes {
        let Some(text) = node.as_str() else {
            findings.push(wrong_type(source, node, "an environment must be text"));
            continue;
        };
        let Some(environment) = parse::<Environment>(source, text, node.range.clone(), findings)
        else {
            continue;
        };
        if environments.contains(&environment.value) {
            let message = format!("duplicate environment `{text}`");
            findings.push(
                Diagnostic::at(&rules::INVALID_VALUE, source, node.range.clone(), message)
                    .help("list each environment once"),
            );
        } else {
            environments.push(environment.value);
        }
    }
    if nodes.is_empty() {
        let finding = Diagnostic::at(
            &rules::INVALID_VALUE,
            source,
            list.clone(),
            "`environments` must list at least one environment",
        );
        findings.push(
            finding.help("list the environments in promotion order, or remove `environments`"),
        );
    } else if !environments.is_empty() {
        settings.environments = environments;
    }
}

fn read_aliases(
    source: &SourceFile,
    node: &Node,
    settings: &mut Settings,
    findings: &mut Vec<Diagnostic>,
) {
    let Value::Mapping(entries) = &node.value else { return };
    for (key, node) in entries {
        let environment = node
            .as_str()
            .and_then(|text| settings.environments.iter().find(|e| e.as_str() == text));
        match environment {
            Some(environment) if settings.environments.iter().all(|e| e.as_str() != key.text) => {
                settings.aliases.insert(key.text.clone(), environment.clone());
            }
            Some(_) => {
                let message = format!("alias `{}` is also an environment", key.text);
                findings.push(
                    Diagnostic::at(&rules::INVALID_VALUE, source, key.range.clone(), message)
                        .help("choose a different alias"),
                );
            }
            None => {
                let known: Vec<&str> =
                    settings.environments.iter().map(Environment::as_str).collect();
                let finding = Diagnostic::at(
                    &rules::INVALID_VALUE,
                    source,
                    node.range.clone(),
                    format!("alias `{}` does not name an environment", key.text),
                );
                findings.push(finding.help(format!("name one of {}", known.join(", "))));
            }
        }
    }
}

fn read_repository(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<Repository> {
    let mut fields = Fields::new(source, node, "`repository`", findings)?;
    let url = fields.text("url", findings);
    let branch = fields.text("branch", findings).map(|text| text.value);
    let path = fields.text("path", findings).map(|text| text.value);
    if url.is_none() && fields.key_range("url").is_none() {
        fields.missing("url", findings, "write the URL of the repository");
    }
    fields.finish(findings);
    let help = "write a URL that begins with `https://`";
    let url = web_address(source, url?, help, findings)?;
    Some(Repository { url, branch, path })
}

fn read_bundles(
    source: &SourceFile,
    node: &Node,
    settings: &mut Settings,
    findings: &mut Vec<Diagnostic>,
) {
    let Value::Mapping(entries) = &node.value else { return };
    for (key, node) in entries {
        let name = parse::<BundleName>(source, &key.text, key.range.clone(), findings);
        let Value::Sequence(nodes) = &node.value else {
            findings.push(wrong_type(source, node, "a bundle must be a list of patterns"));
            continue;
        };
        let mut patterns = Vec::new();
        for node in nodes {
            match node.as_str() {
                Some(pattern) => {
                    patterns.push(Spanned { value: pattern.to_owned(), range: node.range.clone() });
                }
                None => findings.push(wrong_type(source, node, "a pattern must be text")),
            }
        }
        if let Some(name) = name {
            if name.value == BundleName::all() {
                let finding = Diagnostic::at(
                    &rules::INVALID_VALUE,
                    source,
                    key.range.clone(),
                    "`all` is the name of the built-in bundle",
                );
                findings.push(finding.help("choose a different name"));
            } else {
                settings.bundles.insert(name.value, patterns);
            }
        }
    }
}

fn read_policy(source: &SourceFile, settings: &mut Settings, findings: &mut Vec<Diagnostic>) {
    let Some(node) = super::parse(source, findings) else { return };
    if node.value == Value::Null {
        return;
    }
    let Some(mut fields) = Fields::new(source, &node, "policy.yaml", findings) else { return };
    if let Some(Node { value: Value::Mapping(entries), .. }) = fields.object("checks", findings) {
        for (key, node) in entries {
            check_code(source, &key.text, key.range.clone(), findings);
            if let Some(rule) = rules::find(&key.text)
                && rule.is_fixed
                && node.as_str() != Some("error")
            {
                let message = format!("the severity of `{}` is locked", key.text);
                findings.push(
                    Diagnostic::at(&rules::INVALID_VALUE, source, node.range.clone(), message)
                        .help("remove the entry, and fix the findings of this check"),
                );
                continue;
            }
            let level = match node.as_str() {
                Some("error") => RuleLevel::Is(Severity::Error),
                Some("warn") => RuleLevel::Is(Severity::Warning),
                Some("off") => RuleLevel::Off,
                _ => {
                    let finding = Diagnostic::at(
                        &rules::INVALID_VALUE,
                        source,
                        node.range.clone(),
                        "a severity must be `error`, `warn` or `off`",
                    );
                    findings.push(finding.help("write `error`, `warn` or `off`"));
                    continue;
                }
            };
            settings.checks.insert(key.text.clone(), level);
        }
    }
    for node in fields.list("allow", findings).unwrap_or_default() {
        if let Some(allow) = read_allow(source, node, findings) {
            settings.allow.push(allow);
        }
    }
    if let Some(node) = fields.object("new", findings) {
        settings.new = read_new(source, node, findings).unwrap_or_default();
    }
    settings.governance =
        super::change_policy::read(source, &mut fields, &settings.environments, findings);
    fields.finish(findings);
}

fn read_new(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<NewDefaults> {
    let mut fields = Fields::new(source, node, "`new`", findings)?;
    let template = fields.text("template", findings);
    let template =
        template.and_then(|text| word(source, &text, &super::metadata::DIALECTS, findings));
    let token_budget = fields.count("token_budget", findings);
    fields.finish(findings);
    Some(NewDefaults { template, token_budget })
}

fn check_code(
    source: &SourceFile,
    code: &str,
    range: std::ops::Range<usize>,
    findings: &mut Vec<Diagnostic>,
) {
    if rules::find(code).is_none() {
        let help = did_you_mean(code, rules::ALL.iter().map(|rule| rule.code))
            .unwrap_or_else(|| "run `promptdex explain` to list the checks".to_owned());
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, range, format!("unknown check `{code}`"))
                .help(help),
        );
    }
}

fn read_allow(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<AllowedFinding> {
    let mut fields = Fields::new(source, node, "an `allow` entry", findings)?;
    let check = fields.text("check", findings);
    let path = fields.text("path", findings);
    let reason = fields.text("reason", findings);
    for (key, absent) in
        [("check", check.is_none()), ("path", path.is_none()), ("reason", reason.is_none())]
    {
        if absent && fields.key_range(key).is_none() {
            fields.missing(key, findings, "write `check`, `path` and `reason`");
        }
    }
    fields.finish(findings);
    let (check, path, reason) = (check?, path?, reason?);
    if reason.value.trim().is_empty() {
        let message = "the reason is empty";
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, reason.range, message)
                .help("write why the finding is allowed"),
        );
        return None;
    }
    check_code(source, &check.value, check.range.clone(), findings);
    if rules::find(&check.value).is_some_and(|rule| rule.is_fixed) {
        let message = format!("findings of `{}` cannot be allowed", check.value);
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, check.range, message)
                .help("remove the entry, and fix the findings of this check"),
        );
        return None;
    }
    if path.value.starts_with(['!', '/']) || path.value.contains("..") {
        let message = format!("`{}` is not a path pattern below the root of the tree", path.value);
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, path.range, message)
                .help("write a path such as `support/refund/v1.0.0/**`"),
        );
        return None;
    }
    let reason = reason.value.trim().to_owned();
    Some(AllowedFinding { check: check.value, path: path.value, reason, range: path.range })
}
