//! `promptdex new`.

use std::path::Path;

use anyhow::Context as _;
use promptdex_ops::change::files;
use promptdex_ops::change::new_version::{self, NewVersion};
use promptdex_ops::change::version_number::Increment;
use promptdex_ops::tree::Tree;
use promptdex_wire::PromptName;

use crate::cli::NewArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &NewArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let name: PromptName = args.prompt.trim_matches('/').parse().with_context(|| {
        let failure = Failure::new(
            format!("`{}` is not a valid prompt name", args.prompt),
            "use lower case letters, digits, `-` and `/`",
        );
        failure.to_string()
    })?;
    let increment = match (args.major, args.minor, args.patch) {
        (true, ..) => Some(Increment::Major),
        (_, true, _) => Some(Increment::Minor),
        (.., true) => Some(Increment::Patch),
        _ => None,
    };
    let new = new_version::plan(&tree, &name, args.from.as_deref(), increment)?;
    files::write(&tree, &new.files)?;
    let NewVersion { folder, from, cases, .. } = &new;
    let folder = tree.display_path(folder);
    match from {
        None => {
            ui.status("Wrote", &format!("{folder}/"));
            ui.hint(
                "write the prompt, declare its variables in metadata.json, and run `promptdex check`",
            );
        }
        Some(from) => {
            ui.status("Wrote", &format!("{folder}/ from {}/", tree.display_path(from)));
            cases.iter().for_each(|cases| ui.status("Wrote", &tree.display_path(cases)));
            ui.hint("change the text and the `description`, and run `promptdex check`");
        }
    }
    Ok(Exit::Done)
}
