//! What values may be: their types, lengths and bounds, and the values within them (`items` and `properties`).

use promptdex_template::JsonValue;
use promptdex_wire::json::Decimal;
use promptdex_wire::variables::{Member, Properties, Shape, Type, key_path};

use super::fields::{Fields, Spanned, word, wrong_type};
use crate::diagnostic::Diagnostic;
use crate::node::{Key, Node, Value};
use crate::rules;
use crate::source::SourceFile;

pub(super) const TYPES: [(&str, Type); 9] = [
    ("string", Type::String),
    ("integer", Type::Integer),
    ("number", Type::Number),
    ("boolean", Type::Boolean),
    ("array", Type::Array),
    ("object", Type::Object),
    ("image", Type::Image),
    ("file", Type::File),
    ("audio", Type::Audio),
];

/// Objects with declared keys stand so deep in each other at most.
const MAX_LEVELS: usize = 8;

/// A variable declares so many keys at most, those of inner objects among them.
const MAX_PROPERTIES: usize = 256;

pub(super) fn read_type(fields: &mut Fields<'_>, findings: &mut Vec<Diagnostic>) -> Option<Type> {
    match fields.text("type", findings) {
        Some(text) => word(fields.source, &text, &TYPES, findings),
        None => fields.key_range("type").is_none().then_some(Type::String),
    }
}

/// How much a variable has declared already: what is declared is checked and rendered again and again.
#[derive(Default)]
pub(super) struct Extent {
    levels: usize,
    properties: usize,
}

/// The limits on a value.
#[derive(Default)]
pub(super) struct ValueLimits {
    pub(super) allowed: Option<Vec<promptdex_wire::Json>>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) minimum: Option<Decimal>,
    pub(super) maximum: Option<Decimal>,
    pub(super) items: Option<Box<Member>>,
    pub(super) properties: Option<Properties>,
}

impl ValueLimits {
    pub(super) fn read(
        fields: &mut Fields<'_>,
        extent: &mut Extent,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            allowed: fields
                .list("enum", findings)
                .map(|nodes| nodes.iter().map(Node::to_json).collect()),
            min_length: fields.count("min_length", findings),
            max_length: fields.count("max_length", findings),
            minimum: fields
                .number("minimum", findings)
                .and_then(|number| Decimal::new(number.value)),
            maximum: fields
                .number("maximum", findings)
                .and_then(|number| Decimal::new(number.value)),
            items: fields
                .node("items")
                .and_then(|node| read_member(fields.source, node, None, extent, findings))
                .map(Box::new),
            properties: fields
                .node("properties")
                .and_then(|node| read_properties(fields.source, node, extent, findings)),
        }
    }
}

/// Reads the keys of an object. One without keys says nothing.
fn read_properties(
    source: &SourceFile,
    node: &Node,
    extent: &mut Extent,
    findings: &mut Vec<Diagnostic>,
) -> Option<Properties> {
    let Value::Mapping(entries) = &node.value else {
        let message = "`properties` must map keys to types, or to maps with `type`";
        findings.push(wrong_type(source, node, message));
        return None;
    };
    let mut report = |key: &Key, message: String, help: &str| {
        findings.push(
            Diagnostic::at(&rules::INVALID_VARIABLE, source, key.range.clone(), message).help(help),
        );
    };
    let (first, _) = entries.first()?;
    if extent.levels == MAX_LEVELS {
        report(
            first,
            format!("objects with `properties` are nested deeper than {MAX_LEVELS} levels"),
            "declare the inner object without `properties`",
        );
        return None;
    }
    let is_within = extent.properties <= MAX_PROPERTIES;
    extent.properties += entries.len();
    if extent.properties > MAX_PROPERTIES {
        if is_within {
            report(
                first,
                format!("the variable declares more than {MAX_PROPERTIES} keys"),
                "declare only the keys that templates use",
            );
        }
        return None;
    }
    extent.levels += 1;
    let mut properties = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if key.text.is_empty() {
            let message = "empty key in `properties`".to_owned();
            findings.push(
                Diagnostic::at(&rules::INVALID_VARIABLE, source, key.range.clone(), message)
                    .help("write a name for the key"),
            );
        } else if let Some(property) = read_member(source, node, Some(key), extent, findings) {
            properties.push((key.text.clone(), property));
        }
    }
    extent.levels -= 1;
    Some(Properties(properties))
}

