//! `foreign-placeholder`: a placeholder of another dialect is left in the text.

use promptdex_wire::Dialect;

use super::context::VersionContext;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    let dialect = context.dialect();
    for (source, template) in &context.templates {
        for range in template.foreign_placeholders() {
            let text = &source.text.text[range.clone()];
            let name = text.trim_matches(['{', '}', '%', ' ', '\t', '-']);
            let help = match dialect {
                Dialect::Jinja => format!(
                    "write `{{{{ {name} }}}}`, or `{{% raw %}}{text}{{% endraw %}}` to keep the braces"
                ),
                Dialect::Fstring => format!("write `{{{name}}}` for a placeholder"),
                Dialect::Curly if text.starts_with("{%") => {
                    "set `template` to `jinja` to use statements".to_owned()
                }
                Dialect::Curly if text.starts_with("{{") => "write `{{ name }}`, set `template` to `jinja`, or add an `allow` entry to policy.yaml".to_owned(),
                Dialect::Curly | Dialect::Plain => format!(
                    "write `{{{{ {name} }}}}`, or add an `allow` entry to policy.yaml"
                ),
            };
            let message = format!("`{text}` is not a placeholder in a {} prompt", dialect.as_str());
            let place = source.text.origin.locate(range);
            findings.push(
                Diagnostic::at(&rules::FOREIGN_PLACEHOLDER, &source.source, place, message)
                    .help(help),
            );
        }
    }
}
