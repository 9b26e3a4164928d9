//! Writes the `teams` of `policy.yaml` as a block of a `CODEOWNERS` file, which decides who reviews a
//! change.
//!
//! Of the patterns in such a file the last one that matches counts. So the lines go from the general to the
//! special, and each names every owner of the files that it matches. The format is GitHub's, which GitLab
//! and Gitea read as well:
//! <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.

use std::collections::BTreeSet;

use fast_glob::glob_match;
use promptdex_compare::patterns::matches_name;
use promptdex_compare::teams::{TeamRights as _, governing_teams};
use promptdex_wire::policy::Permission;
use promptdex_wire::{Environment, PromptName};

use crate::model::{Settings, TeamSource};
use crate::tree::{POLICY_FILE, REGISTRY_FILE, SIGNERS_FILE};

/// The lines of the block, and the people that it cannot name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeOwners {
    /// The lines between the first and the last; none without teams.
    pub lines: Vec<String>,
    /// People of teams who are known by a name only.
    pub people_without_handles: BTreeSet<String>,
}

/// Returns the name of a tree's block: its folder, or none for a tree at the usual place. `folder` is as in
/// [`code_owners`].
pub fn block_name(folder: &str) -> Option<&str> {
    (!matches!(folder, "" | "prompts")).then_some(folder)
}

/// Works out the lines. `folder` is the root of the tree from the top of the repository, with `/`, or empty.
pub fn code_owners<'n>(
    settings: &Settings,
    prompts: impl Iterator<Item = &'n PromptName>,
    folder: &str,
) -> CodeOwners {
    let names: Vec<&PromptName> = prompts.collect();
    let teams: Vec<(&TeamSource, Vec<String>)> = settings
        .governance
        .teams
        .values()
        .map(|team| {
            (team, team.owns.iter().flat_map(|glob| simplify_pattern(glob, &names)).collect())
        })
        .collect();
    let patterns: BTreeSet<&str> =
        teams.iter().flat_map(|(_, owns)| owns).map(String::as_str).collect();
    let mut ordered = sort_by_width(&patterns);
    let owners = |glob: &str| -> Vec<&TeamSource> {
        let owns = |owns: &Vec<String>| owns.iter().any(|wider| covers(wider, glob));
        teams.iter().filter(|(_, all)| owns(all)).map(|(team, _)| *team).collect()
    };
    // A prompt gets lines of its own where patterns meet of which none is the narrowest, and where one that
    // does not mean it reaches its folder.
    let met: Vec<&str> = names
        .iter()
        .map(|name| name.as_str())
        .filter(|name| {
            let last = ordered.iter().rfind(|glob| reaches(glob, name));
            last.is_some_and(|last| owners(last) != owners(name))
        })
        .collect();
    ordered.extend(met);

    let mut found = CodeOwners::default();
    let mut domains = Vec::new();
    let mut pointers = Vec::new();
    let guarded: Vec<&Environment> = settings
        .environments
        .iter()
        .filter(|name| settings.governance.promotion.contains_key(name))
        .chain(settings.environments.last())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    for glob in ordered {
        let own = owners(glob);
        let all = people(own.iter().copied(), &mut found.people_without_handles);
        let able = own.iter().copied().filter(|team| team.may(Permission::Promote));
        let able = people(able, &mut found.people_without_handles);
        let able = if able.is_empty() { &all } else { &able };
        let OwnedPaths { files, pointer } = places(folder, glob);
        // A line without owners means that nobody is asked.
        if !all.is_empty() || own.is_empty() {
            domains.extend(files.into_iter().map(|path| line(&path, &all)));
            let line =
                |name: &&Environment| line(&format!("{pointer}environments/{name}.yaml"), able);
            pointers.extend(guarded.iter().map(line));
        }
    }
    found.lines = domains;
    found.lines.append(&mut pointers);
    let governing = governing_teams(&settings.governance.teams).into_iter();
    let governing = people(governing.map(|(_, team)| team), &mut found.people_without_handles);
    if !governing.is_empty() {
        let root = tree_root(folder);
        let files = [SIGNERS_FILE, POLICY_FILE, REGISTRY_FILE].into_iter();
        let files = files
            .filter(|file| *file != SIGNERS_FILE || settings.governance.require_signed_commits);
        found.lines.extend(files.map(|file| line(&format!("{root}{file}"), &governing)));
    }
    found
}

