//! The first day of a team: workflows of a program that is not a release, private releases, private
//! registries, a second registry in the repository, comments of others, and the release itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::runner::Host;
use crate::{MERGE_BASE, SARIF_ALLOWED, dispatch, fill, form_of, pull_request, write};

/// Runs the command, and returns what it printed with its exit code.
fn run(host: &Host, line: &[&str]) -> String {
    let output = host.promptdex(line);
    let code = output.status.code().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    format!("$ promptdex {}\n{said}[exit code {code}]\n", line.join(" "))
}

#[test]
fn a_program_from_source_proposes_the_line_that_works() {
    for (kind, file) in
        [("github", ".github/workflows/promptdex.yml"), ("gitlab", ".gitlab/promptdex.yml")]
    {
        let host = Host::new(fill);
        // YAML would read such a branch as a number.
        let said = run(&host, &["ci", kind, "--publish", "artifact", "--branch", "1.10"]);
        let (_, line) = said.split_once("build it on the runner: `").expect(&said);
        let (line, _) = line.split_once("`\n").unwrap();
        let program = env!("CARGO_BIN_EXE_promptdex");
        let line = line.replacen("promptdex", program, 1);
        let status = Command::new("sh")
            .args(["-c", &line])
            .current_dir(host.path("clone"))
            .status()
            .unwrap();
        assert!(status.success(), "{line}");
        let written = fs::read_to_string(host.path("clone").join(file)).unwrap();
        for command in [
            "git clone --quiet https://",
            "cargo xtask site",
            "cargo install --locked --path crates/cli",
        ] {
            assert!(written.contains(command), "{written}");
        }
        for line in written.lines().filter(|line| line.contains("1.10")) {
            assert!(!line.ends_with(": 1.10"), "{line}");
        }
        // Without the site, the program would build registries without pages.
        assert!(written.find("cargo xtask site") < written.find("cargo install"), "{written}");
    }
}

#[test]
fn a_private_registry_says_what_to_decide() {
    let host = Host::new(|clone| {
        let init = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(["init", "--registry", "acme"])
            .current_dir(clone)
            .status();
        assert!(init.unwrap().success());
    });
    let mut text = run(&host, &["ci", "github", "--publish", "pages"]);
    let setup = ["--setup", "true"];
    text += &run(
        &host,
        &[&["ci", "github", "--publish", "pages", "--restricted-pages"], &setup[..]].concat(),
    );
    text += &run(&host, &[&["ci", "gitlab", "--publish", "artifact"], &setup[..]].concat());
    insta::assert_snapshot!(text);
}

#[test]
fn releases_of_a_private_repository_are_read_with_a_token() {
    let digest = promptdex_wire::Digest::of(&fs::read(env!("CARGO_BIN_EXE_promptdex")).unwrap());
    let digest = digest.to_string();
    let sha256 = digest.trim_start_matches("sha256:");
    let version = env!("CARGO_PKG_VERSION");
    let file = format!("promptdex-{version}-x86_64-unknown-linux-gnu");
    let github = "https://github.com/acme/promptdex/releases/download";
    let mirror = "https://mirror.example/promptdex";
    let mut asked = String::new();
    for from in [github, mirror] {
        for token in ["", "secret"] {
            let host = Host::new(fill);
            for kind in ["github", "gitlab"] {
                let line = ["ci", kind, "--from", from, "--sha256", sha256, "--quiet"];
                assert!(host.promptdex(&line).status.success());
            }
            // A runner of GitLab is a container; here it has a folder of its own.
            let jobs = fs::read_to_string(host.path("clone/.gitlab/promptdex.yml")).unwrap();
            let bin = host.path("bin");
            host.write(
                ".gitlab/promptdex.yml",
                &jobs.replace("/usr/local/bin", bin.to_str().unwrap()),
            );
            host.commit("Ana", "Workflows");
            let mut facts = pull_request("ana");
            // What is not set is empty on GitHub, and the next choice counts.
            let choice = if token.is_empty() { "token" } else { token };
            facts.push(("secrets.PROMPTDEX_RELEASES_TOKEN || github.token", choice));
            facts.push(("secrets.PROMPTDEX_RELEASES_TOKEN", token));
            let check = host.github("promptdex.yml", "check", "main", &facts);
            assert!(check.succeeded, "{}", check.text);
            let mut variables = vec![
                ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
                ("GITLAB_USER_LOGIN", "ana"),
                ("ASSET", &file),
            ];
            if !token.is_empty() {
                variables.push(("PROMPTDEX_RELEASES_TOKEN", token));
            }
            let check = host.gitlab("prompts-check", "main", &variables);
            assert!(check.succeeded, "{}", check.text);
            let lines = host.asked().replace(host.path("").to_str().unwrap(), "");
            let about = |line: &&str| {
                line.contains("release")
                    || line.contains("mirror")
                    || line.contains("token")
                    || line.contains("assets")
            };
            asked += &format!("# {from}, secret: {token:?}\n");
            for line in lines.lines().filter(about) {
                let line = line.split(" --output ").next().unwrap();
                asked += &format!("{}\n", line.replace(version, "VERSION"));
            }
        }
    }
    insta::assert_snapshot!(asked);
}

