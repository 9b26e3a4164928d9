//! Why an operation could not be done.
//!
//! An error says what is wrong, with the facts that somebody needs to mend it as fields. What to do about
//! it depends on how the operation was asked for, so the command line words that.

mod plan;

use std::path::PathBuf;
use std::{fmt, io};

use promptdex_compare::promotion::PromotionError;
use promptdex_core::published_registry::CorruptFile;
use promptdex_history::GitError;
pub use promptdex_publish::FolderError;
use promptdex_wire::name::NameError;
use promptdex_wire::{
    Chain, Environment, PromptName, PromptVersion, RegistryName, RegistryPath, Version,
};

pub use self::plan::{PlanError, UpstreamProblem};

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk refused something.
    #[error("{action}")]
    Io {
        /// What was not possible, with the path: "cannot read `prompts/a.yaml`".
        action: String,
        /// The answer of the system.
        source: io::Error,
    },
    /// Git could not say something.
    #[error("{}", git_message(.error))]
    Git {
        /// What went wrong.
        error: GitError,
        /// The revision that it was asked about, as people name it.
        revision: String,
    },
    /// The repository has no commit by the name of the branch that a change is compared with.
    #[error("{}", git_message(.0))]
    UnknownBase(GitError),
    /// A published registry is not what it was.
    #[error(transparent)]
    Damage(Box<CorruptFile>),
    /// A folder is not in a Git repository.
    #[error("`{}` is not in a Git repository", .root.display())]
    NotInGit {
        /// The folder.
        root: PathBuf,
        /// What Git is needed for.
        purpose: GitPurpose,
    },
    /// There is no tree.
    #[error("there is no folder `{}`", .root.display())]
    NoTree {
        /// The folder that the tree was expected in.
        root: PathBuf,
    },
    /// There is no such file in a tree as it is read.
    #[error("there is no `{path}`")]
    NoFile {
        /// The file, as it is shown to people.
        path: String,
    },
    /// A tree is read otherwise than it stands on disk, so nothing is written to it.
    #[error("cannot write `{path}`: the tree is not read as it stands on disk")]
    NotWritable {
        /// The file, as it is shown to people.
        path: String,
    },
    /// A commit does not have a file.
    #[error("{commit} has no `{path}`")]
    NoFileInCommit {
        /// The commit.
        commit: String,
        /// The file, from the root of the tree.
        path: String,
    },
    /// Something that was named is not there.
    #[error(transparent)]
    Selection(Box<SelectionError>),
    /// There is nothing to build.
    #[error("there are no prompts in `{}`", .root.display())]
    NoPrompts {
        /// The root of the tree.
        root: PathBuf,
        /// Where the first prompt could be written.
        example: String,
    },
    /// A tree does not continue the registry that was published.
    #[error("the published registry is `{published}`, the tree `{}` is `{own}`", .root.display())]
    OtherRegistry {
        /// The name of the published registry.
        published: RegistryName,
        /// The name that the tree has.
        own: RegistryName,
        /// The root of the tree.
        root: PathBuf,
        /// Whether the tree has a `registry.yaml`.
        has_file: bool,
    },
    /// A published registry is not in a folder.
    #[error("`{}` is not a folder", .folder.display())]
    NotAFolder {
        /// The address.
        folder: PathBuf,
    },
    /// A folder has no published registry.
    #[error("there is no registry in `{}`", .folder.display())]
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
    /// Two revisions have nothing in common.
    #[error("`{base}` and {head} have no commit in common")]
    NoCommonCommit {
        /// The branch that a change is compared with.
        base: String,
        /// The head of the change.
        head: String,
        /// Whether commits are missing in the clone.
        is_shallow: bool,
    },
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

/// Why something that was named is not there.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A text is not the name of a prompt.
    #[error("`{text}` is not a prompt name")]
    InvalidName {
        /// The text.
        text: String,
        /// The rule that it breaks.
        source: NameError,
    },
    /// A tree does not have a prompt.
    #[error("there is no prompt `{name}` in `{}`", .root.display())]
    UnknownPrompt {
        /// The name.
        name: PromptName,
        /// The root of the tree.
        root: PathBuf,
        /// The name that may have been meant, as a question.
        suggestion: Option<String>,
        /// How many prompts the tree has.
        known: usize,
        /// One of them.
        example: Option<String>,
    },
    /// A prompt has no version at all.
    #[error("`{name}` has no version")]
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
        /// Its versions.
        versions: String,
    },
    /// A prompt has no such version, and there is no such environment.
    #[error("`{name}` has no version or environment `{selector}`")]
    UnknownVersion {
        /// The prompt.
        name: PromptName,
        /// The version or environment that was asked for.
        selector: String,
        /// The environment that may have been meant, as a question.
        suggestion: Option<String>,
        /// The versions of the prompt.
        versions: String,
        /// The environments of the registry.
        environments: String,
    },
    /// There is nothing below a version to compare it with.
    #[error("`{name}` has no version below {version}")]
    NothingBelow {
        /// The prompt.
        name: PromptName,
        /// The version.
        version: Version,
        /// The versions of the prompt.
        versions: String,
    },
    /// A registry has no such environment.
    #[error("there is no environment `{name}`")]
    UnknownEnvironment {
        /// The name that was asked for.
        name: String,
        /// The environment that may have been meant, as a question.
        suggestion: Option<String>,
        /// The environments of the registry.
        environments: String,
    },
}

