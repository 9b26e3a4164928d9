//! Files into the model: each reader takes the parsed file and adds what is wrong to the findings.

mod cases;
mod characters;
mod environment;
mod fields;
mod messages;
mod metadata;
mod prompt;
#[cfg(feature = "json-schema")]
mod schemas;
mod secrets;
mod settings;
mod variables;

pub use fields::Placed;
pub use prompt::{in_place, open, read_prompt};
pub use settings::read_settings;
