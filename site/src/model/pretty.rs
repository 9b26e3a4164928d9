//! JSON for people: the author's key order and digits, one value a line.

/// Lays JSON text out. Strings and numbers stay as they are; empty and short lists stay on one line.
pub fn pretty(json: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let mut rest = json;
    while let Some(character) = rest.chars().next() {
        let width = match character {
            '"' => string_end(rest),
            _ => character.len_utf8(),
        };
        let (piece, after) = rest.split_at(width);
        rest = after;
        match character {
            '{' | '[' => {
                let close = if character == '{' { '}' } else { ']' };
                let inner = rest.trim_start();
                if inner.starts_with(close) {
                    out.push(character);
                    out.push(close);
                    rest = &inner[1..];
                } else {
                    out.push(character);
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = usize::saturating_sub(depth, 1);
                new_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            ' ' | '\t' | '\n' | '\r' => {}
            _ => out.push_str(piece),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Returns the length of the string that `text` begins with, with its quotation marks.
fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn order_digits_and_strings_stay() {
        let json = r#"{"b":1.50,"a":["x, {y}: \"z\"",{}],"c":[]}"#;
        let expected = "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x, {y}: \\\"z\\\"\",\n    {}\n  ],\n  \"c\": []\n}";
        assert_eq!(pretty(json), expected);
        let again: serde_json::Value = serde_json::from_str(&pretty(json)).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(json).unwrap());
    }
}
