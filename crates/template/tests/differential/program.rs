//! A program: a template and the values that it is rendered with.

use crate::tree::Node;
use crate::values::Datum;

#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) tree: Node,
    pub(crate) data: Vec<(String, Datum)>,
}

impl Program {
    pub(crate) fn template(&self) -> String {
        self.tree.print()
    }

    /// Returns the values as JSON text.
    pub(crate) fn values(&self) -> String {
        Datum::Object(self.data.clone()).print()
    }

    /// Returns programs that are one step smaller.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let trees = self.tree.smaller().into_iter();
        let mut found: Vec<Self> =
            trees.map(|tree| Self { tree, data: self.data.clone() }).collect();
        for at in 0..self.data.len() {
            let mut data = self.data.clone();
            data.remove(at);
            found.push(Self { tree: self.tree.clone(), data });
        }
        for (at, (_, datum)) in self.data.iter().enumerate() {
            for smaller in datum.smaller() {
                let mut data = self.data.clone();
                data[at].1 = smaller;
                found.push(Self { tree: self.tree.clone(), data });
            }
        }
        found
    }
}