/// What Git is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitPurpose {
    /// To read a tree as of a commit.
    Revision,
    /// To compare a change with the branch that it is going to be merged into.
    Base,
    /// To commit a change.
    Commit,
    /// To go back to what a commit has.
    Rollback,
    /// To write files that a Git host reads.
    Host,
}

/// Why an output cannot be written to.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The output and the tree hold one another.
    #[error("the output `{}` and the tree `{}` overlap", .output.display(), .tree.display())]
    OverlapsTree {
        /// The output.
        output: PathBuf,
        /// The root of the tree.
        tree: PathBuf,
    },
    /// The output and the registry that it continues hold one another.
    #[error("the output `{}` and the registry `{}` overlap", .output.display(), .previous.display())]
    OverlapsPrevious {
        /// The output.
        output: PathBuf,
        /// The registry.
        previous: PathBuf,
    },
    /// The output holds something that no build wrote.
    #[error("`{}` holds `{other}`, which would be removed with it", .output.display())]
    Foreign {
        /// The output.
        output: PathBuf,
        /// What it holds.
        other: String,
    },
    /// A page that no build wrote is where a build writes one.
    #[error("`{}` is a page that no build wrote", .page.display())]
    ForeignPage {
        /// The page.
        page: PathBuf,
    },
    /// The output has files, and is no registry.
    #[error("`{}` is not empty, and not a registry", .output.display())]
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
    /// The output has releases that the build does not continue.
    #[error("`{}` has release {sequence} of {chain}, which would be lost: clients never go back", .output.display())]
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

/// Why a change to a tree cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The change cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file could not be written, and those written before it were put back.
    #[error("nothing was changed")]
    NothingChanged(#[source] Box<Error>),
    /// A file could not be written, and others could not be put back.
    #[error("{error}; changed already, and not put back: {paths}")]
    HalfChanged {
        /// Why the file could not be written.
        error: Box<Error>,
        /// The files that are changed.
        paths: String,
    },
    /// Git refused to commit.
    #[error(transparent)]
    Commit(GitError),
    /// There are teams, and nobody knows who makes the change.
    #[error("policy.yaml has teams, and Git does not know who you are")]
    UnknownActor,
    /// The metadata of a prompt says which environments serve it.
    #[error("the metadata of `{name}` says which environments serve it")]
    MetadataPointers {
        /// The prompt.
        name: PromptName,
    },
    /// A file that is going to be edited is not text.
    #[error("`{path}` is not UTF-8 text")]
    NotText {
        /// The file.
        path: String,
    },
    /// A file says no version that could be replaced.
    #[error("`{path}` has no number that could be replaced")]
    NoNumber {
        /// The file.
        path: String,
    },
    /// A version cannot go live in the way that was asked for.
    #[error(transparent)]
    Promotion(#[from] PromotionError),
    /// Nobody said which version is meant.
    #[error("which version of `{name}` is not said")]
    VersionNotNamed {
        /// The prompt.
        name: PromptName,
        /// Its versions.
        versions: String,
    },
    /// A version has a state that takes precedence.
    #[error("`{version}` is {state}: {reason}")]
    StateTakesPrecedence {
        /// The version.
        version: PromptVersion,
        /// The state that it has.
        state: &'static str,
        /// The reason of that.
        reason: String,
        /// The state that was asked for.
        wanted: &'static str,
        /// The file that says so.
        path: String,
    },
    /// A `prompt.yaml` cannot be edited without changing more of it.
    #[error("`{path}` cannot be edited without changing more of it")]
    NotEditable {
        /// The file.
        path: String,
        /// The version whose state changes.
        version: Version,
        /// The state that was asked for; without one, the version loses its state.
        wanted: Option<&'static str>,
    },
    /// A file is not what a test runner writes.
    #[error("`{name}` is not {format}: {reason}")]
    NoTestReport {
        /// What people call the file.
        name: String,
        /// The format that it seemed to have.
        format: &'static str,
        /// Why it is not.
        reason: String,
    },
    /// A test runner ran no test.
    #[error("nothing was tested in `{name}`")]
    NothingTested {
        /// What people call the file.
        name: String,
    },
}

fn git_message(error: &GitError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Returns an error and what caused it.
pub fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Says of an error of the disk what was not possible.
pub trait Context<T> {
    /// Adds what was not possible: "cannot read `prompts/a.yaml`".
    fn with_context<D: fmt::Display>(self, action: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<io::Error>> Context<T> for std::result::Result<T, E> {
    fn with_context<D: fmt::Display>(self, action: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| Error::Io { action: action().to_string(), source: error.into() })
    }
}
