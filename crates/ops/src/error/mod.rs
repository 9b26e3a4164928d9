//! Errors of operations.
//!
//! An error names the problem, and its fields have the facts that are needed to fix it. How to fix
//! it depends on the caller, so the command line words the help.

mod plan;
mod publish;

use std::path::PathBuf;
use std::{fmt, io};

use promptdex_compare::promotion::PromotionError;
use promptdex_core::published_registry::CorruptFile;
pub use promptdex_history::GitError;
pub use promptdex_publish::FolderError;
use promptdex_wire::name::NameError;
use promptdex_wire::{
    Chain, Environment, PromptName, PromptVersion, RegistryName, RegistryPath, Version,
};

pub use self::plan::{PlanError, UpstreamProblem};
pub use self::publish::PublishError;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file system operation failed.
    #[error("{action}")]
    Io {
        /// The failed action, with the path: "cannot read `prompts/a.yaml`".
        action: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A Git command failed.
    #[error("{}", git_message(.error))]
    Git {
        /// The error.
        error: GitError,
        /// The revision, as the user named it.
        revision: String,
    },
    /// The repository has no commit with the name of the base branch.
    #[error("{}", git_message(.0))]
    UnknownBase(GitError),
    /// Something was not published.
    #[error(transparent)]
    Publish(Box<PublishError>),
    /// A file of a published registry is corrupt.
    #[error(transparent)]
    Damage(Box<CorruptFile>),
    /// A folder is not in a Git repository.
    #[error("`{}` is not in a Git repository", .root.display())]
    NotInGit {
        /// The folder.
        root: PathBuf,
        /// The purpose that Git is needed for.
        purpose: GitPurpose,
    },
    /// The tree does not exist.
    #[error("folder `{}` not found", .root.display())]
    NoTree {
        /// The folder where the tree was expected.
        root: PathBuf,
    },
    /// The root of the tree, or a folder above it in the repository, is a symbolic link.
    #[error("`{}` is a symbolic link to `{}`", .path.display(), .target.display())]
    LinkedRoot {
        /// The link.
        path: PathBuf,
        /// The path that the link contains.
        target: PathBuf,
    },
    /// The base branch of a change has no tree, and had one before or may have had one.
    #[error("`{base}` has no prompts in `{folder}`: {}", gone(*.is_shallow))]
    TreeGoneFromBase {
        /// The base branch.
        base: String,
        /// The root of the tree, from the top of the repository.
        folder: String,
        /// Whether the clone is shallow, so that earlier commits are unknown.
        is_shallow: bool,
    },
    /// A tree has no such file, with the overlay and the scope applied.
    #[error("`{path}` not found")]
    NoFile {
        /// The path, in the form for users.
        path: String,
    },
    /// A file is not written, because the tree is not read directly from disk.
    #[error("cannot write `{path}`: the tree is not read from disk")]
    NotWritable {
        /// The path, in the form for users.
        path: String,
    },
    /// A commit does not have a file.
    #[error("{commit} has no `{path}`")]
    NoFileInCommit {
        /// The commit.
        commit: String,
        /// The file, relative to the root of the tree.
        path: String,
    },
    /// A prompt, version or environment that was named does not exist.
    #[error(transparent)]
    Selection(Box<SelectionError>),
    /// The tree has no prompts to build.
    #[error("`{}` has no prompts", .root.display())]
    NoPrompts {
        /// The root of the tree.
        root: PathBuf,
        /// A suggested path for the first prompt.
        example: String,
    },
    /// A tree has a different name than the published registry that it should continue.
    #[error("the published registry is `{published}`; the tree `{}` is `{own}`", .root.display())]
    OtherRegistry {
        /// The name of the published registry.
        published: RegistryName,
        /// The registry name of the tree.
        own: RegistryName,
        /// The root of the tree.
        root: PathBuf,
        /// Whether the tree has a `registry.yaml`.
        has_file: bool,
    },
    /// The path of a published registry is not a folder.
    #[error("`{}` is not a folder", .folder.display())]
    NotAFolder {
        /// The path.
        folder: PathBuf,
    },
    /// A folder contains no published registry.
    #[error("no registry found in `{}`", .folder.display())]
    NoRegistry {
        /// The folder.
        folder: PathBuf,
    },
    /// An output cannot be written to.
    #[error(transparent)]
    Target(Box<TargetError>),
    /// A change to a tree cannot be made.
    #[error(transparent)]
    Change(Box<ChangeError>),
    /// Two revisions have no common ancestor.
    #[error("`{base}` and {head} have no common commit")]
    NoCommonCommit {
        /// The base branch of the change.
        base: String,
        /// The head of the change.
        head: String,
        /// Whether the clone is shallow.
        is_shallow: bool,
    },
}

/// Says what is known of earlier commits.
fn gone(is_shallow: bool) -> &'static str {
    if is_shallow {
        "cannot check earlier commits, because the clone is shallow"
    } else {
        "they were removed in an earlier commit"
    }
}

