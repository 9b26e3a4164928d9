//! The objects of a document that are ours: not what an author wrote, and not maps, whose keys are names.

use std::collections::BTreeSet;

use serde_json::Value;

/// The objects of a document that are ours.
#[derive(Debug, Default)]
pub(crate) struct OurObjects {
    /// Their places, as JSON Pointers.
    pub(crate) places: BTreeSet<String>,
    /// The names of their types in the JSON Schema.
    pub(crate) types: BTreeSet<String>,
}

impl OurObjects {
    /// Finds them in a document of which this is the JSON Schema.
    pub(crate) fn of(document: &Value, schema: &Value) -> Self {
        let mut found = Self::default();
        found.collect(document, "", schema, schema);
        found
    }

    fn collect(&mut self, value: &Value, place: &str, schema: &Value, root: &Value) {
        let mut forms = Vec::new();
        self.add_forms(value, schema, root, &mut forms);
        match value {
            Value::Object(fields) => {
                if forms.iter().any(|form| form.get("properties").is_some()) {
                    self.places.insert(place.to_owned());
                }
                for (key, value) in fields {
                    let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
                    if let Some(field) = forms.iter().find_map(|form| field_of(form, key)) {
                        self.collect(value, &place, field, root);
                    }
                }
            }
            Value::Array(items) => {
                let Some(own) = forms.iter().find_map(|form| form.get("items")) else { return };
                for (at, item) in items.iter().enumerate() {
                    self.collect(item, &format!("{place}/{at}"), own, root);
                }
            }
            _ => {}
        }
    }

    /// Adds a schema, those that it refers to, and those of its forms that a value can have.
    fn add_forms<'s>(
        &mut self,
        value: &Value,
        schema: &'s Value,
        root: &'s Value,
        forms: &mut Vec<&'s Value>,
    ) {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let has_all = required.into_iter().all(|key| value.get(key.as_str().unwrap()).is_some());
        let is_other = |word: &Value| value.get("type").is_some_and(|own| own != word);
        if !has_all || schema.pointer("/properties/type/const").is_some_and(is_other) {
            return;
        }
        forms.push(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let definition = root.pointer(reference.trim_start_matches('#')).unwrap();
            let known = forms.len();
            self.add_forms(value, definition, root, forms);
            if forms.len() > known && value.is_object() {
                self.types.insert(reference.rsplit('/').next().unwrap().to_owned());
            }
        }
        for key in ["oneOf", "anyOf"] {
            for form in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.add_forms(value, form, root, forms);
            }
        }
    }
}

/// Returns the schema of a field of an object, or of a value of a map.
fn field_of<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    let field = schema.get("properties").and_then(|fields| fields.get(key));
    let by_pattern = || schema.get("patternProperties")?.as_object()?.values().next();
    field.or_else(by_pattern).or_else(|| schema.get("additionalProperties"))
}
