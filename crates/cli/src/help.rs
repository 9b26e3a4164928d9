//! Help for errors. The operations describe the problem, and this module names the command or
//! option that solves it.

use promptdex_compare::promotion::PromotionError;
use promptdex_core::checks::SHALLOW_CLONE;
use promptdex_ops::error::{
    ChangeError, Error, FolderError, GitError, GitPurpose, PlanError, PublishError, SelectionError,
    TargetError, causes,
};
use promptdex_ops::history::gaps::HistoryGap;
use promptdex_ops::prompts::prompt_handle::LoadError;
use promptdex_ops::prompts::rendering::{RenderError, VariableProblem, VariableProblemKind};
use promptdex_ops::text::plural;
use promptdex_server::WatchLimit;

use crate::failure::Failure;

/// Returns the help for an error, if there is any.
pub(crate) fn of(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    let help = |cause: &(dyn std::error::Error + 'static)| -> Option<String> {
        if let Some(error) = cause.downcast_ref::<promptdex_server::Error>() {
            return of_server(error);
        }
        if let Some(error) = cause.downcast_ref::<RenderError>() {
            return Some(of_rendering(error));
        }
        match cause.downcast_ref::<LoadError>() {
            Some(LoadError::Operation(error)) => return of_operation(error),
            Some(LoadError::Unreadable(_)) => {
                return Some("fix the findings above first".to_owned());
            }
            None => {}
        }
        of_operation(cause.downcast_ref::<Error>()?)
    };
    let all = |cause: &'_ (dyn std::error::Error + 'static)| match cause.downcast_ref::<Failure>() {
        Some(failure) => failure.help().to_vec(),
        None => help(cause).into_iter().collect(),
    };
    causes(error).flat_map(all).collect()
}

/// Returns the help for an error of a publication.
fn of_publication(error: &PublishError) -> String {
    match error {
        PublishError::UnsupportedTarget { .. } => {
            "name a folder, or a `file:///` URL of this machine".to_owned()
        }
        PublishError::EmptyTarget { .. } => {
            "pass `--first` for the first publication; after a loss, `--first N` with a number above every release that was ever served".to_owned()
        }
        PublishError::NotEmpty { .. } => "leave `--first` out to continue it".to_owned(),
        PublishError::Superseded { .. } => {
            "nothing to do: a newer run has published this commit too".to_owned()
        }
        PublishError::Diverged { .. } => {
            "publish the branch that was published before, or merge it into this one".to_owned()
        }
        PublishError::UnknownCommit { is_shallow: true, .. } => {
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in CI".to_owned()
        }
        PublishError::UnknownCommit { is_shallow: false, .. } => {
            "fetch the branch that was published before: `git fetch`".to_owned()
        }
        PublishError::NoCommit { .. } | PublishError::Uncommitted { .. } => {
            "commit it, or pass `--uncommitted`: releases then name no commit".to_owned()
        }
        PublishError::LostRace { .. } => "run the command again".to_owned(),
        PublishError::UnknownOrder { .. } => {
            "run this in the repository of the tree, or build the newest commit again".to_owned()
        }
        PublishError::OtherRegistry { .. } => "publish to another target".to_owned(),
        PublishError::OlderRegistry { .. } | PublishError::ForkedRegistry { .. } => {
            "build it again with `--previous` and what is published now".to_owned()
        }
    }
}

/// Returns the help for an error of the local host.
pub(crate) fn of_server(error: &promptdex_server::Error) -> Option<String> {
    let help = match error {
        promptdex_server::Error::Operation(error) => return of_operation(error),
        promptdex_server::Error::Listen { .. } => {
            "choose a different port with `--port`, or pass 0 for a free port"
        }
        promptdex_server::Error::Watch { limit: WatchLimit::Folders, .. } => {
            "raise the limit of watched folders: `sudo sysctl fs.inotify.max_user_watches=524288`"
        }
        promptdex_server::Error::Watch { limit: WatchLimit::Programs, .. } => {
            "stop some of the programs that watch files, or raise `fs.inotify.max_user_instances`"
        }
        promptdex_server::Error::Watch { limit: WatchLimit::FileSystem, .. } => {
            "work on a copy on this machine; some network file systems cannot be watched"
        }
        promptdex_server::Error::Panic { .. } => {
            "report this bug in promptdex with the message and the last changed file; promptdex builds again after the next change"
        }
        promptdex_server::Error::Server { .. } | promptdex_server::Error::Registry { .. } => {
            return None;
        }
    };
    Some(help.to_owned())
}

