//! Tables of cases, each as Python 3.11 has it.

use super::{Number, beyond_integers, decimal_digit, digits, parse_float, repr, text_to_integer};
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;
use Number::{Float, Integer};

type Binary = fn(Number, Number, &std::ops::Range<usize>) -> Result<Number, Error>;

/// What came of an operation: the number as it is printed, or the message.
fn outcome(result: Result<Number, Error>) -> String {
    result.map_or_else(|error| error.message.clone(), Number::print)
}

#[test]
fn floats_are_printed_by_their_shortest_digits() {
    let cases = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (2.0, "2.0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (1e-4, "0.0001"),
        (1e-5, "1e-05"),
        (1.5e300, "1.5e+300"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (9_007_199_254_740_993.0, "9007199254740992.0"),
        // Two are as near with 16 digits: the even one.
        (2_337_114_751_859_093.0 / 4.0, "584278687964773.2"),
        (2_337_114_751_859_095.0 / 4.0, "584278687964773.8"),
        (1e23, "1e+23"),
    ];
    for (value, expected) in cases {
        assert_eq!(repr(value), expected);
    }
}

#[test]
fn operators() {
    const MAX: i64 = i64::MAX;
    const MIN: i64 = i64::MIN;
    let cases: [(&str, Binary, Number, Number, &str); 37] = [
        ("+", Number::add, Integer(1), Integer(2), "3"),
        ("+", Number::add, Integer(1), Float(2.0), "3.0"),
        ("+", Number::add, Integer(MAX), Integer(1), "the integer exceeds 64 bits"),
        (
            "+",
            Number::add,
            Float(f64::MAX),
            Float(f64::MAX),
            "the result exceeds the range of a float",
        ),
        ("-", Number::subtract, Integer(MIN), Integer(1), "the integer exceeds 64 bits"),
        ("*", Number::multiply, Integer(MIN), Integer(-1), "the integer exceeds 64 bits"),
        ("*", Number::multiply, Float(0.1), Integer(3), "0.30000000000000004"),
        ("/", Number::divide, Integer(6), Integer(3), "2.0"),
        ("/", Number::divide, Integer(0), Integer(-5), "-0.0"),
        // Rounded once: 2^53 + 1 is no float.
        ("/", Number::divide, Integer((1 << 53) + 1), Integer(3), "3002399751580331.0"),
        ("/", Number::divide, Integer(3 * ((1 << 53) + 1)), Integer(3), "9007199254740992.0"),
        ("/", Number::divide, Integer(MIN), Integer(MAX), "-1.0"),
        ("/", Number::divide, Integer(1), Integer(0), "division by zero"),
        ("/", Number::divide, Float(1.0), Float(-0.0), "division by zero"),
        ("//", Number::floor_divide, Integer(7), Integer(-2), "-4"),
        ("//", Number::floor_divide, Integer(MIN), Integer(-1), "the integer exceeds 64 bits"),
        ("//", Number::floor_divide, Float(1.0), Float(0.1), "9.0"),
        ("//", Number::floor_divide, Float(-0.5), Integer(3), "-1.0"),
        ("//", Number::floor_divide, Float(0.0), Integer(-3), "-0.0"),
        ("%", Number::modulo, Integer(7), Integer(-2), "-1"),
        ("%", Number::modulo, Integer(MIN), Integer(-1), "0"),
        ("%", Number::modulo, Float(1.0), Float(0.1), "0.09999999999999995"),
        ("%", Number::modulo, Float(-1.5), Integer(1), "0.5"),
        ("%", Number::modulo, Float(3.0), Integer(-3), "-0.0"),
        ("%", Number::modulo, Float(1e300), Float(7e-300), "5.651755366164927e-300"),
        ("**", Number::power, Integer(2), Integer(62), "4611686018427387904"),
        ("**", Number::power, Integer(-2), Integer(63), "-9223372036854775808"),
        ("**", Number::power, Integer(2), Integer(63), "the integer exceeds 64 bits"),
        ("**", Number::power, Integer(-1), Integer(MAX), "-1"),
        ("**", Number::power, Integer(0), Integer(0), "1"),
        ("**", Number::power, Integer(10), Integer(-2), "0.01"),
        ("**", Number::power, Float(1.1), Integer(2), "1.2100000000000002"),
        ("**", Number::power, Float(-0.0), Integer(3), "-0.0"),
        ("**", Number::power, Integer(0), Integer(-1), "zero cannot be raised to a negative power"),
        ("**", Number::power, Float(10.0), Integer(309), "the result exceeds the range of a float"),
        ("**", Number::power, Float(1.000_000_1), Integer(1_000_000_000), "2.6881038582144647e+43"),
        ("**", Number::power, Integer(2), Float(0.5), "the exponent has a fraction"),
    ];
    for (name, operation, left, right, expected) in cases {
        assert_eq!(outcome(operation(left, right, &(0..0))), expected, "{left:?} {name} {right:?}");
    }
    assert_eq!(outcome(Integer(MIN).negate(&(0..0))), beyond_integers(&(0..0)).message);
    assert_eq!(outcome(Integer(MIN).absolute(&(0..0))), beyond_integers(&(0..0)).message);
    assert_eq!(outcome(Float(0.0).negate(&(0..0))), "-0.0");
}

#[test]
fn a_power_is_the_nearest_float() {
    // Of these, the C library of Python 3.11 on Linux gives the neighbor, which is further away.
    let cases = [(88.719_135_518_321_68, 2, "7871.085007118328"), (96.03, 2, "9221.7609")];
    for (base, exponent, expected) in cases {
        assert_eq!(outcome(Float(base).power(Integer(exponent), &(0..0))), expected);
    }
    // Halfway between zero and the smallest float, and a little less.
    assert_eq!(outcome(Float(0.5).power(Integer(1075), &(0..0))), "0.0");
    assert_eq!(outcome(Float(0.5).power(Integer(1074), &(0..0))), "5e-324");
    assert_eq!(outcome(Float(0.999_999).power(Float(1e300), &(0..0))), "0.0");
}

#[test]
fn an_order_of_exact_values() {
    let ascending = [
        Float(-1e300),
        Integer(i64::MIN),
        Float(-1.5),
        Integer(-1),
        Float(-0.5),
        Integer(0),
        Float(5e-324),
        Integer(1),
        Float(9_007_199_254_740_992.0),
        Integer((1 << 53) + 1),
        Integer(i64::MAX),
        Float(9_223_372_036_854_775_808.0),
    ];
    for (at, left) in ascending.iter().enumerate() {
        for (other, right) in ascending.iter().enumerate() {
            assert_eq!(left.compare(*right), at.cmp(&other), "{left:?} {right:?}");
        }
    }
    assert_eq!(Integer(1), Float(1.0));
    assert_eq!(Float(0.0), Float(-0.0));
    assert_eq!(Integer(i64::MIN), Float(-9_223_372_036_854_775_808.0));
    assert!(Integer(i64::MAX) != Float(9_223_372_036_854_775_808.0));
}

#[test]
fn rounding() {
    let cases = [
        (Float(2.5), Some(0), "2.0"),
        (Float(3.5), Some(0), "4.0"),
        (Float(-0.4), Some(0), "-0.0"),
        (Float(2.675), Some(2), "2.67"),
        (Float(0.125), Some(2), "0.12"),
        (Float(1234.5), Some(-2), "1200.0"),
        (Float(50.0), Some(-2), "0.0"),
        (Float(50.5), Some(-2), "100.0"),
        (Float(150.0), Some(-2), "200.0"),
        (Float(1e23), Some(-23), "1e+23"),
        (Float(5e-324), Some(323), "0.0"),
        (Float(5e-324), Some(324), "5e-324"),
        (Float(f64::MAX), Some(-308), "the result exceeds the range of a float"),
        (Float(f64::MAX), Some(i64::MIN), "0.0"),
        (Float(2.5), None, "2"),
        (Float(1e300), None, "the integer exceeds 64 bits"),
        (Integer(42), Some(0), "42"),
        (Integer(25), Some(-1), "20"),
        (Integer(-35), Some(-1), "-40"),
        (Integer(i64::MAX), Some(-1), "the integer exceeds 64 bits"),
        (Integer(i64::MIN), Some(-19), "the integer exceeds 64 bits"),
        (Integer(i64::MIN), Some(i64::MIN), "0"),
    ];
    for (value, digits, expected) in cases {
        assert_eq!(outcome(value.round(digits, &(0..0))), expected, "{value:?} {digits:?}");
    }
    let cases = [
        (Float(42.55), 1, "42.6", "42.5"),
        (Float(-0.5), 0, "0.0", "-1.0"),
        (Integer(7), 2, "7.0", "7.0"),
        (Integer(1234), -2, "1300.0", "1200.0"),
        (Float(1e300), 0, "1e+300", "1e+300"),
        (
            Float(1.0),
            309,
            "the result exceeds the range of a float",
            "the result exceeds the range of a float",
        ),
        (Float(1.0), -400, "division by zero", "division by zero"),
    ];
    for (value, precision, up, down) in cases {
        assert_eq!(outcome(value.ceil(precision, &(0..0))), up, "{value:?} {precision}");
        assert_eq!(outcome(value.floor(precision, &(0..0))), down, "{value:?} {precision}");
    }
}

#[test]
fn texts_are_read_as_numbers() {
    let cases = [
        (" 12\n", 10, Ok(Some(12))),
        ("-1_000", 10, Ok(Some(-1000))),
        ("1__0", 10, Ok(None)),
        ("_1", 10, Ok(None)),
        ("0x_ff", 16, Ok(Some(255))),
        ("0xff", 0, Ok(Some(255))),
        ("0b1", 16, Ok(Some(177))),
        ("0b101", 0, Ok(Some(5))),
        ("010", 0, Ok(Some(10))),
        ("00", 0, Ok(Some(0))),
        ("z", 36, Ok(Some(35))),
        ("1", 37, Ok(Some(1))),
        ("٤٢", 10, Ok(Some(42))),
        ("二", 10, Ok(None)),
        ("\u{1f}1", 10, Ok(None)),
        ("", 10, Ok(None)),
        ("- 1", 10, Ok(None)),
        ("-9223372036854775808", 10, Ok(Some(i64::MIN))),
        ("9223372036854775808", 10, Err(ErrorKind::Value)),
        ("9223372036854775808x", 10, Ok(None)),
    ];
    for (text, base, expected) in cases {
        let value = text_to_integer(text, base, &mut Budget::default(), &(0..0));
        assert_eq!(value.map_err(|error| error.kind), expected, "{text} {base}");
    }
    let cases = [
        (" 1.5e3 ", Ok(Some(1500.0))),
        (".5", Ok(Some(0.5))),
        ("5.", Ok(Some(5.0))),
        (".", Ok(None)),
        ("1_0.0_1", Ok(Some(10.01))),
        ("1_.0", Ok(None)),
        ("0x10", Ok(None)),
        ("inf", Err(ErrorKind::Value)),
        ("-NaN", Err(ErrorKind::Value)),
        ("1e400", Err(ErrorKind::Value)),
        ("1e-400", Ok(Some(0.0))),
    ];
    for (text, expected) in cases {
        let value = parse_float(text, &mut Budget::default(), &(0..0));
        assert_eq!(value.map_err(|error| error.kind), expected, "{text}");
    }
    let cases = [
        ("42.9", Ok(Some(42))),
        ("1e3", Ok(Some(1000))),
        ("inf", Ok(None)),
        ("abc", Ok(None)),
        ("1e30", Err(ErrorKind::Value)),
    ];
    for (text, expected) in cases {
        let value = text_to_integer(text, 10, &mut Budget::default(), &(0..0));
        assert_eq!(value.map_err(|error| error.kind), expected, "{text}");
    }
}

#[test]
fn digits_of_integers_and_of_scripts() {
    assert_eq!(digits(u64::MAX, 2, false), "1".repeat(64));
    assert_eq!(digits(0xbeef, 16, true), "BEEF");
    assert_eq!(digits(0, 8, false), "0");
    assert_eq!(
        ['7', '٣', '９', '𝟗', 'a', '²', '五', '/'].map(decimal_digit),
        [Some(7), Some(3), Some(9), Some(9), None, None, None, None]
    );
}
