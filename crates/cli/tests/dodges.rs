//! Tests what a bad colleague would try: changes that get around the rules of `policy.yaml`. Each is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod repository;

use repository::{GREETING, Session};

const TEAMS: &str = "teams:
  support: {people: [ana@example.com], owns: [\"**\"], may: [create, promote, revert]}
";

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
    session.write("real/other/v1.0.0/system_prompt.txt", "Other.").commit("Eve", "Another registry");
    session.note("Another registry in the same repository").run(check);
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
    insta::assert_snapshot!(session.transcript);
}
