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
                return Some("correct what was found in it".to_owned());
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
            "choose another port with `--port`; 0 takes a free one"
        }
        promptdex_server::Error::Watch { limit: WatchLimit::Folders, .. } => {
            "the system watches no more folders: raise `fs.inotify.max_user_watches`, such as with `sudo sysctl fs.inotify.max_user_watches=524288`"
        }
        promptdex_server::Error::Watch { limit: WatchLimit::Programs, .. } => {
            "too many programs watch files: end some, or raise `fs.inotify.max_user_instances`"
        }
        promptdex_server::Error::Watch { limit: WatchLimit::FileSystem, .. } => {
            "some network file systems cannot be watched: work on a copy on this machine"
        }
        promptdex_server::Error::Panic { .. } => {
            "this is a bug in promptdex: please report it with the message and the file that you changed last; the next change is built again"
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
            "the clone is shallow: fetch it with `git fetch origin`, or all commits with `git fetch --unshallow`; in GitHub workflows, `fetch-depth: 0` for actions/checkout".to_owned()
        }
        Error::UnknownBase(_) => {
            "fetch it first: `git fetch origin`; in GitHub workflows, `fetch-depth: 0` for actions/checkout".to_owned()
        }
        Error::Damage(_) => {
            "restore the registry from where it is published: what is published cannot be made again".to_owned()
        }
        Error::NotInGit { purpose, .. } => match purpose {
            GitPurpose::Revision => "leave `--rev` out to read the files as they are",
            GitPurpose::Base => "leave `--base` out to check the files as they are",
            GitPurpose::Commit => "leave `--commit` out, or `git init` first",
            GitPurpose::Rollback => "name a prompt and a version",
            GitPurpose::Host => "`git init` makes one",
        }
        .to_owned(),
        Error::NoTree { .. } => {
            "`promptdex init` starts one; another folder is named with `--root DIR`".to_owned()
        }
        Error::LinkedRoot { .. } => NO_LINKS.to_owned(),
        Error::TreeGoneFromBase { is_shallow: true, .. }
        | Error::NoCommonCommit { is_shallow: true, .. } => {
            SHALLOW_CLONE.to_owned()
        }
        Error::TreeGoneFromBase { base, folder, is_shallow: false } => format!(
            "restore it there first, or name the folder that `{base}` has the prompts in with `--root DIR`; `git log {base} -- {folder}` shows the commit that removed it"
        ),
        Error::Selection(error) => return of_selection(error),
        Error::NoPrompts { example, .. } => format!("write the first one, such as `{example}`"),
        Error::OtherRegistry { has_file: true, .. } => {
            "a registry keeps its name for ever: correct `registry` in registry.yaml, or `--previous`".to_owned()
        }
        Error::OtherRegistry { has_file: false, .. } => {
            "the tree has no registry.yaml: is it the right one? another is named with `--root DIR`".to_owned()
        }
        Error::NotAFolder { .. } => {
            "download the registry into a folder first: nothing is read over the network".to_owned()
        }
        Error::NoRegistry { .. } => {
            "name the folder that was published; the first build has no `--previous`".to_owned()
        }
        Error::Target(error) => return of_target(error),
        Error::Change(error) => return of_change(error),
        Error::NoCommonCommit { is_shallow: false, .. } => {
            "name the branch that the change is going to be merged into".to_owned()
        }
    })
}

/// The help for a tree behind a symbolic link.
const NO_LINKS: &str = "prompts are never read through a link: put the folder itself there, or pass the folder that the link leads to with `--root DIR`";

/// Returns the help for a Git error about a revision.
fn of_git(error: &GitError, revision: &str) -> String {
    match error {
        GitError::Run(_) => "install Git; promptdex reads history with it".to_owned(),
        GitError::UnknownRevision { is_shallow: true, .. } => SHALLOW_CLONE.to_owned(),
        GitError::UnknownRevision { is_shallow: false, .. } => {
            "name a branch, a tag, a commit, or `HEAD~1`".to_owned()
        }
        GitError::NoFolder { folder, .. } => format!(
            "name the tree as it was called there with `--root DIR`, instead of `{folder}`; `git ls-tree {revision}` shows what there is"
        ),
        GitError::LinkedRoot { .. } => NO_LINKS.to_owned(),
        GitError::MissingObject(_) | GitError::PartialClone { .. } => {
            "nothing is fetched while a tree is read: clone without `--filter`, or `git fetch --refetch --no-filter`".to_owned()
        }
        GitError::Failed { message, .. } if message.contains("dubious ownership") => {
            "the repository belongs to somebody else: if you trust it, `git config --global --add safe.directory DIR`".to_owned()
        }
        GitError::Failed { .. } | GitError::Unexpected(_) => {
            "`git fsck` says whether the repository is whole; Git 2.31 or later is needed".to_owned()
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
            format!("the tree has {known} prompts, such as `{example}`")
        }
        SelectionError::UnknownEnvironment { suggestion: None, environments, .. } => {
            format!("the environments are {environments}")
        }
        SelectionError::NoVersions { .. } => "add a folder such as `v1.0.0/`".to_owned(),
        SelectionError::NotServed { versions, .. } => format!("its versions are {versions}"),
        SelectionError::UnknownVersion { lacks_commits: true, versions, .. }
        | SelectionError::NothingBelow { lacks_commits: true, versions, .. } => {
            format!(
                "older versions may be in missing commits, because {SHALLOW_CLONE}; here are {versions}"
            )
        }
        SelectionError::UnknownVersion { suggestion, versions, environments, .. } => {
            let known = format!("its versions are {versions}; the environments are {environments}");
            match suggestion {
                Some(suggestion) => format!("{suggestion} {known}"),
                None => known,
            }
        }
        SelectionError::NothingBelow { versions, .. } => {
            format!("name what to compare with; its versions are {versions}")
        }
    })
}

