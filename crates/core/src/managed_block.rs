//! The blocks that promptdex manages in a file that belongs to the user: the lines between two comments.
//!
//! A file has one block without a name. Registries that share a repository each have a named one.

const BEGIN: &str = "# promptdex: begin";
const END: &str = "# promptdex: end";

/// Returns a file with these lines as its block of a name, and the rest as it was. `command` is what writes
/// them. Without lines there is no block.
pub fn with_block(old: Option<&str>, name: Option<&str>, command: &str, lines: &[&str]) -> String {
    let old = old.unwrap_or_default();
    let newline = if old.contains("\r\n") { "\r\n" } else { "\n" };
    let mut block = String::new();
    if !lines.is_empty() {
        let name = name.map_or_else(String::new, |name| format!(" {name}"));
        let begin = format!("{BEGIN}{name}, written by `{command}`; lines outside are kept");
        for line in [&[begin.as_str()], lines, &[END]].concat() {
            block.push_str(line);
            block.push_str(newline);
        }
    }
    if let Some((start, end)) = place(old, name) {
        let before = &old[..start];
        // The empty line that was added before the block goes with it.
        let before = match before.strip_suffix(newline) {
            Some(shorter) if block.is_empty() && shorter.ends_with('\n') => shorter,
            _ => before,
        };
        return format!("{before}{block}{}", &old[end..]);
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

/// Returns the lines of the block of a name, if a file has one.
pub fn lines_of<'t>(text: &'t str, name: Option<&str>) -> Option<Vec<&'t str>> {
    let (start, end) = place(text, name)?;
    let is_mark = |line: &str| line.starts_with(BEGIN) || line.starts_with(END);
    Some(text[start..end].lines().filter(|line| !is_mark(line)).map(str::trim_end).collect())
}

/// Lists the names of the blocks of a file.
pub fn names(text: &str) -> Vec<&str> {
    text.lines().filter_map(name_of).flatten().collect()
}

/// Returns the name in the first line of a block, or `None` for any other line.
fn name_of(line: &str) -> Option<Option<&str>> {
    let rest = line.strip_prefix(BEGIN)?;
    let name = rest.split_once(", written by").map_or(rest, |(name, _)| name).trim();
    Some((!name.is_empty()).then_some(name))
}

/// Finds the block of a name with its marks. One without an end goes up to the next block, or to the end of
/// the file.
fn place(text: &str, name: Option<&str>) -> Option<(usize, usize)> {
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let before = at;
        at += line.len();
        match (start, name_of(line.trim_end())) {
            (None, Some(found)) if found == name => start = Some(before),
            (Some(start), Some(_)) => return Some((start, before)),
            (Some(start), None) if line.starts_with(END) => return Some((start, at)),
            _ => {}
        }
    }
    start.map(|start| (start, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_file_stays() {
        let with = |old: Option<&str>| with_block(old, None, "x", &["/prompts/ @ana"]);
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
            assert_eq!(lines_of(&new, None), Some(vec!["/prompts/ @ana"]));
        }
        assert_eq!(
            with_block(Some(&format!("a @b\n{block}c @d\n")), None, "x", &[]),
            "a @b\nc @d\n"
        );
    }

    #[test]
    fn registries_have_their_own_blocks() {
        let one = with_block(None, None, "x", &["/prompts/ @ana"]);
        let two = with_block(Some(&one), Some("mail/prompts"), "y", &["/mail/prompts/ @ben"]);
        assert_eq!(
            two,
            "# promptdex: begin, written by `x`; lines outside are kept\n/prompts/ @ana\n# promptdex: end\n\n\
             # promptdex: begin mail/prompts, written by `y`; lines outside are kept\n/mail/prompts/ @ben\n# promptdex: end\n"
        );
        assert_eq!(names(&two), ["mail/prompts"]);
        assert_eq!(lines_of(&two, None), Some(vec!["/prompts/ @ana"]));
        assert_eq!(lines_of(&two, Some("mail/prompts")), Some(vec!["/mail/prompts/ @ben"]));
        assert_eq!(lines_of(&two, Some("mail")), None);
        assert_eq!(with_block(Some(&two), Some("mail/prompts"), "y", &[]), one);
        // A block that lost its end takes no other with it.
        let cut = two.replacen("# promptdex: end\n", "", 1);
        assert_eq!(with_block(Some(&cut), None, "x", &[]), two[one.len() + 1..]);
    }
}
