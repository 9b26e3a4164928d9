//! What Python does with texts and numbers, to the byte.

#[cfg_attr(not(test), expect(unused_imports, reason = "tests hold all of it to Python"))]
pub(crate) mod format;
pub(crate) mod literals;
#[cfg_attr(not(test), expect(unused_imports, reason = "tests hold all of it to Python"))]
pub(crate) mod numbers;
#[cfg_attr(not(test), expect(unused_imports, reason = "tests hold all of it to Python"))]
pub(crate) mod text;
#[cfg_attr(not(test), expect(unused_imports, reason = "tests hold all of it to Python"))]
pub(crate) mod unicode;
pub(crate) mod words;

#[cfg(test)]
mod comparison;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod hostile;
