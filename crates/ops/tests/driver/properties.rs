//! Tests the keys of objects: how they are declared, and what is found because they are.

use promptdex_core::tree::Contents;
use promptdex_ops::tree::Tree;

use crate::compiled;

/// Compiles one version with metadata in YAML, and returns its findings: rule, what they point at, and message.
fn findings(text: &str, metadata: &str) -> Vec<String> {
    let files = [("a/v1.0.0/system_prompt.txt", text), ("a/v1.0.0/metadata.yaml", metadata)];
    let contents: Contents =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let compiled = compiled::compile(&Tree::in_memory(contents), None).unwrap();
    let findings = compiled.findings.iter().map(|finding| {
        let text = files.iter().find(|(path, _)| *path == finding.path).unwrap().1;
        let marked = finding.place.as_ref().map(|place| &text[place.range.clone()]);
        format!("{} at `{}`: {}", finding.rule.code, marked.unwrap(), finding.message)
    });
    findings.collect()
}

#[test]
fn what_is_declared_of_keys_is_published_in_order() {
    let contents: Contents = [
        ("a/v1.0.0/system_prompt.txt", "{{ o.b }}{{ o[\"a key\"].c }}"),
        (
            "a/v1.0.0/metadata.yaml",
            "variables:\n- name: o\n  type: object\n  properties:\n    b: {required: true, minimum: 1.50, type: number}\n    a key: {type: object, description: d, required: false, properties: {c: string}}\n    z: {type: array, items: {type: object, description: i, properties: {}}}\n",
        ),
    ]
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .into();
    let compiled = compiled::compile(&Tree::in_memory(contents), None).unwrap();
    let document = String::from_utf8_lossy(&compiled.files["api/prompts/a/versions/1.0.0.json"]);
    let expected = r#""variables":[{"name":"o","type":"object","required":true,"properties":{"b":{"type":"number","minimum":1.5},"a key":{"type":"object","description":"d","required":false,"properties":{"c":{"type":"string"}}},"z":{"type":"array","items":{"type":"object","description":"i"}}}}]"#;
    assert!(document.contains(expected), "{document}");
}

#[test]
fn wrong_declarations_of_keys_are_found_with_their_place() {
    let metadata = "\
variables:
- {name: a, properties: {b: string}}
- {name: c, type: object, properties: [name]}
- {name: d, type: object, properties: {'': string, e: 3, f: strng, g: {default: x}}}
- {name: h, type: object, properties: {i: {enum: [1]}, j: {type: array, items: {required: true}}}}
- {name: k, type: object, properties: {l: {type: object, properties: {m: {minimum: 1}}}}}
- {name: n, type: object, default: {p: {q: 1}}, properties: {p: {type: object, properties: {q: string}}}}
- {name: r, type: object, properties: {s: string, s: integer}}
";
    let text = "{{ a }}{{ [c, d, h, k, n, r] | tojson }}";
    insta::assert_snapshot!(findings(text, metadata).join("\n"));
}

#[test]
fn what_is_declared_has_bounds() {
    let nested = |levels: usize| {
        let mut shape = "string".to_owned();
        for _ in 0..levels {
            shape = format!("{{type: object, properties: {{k: {shape}}}}}");
        }
        format!("variables:\n- {{name: o, {}\n", shape.strip_prefix('{').unwrap())
    };
    let text = "{{ o | tojson }}";
    assert_eq!(findings(text, &nested(8)), [""; 0]);
    assert_eq!(
        findings(text, &nested(9)),
        ["invalid-variable at `k`: objects with `properties` are nested deeper than 8 levels"]
    );
    let wide = |count: usize| {
        let keys: Vec<String> = (0..count).map(|at| format!("k{at}: string")).collect();
        format!("variables:\n- {{name: o, type: object, properties: {{{}}}}}\n", keys.join(", "))
    };
    assert_eq!(findings(text, &wide(256)), [""; 0]);
    assert_eq!(
        findings(text, &wide(257)),
        ["invalid-variable at `k0`: the variable declares more than 256 keys"]
    );
    // Nothing is rendered with lists that have to be long in lists that have to be long.
    let mut long = "string".to_owned();
    for _ in 0..6 {
        long = format!("{{type: array, min_length: 1000, items: {long}}}");
    }
    let long = long.strip_prefix('{').unwrap();
    assert_eq!(findings(text, &format!("variables:\n- {{name: o, {long}\n")), [""; 0]);
}

#[test]
fn objects_are_made_from_what_is_declared_of_their_keys() {
    let metadata = "\
variables:
- name: user
  type: object
  properties:
    name: string
    nickname: {required: false}
    tier: {enum: [free, paid]}
    tags: {type: array, items: string}
    orders: {type: array, items: {type: object, properties: {id: string, note: {required: false}}}}
";
    for (text, expected) in [
        ("{{ user.name }}, {{ user.tier }}: {{ user.tags | join(', ') }}", ""),
        (
            "{{ user.nickname }}",
            "unguarded-value at `user.nickname`: rendering fails with `{\"user\": {\"nickname\": absent}}`: `nickname` is undefined",
        ),
        (
            "{{ {'free': 'F'}[user.tier] }}",
            "unguarded-value at `{'free': 'F'}[user.tier]`: rendering fails with `{\"user\": {\"tier\": \"paid\"}}`: `paid` is undefined",
        ),
        (
            "{{ user.tags | first }}",
            "unguarded-value at `first`: rendering fails with `{\"user\": {\"tags\": []}}`: `the first of nothing` is undefined",
        ),
        (
            "{% for order in user.orders %}{{ order.note }}{% endfor %}",
            "unguarded-value at `order.note`: rendering fails with `{\"user\": {\"orders\": [{\"note\": absent}]}}`: `note` is undefined",
        ),
        (
            "{{ user.age }}",
            "unguarded-value at `user.age`: rendering fails with a value for every variable: `age` is undefined",
        ),
        ("{{ user.tags }}", "type-error at `user.tags`: a list cannot be printed"),
        (
            "{{ user.nickanme or '' }}",
            "undeclared-key at `user.nickanme`: the key `nickanme` is not declared",
        ),
    ] {
        assert_eq!(findings(text, metadata).join("\n"), expected, "{text}");
    }
}
