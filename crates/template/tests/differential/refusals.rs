//! Errors that the page of the dialect names, where Jinja2 prints.

use promptdex_template::{Error, ErrorKind};

/// Kinds of errors and what they say, one for each deliberate refusal.
const DOCUMENTED: [(ErrorKind, &str); 32] = [
    // None, lists, objects and what only Python prints.
    (ErrorKind::Value, "would be printed"),
    // Everything but a truth test, `is defined` and `default` of what is undefined.
    (ErrorKind::Undefined, "is undefined"),
    // Integers of 64 bits, and finite floats.
    (ErrorKind::Value, "the integer exceeds 64 bits"),
    (ErrorKind::Value, "beyond the range of a float"),
    (ErrorKind::Value, "is not a finite number"),
    // Powers whose last digit differs between machines.
    (ErrorKind::Unsupported, "the exponent has a fraction"),
    (ErrorKind::Unsupported, "the last digit of this power depends on the platform"),
    // What has no items, which Jinja2 sees when the first is taken.
    (ErrorKind::Value, "has no items"),
    (ErrorKind::Value, "not an object"),
    // Iterators are keys by where Python keeps them.
    (ErrorKind::Value, "cannot be a key of an object"),
    (ErrorKind::Value, "`unique` compares"),
    // Keys and items of objects are no sets.
    (ErrorKind::Value, "the keys of an object cannot be combined by `-`"),
    (ErrorKind::Value, "the keys of an object and"),
    (ErrorKind::Value, "the items of an object cannot be combined by `-`"),
    (ErrorKind::Value, "the items of an object and"),
    // What depends on where Python keeps a value.
    (ErrorKind::Unsupported, "is the same object is not defined"),
    // Methods and attributes that are no keys.
    (ErrorKind::Unsupported, "is a method"),
    (ErrorKind::Unsupported, "of objects hides the key"),
    (ErrorKind::Unsupported, "is a Python attribute"),
    (ErrorKind::Unsupported, "is not in the jinja dialect of promptdex"),
    // Types of arguments that Jinja2 looks at only if it needs them.
    (ErrorKind::Value, "not an integer"),
    (ErrorKind::Value, "not a string"),
    (ErrorKind::Value, "requires a number"),
    // Constants that have no parts are undefined in Jinja2, and errors in a variable.
    (ErrorKind::Value, "has no parts"),
    (ErrorKind::Value, "is not a position"),
    // Python lets the last of two arguments win if another one is named as a keyword.
    (ErrorKind::Value, "duplicate argument"),
    // What belongs to the caller, and what would never end.
    (ErrorKind::Value, "a template cannot change the app's"),
    (ErrorKind::Value, "would contain itself"),
    // Macros and loops outlive nothing.
    (ErrorKind::Unsupported, "cannot be part of a value"),
    // Formats by the locale, and as Python code.
    (ErrorKind::Unsupported, "depends on the locale"),
    (ErrorKind::Unsupported, "as Python code"),
    // The budget.
    (ErrorKind::Limit, ""),
];

/// Whether an error is a deliberate refusal.
pub(crate) fn is_documented(error: &Error) -> bool {
    DOCUMENTED.iter().any(|(kind, message)| error.kind == *kind && error.message.contains(message))
}
