//! Runs what `README.md` and `docs/tutorial.md` show: their files, their edits, and every command with
//! its output. The tutorial goes on where the README ends. Also follows every link between pages.
//!
//! `PROMPTDEX_REGENERATE=1 cargo test -p promptdex --test documentation` writes the output anew.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The address in the pages. The server of the test listens on a port that is free.
const SHOWN_ADDRESS: &str = "http://127.0.0.1:8017";

#[test]
fn the_pages_show_what_happens() {
    let mut desk = Desk::new();
    for page in ["README.md", "docs/tutorial.md"] {
        let path = repository().join(page);
        let shown = fs::read_to_string(&path).unwrap();
        let happened = desk.follow(&shown);
        if env::var_os("PROMPTDEX_REGENERATE").is_some() {
            fs::write(&path, &happened).unwrap();
            continue;
        }
        for (number, (shown, happened)) in (1..).zip(shown.lines().zip(happened.lines())) {
            assert!(
                shown == happened,
                "{page}:{number} is stale: run `cargo xtask generate`\n  shown    {shown}\n  happened {happened}"
            );
        }
        assert!(shown == happened, "{page} is stale: run `cargo xtask generate`");
    }
    assert!(desk.commands > 30, "the pages show only {} commands", desk.commands);
}

#[test]
fn links_between_pages_land() {
    let mut pages: Vec<PathBuf> = Vec::new();
    for folder in ["", "docs", "docs/checks", "conformance"] {
        let entries = fs::read_dir(repository().join(folder)).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    assert!(pages.len() > 50, "only {} pages", pages.len());
    let mut lost = Vec::new();
    for page in &pages {
        let text = without_code(&fs::read_to_string(page).unwrap());
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let lands = anchor.is_empty()
                || fs::read_to_string(&target).is_ok_and(|text| anchors(&text).contains(anchor));
            if !target.exists() || !lands {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "links that lead nowhere:\n{}", lost.join("\n"));
}

/// Returns the lines of a page that are not in a fence.
fn without_code(page: &str) -> String {
    let mut fence = None;
    let mut text = String::new();
    for line in page.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            Some(opened) if ticks == opened && line.len() == ticks => fence = None,
            None => writeln!(text, "{line}").unwrap(),
            Some(_) => {}
        }
    }
    text
}

/// Returns the anchors of a page's headings, as Git hosts make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let text = without_code(page);
    let headings = text.lines().filter_map(|line| {
        line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
    });
    headings
        .map(|heading| {
            let kept = heading.to_lowercase().replace(' ', "-");
            kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
        })
        .collect()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of a reader who does what the pages show.
struct Desk {
    folder: TempDir,
    home: TempDir,
    server: Option<Server>,
    /// The files that have the address of the server in them.
    clients: Vec<String>,
    commands: u32,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(
            home.path().join(".gitconfig"),
            "[user]\nname = Ana\nemail = ana@example.com\n[init]\ndefaultBranch = main\n",
        )
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { folder, home, server: None, clients: Vec::new(), commands: 0 }
    }

    /// Does what a page shows, and returns the page with the output that there was.
    ///
    /// A fence with `file=PATH` is a file. A comment `<!-- edit PATH: A => B -->` replaces a text in a
    /// file. In a fence `console`, lines that begin with `$ ` are commands.
    fn follow(&mut self, page: &str) -> String {
        let mut happened = String::new();
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            writeln!(happened, "{line}").unwrap();
            if let Some(edit) = line.strip_prefix("<!-- edit ") {
                self.edit(edit.strip_suffix(" -->").unwrap());
            }
            let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else {
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if fence == "console" {
                for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    writeln!(happened, "$ {command}").unwrap();
                    happened.push_str(&self.run(command));
                }
                // A blank line ends the output of a command that is not the last one.
                happened.truncate(happened.trim_end().len());
                happened.push_str("\n```\n");
                continue;
            }
            let text: String = block.iter().flat_map(|line| [line, "\n"]).collect();
            if let Some((_, path)) = fence.split_once(" file=") {
                self.write(path, &text);
            }
            writeln!(happened, "{text}```").unwrap();
        }
        happened
    }

    fn write(&mut self, path: &str, text: &str) {
        if text.contains(SHOWN_ADDRESS) {
            self.clients.push(path.to_owned());
        }
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Makes copies of the clients that use the address of the server, and a command use the copies. The
    /// files in the folder stay, because their bytes decide the identifiers of commits.
    fn reach_server(&self, command: &str) -> String {
        self.clients.iter().fold(command.to_owned(), |command, client| {
            let copy = self.home.path().join(client);
            let text = fs::read_to_string(self.folder.path().join(client)).unwrap();
            fs::write(&copy, text.replace(SHOWN_ADDRESS, self.address())).unwrap();
            command.replace(client, copy.to_str().unwrap())
        })
    }

    fn edit(&self, edit: &str) {
        let (path, change) = edit.split_once(": ").unwrap();
        let (from, to) = change.split_once(" => ").unwrap();
        let path = self.folder.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{} has no {from}", path.display());
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn address(&self) -> &str {
        self.server.as_ref().map_or(SHOWN_ADDRESS, |server| &server.address)
    }

    /// Runs a command in a shell, and returns its output with a blank line after it.
    fn run(&mut self, command: &str) -> String {
        self.commands += 1;
        let served = command.strip_prefix("promptdex serve ");
        if let Some(folder) = served.map(|arguments| arguments.trim_end_matches(" &")) {
            let server =
                Server::start(self.shell(&format!("exec promptdex serve --port 0 {folder}")));
            let output = server.output.replace(&server.address, SHOWN_ADDRESS);
            self.server = Some(server);
            return output;
        }
        let output =
            self.shell(&format!("exec 2>&1\n{}", self.reach_server(command))).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{command}\n{text}");
        assert!(
            !text.contains("Traceback"),
            "{command}: `cargo xtask test` installs Jinja2\n{text}"
        );
        let text = text.replace(self.address(), SHOWN_ADDRESS);
        if text.is_empty() { text } else { text + "\n" }
    }

    fn shell(&self, script: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_promptdex")).parent().unwrap();
        let mut paths = vec![program.to_owned()];
        paths.extend(env::split_paths(&env::var_os("PATH").unwrap()));
        // Each command runs an hour after the one before it.
        let date =
            format!("2025-03-{:02}T{:02}:00:00Z", 3 + self.commands / 24, self.commands % 24);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", env::join_paths(paths).unwrap())
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        // Tasks of `cargo xtask` put Jinja2 here.
        let packages = repository().join("target/jinja2");
        if packages.is_dir() {
            shell.env("PYTHONPATH", packages);
        }
        shell
    }
}

/// A running `promptdex serve`.
struct Server {
    child: Child,
    address: String,
    output: String,
}

impl Server {
    /// Starts a server, and waits until it is ready.
    fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut output = String::new();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        while !output.contains("  curl ") {
            assert!(lines.read_line(&mut output).unwrap() > 0, "the server has ended:\n{output}");
        }
        let address = output.split("http://").nth(1).unwrap_or_else(|| panic!("{output}"));
        let address = address.split('/').next().unwrap();
        Self { child, address: format!("http://{address}"), output }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        self.child.wait().unwrap();
    }
}
