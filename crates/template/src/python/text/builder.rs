//! Text that is charged for before it grows.

use std::iter::repeat_n;
use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::unicode::Mapped;

/// Makes a text piece by piece.
pub(crate) struct TextBuilder<'b> {
    text: String,
    /// The bytes that are charged for.
    charged: usize,
    range: &'b Range<usize>,
    budget: &'b mut Budget,
}

impl<'b> TextBuilder<'b> {
    /// Charges for the bytes that the text will probably have.
    pub(crate) fn new(
        expected: usize,
        range: &'b Range<usize>,
        budget: &'b mut Budget,
    ) -> Result<Self, Error> {
        budget.make(expected, range)?;
        Ok(Self { text: String::with_capacity(expected), charged: expected, range, budget })
    }

    fn charge(&mut self, more: usize) -> Result<(), Error> {
        let needed = self.text.len().saturating_add(more);
        if needed > self.charged {
            self.budget.make(needed - self.charged, self.range)?;
            self.charged = needed;
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, character: char) -> Result<(), Error> {
        self.charge(character.len_utf8())?;
        self.text.push(character);
        Ok(())
    }

    pub(crate) fn push_str(&mut self, piece: &str) -> Result<(), Error> {
        self.charge(piece.len())?;
        self.text.push_str(piece);
        Ok(())
    }

    pub(crate) fn push_mapped(&mut self, mapped: Mapped) -> Result<(), Error> {
        match mapped {
            Mapped::Character(character) => self.push(character),
            Mapped::Text(text) => self.push_str(text),
        }
    }

    /// Adds a character as often as `count` says, which may be absurd.
    pub(crate) fn push_repeated(&mut self, character: char, count: u64) -> Result<(), Error> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.charge(count.saturating_mul(character.len_utf8()))?;
        self.text.extend(repeat_n(character, count));
        Ok(())
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}
