//! Floats as decimal digits: `repr(float)`, and the layouts of a number that a format asks for.

/// A number as it is written, without its sign: `whole.fraction000suffix`.
#[derive(Debug, Default)]
pub(crate) struct Figure {
    pub(crate) whole: String,
    pub(crate) has_point: bool,
    pub(crate) fraction: String,
    /// Zeros after the fraction.
    pub(crate) zeros: u64,
    /// An exponent or a percent sign.
    pub(crate) suffix: String,
}

/// Digits that an exact value can have after its point.
const MAX_FRACTION: u64 = 1074;

/// Digits that an exact value can have at all, counted from the first that is not zero.
pub(crate) const MAX_SIGNIFICANT: u64 = 767;

/// Returns what Python's `repr(float)` is: the shortest digits that read back as the number; 24 bytes at
/// most.
pub(crate) fn repr(value: f64) -> String {
    let figure = Figure::shortest(value.abs());
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let point = if figure.has_point { "." } else { "" };
    [sign, &figure.whole, point, &figure.fraction, &figure.suffix].concat()
}

impl Figure {
    /// Lays out the shortest digits that read back as the number.
    pub(crate) fn shortest(magnitude: f64) -> Self {
        let digits = Digits::read(&format!("{magnitude:e}"));
        let is_scientific = digits.point <= -4 || digits.point > 16;
        let mut figure = digits.lay_out(is_scientific);
        if !is_scientific && figure.fraction.is_empty() {
            figure.fraction.push('0');
        }
        figure.has_point = !figure.fraction.is_empty();
        figure
    }

    /// Lays out a number as `f` does, rounded to `precision` digits after the point.
    pub(crate) fn fixed(magnitude: f64, precision: u64) -> Self {
        let (fraction, zeros) = split(precision, MAX_FRACTION);
        let text = format!("{magnitude:.fraction$}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        Self {
            whole: whole.to_owned(),
            has_point: precision > 0,
            fraction: fraction.to_owned(),
            zeros,
            suffix: String::new(),
        }
    }

    /// Lays out a number as `e` does, rounded to `precision` digits after the first one.
    pub(crate) fn scientific(magnitude: f64, precision: u64) -> Self {
        let (fraction, zeros) = split(precision, MAX_SIGNIFICANT);
        let figure = Digits::read(&format!("{magnitude:.fraction$e}")).lay_out(true);
        Self { has_point: precision > 0, zeros, ..figure }
    }

    /// Lays out a number as `g` does, rounded to `precision` digits: with an exponent where the number is
    /// small or has more digits before its point. Zeros at the end are dropped unless `is_alternate`.
    ///
    /// With `is_float` it shows that it is a float: it has a digit after the point or an exponent.
    pub(crate) fn general(
        magnitude: f64,
        precision: u64,
        is_alternate: bool,
        is_float: bool,
    ) -> Self {
        let precision = precision.max(1);
        let (fraction, _) = split(precision - 1, MAX_SIGNIFICANT);
        let mut digits = Digits::read(&format!("{magnitude:.fraction$e}"));
        let kept = digits.text.trim_end_matches('0').len().max(1);
        digits.text.truncate(kept);
        let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(is_float);
        let is_scientific = digits.point <= -4 || digits.point > limit;
        let before_zeros = if is_scientific { 1 } else { digits.point };
        let before_zeros = u64::try_from(before_zeros).unwrap_or(0).max(kept as u64);
        let mut figure = digits.lay_out(is_scientific);
        if is_alternate {
            figure.zeros = precision.saturating_sub(before_zeros);
        }
        let is_whole = figure.fraction.is_empty() && figure.zeros == 0;
        if is_float && !is_scientific && is_whole {
            figure.zeros = 1;
        }
        figure.has_point = is_alternate || !figure.fraction.is_empty() || figure.zeros > 0;
        figure
    }

    /// Whether every digit is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.whole.bytes().chain(self.fraction.bytes()).all(|digit| digit == b'0')
    }
}

/// Splits digits after a point into those to compute and those that are zero whatever the number.
fn split(precision: u64, most: u64) -> (usize, u64) {
    let computed = precision.min(most);
    (usize::try_from(computed).unwrap_or(0), precision - computed)
}

/// The number `0.text * 10^point`.
struct Digits {
    text: String,
    point: i64,
}

impl Digits {
    /// Reads the form `1.25e-3`.
    fn read(scientific: &str) -> Self {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        let point = exponent.parse().unwrap_or(0_i64) + 1;
        Self { text: mantissa.replace('.', ""), point }
    }

    fn lay_out(mut self, is_scientific: bool) -> Figure {
        if is_scientific {
            let exponent = self.point - 1;
            let sign = if exponent < 0 { '-' } else { '+' };
            let fraction = self.text.split_off(1);
            let suffix = format!("e{sign}{:02}", exponent.unsigned_abs());
            return Figure { whole: self.text, fraction, suffix, ..Figure::default() };
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let (whole, fraction) = match usize::try_from(self.point) {
            Err(_) | Ok(0) => ("0".to_owned(), zeros(-self.point) + &self.text),
            Ok(point) if point < self.text.len() => {
                let fraction = self.text.split_off(point);
                (self.text, fraction)
            }
            Ok(_) => {
                let missing = zeros(self.point - self.text.len() as i64);
                (self.text + &missing, String::new())
            }
        };
        Figure { whole, fraction, ..Figure::default() }
    }
}
