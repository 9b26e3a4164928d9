//! Errors that the page of the dialect names, where Jinja2 prints.

use promptdex_template::{Error, ErrorKind};

/// Kinds of errors and what they say, one for each deliberate refusal.
const DOCUMENTED: [(ErrorKind, &str); 3] = [
    // None, lists, objects and what only Python prints.
    (ErrorKind::Value, "would be printed"),
    // Everything but a truth test, `is defined` and `default` of what is undefined.
    (ErrorKind::Undefined, "is undefined"),
    // Integers of 64 bits, and finite floats.
    (ErrorKind::Value, "the integer is beyond 64 bits"),
];

/// Whether an error is a deliberate refusal.
pub(crate) fn is_documented(error: &Error) -> bool {
    DOCUMENTED.iter().any(|(kind, message)| error.kind == *kind && error.message.contains(message))
}
