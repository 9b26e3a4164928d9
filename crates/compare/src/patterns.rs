//! Patterns of names and paths in `policy.yaml` and `registry.yaml`: `*` is any text without `/`, `**` any number of
//! folders.

use fast_glob::glob_match;
use promptdex_wire::PromptName;

/// Whether a pattern matches the name of a prompt.
pub fn matches_name(pattern: &str, name: &PromptName) -> bool {
    glob_match(pattern, name.as_str())
}

/// Whether a pattern matches a path of the source tree; `a/v1.0.0/**` matches the folder itself, too.
pub fn matches_path(pattern: &str, path: &str) -> bool {
    glob_match(pattern, path) || glob_match(pattern, format!("{path}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "a/b", false),
            ("*", "a", true),
            ("*", "a/b", false),
            ("**", "a/b/c", true),
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a/**", "ab/c", false),
            ("**/c", "a/b/c", true),
            ("**/c", "c", true),
            ("{a,b}/x", "b/x", true),
            ("[ab]/x", "c/x", false),
            ("A/b", "a/b", false),
        ] {
            let name = name.parse().unwrap();
            assert_eq!(matches_name(pattern, &name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn patterns_match_paths_and_folders() {
        for (pattern, path, expected) in [
            ("a/environments/production.yaml", "a/environments/production.yaml", true),
            ("a/environments/*.yaml", "a/environments/production.yaml", true),
            ("a/**", "a/environments/production.yaml", true),
            ("b/**", "a/environments/production.yaml", false),
            ("a/v1.0.0/**", "a/v1.0.0", true),
            ("a/v1.0.0", "a/v1.0.0", true),
            ("a/v1.0.0/", "a/v1.0.0", true),
            ("a/v1.0.0/**", "a/v1.0.01", false),
            ("**", "", true),
        ] {
            assert_eq!(matches_path(pattern, path), expected, "{pattern} {path}");
        }
    }
}
