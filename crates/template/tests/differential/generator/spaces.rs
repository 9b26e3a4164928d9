//! Programs about what is trimmed around tags, comments and raw blocks.

use super::Generator;
use crate::tree::{Node, Sort, statement};

const DATA: [&str; 20] = [
    "x", " ", "\n", "\r\n", "\r", "\t", "\u{b}", "\u{c}", "\u{a0}", "\u{2003}", "\u{3000}",
    "\u{85}", "\u{200b}", "  \n  ", "-", "+", "{", "%", "#", "é\n",
];

const TAGS: [&str; 9] = [
    "set a = 1",
    "if true",
    "endif",
    "for b in [1, 2]",
    "endfor",
    "do ls.append(1)",
    "set c",
    "endset",
    "raw",
];

impl Generator<'_> {
    pub(super) fn spaces(&mut self) -> Node {
        let mut nodes = vec![statement!("{% set ls = [] %}")];
        let mut open: Vec<&str> = Vec::new();
        for _ in 0..2 + self.random.below(10) {
            let before = self.random.one_of(&["", "", "-", "+"]);
            let after = self.random.one_of(&["", "", "-", "+"]);
            let (left, right) = (self.blank(), self.blank());
            let text = match self.random.below(10) {
                0..=3 => (0..=self.random.below(3)).map(|_| self.random.one_of(&DATA)).collect(),
                4 => {
                    let after = if after == "+" { "" } else { after };
                    format!("{{{{{before}{left}1{right}{after}}}}}")
                }
                5 => {
                    let text = self
                        .random
                        .one_of(&["", " ", "x", "-", "+", "{{ x }}", "{% if %}", "\n", "{#"]);
                    format!("{{#{before}{text}{after}#}}")
                }
                6 => {
                    let content: String =
                        (0..self.random.below(3)).map(|_| self.random.one_of(&DATA)).collect();
                    let content = content
                        + self.random.one_of(&[
                            "",
                            "{{ x }}",
                            "{% if %}",
                            "{# #}",
                            "{% endraw x %}",
                        ]);
                    let (open, close) =
                        (self.random.one_of(&["", "-"]), self.random.one_of(&["", "-", "+"]));
                    format!(
                        "{{%{before}{left}raw{right}{open}%}}{content}{{%{after}{right}endraw{left}{close}%}}"
                    )
                }
                7 => {
                    let (tag, end) = self.random.one_of(&[
                        ("if true", "endif"),
                        ("for b in [1, 2]", "endfor"),
                        ("set c", "endset"),
                        ("filter upper", "endfilter"),
                        ("with", "endwith"),
                    ]);
                    open.push(end);
                    format!("{{%{before}{left}{tag}{right}{after}%}}")
                }
                8 => match open.pop() {
                    Some(end) => format!("{{%{before}{left}{end}{right}{after}%}}"),
                    None => String::new(),
                },
                _ => {
                    let tag = self.random.one_of(&TAGS[..1]);
                    format!("{{%{before}{left}{tag}{right}{after}%}}")
                }
            };
            nodes.push(statement!(text));
        }
        while let Some(end) = open.pop() {
            let before = self.random.one_of(&["", "-"]);
            nodes.push(statement!(format!("{{%{before} {end} %}}")));
        }
        Node { sort: Sort::Body, parts: nodes.into_iter().map(Into::into).collect() }
    }

    fn blank(&mut self) -> &'static str {
        self.random.one_of(&[" ", " ", " ", "", "\n", "\t", "\r\n", "  ", "\u{c}", " \r "])
    }
}
