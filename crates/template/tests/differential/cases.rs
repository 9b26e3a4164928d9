//! Cases in a file: what they come to here, and that it is what they come to in Jinja2.

use crate::comparison::{Outcome, run_texts};
use crate::oracle::{Answer, Oracle};

struct Case<'t> {
    kind: &'t str,
    values: &'t str,
    template: String,
    result: &'t str,
}

fn cases() -> Vec<Case<'static>> {
    let text = include_str!("cases.txt");
    text.split("\n\n# ").skip(1).map(read).collect()
}

fn read(written: &'static str) -> Case<'static> {
    let (kind, rest) = written.split_once('\n').unwrap();
    let (values, rest) = match rest.strip_prefix("with ") {
        Some(rest) => rest.split_once('\n').unwrap(),
        None => ("{}", rest),
    };
    let (template, result) = rest.trim_end_matches('\n').rsplit_once('\n').unwrap();
    Case { kind, values, template: template.replace('⍽', "\u{a0}"), result }
}

/// Says what is wrong with a case, if anything.
fn check(case: &Case<'_>, oracle: Option<&mut Oracle>) -> Result<(), String> {
    let here = run_texts(&case.template, case.values);
    let (word, wanted) = case.result.split_once(' ').unwrap();
    let there = oracle.map(|oracle| match word {
        "nearest" => oracle.ask_with_nearest_powers(&case.template, case.values),
        _ => oracle.ask_one(&case.template, case.values),
    });
    let is_right = match (word, &here) {
        ("prints" | "nearest", Outcome::Printed(text)) => text == wanted,
        ("fails" | "refused", Outcome::Refused(error) | Outcome::Failed(error, _)) => {
            error.message.contains(wanted)
        }
        _ => false,
    };
    let is_like_jinja2 = match (word, &there) {
        (_, None) => true,
        ("prints" | "nearest", Some(Answer::Printed { text })) => text == wanted,
        ("fails", Some(Answer::Failed { .. })) | ("refused", Some(Answer::Printed { .. })) => true,
        _ => false,
    };
    if is_right && is_like_jinja2 {
        return Ok(());
    }
    Err(format!("{}\n  {:?}\n  here   {here:?}\n  Jinja2 {there:?}\n", case.kind, case.template))
}

/// Checks all cases, beside Jinja2 if it is there.
pub(crate) fn check_all() -> Result<usize, String> {
    let mut oracle = Oracle::start().ok();
    let cases = cases();
    let wrong: Vec<String> =
        cases.iter().filter_map(|case| check(case, oracle.as_mut()).err()).collect();
    if wrong.is_empty() { Ok(cases.len()) } else { Err(wrong.join("\n")) }
}

/// What is nested deeper than Jinja2 or Python can go, each with what is said of it.
pub(crate) fn deep() -> [(String, &'static str); 4] {
    [
        ("{% for x in [1] %}".repeat(21) + &"{% endfor %}".repeat(21), "more than 20 nested loops"),
        ("{% macro m() %}".repeat(99) + &"{% endmacro %}".repeat(99), "nested deeper than 90"),
        (format!("{{{{ {}1{} }}}}", "(".repeat(74), ")".repeat(74)), "nested deeper than 40"),
        (format!("{{{{ x{} }}}}", " | string".repeat(199)), "more than 150 operators"),
    ]
}