/// Sorts patterns so that each comes after those that are wider.
fn sort_by_width<'p>(patterns: &BTreeSet<&'p str>) -> Vec<&'p str> {
    let mut ordered: Vec<&str> = patterns.iter().copied().collect();
    let width = |glob: &str| patterns.iter().filter(|other| covers(other, glob)).count();
    ordered.sort_by_cached_key(|glob| (width(glob), *glob));
    ordered
}

fn line(path: &str, owners: &BTreeSet<&str>) -> String {
    [path].into_iter().chain(owners.iter().copied()).collect::<Vec<_>>().join(" ")
}

/// Whether the folder of a prompt is matched by the line of a pattern.
fn reaches(glob: &str, name: &str) -> bool {
    let above = glob.strip_suffix("/**");
    let ends = name.match_indices('/').map(|(end, _)| end).chain([name.len()]);
    let mut folders = ends.map(|end| &name[..end]);
    folders.any(|folder| {
        glob_match(glob, folder) || above.is_some_and(|above| glob_match(above, folder))
    })
}

/// Returns the people of teams whom the file can name: by an address, or by a handle.
fn people<'t>(
    teams: impl Iterator<Item = &'t TeamSource>,
    people_without_handles: &mut BTreeSet<String>,
) -> BTreeSet<&'t str> {
    let all = teams.flat_map(|team| &team.people).map(|person| person.trim());
    let (named, others): (BTreeSet<&str>, BTreeSet<&str>) = all.partition(|person| {
        person.contains('@')
            && !person.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#')
    });
    people_without_handles.extend(others.into_iter().map(str::to_owned));
    named
}

/// The paths of the prompt files that a pattern matches.
struct OwnedPaths {
    files: Vec<String>,
    /// The folder of the prompts, with `/` at the end.
    pointer: String,
}

fn places(folder: &str, glob: &str) -> OwnedPaths {
    let root = tree_root(folder);
    match glob.strip_suffix("**").map(|above| above.trim_end_matches('/')) {
        Some("") if root == "/" => {
            OwnedPaths { files: vec!["*".to_owned()], pointer: "**/".to_owned() }
        }
        Some("") => OwnedPaths { files: vec![root.clone()], pointer: format!("{root}**/") },
        Some(above) => {
            let above = format!("{root}{above}/");
            OwnedPaths { files: vec![above.clone()], pointer: format!("{above}**/") }
        }
        None => {
            let own = format!("{root}{glob}/");
            OwnedPaths { files: vec![own.clone(), format!("{root}{glob}.md")], pointer: own }
        }
    }
}

/// Writes the root of the tree as a path in the file, with `/` at the end.
fn tree_root(folder: &str) -> String {
    match folder {
        "" => "/".to_owned(),
        folder => format!("/{}/", folder.replace('\\', "\\\\").replace(' ', "\\ ")),
    }
}

/// Rewrites a pattern with literal names, `*` and `**` only: other syntax is expanded, or replaced by the
/// prompts that it matches now.
fn simplify_pattern(glob: &str, names: &[&PromptName]) -> Vec<String> {
    let patterns = expand_choices(glob);
    let is_simple = |pattern: &String| {
        let is_whole = |segment: &str| segment == "**" || !segment.contains("**");
        !pattern.contains(['[', ']', '?', '\\', '{', '}', '!', ' '])
            && pattern.split('/').all(is_whole)
    };
    if patterns.iter().all(is_simple) {
        return patterns;
    }
    let matched = names.iter().filter(|name| matches_name(glob, name));
    matched.map(|name| name.to_string()).collect()
}

/// Writes the first choice of a pattern out, and so the others.
fn expand_choices(glob: &str) -> Vec<String> {
    const MOST: usize = 64;
    let mut done = Vec::new();
    let mut open = vec![glob.to_owned()];
    while let Some(pattern) = open.pop() {
        let parts = pattern.split_once('{').and_then(|(before, rest)| {
            let (choices, after) = rest.split_once('}')?;
            (!choices.contains('{')).then_some((before, choices, after))
        });
        match parts {
            Some((before, choices, after)) if open.len() + done.len() < MOST => {
                open.extend(choices.split(',').rev().map(|one| format!("{before}{one}{after}")));
            }
            _ => done.push(pattern),
        }
    }
    done
}

