//! Tests `promptdex diff` with whole sessions, each a snapshot of everything that was printed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use std::fmt::Write as _;

use session::Session;

const REFUND: &str = "prompts/support/refund";

/// Creates a prompt of three versions, the last of which breaks apps, and a prompt that never
/// changed.
fn tree() -> Session {
    let mut session = Session::new();
    session
        .write(
            &format!("{REFUND}/v1.0.0/system_prompt.txt"),
            "You answer customers of {{ company }}.\n\n- Be brief.\n- Offer a refund within 14 days.\n",
        )
        .write(
            &format!("{REFUND}/v1.0.0/metadata.json"),
            r#"{"description": "first version", "model": "gpt-4.1", "variables": {"company": "string"}}"#,
        )
        .write(
            &format!("{REFUND}/cases/1.0.0.yaml"),
            "- name: acme\n  variables: {company: Acme}\n",
        )
        .write(
            &format!("{REFUND}/v1.1.0/system_prompt.txt"),
            "You answer customers of {{ company }}.\n\n- Be brief and kind.\n- Offer a refund within 30 days.\n- Answer in {{ language }}.\n",
        )
        .write(
            &format!("{REFUND}/v1.1.0/metadata.json"),
            r#"{"description": "in their language", "model": "gpt-5", "variables": [{"name": "company"}, {"name": "language", "default": "English"}]}"#,
        )
        .write(
            &format!("{REFUND}/cases/1.1.0.yaml"),
            "- name: acme\n  variables: {company: Acme}\n- name: german\n  variables: {company: Acme, language: German}\n",
        )
        .write(
            &format!("{REFUND}/v2.0.0/messages.yaml"),
            "- role: system\n  content: |-\n    You answer customers of {{ company }}.\n\n    - Be brief and kind.\n    - Offer a refund within 30 days.\n    - Answer in {{ language }}.\n- role: user\n  content: \"{{ question }}\"\n",
        )
        .write(
            &format!("{REFUND}/v2.0.0/metadata.json"),
            r#"{"description": "with the question", "model": "gpt-5", "variables": [{"name": "company"}, {"name": "language", "enum": ["English", "German"]}, {"name": "question"}]}"#,
        )
        .write(
            &format!("{REFUND}/cases/2.0.0.yaml"),
            "- name: german\n  variables: {company: Acme, language: German, question: Wo ist mein Geld?}\n",
        )
        .write(&format!("{REFUND}/environments/production.yaml"), "version: 1.0.0\n")
        .write(&format!("{REFUND}/environments/staging.yaml"), "version: 1.1.0\n")
        .write("prompts/greeting/v1.0.0/system_prompt.txt", "Say hello.\n")
        .write("prompts/greeting/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/greeting/environments/staging.yaml", "version: 1.0.0\n")
        .write("prompts/registry.yaml", "registry: acme\naliases: {prod: production}\n");
    session
}