impl From<CorruptFile> for Error {
    fn from(damage: CorruptFile) -> Self {
        Self::Damage(Box::new(damage))
    }
}

impl From<SelectionError> for Error {
    fn from(error: SelectionError) -> Self {
        Self::Selection(Box::new(error))
    }
}

impl From<PublishError> for Error {
    fn from(error: PublishError) -> Self {
        Self::Publish(Box::new(error))
    }
}

impl From<FolderError> for Error {
    fn from(error: FolderError) -> Self {
        TargetError::Folder(error).into()
    }
}

impl From<TargetError> for Error {
    fn from(error: TargetError) -> Self {
        Self::Target(Box::new(error))
    }
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        Self::Change(Box::new(error))
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        ChangeError::from(error).into()
    }
}

/// The reason why a named prompt, version or environment cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A text is not a valid prompt name.
    #[error("`{text}` is not a prompt name")]
    InvalidName {
        /// The text.
        text: String,
        /// The rule that the name violates.
        source: NameError,
    },
    /// A tree does not have a prompt.
    #[error("prompt `{name}` not found in `{}`", .root.display())]
    UnknownPrompt {
        /// The name.
        name: PromptName,
        /// The root of the tree.
        root: PathBuf,
        /// A suggested name, as a question.
        suggestion: Option<String>,
        /// The number of prompts in the tree.
        known: usize,
        /// The name of one of them, as an example.
        example: Option<String>,
    },
    /// A prompt has no versions.
    #[error("`{name}` has no versions")]
    NoVersions {
        /// The prompt.
        name: PromptName,
    },
    /// An environment does not serve a prompt.
    #[error("{environment} does not serve `{name}`")]
    NotServed {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
        /// The versions of the prompt.
        versions: String,
    },
    /// The pointer file of an environment cannot be read.
    #[error("cannot read the pointer `{path}`")]
    UnreadablePointer {
        /// The file, in the form for users.
        path: String,
    },
    /// A selector is neither a version of a prompt nor an environment.
    #[error("`{name}` has no version or environment `{selector}`")]
    UnknownVersion {
        /// The prompt.
        name: PromptName,
        /// The selector.
        selector: String,
        /// A suggested environment, as a question.
        suggestion: Option<String>,
        /// The versions of the prompt.
        versions: String,
        /// The environments of the registry.
        environments: String,
        /// Whether the prompt may have had more versions, in commits that a shallow clone lacks.
        lacks_commits: bool,
    },
    /// A version has no lower version to compare it with.
    #[error("`{name}` has no version below {version}")]
    NothingBelow {
        /// The prompt.
        name: PromptName,
        /// The version.
        version: Version,
        /// The versions of the prompt.
        versions: String,
        /// Whether the prompt may have had more versions, in commits that a shallow clone lacks.
        lacks_commits: bool,
    },
    /// A registry has no such environment.
    #[error("unknown environment `{name}`")]
    UnknownEnvironment {
        /// The name.
        name: String,
        /// A suggested environment, as a question.
        suggestion: Option<String>,
        /// The environments of the registry.
        environments: String,
    },
}

/// The purpose that Git is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitPurpose {
    /// To read a tree as of a commit.
    Revision,
    /// To compare a change with its base branch.
    Base,
    /// To commit a change.
    Commit,
    /// To restore the pointers of a commit.
    Rollback,
    /// To write files that a Git host reads.
    Host,
}

/// The reason why an output cannot be written to.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The output folder contains the tree, or the tree contains the output folder.
    #[error("the output `{}` and the tree `{}` overlap", .output.display(), .tree.display())]
    OverlapsTree {
        /// The output.
        output: PathBuf,
        /// The root of the tree.
        tree: PathBuf,
    },
    /// The output folder contains the registry that it continues, or the registry contains it.
    #[error("the output `{}` and the registry `{}` overlap", .output.display(), .previous.display())]
    OverlapsPrevious {
        /// The output.
        output: PathBuf,
        /// The registry.
        previous: PathBuf,
    },
    /// The output contains a file that no build wrote.
    #[error("`{}` contains `{other}`, which the build would remove", .output.display())]
    Foreign {
        /// The output.
        output: PathBuf,
        /// The name of that file.
        other: String,
    },
    /// A page that was not written by a build has the path of a page of the site.
    #[error("`{}` is not from a build", .page.display())]
    ForeignPage {
        /// The page.
        page: PathBuf,
    },
    /// The output folder has files, but is not a registry.
    #[error("`{}` is neither empty nor a registry", .output.display())]
    NotARegistry {
        /// The output.
        output: PathBuf,
    },
    /// A pointer of the registry in the output cannot be read.
    #[error("`{pointer}` in `{}` is missing or cannot be read", .output.display())]
    UnreadablePointer {
        /// The pointer.
        pointer: RegistryPath,
        /// The output.
        output: PathBuf,
    },
    /// The output has releases that the build does not continue, so they would be lost.
    #[error("the build would lose release {sequence} of {chain} in `{}`", .output.display())]
    LosesRelease {
        /// The output.
        output: PathBuf,
        /// The number of the release.
        sequence: u64,
        /// The chain of the release.
        chain: Chain,
    },
    /// The folder of a registry cannot be written to.
    #[error(transparent)]
    Folder(FolderError),
}

