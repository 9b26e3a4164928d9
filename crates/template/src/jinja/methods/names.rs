//! Which methods there are.

/// Methods of Python's types, which are no keys: whether the dialect has them is told by the others.
const OBJECT_METHODS: [&str; 11] = [
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];
const LIST_METHODS: [&str; 11] = [
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];
const TEXT_METHODS: [&str; 47] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];
/// Those that are refused.
const REFUSED: [&str; 10] = [
    "clear",
    "encode",
    "format_map",
    "fromkeys",
    "maketrans",
    "popitem",
    "remove",
    "setdefault",
    "sort",
    "translate",
];

pub(in super::super) fn is_object_method(name: &str) -> bool {
    OBJECT_METHODS.contains(&name)
}

pub(in super::super) fn is_list_method(name: &str) -> bool {
    LIST_METHODS.contains(&name)
}

pub(in super::super) fn is_text_method(name: &str) -> bool {
    TEXT_METHODS.contains(&name)
}

/// Whether a value of the dialect has a method of this name.
pub(in super::super) fn is_known(name: &str) -> bool {
    let is_other = matches!(name, "cycle" | "changed" | "next" | "reset");
    is_other
        || (is_object_method(name) || is_list_method(name) || is_text_method(name))
            && !REFUSED.contains(&name)
}

/// Says what to write instead of a method that the dialect does not have.
pub(in super::super) fn remedy(name: &str) -> Option<&'static str> {
    Some(match name {
        "sort" => "use the filter: `{% set sorted = list | sort %}`",
        "remove" | "clear" | "popitem" => {
            "create a new value: `{% set rest = list | reject(…) | list %}`"
        }
        "setdefault" => "write `value.get(key, default)`",
        "strftime" | "isoformat" | "date" | "time" => {
            "format the date in the app, and pass the text"
        }
        "encode" | "decode" => "pass the text",
        "format_map" => "write `text.format(…)`",
        _ => return None,
    })
}
