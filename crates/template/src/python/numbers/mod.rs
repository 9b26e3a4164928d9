//! Python's numbers: integers of 64 bits and floats, with the arithmetic and the order of Python 3.
//!
//! Python's integers have no end, and its floats have infinities and NaN. Here a result beyond 64 bits or
//! beyond the range of a float is an error, never another number. Nothing calls a mathematical function of
//! a C library: those differ in the last digit between machines.

mod decimal;
mod error;
mod float;
mod integer;
mod number;
mod parse;
mod round;
#[cfg(test)]
mod tests;
mod wide;

#[cfg(test)]
pub(crate) use decimal::repr;
pub(crate) use decimal::{Figure, Layout};
pub(crate) use error::beyond_integers;
pub(crate) use integer::digits;
pub(crate) use number::Number;
pub(crate) use parse::{decimal_digit, parse_float, text_to_integer};
