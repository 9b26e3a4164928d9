//! Templates as trees of pieces, which can be made smaller and still be templates.

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Statements and text, each of which can be left out.
    Body,
    Statement,
    Expression,
    /// What can be left out.
    Optional,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) sort: Sort,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub(crate) enum Part {
    Text(String),
    Node(Node),
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Node> for Part {
    fn from(node: Node) -> Self {
        Self::Node(node)
    }
}

/// Makes an expression of texts and pieces.
macro_rules! expression {
    ($($part:expr),* $(,)?) => {
        $crate::tree::Node {
            sort: $crate::tree::Sort::Expression,
            parts: vec![$($crate::tree::Part::from($part)),*],
        }
    };
}

/// Makes a statement of texts and pieces.
macro_rules! statement {
    ($($part:expr),* $(,)?) => {
        $crate::tree::Node {
            sort: $crate::tree::Sort::Statement,
            parts: vec![$($crate::tree::Part::from($part)),*],
        }
    };
}

/// Makes what can be left out of texts and pieces.
macro_rules! optional {
    ($($part:expr),* $(,)?) => {
        $crate::tree::Node {
            sort: $crate::tree::Sort::Optional,
            parts: vec![$($crate::tree::Part::from($part)),*],
        }
    };
}

pub(crate) use {expression, optional, statement};

impl Node {
    pub(crate) fn body(nodes: Vec<Self>) -> Self {
        Self { sort: Sort::Body, parts: nodes.into_iter().map(Part::Node).collect() }
    }

    /// Returns what a piece is when nothing is there.
    pub(crate) fn nothing() -> Self {
        optional!()
    }

    pub(crate) fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Node(node) => node.write(out),
            }
        }
    }

    fn children(&self) -> impl Iterator<Item = (usize, &Self)> {
        self.parts.iter().enumerate().filter_map(|(at, part)| match part {
            Part::Node(node) => Some((at, node)),
            Part::Text(_) => None,
        })
    }

    /// Returns trees that are one step smaller, those that lose most first.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        self.collect_smaller(self, &mut Vec::new(), &mut found);
        found
    }

    fn collect_smaller(&self, root: &Self, path: &mut Vec<usize>, found: &mut Vec<Self>) {
        match self.sort {
            Sort::Body => {
                // Long pieces first, then shorter ones.
                let length = self.parts.len();
                let mut size = length;
                while size > 0 {
                    for start in (0..length).step_by(size) {
                        let range = start..length.min(start + size);
                        found.push(root.with(path, &|node| drop(node.parts.drain(range.clone()))));
                    }
                    size /= 2;
                }
            }
            Sort::Optional if !self.parts.is_empty() => {
                found.push(root.with(path, &|node| node.parts.clear()));
            }
            Sort::Statement => {
                // What a block holds may do without the block.
                for (_, child) in self.children().filter(|(_, child)| child.sort == Sort::Body) {
                    found.push(root.with(path, &|node| *node = child.clone()));
                }
            }
            Sort::Expression => {
                let mut inner = Vec::new();
                self.collect_expressions(&mut inner);
                for other in inner {
                    found.push(root.with(path, &|node| *node = other.clone()));
                }
                let printed = self.print();
                for atom in ["1", "''", "[]", "{}", "none"] {
                    if printed.len() > atom.len() {
                        let replaced = root.with(path, &|node| *node = expression!(atom));
                        found.push(replaced);
                    }
                }
            }
            Sort::Optional => {}
        }
        for (at, child) in self.children() {
            path.push(at);
            child.collect_smaller(root, path, found);
            path.pop();
        }
    }

    /// Collects the expressions inside, nearest first.
    fn collect_expressions<'n>(&'n self, found: &mut Vec<&'n Self>) {
        for (_, child) in self.children() {
            if child.sort == Sort::Expression {
                found.push(child);
            }
        }
        for (_, child) in self.children() {
            child.collect_expressions(found);
        }
    }

    /// Returns the tree with one of its pieces changed.
    fn with(&self, path: &[usize], change: &dyn Fn(&mut Self)) -> Self {
        let mut tree = self.clone();
        let mut node = &mut tree;
        for at in path {
            let Part::Node(child) = &mut node.parts[*at] else { return self.clone() };
            node = child;
        }
        change(node);
        tree
    }
}
