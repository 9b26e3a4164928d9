//! Tables of cases, each as Python 3.11 has it.

use std::ops::Range;

use super::error::{at, charge};
use super::{Argument, Operand, format_percent, format_template, value};
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;
use Argument::{Boolean, Float, Integer, Other, Text};

/// Formats one value as `format(value, specification)`.
pub(in crate::python) fn format_value(
    value: Argument<'_>,
    specification: &str,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    let charged = charge(budget, specification.len() as u64);
    at(range, charged.and_then(|()| value::write(value, specification, budget)))
}

/// The text, or the message in angle brackets.
fn outcome(result: Result<String, Error>) -> String {
    result.unwrap_or_else(|error| {
        assert!(error.help.is_some() && error.range == (3..7), "{error:?}");
        format!("<{error}>")
    })
}

#[test]
fn specifications() {
    let cases = [
        (Text("abc"), "", "abc"),
        (Text("abc"), "5", "abc  "),
        (Text("abc"), ">5s", "  abc"),
        (Text("日本語"), "日^6.2", "日日日本日日"),
        (Text("abc"), "05", "abc00"),
        (Text("abc"), "=5", "<number format for a text>"),
        (Text("abc"), "d", "<number format for a text>"),
        (Integer(42), "5", "   42"),
        (Integer(-42), "05", "-0042"),
        (Integer(42), "<05", "42000"),
        (Integer(1), "04,", "0,001"),
        (Integer(1_234_567), "_", "1_234_567"),
        (Integer(i64::MIN), "#x", "-0x8000000000000000"),
        (Integer(255), "#_b", "0b1111_1111"),
        (Integer(255), "#010X", "0X000000FF"),
        (Integer(65), "05c", "0000A"),
        (Integer(0xd800), "c", "<half a character would be printed>"),
        (Integer(0x11_0000), "c", "<invalid character code>"),
        (Integer(3), ".2", "<wrong format for an integer>"),
        (Integer(3), ".1f", "3.0"),
        (Integer(3), "n", "<the format `n` depends on the locale>"),
        (Boolean(true), "", "True"),
        (Boolean(true), "3", "  1"),
        (Float(1234.5), ",.2f", "1,234.50"),
        (Float(2.5), ".0f", "2"),
        (Float(1e300), ".3e", "1.000e+300"),
        (Float(0.000_012_345), ".2g", "1.2e-05"),
        (Float(123_456.0), ".6", "1.23456e+05"),
        (Float(1e20), "#", "1.e+20"),
        (Float(0.256), ".1%", "25.6%"),
        (Float(-0.0), "z.1f", "0.0"),
        (Float(-1.5), "x=8", "-xxxx1.5"),
        (Float(1.5), "d", "<wrong format for a float>"),
        (Float(f64::MAX), "%", "<the result exceeds the range of a float>"),
        (Float(1.5), "5.f", "<invalid format specification>"),
        (Other("none"), ">5", "<none would be printed>"),
    ];
    for (value, specification, expected) in cases {
        let text = format_value(value, specification, &mut Budget::default(), &(3..7));
        assert_eq!(outcome(text), expected, "{value:?} {specification}");
    }
}

#[test]
fn templates() {
    let values = [Text("Ana"), Integer(7), Float(2.5), Other("a list")];
    let cases = [
        ("", ""),
        ("{}, {}!", "Ana, 7!"),
        ("{1} {0} {1}", "7 Ana 7"),
        ("{name}{}", "B.Ana"),
        ("{{{}}}", "{Ana}"),
        ("{:>{}}", "    Ana"),
        ("{2:{1}.{1}f}", "2.5000000"),
        ("{1!s:>4}", "   7"),
        ("{0}{}", "<the format mixes numbered and unnumbered fields>"),
        ("{}{}{}{}", "<a list would be printed>"),
        ("{4}", "<the format has no argument `4`>"),
        ("{age}", "<the format has no argument `age`>"),
        ("{name.first}", "<a field reads an attribute or item>"),
        ("{0[0]}", "<a field reads an attribute or item>"),
        ("{!r}", "<a field prints a value as Python code>"),
        ("{!x}", "<unknown conversion in a field>"),
        ("{:{:{}}}", "<the fields of the format are nested too deeply>"),
        ("{", "<unmatched brace in the format>"),
        ("a}", "<unmatched brace in the format>"),
        ("{0", "<unmatched brace in the format>"),
        ("{0!s", "<unmatched brace in the format>"),
        ("{:{}", "<unmatched brace in the format>"),
        ("{[}", "<unmatched brace in the format>"),
        ("{99999999999999999999}", "<the width, precision or position is too large>"),
    ];
    for (template, expected) in cases {
        let named = |name: &str| (name == "name").then_some(Text("B."));
        let text = format_template(template, &values, &named, &mut Budget::default(), &(3..7));
        assert_eq!(outcome(text), expected, "{template}");
    }
}