fn of_rendering(error: &RenderError) -> String {
    match error {
        RenderError::UnknownCase { suggestion: Some(suggestion), .. } => suggestion.clone(),
        RenderError::UnknownCase { known, .. } if known.is_empty() => {
            "it has no cases: pass values with `--var`".to_owned()
        }
        RenderError::UnknownCase { known, .. } => format!("it has {}", known.join(", ")),
        RenderError::Values(problems) => match problems.first() {
            Some(VariableProblem { kind: VariableProblemKind::Missing, name, .. }) => {
                format!("add `--var {name}=…`, or a stored case with `--case`")
            }
            Some(VariableProblem { kind: VariableProblemKind::Unknown, .. }) => {
                "remove it, or pass `--extra ignore`".to_owned()
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
            "choose an output folder beside the tree with `--output`".to_owned()
        }
        TargetError::OverlapsPrevious { .. } => "choose another folder with `--output`".to_owned(),
        TargetError::Foreign { output, .. } => format!(
            "build into another folder with `--output`, or continue the registry in place with `--previous {}`",
            output.display()
        ),
        TargetError::ForeignPage { .. } => "move it, or build with `--no-site`".to_owned(),
        TargetError::NotARegistry { .. } => {
            "choose another folder with `--output`, or remove this one".to_owned()
        }
        TargetError::UnreadablePointer { .. } => {
            "a newer promptdex may have written the registry: choose another folder with `--output`, or remove this one".to_owned()
        }
        TargetError::LosesRelease { output, .. } => format!(
            "continue it with `promptdex build --previous {}`; if it was never published, remove it or choose another folder with `--output`",
            output.display()
        ),
        TargetError::Folder(FolderError::Io { .. }) => return None,
        TargetError::Folder(FolderError::Locked { .. }) => "wait until it is done".to_owned(),
        TargetError::Folder(FolderError::Unfinished { folder }) => {
            let folder = folder.display();
            format!("finish it first: `promptdex build --previous {folder} --output {folder}`")
        }
    })
}

fn of_change(error: &ChangeError) -> Option<String> {
    Some(match error {
        ChangeError::Plan(error) => of_plan(error),
        // The cause has its own help.
        ChangeError::NothingChanged(_) => return None,
        ChangeError::HalfChanged { .. } => "`git restore` puts them back".to_owned(),
        ChangeError::Commit { message_file: Some(file), paths, .. } => {
            let paths: Vec<String> = paths.iter().map(|path| shell_word(path)).collect();
            let (file, paths) = (shell_word(&file.to_string_lossy()), paths.join(" "));
            format!(
                "the files are changed, and the message with the reason is kept: when the cause is gone, `git commit --only --file {file} -- {paths}`"
            )
        }
        ChangeError::Commit { message_file: None, .. } => {
            "the files are changed: when the cause is gone, run the same command again".to_owned()
        }
        ChangeError::Git(_) => "the files and commits before it stay as they are".to_owned(),
        ChangeError::NothingCommitted { .. } => {
            "commit the tree first with `git add` and `git commit`, or leave `--commit` out".to_owned()
        }
        ChangeError::NotSigned => {
            "set `user.signingKey` and `git config commit.gpgSign true`; in a workflow, add the secret `PROMPTDEX_SIGNING_KEY`".to_owned()
        }
        ChangeError::UnknownActor => {
            "say it with `--actor WHO`, or to Git with `git config user.email`".to_owned()
        }
        ChangeError::MetadataPointers { .. } => {
            "`promptdex fix` moves that into files first".to_owned()
        }
        ChangeError::NotText { .. } => "save the file as UTF-8".to_owned(),
        ChangeError::NoNumber { .. } => "write `version: 1.0.0` on a line of its own".to_owned(),
        ChangeError::Promotion(error) => of_promotion(error).to_owned(),
        ChangeError::VersionNotNamed { name, versions } => {
            format!("name one, as in `{name}@1.0.0`; it has {versions}")
        }
        ChangeError::StateTakesPrecedence { version, state: "yanked", wanted, .. } => {
            format!("that is graver than {wanted}; `promptdex yank {version} --undo` takes it back")
        }
        ChangeError::StateTakesPrecedence { wanted, path, .. } => {
            format!("that is graver than {wanted}; it stands in `{path}`")
        }
        ChangeError::NotEditable { version, wanted: Some(state), .. } => {
            format!("write it yourself: `{state}: {{{version}: \"…\"}}`")
        }
        ChangeError::NotEditable { version, wanted: None, .. } => {
            format!("remove {version} there yourself")
        }
        ChangeError::NoTestReport { .. } => {
            "`promptfoo eval --output FILE.json` writes one, and so do test runners that write JUnit XML; else give `--passed` and `--failed`".to_owned()
        }
        ChangeError::DifferentTotals { .. } => {
            "a part of the run may have crashed: look at what it printed, and give `--passed` and `--failed` if you know better".to_owned()
        }
        ChangeError::SeveralPrompts { .. } => "name the prompt of this version with `--prompt`; it is found by itself only if exactly one prompt of the run has the text of the version".to_owned(),
        ChangeError::DifferentTestedText { label, .. } => format!(
            "test this version, or pass `--prompt {}` if the text is the same",
            shell_word(label)
        ),
        ChangeError::NothingTested { .. } => "look at what the test run printed".to_owned(),
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
            format!("HEAD is detached, so no branch has {commit}: `git switch -c NAME` makes one")
        }
        HistoryGap::Detached { commit, branch } => format!(
            "HEAD is detached at {commit}, and `{branch}` has newer commits: `--rev {branch}` reads them, `git switch` leaves this state"
        ),
    }
}

