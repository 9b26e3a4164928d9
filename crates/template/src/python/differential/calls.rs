//! Calls with random arguments: of the methods of `str` under their names, of Jinja2's filters as `jinja.…`.

use std::ops::Range;

use serde_json::{Value as Json, json};

use super::random::Random;
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::literals;
use crate::python::text::{self, Bounds};
use crate::python::words::{self, Hyphens, Indention, Truncation, Wrapping};

/// Makes arguments, and returns them with our answer.
type Call = fn(&mut Random, &mut Budget) -> (Json, Result<Json, Error>);

const RANGE: &Range<usize> = &(0..1);

/// Calls that take a text and nothing else.
macro_rules! of_text {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            (json!([text]), $function(&text, RANGE, budget).map(Json::from))
        }
    };
}

/// Calls that take a text, and a part of it.
macro_rules! of_part {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            let part = random.part(&text);
            (json!([text, part]), $function(&text, &part, RANGE, budget).map(Json::from))
        }
    };
}

/// Calls that take a text, its beginning or its end.
macro_rules! of_end {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            let end = random.end(&text);
            (json!([text, end]), $function(&text, &end, RANGE, budget).map(Json::from))
        }
    };
}

/// Calls that take a text, characters that may be absent, and nothing else.
macro_rules! of_characters {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            let characters = random.optional(|random| random.end(&text));
            let answer = $function(&text, characters.as_deref(), RANGE, budget);
            (json!([text, characters]), answer.map(Json::from))
        }
    };
}

/// Calls that look for a part between two positions.
macro_rules! of_bounds {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            let part = random.part(&text);
            let bounds = Bounds { start: random.bound(&text), end: random.bound(&text) };
            let answer = $function(&text, &part, bounds, RANGE, budget);
            (json!([text, part, bounds.start, bounds.end]), answer.map(Json::from))
        }
    };
}

/// Calls that cut a text.
macro_rules! of_limit {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            let separator = random.optional(|random| random.part(&text));
            let limit = random.number();
            let answer = $function(&text, separator.as_deref(), limit, RANGE, budget);
            (json!([text, separator, limit]), answer.map(Json::from))
        }
    };
}

/// Calls that fill a text up to a width.
macro_rules! of_width {
    ($function:path) => {
        |random, budget| {
            let text = random.text();
            let width = random.number();
            let fill = if random.one_in(2) { " ".to_owned() } else { random.part("*字😀.") };
            let answer = $function(&text, width, &fill, RANGE, budget);
            (json!([text, width, fill]), answer.map(Json::from))
        }
    };
}

pub(super) const CALLS: [(&str, Call); 60] = [
    ("lower", of_text!(text::lower)),
    ("upper", of_text!(text::upper)),
    ("casefold", of_text!(text::casefold)),
    ("capitalize", of_text!(text::capitalize)),
    ("title", of_text!(text::title)),
    ("swapcase", of_text!(text::swapcase)),
    ("isalpha", of_text!(text::is_alpha)),
    ("isalnum", of_text!(text::is_alnum)),
    ("isdecimal", of_text!(text::is_decimal)),
    ("isdigit", of_text!(text::is_digit)),
    ("isnumeric", of_text!(text::is_numeric)),
    ("isspace", of_text!(text::is_space)),
    ("isprintable", of_text!(text::is_printable)),
    ("isascii", of_text!(text::is_ascii)),
    ("isidentifier", of_text!(text::is_identifier)),
    ("islower", of_text!(text::is_lower)),
    ("isupper", of_text!(text::is_upper)),
    ("istitle", of_text!(text::is_title)),
    ("reverse", of_text!(text::reverse)),
    ("split", of_limit!(text::split)),
    ("rsplit", of_limit!(text::rsplit)),
    ("splitlines", splitlines),
    ("partition", |random, budget| {
        let text = random.text();
        let separator = random.part(&text);
        let answer = text::partition(&text, &separator, RANGE, budget);
        (json!([text, separator]), answer.map(|pieces| json!(pieces)))
    }),
    ("rpartition", |random, budget| {
        let text = random.text();
        let separator = random.part(&text);
        let answer = text::rpartition(&text, &separator, RANGE, budget);
        (json!([text, separator]), answer.map(|pieces| json!(pieces)))
    }),
    ("strip", of_characters!(text::strip)),
    ("lstrip", of_characters!(text::lstrip)),
    ("rstrip", of_characters!(text::rstrip)),
    ("replace", replace),
    ("removeprefix", of_end!(text::removeprefix)),
    ("removesuffix", of_end!(text::removesuffix)),
    ("contains", of_part!(text::contains)),
    ("find", of_bounds!(text::find)),
    ("rfind", of_bounds!(text::rfind)),
    ("index", of_bounds!(text::index)),
    ("rindex", of_bounds!(text::rindex)),
    ("count", of_bounds!(text::count)),
    ("startswith", of_bounds!(text::startswith)),
    ("endswith", of_bounds!(text::endswith)),
    ("zfill", |random, budget| {
        let mut text = random.text();
        if random.one_in(2) {
            text.insert(0, *random.one_of(&['+', '-']));
        }
        let width = random.number();
        (json!([text, width]), text::zfill(&text, width, RANGE, budget).map(Json::from))
    }),
    ("ljust", of_width!(text::ljust)),
    ("rjust", of_width!(text::rjust)),
    ("center", of_width!(text::center)),
    ("expandtabs", |random, budget| {
        let text = random.text();
        let size = random.number();
        (json!([text, size]), text::expandtabs(&text, size, RANGE, budget).map(Json::from))
    }),
    ("item", |random, budget| {
        let text = random.text();
        let position = random.position(&text);
        (json!([text, position]), text::item(&text, position, RANGE, budget).map(Json::from))
    }),
    ("slice", |random, budget| {
        let text = random.text();
        let (start, stop) = (random.bound(&text), random.bound(&text));
        let step = match random.below(6) {
            0 => None,
            1 => Some(random.number()),
            _ => Some(random.number_within(9) - 4),
        };
        let answer = text::slice(&text, start, stop, step, RANGE, budget);
        (json!([text, start, stop, step]), answer.map(Json::from))
    }),
    ("jinja.literal", |random, budget| {
        let literal = random.literal();
        // Nothing is charged for what a template itself has, in which it has at most twice the bytes.
        budget.make(2 * literal.len(), RANGE).unwrap();
        let answer = literals::unescape(&literal, 0).map(Json::from);
        (json!([literal]), answer)
    }),
    ("jinja.title", of_text!(words::title)),
    ("jinja.wordcount", of_text!(words::wordcount)),
    ("jinja.truncate", truncate),
    ("jinja.wordwrap", wordwrap),
    ("jinja.indent", indent),
    ("jinja.filesizeformat", |random, budget| {
        let bytes = random.float();
        let binary = random.one_in(2);
        let answer = words::filesizeformat(bytes, binary, RANGE, budget);
        (json!([bytes.to_bits().to_string(), binary]), answer.map(Json::from))
    }),
    ("jinja.urlencode", |random, budget| {
        let text = random.text();
        let in_query = random.one_in(2);
        (json!([text, in_query]), words::urlencode(&text, in_query, RANGE, budget).map(Json::from))
    }),
    // These are the methods.
    ("jinja.lower", of_text!(text::lower)),
    ("jinja.upper", of_text!(text::upper)),
    ("jinja.capitalize", of_text!(text::capitalize)),
    ("jinja.reverse", of_text!(text::reverse)),
    ("jinja.replace", replace),
    ("jinja.trim", of_characters!(text::strip)),
    ("jinja.center", |random, budget| {
        let text = random.text();
        let width = random.number();
        (json!([text, width]), text::center(&text, width, " ", RANGE, budget).map(Json::from))
    }),
];

