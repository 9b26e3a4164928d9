//! `promptdex version`: sets the next version number of a prompt that is edited in place.

use std::path::Path;

use promptdex_ops::change::commit::{self, CommitText};
use promptdex_ops::change::commit_plan::CommittedTree;
use promptdex_ops::change::version_number::Increment;
use promptdex_ops::change::{files, release_number};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::tree::{Overlay, Tree};

use super::change::refuse_broken_commit;
use crate::cli::VersionArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &VersionArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, _) = selector::parse(&args.prompt)?;
    let increment = match (args.major, args.patch) {
        (true, _) => Increment::Major,
        (false, true) => Increment::Patch,
        (false, false) => Increment::Minor,
    };
    let next = release_number::plan(&loader, &name, increment)?;
    if args.commit || args.tag {
        commit::check_signing(root, &loader.settings.governance)?;
    }
    if (args.commit || args.tag)
        && let Some(committed) = CommittedTree::of(&tree)?
    {
        let mut files = Overlay::new();
        for path in &next.own_files {
            files.insert(path.clone(), Some(tree.read(path)?));
        }
        files.extend(next.files.clone());
        if refuse_broken_commit(ui, &committed, &files)? {
            return Ok(Exit::Findings);
        }
    }
    files::write(&tree, &next.files)?;
    let version = &next.version;
    ui.status("Set", &format!("{name} to {version} in {}", tree.display_path(&next.path)));
    if !(args.commit || args.tag) {
        ui.hint("run `promptdex check`, and commit the file to release the version");
        return Ok(Exit::Done);
    }
    let subject = format!("Set {name} to {version}");
    let message = CommitText { subject: subject.clone(), reason: args.reason.as_deref() };
    let id = commit::commit(&tree, &next.own_files, &message)?;
    ui.status("Committed", &format!("{id} {subject}"));
    if args.tag {
        let tag = format!("{name}@{version}");
        commit::tag(root, &tag, &subject)?;
        ui.status("Tagged", &tag);
    }
    Ok(Exit::Done)
}
