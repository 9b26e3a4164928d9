//! Differences between versions: one file per format, and their shared wording. Prompt text is
//! untrusted in all formats, so it is written only after [`lines::make_visible`] has processed it.

mod human;
pub(super) mod json;
pub(super) mod lines;
pub(crate) mod markdown;
mod words;

pub(crate) use self::words::Difference;
pub(super) use self::words::{describe_target, renders, verdict};
use crate::cli::DiffFormat;
use crate::style;

/// Formats differences, with `context` lines around each change.
pub(crate) fn show(difference: &Difference, format: DiffFormat, context: usize) -> String {
    match format {
        DiffFormat::Human => human::show(difference, context, style::width()),
        DiffFormat::Markdown => markdown::show(difference, context),
        DiffFormat::Json => json::show(difference),
    }
}

#[cfg(test)]
mod tests {
    use promptdex_compare::{Options, compare_versions, sentence};
    use promptdex_ops::review::comparison::{CaseComparison, ComparisonSide, VersionComparison};
    use serde_json::{Value, json};

    /// Compares two versions with the given fields, and with one test case that renders to their
    /// messages.
    pub(super) fn compare_fields(a: &Value, b: &Value, case: &str) -> VersionComparison {
        let document = |version: &str, fields: &Value| -> promptdex_wire::VersionDocument {
            let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
            let mut document = json!({
                "format": 1, "kind": "version", "id": "x", "registry": "acme", "name": "support/refund",
                "version": version, "source_digest": digest, "template": "plain", "messages": [],
                "variables": [],
            });
            let fields = fields.as_object().unwrap().clone();
            document.as_object_mut().unwrap().extend(fields);
            serde_json::from_value(document).unwrap()
        };
        let (a, b) = (document("1.0.0", a), document("1.1.0", b));
        let comparison = compare_versions(&a, &b, &Options::default());
        let side = |document: promptdex_wire::VersionDocument| ComparisonSide {
            name: document.name,
            version: document.version,
            environment: None,
        };
        let renderings = [&a, &b].map(|document| Ok(document.messages.clone()));
        let [before, after] = renderings;
        let diff = promptdex_compare::case_diff::compare_renderings(
            case,
            before,
            after,
            &Options::default(),
        );
        VersionComparison {
            from: side(a),
            to: side(b),
            sentence: sentence(&comparison),
            comparison,
            cases: vec![CaseComparison { of: None, diff }],
        }
    }
}
