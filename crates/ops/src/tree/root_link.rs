//! Finds symbolic links in the path of a tree. A link that a commit contains could make each commit show another
//! folder as the tree, so a tree is never read through one.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::error::{Context as _, Error, Result};

/// Refuses a root that is a symbolic link, or that lies behind one of the repository it is in. Links outside
/// of repositories, such as those of a system's temporary folder, are followed.
pub(super) fn refuse_link(root: &Path) -> Result<()> {
    let link = find_link(root).with_context(|| format!("cannot access `{}`", root.display()))?;
    match link {
        Some((path, target)) => Err(Error::LinkedRoot { path, target }),
        None => Ok(()),
    }
}

/// Finds the first such link, with the path that it contains. A path that does not exist has none.
fn find_link(root: &Path) -> io::Result<Option<(PathBuf, PathBuf)>> {
    let Ok(real_root) = root.canonicalize() else { return Ok(None) };
    let written = std::path::absolute(root)?;
    let mut real = PathBuf::new();
    let parts: Vec<Component<'_>> = written.components().collect();
    for (at, part) in parts.iter().copied().enumerate() {
        if part == Component::ParentDir {
            real.pop();
            continue;
        }
        let is_name = matches!(part, Component::Normal(_));
        if is_name && real.join(part).is_symlink() {
            let below = parts.len() - at - 1;
            let repository = real.ancestors().find(|above| above.join(".git").exists());
            if below == 0 || repository.is_some_and(|above| real_root.starts_with(above)) {
                let target = real.join(part).read_link()?;
                // As the user wrote it, unless the link is above that.
                let path = root.ancestors().nth(below).filter(|path| *path != Path::new(""));
                let path = path.map_or_else(|| real.join(part), Path::to_owned);
                return Ok(Some((path, target)));
            }
            real = real.join(part).canonicalize()?;
        } else {
            real.push(part);
        }
    }
    Ok(None)
}
