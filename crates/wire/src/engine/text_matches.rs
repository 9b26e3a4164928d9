//! Where the texts of a prompt have the words that are looked for: the answer of the engine.

/// Whether the texts of a prompt have all of some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMatches {
    /// They do not.
    Nowhere,
    /// Nobody knows, and why. The script of the worker says so: a list of the reason alone.
    Unknown(String),
    /// They do. Excerpts are from the first version that has one of the words.
    Found(FoundVersion),
}

/// A version whose texts have some of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundVersion {
    /// The version.
    pub version: String,
    /// Some of the places; there is at least one.
    pub excerpts: Vec<Excerpt>,
}

/// A piece of a text with words that were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Which text it is: `message 2, user`.
    pub place: String,
    /// What stands before the words.
    pub before: String,
    /// The words, as they stand there.
    pub words: String,
    /// What stands after the words.
    pub after: String,
}

impl TextMatches {
    /// Writes them as one list: the version, and then four texts for each excerpt.
    pub fn into_list(self) -> Vec<String> {
        match self {
            Self::Nowhere => Vec::new(),
            Self::Unknown(reason) => vec![reason],
            Self::Found(FoundVersion { version, excerpts }) => {
                let mut list = vec![version];
                for Excerpt { place, before, words, after } in excerpts {
                    list.extend([place, before, words, after]);
                }
                list
            }
        }
    }

    /// Reads what [`Self::into_list`] has written, or the script of the worker.
    pub fn from_list(list: &[String]) -> Self {
        let Some((version, texts)) = list.split_first() else { return Self::Nowhere };
        if texts.is_empty() {
            return Self::Unknown(version.clone());
        }
        let excerpts = texts.chunks_exact(4).map(|texts| Excerpt {
            place: texts[0].clone(),
            before: texts[1].clone(),
            words: texts[2].clone(),
            after: texts[3].clone(),
        });
        Self::Found(FoundVersion { version: version.clone(), excerpts: excerpts.collect() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches() -> impl Strategy<Value = TextMatches> {
        let excerpt = (".{0,8}", ".{0,8}", ".{0,8}", ".{0,8}")
            .prop_map(|(place, before, words, after)| Excerpt { place, before, words, after });
        let found = (".{0,8}", prop::collection::vec(excerpt, 1..4))
            .prop_map(|(version, excerpts)| FoundVersion { version, excerpts });
        prop_oneof![
            Just(TextMatches::Nowhere),
            ".{0,8}".prop_map(TextMatches::Unknown),
            found.prop_map(TextMatches::Found),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(matches in matches()) {
            let list = matches.clone().into_list();
            prop_assert_eq!(TextMatches::from_list(&list), matches);
        }
    }
}
