//! Included texts that are parsed, for whatever renders a text that includes them.

/// Included texts by `name@version`.
#[derive(Debug, Default)]
pub struct IncludedTexts<'s>(Vec<(String, IncludedText<'s>)>);

impl<'s> IncludedTexts<'s> {
    /// Returns a list of none.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text; one that is there by this name is replaced.
    pub fn insert(&mut self, name: String, text: IncludedText<'s>) {
        match self.position(&name) {
            Ok(at) => self.0[at].1 = text,
            Err(at) => self.0.insert(at, (name, text)),
        }
    }

    /// Returns a text.
    pub fn get(&self, name: &str) -> Option<&IncludedText<'s>> {
        self.position(name).ok().map(|at| &self.0[at].1)
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

/// An included text.
#[derive(Debug)]
pub enum IncludedText<'s> {
    /// A `plain` text.
    Plain(&'s str),
    /// A `jinja` template.
    Jinja(ParsedInclude),
}

/// A parsed `jinja` template that is included.
#[derive(Debug)]
pub struct ParsedInclude {
    pub(crate) program: crate::jinja::program::Program,
}