/// Whether a simple pattern matches everything that another one can match.
fn covers(wider: &str, glob: &str) -> bool {
    if wider == glob {
        return true;
    }
    // Segments and pieces that nothing but a wildcard matches stand for what it may match.
    let forms = ["", "\u{1}", "\u{1}/\u{1}"].map(|form| {
        let segments = glob.split('/').map(|segment| match segment {
            "**" => form.to_owned(),
            segment => segment.replace('*', "\u{1}"),
        });
        segments.filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
    });
    let possible = || forms.iter().filter(|form| glob_match(glob, form.as_str()));
    possible().count() > 0 && possible().all(|form| glob_match(wider, form.as_str()))
}

/// Lists the code owners of every prompt according to a file.
#[cfg(test)]
fn list_asked_owners<'l>(lines: &'l [String], path: &str) -> Vec<&'l str> {
    let matches = |pattern: &str| {
        let pattern = pattern.trim_start_matches('/');
        pattern == "*"
            || glob_match(pattern, path)
            || (pattern.ends_with('/') && glob_match(format!("{pattern}**"), path))
    };
    let mut asked = Vec::new();
    for line in lines {
        let mut words = line.split(' ');
        if words.next().is_some_and(matches) {
            asked = words.collect();
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use promptdex_compare::teams::owning_teams;
    use proptest::prelude::*;

    use super::*;
    use crate::read::read_settings;
    use crate::source::SourceFile;

    fn settings(policy: &str) -> Settings {
        let source = SourceFile::new("policy.yaml", policy);
        let (settings, findings) = read_settings(None, Some(&source));
        assert!(findings.is_empty(), "{findings:?}");
        settings
    }

    fn names(names: &[&str]) -> Vec<PromptName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn lines_go_from_the_general_to_the_special() {
        let settings = settings(
            r#"
promotion: {staging: {}}
teams:
  leads: {people: ["@lea", Ben Ito], owns: ["**"], may: [promote, revert]}
  support: {people: [ana@example.com], owns: ["support/**", "sales/offer"], may: [create]}
  sales: {people: ["@sal"], owns: ["sales/*"], may: [create, promote, revert]}
"#,
        );
        let found = code_owners(&settings, names(&["support/refund"]).iter(), "prompts");
        insta::assert_snapshot!(found.lines.join("\n"));
        assert_eq!(found.people_without_handles, ["Ben Ito".to_owned()].into());
        let top = code_owners(&settings, names(&["support/refund"]).iter(), "");
        insta::assert_snapshot!(top.lines.join("\n"));
    }

    #[test]
    fn a_pattern_covers_another() {
        for (wider, glob, expected) in [
            ("**", "support/**", true),
            ("support/**", "**", false),
            ("support/*", "support/**", false),
            ("support/**", "support/*", true),
            ("support/*", "support/refund", true),
            ("su*/**", "supp*/**", true),
            ("supp*/**", "su*/**", false),
            ("**/refund", "support/**", false),
            ("**/refund", "support/refund", true),
            ("*/refund", "support/*", false),
        ] {
            assert_eq!(covers(wider, glob), expected, "{wider} {glob}");
        }
    }

    proptest! {
        /// Exactly the people with a permission for a prompt are asked.
        #[test]
        fn who_owns_a_prompt_is_asked(
            owned in prop::collection::vec(
                prop::collection::vec(
                    prop::sample::select(vec!["**", "a/**", "a/*", "*/x", "a/x", "**/y", "{a,b}/x", "?/y", "b/c/**", "*", "c/**", "[bc]"]),
                    1..3,
                ),
                1..4,
            ),
        ) {
            let prompts = names(&["a/x", "a/y", "b/x", "b/c/y", "b/c/x", "c"]);
            let (mut settings, _) = read_settings(None, None);
            for (number, owns) in owned.iter().enumerate() {
                let team = TeamSource {
                    people: vec![format!("@{number}")],
                    owns: owns.iter().map(|glob| (*glob).to_owned()).collect(),
                    may: [Permission::Create].into(),
                };
                settings.governance.teams.insert(number.to_string(), team);
            }
            let found = code_owners(&settings, prompts.iter(), "");
            for name in &prompts {
                let owners = owning_teams(&settings.governance.teams, name).into_iter();
                let owners: Vec<&str> = owners.map(|(_, team)| team.people[0].as_str()).collect();
                for file in ["v1.0.0/system_prompt.txt", "environments/production.yaml"] {
                    prop_assert_eq!(
                        list_asked_owners(&found.lines, &format!("{name}/{file}")), owners.clone(), "{} {:?}", name, found.lines
                    );
                }
            }
        }
    }
}
