//! GitHub Actions workflows. Actions are pinned by hash, tokens have only the permissions that a
//! job needs, and no user input becomes part of a script.

use super::project::{ALL, PUBLISH, Project, REGISTRY, WorkflowFile};
use super::template::{fill_template, quote};
use crate::cli::PublishTo;

/// The folder of workflows.
pub(super) const FOLDER: &str = ".github/workflows";

const CHECKOUT: &str = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";
const UPLOAD: &str = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1";
const SARIF: &str =
    "github/codeql-action/upload-sarif@b96794f015dfd88f77b49b1c93e0fa7110f94c63 # v4.38.0";
const UPLOAD_PAGES: &str =
    "actions/upload-pages-artifact@7b1f4a764d45c48632c6b24a0339c27f5614fb0b # v4.0.0";
const DEPLOY_PAGES: &str = "actions/deploy-pages@d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5";

/// Lets only accounts count that GitHub has authenticated. A step finds out which.
const ACTOR: &str = "# Who wrote a commit is a claim: accounts count, and where none is known, what needs one fails.
PROMPTDEX_AUTHENTICATED: \"true\"";

/// The permissions that finding out the account takes.
const MAY_ASK: &str = "pull-requests: read # which account has opened what a merge queue merges";
const MAY_ASK_RUNS: &str = "actions: read # which account has filled in a form";

/// Checks out the head of the pull request, because the merge commit that GitHub creates has a
/// signature of its own.
const REF: &str = "# What GitHub merges to try it is not signed by the author.
ref: ${{ github.event.pull_request.head.sha || github.sha }}";

pub(super) fn files(project: &Project) -> Vec<WorkflowFile> {
    let names = &project.names;
    let install = project.install.github_steps();
    let root = project.root();
    let environments = project.environments();
    let prompts = match project.prompt_choices() {
        Some(names) => format!("type: choice\noptions: {names}"),
        None => "type: string".to_owned(),
    };
    let paths = match project.folder.as_str() {
        "" => "**".to_owned(),
        folder => format!("{folder}/**"),
    };
    let (hand_on, hand_on_with, deploy) = match project.publish {
        PublishTo::Pages => (
            UPLOAD_PAGES,
            "path: ${{ runner.temp }}/published",
            fill_template(include_str!("github/deploy.yml"), &[("DEPLOY_PAGES", DEPLOY_PAGES)]),
        ),
        PublishTo::Artifact | PublishTo::None => {
            (UPLOAD, "name: promptdex-registry\npath: ${{ runner.temp }}/published", String::new())
        }
    };
    let needs = if deploy.is_empty() { "publish" } else { "[publish, deploy]" };
    let held_back = fill_template(include_str!("github/held_back.yml"), &[("NEEDS", needs)]);
    let (group, form_branches) = (names.identifier("promptdex"), names.form_branches());
    let files = ["promptdex", "promptdex-publish", "promptdex-promote", "promptdex-rollback"]
        .map(|start| names.file(start));
    let [_, publish_file, promote_file, rollback_file] = &files;
    let open = |what: &str| {
        fill_template(
            include_str!("github/open.yml"),
            &[
                ("WHAT", what),
                ("BRANCH", &project.branch),
                ("UPLOAD", UPLOAD),
                ("FORMS", &form_branches),
            ],
        )
    };
    let forms =
        [("FORMS", form_branches.as_str()), ("PROMOTE", promote_file), ("ROLLBACK", rollback_file)];
    let script = fill_template(include_str!("github/actor.sh"), &forms);
    let find_actor = fill_template(
        include_str!("github/actor.yml"),
        &[("BRANCH", &quote(&project.branch)), ("ACTOR_SCRIPT", &script)],
    );
    let if_signed = |text| if project.needs_signatures { text } else { "" };
    let if_handles = |text| if project.has_handles { text } else { "" };
    let (promote, roll_back) = (open("promote"), open("rollback"));
    let (owner, title) = (names.registry_line(), names.title());
    let (registry, mark) = (names.identifier(REGISTRY), names.report_mark());
    let mark_report = fill_template(include_str!("github/mark.sh"), &[("MARK", &mark)]);
    let values = [
        ("OWNER", owner.as_str()),
        ("OF", &title),
        ("GROUP", &group),
        ("PUBLISH_FILE", publish_file),
        ("MARK", &mark),
        ("MARK_REPORT", if names.is_suffixed() { &mark_report } else { "" }),
        ("ROOT", root.as_str()),
        ("BRANCH", &project.branch),
        ("ACTOR", if_handles(ACTOR)),
        ("FIND_ACTOR", if_handles(&find_actor)),
        ("MAY_ASK", if_handles(MAY_ASK)),
        ("MAY_ASK_RUNS", if_handles(MAY_ASK_RUNS)),
        ("REF", if project.needs_signatures { REF } else { "" }),
        ("MINUTES", project.install.timeout_minutes()),
        ("CHECKOUT", CHECKOUT),
        ("SARIF", SARIF),
        ("UPLOAD", UPLOAD),
        ("INSTALL", &install),
        ("PATHS", &paths),
        ("REGISTRY", &registry),
        ("PUBLISH", PUBLISH),
        ("KEY", include_str!("github/key.sh")),
        ("HAND_ON", hand_on),
        ("HAND_ON_WITH", hand_on_with),
        ("DEPLOY", &deploy),
        ("HELD_BACK", &held_back),
        ("PROMPTS", &prompts),
        ("ENVIRONMENTS", &environments),
        ("WHO", include_str!("github/who.sh")),
        ("SIGN", if_signed(include_str!("github/sign.sh"))),
        ("SIGNING_KEY", if_signed("SIGNING_KEY: ${{ secrets.PROMPTDEX_SIGNING_KEY }}")),
        ("ALL", ALL),
    ];
    let with = |open: &str, template: &str| {
        fill_template(&fill_template(template, &[("OPEN", open)]), &values)
    };
    let is_published = project.publish != PublishTo::None;
    let publish = is_published.then(|| fill_template(include_str!("github/publish.yml"), &values));
    let texts = [
        Some(fill_template(include_str!("github/check.yml"), &values)),
        publish,
        Some(with(&promote, include_str!("github/promote.yml"))),
        Some(with(&roll_back, include_str!("github/rollback.yml"))),
    ];
    let paths = files.iter().map(|file| format!("{FOLDER}/{file}"));
    paths.zip(texts).map(|(path, text)| WorkflowFile { path, text }).collect()
}
