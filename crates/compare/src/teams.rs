//! Which teams own a prompt, and which of them may do what.

use std::collections::BTreeMap;

use promptdex_wire::PromptName;
use promptdex_wire::policy::{Permission, Team};

use crate::patterns::matches_name;

/// What is asked of a team, whether it comes from `policy.yaml` or from the published policy.
pub trait TeamRights {
    /// Returns the patterns of the prompts that it owns.
    fn owns(&self) -> &[String];

    /// Whether it has a permission.
    fn may(&self, permission: Permission) -> bool;
}

impl TeamRights for Team {
    fn owns(&self) -> &[String] {
        &self.owns
    }

    fn may(&self, permission: Permission) -> bool {
        self.may.iter().any(|own| own == permission.as_str())
    }
}

/// A team with its name.
pub type NamedTeam<'t, T> = (&'t String, &'t T);

/// Returns the teams that own a prompt, by name.
pub fn owning_teams<'t, T: TeamRights>(
    teams: &'t BTreeMap<String, T>,
    name: &PromptName,
) -> Vec<NamedTeam<'t, T>> {
    let owns = |team: &T| team.owns().iter().any(|pattern| matches_name(pattern, name));
    teams.iter().filter(|(_, team)| owns(team)).collect()
}

/// Returns those of some teams that have a permission.
pub fn permitted_teams<'t, T: TeamRights>(
    teams: &[NamedTeam<'t, T>],
    permission: Permission,
) -> Vec<NamedTeam<'t, T>> {
    teams.iter().filter(|(_, team)| team.may(permission)).copied().collect()
}

/// Returns those of the teams that own a prompt that may change its test results and test cases. Where no team of
/// the policy has `record`, these are the teams that may `create`.
pub fn recording_teams<'t, T: TeamRights>(
    teams: &'t BTreeMap<String, T>,
    owners: &[NamedTeam<'t, T>],
) -> Vec<NamedTeam<'t, T>> {
    let is_given = teams.values().any(|team| team.may(Permission::Record));
    permitted_teams(owners, if is_given { Permission::Record } else { Permission::Create })
}

/// Returns the teams that may change the rules of the registry, who owns a prompt, and what replaces it. Where no
/// team has `govern`, these are the teams that own `**`; without any, everybody may.
pub fn governing_teams<T: TeamRights>(teams: &BTreeMap<String, T>) -> Vec<NamedTeam<'_, T>> {
    let all: Vec<NamedTeam<'_, T>> = teams.iter().collect();
    let given = permitted_teams(&all, Permission::Govern);
    if !given.is_empty() {
        return given;
    }
    all.into_iter().filter(|(_, team)| team.owns().iter().any(|own| own == "**")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teams_own_prompts_and_may_do_some_things() {
        let team = |owns: &[&str], may: &[&str]| {
            let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            Team { people: Vec::new(), owns: texts(owns), may: texts(may) }
        };
        let teams = BTreeMap::from([
            ("leads".to_owned(), team(&["**"], &["promote", "revert"])),
            ("support".to_owned(), team(&["support/**", "sales/offer"], &["create"])),
            ("sales".to_owned(), team(&["sales/*"], &["create", "promote", "revert", "fly"])),
            ("archive".to_owned(), team(&[], &["create"])),
            ("readers".to_owned(), team(&["support/faq"], &[])),
        ]);
        let names = |teams: &[NamedTeam<'_, Team>]| -> Vec<String> {
            teams.iter().map(|(name, _)| (*name).clone()).collect()
        };
        let (create, promote, revert) =
            (Permission::Create, Permission::Promote, Permission::Revert);
        for (prompt, owners, permission, permitted) in [
            ("a", &["leads"][..], create, &[][..]),
            ("a", &["leads"], promote, &["leads"]),
            ("a", &["leads"], revert, &["leads"]),
            ("support/refund", &["leads", "support"], create, &["support"]),
            ("support/refund", &["leads", "support"], promote, &["leads"]),
            ("support/faq", &["leads", "readers", "support"], revert, &["leads"]),
            ("sales/offer", &["leads", "sales", "support"], create, &["sales", "support"]),
            ("sales/offer", &["leads", "sales", "support"], promote, &["leads", "sales"]),
            ("sales/old/offer", &["leads"], create, &[]),
            ("supporter", &["leads"], create, &[]),
        ] {
            let found = owning_teams(&teams, &prompt.parse().unwrap());
            assert_eq!(names(&found), owners, "{prompt}");
            let able = permitted_teams(&found, permission);
            assert_eq!(names(&able), permitted, "{prompt} {permission:?}");
        }
        let nobody: BTreeMap<String, Team> = BTreeMap::new();
        assert_eq!(owning_teams(&nobody, &"a".parse().unwrap()), []);
    }

    #[test]
    fn recording_and_governing_have_defaults() {
        let team = |owns: &str, may: &[&str]| {
            let may = may.iter().map(|text| (*text).to_owned()).collect();
            Team { people: Vec::new(), owns: vec![owns.to_owned()], may }
        };
        let lists = |given: &[(&str, &str, &[&str])]| -> [Vec<String>; 2] {
            let teams = given.iter().map(|(name, owns, may)| ((*name).to_owned(), team(owns, may)));
            let teams: BTreeMap<String, Team> = teams.collect();
            let names = |found: Vec<NamedTeam<'_, Team>>| {
                found.into_iter().map(|(name, _)| name.clone()).collect()
            };
            let owners = owning_teams(&teams, &"support/refund".parse().unwrap());
            [names(recording_teams(&teams, &owners)), names(governing_teams(&teams))]
        };
        let support = ("support", "support/**", &["create", "promote"][..]);
        assert_eq!(lists(&[support]), [vec!["support"], vec![]]);
        let leads = ("leads", "**", &["promote"][..]);
        assert_eq!(lists(&[support, leads]), [vec!["support"], vec!["leads"]]);
        let testers = ("testers", "**", &["record"][..]);
        assert_eq!(lists(&[support, testers]), [vec!["testers"], vec!["testers"]]);
        // A team that governs need not own prompts; results of other prompts are not its business.
        let platform = ("platform", "nothing", &["record", "govern"][..]);
        assert_eq!(lists(&[support, leads, platform]), [vec![], vec!["platform"]]);
    }
}
