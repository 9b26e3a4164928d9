//! Sessions on the command line.

use std::fmt::Write as _;
use std::process::Command;

/// A folder in which commands run, and the transcript of their output.
pub(crate) struct Session {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) transcript: String,
    /// The width of the output. Defaults to the width of a log.
    pub(crate) columns: Option<usize>,
    /// The time of commits that commands make.
    pub(crate) date: Option<&'static str>,
}

impl Session {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, transcript: String::new(), columns: None, date: None }
    }

    /// Writes a file.
    pub(crate) fn write(&mut self, path: &str, text: &str) -> &mut Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Replaces a text in a file.
    pub(crate) fn edit(&mut self, path: &str, from: &str, to: &str) -> &mut Self {
        let text = std::fs::read_to_string(self.folder.path().join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        writeln!(self.transcript, "(in {path}, `{from}` becomes `{to}`)\n").unwrap();
        self.write(path, &text.replace(from, to))
    }

    /// Runs a command in an empty environment.
    pub(crate) fn run(&mut self, line: &str) -> &mut Self {
        let mut arguments: Vec<String> = Vec::new();
        for (position, part) in line.split('"').enumerate() {
            // Every second part was in quotes.
            match (position % 2, arguments.last_mut()) {
                (0, _) => arguments.extend(part.split_whitespace().map(str::to_owned)),
                (_, Some(last)) if line.contains(&format!("{last}\"{part}")) => last.push_str(part),
                _ => arguments.push(part.to_owned()),
            }
        }
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(&arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.columns.map(|columns| ("COLUMNS", columns.to_string())))
            .envs(self.date.map(|date| ("GIT_AUTHOR_DATE", date)))
            .envs(self.date.map(|date| ("GIT_COMMITTER_DATE", date)))
            .output()
            .unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let text = hide_ages(&text.replace(self.folder.path().to_str().unwrap(), "[FOLDER]"));
        let line = line.replace(char::is_control, "?").replace('\u{202e}', "?");
        write!(self.transcript, "$ promptdex {line}\n{text}").unwrap();
        if !output.status.success() {
            writeln!(self.transcript, "[exit code {}]", output.status.code().unwrap()).unwrap();
        }
        self.transcript.push('\n');
        self
    }

    /// Adds a file to the transcript.
    pub(crate) fn show(&mut self, path: &str) -> &mut Self {
        let text = std::fs::read_to_string(self.folder.path().join(path)).unwrap();
        write!(self.transcript, "$ cat {path}\n{text}").unwrap();
        self.transcript.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        self
    }
}

/// Replaces the age in `production is behind staging by 2 versions, 12 days`, which depends on the clock.
fn hide_ages(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let is_distance = line.contains(" is behind ") || line.contains(" is ahead of ");
        match line.split_once(" by ") {
            Some((_, versions)) if is_distance && versions.contains(", ") => {
                let end = line.rfind(", ").unwrap();
                format!("{}, [AGE]\n", &line[..end])
            }
            _ => line.to_owned(),
        }
    });
    lines.collect()
}
