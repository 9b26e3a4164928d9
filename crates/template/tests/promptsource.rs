//! Templates that run in Python print here what Jinja2 prints there, or are refused with a reason. The corpus
//! lies beside the repository; without it this test says so.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_template::{IncludedTexts, Template, Values};
use promptdex_wire::{Dialect, Variable};
use serde_json::value::RawValue;

/// What became of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Equal,
    Different,
    RefusedByCheck,
    RefusedWhenRendered,
}

/// What the templates of the corpus came to.
#[derive(Debug, Default)]
struct Tally {
    outcomes: BTreeMap<Outcome, usize>,
    reasons: BTreeMap<String, usize>,
    different: Vec<String>,
    wrong_names: Vec<String>,
    unreached: Vec<String>,
}

impl Tally {
    fn refuse(&mut self, outcome: Outcome, reason: String) {
        *self.reasons.entry(reason).or_default() += 1;
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    fn check(&mut self, row: &BTreeMap<String, Box<RawValue>>) {
        let text = |name: &str| -> Option<String> {
            row.get(name).map(|field| serde_json::from_str(field.get()).unwrap())
        };
        let (name, template) = (text("name").unwrap(), text("template").unwrap());
        let parsed = Template::parse(Dialect::Jinja, &template);
        if row.contains_key("syntax_error_line") {
            assert!(parsed.is_err_and(|errors| !errors.is_empty()), "{name} parses");
            return;
        }
        let parsed = match parsed {
            Err(errors) => {
                return self.refuse(Outcome::RefusedByCheck, errors[0].message.clone());
            }
            Ok(parsed) => parsed,
        };
        if let Some(problem) = parsed.problems().first() {
            return self.refuse(Outcome::RefusedByCheck, problem.message.clone());
        }
        let used: BTreeSet<String> =
            parsed.uses().into_iter().map(|used| used.path[0].clone()).collect();
        let undeclared: BTreeSet<String> = serde_json::from_str(row["undeclared"].get()).unwrap();
        if used != undeclared {
            self.wrong_names.push(format!("{name}: {used:?}, Jinja2 has {undeclared:?}"));
        }
        let Some(expected) = text("expected") else { return };
        let given = row["values"].get();
        let values = Values::parse(given).unwrap();
        let rendered = parsed.render(&values, &IncludedTexts::new());
        let mut declared: Vec<serde_json::Value> =
            serde_json::from_str(row["variables"].get()).unwrap();
        declared.iter_mut().for_each(|variable| variable["required"] = true.into());
        let declared: Vec<Variable> =
            serde_json::from_value(serde_json::Value::Array(declared)).unwrap();
        if let Some(problem) = parsed.type_problems(&declared).certain.first() {
            // It may be in a branch that these values do not reach.
            if rendered.as_ref().is_ok_and(|rendered| *rendered == expected) {
                self.unreached.push(format!("{name}: {problem}\n{template}"));
            }
            return self.refuse(Outcome::RefusedByCheck, problem.message.clone());
        }
        match rendered {
            Ok(rendered) if rendered == expected => {
                *self.outcomes.entry(Outcome::Equal).or_default() += 1;
            }
            Ok(rendered) => {
                *self.outcomes.entry(Outcome::Different).or_default() += 1;
                self.different.push(format!(
                    "{name}\n  {template:?}\n  {given}\n  here   {rendered:?}\n  Jinja2 {expected:?}"
                ));
            }
            Err(error) => self.refuse(Outcome::RefusedWhenRendered, error.message.clone()),
        }
    }
}

#[test]
fn real_templates_print_what_jinja2_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpora/jinja/promptsource.jsonl");
    let Ok(rows) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the corpus `jinja` is not beside the repository");
        return;
    };
    let mut tally = Tally::default();
    for row in rows.lines() {
        tally.check(&serde_json::from_str(row).unwrap());
    }
    let Tally { outcomes, reasons, different, wrong_names, unreached } = tally;
    eprintln!("{outcomes:?}\n{reasons:#?}\n{}", unreached.join("\n"));
    assert!(wrong_names.is_empty(), "{}", wrong_names.join("\n"));
    assert!(different.is_empty(), "{}", different.join("\n"));
    let count = |outcome| outcomes.get(&outcome).copied().unwrap_or(0);
    let all: usize = outcomes.values().sum();
    assert!(count(Outcome::Equal) * 100 >= all * 95, "{outcomes:?} of {all}");
    assert!(count(Outcome::RefusedWhenRendered) * 100 <= all, "{outcomes:?} of {all}");
}
