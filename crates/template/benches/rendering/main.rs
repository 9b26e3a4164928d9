//! How long a rendering of the `jinja` dialect takes beside minijinja and Jinja2: the templates are compiled
//! once, and the three render the same values in turn. `cargo xtask bench rendering` starts it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]
#![expect(clippy::disallowed_methods, reason = "it reads files, starts Python and reads the clock")]

#[path = "../../tests/differential/python.rs"]
mod python;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use promptdex_template::{IncludedTexts, Template, Values};
use promptdex_wire::Dialect;
use python::Python;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

/// Each template is rendered so often in a row, and the three take turns so often.
const TIMES: u32 = 200;
const TURNS: usize = 7;

/// A template with one set of values.
struct Sample {
    name: String,
    text: String,
    values: String,
}

/// How long [`TIMES`] renderings took in each turn.
struct Times {
    here: Vec<Duration>,
    minijinja: Option<Vec<Duration>>,
    jinja2: Vec<Duration>,
}

/// Returns how long Jinja2 takes, unless it does not render the sample.
fn time_jinja2(sample: &Sample, python: &mut Python) -> Option<Duration> {
    let values: Json = serde_json::from_str(&sample.values).unwrap();
    let question = json!({ "template": sample.text, "values": values, "times": TIMES });
    python.write(&question.to_string());
    python.flush();
    let answer = python.read();
    assert!(!answer.is_empty(), "python3 has no jinja2");
    serde_json::from_str::<Option<u64>>(&answer).unwrap().map(Duration::from_nanos)
}

fn main() {
    let mut python = Python::start("benches/rendering/jinja2_times.py")
        .unwrap_or_else(|error| panic!("python3 does not start: {error}"));
    // Cargo adds words of its own; another word is a part of the names that are wanted.
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with("--")).unwrap_or_default();
    let samples: Vec<Sample> =
        samples().into_iter().filter(|sample| sample.name.contains(&wanted)).collect();
    let mut rows: Vec<(&Sample, Times)> = Vec::new();
    for sample in &samples {
        if let Some(times) = measure(sample, &mut python) {
            rows.push((sample, times));
        }
    }
    let only_here = rows.iter().filter(|(_, times)| times.minijinja.is_none()).count();
    println!(
        "{} of {} renderings end with a text, {only_here} of them not with the same text in minijinja\n",
        rows.len(),
        samples.len(),
    );
    println!("| template | here | minijinja | Jinja2 | to minijinja | to Jinja2 |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let (mut to_minijinja, mut to_jinja2) = (Vec::new(), Vec::new());
    for (sample, times) in &rows {
        let here = per_rendering(&times.here);
        let jinja2 = per_rendering(&times.jinja2);
        to_jinja2.push(here / jinja2);
        let (shown, ratio) = match &times.minijinja {
            None => (String::new(), String::new()),
            Some(minijinja) => {
                let minijinja = per_rendering(minijinja);
                to_minijinja.push(here / minijinja);
                (format!("{minijinja:.1} µs"), format!("{:.2}", here / minijinja))
            }
        };
        println!(
            "| {} | {here:.1} µs | {shown} | {jinja2:.1} µs | {ratio} | {:.2} |",
            sample.name,
            here / jinja2
        );
    }
    println!(
        "\nThe middle of the ratios (geometric mean): {:.2} of minijinja, {:.2} of Jinja2; highest {:.2} and {:.2}",
        geometric_mean(&to_minijinja),
        geometric_mean(&to_jinja2),
        highest(&to_minijinja),
        highest(&to_jinja2),
    );
}

