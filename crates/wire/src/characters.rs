//! Characters that no published text has, because nobody who reviews it would see them.

/// Whether a character cannot be seen, or changes the order in which others are: a control character other
/// than TAB and LF, a bidirectional override or isolate, or a tag character.
pub fn is_invisible(character: char) -> bool {
    match character {
        '\t' | '\n' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        _ => is_bidi_control(character) || is_tag(character),
    }
}

/// Whether a character makes text read in another direction: the overrides, embeddings and isolates.
pub fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is a tag, which no font shows.
pub fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0000}'..='\u{e007f}')
}
