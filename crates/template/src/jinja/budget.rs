//! The four counters that bound a rendering. They count what the template does, not how long it
//! takes, so that they are the same on every machine.

use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// Statements executed, expressions evaluated and loop iterations begun.
pub const MAX_STEPS: u64 = 100_000;

/// Bytes of the rendered text.
pub const MAX_OUTPUT: usize = 1024 * 1024;

/// Bytes ever made by operators, filters, captures and functions.
pub const MAX_MADE: usize = 4 * 1024 * 1024;

/// Nested statements, calls, includes and operands.
pub const MAX_DEPTH: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct Budget {
    steps: u64,
    bytes_printed: usize,
    bytes_made: usize,
    /// How many iterators are being taken from, one by another.
    depth: usize,
}

impl Budget {
    /// Begins to take from an iterator, which may take from another one.
    pub(super) fn enter(&mut self, range: &Range<usize>) -> Result<(), Error> {
        self.depth += 1;
        check_depth(self.depth, || range.clone())
    }

    /// Ends that. After an error nothing goes on.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts a step.
    pub(super) fn step(&mut self, range: impl FnOnce() -> Range<usize>) -> Result<(), Error> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(
                limit(range(), "rendering takes more than 100,000 steps").help("loop over less")
            );
        }
        Ok(())
    }

    /// Returns how much is spent, in thousandths of a budget.
    pub(super) fn thousandths_spent(&self) -> u64 {
        let of = |part: u64, whole: u64| part.saturating_mul(1000) / whole;
        of(self.steps, MAX_STEPS).max(of(self.bytes_made as u64, MAX_MADE as u64))
    }

    /// Counts bytes of the rendered text.
    pub(super) fn count_output(&mut self, bytes: usize, range: &Range<usize>) -> Result<(), Error> {
        self.bytes_printed = self.bytes_printed.saturating_add(bytes);
        if self.bytes_printed > MAX_OUTPUT {
            return Err(
                limit(range.clone(), "the rendered text is longer than 1 MiB").help("print less")
            );
        }
        Ok(())
    }

    /// Counts bytes before they are made.
    pub(crate) fn make(&mut self, bytes: usize, range: &Range<usize>) -> Result<(), Error> {
        self.bytes_made = self.bytes_made.saturating_add(bytes);
        if self.bytes_made > MAX_MADE {
            return Err(limit(range.clone(), "rendering creates more than 4 MiB of values")
                .help("build shorter values"));
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn bytes_made(&self) -> usize {
        self.bytes_made
    }
}

/// Checks the depth of nesting.
pub(super) fn check_depth(depth: usize, range: impl FnOnce() -> Range<usize>) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(limit(range(), "nested deeper than 64 levels").help("flatten the template"));
    }
    Ok(())
}

fn limit(range: Range<usize>, message: &str) -> Error {
    Error::new(ErrorKind::Limit, range, message)
}
