//! Programs of one expression, whose types are anything: what fails in one of the two must fail in both.

use super::Generator;
use super::Kind::{
    self, Any, Boolean, Float, Integer, Numbers, Object, Record, Records, Text, Texts,
};
use crate::tree::{Node, Part, Sort, expression, statement};

/// Filters with the names of their arguments.
const FILTERS: [(&str, &[&str]); 44] = [
    ("abs", &[]),
    ("batch", &["linecount", "fill_with"]),
    ("capitalize", &[]),
    ("center", &["width"]),
    ("count", &[]),
    ("d", &["default_value", "boolean"]),
    ("default", &["default_value", "boolean"]),
    ("dictsort", &["case_sensitive", "by", "reverse"]),
    ("filesizeformat", &["binary"]),
    ("first", &[]),
    ("float", &["default"]),
    ("format", &["a", "b"]),
    ("groupby", &["attribute", "default", "case_sensitive"]),
    ("indent", &["width", "first", "blank"]),
    ("int", &["default", "base"]),
    ("items", &[]),
    ("join", &["d", "attribute"]),
    ("last", &[]),
    ("length", &[]),
    ("list", &[]),
    ("lower", &[]),
    ("map", &["attribute", "default"]),
    ("max", &["case_sensitive", "attribute"]),
    ("min", &["case_sensitive", "attribute"]),
    ("reject", &[]),
    ("rejectattr", &[]),
    ("replace", &["old", "new", "count"]),
    ("reverse", &[]),
    ("round", &["precision", "method"]),
    ("select", &[]),
    ("selectattr", &[]),
    ("slice", &["slices", "fill_with"]),
    ("sort", &["reverse", "case_sensitive", "attribute"]),
    ("string", &[]),
    ("sum", &["attribute", "start"]),
    ("title", &[]),
    ("tojson", &["indent"]),
    ("trim", &["chars"]),
    ("truncate", &["length", "killwords", "end", "leeway"]),
    ("unique", &["case_sensitive", "attribute"]),
    ("upper", &[]),
    ("urlencode", &[]),
    ("wordcount", &[]),
    ("wordwrap", &["width", "break_long_words", "wrapstring", "break_on_hyphens"]),
];

const TESTS: [&str; 32] = [
    "defined",
    "undefined",
    "none",
    "boolean",
    "true",
    "false",
    "integer",
    "float",
    "number",
    "string",
    "sequence",
    "iterable",
    "mapping",
    "callable",
    "odd",
    "even",
    "divisibleby",
    "lower",
    "upper",
    "in",
    "sameas",
    "eq",
    "equalto",
    "ne",
    "lt",
    "lessthan",
    "le",
    "gt",
    "greaterthan",
    "ge",
    "==",
    "<=",
];

const METHODS: [&str; 52] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "index",
    "isalnum",
    "isdigit",
    "islower",
    "isspace",
    "istitle",
    "join",
    "ljust",
    "lower",
    "lstrip",
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
    "upper",
    "zfill",
    "append",
    "copy",
    "extend",
    "insert",
    "pop",
    "reverse",
    "get",
    "items",
    "keys",
    "update",
    "values",
    "isidentifier",
    "isnumeric",
    "isprintable",
    "isascii",
    "isupper",
];

const OPERATORS: [&str; 24] = [
    "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in",
    "and", "or", "+", "*", "%", "in", "==", "<",
];