/// The reason why a change to a tree cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The change cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file could not be written, and the files written before it were restored.
    #[error("no files were changed")]
    NothingChanged(#[source] Box<Error>),
    /// A file could not be written, and some files written before it could not be restored.
    #[error("{error}; changed and not restored: {paths}")]
    HalfChanged {
        /// The reason why the file could not be written.
        error: Box<Error>,
        /// The files that remain changed.
        paths: String,
    },
    /// Git or a hook refused to commit.
    #[error("{error}")]
    Commit {
        /// The answer of Git.
        error: GitError,
        /// The file with the message of the commit, if it could be written.
        message_file: Option<PathBuf>,
        /// The files to commit, as the user names them.
        paths: Vec<String>,
    },
    /// Git refused something else than a commit.
    #[error(transparent)]
    Git(GitError),
    /// The policy requires signed commits, and Git does not sign them.
    #[error("policy.yaml requires signed commits, but Git is not set up to sign them")]
    NotSigned,
    /// A change is to be committed to a tree of which nothing is committed.
    #[error("`{}` is not committed yet", .root.display())]
    NothingCommitted {
        /// The root of the tree.
        root: PathBuf,
    },
    /// The policy has teams, and the author of the change is unknown.
    #[error("cannot tell who is making this change")]
    UnknownActor,
    /// The metadata of a prompt has its pointers.
    #[error("the metadata of `{name}` assigns versions to environments")]
    MetadataPointers {
        /// The prompt.
        name: PromptName,
    },
    /// A file that would be edited is not text.
    #[error("`{path}` is not valid UTF-8")]
    NotText {
        /// The file.
        path: String,
    },
    /// A file has no version number to replace.
    #[error("`{path}` has no version to replace")]
    NoNumber {
        /// The file.
        path: String,
    },
    /// A version cannot go live in the requested way.
    #[error(transparent)]
    Promotion(#[from] PromotionError),
    /// A version has to be named.
    #[error("missing version of `{name}`")]
    VersionNotNamed {
        /// The prompt.
        name: PromptName,
        /// The versions of the prompt.
        versions: String,
    },
    /// A version has a state that takes precedence.
    #[error("`{version}` is {state}: {reason}")]
    StateTakesPrecedence {
        /// The version.
        version: PromptVersion,
        /// The current state.
        state: &'static str,
        /// The reason for the current state.
        reason: String,
        /// The requested state.
        wanted: &'static str,
        /// The file with the states.
        path: String,
    },
    /// The state of a version cannot be edited without changing more of `prompt.yaml`.
    #[error("cannot edit `{path}` without changing other lines")]
    NotEditable {
        /// The file.
        path: String,
        /// The version whose state changes.
        version: Version,
        /// The requested state, or `None` to remove the state.
        wanted: Option<&'static str>,
    },
    /// A file is not a report of a test runner.
    #[error("`{name}` is not {format}: {reason}")]
    NoTestReport {
        /// The display name of the file.
        name: String,
        /// The format that was expected.
        format: &'static str,
        /// The parse error.
        reason: String,
    },
    /// What a report of a test runner says of itself is not what it has.
    #[error("inconsistent totals in `{name}`: {reason}")]
    DifferentTotals {
        /// The display name of the file.
        name: String,
        /// Both numbers.
        reason: String,
    },
    /// A report has the results of several prompts, and none of them or another one is named.
    #[error("`{name}` has the results of {}: {}", crate::text::plural(labels.len(), "prompt"), quoted(labels))]
    SeveralPrompts {
        /// The display name of the file.
        name: String,
        /// What the report calls the prompts.
        labels: Vec<String>,
    },
    /// A report has the results of one prompt, with a text that the version does not have.
    #[error("`{name}` tested a different text: its prompt `{label}` is not this version")]
    DifferentTestedText {
        /// The display name of the file.
        name: String,
        /// What the report calls the prompt.
        label: String,
    },
    /// A test run has no tests.
    #[error("`{name}` has no test results")]
    NothingTested {
        /// The display name of the file.
        name: String,
    },
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn git_message(error: &GitError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Returns an error, followed by its causes.
pub fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Adds context to I/O errors.
pub trait Context<T> {
    /// Adds the failed action: "cannot read `prompts/a.yaml`".
    fn with_context<D: fmt::Display>(self, action: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<io::Error>> Context<T> for std::result::Result<T, E> {
    fn with_context<D: fmt::Display>(self, action: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| Error::Io { action: action().to_string(), source: error.into() })
    }
}
