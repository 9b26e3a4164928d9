//! GitLab CI jobs, in a file that the project's own CI file includes.

use super::project::{ALL, Install, NONE, PUBLISH, Project, REGISTRY, WorkflowFile, fill_template};
use crate::cli::PublishTo;

/// The path of the file with the jobs.
pub(crate) const JOBS: &str = ".gitlab/promptdex.yml";

/// The path of the project's own CI file.
pub(crate) const OWN: &str = ".gitlab-ci.yml";

pub(super) fn files(project: &Project) -> Vec<WorkflowFile> {
    let install = match &project.install {
        Install::Fetch { url, sha256 } => {
            fill_template(include_str!("gitlab/install.sh"), &[("URL", url), ("SHA256", sha256)])
        }
        Install::Setup(commands) => commands.clone(),
    };
    let root = project.root();
    let environments = project.environments();
    let prompts = match project.prompt_choices() {
        Some(names) => format!("value: \"{NONE}\"\noptions: {names}"),
        None => "value: \"\"".to_owned(),
    };
    let last = project.environments.last().map_or("", |last| last.as_str());
    let paths = match project.folder.as_str() {
        "" => "**/*".to_owned(),
        folder => format!("{folder}/**/*"),
    };
    let is_published = project.publish != PublishTo::None;
    let actor = fill_template(include_str!("gitlab/actor.sh"), &[("BRANCH", &project.branch)]);
    let values = [
        ("ROOT", root.as_str()),
        ("BRANCH", &project.branch),
        ("ACTOR", if project.has_handles { &actor } else { "" }),
        ("SIGNING", if project.needs_signatures { " openssh-client" } else { "" }),
        ("SIGN", if project.needs_signatures { include_str!("gitlab/sign.sh") } else { "" }),
        ("INSTALL", &install),
        ("PATHS", &paths),
        ("REGISTRY", REGISTRY),
        ("PUBLISH", PUBLISH),
        ("JOB", if project.publish == PublishTo::Pages { "pages" } else { "prompts-publish" }),
        ("PROMPTS", &prompts),
        ("ENVIRONMENTS", &environments),
        ("LAST", last),
        ("ALL", ALL),
        ("ACTION_PUBLISH", if is_published { ", publish" } else { "" }),
    ];
    let mut text = fill_template(include_str!("gitlab/jobs.yml"), &values);
    if is_published {
        text.push_str(&fill_template(include_str!("gitlab/publish.yml"), &values));
    }
    text.push_str(&fill_template(include_str!("gitlab/moves.yml"), &values));
    vec![WorkflowFile { path: JOBS, text: Some(text) }]
}
