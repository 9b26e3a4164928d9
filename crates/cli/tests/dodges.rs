//! Tests what a bad colleague would try: changes that get around the rules of `policy.yaml`. Each is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod repository;

use repository::{GREETING, Session};

const TEAMS: &str = "teams:
  support: {people: [ana@example.com], owns: [\"**\"], may: [create, promote, revert]}
  writers: {people: [dana@example.com], owns: [\"support/**\"], may: [create, promote]}
";
const CHECK: &str = "check --base main --format short";

/// Commits a folder under another name, as `git mv` would, with a link in its place or without.
#[cfg(unix)]
fn move_tree(session: &Session, to: &str, is_linked: bool) {
    let (old, new) = (session.path("prompts"), session.path(to));
    std::fs::create_dir_all(new.parent().unwrap()).unwrap();
    std::fs::rename(&old, &new).unwrap();
    if is_linked {
        std::os::unix::fs::symlink(to, &old).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_tree_behind_a_link_is_no_new_tree() {
    let mut session = Session::new(TEAMS);
    move_tree(&session, "real", true);
    let pointer = "real/support/greeting/environments/production.yaml";
    session.write(pointer, "version: 1.2.0\n").commit("Mallory", "Tidy up");
    session.note("The folder is a link");
    session.run("check").run("check --base main").run("check --base main --rev HEAD");
    session.run("build --no-site").run("report --base main").run("log");
    session.note("and the check reads where it leads to");
    session.run("check --base main --root real --format short");
    session.run("check --base main --root real --rev HEAD --format short");
    session.branch("above");
    session.write("config/readme", "").commit("Ana", "A folder");
    std::fs::rename(session.path("prompts"), session.path("config/prompts")).unwrap();
    session.commit("Mallory", "Move");
    std::fs::rename(session.path("config"), session.path("kept")).unwrap();
    std::os::unix::fs::symlink("kept", session.path("config")).unwrap();
    session.commit("Mallory", "Link a folder above it");
    session.note("A folder above it is a link");
    session.run("check --root config/prompts").run("check --base main --root config/prompts");
    session.git("Nobody", &["checkout", "--quiet", "HEAD~1"]);
    session.note("in a commit that is not checked out");
    session.run("check --base main --root config/prompts --rev above");
    insta::assert_snapshot!(session.transcript);
}

#[cfg(unix)]
#[test]
fn a_moved_tree_is_compared_with_what_it_was() {
    let check = "check --base main --root real --format short";
    let mut session = Session::new(TEAMS);
    move_tree(&session, "real", false);
    session.commit("Mallory", "Move");
    session.note("Nothing else").run(check).run(&format!("{check} --rev HEAD"));
    let pointer = "real/support/greeting/environments/production.yaml";
    session.write(pointer, "version: 1.2.0\n");
    session.note("and a promotion, not committed").run(check);
    session.commit("Mallory", "Tidy up");
    session.note("and committed").run(check).run(&format!("{check} --rev HEAD"));
    session.branch("edit");
    let text = format!("{GREETING}/v1.0.0/system_prompt.txt");
    session.write(&text, "Give away the store.").commit("Mallory", "Edit");
    move_tree(&session, "real", false);
    session.commit("Ana", "Move");
    session.note("Edited before, and moved by somebody else").run(check);
    session.branch("copy");
    session.git("Nobody", &["checkout", "--quiet", "-b", "x"]);
    session.write(pointer, "version: 1.2.0\n");
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        let text = format!("support/greeting/v{version}/system_prompt.txt");
        let of_main = std::fs::read_to_string(session.path(&format!("prompts/{text}"))).unwrap();
        session.write(&format!("real/{text}"), &of_main);
    }
    session.commit("Mallory", "Another folder, and the old one stays");
    session.note("A copy of the same registry, without rules").run(check);
    session.branch("other").write("real/registry.yaml", "registry: other\n");
    session
        .write("real/other/v1.0.0/system_prompt.txt", "Other.")
        .commit("Eve", "Another registry");
    session.note("Another registry in the same repository").run(check);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write("docs/notes.txt", "Notes.").commit("Mallory", "A folder that nobody minds");
    session.branch("into");
    for entry in std::fs::read_dir(session.path("prompts")).unwrap() {
        let entry = entry.unwrap();
        std::fs::rename(entry.path(), session.path("docs").join(entry.file_name())).unwrap();
    }
    session.write("docs/support/greeting/environments/production.yaml", "version: 1.2.0\n");
    session.commit("Mallory", "Move");
    session.note("Moved into a folder that the base has");
    session.run("check --base main --root docs --format short");
    session.branch("gone");
    move_tree(&session, "renamed", false);
    std::fs::rename(session.path("renamed/support"), session.path("renamed/sales")).unwrap();
    session.commit("Mallory", "Rename everything");
    session.note("Moved, and every prompt renamed");
    session.run("check --base main --root renamed --format short");
    insta::assert_snapshot!(session.transcript);
}

#[cfg(unix)]
#[test]
fn a_base_that_lost_its_tree_is_not_an_empty_one() {
    let mut session = Session::new(TEAMS);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    std::fs::remove_dir_all(session.path("prompts")).unwrap();
    session.write("README.md", "Nothing.").commit("Mallory", "Clean up");
    session.branch("back");
    session.write(&format!("{GREETING}/v1.0.0/system_prompt.txt"), "Give away the store.");
    session.commit("Mallory", "Begin again");
    session.run("check --base main").run("report --base main");
    session.note("A repository that never had one");
    session.run("check --base main --root other --format short");
    session.write("other/a/v1.0.0/system_prompt.txt", "A.").commit("Eve", "First");
    session.run("check --base main --root other --format short");
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write("kept/README.md", "Prompts will be here.").commit("Eve", "A folder");
    session.branch("kept").write("kept/a/v1.0.0/system_prompt.txt", "A.").commit("Eve", "First");
    session.note("A folder that had no prompts yet");
    session.run("check --base main --root kept --format short");
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write("prompts/README.md", "Prompts were here.").commit("Mallory", "A folder");
    session
        .branch("again")
        .write(&format!("{GREETING}/v1.0.0/system_prompt.txt"), "Give away the store.");
    session.commit("Mallory", "Begin again");
    session.note("A folder that had rules");
    session.run("check --base main");
    insta::assert_snapshot!(session.transcript);
}

/// A promotion needs a day in staging and passing tests.
const GATES: &str =
    "promotion: {production: {from: staging, soak: 24h, results: {min_pass_rate: 1}}}
teams:
  leads: {people: [ana@example.com], owns: [\"**\"], may: [promote, revert, record]}
  writers: {people: [dana@example.com], owns: [\"support/**\"], may: [create, promote]}
";

#[test]
fn who_promotes_does_not_write_the_evidence() {
    let mut session = Session::new(GATES);
    let result = "{\"test_name\": \"smoke\", \"source_digest\": \"sha256:4d712b6abd208d41e3cde454dc80a5b68ae9a8162e10ff10c1e57d2708a443cd\", \"passed\": 9, \"failed\": 0, \"tested_at\": \"2026-01-08T00:00:00Z\"}\n";
    let file = format!("{GREETING}/results/1.1.0/smoke.json");
    session.point("production", "1.1.0").write(&file, result).commit("Dana", "Promote, tested");
    session.note("Results in the same change").run(CHECK);
    session.branch("recorded").write(&file, result).commit("Dana", "Test");
    session.note("Results alone, by a team without the permission").run(CHECK);
    session.branch("by-ana").write(&file, result).commit("Ana", "Test");
    session.note("by one that has it").run(CHECK);
    let cases = format!("{GREETING}/cases/1.1.0.yaml");
    session.branch("cases").write(&cases, "- {name: any, variables: {}}\n");
    session.commit("Dana", "Expect less");
    session.note("Test cases").run(CHECK);
    session.branch("owners").write(&format!("{GREETING}/prompt.yaml"), "owners: [dana]\n");
    session.commit("Dana", "It is mine");
    session.note("Owners").run(CHECK);
    session
        .branch("replaced")
        .write(&format!("{GREETING}/prompt.yaml"), "replaced_by: support/other\n");
    session.write("prompts/support/other/v1.0.0/system_prompt.txt", "Other.");
    session.commit("Dana", "Use mine");
    session.note("What replaces a prompt").run(CHECK);
    session.branch("policy").write("prompts/policy.yaml", &GATES.replace("24h", "1h"));
    session.commit("Dana", "A shorter time");
    session.note("The policy").run(CHECK);
    session.branch("appended");
    session.write("prompts/registry.yaml", "environments: [dev, staging, production, archive]\n");
    session.commit("Dana", "Another environment");
    session.note("An environment behind the last one").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_small_share_and_a_wrong_clock_are_no_soak() {
    let mut session = Session::new("promotion: {production: {from: staging, soak: 24h}}\n");
    let staging = format!("{GREETING}/environments/staging.yaml");
    let canary = |session: &Session, weight: &str, rest: &str| {
        let text = format!(
            "rollout: {{experiment: e, arms: [{{key: a, version: 1.1.0, weight: {rest}}}, {{key: b, version: 1.2.0, weight: {weight}}}]}}\n"
        );
        session.write(&staging, &text);
    };
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    canary(&session, "0.01", "99.99");
    session.commit("Ana", "One in ten thousand");
    session.branch("small").point("production", "1.2.0").commit("Ana", "Promote");
    session.note("Two days with 0.01% of the traffic").run("check --base main");
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    canary(&session, "25", "75");
    session.commit("Ana", "A quarter");
    session.branch("large").point("production", "1.2.0").commit("Ana", "Promote");
    session.note("25% of the traffic").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    let policy = "promotion: {production: {from: staging, soak: {time: 24h, share: 50}}}\n";
    session.write("prompts/policy.yaml", policy).commit("Ana", "Half of the traffic");
    session.branch("half").point("production", "1.2.0").commit("Ana", "Promote");
    session.note("where 50% are required").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    let now = session.clock.get();
    // Ten days before its parent, after the day is added.
    session.clock.set(now - 11 * 86_400);
    session.point("staging", "1.2.0").commit("Ana", "Long ago");
    session.clock.set(now);
    session.branch("dated").point("production", "1.2.0").commit("Ana", "Promote");
    session.note("A commit that is older than its parent").run("check --base main");
    insta::assert_snapshot!(session.transcript);
}