fn of_operation(error: &Error) -> Option<String> {
    Some(match error {
        Error::Io { .. }
        | Error::NoFile { .. }
        | Error::NotWritable { .. }
        | Error::NoFileInCommit { .. } => return None,
        Error::Git { error, revision } => of_git(error, revision),
        Error::Publish(error) => of_publication(error),
        Error::UnknownBase(GitError::UnknownRevision { is_shallow: true, .. }) => {
            "the clone is shallow: run `git fetch origin` or `git fetch --unshallow`; in GitHub workflows, set `fetch-depth: 0` for actions/checkout".to_owned()
        }
        Error::UnknownBase(_) => {
            "run `git fetch origin`; in GitHub workflows, set `fetch-depth: 0` for actions/checkout".to_owned()
        }
        Error::Damage(_) => {
            "restore the registry from its published copy".to_owned()
        }
        Error::NotInGit { purpose, .. } => match purpose {
            GitPurpose::Revision => "remove `--rev` to read the files on disk",
            GitPurpose::Base => "remove `--base` to check the files on disk",
            GitPurpose::Commit => "remove `--commit`, or run `git init` first",
            GitPurpose::Rollback => "name a prompt and a version",
            GitPurpose::Host => "run `git init` to create a repository",
        }
        .to_owned(),
        Error::NoTree { .. } => {
            "run `promptdex init` to start a tree, or pass a different folder with `--root DIR`".to_owned()
        }
        Error::LinkedRoot { .. } => NO_LINKS.to_owned(),
        Error::TreeGoneFromBase { is_shallow: true, .. }
        | Error::NoCommonCommit { is_shallow: true, .. } => {
            SHALLOW_CLONE.to_owned()
        }
        Error::TreeGoneFromBase { base, folder, is_shallow: false } => format!(
            "restore the folder first, or pass the folder of the prompts in `{base}` with `--root DIR`; run `git log {base} -- {folder}` to find the removal"
        ),
        Error::Selection(error) => return of_selection(error),
        Error::NoPrompts { example, .. } => format!("write the first one, such as `{example}`"),
        Error::OtherRegistry { has_file: true, .. } => {
            "restore `registry` in registry.yaml, or pass a different `--previous`".to_owned()
        }
        Error::OtherRegistry { has_file: false, .. } => {
            "add a registry.yaml to the tree, or pass a different tree with `--root DIR`".to_owned()
        }
        Error::NotAFolder { .. } => {
            "download the registry to a folder first".to_owned()
        }
        Error::NoRegistry { .. } => {
            "pass the published folder, or remove `--previous` for the first build".to_owned()
        }
        Error::Target(error) => return of_target(error),
        Error::Change(error) => return of_change(error),
        Error::NoCommonCommit { is_shallow: false, .. } => {
            "name the base branch of the change".to_owned()
        }
    })
}

/// The help for a tree behind a symbolic link.
const NO_LINKS: &str =
    "replace the link with the folder itself, or pass the target of the link with `--root DIR`";

/// Returns the help for a Git error about a revision.
fn of_git(error: &GitError, revision: &str) -> String {
    match error {
        GitError::Run(_) => "install Git".to_owned(),
        GitError::UnknownRevision { is_shallow: true, .. } => SHALLOW_CLONE.to_owned(),
        GitError::UnknownRevision { is_shallow: false, .. } => {
            "name a branch, a tag, a commit, or `HEAD~1`".to_owned()
        }
        GitError::NoFolder { folder, .. } => format!(
            "pass the folder of the tree in that commit with `--root DIR` instead of `{folder}`; run `git ls-tree {revision}` to list its folders"
        ),
        GitError::LinkedRoot { .. } => NO_LINKS.to_owned(),
        GitError::MissingObject(_) | GitError::PartialClone { .. } => {
            "clone without `--filter`, or run `git fetch --refetch --no-filter`".to_owned()
        }
        GitError::Failed { message, .. } if message.contains("dubious ownership") => {
            "if you trust the owner of the repository, run `git config --global --add safe.directory DIR`".to_owned()
        }
        GitError::Failed { .. } | GitError::Unexpected(_) => {
            "run `git fsck` to check the repository, and use Git 2.31 or later".to_owned()
        }
    }
}

