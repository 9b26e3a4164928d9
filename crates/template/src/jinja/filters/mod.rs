//! Filters: what follows `|`.

use std::ops::Range;
use std::rc::Rc;

use super::arguments::{Arguments, Parameters};
use super::budget::Budget;
use super::program;
use super::value::Value;
use crate::error::{Error, ErrorKind};

mod lazy;
mod lists;
mod numbers;
mod selection;
mod sorting;
mod texts;

/// A filter of the dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter(&'static Definition);

impl Filter {
    pub(super) fn name(self) -> &'static str {
        self.0.name
    }
}

struct Definition {
    name: &'static str,
    parameters: Parameters,
    apply: fn(&mut Call<'_>) -> Result<Value, Error>,
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
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
const FILTERS: [Definition; 44] = [
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
    FILTERS.iter().find(|filter| filter.name == name).map(Filter)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|filter| filter.name)
}

/// Says what to write instead of a filter that the dialect does not have.
pub(crate) fn remedy(name: &str) -> Option<&'static str> {
    Some(match name {
        "e" | "escape" | "forceescape" | "safe" => "text is never escaped here: remove the filter",
        "attr" => "write `value.name` or `value[name]`",
        "random" => "what is random cannot be tested: choose in the app, and pass what was chosen",
        "pprint" => "write `| tojson(indent=2)`",
        "striptags" | "urlize" | "xmlattr" => {
            "there is no HTML here: prepare the text in the app, and pass it as a variable"
        }
        "strftime" | "date" | "datetime" => "pass the date as it is to be printed",
        "to_json" | "json" => "write `| tojson`",
        "from_json" | "fromjson" => "pass the value as an object",
        "split" => "write `value.split(\",\")`",
        "startswith" | "endswith" | "strip" | "removeprefix" | "removesuffix" => {
            "it is a method: write `value.name(…)`"
        }
        "keys" | "values" => "it is a method: write `value.keys()` or `value.values()`",
        "len" | "size" => "write `| length`",
        "str" => "write `| string`",
        "combine" | "union" | "difference" | "intersect" | "regex_replace" | "regex_search"
        | "b64encode" | "b64decode" | "to_yaml" | "to_nice_json" | "bool" | "quote" | "flatten" => {
            "it is a filter of Ansible: prepare the value in the app"
        }
        _ => return None,
    })
}

/// Says what is wrong with a call as it is written.
pub(crate) fn check_call(
    filter: Filter,
    arguments: &program::Arguments,
    range: &Range<usize>,
) -> Result<(), Error> {
    let definition = filter.0;
    definition.parameters.check_written(definition.name, arguments, range)?;
    selection::check_call(definition.name, arguments, range)
}

/// Applies a filter.
pub(super) fn apply(
    filter: Filter,
    value: Value,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let definition = filter.0;
    let name = definition.name;
    let is_default = matches!(name, "default" | "d");
    // What an `if` without `else` gives prints as nothing, and has no items.
    let is_nothing = matches!(value, Value::Nothing)
        && !matches!(name, "int" | "float" | "items" | "last" | "reverse" | "truncate");
    let value = if is_default || is_nothing { value } else { value.require_defined(range)? };
    let (bound, rest) = match definition.parameters {
        Parameters::Any => (Vec::new(), arguments),
        parameters => (parameters.bind(name, arguments, range)?, Arguments::default()),
    };
    if !is_default {
        for value in bound.iter().flatten() {
            value.check_defined(range)?;
        }
    }
    (definition.apply)(&mut Call { name, value, bound, rest, range, budget })
}

/// One use of a filter.
struct Call<'c> {
    name: &'static str,
    value: Value,
    /// Arguments by the place of their parameter.
    bound: Vec<Option<Value>>,
    /// Arguments of a filter that sorts them itself.
    rest: Arguments,
    range: &'c Range<usize>,
    budget: &'c mut Budget,
}

impl Call<'_> {
    fn refuse<T>(&self, message: String) -> Result<T, Error> {
        Err(Error::new(ErrorKind::Value, self.range.clone(), message))
    }

    /// Refuses a value of the wrong type.
    fn wrong_type<T>(&self, what: &str, wanted: &str, value: &Value) -> Result<T, Error> {
        self.refuse(format!("{what} of `{}` is {}, not {wanted}", self.name, value.describe()))
    }

    fn argument(&self, position: usize) -> Option<&Value> {
        self.bound.get(position).and_then(Option::as_ref)
    }

    /// Returns an argument that is an integer, or what it is without one.
    fn integer(&self, position: usize, name: &str, absent: i64) -> Result<i64, Error> {
        match self.argument(position) {
            None => Ok(absent),
            Some(value) => match value.as_index() {
                Some(number) => Ok(number),
                None => self.wrong_type(&format!("`{name}`"), "an integer", value),
            },
        }
    }

    /// Returns whether an argument is true.
    fn flag(&self, position: usize) -> bool {
        self.argument(position).is_some_and(Value::is_true)
    }

    /// Returns an argument as it prints, unless it is absent.
    fn printed(&self, position: usize) -> Result<Option<Rc<str>>, Error> {
        self.argument(position).map(|value| value.print(self.range)).transpose()
    }

    /// Returns an argument that is a string.
    fn text_argument(&self, position: usize, name: &str) -> Result<Option<Rc<str>>, Error> {
        match self.argument(position) {
            None | Some(Value::None) => Ok(None),
            Some(Value::Text(text)) => Ok(Some(Rc::clone(text))),
            Some(other) => self.wrong_type(&format!("`{name}`"), "a string", other),
        }
    }

    /// Returns the value as it prints.
    fn text(&self) -> Result<Rc<str>, Error> {
        self.value.print(self.range)
    }

    /// Returns the value if it is a string.
    fn own_text(&self) -> Result<Rc<str>, Error> {
        match &self.value {
            Value::Text(text) => Ok(Rc::clone(text)),
            other => self.wrong_type("the value", "a string", other),
        }
    }

    fn items(&mut self) -> Result<Vec<Value>, Error> {
        self.value.items(self.range, self.budget)
    }
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
