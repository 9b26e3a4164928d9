//! `promptdex serve`.

use std::path::Path;

use crate::cli::ServeArgs;
use crate::error::{Exit, Failure};
use crate::serve;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ServeArgs) -> anyhow::Result<Exit> {
    let Some(folder) = &args.folder else {
        return serve::tree(ui, root, args.host, args.port);
    };
    if !folder.join("api/registry.json").is_file() {
        let shown = folder.display();
        let message = format!("there is no registry in `{shown}`");
        let help = if folder.is_dir() {
            format!("a tree of prompts is shown with `promptdex serve --root {shown}`")
        } else {
            format!(
                "`promptdex build --output {shown}` writes one; without a folder, `promptdex serve` shows the tree"
            )
        };
        return Err(Failure::new(message, help).into());
    }
    serve::folder(ui, folder, args.host, args.port)
}
