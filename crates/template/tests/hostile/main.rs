//! Hostile templates end in an error, whatever they try: in a thread with the stack of a worker, and
//! in a child process with little address space.

use promptdex_template::{
    Error, ErrorKind, IncludedTexts, JsonValue, MAX_OUTPUT, Template, Values, highlight,
};
use promptdex_wire::Dialect;
use proptest::prelude::*;

mod templates;

/// Templates that would take all memory, all time or all stack, each with what it ends in.
fn hostile() -> Vec<(String, &'static str)> {
    [templates::statements(), templates::filters(), templates::values()].concat()
}

/// What the caller passes: long lists, objects with many keys, and long texts.
fn passed() -> Values {
    let list = || JsonValue::Array((0..20_000).map(JsonValue::Integer).collect());
    let object = || {
        let entry = |number: i64| (format!("key{number}"), JsonValue::Integer(number));
        JsonValue::Object((0..5_000).map(entry).collect())
    };
    let text = || JsonValue::Text("a".repeat(200_000));
    let values = [
        ("a", JsonValue::Text("x".to_owned())),
        ("l", list()),
        ("m", list()),
        ("o", object()),
        ("p", object()),
        ("t", text()),
        ("u", text()),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn outcome(template: &str) -> Result<String, Error> {
    let template =
        Template::parse(Dialect::Jinja, template).map_err(|mut errors| errors.swap_remove(0))?;
    if let Some(problem) = template.problems().first() {
        return Err(problem.clone());
    }
    if let Some(problem) = template.constant_problems().into_iter().next() {
        return Err(problem);
    }
    template.foreign_placeholders();
    template.render(&passed(), &IncludedTexts::new())
}

fn check(template: &str, expected: &str) {
    let name: String = template.chars().take(100).collect();
    match outcome(template) {
        Ok(text) => assert!(
            expected.is_empty() && text.len() <= MAX_OUTPUT,
            "{name}: rendered {} bytes",
            text.len()
        ),
        Err(error) => {
            let kind = match error.kind {
                ErrorKind::Limit => "limit",
                ErrorKind::Value => "value",
                ErrorKind::Syntax => "syntax",
                ErrorKind::Unsupported => "unsupported",
                ErrorKind::Undefined => "undefined",
                ErrorKind::Include => "include",
                ErrorKind::Raised => "raised",
            };
            assert!(expected.is_empty() || expected.contains(kind), "{name}: {kind}: {error}");
            assert!(
                template.get(error.range.clone()).is_some(),
                "{name}: {:?} is not a place",
                error.range
            );
        }
    }
}

#[test]
fn hostile_templates_end_in_an_error_on_a_small_stack() {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let run = || hostile().iter().for_each(|(template, expected)| check(template, expected));
    thread.spawn(run).unwrap().join().unwrap();
}

/// Runs this test binary again with 256 MiB of address space.
#[cfg(unix)]
#[test]
fn hostile_templates_fit_into_little_memory() {
    const CHILD: &str = "PROMPTDEX_HOSTILE_CHILD";
    if std::env::var_os(CHILD).is_some() {
        hostile().iter().for_each(|(template, expected)| check(template, expected));
        return;
    }
    let binary = std::env::current_exe().unwrap();
    let status = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 262144; exec \"$0\" --exact hostile_templates_fit_into_little_memory --test-threads=1"])
        .arg(binary)
        .env(CHILD, "1")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    if !status.success() {
        panic!("the child with little memory ended with {status}");
    }
}

/// Pieces that make syntactically interesting templates far more often than random text does.
fn template() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{ "),
        Just(" }}"),
        Just("{% if "),
        Just("{% elif "),
        Just("{% else %}"),
        Just("{% endif %}"),
        Just("{% for x in "),
        Just("{% endfor %}"),
        Just("{% set y = "),
        Just(" %}"),
        Just("{% raw %}"),
        Just("{% endraw %}"),
        Just("{# "),
        Just(" #}"),
        Just("a"),
        Just("y"),
        Just("x.b"),
        Just(" | upper"),
        Just(" | join(', ')"),
        Just(" ~ "),
        Just(" + "),
        Just(" is defined"),
        Just("'é'"),
        Just("1"),
        Just("[0]"),
        Just("("),
        Just(")"),
        Just("{"),
        Just("}"),
        Just("\n"),
        Just("日"),
        Just("-"),
        Just("{% macro m(q=1) %}"),
        Just("{% endmacro %}"),
        Just("m()"),
        Just("{% include \"s@1.0.0\" %}"),
        Just("range(3)"),
        Just("\u{feff}"),
        Just("{$x}"),
        Just("{%-"),
        Just("-%}"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_template_panics_and_every_place_is_in_it(text in template(), value in "[a-z{}% ]{0,6}") {
        for dialect in Dialect::ALL {
            let mut end = 0;
            for (range, _) in highlight(dialect, &text) {
                prop_assert!(range.start >= end && text.get(range.clone()).is_some());
                end = range.end;
            }
            let template = match Template::parse(dialect, &text) {
                Ok(template) => template,
                Err(errors) => {
                    for error in errors {
                        prop_assert!(text.get(error.range.clone()).is_some(), "{:?}", error.range);
                    }
                    continue;
                }
            };
            for used in template.uses() {
                prop_assert_eq!(&text[used.range], used.path[0].as_str());
            }
            for range in template.foreign_placeholders() {
                prop_assert!(text.get(range).is_some());
            }
            for problem in template.problems().iter().chain(&template.constant_problems()) {
                prop_assert!(text.get(problem.range.clone()).is_some());
            }
            let values: Values = ["a", "y"].map(|name| (name.to_owned(), JsonValue::Text(value.clone()))).into_iter().collect();
            if let Err(error) = template.render(&values, &IncludedTexts::new()) {
                prop_assert!(text.get(error.range.clone()).is_some());
            }
        }
    }
}
