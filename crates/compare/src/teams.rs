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
}
