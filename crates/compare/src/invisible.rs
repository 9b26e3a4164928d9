//! Finds characters that a model reads and a reviewer does not see. What is usual in a script or in
//! an emoji is a note; what hides text or turns it around is an alarm.

use serde::{Deserialize, Serialize};

/// A character that cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvisibleCharacter {
    /// Where it begins, in bytes.
    pub at: usize,
    /// The character.
    pub character: char,
    /// Whether it is usual at its position.
    pub level: Suspicion,
}

/// Whether an invisible character is usual at its position, or hides something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspicion {
    /// It is: a no-break space, a joiner inside an emoji or between letters that need it.
    Note,
    /// It is not, and could hide something.
    Alarm,
}

impl InvisibleCharacter {
    /// Returns what to show in its place, such as `U+202E`.
    pub fn label(&self) -> String {
        label(self.character)
    }

    /// Returns its name in plain words.
    pub fn name(&self) -> &'static str {
        name(self.character)
    }
}

/// Returns what to show in the place of a character, such as `U+202E`.
pub fn label(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Returns the name of an invisible character in plain words.
pub fn name(character: char) -> &'static str {
    match character {
        '\u{ad}' => "soft hyphen",
        '\u{34f}' => "combining grapheme joiner",
        '\u{61c}' => "Arabic letter mark",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "Hangul filler",
        '\u{180e}' => "Mongolian vowel separator",
        '\u{a0}' | '\u{2007}' | '\u{202f}' => "no-break space",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "end of a direction",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "end of an isolate",
        '\u{2800}' => "empty Braille pattern",
        '\u{feff}' => "byte order mark",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        _ if is_selector(character) => "variation selector",
        _ if character.is_control() => "control character",
        _ => "format character",
    }
}

/// Returns the invisible characters of a text, in order. Tabs, line feeds, carriage returns before
/// line feeds, and variation selectors that choose a form are none.
pub fn scan(text: &str) -> Vec<InvisibleCharacter> {
    let mut found = Vec::new();
    let (mut line_end, mut flag_end, mut has_right_to_left) = (0, 0, false);
    for (at, character) in text.char_indices() {
        // Nearly all of most texts.
        if matches!(character, '\t' | '\n' | ' '..='~') {
            continue;
        }
        // No letter before the first that is not ASCII is written from right to left.
        if at >= line_end {
            let line = text[at..].split_inclusive('\n').next().unwrap_or_default();
            line_end = at + line.len();
            has_right_to_left = line.chars().any(is_right_to_left);
        }
        let end = at + character.len_utf8();
        if character == FLAG {
            flag_end = end + tags_of_flag(&text[end..]);
        }
        let place = CharacterContext {
            before: &text[..at],
            after: &text[end..],
            has_right_to_left,
            is_in_flag: at < flag_end,
        };
        if let Some(level) = place.judge(character) {
            found.push(InvisibleCharacter { at, character, level });
        }
    }
    found
}

/// The black flag, with which the flags of regions begin.
const FLAG: char = '\u{1f3f4}';

/// The text around a character.
struct CharacterContext<'a> {
    before: &'a str,
    after: &'a str,
    /// Whether a letter in its line is written from right to left.
    has_right_to_left: bool,
    is_in_flag: bool,
}

impl CharacterContext<'_> {
    /// Returns the level of a character here, or nothing if it can be seen.
    fn judge(&self, character: char) -> Option<Suspicion> {
        let previous = self.before.chars().next_back();
        let next = self.after.chars().next();
        let is_usual = match character {
            '\t' | '\n' => return None,
            '\r' if next == Some('\n') => return None,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{2007}' | '\u{202f}' => true,
            '\u{2028}' | '\u{2029}' | '\u{2800}' => true,
            '\u{feff}' => self.before.is_empty(),
            '\u{61c}' | '\u{200e}' | '\u{200f}' => {
                self.has_right_to_left && !previous.is_some_and(is_zero_width)
            }
            '\u{200b}' => [previous, next].into_iter().flatten().any(is_written_without_spaces),
            '\u{200c}' => [previous, next].into_iter().all(|c| c.is_some_and(is_joining)),
            // A half form may stand at the end of a word.
            '\u{200d}' if previous.is_some_and(is_joining) => !next.is_some_and(is_zero_width),
            '\u{200d}' => {
                let pictures = self.before.strip_suffix('\u{fe0f}').unwrap_or(self.before);
                let picture = pictures.chars().next_back();
                [picture, next].into_iter().all(|c| c.is_some_and(is_pictograph))
            }
            '\u{e0000}'..='\u{e007f}' => self.is_in_flag,
            _ if is_selector(character) => {
                if previous.is_some_and(|base| has_form(base, character)) {
                    return None;
                }
                false
            }
            '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{180e}' => false,
            '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => false,
            '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => false,
            _ if character.is_control() => false,
            _ => return None,
        };
        Some(if is_usual { Suspicion::Note } else { Suspicion::Alarm })
    }
}

/// Returns the length of the tag sequence that turns a black flag into the flag of a region: three to six
/// letters and digits and an end; 0 for anything else.
fn tags_of_flag(text: &str) -> usize {
    let is_letter = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let letters = text.chars().take(7).take_while(is_letter).count();
    let is_flag = (3..=6).contains(&letters) && text.chars().nth(letters) == Some('\u{e007f}');
    if is_flag { (letters + 1) * '\u{e007f}'.len_utf8() } else { 0 }
}

