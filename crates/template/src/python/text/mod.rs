//! The methods of Python's `str`, under Python's names.
//!
//! Positions and lengths count characters (code points), as in Python; negative positions count from the end.
//! Each function charges the budget for the bytes that it reads and makes, before it makes them, and takes
//! time in proportion to what it charges.

mod builder;
mod case;
mod classify;
mod pad;
mod position;
mod replace;
mod search;
mod slice;
mod split;
mod strip;

pub(crate) use builder::TextBuilder;
pub(super) use case::push_lower;
pub(crate) use case::{capitalize, casefold, lower, swapcase, title, upper};
pub(crate) use classify::{
    is_alnum, is_alpha, is_ascii, is_decimal, is_digit, is_identifier, is_lower, is_numeric,
    is_printable, is_space, is_title, is_upper,
};
pub(crate) use pad::{center, expandtabs, ljust, rjust, zfill};
pub(super) use position::{forward, length_of};
pub(crate) use replace::{removeprefix, removesuffix, replace};
pub(crate) use search::{
    Bounds, contains, count, endswith, find, index, rfind, rindex, startswith,
};
pub(crate) use slice::{item, reverse, slice};
pub(super) use split::lines;
pub(crate) use split::{partition, rpartition, rsplit, split, splitlines};
pub(crate) use strip::{lstrip, rstrip, strip};