fn of_selection(error: &SelectionError) -> Option<String> {
    Some(match error {
        SelectionError::InvalidName { .. } => return None,
        SelectionError::UnknownPrompt { suggestion: Some(suggestion), .. }
        | SelectionError::UnknownEnvironment { suggestion: Some(suggestion), .. } => {
            suggestion.clone()
        }
        SelectionError::UnknownPrompt { suggestion: None, known, example, .. } => {
            let example = example.as_deref().unwrap_or("none");
            format!("the tree has {}, such as `{example}`", plural(*known, "prompt"))
        }
        SelectionError::UnknownEnvironment { suggestion: None, environments, .. } => {
            format!("use one of {environments}")
        }
        SelectionError::NoVersions { .. } => "add a folder such as `v1.0.0/`".to_owned(),
        SelectionError::UnreadablePointer { .. } => {
            "run `promptdex check` to see what is wrong with it".to_owned()
        }
        SelectionError::NotServed { versions, .. } => format!("its versions are {versions}"),
        SelectionError::UnknownVersion { lacks_commits: true, versions, .. }
        | SelectionError::NothingBelow { lacks_commits: true, versions, .. } => {
            format!("{SHALLOW_CLONE}; this clone has {versions}")
        }
        SelectionError::UnknownVersion { suggestion, versions, environments, .. } => {
            let known = format!("its versions are {versions}; the environments are {environments}");
            match suggestion {
                Some(suggestion) => format!("{suggestion} {known}"),
                None => known,
            }
        }
        SelectionError::NothingBelow { versions, .. } => {
            format!("name a version to compare with; its versions are {versions}")
        }
    })
}

fn of_rendering(error: &RenderError) -> String {
    match error {
        RenderError::UnknownCase { suggestion: Some(suggestion), .. } => suggestion.clone(),
        RenderError::UnknownCase { known, .. } if known.is_empty() => {
            "pass values with `--var`; the version has no test cases".to_owned()
        }
        RenderError::UnknownCase { known, .. } => format!("use one of {}", known.join(", ")),
        RenderError::Values(problems) => match problems.first() {
            Some(VariableProblem { kind: VariableProblemKind::Missing, name, .. }) => {
                format!("add `--var {name}=…`, or a test case with `--case`")
            }
            Some(VariableProblem { kind: VariableProblemKind::Unknown, .. }) => {
                "remove the value, or pass `--extra ignore`".to_owned()
            }
            Some(VariableProblem { kind: VariableProblemKind::Misfit, .. }) | None => {
                "change the value".to_owned()
            }
        },
        RenderError::Include { help, .. } | RenderError::Other { help, .. } => {
            help.clone().unwrap_or_else(|| "change the values or the template".to_owned())
        }
        RenderError::Template(finding) => {
            finding.help.clone().unwrap_or_else(|| "change the template".to_owned())
        }
    }
}

fn of_target(error: &TargetError) -> Option<String> {
    Some(match error {
        TargetError::OverlapsTree { .. } => {
            "choose an output folder outside of the tree with `--output`".to_owned()
        }
        TargetError::OverlapsPrevious { .. } => "choose a different folder with `--output`".to_owned(),
        TargetError::Foreign { output, .. } => format!(
            "build into a different folder with `--output`, or continue the registry with `--previous {}`",
            output.display()
        ),
        TargetError::ForeignPage { .. } => "move the file, or build with `--no-site`".to_owned(),
        TargetError::NotARegistry { .. } => {
            "choose a different folder with `--output`, or remove this folder".to_owned()
        }
        TargetError::UnreadablePointer { .. } => {
            "use the newer promptdex that wrote the registry, choose a different folder with `--output`, or remove this folder".to_owned()
        }
        TargetError::LosesRelease { output, .. } => format!(
            "run `promptdex build --previous {}` to continue the registry; if it was never published, remove it or choose a different folder with `--output`",
            output.display()
        ),
        TargetError::Folder(FolderError::Io { .. }) => return None,
        TargetError::Folder(FolderError::Locked { .. }) => "wait until the build is finished".to_owned(),
        TargetError::Folder(FolderError::Unfinished { folder }) => {
            let folder = folder.display();
            format!("run `promptdex build --previous {folder} --output {folder}` to finish it first")
        }
    })
}

