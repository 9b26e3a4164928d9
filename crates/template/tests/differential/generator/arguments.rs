//! Arguments of calls, by position and by name.

use super::Generator;
use crate::tree::{Node, Part, Sort};

impl Generator<'_> {
    /// Writes arguments in parentheses: the first `required` are always there. From somewhere on they are
    /// passed by name. With none there may be no parentheses.
    pub(super) fn named_arguments(
        &mut self,
        arguments: Vec<(&str, Node)>,
        required: usize,
        is_call: bool,
    ) -> Node {
        let by_position = if self.random.one_in(3) {
            self.random.below(arguments.len() + 1)
        } else {
            arguments.len()
        };
        let kept = required + self.random.below(arguments.len() - required + 1);
        let mut written: Vec<(Option<&str>, Node)> = Vec::new();
        for (at, (name, value)) in arguments.into_iter().enumerate() {
            if at < by_position {
                if at < kept {
                    written.push((None, value));
                }
            } else if at < required || self.random.coin() {
                written.push((Some(name), value));
            }
        }
        // Those with names come in any order.
        if written.len() > 1 && written.iter().all(|(name, _)| name.is_some()) && self.random.coin()
        {
            written.reverse();
        }
        if written.is_empty() && !is_call {
            return Node::nothing();
        }
        self.write_arguments(written)
    }

    /// Writes arguments by position in parentheses.
    pub(super) fn arguments(&mut self, values: Vec<Node>) -> Node {
        self.write_arguments(values.into_iter().map(|value| (None, value)).collect())
    }

    fn write_arguments(&mut self, written: Vec<(Option<&str>, Node)>) -> Node {
        let last = written.len();
        let mut parts: Vec<Part> = vec!["(".into()];
        // A list or an object may stand for the last arguments.
        let splat = if self.random.one_in(30) { last.checked_sub(1) } else { None };
        for (at, (name, value)) in written.into_iter().enumerate() {
            let comma = if at + 1 < last { ", " } else { "" };
            let (before, after) = match (name, splat == Some(at)) {
                (Some(name), false) => (format!("{name}="), String::new()),
                (Some(name), true) => (format!("**{{'{name}': "), "}".to_owned()),
                (None, true) => ("*[".to_owned(), "]".to_owned()),
                (None, false) => (String::new(), String::new()),
            };
            let parts_of_one: Vec<Part> =
                vec![before.into(), value.into(), after.into(), comma.into()];
            parts.push(Node { sort: Sort::Optional, parts: parts_of_one }.into());
        }
        parts.push(")".into());
        Node { sort: Sort::Optional, parts }
    }
}
