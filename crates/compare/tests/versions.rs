//! What two versions differ in, and how it is said.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::needless_pass_by_value, reason = "documents are written in place")]

use promptdex_compare::comparison::HiddenCharacter;
use promptdex_compare::contract::{Compatibility, ContractEffect};
use promptdex_compare::messages::{FieldDiff, MessageChange, MessageDiff};
use promptdex_compare::settings::{ChangeKind, Setting, VariableDiff};
use promptdex_compare::text::{Counts, Whitespace};
use promptdex_compare::{Comparison, Options, compare_versions, sentence};
use promptdex_wire::VersionDocument;
use serde_json::{Value, json};

/// Returns a version with the fields of `more`.
fn version(more: Value) -> VersionDocument {
    let digest = format!("sha256:{}", "0".repeat(64));
    let mut document = json!({
        "format": 1, "kind": "version", "id": "", "registry": "acme-prompts", "name": "support/refund",
        "version": "1.0.0", "source_digest": digest, "template": "jinja", "messages": [],
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    // By text: a `Json` reads from nothing else.
    serde_json::from_str(&document.to_string()).unwrap()
}

fn compare(a: Value, b: Value) -> Comparison {
    let comparison = compare_versions(&version(a), &version(b), &Options::default());
    let text = serde_json::to_string(&comparison).unwrap();
    assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap(), comparison);
    comparison
}

fn says(a: Value, b: Value, expected: &str) {
    assert_eq!(sentence(&compare(a, b)), expected);
}

/// Writes rows of a table, one a line.
fn written(settings: &[Setting]) -> Vec<String> {
    let write = |setting: &Setting| match (setting.kind, &setting.before, &setting.after) {
        (ChangeKind::Changed, Some(before), Some(after)) => {
            format!("{}: {before} → {after}", setting.field)
        }
        (ChangeKind::Added, None, Some(after)) => format!("{} + {after}", setting.field),
        (ChangeKind::Removed, Some(before), None) => format!("{} - {before}", setting.field),
        _ => panic!("{setting:?}"),
    };
    settings.iter().map(write).collect()
}

/// Writes what became of messages, one a line, with their fields and texts.
fn messages(a: Value, b: Value) -> Vec<String> {
    let write = |message: &MessageDiff| {
        let place = |at: Option<usize>| at.map_or("-".to_owned(), |at| at.to_string());
        let kind = match message.kind {
            MessageChange::Same => "same",
            MessageChange::Changed => "changed",
            MessageChange::Added => "added",
            MessageChange::Removed => "removed",
        };
        let moved = if message.moved { " moved" } else { "" };
        let (before, after) = (place(message.before), place(message.after));
        let fields: String =
            written(&message.fields).iter().map(|field| format!("; {field}")).collect();
        let text = |text: &FieldDiff| {
            let Counts { words_added, words_removed, .. } = text.diff.counts;
            format!("; {} +{words_added} -{words_removed}", text.field)
        };
        let texts: String = message.texts.iter().map(text).collect();
        format!("{before} {after} {} {kind}{moved}{fields}{texts}", message.role)
    };
    compare(json!({"messages": a}), json!({"messages": b})).messages.iter().map(write).collect()
}

#[test]
fn one_sentence_says_it_all() {
    let system = |text: &str| json!({"role": "system", "content": text});
    says(json!({}), json!({}), "No differences.");
    says(
        json!({
            "temperature": 0.2,
            "messages": [system("Be kind."), {"role": "user", "content": "{{ question }}"}],
        }),
        json!({
            "temperature": 0.4,
            "variables": [{"name": "x", "type": "string", "required": true}],
            "messages": [system("Be very kind."), {"role": "user", "content": "{{ question }} {{ x }}"}],
        }),
        "1 variable added, temperature 0.2 → 0.4, 2 messages changed (2 words added); \
         breaking: required variable `x` added.",
    );
    says(json!({}), json!({"description": "The changelog line."}), "description changed.");
    let variables = json!([
        {"name": "a", "type": "string", "required": true},
        {"name": "b", "type": "string", "required": true},
    ]);
    says(
        json!({"variables": variables, "model": "one", "parameters": {"user": "Short, but for this sentence"}}),
        json!({"description": "Not in the sentence.", "tags": ["new"]}),
        "2 variables removed, model one removed, tags new added, 1 other setting changed; \
         breaking: the variable `a` was removed and 1 more.",
    );
    let (one, other) =
        ("- One line.\n- Two lines.\n- Three lines.\n", "Rules:\n- Never guess the amount.\n");
    says(
        json!({"messages": [system(&format!("{other}{other}{other}{one}"))]}),
        json!({"messages": [system(&format!("{one}{other}{other}{other}"))]}),
        "1 message changed, 1 block moved.",
    );
    says(
        json!({"messages": [system("One  line.\n")]}),
        json!({"messages": [system("One line.")]}),
        "1 message changed (white space only).",
    );
    says(
        json!({"messages": [system("One line.")]}),
        json!({"messages": [system("One\u{202e} line.\u{e0041}\u{e0041}")]}),
        "1 message changed (1 word added, 1 removed), 3 invisible characters added (U+202E, U+E0041).",
    );
}

#[test]
fn values_that_mean_the_same_are_the_same() {
    let with = |parameters: &str| -> VersionDocument {
        let text = json!(version(json!({}))).to_string();
        let text = text.replacen('{', &format!(r#"{{"parameters":{parameters},"#), 1);
        serde_json::from_str(&text).unwrap()
    };
    let (a, b) = (
        with(r#"{"a":1,"b":[0.20,{"c":1,"d":2}]}"#),
        with(r#"{"b":[0.2,{"d":2.0,"c":1}],"a":1.0}"#),
    );
    assert_ne!(a, b);
    let comparison = compare_versions(&a, &b, &Options::default());
    assert!(comparison.identical && comparison.settings.is_empty());
}

#[test]
fn settings_are_a_table() {
    let tool = |name: &str, about: &str| json!({"type": "function", "function": {"name": name, "description": about}});
    let comparison = compare(
        json!({
            "template": "jinja", "model": "one", "token_budget": 100, "tags": ["a", "b"],
            "parameters": {"stop": ["x"], "top_p": 0.9, "odd key": 1, "same": null},
            "response_schema": {"type": "object", "properties": {"a": {"type": "string"}}},
            "tools": [tool("find", "Finds."), tool("send", "Sends.")],
            "examples": [{"input": 1, "output": 2}, {"input": 3, "output": 4}],
            "metadata": {"rows": [{"n": 1}, {"n": 2}, {"n": 3}]},
            "origin": {"system": "langfuse", "version": "3"},
        }),
        json!({
            "template": "plain", "temperature": 1, "token_budget": 200, "tags": ["b", "c"],
            "parameters": {"stop": ["x", "y"], "odd key": "1", "same": null},
            "response_schema": {"type": "object", "properties": {"a": {"type": "number"}, "b": {}}},
            "tools": [tool("send", "Sends."), tool("find", "Finds it.")],
            "examples": [{"input": 1, "output": 2}, {"input": 0, "output": 0}, {"input": 3, "output": 4}],
            "metadata": {"rows": [{"n": 1}, {"n": 9}, {"n": 3}]},
            "origin": {"system": "langfuse", "version": "4"},
        }),
    );
    assert_eq!(
        written(&comparison.settings),
        [
            "template: jinja → plain",
            "model - one",
            "temperature + 1",
            "token_budget: 100 → 200",
            "origin.version: 3 → 4",
            r#"parameters["odd key"]: 1 → "1""#,
            r#"parameters.stop: ["x"] → ["x","y"]"#,
            "parameters.top_p - 0.9",
            r#"response_schema.properties.a.type: "string" → "number""#,
            "response_schema.properties.b + {}",
            r#"examples[1] + {"input":0,"output":0}"#,
            "metadata.rows[1].n: 2 → 9",
            r#"tools.find.function.description: "Finds." → "Finds it.""#,
            "tools: find, send → send, find",
            "tags - a",
            "tags + c",
        ]
    );
    assert!(!comparison.identical);
}

#[test]
fn variables_say_what_they_mean_in_both_directions() {
    let comparison = compare(
        json!({"variables": [
            {"name": "kept", "type": "string", "required": true},
            {"name": "a", "type": "integer", "required": true, "minimum": 0, "default": 1.0},
            {"name": "gone", "type": "array", "required": false, "items": {"type": "string"}},
            {"name": "user", "type": "object", "required": true, "properties": {"name": {"type": "string"}}},
        ]}),
        json!({"variables": [
            {"name": "new", "type": "string", "required": false, "sensitive": true},
            {"name": "a", "type": "integer", "required": true, "minimum": 1, "default": 1, "enum": [1, 2]},
            {"name": "kept", "type": "string", "required": true},
            {"name": "user", "type": "object", "required": true, "properties": {
                "name": {"type": "string", "description": "as on the invoice"},
                "age": {"type": "integer", "required": false},
            }},
        ]}),
    );
    let write = |row: &VariableDiff| {
        let effects = |direction: &str, effects: &[ContractEffect]| -> Vec<String> {
            effects.iter().map(|effect| format!("{direction} {}", effect.message)).collect()
        };
        let heading = vec![format!("{:?} {}", row.kind, row.name)];
        let (forward, backward) = (effects(">", &row.forward), effects("<", &row.backward));
        [heading, written(&row.attributes), forward, backward].concat()
    };
    assert_eq!(
        comparison.variables.iter().flat_map(write).collect::<Vec<_>>(),
        [
            "Added new",
            "required + false",
            "type + string",
            "sensitive + true",
            "> optional variable `new` added",
            "< the variable `new` was removed",
            "Changed a",
            "minimum: 0 → 1",
            "enum + 1, 2",
            "> the variable `a` is now restricted to listed values",
            "> the variable `a` has a higher minimum",
            "< the variable `a` now allows any value",
            "< the variable `a` has wider limits",
            "Changed user",
            "properties.age.required + false",
            "properties.age.type + integer",
            "properties.name.description + as on the invoice",
            "> optional key `user.age` added",
            "< the key `user.age` is no longer declared",
            "Removed gone",
            "required - false",
            "type - array",
            "items.type - string",
            "> the variable `gone` was removed",
            "< optional variable `gone` added",
        ]
    );
    assert_eq!(comparison.forward.verdict, Compatibility::Breaking);
    assert_eq!(comparison.backward.verdict, Compatibility::Breaking);
}

#[test]
fn messages_are_paired() {
    let user = |text: &str| json!({"role": "user", "content": text});
    let system = |text: &str| json!({"role": "system", "content": text});
    assert_eq!(
        messages(
            json!([system("Be kind."), user("Where is my parcel?"), user("Thank you.")]),
            json!([
                system("Be very kind."),
                user("Thank you."),
                user("A new one"),
                user("Where is my parcel now?")
            ]),
        ),
        [
            "1 1 system changed; content +1 -0",
            "3 2 user same moved",
            "- 3 user added; content +3 -0",
            "2 4 user changed; content +1 -0",
        ]
    );
    assert_eq!(
        messages(
            json!([system("Be kind."), user("a")]),
            json!([{"role": "developer", "content": "Be kind."}])
        ),
        ["1 1 developer changed; role: system → developer", "2 - user removed; content +0 -1"]
    );
}

#[test]
fn each_kind_of_message_is_compared_as_such() {
    assert_eq!(
        messages(
            json!([
                {"placeholder": "history"},
                {"examples": {"user": "{{ input }}", "assistant": "{{ output }}"}},
                {"role": "assistant", "tool_calls": [{"id": "1", "arguments": {"a": 1, "b": 2}}]},
                {"role": "tool", "content": "x", "tool_call_id": "1", "metadata": {"a": 1}},
            ]),
            json!([
                {"placeholder": "history", "optional": true},
                {"examples": {"user": "{{ input }} please", "assistant": "{{ output }}"}},
                {"role": "assistant", "tool_calls": [{"arguments": {"b": 2.0, "a": 3}, "id": "1"}]},
                {"role": "tool", "content": "x", "tool_call_id": "2", "metadata": {"a": 2}},
            ]),
        ),
        [
            "1 1 placeholder changed; optional: false → true",
            "2 2 examples changed; examples.user +1 -0",
            "3 3 assistant changed; tool_calls +1 -1",
            "4 4 tool changed; tool_call_id: 1 → 2; metadata.a: 1 → 2",
        ]
    );
    let parts = |parts: Value| json!([{"role": "user", "content": parts}]);
    let image = |url: &str| json!({"type": "image", "url": url, "media_type": "image/png"});
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        messages(
            parts(json!([text("What is on it?"), image("https://a.example/1")])),
            parts(json!([image("https://a.example/2"), text("What is on it?"), text("Be brief.")])),
        ),
        ["1 1 user changed; content[0]: image url https://a.example/1 (image/png) → \
          image url https://a.example/2 (image/png); content order: content[0], content[1] → \
          content[1], content[0]; content[2] +2 -0"]
    );
    assert_eq!(
        messages(parts(json!("One.")), parts(json!([text("One.")]))),
        ["1 1 user changed; content form: text → parts"]
    );
}

#[test]
fn included_texts_are_compared() {
    let include = |text: &str| json!({"template": "plain", "text": text, "digest": format!("sha256:{}", "1".repeat(64)), "size": 1});
    let comparison = compare(
        json!({"includes": {"shared/a@1.0.0": include("Be kind."), "shared/b@1.0.0": include("B"), "shared/c@1.0.0": include("C")}}),
        json!({"includes": {"shared/a@1.1.0": include("Be very kind."), "shared/c@1.0.0": include("C"), "shared/d@2.0.0": include("D")}}),
    );
    let rows: Vec<String> = comparison
        .includes
        .iter()
        .map(|row| {
            let version = |version: &Option<promptdex_wire::Version>| {
                version.as_ref().map_or("-".to_owned(), ToString::to_string)
            };
            format!(
                "{:?} {} {} {} +{}",
                row.kind,
                row.name,
                version(&row.before),
                version(&row.after),
                row.diff.counts.words_added
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "Changed shared/a 1.0.0 1.1.0 +1",
            "Removed shared/b 1.0.0 - +0",
            "Added shared/d - 2.0.0 +1",
        ]
    );
    assert_eq!(
        sentence(&comparison),
        "1 include added, 1 include removed, 1 include changed (2 words added, 1 removed)."
    );
}

#[test]
fn alarms_are_counted_wherever_a_model_reads_them() {
    let comparison = compare(
        json!({"messages": [{"role": "user", "content": "a\u{200b}b"}]}),
        json!({
            "messages": [{"role": "user", "content": "a\u{200b}b and\u{a0}c"}],
            "tools": [{"name": "f", "description": "\u{e0041}\u{202e}"}],
        }),
    );
    let hidden = |character| HiddenCharacter { character, count: 1 };
    assert_eq!(comparison.invisible, [hidden('\u{202e}'), hidden('\u{e0041}')]);
}

#[test]
fn white_space_is_counted_apart() {
    let of = |text: &str| version(json!({"messages": [{"role": "user", "content": text}]}));
    let options = Options { whitespace: Whitespace::IgnoreChange, ..Options::default() };
    let comparison = compare_versions(&of("one  two\nthree"), &of("one two\nthree "), &options);
    assert_eq!(comparison.counts, Counts { whitespace: 2, ..Counts::default() });
    assert!(!comparison.identical);
}

#[test]
fn going_back_clients_drop_what_the_older_version_does_not_know() {
    let old = json!({"version": "1.0.0"});
    let new = json!({
        "version": "1.1.0",
        "variables": [{"name": "tone", "type": "string", "required": false}],
    });
    let (forward, back) = (compare(old.clone(), new.clone()), compare(new, old));
    // The same answer from both ends.
    assert_eq!((&forward.forward, &forward.backward), (&back.backward, &back.forward));
    assert_eq!(forward.forward.verdict, Compatibility::Additive);
    assert_eq!(forward.backward.verdict, Compatibility::Compatible);
    let [dropped] = &back.forward.effects[..] else { panic!("{:?}", back.forward) };
    assert_eq!(dropped.message, "the variable `tone` was removed: clients drop it");
    assert_eq!(sentence(&back), "1 variable removed.");
    // A newer version that drops a variable still breaks those who send it.
    let dropped = json!({"version": "1.2.0"});
    let upgrade = compare(
        json!({"version": "1.1.0", "variables": [{"name": "tone", "type": "string", "required": false}]}),
        dropped,
    );
    assert_eq!(upgrade.forward.verdict, Compatibility::Breaking);
}
