//! Filters: what follows `|`.

use std::ops::Range;

use call::{Call, Definition, apply_of};

use super::arguments::{Arguments, Parameters};
use super::budget::Budget;
use super::program::{self, Filter};
use super::value::Value;
use crate::error::Error;

mod call;
mod lazy;
mod lists;
mod numbers;
mod remedies;
mod selection;
mod sorting;
mod texts;

pub(super) use remedies::remedy;

impl Filter {
    pub(super) fn name(self) -> &'static str {
        self.definition().name
    }

    fn definition(self) -> &'static Definition {
        &FILTERS[usize::from(self.0)]
    }
}

const fn filter(
    name: &'static str,
    names: &'static [&'static str],
    required: usize,
    apply: fn(&mut Call<'_>) -> Result<Value, Error>,
) -> Definition {
    Definition { name, parameters: Parameters::Named { names, required }, apply }
}

const fn any(name: &'static str, apply: fn(&mut Call<'_>) -> Result<Value, Error>) -> Definition {
    Definition { name, parameters: Parameters::Any, apply }
}

/// Every filter, in the order of the documentation, with the names of Jinja2's arguments.
static FILTERS: [Definition; 44] = [
    filter("abs", &[], 0, numbers::abs),
    filter("batch", &["linecount", "fill_with"], 1, lists::batch),
    filter("capitalize", &[], 0, texts::capitalize),
    filter("center", &["width"], 0, texts::center),
    filter("count", &[], 0, lists::length),
    filter("d", &["default_value", "boolean"], 0, default),
    filter("default", &["default_value", "boolean"], 0, default),
    filter("dictsort", &["case_sensitive", "by", "reverse"], 0, sorting::dictsort),
    filter("filesizeformat", &["binary"], 0, texts::filesizeformat),
    filter("first", &[], 0, lists::first),
    filter("float", &["default"], 0, numbers::float),
    any("format", texts::format),
    filter("groupby", &["attribute", "default", "case_sensitive"], 1, sorting::groupby),
    filter("indent", &["width", "first", "blank"], 0, texts::indent),
    filter("int", &["default", "base"], 0, numbers::int),
    filter("items", &[], 0, lists::items),
    filter("join", &["d", "attribute"], 0, lists::join),
    filter("last", &[], 0, lists::last),
    filter("length", &[], 0, lists::length),
    filter("list", &[], 0, lists::list),
    filter("lower", &[], 0, texts::lower),
    any("map", selection::map),
    filter("max", &["case_sensitive", "attribute"], 0, sorting::max),
    filter("min", &["case_sensitive", "attribute"], 0, sorting::min),
    any("reject", selection::reject),
    any("rejectattr", selection::rejectattr),
    filter("replace", &["old", "new", "count"], 2, texts::replace),
    filter("reverse", &[], 0, lists::reverse),
    filter("round", &["precision", "method"], 0, numbers::round),
    any("select", selection::select),
    any("selectattr", selection::selectattr),
    filter("slice", &["slices", "fill_with"], 1, lists::slice),
    filter("sort", &["reverse", "case_sensitive", "attribute"], 0, sorting::sort),
    filter("string", &[], 0, texts::string),
    filter("sum", &["attribute", "start"], 0, numbers::sum),
    filter("title", &[], 0, texts::title),
    filter("tojson", &["indent"], 0, texts::tojson),
    filter("trim", &["chars"], 0, texts::trim),
    filter("truncate", &["length", "killwords", "end", "leeway"], 0, texts::truncate),
    filter("unique", &["case_sensitive", "attribute"], 0, sorting::unique),
    filter("upper", &[], 0, texts::upper),
    filter("urlencode", &[], 0, texts::urlencode),
    filter("wordcount", &[], 0, texts::wordcount),
    filter(
        "wordwrap",
        &["width", "break_long_words", "wrapstring", "break_on_hyphens"],
        0,
        texts::wordwrap,
    ),
];

pub(crate) fn find(name: &str) -> Option<Filter> {
    let at = FILTERS.iter().position(|filter| filter.name == name)?;
    u8::try_from(at).ok().map(Filter)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|filter| filter.name)
}

/// Says what is wrong with a call as it is written.
pub(crate) fn check_call(
    filter: Filter,
    arguments: &program::Arguments,
    range: &Range<usize>,
) -> Result<(), Error> {
    let definition = filter.definition();
    definition.parameters.check_written(definition.name, arguments, range)?;
    selection::check_call(&FILTERS, definition.name, arguments, range)
}

/// Applies a filter.
pub(super) fn apply(
    filter: Filter,
    value: Value,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    apply_of(&FILTERS, filter.definition(), value, arguments, range, budget)
}

/// `default(default_value="", boolean=false)`.
fn default(call: &mut Call<'_>) -> Result<Value, Error> {
    if call.value.is_undefined() || call.flag(1) && !call.value.is_true() {
        return Ok(call
            .bound
            .first_mut()
            .and_then(Option::take)
            .unwrap_or_else(|| Value::text("")));
    }
    Ok(call.value.clone())
}
