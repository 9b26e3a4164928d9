//! Our renderer passes the vectors of `conformance/`, as every client must.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_template::conversation::{VariableProblemKind, complete};
use promptdex_template::{ErrorKind, IncludedText, IncludedTexts, JsonValue, Template, Values};
use promptdex_wire::{Dialect, Variable};
use serde_json::value::RawValue;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// One element of a file. Its fields are read from their text: the order of keys matters, and so does
/// how a number is written.
struct Vector(BTreeMap<String, Box<RawValue>>);

impl Vector {
    fn raw(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(|value| value.get())
    }

    fn text(&self, field: &str) -> Option<String> {
        let value = expand(JsonValue::parse(self.raw(field)?).unwrap());
        Some(value.as_str().unwrap().to_owned())
    }

    fn name(&self) -> String {
        self.text("name").unwrap()
    }

    fn values(&self) -> Result<Values, &'static str> {
        // What a value cannot be is refused as a value that is used wrongly.
        let values = JsonValue::parse(self.raw("variables").unwrap()).map_err(|_error| "value")?;
        Ok(Values::of(expand(values)))
    }

    /// Returns the texts that the template may include: name, dialect and text of each.
    fn includes(&self) -> Vec<(String, Dialect, String)> {
        let Some(includes) = self.raw("includes") else { return Vec::new() };
        let includes: BTreeMap<String, BTreeMap<String, Box<RawValue>>> =
            serde_json::from_str(includes).unwrap();
        let include = |(name, fields): (String, BTreeMap<String, Box<RawValue>>)| {
            let dialect = serde_json::from_str(fields["template"].get()).unwrap();
            (name, dialect, serde_json::from_str(fields["text"].get()).unwrap())
        };
        includes.into_iter().map(include).collect()
    }

    /// Returns the text, or the kind of error, that the file has.
    fn expected(&self) -> Result<String, String> {
        match (self.text("rendered"), self.text("error")) {
            (Some(text), None) => Ok(text),
            (None, Some(kind)) => Err(kind),
            _ => panic!("{} expects nothing, or two things", self.name()),
        }
    }

    /// Returns the text, or the kind of error, that our renderer gives.
    fn render(&self, dialect: Dialect) -> Result<String, &'static str> {
        let texts = self.includes();
        let mut includes = IncludedTexts::new();
        for (name, dialect, text) in &texts {
            let included = IncludedText::parse(*dialect, text).map_err(|error| kind(error.kind))?;
            includes.insert(name.clone(), included);
        }
        let text = self.text("template").unwrap();
        let template = Template::parse(dialect, &text).map_err(|errors| kind(errors[0].kind))?;
        if let Some(problem) = template.problems().first() {
            return Err(kind(problem.kind));
        }
        template.render(&self.values()?, &includes).map_err(|error| kind(error.kind))
    }
}

fn vectors(file: &str) -> Vec<Vector> {
    let vectors: Vec<BTreeMap<String, Box<RawValue>>> =
        serde_json::from_str(&read(&format!("conformance/{file}"))).unwrap();
    vectors.into_iter().map(Vector).collect()
}

/// Writes out `{"repeat": [text, count]}`.
fn expand(value: JsonValue) -> JsonValue {
    match value {
        JsonValue::Object(entries) => match entries.as_slice() {
            [(name, JsonValue::Array(repeat))] if name == "repeat" => {
                let [JsonValue::Text(text), JsonValue::Integer(count)] = repeat.as_slice() else {
                    panic!("`repeat` has a text and a count");
                };
                JsonValue::Text(text.repeat(usize::try_from(*count).unwrap()))
            }
            _ => JsonValue::Object(
                entries.into_iter().map(|(key, value)| (key, expand(value))).collect(),
            ),
        },
        JsonValue::Array(items) => JsonValue::Array(items.into_iter().map(expand).collect()),
        other => other,
    }
}

fn kind(error: ErrorKind) -> &'static str {
    match error {
        ErrorKind::Syntax => "syntax",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Undefined => "undefined",
        ErrorKind::Value => "value",
        ErrorKind::Limit => "limit",
        ErrorKind::Include => "include",
        ErrorKind::Raised => "raised",
    }
}

#[test]
fn templates_render_to_the_expected_text_or_error() {
    for (dialect, file) in [
        (Dialect::Jinja, "jinja.json"),
        (Dialect::Fstring, "fstring.json"),
        (Dialect::Curly, "curly.json"),
    ] {
        let mut wrong = Vec::new();
        for vector in vectors(file) {
            let (expected, actual) = (vector.expected(), vector.render(dialect));
            if actual.as_ref().map_err(|kind| (*kind).to_owned())
                != expected.as_ref().map_err(Clone::clone)
            {
                wrong.push(format!("{}: expected {expected:?}, got {actual:?}", vector.name()));
            }
        }
        assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
    }
}

/// Every filter, test, method and function that the page of the dialect lists has a vector that prints.
#[test]
fn everything_the_dialect_has_is_shown_by_a_vector() {
    let page = read("docs/dialect-jinja.md");
    let shown: BTreeSet<String> = vectors("jinja.json")
        .iter()
        .filter(|vector| vector.raw("rendered").is_some())
        .map(Vector::name)
        .collect();
    let mut missing = Vec::new();
    for (marker, kind) in
        [("filters", "filter"), ("tests", "test"), ("methods", "method"), ("functions", "function")]
    {
        let table = page.split(&format!("<!-- {marker} -->")).nth(1).unwrap();
        let rows = table.split("<!-- end -->").next().unwrap().lines();
        // The name, or the names, are in the first column.
        for cell in rows.filter_map(|row| row.strip_prefix("| `")?.split(" | ").next()) {
            for name in cell.split('`').step_by(2) {
                let name = name.split('(').next().unwrap().trim_start_matches('.');
                let is_it = |shown: &&String| {
                    let mut words = shown.split([' ', ',', ':', '…']);
                    words.next() == Some(kind) && words.any(|word| word == name)
                };
                if !shown.iter().any(|shown| is_it(&shown)) {
                    missing.push(format!("{kind} {name}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no vector for: {}", missing.join(", "));
}

#[test]
fn given_values_are_completed_and_checked() {
    for vector in vectors("variables.json") {
        let name = vector.name();
        let declared: Vec<Variable> =
            serde_json::from_str(vector.raw("declared").unwrap()).unwrap();
        let given = Values::parse(vector.raw("given").unwrap()).unwrap();
        let (completed, problems) = complete(&declared, &given);
        let expected = Values::parse(vector.raw("completed").unwrap()).unwrap();
        // Integers and floats are told apart here, and so are the orders of keys.
        assert_eq!(completed, expected, "{name}");
        let mut problems: Vec<[String; 2]> = problems
            .into_iter()
            .map(|problem| {
                let kind = match problem.kind {
                    VariableProblemKind::Missing => "missing",
                    VariableProblemKind::Unknown => "unknown",
                    VariableProblemKind::Misfit => "misfit",
                };
                [kind.to_owned(), problem.name]
            })
            .collect();
        problems.sort();
        let expected: Vec<[String; 2]> =
            serde_json::from_str(vector.raw("problems").unwrap_or("[]")).unwrap();
        assert_eq!(problems, expected, "{name}");
    }
}
