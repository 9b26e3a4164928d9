//! Statements in all their forms.

use super::Kind::{self, Any, Boolean, Float, Integer, Object, Text, Texts};
use super::{Callable, Generator};
use crate::tree::{Node, Part, Sort, expression, optional, statement};

const DATA: [&str; 22] = [
    "text",
    " ",
    "\n",
    "  \n  ",
    "é",
    "日本語",
    "{ ",
    "}",
    "# ",
    "% ",
    "{ {",
    "}}",
    "- ",
    "a\r\nb",
    "\t",
    "😀",
    "\\n",
    "'",
    "\u{a0}",
    "$",
    "<b>",
    "|",
];

impl Generator<'_> {
    pub(super) fn template(&mut self) -> Node {
        let mut nodes = Vec::new();
        // What can be changed in place comes first, if at all.
        if self.random.one_in(3) {
            let value = if self.random.coin() { expression!("[]") } else { self.literal(Texts) };
            nodes.push(statement!("{% set ls = ", value, " %}"));
            self.bound.insert("ls");
        }
        if self.random.one_in(6) {
            let value = if self.random.coin() { expression!("{}") } else { self.literal(Object) };
            nodes.push(statement!("{% set ob = ", value, " %}"));
            self.bound.insert("ob");
        }
        if self.random.one_in(3) {
            let (text, number) = (self.expression(Text), self.expression(Integer));
            nodes.push(statement!("{% set ns = namespace(a=", text, ", n=", number, ", l=[]) %}"));
            self.bound.insert("ns");
        }
        if self.random.one_in(4) {
            nodes.push(self.macro_definition());
        }
        if self.random.one_in(12) {
            nodes.push(statement!("{% set cy = cycler(", self.expression(Text), ", 2, 'c') %}"));
            self.bound.insert("cy");
        }
        if self.random.one_in(12) {
            let separator = self.random.one_of(&["", "'; '", "sep='-'"]);
            nodes.push(statement!("{% set jo = joiner(", separator, ") %}"));
            self.bound.insert("jo");
        }
        for _ in 0..=self.random.below(2) {
            nodes.push(self.statement());
        }
        // What was changed is seen at the end.
        for name in ["ls", "ob"] {
            if self.bound.contains(name) {
                nodes.push(statement!("{{ ", expression!(name, " | tojson"), " }}"));
            }
        }
        if self.bound.contains("ns") {
            nodes.push(statement!("{{ ", expression!("ns.a ~ ns.n"), " }}{{ ns.l | tojson }}"));
        }
        Node::body(nodes)
    }

    /// Writes a tag, which may trim what is around it.
    fn tag(&mut self, content: Vec<Part>) -> Vec<Part> {
        let open = self.random.one_of(&["", "", "", "", "", "-", "+"]);
        let close = self.random.one_of(&["", "", "", "", "", "-", "+"]);
        let (before, after) = (self.space(), self.space());
        let mut parts: Vec<Part> = vec![format!("{{%{open}{before}").into()];
        parts.extend(content);
        parts.push(format!("{after}{close}%}}").into());
        parts
    }

    fn space(&mut self) -> &'static str {
        self.random.one_of(&[" ", " ", " ", " ", " ", "\n", "  ", "\t"])
    }

    fn body(&mut self) -> Node {
        let count = if self.random.one_in(4) { 2 } else { 1 };
        Node::body((0..count).map(|_| self.statement()).collect())
    }

    fn statement(&mut self) -> Node {
        let is_deep = self.blocks >= 2;
        match self.random.below(if is_deep { 12 } else { 26 }) {
            0..=1 => statement!(self.random.one_of(&DATA)),
            2..=5 => self.print(),
            6..=7 => self.set(),
            8 => match self.random.below(3) {
                0 => statement!("{# ", self.random.one_of(&DATA), " #}"),
                1 => statement!("{#-", self.random.one_of(&DATA), "-#}"),
                _ => self.raw(),
            },
            9 if self.bound.contains("ls") => {
                let change = self.change();
                if self.random.one_in(4) {
                    return statement!("{% set z = ", change, " %}");
                }
                statement!("{% do ", change, " %}")
            }
            10 if self.can_break => {
                let jump = self.random.one_of(&["break", "continue"]);
                if self.random.one_in(4) {
                    return statement!("{% ", jump, " %}");
                }
                let condition = self.expression(Boolean);
                statement!("{% if ", condition, " %}{% ", jump, " %}{% endif %}")
            }
            11 if self.random.one_in(40) => {
                statement!("{{ raise_exception(", self.expression(Text), ") }}")
            }
            12..=14 => self.condition(),
            15..=18 => self.for_loop(),
            19 => self.with(),
            20 => self.filter_block(),
            21 => self.set_block(),
            22 => self.macro_definition(),
            23..=24 => self.call_block(),
            25 => self.recursive_loop(),
            _ => self.print(),
        }
    }

    fn print(&mut self) -> Node {
        let value = match self.random.below(12) {
            0..=4 => self.expression(Text),
            5 => self.expression(Integer),
            6 => self.expression(Float),
            7 => self.expression(Boolean),
            8 => self.join(),
            9..=10 => self.json(),
            _ => match self.random.below(4) {
                0 if self.bound.contains("cy") => {
                    expression!(self.random.one_of(&["cy.next()", "cy.current"]))
                }
                1 if self.bound.contains("jo") => expression!("jo()"),
                2 if self.bound.contains("ns") => expression!("ns.a"),
                _ => self.expression(Text),
            },
        };
        let open = self.random.one_of(&["", "", "", "", "", "", "-", "+"]);
        let close = self.random.one_of(&["", "", "", "", "", "-"]);
        statement!("{{", open, " ", value, " ", close, "}}")
    }

    fn raw(&mut self) -> Node {
        let (first, second) =
            (self.random.one_of(&DATA), self.random.one_of(&["{{ x }}", "{% if %}", "{# #}", " "]));
        let (open, close) = (
            self.random.one_of(&["{% raw %}", "{%- raw -%}", "{%raw%}"]),
            self.random.one_of(&["{% endraw %}", "{%- endraw -%}", "{%- endraw +%}"]),
        );
        statement!(open, first, second, close)
    }

    fn set(&mut self) -> Node {
        if self.bound.contains("ns") && self.random.one_in(3) {
            let (name, value) = match self.random.below(4) {
                0 => ("a", self.expression(Text)),
                1 => ("n", self.expression(Integer)),
                2 => ("n", expression!("ns.n + 1")),
                _ => ("l", expression!("ns.l + [", self.expression(Any), "]")),
            };
            return self.set_of(Part::from(format!("ns.{name}")), value);
        }
        if self.random.one_in(6) {
            let (first, second) = (self.kind(), self.kind());
            let (left, right) = (self.expression(first), self.expression(second));
            let (a, b) = (self.new_name(first), self.new_name(second));
            let target =
                if self.random.one_in(3) { format!("({a}, {b})") } else { format!("{a}, {b}") };
            return self.set_of(target.into(), expression!(left, ", ", right));
        }
        let kind = self.kind();
        let value = self.expression(kind);
        let name = self.new_name(kind);
        self.set_of(name.into(), value)
    }

    fn set_of(&mut self, target: Part, value: Node) -> Node {
        let content = vec!["set ".into(), target, " = ".into(), value.into()];
        Node { sort: Sort::Statement, parts: self.tag(content) }
    }

    fn set_block(&mut self) -> Node {
        let can_break = std::mem::replace(&mut self.can_break, false);
        let body = self.inside(Self::body);
        self.can_break = can_break;
        let filters = self.random.one_of(&[
            "",
            "",
            " | upper",
            " | trim | title",
            " | replace('a', 'b')",
            " | length",
            " | indent(2)",
        ]);
        let name = self.new_name(Text);
        let mut parts = self.tag(vec!["set ".into(), name.into(), optional!(filters).into()]);
        parts.push(body.into());
        parts.extend(self.tag(vec!["endset".into()]));
        Node { sort: Sort::Statement, parts }
    }

    fn filter_block(&mut self) -> Node {
        let filters = self.random.one_of(&[
            "upper",
            "lower | trim",
            "replace('a', 'b')",
            "indent",
            "title",
            "wordwrap(10)",
            "center(20)",
            "length",
            "indent(2, true)",
            "truncate(8)",
            "default('d', true)",
        ]);
        let can_break = std::mem::replace(&mut self.can_break, false);
        let body = self.inside(Self::body);
        self.can_break = can_break;
        let mut parts = self.tag(vec!["filter ".into(), filters.into()]);
        parts.push(body.into());
        parts.extend(self.tag(vec!["endfilter".into()]));
        Node { sort: Sort::Statement, parts }
    }

    fn condition(&mut self) -> Node {
        let test = match self.random.below(3) {
            0 => {
                let kind = self.kind();
                let value = self.expression(kind);
                // An inline `if` stands in parentheses here.
                self.parenthesize(value)
            }
            _ => self.operand(Boolean),
        };
        let mut parts = self.tag(vec!["if ".into(), test.into()]);
        let macros = self.macros.len();
        self.blocks += 1;
        parts.push(self.body().into());
        if self.random.one_in(4) {
            let test = self.operand(Boolean);
            let mut branch = self.tag(vec!["elif ".into(), test.into()]);
            branch.push(self.body().into());
            parts.push(Node { sort: Sort::Optional, parts: branch }.into());
        }
        if self.random.coin() {
            let mut branch = self.tag(vec!["else".into()]);
            branch.push(self.body().into());
            parts.push(Node { sort: Sort::Optional, parts: branch }.into());
        }
        self.blocks -= 1;
        // What a branch defines may not be there after it.
        if !self.random.one_in(20) {
            self.macros.truncate(macros);
        }
        parts.extend(self.tag(vec!["endif".into()]));
        Node { sort: Sort::Statement, parts }
    }

    /// Names what the items of a loop are bound to.
    fn targets(&mut self, kinds: &[Kind]) -> String {
        let names: Vec<&str> = kinds.iter().map(|kind| self.new_name(*kind)).collect();
        if self.random.one_in(12) && names.len() > 1 {
            return format!("({})", names.join(", "));
        }
        names.join(", ")
    }

    fn for_loop(&mut self) -> Node {
        let (items, mut kinds) = self.iterable();
        if kinds.len() > 1 && self.random.one_in(12) {
            kinds.truncate(1);
        }
        let can_break = std::mem::replace(&mut self.can_break, true);
        let has_loop = std::mem::replace(&mut self.has_loop, true);
        let has_recursion = std::mem::replace(&mut self.has_recursion, false);
        let (target, test, mut body) = self.inside(|generator| {
            let target = generator.targets(&kinds);
            let test = if generator.random.one_in(4) {
                generator.has_loop = has_loop;
                let test = generator.operand(Boolean);
                generator.has_loop = true;
                optional!(" if ", test)
            } else {
                Node::nothing()
            };
            let mut body = generator.body();
            // An item is seen.
            let name = generator
                .random
                .one_of(&target.trim_matches(['(', ')']).split(", ").collect::<Vec<_>>())
                .to_owned();
            let print = if generator.random.one_in(3) {
                statement!("{{ ", expression!(name), " }};")
            } else {
                statement!("{{ ", expression!(name, " | tojson"), " }};")
            };
            body.parts.insert(0, print.into());
            (target, test, body)
        });
        if self.random.one_in(5) {
            let name = self.random.one_of(&[
                "index",
                "revindex",
                "first",
                "last",
                "length",
                "index0",
                "revindex0",
                "previtem | default('') | tojson",
                "nextitem | default('') | tojson",
                "depth",
            ]);
            body.parts.push(statement!("{{ ", expression!("loop.", name), " }}").into());
        }
        self.can_break = can_break;
        self.has_loop = has_loop;
        self.has_recursion = has_recursion;
        let mut parts =
            self.tag(vec!["for ".into(), target.into(), " in ".into(), items.into(), test.into()]);
        parts.push(body.into());
        if self.random.one_in(4) {
            let can_break = std::mem::replace(&mut self.can_break, false);
            let mut branch = self.tag(vec!["else".into()]);
            branch.push(self.inside(Self::body).into());
            self.can_break = can_break;
            parts.push(Node { sort: Sort::Optional, parts: branch }.into());
        }
        parts.extend(self.tag(vec!["endfor".into()]));
        Node { sort: Sort::Statement, parts }
    }

    fn recursive_loop(&mut self) -> Node {
        let can_break = std::mem::replace(&mut self.can_break, true);
        let has_loop = std::mem::replace(&mut self.has_loop, true);
        let body = self.inside(|generator| {
            generator.bound.insert("c");
            let mut body = generator.body();
            body.parts.insert(0, statement!("{{ c.name }}").into());
            body
        });
        self.can_break = can_break;
        self.has_loop = has_loop;
        let call = self.random.one_of(&[
            "({{ loop(c.children) }})",
            "{% if c.children %}[{{ loop.depth }}{{ loop(c.children) }}]{% endif %}",
            "{{ loop(c.children) | indent(loop.depth) }}",
            "{% for c in c.children %}{{ c.name }}{{ loop.index }}{% endfor %}",
            "{% set outer = loop %}{% for a in [1] %}{{ outer.index }}{% endfor %}{{ loop(c.children) }}",
        ]);
        let test = self.random.one_of(&["", "", " if c.name", " if c.children or c.name"]);
        let tail = self.random.one_of(&["", "", "{% else %}none"]);
        let mut parts =
            self.tag(vec!["for c in tree".into(), optional!(test).into(), " recursive".into()]);
        parts.extend([body.into(), statement!(call).into(), optional!(tail).into()]);
        parts.extend(self.tag(vec!["endfor".into()]));
        Node { sort: Sort::Statement, parts }
    }

    fn with(&mut self) -> Node {
        let count = self.random.below(3);
        let mut content: Vec<Part> = vec!["with".into()];
        let kinds: Vec<Kind> = (0..count).map(|_| self.kind()).collect();
        let values: Vec<Node> = kinds.iter().map(|kind| self.expression(*kind)).collect();
        let body = self.inside(|generator| {
            for (at, (kind, value)) in kinds.iter().zip(values).enumerate() {
                let name = generator.new_name(*kind);
                let separator = if at > 0 { ", " } else { " " };
                content.extend([separator.into(), format!("{name} = ").into(), value.into()]);
            }
            generator.body()
        });
        let mut parts = self.tag(content);
        parts.push(body.into());
        parts.extend(self.tag(vec!["endwith".into()]));
        Node { sort: Sort::Statement, parts }
    }

    /// Makes what a macro or a call block holds.
    fn function(&mut self, has_caller: bool, bind: impl FnOnce(&mut Self)) -> Node {
        let can_break = std::mem::replace(&mut self.can_break, false);
        let had_caller = std::mem::replace(&mut self.has_caller, has_caller);
        let body = self.inside(|generator| {
            bind(generator);
            generator.body()
        });
        self.has_caller = had_caller;
        self.can_break = can_break;
        body
    }

    fn macro_definition(&mut self) -> Node {
        let name = self.random.one_of(&["ma", "mb", "mc"]);
        let parameters: Vec<Kind> = (0..self.random.below(4)).map(|_| self.kind()).collect();
        let required = self.random.below(parameters.len() + 1);
        let mut signature: Vec<Part> = Vec::new();
        let mut names: Vec<&'static str> = Vec::new();
        for kind in &parameters {
            let parameter = self.random.one_of(kind.names());
            if names.contains(&parameter) {
                break;
            }
            let at = names.len();
            names.push(parameter);
            signature.push((if at > 0 { ", " } else { "" }).into());
            signature.push(parameter.into());
            if at >= required {
                signature.push("=".into());
                signature.push(self.expression(*kind).into());
            }
        }
        let required = required.min(names.len());
        let parameters = parameters[..names.len()].to_vec();
        let mut body = self.function(false, |generator| generator.bound.extend(names));
        let extra = self.random.one_of(&[
            "",
            "",
            "",
            "{{ varargs | join('+') }}",
            "{{ kwargs | tojson }}",
            "{{ varargs | length }}{{ kwargs.extra }}",
            "{{ caller() }}",
            "{{ caller('A') }}",
            "{% if caller %}{{ caller(1, 2) }}{% endif %}",
            "{{ caller is defined }}",
        ]);
        body.parts.push(statement!(extra).into());
        let mut content: Vec<Part> = vec![format!("macro {name}(").into()];
        content.extend(signature);
        content.push(")".into());
        let mut parts = self.tag(content);
        parts.push(body.into());
        parts.extend(self.tag(vec!["endmacro".into()]));
        self.macros.push(Callable {
            name,
            parameters,
            required,
            has_caller: extra.contains("caller"),
        });
        Node { sort: Sort::Statement, parts }
    }

    /// Calls a macro that is there.
    pub(super) fn macro_call(&mut self, has_caller: bool) -> Option<Node> {
        let fit = |callable: &&Callable| callable.has_caller == has_caller;
        let callables: Vec<&Callable> = self.macros.iter().filter(fit).collect();
        let at = callables.len().checked_sub(1)?;
        let at = self.random.below(at + 1);
        let Callable { name, parameters, required, .. } = callables[at].clone();
        const NAMES: [&str; 3] = ["s", "n", "extra"];
        let values: Vec<(&str, Node)> = parameters
            .iter()
            .map(|kind| {
                let name = self.random.one_of(kind.names());
                (name, self.expression(*kind))
            })
            .collect();
        if self.random.one_in(10) {
            let name_of_more = self.random.one_of(&NAMES);
            let value = self.expression(Text);
            return Some(expression!(name, "(", name_of_more, "=", value, ")"));
        }
        let mut values: Vec<(&str, Node)> = values;
        if self.random.one_in(10) {
            values.push(("extra", self.expression(Text)));
        }
        let by_name = self.random.one_in(6);
        if by_name {
            let arguments = self.named_arguments(values, required, true);
            return Some(expression!(name, arguments));
        }
        let count = required + self.random.below(values.len() - required + 1);
        let values = values.into_iter().take(count).map(|(_, value)| value).collect();
        let arguments = self.arguments(values);
        Some(expression!(name, arguments))
    }

    fn call_block(&mut self) -> Node {
        let is_wanted = !self.random.one_in(20);
        let Some(call) = self.macro_call(is_wanted) else { return self.for_loop() };
        let (signature, names): (&str, &[&'static str]) = match self.random.below(6) {
            0 => ("(a)", &["a"]),
            1 => ("(a, b='x')", &["a", "b"]),
            2 => ("()", &[]),
            _ => ("", &[]),
        };
        let mut body = self.function(self.has_caller, |generator| generator.bound.extend(names));
        if let Some(name) = names.first() {
            body.parts.push(statement!("{{ ", expression!(*name), " }}").into());
        }
        let mut parts = self.tag(vec!["call".into(), signature.into(), " ".into(), call.into()]);
        parts.push(body.into());
        parts.extend(self.tag(vec!["endcall".into()]));
        Node { sort: Sort::Statement, parts }
    }
}
