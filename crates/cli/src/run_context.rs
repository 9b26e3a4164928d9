//! Who runs this command: the account and the run of a CI job, or the person that Git knows.

use std::path::Path;

use promptdex_core::model::People;
use promptdex_ops::change::commit;
use promptdex_wire::release::Actor;

use crate::publication_report;

/// Returns who runs this command, as CI or Git name them. Of a person, what the registry publishes of people.
pub(crate) fn actor(root: &Path, people: People) -> anyhow::Result<Actor> {
    // What CI hands over is published as it stands.
    let is_text = |value: &String| publication_report::is_published_text(value);
    let variable = |name: &str| std::env::var(name).ok().filter(is_text);
    let is_set = |name: &str| variable(name).is_some_and(|value| value == "true");
    if is_set("GITHUB_ACTIONS") {
        let account = variable("GITHUB_TRIGGERING_ACTOR").or_else(|| variable("GITHUB_ACTOR"));
        let run = || {
            let server = variable("GITHUB_SERVER_URL")?;
            let repository = variable("GITHUB_REPOSITORY")?;
            let run = variable("GITHUB_RUN_ID")?;
            Some(format!("{server}/{repository}/actions/runs/{run}"))
        };
        let run = run().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        return Ok(Actor { by: account.map(|name| format!("@{name}")), run });
    }
    if is_set("GITLAB_CI") {
        let account = variable("GITLAB_USER_LOGIN");
        return Ok(Actor {
            by: account.map(|name| format!("@{name}")),
            run: variable("CI_JOB_URL"),
        });
    }
    let author = commit::author(root)?;
    let by = author.and_then(|author| match people {
        People::Email => Some(author.email),
        People::Name => Some(author.name),
        People::None => None,
    });
    Ok(Actor { by, run: None })
}