#[test]
fn percent_signs() {
    let cases: [(&str, &[Argument<'_>], &str); 26] = [
        ("100%%", &[], "100%"),
        ("%s and %s", &[Text("a"), Float(1.0)], "a and 1.0"),
        ("%s", &[Boolean(true)], "True"),
        ("%5.1s|%-3s|", &[Text("日本"), Integer(1)], "    日|1  |"),
        ("%05d", &[Integer(-3)], "-0003"),
        ("%-05d|", &[Integer(-3)], "-3   |"),
        ("%+d % d", &[Integer(3), Integer(3)], "+3  3"),
        ("%d %i", &[Float(-3.99), Boolean(true)], "-3 1"),
        ("%d", &[Float(-1e22)], "-10000000000000000000000"),
        ("%#x %#o %X", &[Integer(255), Integer(8), Integer(171)], "0xff 0o10 AB"),
        ("%#010.5x", &[Integer(255)], "0x000000ff"),
        ("%.3f %e %g", &[Integer(2), Float(1e10), Float(1e-5)], "2.000 1.000000e+10 1e-05"),
        ("%*.*f|", &[Integer(-7), Integer(2), Float(1.0)], "1.00   |"),
        ("%c%c", &[Text("é"), Integer(97)], "éa"),
        ("%ld", &[Integer(5)], "5"),
        ("%s", &[], "<the format has more conversions than values>"),
        ("%s", &[Text("a"), Text("b")], "<the format has fewer conversions than values>"),
        ("%", &[], "<incomplete conversion in the format>"),
        ("%(a", &[], "<incomplete conversion in the format>"),
        ("%(a)s", &[Text("a")], "<the format requires named values>"),
        ("%d", &[Text("5")], "<a conversion of the format does not match its value>"),
        ("%y", &[Text("5")], "<a conversion of the format does not match its value>"),
        ("%c", &[Text("ab")], "<a conversion of the format does not match its value>"),
        ("%r", &[Text("5")], "<`%r` and `%a` print a value as Python code>"),
        ("%s", &[Other("none")], "<none would be printed>"),
        ("%*d", &[Text("5"), Integer(1)], "<`*` in a format takes an integer>"),
    ];
    for (template, values, expected) in cases {
        let operand = Operand::Tuple(values);
        let text = format_percent(template, operand, &mut Budget::default(), &(3..7));
        assert_eq!(outcome(text), expected, "{template}");
    }
    let cases = [
        ("no conversion", "no conversion"),
        ("%(a)s %(b(c))5.1f", "1   2.5"),
        ("%(d)s", "<the format has no argument `d`>"),
        ("%s", "<an object would be printed>"),
        ("%(a)*d", "<`*` in a format takes an integer>"),
    ];
    for (template, expected) in cases {
        let named = |name: &str| match name {
            "a" => Some(Integer(1)),
            "b(c)" => Some(Float(2.5)),
            _ => None,
        };
        let operand = Operand::Mapping(&named, "an object");
        let text = format_percent(template, operand, &mut Budget::default(), &(3..7));
        assert_eq!(outcome(text), expected, "{template}");
    }
}

#[test]
fn hostile_widths_and_precisions_make_nothing() {
    let numbers = [1_000_000_000, 4_194_305, i64::MAX];
    for number in numbers {
        let is_kept = |result: Result<String, Error>, template: &str| {
            let error = result.expect_err(template);
            // A precision of 32 bits is all that Python has.
            let kind = if number == i64::MAX && error.message.contains("too large") {
                ErrorKind::Value
            } else {
                ErrorKind::Limit
            };
            assert_eq!(error.kind, kind, "{template}");
        };
        for value in [Text("a"), Integer(1), Float(1.5), Boolean(true)] {
            for form in ["{}", "0{}", "^{}", "😀^{}"] {
                let specification = form.replace("{}", &number.to_string());
                let text = format_value(value, &specification, &mut Budget::default(), &(0..0));
                is_kept(text, &specification);
            }
        }
        for form in ["=+{},", "0{}_x", "{}c", ".{}f", ".{}e", "#.{}g", "0{},.{}f", ".{}%"] {
            let specification = form.replace("{}", &number.to_string());
            let text = format_value(Integer(1), &specification, &mut Budget::default(), &(0..0));
            is_kept(text, &specification);
        }
        for form in ["%{}d", "%-{}s", "%0{}x", "%.{}d", "%.{}f", "%#.{}g", "%{}.{}e", "%*d"] {
            let template = form.replace("{}", &number.to_string());
            let values = if form == "%*d" { vec![Integer(number); 2] } else { vec![Integer(1)] };
            let operand = Operand::Tuple(&values);
            is_kept(format_percent(&template, operand, &mut Budget::default(), &(0..0)), &template);
        }
        let values = [Text("a"), Integer(number)];
        for template in ["{:{}}", "{:{1}}{:0{1}}", "{:😀>{}}"] {
            let none = |_: &str| None;
            let text = format_template(template, &values, &none, &mut Budget::default(), &(0..0));
            let is_mixed = template.contains("{1}");
            match text {
                Err(error) if is_mixed => assert_eq!(error.kind, ErrorKind::Value),
                other => is_kept(other, template),
            }
        }
    }
    // Small widths add up.
    let template = "{0:1000}".repeat(5000);
    let text = format_template(&template, &[Text("a")], &|_| None, &mut Budget::default(), &(0..0));
    assert_eq!(text.map_err(|error| error.kind), Err(ErrorKind::Limit));
}

#[test]
fn long_templates_are_charged_though_they_print_nothing() {
    let mut budget = Budget::default();
    let template = "{0}".repeat(500_000);
    for _ in 0..2 {
        let text = format_template(&template, &[Text("")], &|_| None, &mut budget, &(0..0));
        assert_eq!(text, Ok(String::new()));
    }
    let text = format_template(&template, &[Text("")], &|_| None, &mut budget, &(0..0));
    assert_eq!(text.map_err(|error| error.kind), Err(ErrorKind::Limit));
}
