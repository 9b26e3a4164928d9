//! Jinja2, as a process that answers.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::json;

use crate::program::Program;

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
    process: Child,
    questions: Option<BufWriter<ChildStdin>>,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts Python, if it is there and has Jinja2.
    pub(crate) fn start() -> Result<Self, Missing> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut python = Command::new("python3");
        // `cargo xtask test` puts Jinja2 here.
        let packages = folder.join("../../target/jinja2");
        if packages.is_dir() {
            python.env("PYTHONPATH", packages);
        }
        let mut process = python
            .arg(folder.join("tests/differential/oracle.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Missing(format!("python3 does not start: {error}")))?;
        let questions = process.stdin.take().map(BufWriter::new);
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut oracle = Self { process, questions, answers };
        let mut greeting = String::new();
        oracle.answers.read_line(&mut greeting).unwrap();
        if greeting.is_empty() {
            return Err(Missing("python3 has no jinja2".to_owned()));
        }
        if !greeting.contains(VERSION) {
            return Err(Missing(format!("the dialect is held to Jinja2 {VERSION}: {greeting}")));
        }
        Ok(oracle)
    }

    /// Asks what Jinja2 does with each of some programs.
    pub(crate) fn ask(&mut self, programs: &[Program]) -> Vec<Answer> {
        for program in programs {
            self.write(&program.template(), &program.values());
        }
        self.end_questions();
        programs.iter().map(|_| self.read()).collect()
    }

    /// Asks what Jinja2 does with a template.
    pub(crate) fn ask_one(&mut self, template: &str, values: &str) -> Answer {
        self.write(template, values);
        self.end_questions();
        self.read()
    }

    fn write(&mut self, template: &str, values: &str) {
        let question = json!({ "template": template, "values": values });
        writeln!(self.questions.as_mut().unwrap(), "{question}").unwrap();
    }

    /// Says that the answers are wanted now.
    fn end_questions(&mut self) {
        let questions = self.questions.as_mut().unwrap();
        writeln!(questions, "null").unwrap();
        questions.flush().unwrap();
    }

    fn read(&mut self) -> Answer {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It ends when there are no more questions.
        drop(self.questions.take());
        self.process.wait().ok();
    }
}