impl Generator<'_> {
    /// Makes a template that prints one expression.
    pub(super) fn single(&mut self) -> Node {
        self.depth = 2;
        let value = match self.random.below(16) {
            0..=5 => self.any_filter(),
            6..=7 => self.any_test(),
            8..=10 => self.any_method(),
            11..=12 => self.any_operation(),
            13 => self.any_subscript(),
            14 => self.any_function(),
            _ => {
                let kind = self.kind();
                self.expression(kind)
            }
        };
        let print = match self.random.below(12) {
            0..=3 => statement!("{{ ", value, " }}"),
            4..=7 => statement!("{{ (", value, ") | tojson }}"),
            8 => statement!("{{ (", value, ") | list | tojson }}"),
            9 => statement!(
                "{% for a in ",
                self.parenthesize(value),
                " %}{{ a | tojson }};{% endfor %}"
            ),
            10 => statement!("{{ (", value, ") is defined }}"),
            _ => statement!("{{ 'yes' if ", self.parenthesize(value), " else 'no' }}"),
        };
        Node::body(vec![print])
    }

    /// Makes a value of any kind, more or less the one that is wanted.
    fn value(&mut self, kind: Kind) -> Node {
        let kind = if self.random.one_in(5) { self.kind() } else { kind };
        if self.random.one_in(3) { self.operand(kind) } else { self.atom(kind) }
    }

    /// Makes an argument that may be what is wanted.
    fn argument(&mut self, name: &str) -> Node {
        if self.random.one_in(6) {
            let kind = self.kind();
            return self.atom(kind);
        }
        let written = match name {
            "linecount" | "slices" | "precision" | "count" | "width" | "length" | "leeway"
            | "base" | "indent" => self.random.one_of(&[
                "0", "1", "2", "3", "-1", "10", "true", "none", "2.0", "5", "m", "n", "'3'", "16",
            ]),
            "case_sensitive" | "boolean" | "reverse" | "binary" | "first" | "blank"
            | "killwords" | "break_long_words" | "break_on_hyphens" => {
                self.random.one_of(&["true", "false", "1", "0", "none", "'x'", "y", "''", "2"])
            }
            "by" => self.random.one_of(&["'key'", "'value'", "'x'", "none"]),
            "method" => self.random.one_of(&["'common'", "'ceil'", "'floor'", "'x'", "none"]),
            "attribute" => self.random.one_of(&[
                "'name'",
                "'age'",
                "0",
                "'0'",
                "1",
                "none",
                "'sub.x'",
                "'tags.0'",
                "'city'",
                "'score'",
                "'name,age'",
                "''",
                "'a.b'",
                "-1",
                "'1'",
                "'.'",
                "true",
                "'items'",
            ]),
            _ => {
                let kind = self.random.one_of(&[Text, Text, Integer, Any, Float]);
                return self.atom(kind);
            }
        };
        expression!(written)
    }

    fn any_filter(&mut self) -> Node {
        let (name, names) = self.random.one_of(&FILTERS);
        let kind = match name {
            "abs" | "filesizeformat" | "round" => Float,
            "batch" | "slice" | "first" | "last" | "list" | "max" | "min" | "sort" | "unique"
            | "reverse" | "sum" | "join" => {
                self.random.one_of(&[Texts, Numbers, Records, Object, Text])
            }
            "map" | "select" | "reject" | "length" | "count" | "tojson" | "default" | "d"
            | "float" | "int" => self.kind(),
            "groupby" | "selectattr" | "rejectattr" => Records,
            "dictsort" | "items" => Object,
            _ => Text,
        };
        let value = self.value(kind);
        let arguments = match name {
            "map" if !self.random.one_in(3) => {
                let (inner, names) = self.random.one_of(&FILTERS);
                let mut values = vec![expression!("'", inner, "'")];
                for name in names.iter().take(self.random.below(names.len() + 1)) {
                    values.push(self.argument(name));
                }
                self.arguments(values)
            }
            "select" | "reject" | "selectattr" | "rejectattr" => {
                let mut values = Vec::new();
                if name.ends_with("attr") {
                    values.push(self.argument("attribute"));
                }
                if !self.random.one_in(4) {
                    let test = self.random.one_of(&TESTS);
                    values.push(expression!("'", test, "'"));
                    if self.takes_argument(test) {
                        values.push(self.argument(""));
                    }
                }
                if values.is_empty() { Node::nothing() } else { self.arguments(values) }
            }
            _ => {
                let values: Vec<(&str, Node)> =
                    names.iter().map(|name| (*name, self.argument(name))).collect();
                let required = match name {
                    "batch" | "slice" | "groupby" => 1,
                    "replace" => 2,
                    _ => 0,
                };
                let required = if self.random.one_in(20) { 0 } else { required };
                self.named_arguments(values, required, false)
            }
        };
        expression!(value, " | ", name, arguments)
    }

    /// Whether a test compares, nearly always.
    fn takes_argument(&mut self, test: &str) -> bool {
        let compares = matches!(
            test,
            "divisibleby"
                | "in"
                | "sameas"
                | "eq"
                | "equalto"
                | "ne"
                | "lt"
                | "lessthan"
                | "le"
                | "gt"
                | "greaterthan"
                | "ge"
                | "=="
                | "<="
        );
        compares != self.random.one_in(40)
    }

    fn any_test(&mut self) -> Node {
        let kind = self.kind();
        let value = self.value(kind);
        let test = self.random.one_of(&TESTS[..30]);
        let is = if self.random.one_in(4) { " is not " } else { " is " };
        if !self.takes_argument(test) {
            return expression!(value, is, test);
        }
        let kind = self.kind();
        let other = self.atom(kind);
        expression!(value, is, test, "(", other, ")")
    }

    fn any_method(&mut self) -> Node {
        let name = self.random.one_of(&METHODS);
        let kind = match name {
            "append" | "copy" | "extend" | "insert" | "pop" | "reverse" => Texts,
            "get" | "items" | "keys" | "update" | "values" => Object,
            "count" | "index" => self.random.one_of(&[Text, Texts, Numbers]),
            _ => Text,
        };
        let value = self.value(kind);
        let value =
            if value.print().contains([' ', '-']) { expression!("(", value, ")") } else { value };
        let count = match name {
            "center" | "ljust" | "rjust" | "replace" | "insert" => 2,
            "count" | "endswith" | "find" | "index" | "rfind" | "rindex" | "startswith" => {
                1 + self.random.below(3)
            }
            "get" | "join" | "partition" | "removeprefix" | "removesuffix" | "rpartition"
            | "zfill" | "append" | "extend" | "update" => 1,
            "expandtabs" | "lstrip" | "rstrip" | "strip" | "splitlines" | "pop" => {
                self.random.below(2)
            }
            "split" | "rsplit" | "format" => self.random.below(3),
            _ => 0,
        };
        let count = if self.random.one_in(12) { self.random.below(4) } else { count };
        let mut values = Vec::new();
        for at in 0..count {
            let kind = match (name, at) {
                (
                    "center" | "ljust" | "rjust" | "zfill" | "expandtabs" | "pop" | "splitlines"
                    | "insert",
                    0,
                ) => Integer,
                (
                    "count" | "endswith" | "find" | "index" | "rfind" | "rindex" | "startswith",
                    1 | 2,
                ) => Integer,
                ("split" | "rsplit", 1) | ("replace", 2) => Integer,
                ("join" | "extend", _) => Texts,
                ("update", _) => Object,
                ("format", _) => self.kind(),
                _ => Text,
            };
            values.push(self.value(kind));
        }
        let arguments = self.arguments(values);
        let arguments = if arguments.parts.is_empty() { expression!("()") } else { arguments };
        expression!(value, ".", name, arguments)
    }

    fn any_operation(&mut self) -> Node {
        let kind =
            self.random.one_of(&[Integer, Float, Text, Numbers, Texts, Boolean, Any, Object]);
        let mut parts: Vec<Part> = vec![self.value(kind).into()];
        for _ in 0..=self.random.below(3) {
            let operator = self.random.one_of(&OPERATORS);
            let kind = if self.random.one_in(4) { self.kind() } else { kind };
            let negative = if self.random.one_in(12) { "-" } else { "" };
            // What would be huge is left out.
            let right = if operator == "**" || operator == "*" {
                expression!(self.small())
            } else {
                self.value(kind)
            };
            parts.extend([format!(" {operator} {negative}").into(), right.into()]);
        }
        let parts =
            if self.random.one_in(6) { [vec!["not ".into()], parts].concat() } else { parts };
        Node { sort: Sort::Expression, parts }
    }

    fn any_subscript(&mut self) -> Node {
        let kind = self.random.one_of(&[Text, Texts, Numbers, Records, Record, Object, Any]);
        let value = self.value(kind);
        let value =
            if value.print().contains([' ', '-']) { expression!("(", value, ")") } else { value };
        if self.random.coin() {
            let slice = self.slice();
            return expression!(value, slice);
        }
        if self.random.one_in(3) {
            let name = self.random.one_of(&[
                "name", "age", "0", "1", "city", "missing", "real", "length", "upper", "items",
                "index",
            ]);
            return expression!(value, ".", name);
        }
        let kind = self.kind();
        let at = self.value(kind);
        expression!(value, "[", at, "]")
    }

    fn any_function(&mut self) -> Node {
        let (name, kind) = self.random.one_of(&[
            ("range", Integer),
            ("range", Integer),
            ("dict", Object),
            ("namespace", Object),
            ("cycler", Any),
            ("joiner", Text),
        ]);
        let count = match name {
            "range" => 1 + self.random.below(3),
            "cycler" => 1 + self.random.below(2),
            _ => self.random.below(2),
        };
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(if name == "range" { expression!(self.small()) } else { self.value(kind) });
        }
        let arguments = self.arguments(values);
        let tail = self.random.one_of(&[
            "",
            " | list",
            ".a",
            ".name",
            "()",
            ".next()",
            ".current",
            "[0]",
            " | length",
            " == range(3)",
            ".items()",
        ]);
        expression!(name, arguments, tail)
    }
}
