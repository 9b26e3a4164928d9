//! Tests the commands that move pointers and set states of versions, with whole sessions in a
//! repository. Each is a snapshot of everything that was printed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod session;

use session::Session;

const REFUND: &str = "prompts/support/refund";
const PRODUCTION: &str = "prompts/support/refund/environments/production.yaml";
const STAGING: &str = "prompts/support/refund/environments/staging.yaml";

/// Runs Git without the settings of the machine.
fn git(session: &Session, arguments: &[&str]) -> String {
    let folder = session.folder.path();
    git::git(folder, folder, "Ana", session.date.unwrap(), arguments)
}

/// Turns the folder into a repository with everything committed.
fn begin(session: &mut Session) {
    session.date = Some("2026-01-10T09:00:00Z");
    git(session, &["init", "--quiet", "--initial-branch=main"]);
    for (key, value) in [
        ("user.name", "Ana"),
        ("user.email", "ana@example.com"),
        ("core.autocrlf", "false"),
        ("commit.gpgsign", "false"),
    ] {
        git(session, &["config", key, value]);
    }
    commit(session, "2026-01-10T09:00:00Z", "Begin");
}

/// Commits everything.
fn commit(session: &mut Session, date: &'static str, message: &str) {
    session.date = Some(date);
    git(session, &["add", "--all"]);
    git(session, &["commit", "--quiet", "--message", message]);
}

/// Adds the output of Git to the transcript.
fn show(session: &mut Session, arguments: &[&str]) {
    let mut said = git(session, arguments);
    if !said.is_empty() {
        said.push('\n');
    }
    session.transcript.push_str(&format!("$ git {}\n{said}\n", arguments.join(" ")));
}

fn version(session: &mut Session, version: &str, text: &str, variables: &str) {
    let folder = format!("{REFUND}/v{version}");
    session.write(&format!("{folder}/system_prompt.txt"), text);
    let metadata = format!("{{\"description\": \"{version}\", \"variables\": {variables}}}\n");
    session.write(&format!("{folder}/metadata.json"), &metadata);
}

/// Creates a prompt with 1.0.0 in production and 1.1.0 in staging; 2.0.0 breaks apps.
fn tree() -> Session {
    let mut session = Session::new();
    version(
        &mut session,
        "1.0.0",
        "Help customers of {{ company }}.\n",
        r#"[{"name": "company"}]"#,
    );
    version(
        &mut session,
        "1.1.0",
        "Help customers of {{ company }} in {{ language }}.\n",
        r#"[{"name": "company"}, {"name": "language", "default": "English"}]"#,
    );
    version(
        &mut session,
        "2.0.0",
        "Help customers of {{ company }} in {{ language }}, by {{ agent }}.\n",
        r#"[{"name": "company"}, {"name": "language", "default": "English"}, {"name": "agent"}]"#,
    );
    session
        .write("prompts/registry.yaml", "registry: acme\naliases: {prod: production}\n")
        .write(&format!("{REFUND}/cases/1.1.0.yaml"), "- {name: acme, variables: {company: Acme}}\n- {name: \"two\\nlines\", variables: {company: Acme, language: German}}\n")
        .write(PRODUCTION, "# Ask Ana before this moves.\nversion: 1.0.0 # since January\n")
        .write(STAGING, "version: 1.1.0\n")
        .write("prompts/greeting/v1.0.0/system_prompt.txt", "Say hello.\n")
        .write("prompts/greeting/v1.1.0/system_prompt.txt", "Say hello, kindly.\n")
        .write("prompts/greeting/environments/staging.yaml", "version: 1.1.0\n");
    session
}

