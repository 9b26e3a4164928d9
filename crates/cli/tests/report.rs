//! Tests reports about a change, as comments on a pull request, with whole sessions in a
//! repository.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod session;

use session::Session;

/// Runs Git without the settings of the machine.
fn git(session: &Session, who: &str, arguments: &[&str]) -> String {
    let folder = session.folder.path();
    git::git(folder, folder, who, "2026-01-10T09:00:00Z", arguments)
}

fn commit(session: &Session, who: &str, message: &str) {
    git(session, who, &["add", "--all"]);
    git(session, who, &["commit", "--quiet", "--message", message]);
}

fn version(session: &mut Session, name: &str, version: &str, text: &str, variables: &str) {
    let folder = format!("prompts/{name}/v{version}");
    session.write(&format!("{folder}/system_prompt.txt"), text);
    let metadata = format!(
        "{{\"description\": \"{version}\", \"token_budget\": 100, \"variables\": {variables}}}\n"
    );
    session.write(&format!("{folder}/metadata.json"), &metadata);
}

/// Creates a repository with a shared text, a prompt that includes it, and a prompt that is edited
/// in place.
fn tree() -> Session {
    let mut session = Session::new();
    let company = r#"[{"name": "company"}]"#;
    version(&mut session, "shared/tone", "1.0.0", "Be kind.\n", "[]");
    let text = "{% include \"shared/tone@1.0.0\" %} Help customers of {{ company }}.\n";
    version(&mut session, "support/refund", "1.0.0", text, company);
    let text = "{% include \"shared/tone@1.0.0\" %} Help all customers of {{ company }}.\n";
    version(&mut session, "support/refund", "1.1.0", text, company);
    session
        .write(
            "prompts/support/refund/cases/1.1.0.yaml",
            "- {name: acme, variables: {company: Acme}}\n",
        )
        .write("prompts/support/refund/environments/staging.yaml", "version: 1.1.0\n")
        .write("prompts/support/refund/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/notes.md", "---\nversion: 1.0.0\n---\nTake notes.\n")
        .write(
            "prompts/policy.yaml",
            "promotion: {production: {from: staging, reason: required}}\n",
        );
    git(&session, "Ana", &["init", "--quiet", "--initial-branch=main"]);
    commit(&session, "Ana", "Begin");
    git(&session, "Ana", &["checkout", "--quiet", "-b", "change"]);
    session
}

#[test]
fn what_a_change_means() {
    let mut session = tree();
    session.run("report --base main");
    session.write("prompts/support/refund/environments/production.yaml", "version: 1.1.0\n");
    commit(&session, "Ben", "Promote\n\nReason: kinder, @all say | so #12");
    session.run("report --base main");
    version(&mut session, "shared/tone", "1.1.0", "Be kind and short.\n", "[]");
    let agent = r#"[{"name": "company"}, {"name": "agent"}]"#;
    version(
        &mut session,
        "support/refund",
        "2.0.0",
        "{{ agent }} of {{ company }} helps.\n",
        agent,
    );
    session
        .write("prompts/support/refund/environments/staging.yaml", "version: 1.0.0\n")
        .write("prompts/support/refund/prompt.yaml", "deprecated: {1.0.0: \"use 1.1.0 <b>\"}\n")
        .write("prompts/notes.md", "---\nversion: 1.1.0\n---\nTake short notes.\n")
        .edit("prompts/policy.yaml", "reason: required", "reason: optional")
        .show("prompts/policy.yaml")
        .run("report --base main");
    std::fs::remove_file(
        session.folder.path().join("prompts/support/refund/environments/production.yaml"),
    )
    .unwrap();
    session.run("report --base main --rev HEAD --format json").run("report --base nothing");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_large_change_fits_into_a_comment() {
    let mut session = tree();
    for number in 0..120 {
        let name = format!("many/prompt-{number}");
        version(&mut session, &name, "1.0.0", "Say {{ word }}.\n", r#"[{"name": "word"}]"#);
        session.write(&format!("prompts/{name}/environments/production.yaml"), "version: 1.0.0\n");
    }
    commit(&session, "Ana", "Many");
    git(&session, "Ana", &["checkout", "--quiet", "-b", "large"]);
    for number in 0..120 {
        let name = format!("many/prompt-{number}");
        let text = format!("{}</details> @all ```\n", "A long line | of text.\n".repeat(100));
        version(&mut session, &name, "1.1.0", &text, "[]");
        session.write(&format!("prompts/{name}/environments/production.yaml"), "version: 1.1.0\n");
    }
    commit(&session, "Ben", "More");
    for limit in [8_000, 60_000] {
        session.transcript.clear();
        session.run(&format!("report --base change --limit {limit}"));
        let (_, page) = session.transcript.split_once('\n').unwrap();
        assert!(page.len() <= limit + 1, "{} of {limit} bytes", page.len());
        assert_eq!(page.matches("\n<details>").count(), page.matches("\n</details>").count());
    }
    session.transcript.clear();
    session.run("report --base change --limit 8000").run("report --base change --limit 100");
    insta::assert_snapshot!(session.transcript);
}
