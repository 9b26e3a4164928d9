//! What to write instead of filters of other engines.

/// Says what to write instead of a filter that the dialect does not have.
pub(in super::super) fn remedy(name: &str) -> Option<&'static str> {
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
