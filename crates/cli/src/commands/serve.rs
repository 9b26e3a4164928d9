//! `promptdex serve`.

use std::path::Path;
use std::sync::Arc;

use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::target::PreviewUpdate;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_server::{Console, Notice};

use crate::cli::ServeArgs;
use crate::embedded_site;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::help;
use crate::output;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &ServeArgs) -> anyhow::Result<Exit> {
    let Some(folder) = &args.folder else {
        let console: Arc<dyn Console> = Arc::new(Terminal(ui.clone()));
        let is_served = promptdex_server::tree(
            &console,
            root,
            embedded_site::load_site(),
            args.host,
            args.port,
        )?;
        return Ok(if is_served { Exit::Done } else { Exit::Findings });
    };
    if !folder.join("api/registry.json").is_file() {
        let shown = folder.display();
        let message = format!("no registry found in `{shown}`");
        let help = if folder.is_dir() {
            format!("run `promptdex serve --root {shown}` to preview a prompt tree")
        } else {
            format!(
                "run `promptdex build --output {shown}` first, or `promptdex serve` to preview the tree"
            )
        };
        return Err(Failure::new(message, help).into());
    }
    promptdex_server::folder(&Terminal(ui.clone()), folder, args.host, args.port)?;
    Ok(Exit::Done)
}

/// The console of a local host: the terminal that it was started in.
struct Terminal(Ui);

impl Console for Terminal {
    fn notice(&self, notice: Notice<'_>) {
        let Self(ui) = self;
        match notice {
            Notice::Serving { address, registry, example } => {
                let registry = registry.unwrap_or("the registry");
                ui.status("Serving", &format!("{registry} at http://{address}/"));
                if let Some(example) = example {
                    ui.message(&format!("  curl http://{address}/{example}\n"));
                }
            }
            Notice::Watching(root) => {
                ui.status("Watching", &format!("{}; press Ctrl-C to stop", root.display()));
            }
            Notice::NotWatching => {
                ui.hint("cannot watch for edits: restart `promptdex serve` after an edit");
            }
            Notice::Findings(tree, outcome) => ui.message(&findings(tree, outcome)),
            Notice::Built(outcome, time) => {
                let prompts = plural(outcome.prompts, "prompt");
                let versions = plural(outcome.versions, "version");
                let (registry, time) = (&outcome.settings.registry, time.as_millis());
                ui.status("Built", &format!("{registry}: {prompts}, {versions}, in {time} ms"));
            }
            Notice::Rebuilt(rebuilt, time) => {
                let (verb, what) = describe_update(rebuilt);
                ui.status(verb, &format!("{what} in {} ms", time.as_millis()));
            }
            Notice::NotBuilt { has_older, has_errors } => {
                let why = if has_errors { "fix the errors first" } else { "the build failed" };
                if has_older {
                    ui.status(
                        "Not rebuilt:",
                        &format!("{why}; the last successful build stays up"),
                    );
                } else {
                    ui.status("Not built:", &format!("{why}; every page shows the errors"));
                }
            }
            Notice::Failed(error) => ui.error(error),
        }
    }

    fn plain_findings(&self, tree: &Tree, outcome: &BuildOutcome) -> String {
        anstream::adapter::strip_str(&findings(tree, outcome)).to_string()
    }

    fn help(&self, error: &promptdex_server::Error) -> Option<String> {
        help::of_server(error)
    }
}

/// Formats the findings of a build. Returns an empty text if there are none.
fn findings(tree: &Tree, outcome: &BuildOutcome) -> String {
    if outcome.findings.is_empty() {
        return String::new();
    }
    output::errors_first(tree, outcome)
}

/// Returns the verb and the object of the message about an update.
fn describe_update(rebuilt: PreviewUpdate) -> (&'static str, String) {
    match (rebuilt.prompts, rebuilt.removed_prompts) {
        (0, 0) if rebuilt.is_new => ("Rebuilt", "files of the whole registry".to_owned()),
        (0, 0) => ("Rebuilt", "no changes".to_owned()),
        (prompts, 0) => ("Rebuilt", plural(prompts, "prompt")),
        (0, gone) => ("Removed", plural(gone, "prompt")),
        (prompts, gone) => ("Rebuilt", format!("{}, removed {gone}", plural(prompts, "prompt"))),
    }
}
