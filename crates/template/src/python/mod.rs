//! What Python does with texts and numbers, to the byte.

pub(crate) mod format;
pub(crate) mod literals;
pub(crate) mod numbers;
pub(crate) mod text;
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
