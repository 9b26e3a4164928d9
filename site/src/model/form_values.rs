//! Converts the values of the form for variables into the JSON that the engine takes.

use promptdex_wire::variables::{Type, Variable};

use promptdex_reader::{Value, parse};

/// The control with which a value is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One of these texts of JSON.
    Choice(Vec<String>),
    /// A line.
    Line,
    /// Text of any length.
    Text,
    /// JSON.
    Json,
}

/// Returns how the value of a variable is typed.
pub fn control(variable: &Variable) -> Control {
    if let Some(allowed) = &variable.allowed {
        return Control::Choice(allowed.iter().map(|value| value.text().to_owned()).collect());
    }
    match variable.kind {
        Type::String => Control::Text,
        Type::Boolean => Control::Choice(vec!["true".to_owned(), "false".to_owned()]),
        Type::Integer | Type::Number | Type::Image | Type::File | Type::Audio => Control::Line,
        Type::Array | Type::Object => Control::Json,
    }
}

/// Writes the inputs as an object of values. An empty input is no value. Invalid JSON is passed on as text,
/// so that the engine reports the problem.
pub fn object(variables: &[Variable], typed: &[String]) -> String {
    let mut json = String::from("{");
    for (variable, typed) in variables.iter().zip(typed).filter(|(_, typed)| !typed.is_empty()) {
        if json.len() > 1 {
            json.push(',');
        }
        quote(&variable.name, &mut json);
        json.push(':');
        let is_text = match control(variable) {
            Control::Text => true,
            Control::Line => variable.kind.is_media(),
            Control::Choice(_) | Control::Json => false,
        };
        if !is_text && parse(typed).is_ok() {
            json.push_str(typed);
        } else {
            quote(typed, &mut json);
        }
    }
    json.push('}');
    json
}

/// Returns the inputs that correspond to the values of an object.
pub fn fill_in_form(variables: &[Variable], object: &str) -> Vec<String> {
    let object = parse(object).ok();
    let value = |variable: &Variable| -> Option<String> {
        let value: &Value<'_> = object.as_ref()?.get(&variable.name)?;
        let is_choice = matches!(control(variable), Control::Choice(_));
        match value.as_str().filter(|_| !is_choice) {
            Some(text) => Some(text.to_owned()),
            None => Some(value.text().to_owned()).filter(|text| text != "null"),
        }
    };
    variables.iter().map(|variable| value(variable).unwrap_or_default()).collect()
}

/// Writes text as a string of JSON.
fn quote(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\u{0}'..='\u{1f}' => json.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
}

/// Guesses the number of tokens of a text: about four letters of an alphabet, or one sign of another
/// script.
pub fn estimated_tokens(text: &str) -> usize {
    let (ascii, other) = text.chars().fold((0, 0), |(ascii, other), character| {
        if character.is_ascii() { (ascii + 1, other) } else { (ascii, other + 1) }
    });
    usize::div_ceil(ascii, 4) + other
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variables() -> Vec<Variable> {
        let text = r#"[{"name":"name","type":"string","required":true},
            {"name":"count","type":"integer","required":true},
            {"name":"tone","type":"string","required":false,"enum":["warm","calm"]},
            {"name":"items","type":"array","required":false},
            {"name":"picture","type":"image","required":false}]"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_typed_becomes_values_and_back() {
        let typed_values =
            ["a \"b\"\n\u{1}", "3", "\"warm\"", "[1.50, {}]", "https://a/b.png"].map(str::to_owned);
        let object = object(&variables(), &typed_values);
        assert_eq!(
            object,
            r#"{"name":"a \"b\"\n\u0001","count":3,"tone":"warm","items":[1.50, {}],"picture":"https://a/b.png"}"#
        );
        assert_eq!(fill_in_form(&variables(), &object), typed_values);
    }

    #[test]
    fn what_is_not_json_is_handed_over_as_text() {
        let typed_values = ["", "three", "", "[1", ""].map(str::to_owned);
        assert_eq!(object(&variables(), &typed_values), r#"{"count":"three","items":"[1"}"#);
        assert_eq!(fill_in_form(&variables(), r#"{"count":null}"#), [const { String::new() }; 5]);
    }

    proptest! {
        #[test]
        fn every_text_is_a_value(text in any::<String>()) {
            let typed_values = vec![text.clone(), String::new(), String::new(), String::new(), String::new()];
            let value: serde_json::Value = serde_json::from_str(&object(&variables(), &typed_values)).unwrap();
            prop_assert_eq!(value.get("name").and_then(|name| name.as_str()).unwrap_or_default(), text);
        }
    }
}
