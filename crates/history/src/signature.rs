//! Verifies signatures of commits with the keys that the current user trusts.
//!
//! Verification runs a program such as `gpg`. The user's and the system's settings choose the program and
//! the keys; settings of the repository are overridden. SSH keys that the base of a change lists are trusted, too:
//! whoever may change that list may change the rules.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use promptdex_core::tree::SIGNERS_FILE;
use tempfile::NamedTempFile;

use crate::git::{Git, GitError, user_git_command};
use crate::oid::Oid;

/// The settings that control how a signature is verified, with their defaults.
const SETTINGS: [(&str, &str); 8] = [
    ("gpg.program", "gpg"),
    ("gpg.openpgp.program", "gpg"),
    ("gpg.x509.program", "gpgsm"),
    ("gpg.ssh.program", "ssh-keygen"),
    (SIGNERS_KEY, ""),
    ("gpg.ssh.revocationFile", ""),
    ("gpg.ssh.defaultKeyCommand", ""),
    ("gpg.minTrustLevel", "undefined"),
];

/// The setting for the SSH keys that are trusted.
const SIGNERS_KEY: &str = "gpg.ssh.allowedSignersFile";

/// Writes the SSH keys that the user trusts and those of the base into one file, if the base has any.
fn list_signers(git: &Git, base: Oid, own: Option<String>) -> io::Result<Option<NamedTempFile>> {
    let Ok(of_base) = git.read_text_below_root(base, SIGNERS_FILE) else { return Ok(None) };
    let mut file = NamedTempFile::new()?;
    if let Some(own) = own.and_then(|path| std::fs::read(path).ok()) {
        file.write_all(&own)?;
        file.write_all(b"\n")?;
    }
    file.write_all(of_base.as_bytes())?;
    file.flush()?;
    Ok(Some(file))
}

/// The settings for verifying signatures.
pub(crate) struct SignatureSettings {
    settings: Vec<String>,
    /// The keys of the user and of the base, while they are in use.
    _signers: Option<NamedTempFile>,
}

impl SignatureSettings {
    /// Reads the settings of the system and of the current user, and the keys that a commit lists.
    pub(crate) fn read(git: &Git, base: Oid) -> Result<Self, GitError> {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for scope in ["--system", "--global"] {
            let mut command = user_git_command();
            // Not in the repository, whose configuration would be read for conditional includes.
            command.current_dir(Path::new("/"));
            command.args(["config", scope, "--includes", "--type=path", "--null"]);
            let output = command.args(["--get-regexp", "^gpg\\."]).output();
            // Without settings of that scope there is nothing to read.
            let output = output.map_err(GitError::Run)?;
            for entry in String::from_utf8_lossy(&output.stdout).split('\0') {
                if let Some((key, value)) = entry.split_once('\n') {
                    known.insert(key.to_lowercase(), value.to_owned());
                }
            }
        }
        let of = |key: &str| known.get(&key.to_lowercase()).cloned();
        let settings = SETTINGS.iter().map(|(key, default)| {
            let older = if *key == "gpg.openpgp.program" { of("gpg.program") } else { None };
            let value = of(key).or(older).unwrap_or_else(|| (*default).to_owned());
            format!("{key}={value}")
        });
        let mut settings: Vec<String> = settings.collect();
        let signers = list_signers(git, base, of(SIGNERS_KEY)).map_err(GitError::Run)?;
        if let Some(file) = &signers {
            settings.push(format!("{SIGNERS_KEY}={}", file.path().display()));
        }
        Ok(Self { settings, _signers: signers })
    }

    /// Returns the problem with the signature of a commit, if there is one.
    pub(crate) fn problem(&self, git: &Git, commit: Oid) -> Result<Option<String>, GitError> {
        let mut command = git.command();
        command.envs(std::env::var_os("GNUPGHOME").map(|home| ("GNUPGHOME", home)));
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        command.args(["verify-commit", &commit.to_string()]);
        let output = command.output().map_err(GitError::Run)?;
        if output.status.success() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let is_said = |line: &&str| {
            !line.is_empty() && !["warning:", "hint:"].iter().any(|word| line.starts_with(word))
        };
        let said = text.lines().map(str::trim).rfind(is_said);
        Ok(Some(match said {
            None => "has no signature".to_owned(),
            Some(said) => {
                format!("has no valid signature: {}", said.trim_start_matches("error: "))
            }
        }))
    }
}
