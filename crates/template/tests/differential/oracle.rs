//! Jinja2, as a process that answers.

use serde::Deserialize;
use serde_json::json;

use crate::program::Program;
use crate::python::Python;

/// The Jinja2 whose texts are printed.
const VERSION: &str = "3.1.6";

/// Why there is no oracle.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

/// What Jinja2 does with a program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Printed { text: String },
    Failed { error: String, message: String },
}

impl Answer {
    /// Whether the template gave up itself, with this message.
    pub(crate) fn is_raised(&self, wanted: &str) -> bool {
        matches!(self, Self::Failed { error, message } if error == "Raised" && message == wanted)
    }

    /// Whether Jinja2 was stopped before it had an answer.
    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self, Self::Failed { error, .. } if error == "Watchdog" || error == "MemoryError")
    }
}

pub(crate) struct Oracle {
    python: Python,
}

impl Oracle {
    /// Starts Python, if it is there and has Jinja2.
    pub(crate) fn start() -> Result<Self, Missing> {
        let mut python = Python::start("tests/differential/oracle.py")
            .map_err(|error| Missing(format!("python3 does not start: {error}")))?;
        let greeting = python.read();
        if greeting.is_empty() {
            return Err(Missing("python3 has no jinja2".to_owned()));
        }
        if !greeting.contains(VERSION) {
            return Err(Missing(format!("the dialect is held to Jinja2 {VERSION}: {greeting}")));
        }
        Ok(Self { python })
    }

    /// Asks what Jinja2 does with each of some programs.
    pub(crate) fn ask(&mut self, programs: &[Program]) -> Vec<Answer> {
        for program in programs {
            self.write(&program.template(), &program.values(), false);
        }
        self.end_questions();
        programs.iter().map(|_| self.read()).collect()
    }

    /// Asks what Jinja2 does with a template.
    pub(crate) fn ask_one(&mut self, template: &str, values: &str) -> Answer {
        self.write(template, values, false);
        self.end_questions();
        self.read()
    }

    /// Asks what Jinja2 does with a template if powers of floats are the nearest floats.
    pub(crate) fn ask_with_nearest_powers(&mut self, template: &str, values: &str) -> Answer {
        self.write(template, values, true);
        self.end_questions();
        self.read()
    }

    fn write(&mut self, template: &str, values: &str, nearest_powers: bool) {
        let question =
            json!({ "template": template, "values": values, "nearest_powers": nearest_powers });
        self.python.write(&question.to_string());
    }

    /// Says that the answers are wanted now.
    fn end_questions(&mut self) {
        self.python.write("null");
        self.python.flush();
    }

    fn read(&mut self) -> Answer {
        let line = self.python.read();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}
