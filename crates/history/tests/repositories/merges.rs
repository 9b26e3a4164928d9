//! Who did what a merge brought, and what was changed on the way.

use crate::at_commit::AtCommit;
use crate::repository::Repository;

#[test]
fn a_merge_is_told_as_what_its_commits_did() {
    let repository = Repository::new();
    repository.write("prompts/refund/v1.0.0/system_prompt.txt", "One.\n");
    repository.write("prompts/refund/environments/production.yaml", "version: 1.0.0\n");
    let begin = repository.commit("Ana", "Begin");
    repository.git(&["checkout", "--quiet", "-b", "warmer"]);
    repository.write("prompts/refund/v1.1.0/system_prompt.txt", "Draft.\n");
    repository.commit("Ben", "Draft a warmer tone");
    repository.write("prompts/refund/v1.1.0/system_prompt.txt", "Warm.\n");
    repository.commit("Chiyo", "Finish the warmer tone");
    repository.write("prompts/refund/environments/production.yaml", "version: 1.1.0\n");
    repository.commit("Dana", "Promote it\n\nReason: customers asked");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("prompts/other/v1.0.0/system_prompt.txt", "Other.\n");
    repository.commit("Eve", "Another prompt");
    let merge = repository.merge(
        "warmer",
        "Fay",
        "Merge pull request #7 from acme/warmer\n\nA warmer tone\n\nReviewed-by: Gus <gus@example.com>",
    );
    let at = AtCommit::read(&repository.tree(), "HEAD");
    let expected = format!(
        r#"other {{"name":"other","operation":"created","to":{{"version":"1.0.0"}},"by":"eve@example.com","at":"2026-01-10T09:00:00Z","commit":"[EVE]","subject":"Another prompt"}}
other dev {{"name":"other","operation":"promoted","to":{{"version":"1.0.0"}},"by":"eve@example.com","at":"2026-01-10T09:00:00Z","commit":"[EVE]","subject":"Another prompt"}}
refund {{"name":"refund","operation":"created","to":{{"version":"1.0.0"}},"by":"ana@example.com","at":"2026-01-06T09:00:00Z","commit":"{begin}","subject":"Begin"}}
refund {{"name":"refund","operation":"created","to":{{"version":"1.1.0"}},"by":"ben@example.com","at":"2026-01-11T09:00:00Z","commit":"{merge}","subject":"Draft a warmer tone","pull_request":7,"committed_by":"fay@example.com","reviewed_by":["gus@example.com"]}}
refund dev {{"name":"refund","operation":"promoted","to":{{"version":"1.0.0"}},"by":"ana@example.com","at":"2026-01-06T09:00:00Z","commit":"{begin}","subject":"Begin"}}
refund dev {{"name":"refund","operation":"promoted","from":{{"version":"1.0.0"}},"to":{{"version":"1.1.0"}},"by":"ben@example.com","at":"2026-01-11T09:00:00Z","commit":"{merge}","subject":"Draft a warmer tone","pull_request":7,"committed_by":"fay@example.com","reviewed_by":["gus@example.com"]}}
refund production {{"name":"refund","operation":"promoted","to":{{"version":"1.0.0"}},"by":"ana@example.com","at":"2026-01-06T09:00:00Z","commit":"{begin}","subject":"Begin"}}
refund production {{"name":"refund","operation":"promoted","from":{{"version":"1.0.0"}},"to":{{"version":"1.1.0"}},"by":"dana@example.com","at":"2026-01-11T09:00:00Z","commit":"{merge}","reason":"customers asked","subject":"Promote it","pull_request":7,"committed_by":"fay@example.com","reviewed_by":["gus@example.com"]}}"#
    );
    let eve = repository.git(&["rev-parse", "HEAD~1"]);
    assert_eq!(at.events(), expected.replace("[EVE]", &eve));
    let created = &at.history.prompts[&"refund".parse().unwrap()].version_origins;
    let dates: Vec<String> = created
        .iter()
        .map(|(version, made)| {
            format!(
                "{version} {:?} {:?}",
                made.by.as_deref(),
                made.at.as_ref().map(|at| at.as_str())
            )
        })
        .collect();
    assert_eq!(
        dates,
        [
            r#"1.0.0 Some("ana@example.com") Some("2026-01-06T09:00:00Z")"#,
            r#"1.1.0 Some("ben@example.com") Some("2026-01-07T09:00:00Z")"#,
        ]
    );
}

#[test]
fn states_and_rules_are_told_with_their_reasons() {
    let repository = Repository::new();
    repository.write("prompts/refund/v1.0.0/system_prompt.txt", "One.\n");
    repository.write("prompts/policy.yaml", "checks: {}\n");
    repository.commit("Ana", "Begin");
    repository.write("prompts/refund/prompt.yaml", "deprecated: {1.0.0: too long}\n");
    repository.commit("Ben", "Deprecate\n\nReason: not this one");
    repository.write("prompts/refund/prompt.yaml", "deprecated: {1.0.0: too cold}\n");
    repository.commit("Chiyo", "Say why");
    // What cannot be read changes nothing.
    repository.write("prompts/refund/prompt.yaml", "deprecated: {1.0.0: [\n");
    repository.commit("Chiyo", "Slip");
    repository.write("prompts/refund/prompt.yaml", "yanked: {1.0.0: a leak}\n");
    repository.commit("Dana", "Yank");
    repository.remove("prompts/refund/prompt.yaml");
    repository.commit("Eve", "Take it back");
    let at = AtCommit::read(&repository.tree(), "HEAD");
    let words: Vec<String> = at.history.prompts[&"refund".parse().unwrap()]
        .events
        .iter()
        .flat_map(|(chain, changes)| changes.iter().map(move |change| (chain, change)))
        .map(|(chain, change)| {
            let (from, to) = (change.from.is_some(), change.to.is_some());
            let reason = change.reason.as_deref().unwrap_or("-");
            format!("{chain} {} {from} {to} {reason}", change.operation.word())
        })
        .collect();
    assert_eq!(
        words,
        [
            "catalog created false true -",
            "catalog deprecated false true too long",
            "catalog deprecated true true too cold",
            "catalog yanked false true a leak",
            "catalog yanked true false -",
            "dev promoted false true -",
            // A yanked version is nobody's highest one.
            "dev retired true false -",
            "dev promoted false true -",
        ]
    );
    let rules: Vec<Option<&str>> = at.history.rules.iter().map(|rule| rule.by.as_deref()).collect();
    assert_eq!(rules, [Some("ana@example.com")]);
}

