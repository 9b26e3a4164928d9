//! Scaffolds a first tree: the settings of a registry and one sample prompt.

use promptdex_wire::RegistryName;

const SYSTEM_PROMPT: &str = "You answer the first message of customers of {{ company }}.

- Thank the customer once, in the first sentence.
- Say what happens next, and when they will hear from us.
- If the message has no order number, ask for it. Ask for nothing else.
- Write in {{ language }}, in at most five sentences.
";

const METADATA: &str = r#"{
  "description": "first version",
  "variables": [
    {"name": "company", "type": "string"},
    {"name": "language", "type": "string", "default": "English"}
  ],
  "token_budget": 500
}
"#;

const FRONT_MATTER: &str = "version: 1.0.0
description: first version
variables:
  - {name: company, type: string}
  - {name: language, type: string, default: English}
token_budget: 500
";

const CASES: &str = "- name: english by default
  variables: {company: Acme}
  expect:
    contains: [customers of Acme, in English]
";

/// Returns the files of a first tree with their paths, in reading order. The prompt is a single
/// file if `in_place`; otherwise, it has a folder per version.
pub fn files(registry: &RegistryName, in_place: bool) -> Vec<(&'static str, String)> {
    let settings = format!(
        "registry: {registry}
environments: [dev, staging, production]   # the promotion path
visibility: private
"
    );
    let mut files = vec![("registry.yaml", settings)];
    if in_place {
        let document = format!("---\n{FRONT_MATTER}---\n\n{SYSTEM_PROMPT}");
        files.push(("support/first-answer.md", document));
    } else {
        let folder = [
            ("support/first-answer/v1.0.0/system_prompt.md", SYSTEM_PROMPT),
            ("support/first-answer/v1.0.0/metadata.json", METADATA),
        ];
        files.extend(folder.map(|(path, text)| (path, text.to_owned())));
    }
    let rest = [
        ("support/first-answer/cases/1.0.0.yaml", CASES),
        ("support/first-answer/environments/production.yaml", "version: 1.0.0\n"),
    ];
    files.extend(rest.map(|(path, text)| (path, text.to_owned())));
    files
}
