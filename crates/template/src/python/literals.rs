//! The escapes in string literals, as Jinja2 reads them.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};

/// Returns what stands for the text between the quotes of a literal. An error's range is that of the escape,
/// where `start` is the place of the text.
///
/// The result has at most twice the bytes of the literal, and is part of the parsed template: no rendering is
/// charged for it.
pub(crate) fn unescape(raw: &str, start: usize) -> Result<Cow<'_, str>, Error> {
    if !raw.contains(['\\', '\r']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        let taken = match character {
            '\\' => {
                let (meaning, length) = escape(after, start + raw.len() - rest.len())?;
                match meaning {
                    Meaning::Nothing => {}
                    Meaning::Character(character) => text.push(character),
                    Meaning::Unknown(character) => push_unknown(&mut text, character),
                }
                length
            }
            // The only line end in a template is LF.
            '\r' => {
                text.push('\n');
                usize::from(after.starts_with('\n'))
            }
            other => {
                text.push(other);
                0
            }
        };
        rest = &after[taken..];
    }
    Ok(Cow::Owned(text))
}

/// What an escape stands for.
enum Meaning {
    Nothing,
    Character(char),
    /// No escape: the backslash stays.
    Unknown(char),
}

/// Reads what follows a backslash: its meaning, and its bytes.
fn escape(after: &str, place: usize) -> Result<(Meaning, usize), Error> {
    let Some(kind) = after.chars().next() else {
        let error = Error::new(ErrorKind::Syntax, place..place + 1, "a backslash ends the string");
        return Err(error.help("write `\\\\` for a backslash"));
    };
    let character = match kind {
        '\n' => return Ok((Meaning::Nothing, 1)),
        '\r' => return Ok((Meaning::Nothing, if after.starts_with("\r\n") { 2 } else { 1 })),
        '\\' | '\'' | '"' => kind,
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        '0'..='7' => return Ok(octal(after)),
        'x' => return hexadecimal(after, 2, place),
        'u' => return hexadecimal(after, 4, place),
        'U' => return hexadecimal(after, 8, place),
        'N' => {
            let end = after.find('}').map_or(1, |end| end + 1);
            let range = place..place + 1 + if after.starts_with("N{") { end } else { 1 };
            let message = "character names are not supported: `\\N{…}`";
            return Err(Error::new(ErrorKind::Unsupported, range, message)
                .help("write the character itself, or its code, such as `\\u2014`"));
        }
        other => return Ok((Meaning::Unknown(other), other.len_utf8())),
    };
    Ok((Meaning::Character(character), 1))
}

/// Reads up to three octal digits.
fn octal(digits: &str) -> (Meaning, usize) {
    let values = digits.chars().take(3).map_while(|digit| digit.to_digit(8));
    let (value, count) =
        values.fold((0, 0), |(value, count), digit| (value * 8 + digit, count + 1));
    // Three octal digits are at most 511.
    (Meaning::Character(char::from_u32(value).unwrap_or_default()), count)
}

/// Reads as many hexadecimal digits as there must be, after the letter.
fn hexadecimal(after: &str, count: usize, place: usize) -> Result<(Meaning, usize), Error> {
    let values = after.chars().skip(1).take(count).map_while(|digit| digit.to_digit(16));
    // Eight digits fill 32 bits.
    let (value, found) =
        values.fold((0, 0), |(value, found), digit| (value << 4 | digit, found + 1));
    let range = place..place + 2 + found;
    let letter = &after[..1];
    if found < count {
        let message = format!("`\\{letter}` requires {count} hexadecimal digits, not {found}");
        return Err(Error::new(ErrorKind::Syntax, range, message)
            .help(format!("write all {count} digits, or `\\\\{letter}` for a backslash")));
    }
    match char::from_u32(value) {
        Some(character) => Ok((Meaning::Character(character), 1 + count)),
        None if value <= 0xdfff => Err(Error::new(
            ErrorKind::Unsupported,
            range,
            format!("`\\{letter}{value:0count$x}` is half of a surrogate pair"),
        )
        .help("write the character itself, or `\\U` with the eight digits of its code")),
        None => Err(Error::new(
            ErrorKind::Syntax,
            range,
            format!("`\\{letter}{value:0count$x}` is above the last character code"),
        )
        .help("write a code up to `\\U0010ffff`")),
    }
}

/// Adds a backslash and what follows it. Jinja2 writes all that is not ASCII as an escape before it reads the
/// escapes; after a backslash, that escape is no longer one, and its letters stay.
fn push_unknown(text: &mut String, character: char) {
    text.push('\\');
    let code = u32::from(character);
    match code {
        0..=0x7f => text.push(character),
        0x80..=0xff => text.push_str(&format!("x{code:02x}")),
        0x100..=0xffff => text.push_str(&format!("u{code:04x}")),
        _ => text.push_str(&format!("U{code:08x}")),
    }
}

#[cfg(test)]
mod tests {
    use super::unescape;
    use crate::error::ErrorKind;

    #[test]
    fn escapes_are_read_as_in_jinja2() {
        for (raw, expected) in [
            ("plain “text”", "plain “text”"),
            (r#"\\ \' \" \a\b\t\n\v\f\r"#, "\\ ' \" \u{7}\u{8}\t\n\u{b}\u{c}\r"),
            (r"\0 \12 \101 \1018 \777", "\0 \n A A8 \u{1ff}"),
            (r"\x41 \u2014 \U0001F600", "A — 😀"),
            ("a\\\nb \\\r\nc \\\rd", "ab c d"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            (r"\d \8 \e", r"\d \8 \e"),
            // What is not ASCII is an escape of its own, which a backslash before it takes apart.
            (r"\é \— \😀 \\é", r"\xe9 \u2014 \U0001f600 \é"),
        ] {
            assert_eq!(unescape(raw, 0).as_deref(), Ok(expected), "{raw}");
        }
    }

    #[test]
    fn wrong_escapes_have_a_place_and_a_remedy() {
        let mut problems = String::new();
        for raw in [
            r"a\x4",
            r"é\x4é",
            r"\u12",
            r"\U0001f60",
            r"\U00110000",
            r"\ud83d\ude00",
            r"\U0000dfff",
            r"\N{EM DASH}.",
            r"\N",
            "ab\\",
        ] {
            let error = unescape(raw, 10).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Syntax | ErrorKind::Unsupported));
            let place = &raw[error.range.start - 10..error.range.end - 10];
            let help = error.help.as_deref().unwrap();
            problems += &format!("{raw}\n  {place}: {}\n  {help}\n", error.message);
        }
        insta::assert_snapshot!(problems);
    }
}
