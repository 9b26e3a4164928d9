//! Findings for a terminal: source lines with the range underlined.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::text::printable;
use promptdex_ops::tree::Tree;

use crate::style;

pub(super) fn list(tree: &Tree, findings: &[Diagnostic]) -> String {
    let renderer = Renderer::styled().term_width(style::width());
    let mut text = String::new();
    for finding in findings {
        text.push_str(&show(tree, finding, &renderer));
        text.push_str("\n\n");
    }
    text
}

fn show(tree: &Tree, finding: &Diagnostic, renderer: &Renderer) -> String {
    let path = tree.display_path(&finding.path);
    let message = printable(&finding.message);
    let help = finding.help.as_deref().map(printable);
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(message).id(finding.rule.code);
    let excerpt = finding.place.as_ref().and_then(|place| {
        let source = tree.read_source(&finding.path).ok()?;
        let places = std::iter::once(place).chain(finding.related.iter().map(|(place, _)| place));
        let (first, last) = places.fold((usize::MAX, 0), |(first, last), place| {
            (
                first.min(line_start(source.text(), place.range.start)),
                last.max(line_end(source.text(), place.range.end)),
            )
        });
        let lines = source.text().get(first..last)?.to_owned();
        let line = source.place(first..first).line;
        Some((lines, first, line))
    });
    let mut group = match (&excerpt, &finding.place) {
        (Some((lines, first, line)), Some(place)) => {
            let cut = |range: &std::ops::Range<usize>| {
                let start = (range.start - first).min(lines.len());
                start..(range.end - first).clamp(start, lines.len())
            };
            let mut snippet = Snippet::source(lines.as_str())
                .line_start(*line)
                .path(path)
                .annotation(AnnotationKind::Primary.span(cut(&place.range)));
            for (place, label) in &finding.related {
                snippet = snippet
                    .annotation(AnnotationKind::Context.span(cut(&place.range)).label(label));
            }
            Group::with_title(title).element(snippet)
        }
        _ => Group::with_title(title).element(Origin::path(path)),
    };
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    text[offset..].find('\n').map_or(text.len(), |newline| offset + newline)
}
