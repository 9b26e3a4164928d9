//! Errors that the page of the dialect names, where Jinja2 prints.

use promptdex_template::{Error, ErrorKind};

/// Kinds of errors and what they say, one for each deliberate refusal.
const DOCUMENTED: [(ErrorKind, &str); 32] = [
    // None, lists, objects and what only Python prints.
    (ErrorKind::Value, "would be printed"),
    // Everything but a truth test, `is defined` and `default` of what is undefined.
    (ErrorKind::Undefined, "is undefined"),
    // Integers of 64 bits, and finite floats.
    (ErrorKind::Value, "the integer is beyond 64 bits"),
    (ErrorKind::Value, "beyond the range of a float"),
    (ErrorKind::Value, "is not a finite number"),
    // Powers whose last digit differs between machines.
    (ErrorKind::Unsupported, "an exponent with a fraction"),
    (ErrorKind::Unsupported, "the last digit of this power is not certain"),
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
    (ErrorKind::Unsupported, "is a method, which is called"),
    (ErrorKind::Unsupported, "is a method of objects, which hides the key"),
    (ErrorKind::Unsupported, "is Python's"),
    (ErrorKind::Unsupported, "is not in the jinja dialect of promptdex"),
    // Types of arguments that Jinja2 looks at only if it needs them.
    (ErrorKind::Value, "not an integer"),
    (ErrorKind::Value, "not a string"),
    (ErrorKind::Value, "needs a number"),
    // Constants that have no parts are undefined in Jinja2, and errors in a variable.
    (ErrorKind::Value, "has no parts"),
    (ErrorKind::Value, "is not a position"),
    // Python lets the last of two arguments win if another one is named as a keyword.
    (ErrorKind::Value, "is passed twice"),
    // What belongs to the caller, and what would never end.
    (ErrorKind::Value, "is the caller's, and a template cannot change it"),
    (ErrorKind::Value, "would contain itself"),
    // Macros and loops outlive nothing.
    (ErrorKind::Unsupported, "cannot be kept in a value"),
    // Formats by the settings of a machine, and as Python code.
    (ErrorKind::Unsupported, "prints by the settings of a machine"),
    (ErrorKind::Unsupported, "as Python code"),
    // The budget.
    (ErrorKind::Limit, ""),
];

/// Whether an error is a deliberate refusal.
pub(crate) fn is_documented(error: &Error) -> bool {
    DOCUMENTED.iter().any(|(kind, message)| error.kind == *kind && error.message.contains(message))
}
