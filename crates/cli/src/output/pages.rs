//! The pages of `docs/checks/`, printed by `promptdex explain`.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Returns the page of a check.
pub(crate) fn find(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == code).map(|(_, page)| *page)
}

#[cfg(test)]
mod tests {
    use promptdex_core::rules;

    use super::PAGES;

    #[test]
    fn every_rule_has_a_page_and_every_page_a_rule() {
        let pages: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
        let mut rules: Vec<&str> = rules::ALL.iter().map(|rule| rule.code).collect();
        rules.sort_unstable();
        assert_eq!(pages, rules);
    }
}