/// Reads `items: string` and `properties: {key: string}`, or a map with `type` and limits.
fn read_member(
    source: &SourceFile,
    node: &Node,
    key: Option<&Key>,
    extent: &mut Extent,
    findings: &mut Vec<Diagnostic>,
) -> Option<Member> {
    if let Some(text) = node.as_str() {
        let text = Spanned { value: text.to_owned(), range: node.range.clone() };
        return word(source, &text, &TYPES, findings).map(Member::of_type);
    }
    let what = key.map_or_else(|| "`items`".to_owned(), |key| format!("`{}`", key.text));
    if !matches!(node.value, Value::Mapping(_)) {
        let expected = format!("{what} must be a type or a map with `type`");
        findings.push(wrong_type(source, node, &expected));
        return None;
    }
    let mut fields = Fields::new(source, node, &what, findings)?;
    let kind = read_type(&mut fields, findings);
    let description = fields.text("description", findings).map(|text| text.value);
    let required = key.and_then(|_| fields.boolean("required", findings));
    let limits = ValueLimits::read(&mut fields, extent, findings);
    for (field, help) in [
        ("default", "write `required: false`, and `default(…)` in the template"),
        ("sensitive", "set `sensitive` on the variable"),
    ] {
        if let Some(range) = fields.key_range(field) {
            let message = format!("`{field}` is not allowed in a nested value");
            let rule = &rules::INVALID_VARIABLE;
            findings.push(Diagnostic::at(rule, source, range, message).help(help));
            fields.leave(&[field]);
        }
    }
    fields.finish(findings);
    Some(Member {
        description,
        required: required.unwrap_or(true),
        allowed: limits.allowed,
        min_length: limits.min_length,
        max_length: limits.max_length,
        minimum: limits.minimum,
        maximum: limits.maximum,
        items: limits.items,
        properties: limits.properties,
        ..Member::of_type(kind?)
    })
}

/// Names a value by its path in a sentence: `user.city`, or an item of it.
fn in_words(path: &str) -> String {
    match path.strip_suffix("[]") {
        Some(array) => format!("an item of {}", in_words(array)),
        None => format!("`{path}`"),
    }
}

/// Finds limits that no value can meet, of a variable and of the values within it.
pub(super) fn check_limits(path: &str, shape: Shape<'_>, report: &mut impl FnMut(String, &str)) {
    let name = in_words(path);
    let has_length = shape.min_length.is_some() || shape.max_length.is_some();
    if has_length && !matches!(shape.kind, Type::String | Type::Array) {
        report(
            format!("{name} has a length limit but is neither a string nor an array"),
            "remove the limit",
        );
    }
    let has_bounds = shape.minimum.is_some() || shape.maximum.is_some();
    if has_bounds && !matches!(shape.kind, Type::Integer | Type::Number) {
        report(
            format!("{name} has a minimum or maximum but is not a number"),
            "remove the minimum or maximum",
        );
    }
    if shape.items.is_some() && shape.kind != Type::Array {
        report(
            format!("{name} has `items` but is not an array"),
            "remove `items`, or write `type: array`",
        );
    }
    if shape.properties.is_some() && shape.kind != Type::Object {
        report(
            format!("{name} has `properties` but is not an object"),
            "write `type: object`, or remove `properties`",
        );
    }
    if shape.min_length.zip(shape.max_length).is_some_and(|(min, max)| min > max)
        || shape.minimum.zip(shape.maximum).is_some_and(|(min, max)| min > max)
    {
        report(format!("the minimum of {name} is above its maximum"), "swap the limits");
    }
    let allowed = shape.allowed.unwrap_or_default();
    if shape.allowed.is_some_and(<[_]>::is_empty) {
        report(format!("the `enum` of {name} is empty"), "list the values, or remove `enum`");
    }
    for option in allowed {
        if let Err(misfit) = promptdex_template::value::check(&JsonValue::of(option), &shape) {
            report(
                format!("{} in the `enum` of {name} {misfit}", option.text()),
                "change the value or the type",
            );
        }
    }
    if let Some(items) = shape.items {
        check_limits(&format!("{path}[]"), items.shape(), report);
    }
    for (key, property) in shape.properties.into_iter().flat_map(|properties| &properties.0) {
        check_limits(&key_path(path, key), property.shape(), report);
    }
}
