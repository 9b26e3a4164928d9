//! Values that the caller passes.

use std::cell::RefCell;
use std::rc::Rc;

use super::{List, Object, ObjectEntries, Value};
use crate::json_value::JsonValue;

impl JsonValue {
    /// Returns the value as a template has it, which cannot change it.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::None,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(number) => Value::Integer(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Text(text) => Value::text(text.as_str()),
            Self::Array(items) => {
                let items = items.iter().map(Self::to_value).collect();
                Value::List(Rc::new(List { items: RefCell::new(items), is_own: false }))
            }
            Self::Object(written) => {
                let mut entries = ObjectEntries::default();
                for (key, value) in written {
                    entries.insert_passed(key.as_str().into(), value.to_value());
                }
                Value::Object(Rc::new(Object::new(entries, false)))
            }
        }
    }
}
