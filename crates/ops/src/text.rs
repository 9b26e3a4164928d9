//! Text for people: counts with their nouns, and text with control characters made visible.

/// Replaces characters that a terminal would interpret or hide with their code points.
pub fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
    };
    if !text.contains(obeyed) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| if obeyed(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() })
        .collect()
}

/// Formats a count with its noun, in the singular or plural.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