fn splitlines(random: &mut Random, budget: &mut Budget) -> (Json, Result<Json, Error>) {
    let text = random.text();
    let keep_ends = random.one_in(2);
    let answer = text::splitlines(&text, keep_ends, RANGE, budget);
    (json!([text, keep_ends]), answer.map(Json::from))
}

fn replace(random: &mut Random, budget: &mut Budget) -> (Json, Result<Json, Error>) {
    let text = random.text();
    let old = random.part(&text);
    let new = random.part(&text);
    let limit = if random.one_in(2) { -1 } else { random.number() };
    let answer = text::replace(&text, &old, &new, limit, RANGE, budget);
    (json!([text, old, new, limit]), answer.map(Json::from))
}

fn truncate(random: &mut Random, budget: &mut Budget) -> (Json, Result<Json, Error>) {
    let text = random.text();
    let ellipsis = if random.one_in(2) { "...".to_owned() } else { random.part("… (more)") };
    let how = Truncation {
        length: random.number(),
        killwords: random.one_in(2),
        end: &ellipsis,
        leeway: if random.one_in(2) { Truncation::default().leeway } else { random.number() },
    };
    let answer = words::truncate(&text, how, RANGE, budget);
    (json!([text, how.length, how.killwords, how.end, how.leeway]), answer.map(Json::from))
}

fn wordwrap(random: &mut Random, budget: &mut Budget) -> (Json, Result<Json, Error>) {
    let text = if random.one_in(2) { random.text() } else { random.hyphenated() };
    let wrapstring = if random.one_in(2) { "\n".to_owned() } else { random.part("\r\n|  ") };
    let (hyphens, break_on_hyphens) = random
        .one_of(&[
            (Hyphens::Break, json!(true)),
            (Hyphens::Break, json!(true)),
            (Hyphens::BreakLongWords, json!(1)),
            (Hyphens::Keep, json!(false)),
        ])
        .clone();
    let how = Wrapping {
        width: if random.one_in(2) { 1 + random.number_within(12) } else { random.number() },
        break_long_words: !random.one_in(3),
        hyphens,
        wrapstring: &wrapstring,
    };
    let answer = words::wordwrap(&text, how, RANGE, budget);
    let arguments = json!([text, how.width, how.break_long_words, wrapstring, break_on_hyphens]);
    (arguments, answer.map(Json::from))
}

fn indent(random: &mut Random, budget: &mut Budget) -> (Json, Result<Json, Error>) {
    let text = random.text();
    let (first, blank) = (random.one_in(2), random.one_in(2));
    if random.one_in(2) {
        let width = random.part(&text);
        let answer = words::indent(&text, Indention::Text(&width), first, blank, RANGE, budget);
        return (json!([text, width, first, blank]), answer.map(Json::from));
    }
    // Python makes the spaces, whether they are needed or not.
    let width = random.number().min(3_000_000);
    let answer = words::indent(&text, Indention::Spaces(width), first, blank, RANGE, budget);
    (json!([text, width, first, blank]), answer.map(Json::from))
}
