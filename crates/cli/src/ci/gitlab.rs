//! GitLab CI jobs, in a file that the project's own CI file includes.

use super::project::{ALL, NONE, PUBLISH, Project, REGISTRY, WorkflowFile};
use super::template::fill_template;
use crate::cli::PublishTo;

/// The folder of the files with jobs.
pub(super) const FOLDER: &str = ".gitlab";

/// The path of the project's own CI file.
pub(crate) const OWN: &str = ".gitlab-ci.yml";

pub(super) fn files(project: &Project) -> Vec<WorkflowFile> {
    let names = &project.names;
    let install = project.install.gitlab_script();
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
    let (owner, group, form) =
        (names.registry_line(), names.identifier("promptdex"), names.variable());
    let (jobs, form_branches) = (names.identifier("prompts"), names.form_branches());
    let (jobs, registry, mark) = (jobs.as_str(), names.identifier(REGISTRY), names.report_mark());
    let mark_report = fill_template(include_str!("gitlab/mark.sh"), &[("MARK", &mark)]);
    let file = format!("{FOLDER}/{}", names.file("promptdex"));
    let publishing = match project.publish {
        PublishTo::Pages => "pages".to_owned(),
        PublishTo::Artifact | PublishTo::None => format!("{jobs}-publish"),
    };
    let actor = fill_template(
        include_str!("gitlab/actor.sh"),
        &[("BRANCH", &project.branch), ("FORMS", &form_branches), ("JOBS", jobs)],
    );
    let values = [
        ("OWNER", owner.as_str()),
        ("GROUP", &group),
        ("FORM", &form),
        ("FORMS", &form_branches),
        ("JOBS", jobs),
        ("FILE", &file),
        ("MARK", &mark),
        ("MARK_REPORT", if names.is_suffixed() { &mark_report } else { "" }),
        ("ROOT", &root),
        ("BRANCH", &project.branch),
        ("ACTOR", if project.has_handles { &actor } else { "" }),
        ("SIGNING", if project.needs_signatures { " openssh-client" } else { "" }),
        ("SIGN", if project.needs_signatures { include_str!("gitlab/sign.sh") } else { "" }),
        ("INSTALL", &install),
        ("PATHS", &paths),
        ("REGISTRY", &registry),
        ("PUBLISH", PUBLISH),
        ("JOB", &publishing),
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
    vec![WorkflowFile { path: file, text: Some(text) }]
}
