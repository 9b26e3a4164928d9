//! The examples of the pages about dialects print what the pages say, and what they tell to write instead
//! of something works.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::path::Path;

use promptdex_template::{Error, ErrorKind, IncludedText, IncludedTexts, Template, Values};
use promptdex_wire::Dialect;

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Returns the blocks of code in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("\n```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Parses and renders a template; what `check` reports about it is an error.
fn render(dialect: Dialect, text: &str, values: &Values) -> Result<String, Error> {
    let mut includes = IncludedTexts::new();
    includes.insert("a@1.0.0".to_owned(), IncludedText::parse(Dialect::Jinja, "a").unwrap());
    read(dialect, text)?.render(values, &includes)
}

fn read(dialect: Dialect, text: &str) -> Result<Template<'_>, Error> {
    let template = Template::parse(dialect, text).map_err(|mut errors| errors.remove(0))?;
    match template.problems().first() {
        Some(problem) => Err(problem.clone()),
        None => Ok(template),
    }
}

/// Checks the examples of a block: `template   → text`, or `template   kind of error: why`. Returns how
/// many there are.
fn check_examples(dialect: Dialect, block: &str, values: &Values) -> usize {
    let mut count = 0;
    for example in block.lines() {
        let rendered = |template: &str| render(dialect, template, values);
        if let Some((template, expected)) = example.split_once("   → ") {
            let actual = rendered(template.trim_end());
            assert_eq!(actual.as_deref(), Ok(expected), "{template}");
        } else {
            let (template, error) = example.rsplit_once("   ").unwrap();
            let kind = error.split(':').next().unwrap();
            let error = rendered(template.trim_end()).unwrap_err();
            assert_eq!(error_kind(error.kind), kind, "{template}: {error}");
        }
        count += 1;
    }
    count
}

fn error_kind(kind: ErrorKind) -> &'static str {
    match kind {
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
fn examples_of_the_jinja_dialect_print_what_the_page_says() {
    let page = page("dialect-jinja.md");
    let values = Values::parse(blocks(&page, "json")[0]).unwrap();
    let count: usize = blocks(&page, "text")
        .into_iter()
        .map(|block| check_examples(Dialect::Jinja, block, &values))
        .sum();
    assert!(count > 20, "only {count} examples");
}

#[test]
fn examples_of_the_other_dialects_print_what_the_page_says() {
    let page = page("dialects.md");
    let values = Values::parse(r#"{"city": "Rome", "price": 2.5}"#).unwrap();
    let mut count = 0;
    for section in page.split("\n## ").skip(1) {
        let dialect = match section.lines().next().unwrap() {
            "fstring" => Dialect::Fstring,
            "curly" => Dialect::Curly,
            "plain" => Dialect::Plain,
            _ => continue,
        };
        count += blocks(section, "text")
            .into_iter()
            .map(|block| check_examples(dialect, block, &values))
            .sum::<usize>();
    }
    assert!(count > 4, "only {count} examples");
}

#[test]
fn what_the_page_refuses_is_refused_and_what_it_tells_to_write_instead_renders() {
    let page = page("dialect-jinja.md");
    let values = Values::parse(blocks(&page, "json")[0]).unwrap();
    for (marker, is_refused_when_read) in [("refused", true), ("refused when rendered", false)] {
        let table = page.split(&format!("<!-- {marker} -->\n")).nth(1).unwrap();
        let rows: Vec<&str> = table.split("<!-- end -->").next().unwrap().lines().skip(2).collect();
        assert!(rows.len() > 10, "only {} rows", rows.len());
        for row in rows {
            let row = row.replace("\\|", "|");
            let mut code = row.split('`').skip(1).step_by(2);
            let (refused, instead) = (code.next().unwrap(), code.next().unwrap());
            let error = render(Dialect::Jinja, refused, &values);
            let Err(error) = error else { panic!("{refused} prints {error:?}") };
            assert!(error.help.is_some(), "{refused}: no remedy: {error}");
            assert!(refused.get(error.range.clone()).is_some_and(|place| !place.is_empty()));
            assert_eq!(read(Dialect::Jinja, refused).is_err(), is_refused_when_read, "{refused}");
            let rendered = render(Dialect::Jinja, instead, &values);
            assert!(rendered.is_ok(), "{instead}: {rendered:?}");
        }
    }
}
