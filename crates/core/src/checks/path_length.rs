//! `path-length`: every file system can hold the published files of a prompt.

use promptdex_wire::layout::{MAX_PATH_BYTES, RegistryPath, longest_path};

use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, Settings};
use crate::rules;

pub(super) fn check(prompt: &Prompt, settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let path = longest_path(&prompt.name, prompt.versions.keys(), &settings.environments);
    let length = path.to_string().len();
    if length <= MAX_PATH_BYTES {
        return;
    }
    let bytes = match length - MAX_PATH_BYTES {
        1 => "1 byte".to_owned(),
        excess => format!("{excess} bytes"),
    };
    let name = &prompt.name;
    let in_place = prompt.in_place.as_ref();
    let (place, parts, other) = match &path {
        RegistryPath::LatestTrack(_, environment, major) => {
            let place = in_place.map_or_else(|| name.to_string(), |(file, _)| file.clone());
            let parts = format!("`{name}`, `{environment}` and major version {major}");
            (place, parts, "the environment's name")
        }
        RegistryPath::Version(_, version) => {
            let file = in_place.filter(|(_, versions)| versions.contains(version));
            let place = file.map_or_else(|| format!("{name}/v{version}"), |(file, _)| file.clone());
            (place, format!("`{name}` and version {version}"), "the version")
        }
        // A name alone is never too long.
        _ => return,
    };
    let message =
        format!("the published path of {parts} has {length} bytes; the limit is {MAX_PATH_BYTES}");
    let help = format!("shorten the prompt's name or {other} by {bytes}");
    findings.push(Diagnostic::about(&rules::PATH_LENGTH, place, message).help(help));
}
