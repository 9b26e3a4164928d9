//! The block that promptdex manages in a file that belongs to the user: the lines between two comments.

const BEGIN: &str = "# promptdex: begin";
const END: &str = "# promptdex: end";

/// Returns a file with these lines as its block, and the rest as it was; `command` is who writes them. Without
/// lines there is no block.
pub fn with_block(old: Option<&str>, command: &str, lines: &[&str]) -> String {
    let old = old.unwrap_or_default();
    let newline = if old.contains("\r\n") { "\r\n" } else { "\n" };
    let mut block = String::new();
    if !lines.is_empty() {
        let begin = format!("{BEGIN}, written by `{command}`; lines outside are kept");
        for line in [&[begin.as_str()], lines, &[END]].concat() {
            block.push_str(line);
            block.push_str(newline);
        }
    }
    if let Some((start, end)) = place(old) {
        return format!("{}{block}{}", &old[..start], &old[end..]);
    }
    let mut text = old.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(newline);
    }
    if !text.is_empty() && !block.is_empty() {
        text.push_str(newline);
    }
    text + &block
}

/// Returns the lines of the block, if a file has one.
pub fn lines_of(text: &str) -> Option<Vec<&str>> {
    let (start, end) = place(text)?;
    let is_mark = |line: &str| line.starts_with(BEGIN) || line.starts_with(END);
    Some(text[start..end].lines().filter(|line| !is_mark(line)).map(str::trim_end).collect())
}

/// Finds the block with its marks; one without an end goes to the end of the file.
fn place(text: &str) -> Option<(usize, usize)> {
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let before = at;
        at += line.len();
        if start.is_none() && line.starts_with(BEGIN) {
            start = Some(before);
        } else if let Some(start) = start.filter(|_| line.starts_with(END)) {
            return Some((start, at));
        }
    }
    start.map(|start| (start, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_file_stays() {
        let with = |old: Option<&str>| with_block(old, "x", &["/prompts/ @ana"]);
        let block = "# promptdex: begin, written by `x`; lines outside are kept\n/prompts/ @ana\n# promptdex: end\n";
        for (old, expected) in [
            (None, block.to_owned()),
            (Some(""), block.to_owned()),
            (Some("*.rs @ben"), format!("*.rs @ben\n\n{block}")),
            (
                Some("a @b\n# promptdex: begin\nold\n# promptdex: end\nc @d\n"),
                format!("a @b\n{block}c @d\n"),
            ),
            (Some("a @b\n# promptdex: begin\nold\n"), format!("a @b\n{block}")),
            (Some("a\r\n"), format!("a\r\n\r\n{}", block.replace('\n', "\r\n"))),
        ] {
            let new = with(old);
            assert_eq!(new, expected);
            assert_eq!(with(Some(&new)), new);
            assert_eq!(lines_of(&new), Some(vec!["/prompts/ @ana"]));
        }
        assert_eq!(with_block(Some(&format!("a @b\n{block}c @d\n")), "x", &[]), "a @b\nc @d\n");
    }
}
