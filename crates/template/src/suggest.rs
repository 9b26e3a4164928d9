//! What somebody who made a slip of the pen most likely meant.

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

/// Says `did you mean` with the nearest candidate.
pub fn did_you_mean<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(text, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Counts insertions, deletions, substitutions and swaps of neighbours, letters compared without
/// case; returns more than `limit` as soon as the lengths alone say so.
fn edit_distance(a: &str, b: &str, limit: usize) -> usize {
    // Longer texts than any name: hostile input must not cost a quadratic comparison.
    if a.len() > 200 || b.len() > 200 {
        return usize::MAX;
    }
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    if a.len().abs_diff(b.len()) > limit {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut current = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost =
                (previous[j] + usize::from(x != y)).min(previous[j + 1] + 1).min(current[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            current.push(cost);
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
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
}
