//! Tests the command line with whole sessions, each a snapshot of everything that was printed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use std::fmt::Write as _;
use std::path::Path;

use session::Session;

#[test]
fn web_servers_are_configured() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.txt", "Hello.\n")
        .run("host nginx /srv/team-x --listen 8080")
        .write(
            "prompts/registry.yaml",
            "registry: acme-prompts\nurl: https://example.com/prompts/\nvisibility: public\nenvironments: [dev, live]\n",
        )
        .run("host caddy /srv/acme-prompts --output Caddyfile")
        .show("Caddyfile")
        .run("host nginx srv/prompts")
        .run("host nginx /srv/$host")
        .run("host nginx /srv/prompts --name \"a.example; root /\"")
        .run("host caddy /srv/prompts --listen 127.0.0.1")
        .run("host caddy /srv/prompts --base \"/a b/\"")
        .run("host caddy /srv/prompts --output nowhere/Caddyfile")
        .write("prompts/registry.yaml", "registry: acme-prompts\nurl: https://[::1]/\n")
        .run("host caddy /srv/prompts")
        .run("host caddy /srv/prompts --name localhost --output Caddyfile")
        .write("prompts/registry.yaml", "visibility: secret\n")
        .run("host caddy /srv/prompts");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn the_first_five_minutes() {
    let mut session = Session::new();
    let text = "prompts/support/first-answer/v1.0.0/system_prompt.md";
    session
        .run("init --registry acme-prompts")
        .run("check")
        .edit(text, "{{ company }}", "{{ compnay }}")
        .run("check")
        .run("build")
        .edit(text, "{{ compnay }}", "{{ company }}")
        .run("render support/first-answer --var company=Acme")
        .run("new support/first-answer")
        .edit(
            "prompts/support/first-answer/v1.1.0/system_prompt.md",
            "five sentences",
            "four sentences",
        )
        .edit(
            "prompts/support/first-answer/v1.1.0/metadata.json",
            "first version",
            "shorter answers",
        )
        .run("diff support/first-answer")
        .run("build")
        .run("promote support/first-answer@1.1.0 --to production --reason \"shorter answers\"")
        .run("build --previous dist")
        .show("dist/api/environments/production.json")
        .show("dist/api/prompts/support/first-answer/latest/production.json")
        .run("render support/first-answer@production --case \"english by default\" --format json")
        .run("init");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn findings_in_every_format() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.txt", "Hello {{ nmae }},\nyou are {role}: 100%.\n")
        .write(
            "prompts/a/v1.0.0/metadata.json",
            "{\"variables\": {\"name\": \"string\"}, \"tempreature\": 1}\n",
        )
        .write("prompts/a/v1.1.0/notes, old: 1.txt", "x\n")
        .run("check")
        .run("check --format short")
        .run("check --format json")
        .run("check --format github")
        .run("check --format sarif")
        .run("check --format junit")
        .run("build --format short")
        .edit(
            "prompts/a/v1.0.0/system_prompt.txt",
            "Hello {{ nmae }},\nyou are {role}: 100%.",
            "Hello {{ name }}, {role}.",
        )
        .edit("prompts/a/v1.0.0/metadata.json", ", \"tempreature\": 1", "");
    std::fs::remove_dir_all(session.folder.path().join("prompts/a/v1.1.0")).unwrap();
    session
        .run("check --format short")
        .run("check --format short --deny warnings")
        .write("prompts/policy.yaml", "checks: {foreign-placeholder: off, invalid-json: warn}\n")
        .run("check")
        .write(
            "prompts/policy.yaml",
            "allow: [{check: foreign-placeholder, path: \"a/**\", reason: \"shown as it is\"}]\n",
        )
        .run("check");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn recorded_findings_do_not_fail_new_ones_do() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.txt", "Hello {{ one }} and {{ one }}, {{ two }}.\n")
        .run("check --format json");
    let recorded: String = session
        .transcript
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| format!("{line}\n"))
        .collect();
    // The wording of a message may change: a finding is recognized by its fingerprint.
    let reworded = recorded.replace("variable `one` is not declared", "`one` is unknown");
    assert_ne!(reworded, recorded);
    session
        .write("baseline.jsonl", &reworded)
        .run("check --baseline baseline.jsonl")
        .edit("prompts/a/v1.0.0/system_prompt.txt", "{{ two }}", "\n{{ two }}{{ three }}")
        .run("check --baseline baseline.jsonl --format short")
        .write("baseline.jsonl", "{\"v\":2}\n")
        .run("check --baseline baseline.jsonl")
        .run("check --baseline missing.jsonl");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn fixing_what_can_be_meant_in_one_way() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.txt", "Hello {{ nmae }}, {{ nmae | upper }}, {{ other }}.\r\n")
        .write(
            "prompts/a/v1.0.0/metadata.json",
            "{\n  \"variables\": [{\"name\": \"name\", \"requierd\": true}],\n  \"template\": \"jinj\",\n  \"status\": \"prod\"\n}\n",
        )
        .write("prompts/b/v1.0.0/system_prompt.txt", "Hello.\n")
        .write("prompts/b/v1.0.0/metadata.yaml", "# served\nenvironment: staging # for now\ndescription: x\n")
        .write("prompts/registry.yaml", "aliases: {prod: production}\n")
        .run("check --format short")
        .run("fix --dry-run")
        .run("fix")
        .run("fix")
        .show("prompts/a/v1.0.0/system_prompt.txt")
        .show("prompts/a/v1.0.0/metadata.json")
        .show("prompts/a/environments/production.yaml")
        .show("prompts/b/v1.0.0/metadata.yaml")
        .show("prompts/b/environments/staging.yaml")
        .run("check --format short");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn hostile_text_cannot_move_the_cursor() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.txt", "Hi \u{1b}[2J\u{202e}x {{ \u{1b}[31my }}\n")
        .run("check")
        .run("check --format short")
        .run("render \u{1b}[2J\u{202e}");
    assert!(!session.transcript.contains(['\u{1b}', '\u{202e}']));
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn rendering_one_version() {
    let mut session = Session::new();
    session
        .write("prompts/support/refund/v1.0.0/system_prompt.txt", "Refund {{ amount }} to {{ name }}{% if vip %}, at once{% endif %}.\n")
        .write(
            "prompts/support/refund/v1.0.0/metadata.json",
            "{\"variables\": [{\"name\": \"amount\", \"type\": \"number\", \"maximum\": 100}, {\"name\": \"name\"}, {\"name\": \"vip\", \"type\": \"boolean\", \"required\": false}]}\n",
        )
        .write("prompts/support/refund/cases/1.0.0.yaml", "- name: ana\n  variables: {amount: 12.50, name: Ana}\n")
        .write("prompts/support/refund/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/broken/v1.0.0/system_prompt.txt", "{{ x.y }}\n")
        .write("prompts/broken/v1.0.0/metadata.json", "{\"variables\": {\"x\": \"object\"}}\n")
        .run("render support/refund --case ana")
        .run("render support/refund@1.0.0 --case ana --var vip=true --format json")
        .run("render support/refund@production --case ana --var name=\"Bo B\"")
        .run("render support/refund --var amount=200 --var nmae=Bo")
        .run("render support/refund --case ana --var extra=1 --extra ignore")
        .run("render support/refund --case bo")
        .run("render support/refund@2.0.0")
        .run("render support/refund@staging")
        .run("render refund")
        .run("render Refund!")
        .run("render support/refund --vars missing.json")
        .run("render support/refund --var amount")
        .run("render broken --var x={}");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn keys_of_objects() {
    let mut session = Session::new();
    session
        .write(
            "prompts/support/reply/v1.0.0/system_prompt.txt",
            "Dear {{ customer.nmae }} ({{ customer.nickname }}),\n{% for order in customer.orders %}\n- {{ order.id }}: {{ order.lines }}\n{% endfor %}\n",
        )
        .write(
            "prompts/support/reply/v1.0.0/metadata.yaml",
            "variables:\n- name: customer\n  type: object\n  properties:\n    name: string\n    nickname: {required: false}\n    orders: {type: array, items: {type: object, properties: {id: string, lines: {type: array, items: string}}}}\n",
        )
        .write(
            "prompts/support/reply/cases/1.0.0.yaml",
            "- name: ana\n  variables: {customer: {name: Ana, orders: [{id: A-1, lines: [tea]}, {id: 2, lines: []}]}}\n",
        )
        .run("check")
        .write(
            "prompts/support/reply/v1.0.0/system_prompt.txt",
            "Dear {{ customer.name }}{% if customer.nickname %} ({{ customer.nickname }}){% endif %},\n{%- for order in customer.orders %}\n- {{ order.id }}: {{ order.lines | join(', ') }}\n{%- endfor %}\n",
        )
        .edit("prompts/support/reply/cases/1.0.0.yaml", "id: 2", "id: A-2")
        .run("check")
        .run("render support/reply --case ana")
        .write("bo.json", "{\"customer\": {\"Name\": \"Bo\", \"orders\": []}}\n")
        .run("render support/reply --vars bo.json")
        .write("bo.json", "{\"customer\": {\"name\": \"Bo\", \"orders\": [{\"id\": \"B-1\"}]}}\n")
        .run("render support/reply --vars bo.json")
        .run("new support/reply --minor")
        .edit(
            "prompts/support/reply/v1.1.0/metadata.yaml",
            "    nickname: {required: false}",
            "    nickname: {required: false, max_length: 10}\n    locale: string",
        )
        .run("check --format short")
        .run("diff support/reply@1.0.0 support/reply@1.1.0");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn starting_versions() {
    let mut session = Session::new();
    session
        .run("new greeting")
        .write("prompts/policy.yaml", "new: {template: fstring, token_budget: 4096}\n")
        .run("new greeting")
        .show("prompts/greeting/v1.0.0/metadata.json")
        .write(
            "prompts/greeting/v1.0.0/metadata.json",
            "{\n  \"version\": \"1.0.0\",\n  \"created_at\": \"2026-03-01T12:00:00Z\",\n  \"template\": \"plain\",\n  \"created_by\": \"ana@example.com\"\n}\n",
        )
        .run("new greeting --patch")
        .show("prompts/greeting/v1.0.1/metadata.json")
        .run("new greeting --major --from 1.0.0")
        .run("new greeting --patch --from 1.0.1")
        .run("new greeting --from 1.0.1")
        .run("new greeting/again")
        .run("new greeting --from 3.0.0")
        .run("new greting --patch")
        .run("new Greeting")
        .run("check");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut session = Session::new();
    session
        .run("check")
        .run("build")
        .run("serve")
        .run("serve dist")
        .run("explain undefned-variable")
        .run("explain undefined-variable")
        .run("chekc")
        .run("check --format xml")
        .write("prompts/.keep", "")
        .run("check")
        .write("prompts/1.0.0/system_prompt.txt", "x\n")
        .write("prompts/summary.md", "---\nversion: 1.0.0\n---\nSummarize.\n")
        .run("check");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn help_is_documented() {
    let mut session = Session::new();
    session.run("--help");
    // Each line of the list of commands begins with a name, after two spaces.
    let commands: Vec<String> = session
        .transcript
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned))
        .filter(|name| !name.is_empty() && name != "help")
        .collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        session.run(&format!("help {command}"));
    }
    let documented = format!(
        "# Commands\n\nWhat `--help` prints; this page is generated.\n\n```text\n{}```\n",
        session.transcript
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    if std::env::var_os("PROMPTDEX_REGENERATE").is_some() {
        std::fs::write(&path, &documented).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == documented, "docs/cli.md is stale: run `cargo xtask generate`");
}

#[test]
fn the_policy_holds_for_single_versions() {
    let mut session = Session::new();
    let flag = "Fans of \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!\n";
    session.write("prompts/a/v1.0.0/system_prompt.txt", "Fans of football!\n");
    session.write("prompts/a/v1.1.0/system_prompt.txt", flag);
    for policy in [
        "checks: {}\n",
        "checks: {invisible-character: warn}\n",
        "checks: {invisible-character: \"off\"}\n",
        "allow: [{check: invisible-character, path: \"a/**\", reason: the flag of Scotland}]\n",
    ] {
        writeln!(session.transcript, "{policy}").unwrap();
        session.write("prompts/policy.yaml", policy);
        session.run("check --format short").run("render a").run("diff a --format markdown");
    }
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn texts_of_windows_editors_are_read() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.txt", "{{ q }}\n")
        .write("prompts/a/v1.0.0/metadata.json", "{\"variables\": {\"q\": \"string\"}}")
        .write("values.json", "\u{feff}{\"q\": \"hello\"}\r\n")
        .write("known.jsonl", "\u{feff}")
        .run("render a --vars values.json")
        .run("check --baseline known.jsonl");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn every_file_is_listed_with_how_it_is_read() {
    let mut session = Session::new();
    session
        .write("prompts/registry.yaml", "registry: acme-prompts\n")
        .write("prompts/README.md", "About these prompts.\n")
        .write("prompts/_old/draft.txt", "Not listed.\n")
        .write("prompts/support/notes.md", "Of the team.\n")
        .write("prompts/support/summary.md", "---\nversion: 1.0.0\n---\n\nSum up.\n")
        .write("prompts/support/slip.md", "---\nverison: 1.0.0\n---\n\nHello.\n")
        .write("prompts/support/refund/prompt.yaml", "title: Refund\n")
        .write("prompts/support/refund/.keep", "")
        .write("prompts/support/refund/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/support/refund/cases/1.0.0.yaml", "- name: plain\n")
        .write(
            "prompts/support/refund/v1.0.0/system_prompt.md",
            "---\ndescription: Kind\nvariables:\n  name: string\n---\nHello.\n",
        )
        .write("prompts/support/refund/v1.0.0/notes.txt", "Nothing reads this.\n")
        .run("check")
        .run("check --format json")
        .run("check --list-files")
        .run("check --list-files --format json")
        .run("check --list-files --format sarif")
        .run("check --list-files --base main");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_looks_like_a_prompt_and_is_none_is_found() {
    let mut session = Session::new();
    session
        .write("prompts/good.md", "---\nversion: 1.0.0\n---\n\nHello.\n")
        .write("prompts/slip.md", "---\nverison: 1.0.0\ndescription: x\n---\n\nHello.\n")
        .write(
            "prompts/missing.md",
            "---\ndescription: x\nvariables: {name: string}\n---\n\nHello {{ name }}.\n",
        )
        .write(
            "prompts/broken.md",
            "---\ndescription: a: b\nvariables: {name: string}\n---\n\nHello {{ name }}.\n",
        )
        .write(
            "prompts/notes.md",
            "---\ntitle: Notes\nlayout: page\nsession: 3\n---\n\nOf the team.\n",
        )
        .run("check");
    insta::assert_snapshot!(session.transcript);
}
