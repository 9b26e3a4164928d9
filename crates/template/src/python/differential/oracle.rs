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

/// Returns the program that is Python, and whether there must be one: `PROMPTDEX_ORACLE` names it.
fn program() -> (String, bool) {
    match std::env::var("PROMPTDEX_ORACLE") {
        Ok(program) => (program, true),
        Err(_) => ("python3".to_owned(), false),
    }
}

/// Runs a script to its end, and returns what it writes.
pub(super) fn run(script: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program().0).arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

impl Oracle {
    /// Starts Python. Without one that has our version of Unicode, nothing is compared, and a message says
    /// so.
    pub(super) fn start() -> Option<Self> {
        let (program, is_required) = program();
        let skip = |reason: String| {
            assert!(!is_required, "PROMPTDEX_ORACLE: {reason}");
            eprintln!("skipped: {reason}");
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/text.py");
        let started =
            Command::new(&program).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut process) = started else {
            skip(format!("`{program}` cannot be started"));
            return None;
        };
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut oracle = Self { process, questions, answers };
        let versions = oracle.read();
        if versions["unicode"] != unicode::VERSION {
            skip(format!("{versions}: not Python 3.11, with Unicode {}", unicode::VERSION));
            return None;
        }
        if versions["jinja2"].is_null() {
            skip(format!("{versions}: in part, for want of jinja2"));
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
