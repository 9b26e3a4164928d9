//! The only module that prints. Data goes to stdout, everything else to stderr. Text from prompt
//! files cannot move the cursor or change colors.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use promptdex_ops::error::causes;
use promptdex_ops::prompts::prompt_handle::{FlawedVersion, LoadError};
use promptdex_ops::text::{plural, printable};

use crate::cli::{Color, FindingsFormat};
use crate::help;
use crate::output;
use crate::style::{CYAN, GREEN, RED, RESET};

/// The output streams of a command.
#[derive(Clone)]
pub(crate) struct Ui {
    choice: ColorChoice,
    quiet: bool,
}

impl Ui {
    pub(crate) fn new(color: Color, quiet: bool) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { choice, quiet }
    }

    /// Writes data to stdout. A closed pipe ends the output without an error.
    pub(crate) fn data(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let choice = match self.choice {
            ColorChoice::Auto => AutoStream::choice(&stdout),
            choice => choice,
        };
        // The reader may close the pipe at any time.
        drop(match choice {
            // In one write: the stream adapter would make a separate write for each stripped
            // sequence.
            ColorChoice::Never => stdout.write_all(strip_str(text).to_string().as_bytes()),
            choice => AutoStream::new(stdout, choice).write_all(text.as_bytes()),
        });
    }

    /// Writes text from prompt files to stdout, unchanged unless a terminal would interpret it.
    pub(crate) fn text(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let text = if stdout.is_terminal() { printable(text) } else { text.to_owned() };
        drop(stdout.write_all(text.as_bytes()));
    }

    /// Writes a message to stderr, even with `--quiet`.
    pub(crate) fn message(&self, text: &str) {
        drop(AutoStream::new(std::io::stderr().lock(), self.choice).write_all(text.as_bytes()));
    }

    /// Reports a completed step.
    pub(crate) fn status(&self, verb: &str, rest: &str) {
        if !self.quiet {
            self.message(&format!("{GREEN}{verb}{RESET} {}\n", printable(rest)));
        }
    }

    /// Suggests the next step.
    pub(crate) fn hint(&self, text: &str) {
        if !self.quiet {
            self.message(&format!("{CYAN}hint:{RESET} {}\n", printable(text)));
        }
    }

    /// Prints a line that belongs to the hint before it.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.message(&format!("{}\n", printable(text)));
        }
    }

    /// Asks a question on the terminal. Returns whether the answer is yes, or `None` without a terminal.
    pub(crate) fn ask(&self, question: &str) -> std::io::Result<Option<bool>> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Ok(None);
        }
        self.message(&format!("{question} [y/N] "));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")))
    }

    /// Reports versions with errors, without showing the errors.
    pub(crate) fn report_flawed<'v>(&self, versions: impl IntoIterator<Item = &'v FlawedVersion>) {
        for FlawedVersion { version, errors } in versions {
            let errors = plural(*errors, "error");
            self.hint(&format!("`{version}` has {errors}; run `promptdex check` to see them"));
        }
    }

    /// Reports the error of a command, with each cause on its own line.
    pub(crate) fn error(&self, error: &(dyn std::error::Error + 'static)) {
        let loading = causes(error).find_map(|cause| cause.downcast_ref::<LoadError>());
        if let Some(LoadError::Unreadable(version)) = loading {
            self.message(&output::list(&version.tree, &version.findings, FindingsFormat::Human));
        }
        let mut text = format!("{RED}error:{RESET} {}\n", printable(&error.to_string()));
        for cause in causes(error).skip(1) {
            writeln!(text, "  caused by: {}", printable(&cause.to_string())).unwrap_or_default();
        }
        for help in help::of(error) {
            writeln!(text, "{CYAN}help:{RESET} {}", printable(&help)).unwrap_or_default();
        }
        self.message(&text);
    }
}