fn of_change(error: &ChangeError) -> Option<String> {
    Some(match error {
        ChangeError::Plan(error) => of_plan(error),
        // The cause has its own help.
        ChangeError::NothingChanged(_) => return None,
        ChangeError::HalfChanged { .. } => "run `git restore` to restore them".to_owned(),
        ChangeError::Commit { message_file: Some(file), paths, .. } => {
            let paths: Vec<String> = paths.iter().map(|path| shell_word(path)).collect();
            let (file, paths) = (shell_word(&file.to_string_lossy()), paths.join(" "));
            format!(
                "the files are changed; fix the cause, then run `git commit --only --file {file} -- {paths}`, which keeps the reason"
            )
        }
        ChangeError::Commit { message_file: None, .. } => {
            "the files are changed; fix the cause, then run the command again".to_owned()
        }
        ChangeError::Git(_) => "fix the cause, then run the command again; earlier files and commits are unchanged".to_owned(),
        ChangeError::NothingCommitted { .. } => {
            "commit the tree first with `git add` and `git commit`, or remove `--commit`".to_owned()
        }
        ChangeError::NotSigned => {
            "set `user.signingKey` and run `git config commit.gpgSign true`; in a workflow, add the secret `PROMPTDEX_SIGNING_KEY`".to_owned()
        }
        ChangeError::UnknownActor => {
            "pass `--actor WHO`, or set `git config user.email`".to_owned()
        }
        ChangeError::MetadataPointers { .. } => {
            "run `promptdex fix` first to move the assignments to `environments/`".to_owned()
        }
        ChangeError::NotText { .. } => "save the file as UTF-8".to_owned(),
        ChangeError::NoNumber { .. } => "write `version: 1.0.0` on a separate line".to_owned(),
        ChangeError::Promotion(error) => of_promotion(error).to_owned(),
        ChangeError::VersionNotNamed { name, versions } => {
            format!("name a version, as in `{name}@1.0.0`; its versions are {versions}")
        }
        ChangeError::StateTakesPrecedence { version, state: "yanked", wanted, .. } => {
            format!("yanked takes precedence over {wanted}; run `promptdex yank {version} --undo` first")
        }
        ChangeError::StateTakesPrecedence { wanted, path, .. } => {
            format!("this state takes precedence over {wanted}; edit `{path}` to change it")
        }
        ChangeError::NotEditable { version, wanted: Some(state), .. } => {
            format!("edit the file: add `{state}: {{{version}: \"…\"}}`")
        }
        ChangeError::NotEditable { version, wanted: None, .. } => {
            format!("edit the file: remove {version}")
        }
        ChangeError::NoTestReport { .. } => {
            "pass a file of `promptfoo eval --output FILE.json` or a JUnit XML file, or pass `--passed` and `--failed`".to_owned()
        }
        ChangeError::DifferentTotals { .. } => {
            "check the output of the run for crashes, or pass `--passed` and `--failed`".to_owned()
        }
        ChangeError::SeveralPrompts { .. } => "name the prompt of this version with `--prompt`; the default requires exactly one prompt with the text of the version".to_owned(),
        ChangeError::DifferentTestedText { label, .. } => format!(
            "test this version, or pass `--prompt {}` if the text is the same",
            shell_word(label)
        ),
        ChangeError::NothingTested { .. } => "check the output of the test run".to_owned(),
    })
}

