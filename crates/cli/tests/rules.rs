//! Tests `check --base` and the policy of the base branch, with whole sessions in real
//! repositories.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod repository;

use std::fmt::Write as _;
use std::process::Command;

use repository::{GREETING, Session};

const TEAMS: &str = "teams:
  support: {people: [ana@example.com, Ben, \"@chiyo\"], owns: [\"support/**\"], may: [create, promote, revert, govern]}
  writers: {people: [dana@example.com], owns: [\"support/**\"], may: [create]}
";

const CHECK: &str = "check --base main --format short";

#[test]
fn a_change_is_judged_by_the_rules_of_its_base() {
    let mut session = Session::new(TEAMS);
    session.point("production", "1.1.0").commit("Ana", "Promote");
    session.note("Somebody of the team").run("check --base main");
    session.branch("forged").write("prompts/policy.yaml", "checks: {not-allowed: off}\n");
    session.point("production", "1.1.0").commit("Mallory", "Promote");
    session.note("Mallory writes rules of her own").run("check --base main");
    session.branch("mailmap").write(".mailmap", "Ana <ana@example.com> <mallory@example.com>\n");
    session.point("production", "1.1.0").commit("Mallory", "Promote");
    session.note("and says that she is somebody else").run(CHECK);
    session.branch("levels");
    session.write("prompts/registry.yaml", "environments: [dev, production, staging]\n");
    session.point("production", "1.1.0").commit("Mallory", "Promote");
    session.note("and orders the environments anew").run(CHECK);
    session.branch("gone").write("prompts/registry.yaml", "environments: [dev, staging]\n");
    session.commit("Mallory", "Drop production");
    session.note("and drops one").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn who_did_what_is_judged() {
    let mut session = Session::new(TEAMS);
    let new = format!("{GREETING}/v1.3.0/system_prompt.txt");
    session.write(&new, "Hello.").commit("Dana", "Write");
    session.note("Writers create").run(CHECK);
    session.point("staging", "1.3.0").commit("Dana", "Promote");
    session.note("and do not promote").run(CHECK);
    session.run("check --base main --format short --actor @chiyo");
    session.run("check --base main --format short --actor 9+Chiyo@users.noreply.github.com");
    session.run("check --base main --format short --actor chiyo");
    session.branch("two").point("staging", "1.2.0").commit("Ana", "Promote");
    session.write(&format!("{GREETING}/environments/staging.yaml"), "# Now\nversion: 1.2.0\n");
    session.commit("Eve", "Explain");
    session.note("Everybody who touched the file").run(CHECK);
    session.branch("yanked");
    session.write(&format!("{GREETING}/prompt.yaml"), "yanked: {1.2.0: wrong}\n");
    session.commit("Dana", "Yank");
    session.note("To take away is to revert").run("check --base main");
    session.branch("unowned").write("prompts/other/v1.0.0/system_prompt.txt", "Other.");
    session.commit("Eve", "Another prompt");
    session.note("What no team owns").run(CHECK);
    session.branch("open").point("production", "1.1.0");
    session.note("Not committed").run("check --base main").run(&format!("{CHECK} --actor Ben"));
    session.git("Nobody", &["add", "--all"]);
    session.note("Staged alone").run(CHECK);
    session.branch("hidden").point("production", "1.1.0");
    let file = format!("{GREETING}/environments/production.yaml");
    session.git("Nobody", &["update-index", "--assume-unchanged", &file]);
    session.note("Hidden from Git").run(CHECK);
    session.git("Nobody", &["update-index", "--no-assume-unchanged", &file]);
    session
        .branch("place")
        .write("prompts/support/tone.md", "---\nversion: 1.0.0\n---\n\nBe kind.\n");
    session.commit("Dana", "In place").write(
        "prompts/support/uses/v1.0.0/system_prompt.txt",
        "{% include \"support/greeting@1.0.0\" %}",
    );
    session.commit("Eve", "Uses another");
    session.note("In place, and with an include").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn versions_of_the_base_stay_as_they_are() {
    let mut session = Session::new("");
    let version = format!("{GREETING}/v1.0.0");
    let text = format!("{version}/system_prompt.txt");
    session.write(&text, "\u{feff}Say hello.\r\n").commit("Ana", "Line ends, and a mark");
    session.git("Nobody", &["update-index", "--chmod=+x", &text]);
    session.git("Ana", &["commit", "--quiet", "--message", "Mode"]);
    session.write(&format!("{version}/README.md"), "Not read.").commit("Ana", "Ignored");
    session.note("What is no change").run(CHECK).run(&format!("{CHECK} --rev change"));
    session.branch("edit").write(&text, "Say hello!").commit("Ana", "Edit");
    session.note("An edit").run("check --base main");
    session.branch("move");
    session.git("Ana", &["mv", &version, &format!("{GREETING}/v1.0.1")]);
    session.commit("Ana", "Move");
    session.note("A moved version").run("check --base main --rev HEAD");
    session.branch("rename");
    session.git("Ana", &["mv", GREETING, "prompts/support/welcome"]);
    session.commit("Ana", "Rename");
    session.note("A renamed prompt").run("check --base main");
    session.branch("case").git("Ana", &["mv", GREETING, "prompts/support/Greeting"]);
    session.commit("Ana", "Case");
    session.note("Another case").run(&format!("{CHECK} --rev HEAD"));
    session.branch("swap");
    let other = format!("{GREETING}/v1.1.0");
    session.git("Ana", &["mv", &version, &format!("{GREETING}/x")]);
    session.git("Ana", &["mv", &other, &version]);
    session.git("Ana", &["mv", &format!("{GREETING}/x"), &other]);
    session.commit("Ana", "Swap");
    session.note("Edits through renames").run(CHECK);
    session.branch("link");
    std::fs::remove_file(session.path(&text)).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../v1.1.0/system_prompt.txt", session.path(&text)).unwrap();
    session.commit("Ana", "Link");
    session.note("A link").run(&format!("{CHECK} --rev HEAD"));
    session.branch("below").write(&format!("{GREETING}/v1.0.1/system_prompt.txt"), "Hello.");
    session.commit("Ana", "Backport");
    session.note("A version below others").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_merge_hides_nothing() {
    let mut session = Session::new(TEAMS);
    session.write("prompts/other/v1.0.0/system_prompt.txt", "Other.").commit("Ana", "Other");
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.point("production", "1.1.0").commit("Ana", "Promote");
    session.git("Nobody", &["checkout", "--quiet", "change"]);
    session.git("Eve", &["merge", "--quiet", "--no-edit", "main"]);
    session.note("A merge of the base").run(CHECK);
    session.point("staging", "1.2.0");
    session.git("Nobody", &["add", "--all"]);
    session.git("Eve", &["commit", "--quiet", "--amend", "--no-edit"]);
    session.note("that moves a pointer itself").run(CHECK).run(&format!("{CHECK} --rev HEAD"));
    session.git("Nobody", &["checkout", "--quiet", "--force", "-b", "ours", "change~1"]);
    session.git("Eve", &["merge", "--quiet", "--no-edit", "--strategy=ours", "main"]);
    session.note("that leaves out what the base did").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

const GATES: &str = "promotion:
  production:
    from: staging
    soak: 7d
    results: {min_pass_rate: 1.0, min_avg_score: 4.0, tests: {smoke: {min_pass_rate: 1.0}}}
    reason: required
";

#[test]
fn a_promotion_waits_for_what_it_needs() {
    let mut session = Session::new(GATES);
    session.point("production", "1.2.0").commit("Ana", "Promote");
    session.note("Nothing of it").run("check --base main");
    session.branch("both").point("staging", "1.2.0").point("production", "1.2.0");
    session.commit("Ana", "Promote\n\nReason: a sale");
    session.note("To both at once").run(CHECK);
    session.branch("good").point("production", "1.1.0");
    let result = |digest: &str, failed: u32| {
        format!(
            "{{\"test_name\": \"smoke\", \"source_digest\": \"{digest}\", \"passed\": 9, \"failed\": {failed}, \"avg_score\": 4.5, \"tested_at\": \"2026-01-08T00:00:00Z\"}}\n"
        )
    };
    let digest = "sha256:4d712b6abd208d41e3cde454dc80a5b68ae9a8162e10ff10c1e57d2708a443cd";
    let file = format!("{GREETING}/results/1.1.0/smoke.json");
    session.write(&file, &result(&format!("sha256:{}", "0".repeat(64)), 0));
    session.commit("Ana", "Promote\n\nReason: it is shorter");
    session.write(&file, &result(digest, 0)).commit("Ana", "Test again");
    session.note("All of it, and the results arrive with the promotion").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write(&file, &result(&format!("sha256:{}", "0".repeat(64)), 0));
    session.commit("Ana", "Test other files");
    let promote = |session: &mut Session, branch: &str| {
        session.branch(branch).point("production", "1.1.0");
        session.commit("Ana", "Promote\n\nReason: it is shorter");
    };
    promote(&mut session, "other-files");
    session.note("Results of other files").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write(&file, &result(digest, 1)).commit("Ana", "Test");
    promote(&mut session, "failing");
    session.note("A case that fails").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write(&file, &result(digest, 0)).commit("Ana", "Test again");
    promote(&mut session, "passing");
    session.note("All of it").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    std::fs::remove_file(session.path(&file)).unwrap();
    let policy =
        GATES.replace("{min_pass_rate: 1.0, min", "{same_change: true, min_pass_rate: 1.0, min");
    session.write("prompts/policy.yaml", &policy).commit("Ana", "Allow it");
    promote(&mut session, "allowed");
    session.write(&file, &result(digest, 0)).commit("Ana", "Test");
    session.note("Where results may arrive with the promotion").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn soak_is_counted_from_the_commit_of_the_base() {
    let mut session = Session::new("promotion: {production: {from: staging, soak: 24h}}\n");
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    // A day in the year 2098; Git supports no later century.
    session.clock.set(4_039_376_400);
    session.point("staging", "1.2.0").commit("Ana", "Stage 1.2.0");
    session.branch("soon").point("production", "1.2.0").commit("Ana", "Promote");
    session.note("Too soon").run("check --base main");
    session.branch("later").point("production", "1.1.0").commit("Ana", "Promote");
    session.note("What staging serves no more").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "--force", "-b", "old", "main~1"]);
    session.point("production", "1.1.0").commit("Ana", "Promote");
    session.note("Long enough").run("check --base main~1 --format short");
    session.run("build --no-site");
    for file in ["staging.json", "staging/releases/1.json"] {
        let path = format!("dist/api/environments/{file}");
        let release = std::fs::read_to_string(session.path(&path)).unwrap();
        let timed = release.replacen('{', r#"{"time":"2098-02-01T12:00:00Z","#, 1);
        session.write(&path, &timed);
    }
    session.note("and published too late");
    session.run("check --base main~1 --format short --previous dist");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_bad_release_is_taken_back_in_a_freeze() {
    let policy = format!(
        "{TEAMS}{}",
        "promotion:
  production:
    from: staging
    reason: required
    freeze: [{from: 2020-01-01T00:00:00Z, until: 2999-01-01T00:00:00Z, reason: \"the long winter\"}]
"
    );
    let mut session = Session::new(&policy);
    session.point("production", "1.1.0").commit("Ana", "Promote\n\nReason: shorter");
    session.note("A promotion").run("check --base main");
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.git("Nobody", &["merge", "--quiet", "change"]);
    session.branch("back").point("production", "1.0.0").commit("Ana", "Back\n\nReason: rude");
    session.note("Back to what it has served").run(CHECK);
    session.branch("silent").point("production", "1.0.0").commit("Ana", "Back");
    session.note("without a word").run(CHECK);
    session.branch("never").write(&format!("{GREETING}/v1.0.1/system_prompt.txt"), "Hello.");
    session.point("production", "1.0.1").commit("Ana", "Back\n\nReason: rude");
    session.note("to what it has never served").run(CHECK);
    session.branch("retired");
    std::fs::remove_file(session.path(&format!("{GREETING}/environments/production.yaml")))
        .unwrap();
    session.commit("Dana", "Retire\n\nReason: rude");
    session.note("out of it, by somebody who may not").run(CHECK);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_was_red_before_fails_no_change() {
    let mut session = Session::new(TEAMS);
    session.write("prompts/billing/v1.0.0/system_prompt.txt", "Pay.\n");
    session.write("prompts/tone/v1.0.0/system_prompt.txt", "Be calm.\n");
    session.write(
        "prompts/letter/v1.0.0/system_prompt.txt",
        "{% include \"tone@1.0.0\" %}\n{{ sender }}\n",
    );
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.commit("Ana", "Break the letter");
    session.branch("elsewhere");
    session.write("prompts/billing/v1.1.0/system_prompt.txt", "Pay now.\n").commit("Ana", "Pay");
    session.note("A change elsewhere: what it touches").run("check --base main");
    session.note("and the whole tree").run("check --base main --whole");
    session.run("check --base main --whole --format json");
    session.run("check --base main --whole --format github");
    session.branch("tone").write("prompts/tone/prompt.yaml", "title: Tone\n");
    session.write("prompts/letter/prompt.yaml", "title: Letter\n").commit("Ana", "Titles");
    session.note("In what is touched, everything counts").run("check --base main --whole");
    session.git("Nobody", &["checkout", "--quiet", "--force", "main"]);
    session.write("prompts/note/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %}\n");
    session.commit("Ana", "A note that includes the tone");
    session.branch("break").git("Nobody", &["rm", "-r", "--quiet", "prompts/tone"]);
    session.commit("Ana", "Remove the tone");
    session
        .note("What a change breaks elsewhere counts")
        .run("check --base main --whole --format short");
    insta::assert_snapshot!("what_was_red_before_fails_no_change", session.transcript);
}

#[test]
fn a_change_has_so_many_versions() {
    let mut session = Session::new("max_versions: 2\n");
    for version in ["1.3.0", "1.4.0", "1.5.0"] {
        session.write(&format!("{GREETING}/v{version}/system_prompt.txt"), version);
    }
    session.commit("Ana", "Three");
    session.run("check --base main");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let mut session = Session::new("");
    session.point("production", "1.1.0").commit("Ana", "Promote");
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", session.folder.path().display());
    let to = clone.path().to_str().unwrap().to_owned();
    session.git("Nobody", &["clone", "--quiet", "--depth=1", "--branch=change", &from, &to]);
    session.note("A shallow clone without the base");
    session.run_in(clone.path(), "check --base origin/main");
    let fetch =
        ["-C", &to, "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main"];
    session.git("Nobody", &fetch);
    session.note("with the base alone");
    session.run_in(clone.path(), "check --base origin/main");
    session.run("check --base nowhere");
    session.run(&format!("{CHECK} --rev nowhere"));
    let outside = tempfile::tempdir().unwrap();
    std::fs::create_dir(outside.path().join("prompts")).unwrap();
    session.run_in(outside.path(), "check --base main");
    insta::assert_snapshot!(session.transcript);
}

#[cfg(unix)]
#[test]
fn nothing_of_the_repository_runs() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut session = Session::new("require_signed_commits: true\n");
    let marker = session.path("marker");
    let run = session.path(".git/run.sh");
    std::fs::write(&run, format!("#!/bin/sh\ntouch '{}'\ncat\n", marker.display())).unwrap();
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o755)).unwrap();
    session.write(".gitattributes", "* filter=evil diff=evil\n");
    session.point("production", "1.1.0").commit("Ana", "Promote");
    // An invalid signature, so that the check has a signature to verify.
    let signed = session.git("Nobody", &["cat-file", "commit", "HEAD"]);
    let (header, message) = signed.split_once("\n\n").unwrap();
    let forged = format!(
        "{header}\ngpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lHAAAAAQ==\n -----END SSH SIGNATURE-----\n\n{message}\n"
    );
    session.write("object", &forged);
    let path = session.path("object");
    let id = session.git("Nobody", &["hash-object", "-t", "commit", "-w", path.to_str().unwrap()]);
    session.git("Nobody", &["reset", "--quiet", "--soft", &id]);
    std::fs::remove_file(path).unwrap();
    let run = run.to_str().unwrap();
    let mut config = std::fs::read_to_string(session.path(".git/config")).unwrap();
    write!(
        config,
        "[core]\n fsmonitor = {run}\n[filter \"evil\"]\n clean = {run}\n smudge = {run}\n process = {run}\n required = true\n\
         [diff]\n external = {run}\n[diff \"evil\"]\n textconv = {run}\n command = {run}\n\
         [gpg]\n program = {run}\n[gpg \"ssh\"]\n program = {run}\n allowedSignersFile = {run}\n[gpg \"x509\"]\n program = {run}\n"
    )
    .unwrap();
    std::fs::write(session.path(".git/config"), config).unwrap();
    session.point("staging", "1.2.0");
    session.run("check --base main --format short");
    assert!(!marker.exists(), "something of the repository was run");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn the_host_asks_the_teams() {
    let mut session = Session::new(TEAMS);
    let whole = "check --format short";
    session.note("Nobody asked for it").run(whole);
    session.run("codeowners --dry-run").run("codeowners").run("codeowners").run(whole);
    session.commit("Ana", "Ask the teams");
    let moved = TEAMS.replace("dana@example.com", "\"@eve\"") + "promotion: {staging: {}}\n";
    session.write("prompts/policy.yaml", &moved);
    session.note("The teams change").run(whole);
    session.commit("Ana", "Eve is new");
    session.run("check --rev HEAD --format short");
    let file = ".github/CODEOWNERS";
    let text = std::fs::read_to_string(session.path(file)).unwrap();
    session.write(file, &format!("*.rs @rust\n{text}/prompts/policy.yaml @lead\n"));
    session.run("codeowners --quiet").run(whole);
    let text = std::fs::read_to_string(session.path(file)).unwrap();
    session.note(&format!("the file is now\n{text}"));
    session.write("prompts/policy.yaml", "{}\n");
    session.run("codeowners").run(whole).run("codeowners");
    session.write("prompts/policy.yaml", "teams: []\n");
    session.run("codeowners");
    std::fs::remove_dir_all(session.path(".git")).unwrap();
    session.write("prompts/policy.yaml", TEAMS);
    session.run("codeowners").run(whole);
    insta::assert_snapshot!(session.transcript);
}

#[cfg(unix)]
#[test]
fn a_change_of_nothing_in_the_tree_is_judged() {
    let mut session = Session::new("require_signed_commits: true\n");
    session.git("Nobody", &["checkout", "--quiet", "-B", "main"]);
    session.branch("readme").write("README.md", "Our prompts.\n").commit("Ana", "Say what this is");
    for command in ["check --base main", "check --base main --whole", "report --base main"] {
        session.transcript.clear();
        session.run(command);
        let told = &session.transcript;
        assert!(told.contains("unsigned-commit") && !told.contains("no prompts"), "{told}");
    }
}

#[test]
fn signatures_hold_with_the_keys_of_whoever_checks() {
    let mut session = Session::new("require_signed_commits: true\n");
    let home = session.home.path().to_owned();
    let key = home.join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "ana", "-f"])
        .arg(&key)
        .output();
    // Without the signing program, the test cannot create a signature.
    if !made.is_ok_and(|made| made.status.success()) {
        return;
    }
    let public = std::fs::read_to_string(home.join("key.pub")).unwrap();
    std::fs::write(home.join("signers"), format!("ana@example.com {public}")).unwrap();
    std::fs::write(
        home.join(".gitconfig"),
        "[gpg]\n format = ssh\n[gpg \"ssh\"]\n allowedSignersFile = ~/signers\n",
    )
    .unwrap();
    let sign = format!("user.signingKey={}", key.display());
    session.point("staging", "1.2.0");
    session.git("Nobody", &["add", "--all"]);
    session.git("Ana", &["-c", &sign, "commit", "--quiet", "--gpg-sign", "--message", "Stage"]);
    session.note("Signed").run(CHECK);
    session.point("production", "1.1.0").commit("Ana", "Promote");
    session.note("and another one that is not").run(CHECK);
    // A runner has no settings of its own: the base lists the keys.
    std::fs::write(home.join(".gitconfig"), "[gpg]\n format = ssh\n").unwrap();
    session.git("Nobody", &["checkout", "--quiet", "change~1"]);
    session.note("Signed, and nobody knows the key").run(CHECK);
    session.git("Nobody", &["checkout", "--quiet", "main"]);
    session.write("prompts/allowed_signers", &format!("ana@example.com {public}"));
    session.commit("Ana", "List the keys");
    let signed = |session: &Session, branch: &str| {
        session.branch(branch).point("staging", "1.2.0");
        session.git("Nobody", &["add", "--all"]);
        session.git("Ana", &["-c", &sign, "commit", "--quiet", "--gpg-sign", "--message", "Stage"]);
    };
    signed(&session, "listed");
    session.note("Signed, and the base lists the key").run(CHECK).run("check --format short");
    session
        .branch("own")
        .write("prompts/allowed_signers", "mallory@example.com ssh-ed25519 AAAA\n");
    session.commit("Mallory", "My own key");
    session.note("A change brings a key of its own").run(CHECK);
    session.branch("unsigned");
    session.note("A commit that Git would not sign");
    session.run("promote support/greeting@1.1.0 --to production --reason shorter --commit --actor ana@example.com");
    // The id of a signed commit differs in every run.
    let masked: Vec<String> = session
        .transcript
        .lines()
        .map(|line| match line.split_once(": commit ") {
            Some((before, after)) => format!("{before}: commit [ID]{}", &after[10..]),
            None => line.to_owned(),
        })
        .collect();
    insta::assert_snapshot!(masked.join("\n"));
}
