//! `promptdex rollback`: an environment returns to a target that it served before.

use std::path::Path;

use promptdex_ops::change::rollback::{PointInTime, Rollback};
use promptdex_ops::prompts::selector;
use promptdex_ops::published::PreviousRegistry;

use super::change;
use crate::cli::RollbackArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &RollbackArgs) -> anyhow::Result<Exit> {
    change::run(ui, root, &args.change, |graph| {
        let environment = &selector::environment(graph.settings(), &args.environment)?;
        let rollback = Rollback { environment, reason: &args.reason };
        let to = args.to.as_deref();
        if let Some(prompt) = &args.prompt {
            let (name, selector) = selector::parse(prompt)?;
            graph.prompt(&name)?;
            if let Some(selector) = selector {
                let message = format!("`@{selector}` is not part of a prompt name");
                return Err(Failure::new(message, format!("pass `--to {selector}`")).into());
            }
            return Ok(rollback.of_prompt(graph, &name, to)?);
        }
        let Some(text) = to else {
            // The argument parser requires a prompt or `--to`.
            return Err(Failure::new("missing prompt name", "name a prompt").into());
        };
        let time = time_argument::parse(text).ok();
        let previous = args.change.previous.as_deref().map(PreviousRegistry::open).transpose()?;
        let to = PointInTime { text, time: time.as_ref() };
        Ok(rollback.of_all(graph, to, previous.as_ref())?)
    })
}
