//! What Python does with text, written anew and held to Python's own answers.

pub(crate) mod literals;
pub(crate) mod text;
pub(crate) mod unicode;
pub(crate) mod words;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod hostile;
