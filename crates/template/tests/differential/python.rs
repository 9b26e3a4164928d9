//! Python, as a process that is asked and answers in lines.

use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) struct Python {
    process: Child,
    questions: Option<BufWriter<ChildStdin>>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts a script of this crate, by its path.
    pub(crate) fn start(script: &str) -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut python = Command::new("python3");
        // Tasks of `cargo xtask` put Jinja2 here.
        let packages = folder.join("../../target/jinja2");
        if packages.is_dir() {
            python.env("PYTHONPATH", packages);
        }
        let mut process = python
            .arg(folder.join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let questions = process.stdin.take().map(BufWriter::new);
        let answers = BufReader::new(process.stdout.take().unwrap());
        Ok(Self { process, questions, answers })
    }

    pub(crate) fn write(&mut self, question: &str) {
        writeln!(self.questions.as_mut().unwrap(), "{question}").unwrap();
    }

    /// Says that the answers are wanted now.
    pub(crate) fn flush(&mut self) {
        self.questions.as_mut().unwrap().flush().unwrap();
    }

    /// Reads an answer; it is empty where the script has ended.
    pub(crate) fn read(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It ends when there are no more questions.
        drop(self.questions.take());
        self.process.wait().ok();
    }
}