/// Quotes a word for a shell if it needs it.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Explains why a part of the past is not shown.
pub(crate) fn of_gap(gap: &HistoryGap) -> String {
    match gap {
        HistoryGap::Shallow => SHALLOW_CLONE.to_owned(),
        HistoryGap::NoBranch { commit } => {
            format!(
                "HEAD is detached and no branch has {commit}: run `git switch -c NAME` to create a branch"
            )
        }
        HistoryGap::Detached { commit, branch } => format!(
            "HEAD is detached at {commit}, but `{branch}` has newer commits: pass `--rev {branch}`, or run `git switch {branch}`"
        ),
    }
}

fn of_plan(error: &PlanError) -> String {
    match error {
        PlanError::FirstEnvironment { name: None, path, .. } => {
            format!("the promotion path is {path}")
        }
        PlanError::FirstEnvironment { name: Some(name), environment, .. }
        | PlanError::UnclearVersion { name, environment, .. } => {
            format!("name the version: `promptdex promote {name}@1.0.0 --to {environment}`")
        }
        PlanError::NothingToRollBack { .. } => {
            "run `promptdex promote` to serve a version".to_owned()
        }
        PlanError::NoEarlierTarget { versions, is_shallow: true, .. } => {
            format!("{SHALLOW_CLONE}; or name a version with `--to`: its versions are {versions}")
        }
        PlanError::NoEarlierTarget { versions, .. } => {
            format!("name a version with `--to`; its versions are {versions}")
        }
        PlanError::UnknownRelease { newest: Some(newest), .. } => {
            format!("the newest release is {newest}")
        }
        PlanError::UnknownRelease { newest: None, .. } => {
            "the environment has no releases".to_owned()
        }
        PlanError::PackedRelease { .. } => {
            "pass a commit or a day with `--to`; the release has its commit in `source`".to_owned()
        }
        PlanError::NoCommit { .. } => {
            "pass the published registry with `--previous DIR` to use a release number".to_owned()
        }
        PlanError::NoCommitAsOld { is_shallow: true, .. } => SHALLOW_CLONE.to_owned(),
        PlanError::NoCommitAsOld { .. } => {
            "run `promptdex log` to see the oldest commit".to_owned()
        }
        PlanError::Served { environment, name, .. } => {
            format!("run `promptdex promote {name}@VERSION --to {environment}` first")
        }
        PlanError::EscapedInclude { .. } => "write the text as a block, with `|`".to_owned(),
        PlanError::InsidePrompt { .. } => "choose a name outside of this prompt".to_owned(),
        PlanError::EditedInPlace { name, .. } => {
            format!("edit the file, and run `promptdex version {name}` to set the next version")
        }
        PlanError::NoVersionYet { suggestion, .. } => suggestion.clone().unwrap_or_else(|| {
            "remove the option to start the prompt with version 1.0.0".to_owned()
        }),
        PlanError::NoVersionToCopy { versions, .. } => format!("its versions are {versions}"),
        PlanError::FolderExists { .. } => {
            "edit this version, or choose a different number".to_owned()
        }
        PlanError::VersionsInFolders { name } => {
            format!("run `promptdex new {name}` to start the next version")
        }
        PlanError::NoReadableVersion { .. } => "write `version: 1.0.0`".to_owned(),
        PlanError::NumberNotCommitted { .. } => {
            "commit the version, or edit the number in the file".to_owned()
        }
        PlanError::NotEdited { .. } => "edit the file first".to_owned(),
    }
}

fn of_promotion(error: &PromotionError) -> &'static str {
    match error {
        PromotionError::NothingToShareWith { .. } | PromotionError::NewTrackHasNoShare { .. } => {
            "remove `--weight`"
        }
        PromotionError::NothingBeside { .. } => "remove `--track`",
        PromotionError::NoTrack { .. } => "pass `--track` to add the track",
        PromotionError::NoOtherMajor { .. } => {
            "remove `--track`; a new track requires a different major version"
        }
        PromotionError::DifferentMajors { .. } => "pass `--track` to serve both major versions",
        PromotionError::OtherRollout { .. } => {
            "end the rollout first: promote one of its versions without `--weight`"
        }
    }
}
