//! `promptdex host`: configurations of web servers.

use std::path::Path;

use anyhow::Context as _;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};
use promptdex_ops::host::{
    ENVIRONMENT_BY_DEFAULT, HostError, HostProgram, HostedRegistry, PlaceOptions, configuration,
};
use promptdex_ops::prompts::settings;
use promptdex_ops::tree::Tree;

use crate::cli::{FindingsFormat, HostArgs, WebServer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &HostArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let (settings, findings) =
        settings::read_with_findings(&tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?;
    if !findings.is_empty() {
        ui.message(&output::list(&tree, &findings, FindingsFormat::Human));
        ui.hint("fix the errors first; no configuration was written");
        return Ok(Exit::Findings);
    }
    let options = PlaceOptions {
        name: parse(args.name.as_deref())?,
        listen: parse(args.listen.as_deref())?,
        base: parse(args.base.as_deref())?,
    };
    let folder = args.folder.parse().map_err(|error| failure(&error))?;
    let hosted = HostedRegistry::of(&settings, folder, options).map_err(|error| failure(&error))?;
    let program = match args.program {
        WebServer::Nginx => HostProgram::Nginx,
        WebServer::Caddy => HostProgram::Caddy,
    };
    let text = configuration(&hosted, program);
    match &args.output {
        None => ui.data(&text),
        Some(path) => {
            let shown = path.display().to_string();
            std::fs::write(path, text).with_context(|| format!("cannot write `{shown}`"))?;
            ui.status("Wrote", &shown);
        }
    }
    if !settings
        .environments
        .iter()
        .any(|environment| environment.as_str() == ENVIRONMENT_BY_DEFAULT)
    {
        ui.hint(&format!(
            "the registry has no environment `{ENVIRONMENT_BY_DEFAULT}`, so `/latest` without `?environment=` returns 404"
        ));
    }
    Ok(Exit::Done)
}

fn parse<T: std::str::FromStr<Err = HostError>>(text: Option<&str>) -> anyhow::Result<Option<T>> {
    Ok(text.map(str::parse).transpose().map_err(|error| failure(&error))?)
}

/// Adds how to solve a problem with the place of a registry.
fn failure(error: &HostError) -> Failure {
    let help = match error {
        HostError::RelativeFolder { .. } => {
            "pass the absolute path of the folder on the web server, such as `/srv/prompts`"
        }
        HostError::FolderCharacter { .. } => {
            "use a folder name of letters, digits, spaces and `+,-.=@_~`, or a link to the folder"
        }
        HostError::Name { .. } => "use letters, digits, `-` and `.`, as in `prompts.example.com`",
        HostError::Base { .. } => "use letters, digits, `-`, `.`, `_` and `~`, as in `/registry/`",
        HostError::Listen { .. } => {
            "pass a port from 1 to 65535, or an address such as `127.0.0.1:8080`"
        }
        HostError::Url { .. } => "correct `url`, or pass `--name` and `--base`",
    };
    Failure::new(error.to_string(), help)
}
