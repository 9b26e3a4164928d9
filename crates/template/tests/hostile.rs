//! Hostile templates end in an error, whatever they try: in a thread with the stack of a worker, and
//! in a child process with little address space.

use std::collections::BTreeMap;

use promptdex_template::{Error, ErrorKind, JsonValue, MAX_OUTPUT, Template, Values, highlight};
use promptdex_wire::Dialect;
use proptest::prelude::*;

/// Templates that would take all memory, all time or all stack, each with what it ends in.
fn hostile() -> Vec<(String, &'static str)> {
    let chain = |link: &str| format!("{{{{ 'a'{} }}}}", link.repeat(100_000));
    let mut templates = vec![
        // Many constants do not hide one, and are not unbounded work themselves.
        ("{{ 1 + 1 }}".repeat(1_000) + "{{ 'a' * 100000000 }}", "limit"),
        (format!("{{% if a is undefined %}}{}{{% endif %}}", "{{ 'a' * 1000000 }}".repeat(5_000)), "limit"),
        ("{{ 'a' * 100000000 }}".to_owned(), "limit"),
        ("{{ 'a' * 100000000 }}".repeat(80), "limit"),
        ("{% if false %}{{ 'a' * 100000000 }}{% endif %}".to_owned(), "limit"),
        ("{{ ('a' * 4000000) * 4000000 }}".to_owned(), "limit"),
        ("{{ 10 ** 1000 }}".to_owned(), "value"),
        ("{{ range(1000000000) | list | length }}".to_owned(), "limit"),
        ("{{ 'a\\nb' | indent(4000000000) }}".to_owned(), "limit"),
        ("{{ ('a' * 1000000) | replace('a', 'b' * 1000000) }}".to_owned(), "limit"),
        ("{{ range(100000) | join('x' * 1000000) }}".to_owned(), "limit"),
        ("{{ [1] | tojson(indent=4000000000) }}".to_owned(), ""),
        ("{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}".to_owned(), "limit"),
        ("{% set x = 'ab' %}{% for i in range(60) %}{% set x = x ~ x %}{% endfor %}".to_owned(), ""),
        ("{% macro d(x) %}{{ d(x ~ x) }}{% endmacro %}{{ d('ab') }}".to_owned(), "limit"),
        ("{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}".to_owned(), "limit"),
        ("{% macro l(x) %}{{ l([x, x]) }}{% endmacro %}{{ l([1]) }}".to_owned(), "limit"),
        ("{% macro l(x, n) %}{% if n %}{{ l([x, x, x, x], n - 1) }}{% else %}{{ x | tojson }}{% endif %}{% endmacro %}{{ l([1], 12) }}".to_owned(), "limit"),
        ("{% macro l(x, n) %}{% if n %}{{ l([x, x, x, x], n - 1) }}{% else %}{{ x == x }}{% endif %}{% endmacro %}{{ l([1], 12) }}".to_owned(), ""),
        (format!("{{% for a in range(90000) %}}{{% set x %}}{}{{% endset %}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        (format!("{{% for a in range(30000) %}}{{% if 'b' in '{}' %}}{{% endif %}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        (format!("{{% for a in range(30000) %}}{{{{ '{}'[a] }}}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        ("{% if a %}".repeat(100_000) + &"{% endif %}".repeat(100_000), "limit or syntax"),
        (format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(50_000)), "limit"),
        (format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ {}1{} }}}}", "[".repeat(100_000), "]".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ {}1{} }}}}", "{'a':".repeat(100_000), "}".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ {}1 }}}}", "not ".repeat(100_000)), "limit"),
        (format!("{{{{ {}1 }}}}", "-".repeat(100_000)), "limit"),
        (format!("{{{{ x{} }}}}", " is defined".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ 1{} }}}}", " if 1 else 1".repeat(100_000)), "limit"),
        (format!("{{% with {} %}}{{% endwith %}}", (0..50_000).map(|i| format!("a{i}=1")).collect::<Vec<_>>().join(",")), ""),
    ];
    // Values are shared, so they are huge only when they are walked.
    let sharing = |use_of: &str| {
        let doubled = "{% set x = [x, x] %}".repeat(40);
        (format!("{{% set x = [1] %}}{doubled}{{{{ x {use_of} }}}}"), "limit")
    };
    templates.extend(["== x", "| tojson", "in [x]", "| unique | length"].map(sharing));
    templates.push((
        format!("{{% set x = [1] %}}{}{{{{ x | tojson }}}}", "{% set x = [x] %}".repeat(10_000)),
        "limit",
    ));
    templates.push((
        format!("{{% set x = {{}} %}}{}{{{{ x == x }}}}", "{% set x = {'a': x} %}".repeat(30_000)),
        "limit",
    ));
    // Every two strings differ in their last bytes only, so that comparing them walks all of it.
    let similar: Vec<String> =
        (0..32).map(|i| format!("'{}{}'", "a".repeat(28_000), (i * 7919) % 32 + 1000)).collect();
    templates.push((format!("{{{{ [{}] | sort | length }}}}", similar.join(",")), "limit"));
    templates.push(("{{ ('a' * 1000000) | trim('b' * 1000000 ~ 'a') | length }}".to_owned(), ""));
    templates.push((
        "{% set k = 'a' * 2000000 %}{{ range(5000) | list | map(attribute=k) | length }}"
            .to_owned(),
        "",
    ));
    templates.push((
        format!(
            "{{% set k = 'a' * 2000000 %}}{{{{ [{}] | map(attribute=k) | length }}}}",
            vec!["{}"; 3000].join(",")
        ),
        "limit",
    ));
    templates.push(("{{ 'a' * 4000000 }}".repeat(3_000), "limit"));
    templates.push(((0..25_000).map(|i| format!("{{% set a{i} = a %}}")).collect(), ""));
    for link in [
        " ~ 'a'", " + 'a'", " | upper", ".a", "[0]", "()", " and 1", " or 1", " ** 1", " < 1",
        " in 'a'",
    ] {
        templates.push((chain(link), "limit"));
    }
    templates
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
    template.render(
        &Values::from_iter([("a".to_owned(), JsonValue::Text("x".to_owned()))]),
        &BTreeMap::new(),
    )
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
            if let Err(error) = template.render(&values, &BTreeMap::new()) {
                prop_assert!(text.get(error.range.clone()).is_some());
            }
        }
    }
}
