//! `promptdex serve`.

use std::path::Path;

use crate::cli::{BuildArgs, FindingsArgs, Format, ServeArgs};
use crate::error::{Exit, Failure};
use crate::serve;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ServeArgs) -> anyhow::Result<Exit> {
    if args.build {
        let findings = FindingsArgs { format: Format::Human, deny: None };
        let output = args.output.clone();
        let build = BuildArgs { output, previous: None, no_cache: false, no_site: false, findings };
        let exit = super::build::build(ui, root, &build)?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    if !args.output.join("api/registry.json").is_file() {
        let message = format!("there is no registry in `{}`", args.output.display());
        return Err(Failure::new(message, "run `promptdex build` first, or add `--build`").into());
    }
    serve::serve(ui, &args.output, args.host, args.port)?;
    Ok(Exit::Done)
}
