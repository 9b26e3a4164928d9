//! Suggestions for mistyped names.

/// Returns the candidate that `text` most likely meant, or nothing if none is near.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != text)
        .map(|candidate| (edit_distance(text, candidate, limit), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the candidate that `text` must have meant: the only one near.
pub fn only_near<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).max(1);
    let mut near =
        candidates.into_iter().filter(|candidate| edit_distance(text, candidate, limit) <= limit);
    let only = near.next().filter(|candidate| *candidate != text)?;
    near.next().is_none().then_some(only)
}

/// Writes `did you mean` with the nearest candidate.
pub fn did_you_mean<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(text, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Counts insertions, deletions, substitutions and swaps of neighbors, letters compared without
/// case; returns more than `limit` as soon as the lengths alone say so.
#[expect(clippy::disallowed_methods, reason = "what is suggested is no part of the format")]
fn edit_distance(a: &str, b: &str, limit: usize) -> usize {
    // Longer texts than any name: hostile input must not cost a quadratic comparison.
    if a.len() > 200 || b.len() > 200 {
        return usize::MAX;
    }
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    let (a, b) = (lower(a), lower(b));
    if a.chars().count().abs_diff(b.chars().count()) > limit {
        return usize::MAX;
    }
    strsim::osa_distance(&a, &b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let names = ["user_name", "user_role", "history"];
        assert_eq!(nearest("user_nmae", names), Some("user_name"));
        assert_eq!(nearest("userrole", names), Some("user_role"));
        assert_eq!(nearest("HISTORY", names), Some("history"));
        assert_eq!(nearest("x", names), None);
        assert_eq!(nearest("question", names), None);
        assert_eq!(nearest(&"a".repeat(100_000), names), None);
        assert_eq!(only_near("hstory", names), Some("history"));
        assert_eq!(only_near("user_rame", names), None);
    }

    #[test]
    fn edits_are_counted() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("name", "name", 0),
            ("name", "nam", 1),
            ("name", "names", 1),
            ("name", "nome", 1),
            ("name", "nmae", 1),
            // A pair that was swapped is not edited again.
            ("ca", "abc", 3),
            ("kitten", "sitting", 3),
            // Characters count, not bytes, and case does not; a capital may become two characters.
            ("ÉTÉ", "éte", 1),
            ("İ", "i", 1),
            ("名前", "前名", 1),
        ] {
            assert_eq!(edit_distance(a, b, 5), distance, "{a} {b}");
            assert_eq!(edit_distance(b, a, 5), distance, "{b} {a}");
        }
        assert_eq!(edit_distance("", "abcdef", 5), usize::MAX);
        assert_eq!(edit_distance("a", &"a".repeat(201), 300), usize::MAX);
    }
}