/// Adds a second registry to the repository.
fn add_mail(host: &Host) {
    host.write("mail/prompts/registry.yaml", "registry: mail\nvisibility: public\n");
    host.write(
        "mail/prompts/policy.yaml",
        "teams: {mail: {people: [\"@ben\"], owns: [\"**\"], may: [create, promote, revert, govern]}}\n",
    );
    for version in ["1.0.0", "1.1.0"] {
        let text = format!("Write version {version}.\n");
        host.write(&format!("mail/prompts/greeting/v{version}/system_prompt.txt"), &text);
    }
    host.write("mail/prompts/greeting/environments/staging.yaml", "version: 1.1.0\n");
    host.write("mail/prompts/greeting/environments/production.yaml", "version: 1.0.0\n");
}

#[test]
fn two_registries_of_a_repository_share_nothing() {
    let host = Host::new(fill);
    add_mail(&host);
    let mail = ["--root", "mail/prompts"];
    let setup = ["--setup", "echo \"$OWN\" >> \"$GITHUB_PATH\"\nexport PATH=\"$OWN:$PATH\""];
    let mut said = String::new();
    for line in [
        &["ci", "github", "--publish", "pages"][..],
        &[mail[0], mail[1], "ci", "github", "--publish", "pages"],
        &[mail[0], mail[1], "ci", "github", "--publish", "artifact"],
        &["ci", "gitlab", "--publish", "artifact"],
        &[mail[0], mail[1], "ci", "gitlab", "--publish", "artifact"],
        &["ci", "github", "--publish", "pages", "--check"],
        &[mail[0], mail[1], "ci", "github", "--publish", "artifact", "--check"],
    ] {
        said += &run(&host, &[line, &setup[..]].concat()).replace(&setup[1].to_owned(), "COMMANDS");
    }
    for line in [&["codeowners"][..], &[mail[0], mail[1], "codeowners"]] {
        said += &run(&host, line);
    }
    let owners = fs::read_to_string(host.path("clone/.gitlab/CODEOWNERS")).unwrap();
    insta::assert_snapshot!("two_registries", format!("{said}\n==> .gitlab/CODEOWNERS\n{owners}"));
    host.commit("Ana", "Workflows");

    // Each publishes onto its own branch.
    for (workflow, branch, prompt) in [
        ("promptdex-publish.yml", "promptdex-registry", "support/refund"),
        ("promptdex-publish.mail.yml", "promptdex-registry-mail", "greeting"),
    ] {
        let published = host.github(workflow, "publish", "main", &[]);
        assert!(published.succeeded, "{}", published.text);
        let path = format!("api/prompts/{prompt}/latest/production.json");
        let document: Value = serde_json::from_str(&host.published(branch, &path)).unwrap();
        assert_eq!(document["version"], "1.0.0");
    }

    // A form starts the checks of both, because both can be required.
    let inputs = [
        ("inputs.prompt", "greeting"),
        ("inputs.environment", "production"),
        ("inputs.reason", "fine in staging"),
    ];
    let mut ben = dispatch("ben", &inputs);
    ben.push(("GITHUB_TRIGGERING_ACTOR", "ben"));
    let moved = host.github("promptdex-promote.mail.yml", "promote", "main", &ben);
    assert!(moved.succeeded, "{}", moved.text);
    let branch = "promptdex/mail/promote-42-1";
    let asked = host.asked();
    for check in ["promptdex.yml", "promptdex.mail.yml"] {
        assert!(asked.contains(&format!("gh workflow run {check} --ref {branch}")), "{asked}");
    }
    let commit = host.git_in("origin", "Ana", &["rev-parse", branch]);
    let mut form = form_of("ben");
    form["path"] = ".github/workflows/promptdex-promote.mail.yml".into();
    host.know("repos/acme/prompts/actions/runs/42", &form);
    let started = [
        ("GITHUB_EVENT_NAME", "workflow_dispatch"),
        ("GITHUB_REF_NAME", branch),
        ("GITHUB_SHA", commit.as_str()),
        MERGE_BASE,
        SARIF_ALLOWED,
    ];
    for workflow in ["promptdex.yml", "promptdex.mail.yml"] {
        let check = host.github(workflow, "check", branch, &started);
        assert!(check.succeeded, "{workflow}: {}", check.text);
    }
    // The form of one registry moves nothing of the other.
    form["path"] = ".github/workflows/promptdex-promote.yml".into();
    host.know("repos/acme/prompts/actions/runs/42", &form);
    let check = host.github("promptdex.mail.yml", "check", branch, &started);
    assert!(!check.succeeded && check.text.contains("no account is known"), "{}", check.text);

    // Each has one comment of its own.
    host.branch("texts").write("mail/prompts/greeting/v1.2.0/system_prompt.txt", "Hello.\n");
    host.write("prompts/support/refund/v1.0.1/system_prompt.txt", "Help {{ name }}!\n");
    host.write(
        "prompts/support/refund/v1.0.1/metadata.json",
        "{\"variables\": [{\"name\": \"name\"}]}\n",
    );
    host.commit("Ana", "Texts");
    for _ in 0..2 {
        for workflow in ["promptdex.yml", "promptdex.mail.yml"] {
            let report = host.github(workflow, "report", "texts", &pull_request("ana"));
            assert!(report.succeeded, "{}", report.text);
        }
    }
    let comments = fs::read_to_string(host.path("comments")).unwrap();
    let comments: Vec<Value> = serde_json::from_str(&comments).unwrap();
    let first_lines: Vec<&str> =
        comments.iter().filter_map(|comment| comment["body"].as_str()?.lines().next()).collect();
    assert_eq!(
        first_lines,
        [
            "<!-- promptdex report --> forged",
            "<!-- promptdex report -->",
            "<!-- promptdex report (mail) -->"
        ]
    );
    assert!(comments[1]["body"].as_str().unwrap().contains("support/refund"));
    assert!(comments[2]["body"].as_str().unwrap().contains("greeting"));

    // A tree that moves keeps its workflows and its branch; two trees of one name are refused.
    host.git("Ana", &["mv", "mail/prompts", "post"]);
    let line = ["--root", "post", "ci", "github", "--publish", "artifact"];
    let moved = run(&host, &[&line[..], &setup[..]].concat());
    assert!(moved.contains("Wrote .github/workflows/promptdex-publish.mail.yml"), "{moved}");
    // The block of a tree that moved moves with it.
    host.git("Ana", &["mv", "prompts", "chat"]);
    run(&host, &["--root", "chat", "codeowners"]);
    let owners = fs::read_to_string(host.path("clone/.gitlab/CODEOWNERS")).unwrap();
    assert!(owners.starts_with("# promptdex: begin chat,"), "{owners}");
    assert!(!owners.contains("/prompts/support/"), "{owners}");
    host.write("copy/registry.yaml", "registry: mail\n");
    let line = ["--root", "copy", "ci", "github", "--setup", "true"];
    insta::assert_snapshot!("two_trees_of_one_name", run(&host, &line));
}

