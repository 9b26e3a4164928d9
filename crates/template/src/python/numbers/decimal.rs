//! Floats as decimal digits: `repr(float)`, and the layouts of a number that a format asks for.

/// A number as it is written, without its sign.
#[derive(Debug, Default)]
pub(crate) struct Figure {
    /// The digits before the point.
    pub(crate) whole: String,
    /// The point and what follows it, or an exponent.
    pub(crate) rest: String,
}

/// Which layout a figure has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// As `f`: so many digits after the point.
    Fixed(u64),
    /// As `e`: so many digits after the first one, and an exponent.
    Scientific(u64),
    /// As `g`: so many digits, with an exponent where the number is small or has more before its point.
    /// Zeros at the end are dropped, unless the layout is alternate.
    General(u64),
    /// As `g`, but it shows that it is a float: by a digit after the point, or an exponent.
    GeneralFloat(u64),
    /// As `repr`: the shortest digits that read back as the number.
    Shortest,
}

/// Exact values have no more digits after the point, and not so many from the first that is not zero.
const MAX_DIGITS: u64 = 1074;

/// Returns what Python's `repr(float)` is: the shortest digits that read back as the number; 24 bytes at
/// most.
pub(crate) fn repr(value: f64) -> String {
    let figure = Figure::new(value.abs(), Layout::Shortest, false);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    [sign, &figure.whole, &figure.rest].concat()
}

impl Figure {
    /// Lays out a number that is not negative. Alternate layouts have a point, and keep zeros.
    pub(crate) fn new(magnitude: f64, layout: Layout, is_alternate: bool) -> Self {
        let digits = Digits::of(magnitude, layout);
        let has_float_form = matches!(layout, Layout::GeneralFloat(_) | Layout::Shortest);
        let length = digits.text.len() as i64;
        let places = |places: u64| i64::try_from(places).unwrap_or(i64::MAX / 2);
        let (is_scientific, end) = match layout {
            Layout::Fixed(precision) => (false, digits.point + places(precision)),
            Layout::Scientific(precision) => (true, 1 + places(precision)),
            Layout::Shortest => (digits.point > 16, length),
            Layout::General(precision) | Layout::GeneralFloat(precision) => {
                let most = places(precision.max(1));
                let end = if is_alternate { most } else { length };
                (digits.point > most - i64::from(has_float_form), end)
            }
        };
        let is_small = digits.point <= -4 && !matches!(layout, Layout::Fixed(_));
        if is_scientific || is_small {
            let exponent = digits.point - 1;
            let sign = if exponent < 0 { '-' } else { '+' };
            let mut figure = digits.lay_out(1, end, is_alternate);
            figure.rest += &format!("e{sign}{:02}", exponent.unsigned_abs());
            return figure;
        }
        let least = digits.point + i64::from(has_float_form);
        let point = digits.point;
        digits.lay_out(point, end.max(least), is_alternate)
    }

    /// Whether every digit is zero.
    pub(crate) fn is_zero(&self) -> bool {
        let digits = self.rest.bytes().take_while(|byte| *byte != b'e');
        self.whole.bytes().chain(digits).all(|byte| matches!(byte, b'0' | b'.'))
    }
}

/// The number `0.text * 10^point`.
struct Digits {
    text: String,
    point: i64,
}

impl Digits {
    /// Computes the digits that a layout shows; further ones are zero.
    fn of(magnitude: f64, layout: Layout) -> Self {
        let computed = |places: u64| usize::try_from(places.min(MAX_DIGITS)).unwrap_or(0);
        match layout {
            Layout::Fixed(precision) => Self::read(&format!("{magnitude:.*}", computed(precision))),
            Layout::Scientific(precision) => {
                Self::read(&format!("{magnitude:.*e}", computed(precision)))
            }
            Layout::General(precision) | Layout::GeneralFloat(precision) => {
                let precision = computed(precision.saturating_sub(1));
                let mut digits = Self::read(&format!("{magnitude:.precision$e}"));
                let kept = digits.text.trim_end_matches('0').len().max(1);
                digits.text.truncate(kept);
                digits
            }
            Layout::Shortest => {
                let shortest = format!("{magnitude:e}");
                // Where two are equally near, Python takes the even one, and the standard library does not.
                let precision = shortest.find('e').unwrap_or(0).saturating_sub(2);
                let nearest = format!("{magnitude:.precision$e}");
                let is_same_number = nearest != shortest && nearest.parse() == Ok(magnitude);
                Self::read(if is_same_number { &nearest } else { &shortest })
            }
        }
    }

    /// Reads the forms `12.5` and `1.25e-3`.
    fn read(number: &str) -> Self {
        let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
        let whole = mantissa.find('.').unwrap_or(mantissa.len());
        let point = exponent.parse().unwrap_or(0_i64) + whole as i64;
        Self { text: mantissa.replace('.', ""), point }
    }

    /// Writes the digits to `end` with a point at `point`, both counted from the first digit.
    fn lay_out(&self, point: i64, end: i64, has_point: bool) -> Figure {
        let digit = |at: i64| {
            let digit = usize::try_from(at).ok().and_then(|at| self.text.as_bytes().get(at));
            char::from(*digit.unwrap_or(&b'0'))
        };
        let mut rest = String::new();
        if has_point || end > point {
            rest.push('.');
        }
        rest.extend((point..end).map(digit));
        Figure { whole: ((point - 1).min(0)..point).map(digit).collect(), rest }
    }
}