#[test]
fn along_the_promotion_path() {
    let mut session = tree();
    session
        .run("promote support/refund --to production --reason \"shorter answers\" --dry-run")
        .run("promote support/refund --to production --reason \"shorter answers\"")
        .show(PRODUCTION)
        .run("promote support/refund --to production --reason again")
        .write("prompts/letter/v1.0.0/system_prompt.txt", "{% include \"greeting@1.1.0\" %}\n")
        .write("prompts/letter/v1.1.0/system_prompt.txt", "{% include 'greeting@1.1.0' %}\n")
        .write("prompts/letter/environments/production.yaml", "version: 1.1.0\n")
        .run("promote greeting --to prod --reason \"first time\"")
        .show("prompts/greeting/environments/production.yaml")
        .run("promote greeting@1.0.0 --to dev --reason pinned")
        .run("promote support/refund@production --to staging --reason \"what production has\"")
        .run("promote greeting --to dev --reason x");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_canary_grows_and_ends() {
    let mut session = tree();
    let file = "prompts/greeting/environments/production.yaml";
    session
        .run("promote greeting --to production --weight 5 --reason \"nothing to share\"")
        .write(file, "# Ask Ana before this moves.\nversion: 1.0.0\n")
        .run("promote greeting --to production --weight 10 --reason \"try it\"")
        .show(file)
        .edit(file, "10}", "10} # watched by Ben")
        .run("promote greeting@1.1.0 --to production --weight 50 --reason \"went well\"")
        .run("promote greeting --to production --weight 62.5% --reason \"went well\" --quiet")
        .show(file)
        .run("promote greeting@1.0.0 --to production --weight 50 --reason \"the main one\"")
        .run("promote greeting@1.0.0 --to production --reason \"did not go well\" --dry-run")
        .run("promote greeting --to production --weight 100 --reason done")
        .show(file)
        .run("promote support/refund@2.0.0 --to production --weight 5 --reason \"another major\"")
        .run("promote support/refund --to production --weight 10 --reason \"one optional variable more\"")
        .run("promote greeting --to production --weight 101 --reason much");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_the_rules_refuse_is_not_made() {
    let mut session = tree();
    session.write(
        "prompts/policy.yaml",
        "promotion:
  production: {from: staging, reason: required}
teams:
  support: {people: [ben@example.com], owns: [\"support/**\"], may: [promote, revert]}
  writers: {people: [ana@example.com], owns: [\"support/**\"], may: [create]}
",
    );
    begin(&mut session);
    session
        .run("promote support/refund@2.0.0 --to production --reason \"for new apps\" --track")
        .run("promote support/refund --to production --reason \"shorter answers\" --dry-run")
        .run("promote support/refund --to production --reason x --actor @cy --format json")
        .run("promote greeting@1.0.0 --to production --reason \"not staged, owned by nobody\"")
        .run("promote support/refund --to production --reason fine --actor ben@example.com --commit")
        .edit("prompts/policy.yaml", "from: staging", "from: staging, soak: 5000w, results: {min_pass_rate: 1}, freeze: [{from: 2020-01-01T00:00:00Z, until: 2099-01-01T00:00:00Z, reason: holidays}]")
        .run("promote greeting --to production --reason \"first time\"")
        .run("rollback support/refund --in production --reason \"answers got longer\" --actor ben@example.com --commit")
        .run("yank support/refund@2.0.0 --reason \"not ready\"")
        .write("prompts/policy.yaml", "max_versions: 1\n")
        .write("prompts/letter/v1.0.0/system_prompt.txt", "{% include \"greeting@1.0.0\" %}\n")
        .write("prompts/note/v1.0.0/system_prompt.txt", "{% include \"greeting@1.0.0\" %}\n")
        .run("update-includes greeting --to 1.1.0 --quiet");
    git(&session, &["config", "--unset", "user.email"]);
    session
        .write(
            "prompts/policy.yaml",
            "teams: {all: {people: [Ana], owns: [\"**\"], may: [promote]}}\n",
        )
        .run("promote greeting --to production --reason \"who am I?\" --quiet")
        .run(
            "promote greeting --to production --reason \"I am Ana\" --actor Ana --dry-run --quiet",
        );
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_breaks_callers_goes_live_as_a_new_track() {
    let mut session = tree();
    session
        .run("promote support/refund@2.0.0 --to staging --reason \"see it\"")
        .run("promote support/refund --to production --reason \"for all\"")
        .run("promote support/refund --to production --reason \"for new apps\" --track")
        .show(PRODUCTION);
    version(
        &mut session,
        "2.1.0",
        "Help customers of {{ company }} in {{ language }}, kindly, by {{ agent }}.\n",
        r#"[{"name": "company"}, {"name": "language", "default": "English"}, {"name": "agent"}]"#,
    );
    version(&mut session, "3.0.0", "Help.\n", "[]");
    session
        .run("promote support/refund@1.1.0 --to production --reason \"track 1\" --quiet")
        .run("promote support/refund@2.1.0 --to production --reason \"track 2\" --quiet")
        .run("promote support/refund@3.0.0 --to production --reason \"track 3\"")
        .run("promote support/refund@3.0.0 --to production --reason \"track 3\" --track --quiet")
        .show(PRODUCTION)
        .run("promote support/refund@2.1.0 --to production --reason again --track")
        .run("promote support/refund@1.1.0 --to production --weight 10 --reason \"served already\"")
        .run("promote support/refund@1.0.0 --to staging --track --reason \"for old apps\"")
        .run("promote support/refund@2.1.0 --to staging --track --reason \"same major\" --quiet")
        .show("prompts/support/refund/environments/staging.yaml");
    version(
        &mut session,
        "1.2.0",
        "Help customers of {{ company }}, briefly, in {{ language }}.\n",
        r#"[{"name": "company"}, {"name": "language", "default": "English"}]"#,
    );
    session
        .run("promote support/refund@1.2.0 --to production --weight 10 --track --reason \"a canary\"")
        .show(PRODUCTION)
        .run("promote support/refund@1.2.0 --to production --weight 50 --reason \"half\" --quiet")
        .run("promote support/refund@4.0.0 --to production --weight 10 --track --reason \"unknown\"")
        .run("promote support/refund@1.1.0 --to staging --weight 10 --reason \"of one track\" --quiet")
        .show(PRODUCTION)
        .run("promote --all --to production --reason \"what staging serves\"")
        .run("promote support/refund@1.2.0 --to production --reason \"for all of track 1\" --quiet")
        .show(PRODUCTION)
        .run("build --no-site");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn everything_at_once() {
    let mut session = tree();
    session
        .write("prompts/tracks/v1.0.0/system_prompt.txt", "One.\n")
        .write("prompts/tracks/v2.0.0/system_prompt.txt", "Two.\n")
        .write("prompts/tracks/environments/staging.yaml", "version: 2.0.0\n")
        .write("prompts/tracks/environments/production.yaml", "tracks: {\"1\": 1.0.0}\n")
        .write("prompts/arms/v1.0.0/system_prompt.txt", "One.\n")
        .write("prompts/arms/v1.1.0/system_prompt.txt", "One, warmer.\n")
        .write("prompts/arms/environments/staging.yaml", "rollout:\n  arms:\n    - {key: a, version: 1.0.0, weight: 90}\n    - {key: b, version: 1.1.0, weight: 10}\n");
    begin(&mut session);
    session.date = Some("2026-02-01T12:00:00Z");
    session
        .run("promote --all --to production --reason \"release of February\" --commit")
        .run("promote --all --to production --reason again")
        .run("promote --all --to dev --reason x")
        .run("promote greeting --all --to production --reason x");
    show(&mut session, &["log", "-1", "--format=%an %ad%n%B", "--stat"]);
    show(&mut session, &["status", "--short"]);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_the_checks_refuse_is_not_done() {
    let mut session = tree();
    session
        .write(&format!("{REFUND}/prompt.yaml"), "yanked: {1.1.0: \"promises too much\"}\n")
        .write(STAGING, "version: 1.0.0\n")
        .run("promote support/refund@1.1.0 --to production --reason x")
        .run("promote support/refund@1.1.0 --to production --reason x --format json")
        .show(PRODUCTION)
        .write("prompts/greeting/v1.1.0/metadata.json", "{\"variables\": {\"unused\": \"string\"}}\n")
        .write("prompts/broken/v1.0.0/system_prompt.txt", "{{ x }}\n")
        .run("promote greeting --to production --reason \"what was wrong before does not stop it\" --dry-run")
        .write("prompts/old/v1.0.0/system_prompt.txt", "Old.\n")
        .write("prompts/old/v1.1.0/system_prompt.txt", "Newer.\n")
        .write("prompts/old/v1.0.0/metadata.json", "{\"environment\": \"production\"}\n")
        .run("promote old@1.1.0 --to staging --reason \"would lose production\"")
        .run("promote support/refnd --to production --reason x")
        .run("promote support/refund@3.0.0 --to production --reason x")
        .run("promote support/refund --to prodution --reason x")
        .run("promote support/refund --to production")
        .run("promote support/refund --to production --reason \" \"")
        .run("promote --to production --reason x")
        .run("promote support/refund --to production --reason x --commit");
    insta::assert_snapshot!(session.transcript);
}

/// Creates a repository in which production served 1.0.0, a canary, and then 1.1.0. The prompt
/// `greeting` was added later.
fn history() -> Session {
    let mut session = tree();
    begin(&mut session);
    session.write(
        PRODUCTION,
        "rollout:\n  arms:\n    - {key: current, version: 1.0.0, weight: 90}\n    - {key: next, version: 1.1.0, weight: 10}\n",
    );
    commit(&mut session, "2026-02-01T09:00:00Z", "Try 1.1.0");
    session.write(PRODUCTION, "version: 1.1.0\n");
    commit(&mut session, "2026-03-01T09:00:00Z", "Promote 1.1.0");
    session.write("prompts/greeting/environments/production.yaml", "version: 1.1.0\n");
    commit(&mut session, "2026-04-01T09:00:00Z", "Promote greeting");
    session.date = Some("2026-05-01T09:00:00Z");
    session
}

#[test]
fn back_to_what_was_served_before() {
    let mut session = history();
    session
        .run("rollback support/refund --in production --reason \"answers got longer\" --dry-run")
        .run("rollback support/refund --in production --reason \"answers got longer\" --commit");
    show(&mut session, &["log", "-1", "--format=%B", "--name-only"]);
    session
        .run("rollback support/refund --in production --reason again")
        .run("rollback support/refund --in production --to 1.1.0 --reason \"it was good\"")
        .run("rollback support/refund --in production --reason \"not committed yet\" --quiet")
        .show(PRODUCTION)
        .run("rollback greeting --in production --reason x")
        .run("rollback support/refund --in prodution --reason x")
        .run("rollback support/refund@1.0.0 --in production --reason x")
        .run("rollback support/refund --in production --to 7.0.0 --reason x")
        .run("rollback --in production --reason x")
        .run("rollback greeting --in production");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn going_back_may_break_callers_too() {
    let mut session = history();
    version(
        &mut session,
        "1.2.0",
        "Help in {{ language }}.\n",
        r#"[{"name": "language", "default": "English"}, {"name": "company", "required": false}]"#,
    );
    session.write(PRODUCTION, "version: 1.2.0\n");
    commit(&mut session, "2026-05-01T09:00:00Z", "Promote 1.2.0");
    session
        .write(&format!("{REFUND}/prompt.yaml"), "yanked: {1.0.0: \"too short\"}\n")
        .run("rollback support/refund --in production --reason \"bad answers\"")
        .run("rollback support/refund --in production --reason \"bad answers\" --format json")
        .show(PRODUCTION);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn an_environment_goes_back_as_a_whole() {
    let mut session = history();
    session
        .run("rollback --in production --to 2026-02-02 --reason \"before the incident\" --dry-run")
        .run("rollback --in production --to 2026-03-02 --reason \"before the incident\" --dry-run")
        .run("rollback --in production --to HEAD~3 --reason \"as it began\" --commit");
    show(&mut session, &["log", "-1", "--format=%B", "--name-status"]);
    session
        .run("rollback --in production --to HEAD~1 --reason \"that was too far\" --quiet")
        .show(PRODUCTION)
        .show("prompts/greeting/environments/production.yaml")
        .run("rollback --in production --to HEAD~1 --reason again")
        .run("rollback --in production --to 2020-01-01 --reason x")
        .run("rollback --in production --to no-such-tag --reason x")
        .run("rollback --in production --to 2 --reason x");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_published_release_is_gone_back_to() {
    let mut session = tree();
    session
        .run("build --no-site --quiet")
        .write(PRODUCTION, "version: 1.1.0\n")
        .run("build --no-site --quiet --previous dist")
        .run("rollback --in production --to 1 --previous dist --reason \"release 1 was good\"")
        .show(PRODUCTION)
        .run("rollback --in production --to 3 --previous dist --reason x")
        .run("rollback --in production --to 1 --reason x");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn versions_are_deprecated_and_taken_back() {
    let mut session = tree();
    let file = "prompts/support/refund/prompt.yaml";
    session
        .run("deprecate support/refund@1.0.0 --reason \"use 1.1.0: \\e[2J\"")
        .show(file)
        .write(file, "# About refunds.\ntitle: Refunds # short\ndeprecated:\n  # still called by the old app\n  1.0.0: \"use 1.1.0\"\n\nowners: [ana]\n")
        .run("deprecate support/refund@2.0.0 --reason \"came too early\"")
        .run("deprecate support/refund@1.0.0 --reason \"use 1.1.0\"")
        .run("deprecate support/refund@1.0.0 --reason \"use 1.1.0, please\" --dry-run --format json")
        .show(file)
        .run("deprecate support/refund@1.0.0 --undo --reason \"the old app stays\"")
        .run("deprecate support/refund@2.0.0 --undo --reason \"on time after all\"")
        .show(file)
        .run("deprecate support/refund@2.0.0 --undo --reason again")
        .run("deprecate support/refund --reason x")
        .run("deprecate support/refund@3.0.0 --reason x")
        .run("deprecate support/refund@2.0.0")
        .write(file, "deprecated:\n")
        .run("deprecate support/refund@2.0.0 --reason x");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn versions_are_yanked_and_taken_back() {
    let mut session = tree();
    session.write(
        "prompts/letter/v1.0.0/system_prompt.txt",
        "{% include \"greeting@1.0.0\" %} Write a letter.\n",
    );
    session.write("prompts/letter/v1.0.1/system_prompt.txt", "Write a letter.\n");
    session.write(".gitignore", "/dist\n");
    begin(&mut session);
    session.date = Some("2026-02-01T12:00:00Z");
    session
        .run("yank support/refund@1.0.0 --reason \"wrong numbers\"")
        .run("build --no-site --quiet")
        .run("yank support/refund@1.0.0 --reason \"wrong numbers\" --previous dist --dry-run")
        .write("prompts/greeting/prompt.yaml", "deprecated: {1.0.0: \"use 1.1.0\"}\n");
    commit(&mut session, "2026-02-01T12:00:00Z", "Deprecate");
    session
        .run("yank greeting@1.0.0 --reason \"rude\" --commit")
        .show("prompts/greeting/prompt.yaml")
        .run("deprecate greeting@1.0.0 --reason x")
        .run("yank greeting@1.0.0 --undo --reason \"it was not\" --commit");
    show(&mut session, &["log", "-2", "--format=%B", "--name-status"]);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_nothing_serves_is_archived() {
    let mut session = tree();
    session
        .write(".gitignore", "/dist\n")
        .write("prompts/letter/v1.0.0/system_prompt.txt", "{% include \"greeting@1.0.0\" %}\n")
        .write("prompts/letter/v1.1.0/system_prompt.txt", "Write a letter.\n")
        .write("prompts/note/v1.0.0/system_prompt.txt", "{% include 'greeting@1.1.0' %}\n")
        .write("prompts/note/v1.1.0/system_prompt.txt", "Note.\n")
        .write("prompts/note/v1.2.0/system_prompt.txt", "Take a note.\n")
        .write("prompts/note/prompt.yaml", "title: Note\nyanked: {1.1.0: rude}\n")
        .write("prompts/note/environments/production.yaml", "version: 1.0.0\n");
    begin(&mut session);
    session.write("prompts/note/environments/production.yaml", "version: 1.2.0\n");
    commit(&mut session, "2026-02-01T09:00:00Z", "Promote the note");
    session
        .run("archive --older-than 2026-01-20 --dry-run")
        .run("archive --older-than 2026-02-02 --commit")
        .show("prompts/note/prompt.yaml")
        .run("archive --older-than 2026-02-02")
        .run("archive note@1.0.0 --undo --reason \"still asked for\"")
        .run("archive note --older-than 2026-02-02 --reason \"two weeks\" --dry-run")
        .run("archive note@1.0.0 --older-than 2026-02-02")
        .run("archive note@1.2.0")
        .run("archive note@1.1.0")
        .run("archive support/refund@2.0.0 --reason \"never used\" --dry-run")
        .run("archive")
        .write("prompts/note/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/note/prompt.yaml", "archived: {1.0.0: old}\n")
        .run("check --format short")
        .run("yank letter@1.0.0 --reason rude --quiet");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_text_is_withdrawn_with_all_that_includes_it() {
    let mut session = Session::new();
    session
        .write(".gitignore", "/dist\n")
        .write("prompts/shared/tone/v1.0.0/system_prompt.txt", "Call Mr. Smith at 555-0100.\n")
        .write("prompts/shared/tone/v1.1.0/system_prompt.txt", "Be kind.\n")
        .write(
            "prompts/shared/tone/cases/1.0.0.yaml",
            "- {name: plain, variables: {}, expect: {contains: [Smith]}}\n",
        )
        .write("prompts/shared/tone/results/1.0.0/smoke.json", "{}\n")
        .write(
            "prompts/shared/frame/v1.0.0/system_prompt.txt",
            "{% include \"shared/tone@1.0.0\" %}\n",
        )
        .write(
            "prompts/shared/frame/v1.1.0/system_prompt.txt",
            "{% include \"shared/tone@1.1.0\" %}\n",
        )
        .write(
            "prompts/letter/v1.0.0/system_prompt.txt",
            "{% include \"shared/frame@1.0.0\" %} Write.\n",
        )
        .write(
            "prompts/letter/v1.1.0/system_prompt.txt",
            "{% include \"shared/frame@1.1.0\" %} Write.\n",
        )
        .write("prompts/letter/environments/production.yaml", "version: 1.0.0\n");
    std::fs::remove_file(
        session.folder.path().join("prompts/shared/tone/results/1.0.0/smoke.json"),
    )
    .unwrap();
    begin(&mut session);
    session
        .run("build --no-site --quiet")
        .run("redact shared/tone@1.0.0 --reason \"held a customer's name\"")
        .run("promote letter@1.1.0 --to production --reason \"without the name\" --commit --quiet")
        .run("redact shared/tone@1.0.0 --reason \"held a customer's name\" --commit")
        .show("prompts/shared/tone/prompt.yaml")
        .show("prompts/letter/prompt.yaml")
        .run("redact shared/tone@1.0.0 --reason \"held a customer's name\"")
        .run("build --no-site --previous dist");
    show(&mut session, &["show", "--stat", "--format=%B", "HEAD"]);
    let held = std::process::Command::new("grep")
        .args(["-rl", "Smith", "dist"])
        .current_dir(session.folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&held.stdout), "", "nothing published has the text");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn includes_are_bumped_through_every_level() {
    let mut session = Session::new();
    session
        .write("prompts/shared/tone/v1.2.0/system_prompt.txt", "Be brief.\n")
        .write("prompts/shared/tone/v1.3.0/system_prompt.txt", "Be brief and kind.\n")
        .write("prompts/shared/frame/v1.0.0/system_prompt.md", "{% include \"shared/tone@1.2.0\" %}\r\nAnswer.\r\n")
        .write("prompts/shared/frame/v1.0.0/metadata.json", "{\n  \"version\": \"1.0.0\",\n  \"description\": \"first\",\n  \"created_by\": \"ana@example.com\"\n}\n")
        .write("prompts/refund/v1.0.0/system_prompt.txt", "{% include 'shared/tone@1.2.0' %}\n")
        .write("prompts/refund/v2.0.0/messages.yaml", "- role: system\n  content: |\n    {% include \"shared/frame@1.0.0\" %} # not a comment\n    {% include \"shared/tone@1.2.0\" %}\n- {role: user, content: \"{% include \\\"shared/tone@1.2.0\\\" %}\\t!\"}\n")
        .write("prompts/refund/cases/2.0.0.yaml", "- {name: plain, variables: {}}\n")
        .write("prompts/refund/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/done/v1.0.0/system_prompt.txt", "{% include \"shared/tone@1.3.0\" %}\n")
        .write("prompts/summary.md", "---\nversion: 1.0.0 # the number\ndescription: sums up\n---\n\n{% include \"shared/tone@1.2.0\" %} Sum up.\n")
        .write("prompts/intro/prompt.yaml", "# Who we are.\ntitle: Intro\nversion: \"1.0.0\"\n")
        .write("prompts/intro/system_prompt.txt", "{% include \"shared/tone@1.2.0\" %}\n")
        .write("prompts/draft.md", "---\nversion: 1.0.0\n---\n\n{% include \"shared/tone@1.2.0\" %} Draft.\n");
    begin(&mut session);
    session
        .edit("prompts/draft.md", "Draft.", "A draft.")
        .run("update-includes shared/tone --to 1.3.0 --dry-run")
        .run("update-includes shared/tone --to 1.3.0 --reason kinder --commit")
        .show("prompts/shared/frame/v1.0.1/system_prompt.md")
        .show("prompts/shared/frame/v1.0.1/metadata.json")
        .show("prompts/refund/v2.0.1/messages.yaml")
        .show("prompts/refund/v1.0.1/system_prompt.txt")
        .show("prompts/summary.md")
        .run("deprecate intro@1.0.0 --reason \"use 1.0.1\" --commit")
        .run("promote intro --to staging --reason \"see it\"")
        .show("prompts/intro/prompt.yaml");
    show(&mut session, &["log", "-2", "--format=%B", "--name-status"]);
    show(&mut session, &["status", "--short"]);
    session
        .run("update-includes shared/tone --to 1.3.0")
        .run("update-includes shared/tone --to 1.3.0 --format json")
        .run("update-includes shared/tone --to 1.9.0")
        .run("update-includes shared/tune --to 1.3.0")
        .write("prompts/shared/tone/v2.0.0/system_prompt.txt", "Be brief, {{ name }}.\n")
        .write(
            "prompts/shared/tone/v2.0.0/metadata.json",
            "{\"variables\": {\"name\": \"string\"}}\n",
        )
        .run("update-includes shared/tone --to 2.0.0");
    show(&mut session, &["status", "--short"]);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn facts_for_programs() {
    let mut session = history();
    session
        .run("promote support/refund@1.1.0 --to staging --reason x --format json")
        .run("rollback support/refund --in production --reason \"answers got longer\" --format json --commit")
        .run("yank greeting@1.0.0 --reason rude --format json");
    insta::assert_snapshot!(session.transcript);
}

#[test]
#[cfg(unix)]
fn a_commit_that_fails_leaves_the_files_and_says_which() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut session = history();
    session.transcript.clear();
    let hook = session.folder.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho \"not on a Friday\" >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    session.run("deprecate greeting@1.0.0 --reason old --commit");
    git(&session, &["checkout", "--quiet", "--", "."]);
    session.run("deprecate greeting@1.0.0 --reason old --format json --commit");
    insta::assert_snapshot!(session.transcript);
}

/// A pointer that cannot be read is no prompt that is served nowhere.
#[test]
fn a_pointer_that_cannot_be_read_is_named() {
    let mut session = tree();
    begin(&mut session);
    session.write(PRODUCTION, "version: [\n").write(STAGING, "version: [\n");
    commit(&mut session, "2026-01-11T09:00:00Z", "Break the pointers");
    session.transcript.clear();
    session
        .run("rollback support/refund --in production --reason worse")
        .run("promote support/refund --to production --reason better")
        .run("promote support/refund@staging --to production --reason better")
        .run("render support/refund@production")
        .run("diff support/refund staging");
    for said in session.transcript.split("$ promptdex ").filter(|said| !said.trim().is_empty()) {
        assert!(said.contains("error: cannot read the pointer `prompts/"), "{said}");
        assert!(said.contains("help: run `promptdex check`"), "{said}");
    }
}
