//! What a promotion would do and need: the answer of the audit module, which the site shows.

use super::Lists;

/// What promoting a prompt from one environment to another would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromotionCheck {
    /// Nothing: the environment serves the same already.
    Same,
    /// Nothing: the prompt is skipped, and why.
    Left(String),
    /// The environment would serve something else.
    Change(PromotionEffect),
}

/// What an environment would serve, for whom that changes something, and what the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionEffect {
    /// Whether it may be done.
    pub verdict: PromotionVerdict,
    /// What would be served, in a line.
    pub target: String,
    /// The version for callers who ask for nothing special.
    pub main: String,
    /// Which versions callers would get instead of which. Absent where nothing is served yet.
    pub replaced: Option<Vec<ReplacedVersion>>,
    /// The teams that own the prompt and may do it.
    pub teams: Vec<String>,
    /// Whether somebody has to say why.
    pub needs_reason: bool,
    /// What the rules ask for that is not there.
    pub missing: Vec<MissingRequirement>,
}

/// Whether a promotion may be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromotionVerdict {
    /// The rules allow it.
    Allowed,
    /// It goes back to what was served before, which needs less.
    Back,
    /// Something that is missing stops it.
    Refused,
}

/// A version, and the one that callers would get instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedVersion {
    /// The version that they get now.
    pub from: String,
    /// The version that they would get.
    pub to: String,
}

/// Something that a rule asks for and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRequirement {
    /// Whether the promotion is possible without it.
    pub is_warning: bool,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

const SAME: &str = "same";
const LEFT: &str = "left";
const NEW: &str = "new";
const REASON: &str = "reason";
const WARNING: &str = "warn";
const ERROR: &str = "error";

impl PromotionVerdict {
    const ALL: [Self; 3] = [Self::Allowed, Self::Back, Self::Refused];

    fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Back => "back",
            Self::Refused => "refused",
        }
    }
}

impl PromotionCheck {
    /// Writes it as the module answers it. First the verdict. If something would change, what would be served and its
    /// main version follow; pairs of versions, or `new`; the teams; `reason` where one is required; and a list for each
    /// thing that is missing.
    pub fn into_lists(self) -> Lists {
        let effect = match self {
            Self::Same => return vec![vec![SAME.to_owned()]],
            Self::Left(why) => return vec![vec![LEFT.to_owned(), why]],
            Self::Change(effect) => effect,
        };
        let pairs = match effect.replaced {
            Some(replaced) => replaced.into_iter().flat_map(|pair| [pair.from, pair.to]).collect(),
            None => vec![NEW.to_owned()],
        };
        let mut lists = vec![
            vec![effect.verdict.as_str().to_owned()],
            vec![effect.target, effect.main],
            pairs,
            effect.teams,
            effect.needs_reason.then(|| REASON.to_owned()).into_iter().collect(),
        ];
        lists.extend(effect.missing.into_iter().map(|missing| {
            let level = if missing.is_warning { WARNING } else { ERROR };
            vec![level.to_owned(), missing.message, missing.help]
        }));
        lists
    }

    /// Reads what [`Self::into_lists`] has written; nothing else is one.
    pub fn from_lists(lists: &[Vec<String>]) -> Option<Self> {
        let (first, rest) = lists.split_first()?;
        let (word, about) = first.split_first()?;
        let verdict = match (word.as_str(), about) {
            (SAME, []) => return Some(Self::Same),
            (LEFT, [why]) => return Some(Self::Left(why.clone())),
            (word, _) => PromotionVerdict::ALL.into_iter().find(|own| own.as_str() == word)?,
        };
        let [target, pairs, teams, reason, missing @ ..] = rest else { return None };
        let [target, main] = target.as_slice() else { return None };
        let replaced = pairs
            .chunks_exact(2)
            .map(|pair| ReplacedVersion { from: pair[0].clone(), to: pair[1].clone() });
        let missing = missing.iter().map(|missing| {
            let [level, message, help] = missing.as_slice() else { return None };
            Some(MissingRequirement {
                is_warning: level == WARNING,
                message: message.clone(),
                help: help.clone(),
            })
        });
        Some(Self::Change(PromotionEffect {
            verdict,
            target: target.clone(),
            main: main.clone(),
            replaced: (pairs.len() != 1).then(|| replaced.collect()),
            teams: teams.clone(),
            needs_reason: !reason.is_empty(),
            missing: missing.collect::<Option<_>>()?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check() -> impl Strategy<Value = PromotionCheck> {
        let verdict = prop::sample::select(PromotionVerdict::ALL.to_vec());
        let pair = (".{0,8}", ".{0,8}").prop_map(|(from, to)| ReplacedVersion { from, to });
        let replaced = prop::option::of(prop::collection::vec(pair, 0..3));
        let missing =
            (any::<bool>(), ".{0,8}", ".{0,8}").prop_map(|(is_warning, message, help)| {
                MissingRequirement { is_warning, message, help }
            });
        let teams = prop::collection::vec(".{0,8}", 0..3);
        let missing = prop::collection::vec(missing, 0..3);
        let effect = (verdict, ".{0,8}", ".{0,8}", replaced, teams, any::<bool>(), missing)
            .prop_map(|(verdict, target, main, replaced, teams, needs_reason, missing)| {
                PromotionEffect { verdict, target, main, replaced, teams, needs_reason, missing }
            });
        prop_oneof![
            Just(PromotionCheck::Same),
            ".{0,8}".prop_map(PromotionCheck::Left),
            effect.prop_map(PromotionCheck::Change),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(check in check()) {
            let lists = check.clone().into_lists();
            prop_assert_eq!(PromotionCheck::from_lists(&lists), Some(check));
        }

        #[test]
        fn any_lists_are_read_without_harm(
            lists in prop::collection::vec(prop::collection::vec("(same|left|allowed|new|.)", 0..4), 0..7)
        ) {
            if let Some(check) = PromotionCheck::from_lists(&lists) {
                prop_assert_eq!(PromotionCheck::from_lists(&check.clone().into_lists()), Some(check));
            }
        }
    }
}
