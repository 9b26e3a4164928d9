//! `promptdex promote`: a version goes live in an environment.

use std::path::Path;

use promptdex_compare::promotion::PromotionMode;
use promptdex_ops::change::promotion::Promotion;
use promptdex_ops::prompts::selector;

use super::change;
use crate::cli::PromoteArgs;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &PromoteArgs) -> anyhow::Result<Exit> {
    change::run(ui, root, &args.change, |graph| {
        let environment = &selector::environment(graph.settings(), &args.to)?;
        let promotion = Promotion { environment, reason: &args.reason };
        let Some(prompt) = &args.prompt else { return Ok(promotion.of_all(graph)?) };
        let (name, selector) = selector::parse(prompt)?;
        let mode = match (args.weight, args.track) {
            (Some(weight), false) => PromotionMode::Share(weight),
            (Some(weight), true) => PromotionMode::TrackShare(weight),
            (None, true) => PromotionMode::Track,
            (None, false) => PromotionMode::Whole,
        };
        Ok(promotion.of_prompt(graph, &name, selector, mode)?)
    })
}
