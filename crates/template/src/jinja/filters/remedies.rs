//! What to write instead of filters of other engines.

/// Says what to write instead of a filter that the dialect does not have.
pub(in super::super) fn remedy(name: &str) -> Option<&'static str> {
    Some(match name {
        "e" | "escape" | "forceescape" | "safe" => "remove the filter; text is never escaped",
        "attr" => "write `value.name` or `value[name]`",
        "random" => "choose in the app, and pass the choice",
        "pprint" => "write `| tojson(indent=2)`",
        "striptags" | "urlize" | "xmlattr" => {
            "prepare the text in the app, and pass it as a variable"
        }
        "strftime" | "date" | "datetime" => "format the date in the app, and pass the text",
        "to_json" | "json" => "write `| tojson`",
        "from_json" | "fromjson" => "pass the value as an object",
        "split" => "write `value.split(\",\")`",
        "startswith" | "endswith" | "strip" | "removeprefix" | "removesuffix" => {
            "call the method: write `value.name(…)`"
        }
        "keys" | "values" => "call the method: write `value.keys()` or `value.values()`",
        "len" | "size" => "write `| length`",
        "str" => "write `| string`",
        "combine" | "union" | "difference" | "intersect" | "regex_replace" | "regex_search"
        | "b64encode" | "b64decode" | "to_yaml" | "to_nice_json" | "bool" | "quote" | "flatten" => {
            "prepare the value in the app; this is an Ansible filter"
        }
        _ => return None,
    })
}
