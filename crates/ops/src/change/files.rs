//! Writes several files of a tree, all or none.

use promptdex_core::source::SourceFile;

use crate::error::{ChangeError, Result};
use crate::tree::{Overlay, Tree};

/// Writes files. If one cannot be written, the files before it are restored.
pub fn write(tree: &Tree, files: &Overlay) -> Result<()> {
    let mut before = Overlay::new();
    for (path, bytes) in files {
        let old = if tree.has(path) { Some(tree.read(path)?) } else { None };
        if let Err(error) = write_or_remove(tree, path, old.is_some(), bytes.as_deref()) {
            let kept: Vec<String> = before
                .iter()
                .filter(|(path, old)| {
                    write_or_remove(tree, path, files[*path].is_some(), old.as_deref()).is_err()
                })
                .map(|(path, _)| tree.display_path(path))
                .collect();
            if kept.is_empty() {
                return Err(ChangeError::NothingChanged(Box::new(error)).into());
            }
            let (error, paths) = (Box::new(error), kept.join(", "));
            return Err(ChangeError::HalfChanged { error, paths }.into());
        }
        before.insert(path.clone(), old);
    }
    Ok(())
}

/// Writes a file, or removes it if `bytes` is `None`.
pub fn write_or_remove(
    tree: &Tree,
    path: &str,
    is_there: bool,
    bytes: Option<&[u8]>,
) -> Result<()> {
    match (is_there, bytes) {
        (true, Some(bytes)) => tree.replace(path, bytes),
        (false, Some(bytes)) => tree.write_new(path, bytes),
        (true, None) => tree.remove(path),
        (false, None) => Ok(()),
    }
}

/// Reads a file that is going to be edited, if it exists.
pub fn text_to_edit(tree: &Tree, path: &str) -> Result<Option<SourceFile>> {
    if !tree.has(path) {
        return Ok(None);
    }
    match String::from_utf8(tree.read(path)?) {
        Ok(text) => Ok(Some(SourceFile::new(path, text))),
        Err(_) => Err(ChangeError::NotText { path: tree.display_path(path) }.into()),
    }
}
