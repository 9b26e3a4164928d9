//! Errors of planning a change to a tree.

use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};

/// The reason why a change to a tree cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The environment is the first of the promotion path, so no environment precedes it.
    #[error("{environment} is the first environment of the promotion path")]
    FirstEnvironment {
        /// The environment.
        environment: Environment,
        /// The prompt, if a single one is promoted.
        name: Option<PromptName>,
        /// The promotion path.
        path: String,
    },
    /// The previous environment does not serve one clear version of a prompt.
    #[error("{}", .problem.message(.name, .environment, .upstream))]
    UnclearVersion {
        /// The prompt.
        name: PromptName,
        /// The environment that the prompt is promoted to.
        environment: Environment,
        /// The previous environment on the promotion path.
        upstream: Environment,
        /// The reason why the version is not clear.
        problem: UpstreamProblem,
    },
    /// An environment that would be rolled back does not serve a prompt.
    #[error("{environment} does not serve `{name}`")]
    NothingToRollBack {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
    },
    /// The commits have no earlier target of an environment.
    #[error("the commits have no earlier version of `{name}` in {environment}")]
    NoEarlierTarget {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
        /// The versions of the prompt.
        versions: String,
        /// Whether the clone lacks older commits.
        is_shallow: bool,
    },
    /// A published registry has no such release.
    #[error("{environment} has no release {number}")]
    UnknownRelease {
        /// The environment.
        environment: Environment,
        /// The number.
        number: u64,
        /// The number of the newest release, if there is one.
        newest: Option<u64>,
    },
    /// A release is packed, and its snapshot is not kept.
    #[error("the snapshot of the packed release {number} of {environment} was removed")]
    PackedRelease {
        /// The environment.
        environment: Environment,
        /// The number.
        number: u64,
    },
    /// A number is not a commit. To use it as a release number, the published registry is needed.
    #[error("unknown commit `{number}`")]
    NoCommit {
        /// The number.
        number: u64,
    },
    /// Every commit is newer than a time.
    #[error("no commit is as old as {time}")]
    NoCommitAsOld {
        /// The time.
        time: Timestamp,
        /// Whether the clone lacks older commits.
        is_shallow: bool,
    },
    /// A version that would be archived is still served.
    #[error("{environment} still serves {version} of `{name}`")]
    Served {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
        /// The version.
        version: Version,
    },
    /// An include contains escapes, so its position in the file is unknown.
    #[error("cannot edit the include of `{include}` in `{path}`, which has escapes")]
    EscapedInclude {
        /// The file.
        path: String,
        /// The included version.
        include: PromptVersion,
    },
    /// The path of a new prompt is inside another prompt.
    #[error("`{above}` is a prompt and cannot contain a second prompt")]
    InsidePrompt {
        /// The outer prompt.
        above: PromptName,
    },
    /// A prompt is edited in place, so it has no version folders.
    #[error("`{name}` is the single-file prompt `{path}`")]
    EditedInPlace {
        /// The prompt.
        name: PromptName,
        /// The file.
        path: String,
    },
    /// A prompt does not exist, so it cannot get a next version.
    #[error("`{name}` has no version yet")]
    NoVersionYet {
        /// The prompt.
        name: PromptName,
        /// A suggested name, as a question.
        suggestion: Option<String>,
    },
    /// A prompt does not have the version to copy.
    #[error("`{folder}` has no version `{version}`")]
    NoVersionToCopy {
        /// The folder of the prompt.
        folder: String,
        /// The requested version.
        version: String,
        /// The versions of the prompt.
        versions: String,
    },
    /// The folder of a new version already exists.
    #[error("`{folder}` already exists")]
    FolderExists {
        /// The folder.
        folder: String,
    },
    /// A prompt has a folder per version, so there is no number to replace.
    #[error("`{name}` is a folder-versioned prompt")]
    VersionsInFolders {
        /// The prompt.
        name: PromptName,
    },
    /// A prompt that is edited in place has no readable version number.
    #[error("cannot read the version in `{path}`")]
    NoReadableVersion {
        /// The file.
        path: String,
    },
    /// A prompt that is edited in place already has a new version number.
    #[error("version {version} of `{name}` is not committed yet")]
    NumberNotCommitted {
        /// The prompt.
        name: PromptName,
        /// The number.
        version: Version,
    },
    /// A prompt that is edited in place has no unreleased edit.
    #[error("`{name}` has no edits since {version}")]
    NotEdited {
        /// The prompt.
        name: PromptName,
        /// Its version.
        version: Version,
    },
}

/// The reason why it is not clear which version to promote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamProblem {
    /// The previous environment does not serve the prompt.
    NotServed,
    /// The previous environment rolls out several versions.
    Rollout,
    /// All tracks of the previous environment are already served downstream.
    SameTracks,
    /// Several tracks of the previous environment are not served downstream.
    SeveralTracks,
}

impl UpstreamProblem {
    fn message(
        self,
        name: &PromptName,
        environment: &Environment,
        upstream: &Environment,
    ) -> String {
        match self {
            Self::NotServed => {
                format!(
                    "{upstream}, the previous environment of {environment}, does not serve `{name}`"
                )
            }
            Self::Rollout => format!("rollout in progress in {upstream}"),
            Self::SameTracks => format!("{environment} already serves every track of {upstream}"),
            Self::SeveralTracks => format!("{upstream} serves several tracks"),
        }
    }
}
