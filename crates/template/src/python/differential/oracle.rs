//! Python, as a process that answers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use crate::python::unicode;

pub(super) struct Oracle {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts Python. Without one that has our version of Unicode, it says so, and nothing is compared.
    pub(super) fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/text.py");
        let started = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut process) = started else {
            eprintln!("skipped: there is no python3");
            return None;
        };
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut oracle = Self { process, questions, answers };
        let versions = oracle.read();
        if versions["unicode"] != unicode::VERSION {
            eprintln!("skipped: Python is not 3.11, with Unicode {}: {versions}", unicode::VERSION);
            return None;
        }
        if versions["jinja2"].is_null() {
            eprintln!("skipped in part: Python has no jinja2");
        }
        Some(oracle)
    }

    /// Asks a question.
    pub(super) fn ask(&mut self, question: &Json) -> Json {
        let questions = self.questions.as_mut().unwrap();
        writeln!(questions, "{question}").unwrap();
        questions.flush().unwrap();
        self.read()
    }

    fn read(&mut self) -> Json {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It ends when there are no more questions.
        drop(self.questions.take());
        self.process.wait().ok();
    }
}