/// Times a sample, unless it ends in an error.
fn measure(sample: &Sample, python: &mut Python) -> Option<Times> {
    let template = Template::parse(Dialect::Jinja, &sample.text).unwrap();
    let values = Values::parse(&sample.values).unwrap();
    let includes = IncludedTexts::default();
    let expected = template.render(&values, &includes).ok()?;

    let mut environment = minijinja::Environment::new();
    let syntax = minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap());
    environment.add_filter("tojson", |value: minijinja::Value| {
        serde_json::to_string(&value).unwrap_or_default()
    });
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let context: Json = serde_json::from_str(&sample.values).unwrap();
    let other = environment.template_from_str(&sample.text).ok();
    let other =
        other.filter(|other| other.render(convert(&context)).is_ok_and(|text| text == expected));

    let mut times =
        Times { here: Vec::new(), minijinja: other.is_some().then(Vec::new), jinja2: Vec::new() };
    for _ in 0..TURNS {
        times.here.push(time(|| {
            black_box(template.render(black_box(&values), &includes).unwrap());
        }));
        if let (Some(other), Some(found)) = (&other, &mut times.minijinja) {
            found.push(time(|| {
                black_box(other.render(convert(black_box(&context))).unwrap());
            }));
        }
        times.jinja2.push(time_jinja2(sample, python)?);
    }
    Some(times)
}

/// Both take values as parsed from JSON, and make their own of them.
fn convert(context: &Json) -> minijinja::Value {
    minijinja::value::Serde(context).into()
}

fn time(render: impl Fn()) -> Duration {
    let started = Instant::now();
    for _ in 0..TIMES {
        render();
    }
    started.elapsed()
}

/// Returns the median of the turns, as microseconds of one rendering.
fn per_rendering(turns: &[Duration]) -> f64 {
    let mut turns = turns.to_vec();
    turns.sort();
    turns[turns.len() / 2].as_secs_f64() * 1e6 / f64::from(TIMES)
}

fn geometric_mean(ratios: &[f64]) -> f64 {
    let count = u32::try_from(ratios.len()).unwrap_or(1);
    (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / f64::from(count)).exp()
}

fn highest(ratios: &[f64]) -> f64 {
    ratios.iter().copied().fold(0.0, f64::max)
}

/// Returns the templates in the style of chat templates, and some that are short or long.
fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat-templates");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jinja"));
    paths.sort();
    let mut samples = Vec::new();
    for path in paths {
        let cases = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let cases: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(&cases).unwrap();
        // The first set of values shows what the template is for.
        let case = &cases[0];
        samples.push(Sample {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
            values: case["variables"].get().to_owned(),
        });
    }
    let items: Vec<Json> = (0..200)
        .map(|number| json!({ "name": format!("item {number}"), "price": f64::from(number) / 4.0 }))
        .collect();
    let greeting = "Hello {{ name | upper }}, you have {{ count }} new messages.\n";
    for (name, text, values) in [
        ("a greeting", greeting.to_owned(), json!({ "name": "Ana", "count": 3 })),
        ("2 kB of text, 1 value", format!("{}{greeting}", "Be kind. ".repeat(220)), json!({ "name": "Ana", "count": 3 })),
        (
            "a loop over 200 objects",
            "{% for item in items if item.price > 1 %}{{ loop.index }}. {{ item.name | title }}: {{ item.price | round(1) }}\n{% endfor %}".to_owned(),
            json!({ "items": items }),
        ),
        (
            "a macro called 200 times",
            "{% macro row(item, mark='-') %}{{ mark }} {{ item.name }}{% if item.price is defined and item.price >= 25 %} (dear){% endif %}\n{% endmacro %}{% for item in items %}{{ row(item) }}{% endfor %}".to_owned(),
            json!({ "items": items }),
        ),
        (
            "arithmetic in 2,000 steps",
            "{% set ns = namespace(sum=0) %}{% for i in range(2000) %}{% set ns.sum = (ns.sum + i * 3) % 1001 %}{% endfor %}{{ ns.sum }}".to_owned(),
            json!({}),
        ),
        (
            "sorted and grouped",
            "{% for price, group in items | groupby('price') %}{% for item in group | sort(attribute='name') %}{{ item.name }} {% endfor %}{% endfor %}".to_owned(),
            json!({ "items": items }),
        ),
    ] {
        samples.push(Sample { name: name.to_owned(), text, values: values.to_string() });
    }
    samples
}
