//! Questions about numbers and formats, from a seed.
#![expect(clippy::cast_possible_truncation, reason = "a cut random number is a random number")]

use serde_json::{Value, json};

/// Questions without end.
pub(super) struct Questions(Random);

impl Questions {
    pub(super) fn new() -> Self {
        Self(Random(0))
    }
}

impl Iterator for Questions {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let random = &mut self.0;
        Some(match random.below(20) {
            0..6 => arithmetic(random),
            6 => json!([
                random.pick(&["negate", "absolute", "print", "int", "float"]),
                random.number()
            ]),
            7 => {
                let digits =
                    if random.below(8) == 0 { Value::Null } else { json!(random.digits()) };
                json!(["round", random.number(), digits])
            }
            8 => json!([random.pick(&["ceil", "floor"]), random.number(), random.digits()]),
            9..11 => {
                let base = random.pick(&[10, 10, 10, 0, 2, 8, 16, 36, 1, 37, -1]);
                json!(["to_integer", random.number_text(), base])
            }
            11 => json!(["float", random.number_text()]),
            12..15 => {
                let value = random.value();
                json!(["format", value, random.specification(&value)])
            }
            15..17 => {
                let mut values: Vec<Value> = (0..3).map(|_| random.value()).collect();
                let named = random.value();
                let template = random.template(&values, &named);
                if random.below(10) == 0 {
                    values.truncate(random.below(3) as usize);
                }
                json!(["template", template, values, {"a": named, "ä b": random.value()}])
            }
            _ => random.percent(),
        })
    }
}

fn arithmetic(random: &mut Random) -> Value {
    let operations = ["add", "subtract", "multiply", "divide", "floor_divide", "modulo", "compare"];
    let operation = random.pick(&operations);
    if random.below(4) > 0 {
        let (a, b) = (random.number(), random.number());
        if random.below(20) > 0 {
            return json!([operation, a, b]);
        }
        // Numbers that are close to each other.
        let near = match &a {
            Value::Object(_) => json!(to_float(&a).round() as i64),
            other => write_float(other.as_f64().unwrap_or_default()),
        };
        return json!([operation, a, near]);
    }
    let exponent = match random.below(12) {
        0 => random.number(),
        1 => write_float(random.float().round()),
        2 => json!(random.below(2000) as i64 - 1000),
        3 => write_float(random.below(2_000_000) as f64 - 1e6),
        4..8 => json!(random.below(12) as i64 - 4),
        _ => json!(random.below(80) as i64 - 30),
    };
    let base = match random.below(4) {
        0 => write_float(1.0 + (random.float() % 1.0) / 1000.0),
        1 => write_float((random.below(40_000) as f64 - 20_000.0) / 100.0),
        _ => random.number(),
    };
    json!(["power", base, exponent])
}

pub(super) fn write_float(value: f64) -> Value {
    json!({"f": format!("{:016x}", value.to_bits())})
}

pub(super) fn to_float(value: &Value) -> f64 {
    let bits = u64::from_str_radix(value["f"].as_str().unwrap(), 16).unwrap();
    f64::from_bits(bits)
}

