//! Formats lists and pointers on one line.

use promptdex_wire::Open;
use promptdex_wire::event::Target;

/// Adds to a list that is written in one line.
pub(crate) fn add(line: &mut String, text: &str) {
    if !line.is_empty() && !text.is_empty() {
        line.push_str(", ");
    }
    line.push_str(text);
}

/// Joins texts in one line.
pub(crate) fn join_line<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let mut all = String::new();
    texts.into_iter().for_each(|text| add(&mut all, text));
    all
}

/// Writes what a pointer says, as people read it.
pub(crate) fn format_target(target: Option<&Open<Target>>) -> String {
    match target {
        None => String::new(),
        Some(Open::Known(target)) => target.to_string(),
        Some(Open::Unknown(_)) => UNKNOWN_FORM.to_owned(),
    }
}

/// What stands for a pointer in a form that only a newer site knows.
pub(crate) const UNKNOWN_FORM: &str = "a form that needs a newer version of this site";

/// Returns the version that callers get who ask for nothing special.
pub(crate) fn main_of(target: Option<&Open<Target>>) -> String {
    target.and_then(Open::known).and_then(Target::main).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_written_in_a_line() {
        for (target, expected, main) in
            [(r#"{"version":"1.1.0"}"#, "1.1.0", "1.1.0"), (r#"{"schedule":[]}"#, UNKNOWN_FORM, "")]
        {
            let target: Open<Target> = promptdex_reader::read(target).unwrap();
            assert_eq!(
                (format_target(Some(&target)).as_str(), main_of(Some(&target)).as_str()),
                (expected, main)
            );
        }
    }
}