fn of_plan(error: &PlanError) -> String {
    match error {
        PlanError::FirstEnvironment { name: None, path, .. } => format!("the path is {path}"),
        PlanError::FirstEnvironment { name: Some(name), environment, .. }
        | PlanError::UnclearVersion { name, environment, .. } => {
            format!("name the version: `promptdex promote {name}@1.0.0 --to {environment}`")
        }
        PlanError::NothingToRollBack { .. } => {
            "`promptdex promote` lets it serve a version".to_owned()
        }
        PlanError::NoEarlierTarget { versions, is_shallow: true, .. } => format!(
            "{SHALLOW_CLONE}; or name a version with `--to`: it has {versions}"
        ),
        PlanError::NoEarlierTarget { versions, .. } => {
            format!("name a version with `--to`; it has {versions}")
        }
        PlanError::UnknownRelease { newest: Some(newest), .. } => format!("the newest is {newest}"),
        PlanError::UnknownRelease { newest: None, .. } => "it has none at all".to_owned(),
        PlanError::PackedRelease { .. } => {
            "name a commit or a day with `--to` instead: the release says in `source` which commit it was made from".to_owned()
        }
        PlanError::NoCommit { .. } => {
            "the number of a release needs `--previous DIR`, the published registry".to_owned()
        }
        PlanError::NoCommitAsOld { is_shallow: true, .. } => SHALLOW_CLONE.to_owned(),
        PlanError::NoCommitAsOld { .. } => "`promptdex log` shows how far back they go".to_owned(),
        PlanError::Served { environment, name, .. } => format!(
            "move {environment} first: `promptdex promote {name}@VERSION --to {environment}`"
        ),
        PlanError::EscapedInclude { .. } => "write the text as a block, with `|`".to_owned(),
        PlanError::InsidePrompt { .. } => "choose a name beside it".to_owned(),
        PlanError::EditedInPlace { name, .. } => {
            format!("edit it there; `promptdex version {name}` gives it the next number")
        }
        PlanError::NoVersionYet { suggestion, .. } => suggestion.clone().unwrap_or_else(|| {
            "leave the option out to start the prompt with version 1.0.0".to_owned()
        }),
        PlanError::NoVersionToCopy { versions, .. } => format!("it has {versions}"),
        PlanError::FolderExists { .. } => "change it, or choose a different one".to_owned(),
        PlanError::VersionsInFolders { name } => {
            format!("`promptdex new {name}` starts the next one")
        }
        PlanError::NoReadableVersion { .. } => "write `version: 1.0.0`".to_owned(),
        PlanError::NumberNotCommitted { .. } => {
            "commit it, or write another number yourself".to_owned()
        }
        PlanError::NotEdited { .. } => "edit it first".to_owned(),
    }
}

fn of_promotion(error: &PromotionError) -> &'static str {
    match error {
        PromotionError::NothingToShareWith { .. } | PromotionError::NewTrackHasNoShare { .. } => {
            "leave `--weight` out"
        }
        PromotionError::NothingBeside { .. } => "leave `--track` out",
        PromotionError::NoTrack { .. } => {
            "`--track` adds it: apps that ask for another track do not notice"
        }
        PromotionError::NoOtherMajor { .. } => {
            "a new track is of another major than the one version that is served: leave `--track` out"
        }
        PromotionError::DifferentMajors { .. } => {
            "`--track` serves both, each to those that ask for it"
        }
        PromotionError::OtherRollout { .. } => {
            "end that first: promote one of its versions without `--weight`"
        }
    }
}
