//! Lists, what gives their items one by one, and items of them.

use super::Generator;
use super::Kind::{
    self, Any, Boolean, Float, Integer, Numbers, Object, Record, Records, Text, Texts,
};
use crate::tree::{Node, expression};

impl Generator<'_> {
    /// Takes an item of a list.
    pub(super) fn item_of(&mut self, kind: Kind) -> Node {
        let value = self.operand(kind);
        match self.random.below(6) {
            0 => {
                let at = self.position();
                let item = expression!(value, "[", at, "]");
                let other = self.atom(kind.of_items());
                if self.random.coin() { expression!(item, " | default(", other, ")") } else { item }
            }
            1 => {
                let filter = self.random.one_of(&["min", "max"]);
                let arguments = self.case_and_attribute(kind);
                expression!(value, " | ", filter, arguments)
            }
            2 => expression!(value, " | last"),
            3 => expression!(value, ".0"),
            _ => expression!(value, " | first"),
        }
    }

    /// Writes `case_sensitive` and `attribute`.
    pub(super) fn case_and_attribute(&mut self, kind: Kind) -> Node {
        let flag = self.atom(Boolean);
        let attribute = self.attribute(kind);
        let arguments = vec![("case_sensitive", flag), ("attribute", attribute)];
        let required = if kind == Records { 2 } else { 0 };
        self.named_arguments(arguments, required, false)
    }

    /// Names an attribute of the items of a list.
    pub(super) fn attribute(&mut self, kind: Kind) -> Node {
        let name = match kind {
            Records => self.random.one_of(&[
                "'name'", "'age'", "'city'", "'score'", "'sub.x'", "'ok'", "'tags'", "'name'",
                "'city'", "'name.0'",
            ]),
            Texts => self.random.one_of(&["0", "'0'", "none"]),
            _ => "none",
        };
        expression!(name)
    }

    pub(super) fn texts(&mut self) -> Node {
        match self.random.below(16) {
            0 => {
                let value = self.operand(Text);
                let call = self.random.one_of(&[
                    ".split()",
                    ".split(',')",
                    ".split(' ', 1)",
                    ".rsplit('o', 1)",
                    ".splitlines()",
                    ".splitlines(true)",
                    ".split(sep='a', maxsplit=2)",
                    ".partition('o')",
                    ".rpartition(' ')",
                    ".rsplit()",
                    ".rsplit(none, 2)",
                ]);
                expression!(value, call)
            }
            1 => {
                let value = self.operand(Texts);
                let filter = self.random.one_of(&[
                    "upper",
                    "lower",
                    "title",
                    "trim",
                    "capitalize",
                    "string",
                    "length",
                ]);
                let tail = self.tail();
                expression!(value, " | map('", filter, "')", tail)
            }
            2 => {
                let value = self.operand(Texts);
                let (old, new) = (self.short_text(), self.short_text());
                expression!(value, " | map('replace', ", old, ", ", new, ") | list")
            }
            3 => {
                let value = self.operand(Records);
                let name = self.random.one_of(&["name", "city", "sub.x", "name", "tags.0"]);
                let tail = self.tail();
                if self.random.coin() {
                    let other = self.atom(Text);
                    return expression!(
                        value,
                        " | map(attribute='",
                        name,
                        "', default=",
                        other,
                        ")",
                        tail
                    );
                }
                expression!(value, " | map(attribute='", name, "')", tail)
            }
            4 => {
                let value = self.operand(Object);
                let keys = self.random.one_of(&[
                    " | list",
                    ".keys() | list",
                    ".keys()",
                    " | sort",
                    ".values() | list",
                ]);
                expression!(value, keys)
            }
            5 => {
                let value = self.operand(Text);
                expression!(value, " | list")
            }
            6 => {
                let value = self.operand(Records);
                let names = self.random.one_of(&[
                    "'city'",
                    "attribute='city'",
                    "'age'",
                    "'city', case_sensitive=true",
                    "'missing', default='none'",
                ]);
                let what = self.random.one_of(&["'grouper'", "0"]);
                expression!(value, " | groupby(", names, ") | map(attribute=", what, ") | list")
            }
            7 => {
                let (left, right) = (self.operand(Texts), self.operand(Texts));
                expression!(left, " + ", right)
            }
            8 => {
                let record = self.operand(Record);
                expression!(record, ".tags")
            }
            _ => self.arranged(Texts),
        }
    }

    /// Makes a list of what may be one already.
    pub(super) fn tail(&mut self) -> &'static str {
        self.random.one_of(&[" | list", " | list", " | list", ""])
    }

    /// Takes some items of a list, or all in another order.
    fn arranged(&mut self, kind: Kind) -> Node {
        let value = self.operand(kind);
        match self.random.below(12) {
            0..=1 => {
                let flag = expression!(self.random.one_of(&["true", "false", "true"]));
                let case = self.atom(Boolean);
                let attribute = if kind == Records && self.random.one_in(3) {
                    expression!(self.random.one_of(&["'city,name'", "'age,city'", "'ok,sub.x'"]))
                } else {
                    self.attribute(kind)
                };
                let arguments =
                    vec![("reverse", flag), ("case_sensitive", case), ("attribute", attribute)];
                let required = if kind == Records { 3 } else { 0 };
                let arguments = self.named_arguments(arguments, required, false);
                expression!(value, " | sort", arguments)
            }
            2 => {
                let arguments = self.case_and_attribute(kind);
                let tail = self.tail();
                expression!(value, " | unique", arguments, tail)
            }
            3 => {
                let tail = self.tail();
                expression!(value, " | reverse", tail)
            }
            4 => {
                let slice = self.slice();
                expression!(value, slice)
            }
            5..=6 => self.chosen(kind, value),
            7 => {
                let count = self.random.one_of(&["1", "2", "3", "0"]);
                let filter = self.random.one_of(&["batch", "slice"]);
                let which = self.random.one_of(&["first", "list | last", "list | first"]);
                let fill = self.atom(kind.of_items());
                if self.random.coin() {
                    return expression!(
                        "(", value, " | ", filter, "(", count, ", ", fill, ") | ", which, ")"
                    );
                }
                expression!("(", value, " | ", filter, "(", count, ") | ", which, ")")
            }
            8 => expression!("(", value, ") * ", expression!(self.small())),
            9 => expression!(value, " | list"),
            10 => {
                let (first, second) =
                    (self.expression(kind.of_items()), self.expression(kind.of_items()));
                expression!("[", first, ", ", second, "] + (", value, " | list)")
            }
            _ => expression!("(", value, ").copy()"),
        }
    }

    /// Keeps the items that meet a test.
    fn chosen(&mut self, kind: Kind, value: Node) -> Node {
        let tail = self.tail();
        let filter = if self.random.coin() { "select" } else { "reject" };
        if kind == Records {
            let tests = [
                "'ok'",
                "'age', 'odd'",
                "'age', 'gt', 2",
                "'city', '==', 'NY'",
                "'name', 'in', 'foo bar'",
                "'missing', 'defined'",
                "'score', 'divisibleby', 2",
                "'tags', 'sequence'",
                "'sub.x', 'ge', 1",
                "'city', 'lower'",
                "'name', 'string'",
                "'tags'",
                "'age', 'sameas', true",
            ];
            let test = self.random.one_of(&tests);
            return expression!(value, " | ", filter, "attr(", test, ")", tail);
        }
        let tests: &[&str] = match kind {
            Texts => &[
                "",
                "('upper')",
                "('in', 'foo bar')",
                "('eq', 'a')",
                "('string')",
                "('lower')",
                "('ne', s)",
                "('>', 'b')",
            ],
            Numbers => &[
                "",
                "('odd')",
                "('even')",
                "('gt', 1)",
                "('divisibleby', 3)",
                "('lessthan', 2.5)",
                "('float')",
                "('integer')",
                "('in', l)",
            ],
            _ => &["", "('defined')", "('none')", "('number')", "('mapping')", "('iterable')"],
        };
        let test = self.random.one_of(tests);
        expression!(value, " | ", filter, test, tail)
    }

    pub(super) fn numbers(&mut self) -> Node {
        match self.random.below(12) {
            0 => {
                let call = self.random.one_of(&[
                    "range(4)",
                    "range(m)",
                    "range(1, 4)",
                    "range(5, 0, -2)",
                    "range(0)",
                    "range(n, n + 3)",
                    "range(-2, 3)",
                ]);
                expression!(call, self.random.one_of(&["", " | list", "[1:]", "[::-1]"]))
            }
            1 => {
                let value = self.operand(Numbers);
                let filter = self.random.one_of(&[
                    "'abs'",
                    "'int'",
                    "'float'",
                    "'round'",
                    "'round', 1",
                    "'default', 3",
                ]);
                let tail = self.tail();
                expression!(value, " | map(", filter, ")", tail)
            }
            2 => {
                let value = self.operand(Texts);
                let filter = self.random.one_of(&["length", "int", "wordcount", "float"]);
                expression!(value, " | map('", filter, "') | list")
            }
            3 => {
                let value = self.operand(Records);
                let tail = self.tail();
                expression!(value, " | map(attribute='age')", tail)
            }
            4 => {
                let (left, right) = (self.operand(Numbers), self.operand(Numbers));
                expression!(left, " + ", right)
            }
            5 => {
                let value = self.operand(Records);
                expression!(value, " | sum(attribute='tags', start=[])")
            }
            _ => self.arranged(Numbers),
        }
    }

    pub(super) fn records(&mut self) -> Node {
        self.arranged(Records)
    }

    /// Writes items in a row.
    pub(super) fn join(&mut self) -> Node {
        let kind = self.random.one_of(&[Texts, Texts, Numbers, Records, Text]);
        let value = self.operand(kind);
        let separator = match self.random.below(4) {
            0 => self.expression(Text),
            1 => self.atom(Integer),
            _ => expression!(self.random.one_of(&["', '", "''", "'\\n'", "'|'", "'、'"])),
        };
        if self.random.one_in(6) {
            return expression!("(", separator, ").join(", value, " | map('string'))");
        }
        let attribute = self.attribute(kind);
        let required = if kind == Records { 2 } else { 0 };
        let arguments = vec![("d", separator), ("attribute", attribute)];
        let arguments = self.named_arguments(arguments, required, false);
        expression!(value, " | join", arguments)
    }

    /// Makes something to go through, with what its items are.
    pub(super) fn iterable(&mut self) -> (Node, Vec<Kind>) {
        match self.random.below(14) {
            0..=2 => (self.operand(Texts), vec![Text]),
            3..=4 => (self.operand(Numbers), vec![Float]),
            5..=6 => (self.operand(Records), vec![Record]),
            7 => {
                let object = self.operand(Object);
                let pairs = self.random.one_of(&[
                    ".items()",
                    " | items",
                    " | dictsort",
                    " | dictsort(reverse=true)",
                    " | dictsort(by='key')",
                    ".items() | list",
                    " | dictsort(case_sensitive=true)",
                ]);
                (expression!(object, pairs), vec![Text, Any])
            }
            8 => {
                let records = self.operand(Records);
                let names = self.random.one_of(&["'city'", "'age'", "'ok'", "'city', default='?'"]);
                (expression!(records, " | groupby(", names, ")"), vec![Text, Records])
            }
            9 => (expression!("range(", expression!(self.small()), ")"), vec![Integer]),
            10 => {
                let kind = self.random.one_of(&[Texts, Numbers]);
                let value = self.operand(kind);
                let filter =
                    self.random.one_of(&["batch(2)", "slice(2)", "batch(2, '-')", "slice(3, 0)"]);
                (expression!(value, " | ", filter), vec![kind])
            }
            11 => (self.operand(Text), vec![Text]),
            12 => (self.operand(Object), vec![Text]),
            _ => {
                let kind = self.random.one_of(&[Texts, Numbers, Records]);
                let value = self.operand(kind);
                let filter = self.random.one_of(&[
                    "reverse",
                    "unique",
                    "select",
                    "list | reverse",
                    "map('default', 1)",
                ]);
                (
                    expression!(value, " | ", filter),
                    vec![if kind == Numbers { Float } else { kind.of_items() }],
                )
            }
        }
    }
}