#[test]
fn metadata_says_where_versions_are_served_until_a_file_does() {
    let repository = Repository::new();
    let metadata = |environment: &str| format!("{{\"environment\": \"{environment}\"}}");
    repository.write("prompts/a/v1.0.0/system_prompt.txt", "One.\n");
    repository.write("prompts/a/v1.0.0/metadata.json", &metadata("production"));
    repository.commit("Ana", "Begin");
    repository.write("prompts/a/v1.1.0/system_prompt.txt", "Two.\n");
    repository.write("prompts/a/v1.1.0/metadata.json", &metadata("staging"));
    repository.commit("Ben", "Next");
    repository.write("prompts/a/environments/staging.yaml", "version: 1.0.0\n");
    repository.commit("Chiyo", "Files");
    repository.remove("prompts/a/environments");
    repository.commit("Dana", "No files");
    let at = AtCommit::read(&repository.tree(), "HEAD");
    let served = |chain: &str| -> Vec<String> {
        let events = &at.history.prompts[&"a".parse().unwrap()].events[&chain.parse().unwrap()];
        let target = |target: Option<&promptdex_wire::event::Target>| {
            target.and_then(|t| t.main()).map_or("-".to_owned(), ToString::to_string)
        };
        events
            .iter()
            .map(|change| {
                format!(
                    "{} {} → {}",
                    change.by.as_deref().unwrap(),
                    target(change.before()),
                    target(change.after())
                )
            })
            .collect()
    };
    assert_eq!(
        served("production"),
        ["ana@example.com - → 1.0.0", "chiyo@example.com 1.0.0 → -", "dana@example.com - → 1.0.0"]
    );
    assert_eq!(
        served("staging"),
        [
            "ben@example.com - → 1.1.0",
            "chiyo@example.com 1.1.0 → 1.0.0",
            "dana@example.com 1.0.0 → 1.1.0"
        ]
    );
}

#[test]
fn each_part_of_a_merge_is_by_whoever_did_it() {
    let repository = Repository::new();
    repository.write("prompts/a/v1.0.0/system_prompt.txt", "One.\n");
    repository.write("prompts/a/v1.1.0/system_prompt.txt", "Two.\n");
    repository.write("prompts/notes.md", "---\nversion: 1.0.0\n---\n\nOne.\n");
    repository.commit("Ana", "Begin");
    repository.git(&["checkout", "--quiet", "-b", "work"]);
    repository.write("prompts/a/v1.2.0/system_prompt.txt", "Three.\n");
    repository.commit("Ben", "Add a version");
    repository.write("prompts/policy.yaml", "checks: {}\n");
    repository.commit("Chiyo", "Say the rules");
    repository.write("prompts/registry.yaml", "environments: [dev, production]\n");
    repository.commit("Dana", "Say the environments");
    repository.write("prompts/notes.md", "---\nversion: 1.1.0\n---\n\nTwo.\n");
    repository.commit("Eve", "Release the notes");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.merge("work", "Fay", "Merge the work");
    repository.git(&["checkout", "--quiet", "-b", "states"]);
    repository.write("prompts/a/prompt.yaml", "yanked: {1.2.0: wrong}\n");
    repository.commit("Gus", "Yank it\n\nReason: it is wrong");
    repository.write("prompts/a/environments/production.yaml", "version: 1.0.0\n");
    repository.commit("Hal", "Serve the first one\n\nReason: it is good");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.merge("states", "Fay", "Merge the states");
    let at = AtCommit::read(&repository.tree(), "HEAD");
    let by = |change: &promptdex_wire::event::Change| change.by.clone().unwrap();
    let mut told: Vec<String> = Vec::new();
    for (name, history) in &at.history.prompts {
        for (chain, changes) in &history.events {
            let last = changes.last().unwrap();
            let reason = last.reason.as_deref().unwrap_or("-");
            told.push(format!("{name} {chain} {} {reason}", by(last)));
        }
    }
    assert_eq!(
        told,
        [
            "a catalog gus@example.com wrong",
            // What has no file of its own moved because a state was set.
            "a dev gus@example.com it is wrong",
            "a production hal@example.com it is good",
            "notes catalog eve@example.com -",
            "notes dev eve@example.com -",
        ]
    );
    assert_eq!(by(&at.history.rules[0]), "chiyo@example.com");
    assert_eq!(by(at.history.settings.as_ref().unwrap()), "dana@example.com");
    let created = &at.history.prompts[&"notes".parse().unwrap()].version_origins;
    let created: Vec<Option<&str>> = created.values().map(|made| made.by.as_deref()).collect();
    assert_eq!(created, [Some("ana@example.com"), Some("eve@example.com")]);
}