#[test]
fn two_versions() {
    let mut session = tree();
    session
        .run("diff support/refund@1.0.0 1.1.0")
        .run("diff support/refund --exit-code")
        .run("diff support/refund@1.1.0 1.0.0 --format markdown")
        .run("diff support/refund@2.0.0 1.0.0 --format json --exit-code");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn sensitive_values_are_not_shown() {
    let mut session = Session::new();
    let variables = r#"{"variables": [{"name": "question", "sensitive": true}, {"name": "age", "type": "integer", "sensitive": true, "required": false}]}"#;
    let folder = "prompts/support/answer";
    session
        .write(&format!("{folder}/v1.0.0/system_prompt.txt"), "Answer: {{ question }}\n")
        .write(&format!("{folder}/v1.0.0/metadata.json"), variables)
        .write(
            &format!("{folder}/v1.1.0/system_prompt.txt"),
            "Answer {% if question == 'my card is 4111' %}carefully{% else %}shortly{% endif %}: {{ question }}\n",
        )
        .write(&format!("{folder}/v1.1.0/metadata.json"), variables)
        .write(
            &format!("{folder}/cases/1.1.0.yaml"),
            "- name: card\n  variables: {question: my card is 4111}\n- name: minor\n  variables: {question: may I?, age: 4711}\n",
        )
        .run("diff support/answer@1.0.0 1.1.0")
        .run("diff support/answer@1.0.0 1.1.0 --format markdown")
        .run("diff support/answer@1.0.0 1.1.0 --format json");
    let printed = session.transcript.clone();
    let told = printed.matches("my card is 4111").count();
    assert_eq!(told, printed.matches("question == 'my card is 4111'").count(), "{printed}");
    assert!(!printed.contains("may I?") && !printed.contains("4711"), "{printed}");
    insta::assert_snapshot!(printed);

    // A template may fail with a value, and a value may be invalid.
    let mut session = Session::new();
    session
        .write(&format!("{folder}/v1.0.0/system_prompt.txt"), "{{ {'a': 1}[question] }}\n")
        .write(&format!("{folder}/v1.0.0/metadata.json"), variables)
        .write(
            &format!("{folder}/cases/1.0.0.yaml"),
            "- name: card\n  variables: {question: my card is 4111}\n- name: minor\n  variables: {question: a, age: my age is 4711}\n",
        )
        .run("check --format short");
    assert!(!session.transcript.contains("4111") && !session.transcript.contains("4711"));
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn sides_are_named_in_short() {
    let mut session = tree();
    let versions = session.run("diff support/refund@1.0.0 support/refund@1.1.0").transcript.clone();
    for line in [
        "diff support/refund@1.0.0 1.1.0",
        "diff support/refund@1.0.0 v1.1.0",
        "diff support/refund@v1.0.0 @1.1.0",
        "diff support/refund/@1.0.0 /support/refund@1.1.0",
        "diff support/refund@1.1.0",
    ] {
        session.transcript.clear();
        assert_eq!(output(&session.run(line).transcript), output(&versions), "{line}");
    }
    let environments = |text: String| text.replace(" (production)", "").replace(" (staging)", "");
    for line in [
        "diff support/refund@production staging",
        "diff support/refund@prod @staging",
        "diff support/refund@1.0.0 staging",
        "diff support/refund@production 1.1.0",
    ] {
        session.transcript.clear();
        let printed = output(&session.run(line).transcript);
        assert_eq!(environments(printed), output(&versions), "{line}");
    }
}

/// Returns the output of a command.
fn output(transcript: &str) -> String {
    transcript.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn nothing_differs() {
    let mut session = tree();
    session
        .run("diff support/refund@1.0.0 production --exit-code")
        .run("diff support/refund@1.0.0 production --format markdown")
        .run("diff support/refund@1.0.0 production --format json")
        .edit(
            "prompts/support/refund/environments/production.yaml",
            "version: 1.0.0",
            "version: 1.1.0",
        )
        .run("diff staging production --exit-code")
        .run("diff staging production --format markdown")
        .run("diff staging production --format json");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn two_environments() {
    let mut session = tree();
    session
        .write("prompts/new/v1.0.0/system_prompt.txt", "New.\n")
        .write("prompts/new/environments/staging.yaml", "version: 1.0.0\n")
        .write("prompts/old/v1.0.0/system_prompt.txt", "Old.\n")
        .write("prompts/old/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/tracks/v1.0.0/system_prompt.txt", "One.\n")
        .write("prompts/tracks/v2.0.0/system_prompt.txt", "Two, and more.\n")
        .write("prompts/tracks/v2.1.0/system_prompt.txt", "Two, and much more.\n")
        .write(
            "prompts/tracks/environments/production.yaml",
            "tracks: {\"1\": 1.0.0, \"2\": 2.0.0}\n",
        )
        .write("prompts/tracks/environments/staging.yaml", "version: 2.1.0\n")
        .write("prompts/arms/v1.0.0/system_prompt.txt", "One.\n")
        .write("prompts/arms/v1.1.0/system_prompt.txt", "One, warmer.\n")
        .write("prompts/arms/environments/production.yaml", "version: 1.0.0\n")
        .write(
            "prompts/arms/environments/staging.yaml",
            "rollout:\n  arms:\n    - {key: control, version: 1.0.0, weight: 90}\n    - {key: warm, version: 1.1.0, weight: 10}\n",
        )
        .show("prompts/support/refund/environments/production.yaml")
        .run("diff prod staging --exit-code")
        .run("diff staging prod --format markdown")
        .run("diff production staging --format json --context 0");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let mut session = tree();
    session
        .run("diff refund")
        .run("diff support/refnd@1.0.0 1.1.0")
        .run("diff support/refund@1.0.0 support/refnd")
        .run("diff Refund! 1.0.0")
        .run("diff support/refund 3.0.0")
        .run("diff support/refund@stagin")
        .run("diff support/refund@1.0.0 prodution")
        .run("diff support/refund@1.0.0 @dve")
        .run("diff support/refund@1.0.0")
        .run("diff staging")
        .run("diff staging prodction")
        .run("diff staging 1.0.0")
        .run("diff support/refund --format xml")
        .edit("prompts/support/refund/v1.1.0/metadata.json", "\"model\"", "\"modle\"")
        .run("diff support/refund@1.0.0 1.1.0");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_version_with_findings_is_compared_as_long_as_it_can_be_read() {
    let mut session = tree();
    session
        .edit("prompts/support/refund/v1.1.0/system_prompt.txt", "{{ company }}", "{{ company }")
        .run("diff support/refund@1.0.0 1.1.0");
    insta::assert_snapshot!(session.transcript);
}

/// Prompt text that attacks its reader.
const HOSTILE: &str = "Hi @team, see #12, GH-12 and ![x](https://evil.example/x.png).\n```\n</details><script>alert(1)</script>\n````diff\n- not a removed line\n+ not an added line\nESC \u{1b}[2J, turned \u{202e}around\u{202c}, hidden a\u{200b}b, tag \u{e0041}.\n| a | b |\n";

#[test]
fn hostile_text_is_text() {
    let mut session = Session::new();
    let folder = "prompts/hostile";
    session
        .write(
            &format!("{folder}/v1.0.0/system_prompt.txt"),
            "Hi team.\nplain `code`\na [-b-] c d e f\n",
        )
        .write(&format!("{folder}/v1.0.0/metadata.json"), r#"{"template": "plain"}"#)
        .write(
            &format!("{folder}/v1.1.0/system_prompt.txt"),
            &format!("{HOSTILE}plain ``` `code`\na [-b-] c d g f\n"),
        )
        .write(
            &format!("{folder}/v1.1.0/metadata.json"),
            r##"{"template": "plain", "description": "@team `#12` <img src=x> | a\\|b\nnext ``` line", "model": "@team/#12", "tags": ["<script>", "a|b", "![x](y)"], "parameters": {"@team": "www.evil.example", "deadbeef": "deadbeef"}}"##,
        )
        .write(
            &format!("{folder}/cases/1.1.0.yaml"),
            "- name: \"`@team` <script> #12 \\e[2J\"\n  variables: {}\n",
        )
        .run("diff hostile")
        .run("diff hostile --color always")
        .run("diff hostile --format markdown")
        .run("diff hostile --format json");
    let without_colours: String = session
        .transcript
        .split("\u{1b}[")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').unwrap().1 })
        .collect();
    assert!(!without_colours.contains(['\u{1b}', '\u{202e}', '\u{202c}', '\u{200b}', '\u{e0041}']));
    session.transcript = session.transcript.replace('\u{1b}', "␛");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_text_of_3000_lines() {
    let mut session = Session::new();
    let mut text = String::new();
    for line in 1..=3_000 {
        writeln!(text, "Rule {line}: whatever the customer of shop {line} says, be kind.").unwrap();
    }
    let block: String =
        (0..4).map(|line| format!("Line {line} of a block that moves.\n")).collect();
    session
        .write("prompts/long/v1.0.0/system_prompt.txt", &(block.clone() + &text))
        .write(
            "prompts/long/v1.1.0/system_prompt.txt",
            &(text.replace("Rule 1500: whatever the", "Rule 1500: whatever a") + &block),
        )
        .run("diff long")
        .run("diff long --context 0")
        .run("diff long --format markdown");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn narrow_output() {
    let mut session = Session::new();
    session.columns = Some(40);
    session
        .write(
            "prompts/wide/v1.0.0/system_prompt.txt",
            "A line that is longer than forty columns, and goes on for a while without a change.\n返金は三日以内に行います。担当者からのご連絡をお待ちください。\nhttps://example.com/a/very/long/address/without/a/gap/in/it\n",
        )
        .write(
            "prompts/wide/v1.1.0/system_prompt.txt",
            "A line that is longer than forty columns, and goes on for ages without any change.\n返金は五日以内に行います。担当者からのご連絡をお待ちください。\nhttps://example.com/a/very/long/address/without/a/gap/in/it\nA new line that is longer than forty columns, too.\n",
        )
        .run("diff wide");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn white_space_and_moved_messages() {
    let mut session = Session::new();
    session
        .write(
            "prompts/a/v1.0.0/messages.yaml",
            "- {role: system, content: \"One  two.\\r\\nThree.\"}\n- {role: user, content: \"First question of the customer.\"}\n- {role: assistant, content: \"First answer of the assistant.\"}\n- {placeholder: history}\n",
        )
        .write(
            "prompts/a/v1.1.0/messages.yaml",
            "- {role: system, content: \"One\\ttwo.\\nThree.\"}\n- {role: assistant, content: \"First answer of the assistant.\"}\n- {role: user, name: ana, content: [{type: text, text: \"First question of the customer.\"}, {type: text, text: \"Second question.\"}]}\n- {placeholder: history, optional: true}\n",
        )
        .run("diff a")
        .run("diff a --ignore-whitespace")
        .run("diff a --format markdown");
    insta::assert_snapshot!(session.transcript);
}
