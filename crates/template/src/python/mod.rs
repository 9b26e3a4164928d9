//! What Python does with text, written anew and held to Python's own answers.

pub(crate) mod unicode;
