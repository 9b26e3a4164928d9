//! YAML and JSON read into one kind of tree, in which every value keeps its place.

mod json;
mod limits;
mod value;
mod yaml;

pub use value::{Key, Node, Value};

use crate::diagnostic::Diagnostic;
use crate::source::SourceFile;

/// Reads a file by its name: `.json` is JSON, `.yaml` is YAML. Findings are added to `findings`;
/// nothing is returned when the file has no usable value.
pub fn parse(source: &SourceFile, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    if source.path().ends_with(".json") {
        json::parse(source, findings)
    } else {
        yaml::parse(source, findings)
    }
}