#[test]
fn the_note_on_gitlab_is_found_by_author_and_first_line() {
    let host = Host::new(fill);
    write(&host, &["gitlab"]);
    host.commit("Ana", "Jobs");
    host.branch("texts")
        .write("prompts/support/refund/v1.0.1/system_prompt.txt", "Help {{ name }}!\n");
    host.write(
        "prompts/support/refund/v1.0.1/metadata.json",
        "{\"variables\": [{\"name\": \"name\"}]}\n",
    );
    host.commit("Ana", "Texts");
    host.know("user", &json!({"id": 99}));
    // A long discussion, in which somebody has copied the first line of the report.
    let mut notes: Vec<Value> = (0..120)
        .map(|id| json!({"id": id, "author": {"id": 7}, "body": format!("Remark {id}")}))
        .collect();
    notes[3]["body"] = "<!-- promptdex report --> forged".into();
    fs::write(host.path("notes"), json!(notes).to_string()).unwrap();
    let variables = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
        ("CI_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_IID", "2"),
        ("PROMPTDEX_TOKEN", "secret"),
        ("GITLAB_USER_LOGIN", "ana"),
        ("GITLAB_USER_ID", "7"),
    ];
    for _ in 0..2 {
        let report = host.gitlab("prompts-report", "texts", &variables);
        assert!(report.succeeded, "{}", report.text);
    }
    let notes: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(host.path("notes")).unwrap()).unwrap();
    assert_eq!(notes.len(), 121, "one note was added, and then updated");
    assert_eq!(notes[3]["body"], "<!-- promptdex report --> forged");
    assert!(notes[120]["body"].as_str().unwrap().contains("support/refund"));
}