fn is_zero_width(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn is_selector(character: char) -> bool {
    matches!(
        character,
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Whether a variation selector may choose a form of the character before it. After one that cannot
/// be seen, a second selector among them, there is nothing to choose.
fn has_form(base: char, selector: char) -> bool {
    match selector {
        '\u{180b}'..='\u{180f}' => matches!(base, '\u{1820}'..='\u{18aa}'),
        '\u{e0100}'..='\u{e01ef}' => {
            matches!(base, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        }
        _ if base.is_ascii() => matches!(base, '0'..='9' | '#' | '*'),
        _ => {
            let is_tag = matches!(base, '\u{e0000}'..='\u{e007f}');
            let is_hidden = is_zero_width(base) || is_selector(base) || is_tag;
            !(is_hidden || base.is_whitespace() || base.is_control())
        }
    }
}

/// Whether a letter is written from right to left: Hebrew to Arabic, and their presentation forms.
fn is_right_to_left(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Whether a character is of a script in which joiners choose between forms: Arabic and Syriac,
/// those of India, Tibetan, Burmese, Khmer, Mongolian.
fn is_joining(character: char) -> bool {
    matches!(
        character,
        '\u{620}'..='\u{74f}'
            | '\u{750}'..='\u{77f}'
            | '\u{8a0}'..='\u{8ff}'
            | '\u{900}'..='\u{dff}'
            | '\u{f00}'..='\u{109f}'
            | '\u{1780}'..='\u{180d}'
            | '\u{1810}'..='\u{18af}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
    )
}

/// Whether a character is of a script that marks the ends of words with zero width spaces: Thai, Lao,
/// Tibetan, Burmese, Khmer.
fn is_written_without_spaces(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Whether a character may be a part of an emoji that is joined from several.
fn is_pictograph(character: char) -> bool {
    matches!(
        character,
        '\u{a9}' | '\u{ae}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}'
            | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the levels of what is invisible in a text: `!` for an alarm, `.` for a note.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = scan(text);
        let levels: String = found
            .iter()
            .map(|found| if found.level == Suspicion::Alarm { '!' } else { '.' })
            .collect();
        assert_eq!(levels, expected, "{text:?}");
        for found in found {
            assert!(text[found.at..].starts_with(found.character));
        }
    }

    #[test]
    fn what_can_be_seen_is_not_reported() {
        for text in
            ["", "Plain\ttext,\nof two lines.\r\n", "Grüße, 返金　です、Ünïcödé", "“a” — b…"]
        {
            check(text, "");
        }
    }

    #[test]
    fn an_emoji_is_joined_and_has_a_form() {
        check("family 👨\u{200d}👩\u{200d}👧", "..");
        check("heart ❤\u{fe0f}\u{200d}🔥, keycap 1\u{fe0f}\u{20e3}", ".");
        check("👩🏽\u{200d}⚕\u{fe0f}", ".");
        check("🏳\u{fe0f}\u{200d}🌈", ".");
        check("Scotland 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}", "......");
        check("no flag 🏴\u{e0067}\u{e0062}", "!!");
        check("a\u{200d}b", "!");
        check("👨\u{200d} alone", "!");
        // Bytes can be hidden in runs of selectors, or in one after each letter.
        check("😀\u{fe0f}\u{fe01}\u{e0101}", "!!");
        check("a\u{fe01}b\u{e0101}", "!!");
        check("葛\u{e0100}飾区 ᠠ\u{180b}", "");
        check("😀\u{e0100}é\u{e0100}葛\u{180b}", "!!!");
    }

    #[test]
    fn letters_of_some_scripts_need_joiners() {
        check("می\u{200c}خواهم", ".");
        check("क्\u{200d}ष क्\u{200c}ष", "..");
        check("ශ්\u{200d}රී", ".");
        check("ภาษา\u{200b}ไทย", ".");
        check("می\u{200c} خ", "!");
        check("in\u{200c}visible zero\u{200b}width", "!!");
        check("क्\u{200d}\u{200d}", "!!");
    }

    #[test]
    fn directions_are_marked_only_where_there_are_two() {
        check("שלום\u{200f}, C++\u{200e}!", "..");
        check("left to right\u{200e} only", "!");
        check("שלום\nleft\u{200e}", "!");
        check("a \u{202e}desrever\u{202c} b \u{2066}c\u{2069}", "!!!!");
    }

    #[test]
    fn the_rest_is_a_note_or_an_alarm_for_itself() {
        check("\u{feff}a\u{a0}b\u{ad}c\u{202f}d", "....");
        check("a\u{feff}b\u{2060}c\u{2063}d\u{3164}", "!!!!");
        check("bell\u{7} cr\ralone del\u{7f} c1\u{85}", "!!!!");
        check("\u{e0041}\u{e0042}", "!!");
    }

    #[test]
    fn each_has_a_label_and_a_name() {
        let found = scan("\u{202e}\u{e0041}\u{fe01}\u{7}");
        let named: Vec<String> =
            found.iter().map(|found| format!("{} {}", found.label(), found.name())).collect();
        assert_eq!(
            named,
            [
                "U+202E right-to-left override",
                "U+E0041 tag character",
                "U+FE01 variation selector",
                "U+0007 control character",
            ]
        );
    }

    #[test]
    fn a_long_run_takes_no_longer_than_its_length() {
        let text = "🏴\u{e0061}".repeat(10) + &"\u{e0061}\u{fe0f}\u{200e}".repeat(100_000);
        assert_eq!(scan(&text).len(), 10 + 300_000);
    }
}
