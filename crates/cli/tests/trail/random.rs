//! Random operations in a repository, against a simple model of what the log has to show.

use std::collections::BTreeMap;

use super::{commit, git, point, repository, version};
use crate::session::Session;

/// A generator of numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// What there is of each prompt: the number of its versions, and the one that production serves.
type Model = BTreeMap<String, (usize, Option<usize>)>;

fn number(version: usize) -> String {
    format!("1.{version}.0")
}

/// Does something with a prompt, and returns whether anything changed.
fn change(session: &mut Session, model: &mut Model, numbers: &mut Numbers) -> bool {
    let name = ["a", "b", "c/d"][numbers.below(3)].to_owned();
    let folder = session.folder.path().to_owned();
    let Some((versions, served)) = model.get(&name).copied() else {
        version(session, &name, &number(0), "Begin.\n");
        model.insert(name, (1, None));
        return true;
    };
    match numbers.below(6) {
        0 | 1 => {
            version(session, &name, &number(versions), &format!("Text {versions}.\n"));
            model.insert(name, (versions + 1, served));
        }
        2 | 3 => {
            let wanted = numbers.below(versions);
            if served == Some(wanted) {
                return false;
            }
            point(session, &name, &number(wanted));
            model.insert(name, (versions, Some(wanted)));
        }
        4 if served.is_some() => {
            let path = format!("prompts/{name}/environments/production.yaml");
            std::fs::remove_file(folder.join(path)).unwrap();
            model.insert(name, (versions, None));
        }
        5 => {
            std::fs::remove_dir_all(folder.join(format!("prompts/{name}"))).unwrap();
            model.remove(&name);
        }
        _ => return false,
    }
    true
}

/// Runs a command and returns its output lines.
fn lines(session: &mut Session, line: &str) -> Vec<serde_json::Value> {
    session.transcript.clear();
    session.run(line);
    let text = session.transcript.lines().filter(|line| line.starts_with('{'));
    text.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_log_agrees_with_what_was_done() {
    let mut session = repository();
    session.write("prompts/registry.yaml", "registry: acme\n");
    let (mut numbers, mut model) = (Numbers(17), Model::new());
    let folder = session.folder.path().to_owned();
    let mut days: Vec<Model> = Vec::new();
    for day in 1..=28 {
        let is_branch = day > 1 && numbers.below(4) == 0;
        if is_branch {
            git(&folder, "Ben", day, &["checkout", "--quiet", "-b", &format!("branch-{day}")]);
        }
        for _ in 0..=numbers.below(3) {
            change(&mut session, &mut model, &mut numbers);
        }
        session.write("README.md", &format!("Day {day}.\n"));
        commit(&session, "Ana", day, &format!("Day {day}"));
        if is_branch {
            git(&folder, "Ben", day, &["checkout", "--quiet", "main"]);
            let branch = format!("branch-{day}");
            git(
                &folder,
                "Ben",
                day,
                &["merge", "--quiet", "--no-ff", "--message", "Merge", &branch],
            );
        }
        days.push(model.clone());
    }
    for (day, model) in days.iter().enumerate() {
        let served = lines(
            &mut session,
            &format!("log --as-of 2026-01-{:02} --env production --format json", day + 1),
        );
        let served: BTreeMap<String, String> = served
            .iter()
            .map(|line| {
                let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                (text(&line["name"]), text(&line["new_value"]["version"]))
            })
            .collect();
        let expected: BTreeMap<String, String> = model
            .iter()
            .filter_map(|(name, (_, served))| Some((name.clone(), number((*served)?))))
            .collect();
        assert_eq!(served, expected, "day {}", day + 1);
    }
    // Every version that was created is there, or was removed.
    let mut there: BTreeMap<(String, String), i32> = BTreeMap::new();
    for line in lines(&mut session, "log --format json") {
        let target = |key: &str| line[key]["version"].as_str().map(str::to_owned);
        let change = match line["change_type"].as_str() {
            Some("created") => 1,
            Some("removed") => -1,
            Some("reverted") => {
                assert!(target("new_value") < target("old_value"), "{line}");
                continue;
            }
            _ => continue,
        };
        let version = target("new_value").or_else(|| target("old_value")).unwrap();
        let name = line["name"].as_str().unwrap().to_owned();
        *there.entry((name, version)).or_default() += change;
    }
    there.retain(|_, count| *count != 0);
    let versions = model.iter().flat_map(|(name, (count, _))| {
        (0..*count).map(move |version| ((name.clone(), number(version)), 1))
    });
    assert_eq!(there, versions.collect());
}
