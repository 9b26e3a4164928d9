//! `promptdex redact`: removes the text of a version, and of every version that includes it.

use std::path::Path;

use promptdex_ops::change::{redaction, version_state};

use super::change;
use crate::cli::RedactArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RedactArgs) -> anyhow::Result<Exit> {
    change::run(ui, root, &args.change, |graph| {
        let own = version_state::find_named_version(graph, &args.version)?;
        Ok(redaction::plan(graph, &own, &args.reason, args.keep_files)?)
    })
}
