//! Fills in the templates of workflows.

/// Fills in a template. A placeholder on a line of its own is replaced by all lines of its text,
/// with the same indentation, or by no line.
pub(super) fn fill_template(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    for line in template.lines() {
        let alone = values.iter().find(|(name, _)| line.trim() == format!("%{name}%"));
        if let Some((_, text)) = alone {
            let indent = &line[..line.len() - line.trim_start().len()];
            for row in text.lines() {
                let indent = if row.is_empty() { "" } else { indent };
                filled.push_str(&format!("{indent}{row}\n"));
            }
            continue;
        }
        let mut line = line.to_owned();
        for (name, text) in values {
            line = line.replace(&format!("%{name}%"), text);
        }
        filled.push_str(&line);
        filled.push('\n');
    }
    filled
}

/// Quotes a text for YAML.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Formats a list for YAML.
pub(super) fn list(texts: &[&str]) -> String {
    format!("[{}]", texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", "))
}
