//! Errors of planning a change to a tree.

use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};

/// The reason why a change to a tree cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The environment is the first of the promotion path, so no environment precedes it.
    #[error("nothing comes before {environment} on the promotion path")]
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
    #[error("as far as the commits tell, {environment} has nothing to go back to of `{name}`")]
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
    #[error("release {number} of {environment} is packed, and its snapshot is no longer there")]
    PackedRelease {
        /// The environment.
        environment: Environment,
        /// The number.
        number: u64,
    },
    /// A number is not a commit. To use it as a release number, the published registry is needed.
    #[error("there is no commit `{number}`")]
    NoCommit {
        /// The number.
        number: u64,
    },
    /// Every commit is newer than a time.
    #[error("there is no commit as old as {time}")]
    NoCommitAsOld {
        /// The time.
        time: Timestamp,
        /// Whether the clone lacks older commits.
        is_shallow: bool,
    },
    /// A version that would be archived is still served.
    #[error("{environment} serves {version} of `{name}`")]
    Served {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
        /// The version.
        version: Version,
    },
    /// An include contains escapes, so its position in the file is unknown.
    #[error("`{path}` spells the include of `{include}` with escapes")]
    EscapedInclude {
        /// The file.
        path: String,
        /// The included version.
        include: PromptVersion,
    },
    /// The path of a new prompt is inside another prompt.
    #[error("`{above}` is a prompt, and a prompt holds no other prompt")]
    InsidePrompt {
        /// The outer prompt.
        above: PromptName,
    },
    /// A prompt is edited in place, so it has no version folders.
    #[error("`{name}` is edited in place, in `{path}`")]
    EditedInPlace {
        /// The prompt.
        name: PromptName,
        /// The file.
        path: String,
    },
    /// A prompt does not exist, so it cannot get a next version.
    #[error("there is no version of `{name}` yet")]
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
    #[error("`{folder}` is there already")]
    FolderExists {
        /// The folder.
        folder: String,
    },
    /// A prompt has a folder per version, so there is no number to replace.
    #[error("`{name}` has its versions in folders")]
    VersionsInFolders {
        /// The prompt.
        name: PromptName,
    },
    /// A prompt that is edited in place has no readable version number.
    #[error("`{path}` has no version that can be read")]
    NoReadableVersion {
        /// The file.
        path: String,
    },
    /// A prompt that is edited in place already has a new version number.
    #[error("`{name}` has a number that is not committed yet: {version}")]
    NumberNotCommitted {
        /// The prompt.
        name: PromptName,
        /// The number.
        version: Version,
    },
    /// A prompt that is edited in place has no unreleased edit.
    #[error("`{name}` is as it was when it became {version}")]
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
                format!("{upstream}, which comes before {environment}, does not serve `{name}`")
            }
            Self::Rollout => format!("{upstream} is rolling out several versions"),
            Self::SameTracks => format!("{environment} serves every track of {upstream} already"),
            Self::SeveralTracks => format!("{upstream} serves several tracks"),
        }
    }
}
