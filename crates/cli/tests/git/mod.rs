//! Runs `git` as a given person at a given time.

use std::path::Path;
use std::process::Command;

/// Runs Git in a folder with only the settings in `home`, and returns its output.
pub(crate) fn git(folder: &Path, home: &Path, who: &str, date: &str, arguments: &[&str]) -> String {
    let email = format!("{}@example.com", who.to_lowercase());
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date)
        .env("GIT_AUTHOR_NAME", who)
        .env("GIT_AUTHOR_EMAIL", &email)
        .env("GIT_COMMITTER_NAME", who)
        .env("GIT_COMMITTER_EMAIL", &email)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