/// The generator `splitmix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len() as u64) as usize]
    }

    fn number(&mut self) -> Value {
        match self.below(20) {
            0 => json!(self.below(2) == 0),
            1..10 => json!(self.integer()),
            _ => write_float(self.float()),
        }
    }

    fn integer(&mut self) -> i64 {
        let near = self.below(5) as i64 - 2;
        let value = match self.below(8) {
            0..3 => self.below(41) as i64 - 20,
            3 => (1_i64 << self.below(63)).wrapping_add(near),
            4 => 10_i64.pow(self.below(19) as u32) * self.pick(&[1, 5]) + near,
            5 => self
                .pick(&[i64::MAX, i64::MIN, 0, 1 << 53, 4_500_000_000_000_000])
                .wrapping_add(near),
            6 => (self.next() >> self.below(64)) as i64,
            _ => self.below(100_000) as i64,
        };
        if self.below(3) == 0 { value.wrapping_neg() } else { value }
    }

    fn float(&mut self) -> f64 {
        let magnitude = match self.below(12) {
            0 => f64::from_bits(self.next()),
            1 => self.integer() as f64,
            2 => self.below(1 << 12) as f64 / (1_u64 << self.below(12)) as f64,
            3 | 4 => self.below(1_000_000) as f64 / 10_f64.powi(self.below(6) as i32),
            5 => {
                (self.below(1 << 20) * 2 + 1) as f64 * 0.5 * 10_f64.powi(self.below(40) as i32 - 20)
            }
            // Below the smallest number of full precision.
            6 => f64::from_bits(self.next() >> (12 + self.below(52))),
            7 => 2_f64.powi(self.below(2098) as i32 - 1074),
            8 => {
                let power: f64 = format!("1e{}", self.below(632) as i32 - 323).parse().unwrap();
                f64::from_bits(power.to_bits() + self.below(5) - u64::from(power > 0.0) * 2)
            }
            9 => f64::from_bits(self.next() >> 12 | self.pick(&[0x3fe, 0x3ff, 0x433, 0x434]) << 52),
            10 => self.pick(&[
                0.0,
                f64::MAX,
                f64::MIN_POSITIVE,
                1e16,
                1e22,
                1e23,
                2.5,
                0.1,
                1e-4,
                1e-5,
            ]),
            _ => self.below(100) as f64,
        };
        match magnitude {
            magnitude if !magnitude.is_finite() => 1.5,
            magnitude if self.below(3) == 0 => -magnitude,
            magnitude => magnitude,
        }
    }

    fn digits(&mut self) -> i64 {
        match self.below(8) {
            0 => self.below(700) as i64 - 350,
            1 => self.below(50) as i64 - 25,
            _ => self.below(8) as i64 - 2,
        }
    }

    fn value(&mut self) -> Value {
        let texts =
            ["", "a", "text", "日本語", "äöü", "👍🏽", "{}", "%s", "e\u{301}", "12", "a b c d e f"];
        match self.below(20) {
            0 => Value::Null,
            1..7 => json!(self.pick(&texts)),
            _ => self.number(),
        }
    }

    /// Characters that mean something, and some that do not.
    fn garbage(&mut self, alphabet: &str, most: u64) -> String {
        let characters: Vec<char> = alphabet.chars().collect();
        (0..self.below(most + 1)).map(|_| self.pick(&characters)).collect()
    }

    /// Now and then one of the options.
    fn maybe(&mut self, odds: u64, options: &[&'static str]) -> &'static str {
        if self.below(odds) == 0 { self.pick(options) } else { "" }
    }

    fn number_text(&mut self) -> String {
        if self.below(4) == 0 {
            return self
                .garbage("00123456789_.eE+-xXoObBaf ina \u{a0}\u{3000}\u{85}\u{1c}\u{7f}٣௩९é𝟗", 9);
        }
        let mut text =
            self.maybe(4, &[" ", "\n", "\t \r", "\u{a0}", "\u{2003}", "\u{1f}"]).to_owned();
        text += self.maybe(3, &["-", "+", "--", "- "]);
        text += self.maybe(5, &["0x", "0X", "0o", "0b", "0B", "0", "00", "0x_", "_"]);
        text += &match self.below(8) {
            0 => format!("{:x}", self.next()),
            1 => self.next().to_string(),
            2 | 3 => self.integer().unsigned_abs().to_string(),
            4 => self.float().abs().to_string(),
            5 => format!("{:e}", self.float().abs()),
            6 => ["9", "0", "1_", "०"][self.below(4) as usize].repeat(self.below(40) as usize),
            _ => self
                .pick(&["inf", "Infinity", "NaN", "1e400", "1e-400", "1_0.0_1", "1.", ".5", "."])
                .to_owned(),
        };
        text += self.maybe(6, &["_", "_0", ".", ".0", "e5", "E-5", "e", "l", "٣"]);
        text + self.maybe(4, &[" ", "\n", "\u{2029}", "\0"])
    }

    /// Mostly a specification that fits the value.
    fn specification(&mut self, value: &Value) -> String {
        let other = self.value();
        let value = if self.below(10) == 0 { &other } else { value };
        if self.below(16) == 0 {
            return self.garbage("<>=^+- #0z123,_.bcdeEfFgGnosxX%{}é٣", 7);
        }
        let is_odd = self.below(20) == 0;
        let mut text =
            self.maybe(3, &["<", ">", "^", "*<", "0>", "é^", "😀^", "<<", "}>", " >"]).to_owned();
        if value.is_string() && !is_odd {
            text = text + self.maybe(5, &["0"]) + &self.size();
            if self.below(3) == 0 {
                text = text + "." + &self.size();
            }
            return text + self.maybe(2, &["s"]);
        }
        if self.below(6) == 0 {
            text = self.pick(&["=", "x=", "0=", "日="]).to_owned();
        }
        text += self.maybe(4, &["+", "-", " "]);
        let is_integral = self.below(2) == 0 && !value.is_object();
        text += if is_integral && !is_odd { "" } else { self.maybe(8, &["z"]) };
        text += self.maybe(5, &["#"]);
        text += self.maybe(4, &["0"]);
        text += &self.size();
        let separator = self.maybe(4, &[",", "_", ",", "_", ",", "_", ",", "_", ",_"]);
        text += separator;
        if (!is_integral && self.below(2) == 0) || is_odd {
            text = text + "." + &self.size();
        }
        let kinds: &[&str] = match is_integral {
            _ if is_odd => {
                &["d", "f", "g", "e", "s", "x", "X", "o", "b", "c", "E", "F", "G", "%", "n", "q"]
            }
            true if separator == "," => &["d"],
            true => &["d", "x", "X", "o", "b", "c", "d"],
            false => &["f", "g", "e", "E", "F", "G", "%"],
        };
        let odds = if is_integral || value.is_object() { 2 } else { 1 };
        text + self.maybe(odds, kinds)
    }

    fn size(&mut self) -> String {
        match self.below(24) {
            0..9 => String::new(),
            9..20 => self.below(12).to_string(),
            20 => self.below(30).to_string(),
            21 => self.below(400).to_string(),
            22 => self.below(1200).to_string(),
            _ => self.pick(&["٣", "00", "007", "99999999999999999999"]).to_owned(),
        }
    }

    fn template(&mut self, values: &[Value], named: &Value) -> String {
        if self.below(6) == 0 {
            return self.garbage("{{{{}}}}:!sr0123a.[]<>5", 10);
        }
        let mut text = String::new();
        let is_numbered = self.below(2) == 0;
        for at in 0..=self.below(3) as usize {
            text += self.maybe(2, &["text ", "{{", "}}", "日本", "%s", "{{}}"]);
            let at = at.min(2);
            let (name, value) = match self.below(16) {
                0 => (self.pick(&["9", "00", "0.real", "0[0]", "٠", "ä b", "b", "a]"]), &values[0]),
                1..4 => ("a", named),
                _ if is_numbered => (["0", "1", "2"][at], &values[at]),
                _ => ("", &values[at]),
            };
            let conversion = self.maybe(12, &["!s", "!s", "!s", "!r", "!a", "!x", "!", "!sd"]);
            let specification = match self.below(6) {
                0 | 1 => String::new(),
                2..5 => format!(":{}", self.specification(value)),
                _ => {
                    let fields = ["{}", "{a}", "{0}", ">{}", "{{}}", "{:{}}", "{!s}", "0{}.{}f"];
                    format!(":{}{}", self.pick(&fields), self.maybe(3, &["d", "f", "s"]))
                }
            };
            text = text + "{" + name + conversion + &specification + "}";
        }
        text
    }

    /// A whole question.
    fn percent(&mut self) -> Value {
        let names = json!({"a": self.value(), "b(c)": self.value()});
        let mut values = Vec::new();
        let is_named = self.below(3) == 0;
        let mut text = String::new();
        for _ in 0..=self.below(3) {
            text += self.maybe(2, &["text ", "%%", "日本", "100", "("]);
            let known_or_not = if self.below(15) > 0 { ["a", "b(c)"] } else { ["x", ""] };
            let name = self.pick(&known_or_not);
            let value =
                if is_named { names.get(name).cloned().unwrap_or_default() } else { self.value() };
            text += "%";
            text += &if is_named { format!("({name})") } else { String::new() };
            if self.below(30) == 0 {
                text += self.pick(&["(a)", "(", "%", "l"]);
            }
            text += self.maybe(3, &["-", "+", " ", "#", "0", "-0", "+ ", "#0", "0#+ "]);
            for point in ["", "."] {
                if !point.is_empty() && self.below(2) == 0 {
                    continue;
                }
                text += point;
                let is_argument = self.below(12) == 0 && (!is_named || self.below(5) == 0);
                text += &if is_argument { "*".to_owned() } else { self.size() };
                if is_argument {
                    values.push(if self.below(10) == 0 {
                        self.value()
                    } else {
                        json!(self.digits())
                    });
                }
            }
            text += self.maybe(10, &["l", "h", "L", "ll"]);
            let kinds: &[&str] = match &value {
                _ if self.below(20) == 0 => &["%", "r", "a", "q", "", "x", "c", "d", "f", "é"],
                Value::String(text) if text.chars().count() == 1 => &["s", "c"],
                Value::Object(_) => &["s", "d", "i", "u", "e", "E", "f", "f", "F", "g", "g", "G"],
                Value::Number(_) | Value::Bool(_) => {
                    &["s", "d", "d", "i", "u", "o", "x", "X", "e", "E", "f", "F", "g", "G", "c"]
                }
                _ => &["s"],
            };
            text += self.pick(kinds);
            values.push(value);
        }
        if self.below(12) == 0 {
            text = self.garbage("%%%%()a-+ #0123*.dfsxcrhl", 9);
        }
        if self.below(12) == 0 {
            values.truncate(self.below(3) as usize);
        }
        json!(["percent", text, if is_named { names } else { json!(values) }])
    }
}
