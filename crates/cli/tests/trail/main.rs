//! Tests that the history has no holes: what is gone, what was edited, what moved, who did what, and what a clone does
//! not know. Commit ids are stable, because authors and times are fixed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../git/mod.rs"]
mod git;
#[path = "../session/mod.rs"]
mod session;

mod authorship;
mod gaps;
mod log;
mod moved;
mod random;
mod taken_numbers;

use std::path::Path;

use session::Session;

/// Runs Git in a folder as one person, on a day of January 2026.
fn git(folder: &Path, who: &str, day: u32, arguments: &[&str]) -> String {
    let home = folder.parent().unwrap_or(folder);
    git::git(folder, home, who, &format!("2026-01-{day:02}T12:00:00Z"), arguments)
}

/// Starts a repository.
fn repository() -> Session {
    let session = Session::new();
    git(session.folder.path(), "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    session
}

/// Commits everything apart from built registries and clones.
fn commit(session: &Session, who: &str, day: u32, message: &str) {
    let folder = session.folder.path();
    git(folder, who, day, &["add", "--all", "--", ".", ":!dist*", ":!clone*"]);
    git(folder, who, day, &["commit", "--quiet", "--message", message]);
}

/// Writes a version of a prompt in a folder of its own.
fn version(session: &mut Session, name: &str, version: &str, text: &str) {
    session.write(&format!("prompts/{name}/v{version}/system_prompt.txt"), text);
}

/// Points production at a version.
fn point(session: &mut Session, name: &str, version: &str) {
    let path = format!("prompts/{name}/environments/production.yaml");
    session.write(&path, &format!("version: {version}\n"));
}

/// Writes a prompt that is edited in place.
fn document(session: &mut Session, path: &str, version: &str, text: &str) {
    session.write(path, &format!("---\nversion: {version}\n---\n\n{text}\n"));
}
