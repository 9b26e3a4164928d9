//! `promptdex explain`.

use std::fmt::Write as _;

use promptdex_core::diagnostic::did_you_mean;
use promptdex_core::rules;

use crate::cli::ExplainArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pages;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, args: &ExplainArgs) -> anyhow::Result<Exit> {
    let Some(code) = &args.code else {
        let width = rules::ALL.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
        let mut text = String::new();
        for rule in rules::ALL {
            writeln!(text, "{:width$}  {:7}  {}", rule.code, rule.severity.as_str(), rule.summary)?;
        }
        ui.data(&text);
        return Ok(Exit::Done);
    };
    let code = code.trim_matches(['[', ']']);
    match pages::find(code) {
        Some(page) => {
            ui.data(page);
            Ok(Exit::Done)
        }
        None => {
            let help = did_you_mean(code, rules::ALL.iter().map(|rule| rule.code))
                .unwrap_or_else(|| "run `promptdex explain` to list the checks".to_owned());
            Err(Failure::new(format!("unknown check `{code}`"), help).into())
        }
    }
}
