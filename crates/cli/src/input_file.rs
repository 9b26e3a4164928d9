//! Texts that people hand to commands: files, and standard input as `-`.

use std::path::Path;

use anyhow::Context as _;

/// Reads a text. A byte order mark, which editors on Windows write, is no part of it.
pub(crate) fn read(file: &Path) -> anyhow::Result<String> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).context("cannot read stdin")?
    } else {
        std::fs::read_to_string(file)
            .with_context(|| format!("cannot read `{}`", file.display()))?
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