#[test]
fn a_release_is_packed_and_can_be_installed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let (bin, work) = (folder.path().join("bin"), folder.path().join("work"));
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(&work).unwrap();
    for file in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root.join(file), work.join(file)).unwrap();
    }
    // A build is a program that knows its version.
    let cargo = "#!/bin/bash\nset -eu\nif [ \"$1\" = build ]; then\n  mkdir -p \"target/${@: -1}/release\"\n  \
        cp \"$PROGRAM\" \"target/${@: -1}/release/promptdex\"\nfi\n";
    for (name, text) in [("cargo", cargo), ("rustup", "#!/bin/bash\n")] {
        fs::write(bin.join(name), text).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let version = env!("CARGO_PKG_VERSION");
    let bash = |script: &str, tag: &str| {
        let output = Command::new("bash")
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(&work)
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("PROGRAM", env!("CARGO_BIN_EXE_promptdex"))
            .env("TAG", tag)
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    let script = root.join(".github/package.sh");
    let tag = format!("v{version}");
    for target in ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"] {
        let (succeeded, said) = bash(&format!("'{}' {target}", script.display()), &tag);
        assert!(succeeded, "{said}");
    }
    let (succeeded, said) =
        bash(&format!("'{}' x86_64-unknown-linux-gnu", script.display()), "v9.9.9");
    assert!(!succeeded && said.contains("the tag is v9.9.9, but the version is"), "{said}");
    // The workflow writes the checksums, and docs/install.md says how to use them.
    let workflow = fs::read_to_string(root.join(".github/workflows/release.yml")).unwrap();
    let workflow = crate::runner::yaml(&workflow);
    let steps = workflow["jobs"]["release"]["steps"].as_array().unwrap();
    let sums = steps.iter().find(|step| step["name"] == "Write the checksums").unwrap();
    let (succeeded, said) = bash(&format!("cd release\n{}", sums["run"].as_str().unwrap()), &tag);
    assert!(succeeded, "{said}");
    let name = |target: &str| format!("promptdex-{version}-{target}");
    let runner = name("x86_64-unknown-linux-gnu");
    let mut files: Vec<String> = fs::read_dir(work.join("release"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let archive = format!("{}.tar.gz", name("aarch64-apple-darwin"));
    assert_eq!(files, ["SHA256SUMS", &archive, &runner, &format!("{runner}.tar.gz")]);
    let install = "mkdir user && cp release/SHA256SUMS \"release/$0.tar.gz\" user && cd user && \
        sha256sum --check --ignore-missing SHA256SUMS && tar -xzf \"$0.tar.gz\" && \"./$0/promptdex\" --version";
    let (succeeded, said) = bash(&install.replace("$0", &runner), &tag);
    assert!(succeeded && said.ends_with(&format!("promptdex {version}\n")), "{said}");
    let (succeeded, _) = bash(
        "cd user && echo x >> *.tar.gz && sha256sum --check --ignore-missing SHA256SUMS",
        &tag,
    );
    assert!(!succeeded, "a changed archive is refused");
}
