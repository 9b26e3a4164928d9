//! Why a change to a tree cannot be planned.

use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};

/// Why a change to a tree cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// An environment is the first of the promotion path, so there is nothing to promote to it by default.
    #[error("nothing comes before {environment} on the promotion path")]
    FirstEnvironment {
        /// The environment.
        environment: Environment,
        /// The prompt, if a single one is promoted.
        name: Option<PromptName>,
        /// The promotion path.
        path: String,
    },
    /// The environment upstream does not serve one clear version of a prompt.
    #[error("{}", .problem.message(.name, .environment, .upstream))]
    UnclearVersion {
        /// The prompt.
        name: PromptName,
        /// The environment that the prompt is promoted to.
        environment: Environment,
        /// The environment before it on the promotion path.
        upstream: Environment,
        /// Why no version follows from what is served there.
        problem: UpstreamProblem,
    },
    /// An environment that is rolled back does not serve a prompt.
    #[error("{environment} does not serve `{name}`")]
    NothingToRollBack {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
    },
    /// The commits know nothing that an environment served before.
    #[error("as far as the commits tell, {environment} has nothing to go back to of `{name}`")]
    NoEarlierTarget {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
        /// The versions of the prompt.
        versions: String,
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
    /// A number is no commit; that of a release needs the published registry.
    #[error("there is no commit `{number}`")]
    NoCommit {
        /// The number.
        number: u64,
    },
    /// All commits are newer.
    #[error("there is no commit as old as {time}")]
    NoCommitAsOld {
        /// The time.
        time: Timestamp,
    },
    /// A version that is to be archived is served.
    #[error("{environment} serves {version} of `{name}`")]
    Served {
        /// The environment.
        environment: Environment,
        /// The prompt.
        name: PromptName,
        /// The version.
        version: Version,
    },
    /// An include is written with escapes, so its place in the file is not known.
    #[error("`{path}` spells the include of `{include}` with escapes")]
    EscapedInclude {
        /// The file.
        path: String,
        /// What is included.
        include: PromptVersion,
    },
    /// A prompt would be inside another one.
    #[error("`{above}` is a prompt, and a prompt holds no other prompt")]
    InsidePrompt {
        /// The prompt above.
        above: PromptName,
    },
    /// A prompt is edited in place, so it gets no folder for a version.
    #[error("`{name}` is edited in place, in `{path}`")]
    EditedInPlace {
        /// The prompt.
        name: PromptName,
        /// The file.
        path: String,
    },
    /// There is no prompt that could get a next version.
    #[error("there is no version of `{name}` yet")]
    NoVersionYet {
        /// The prompt.
        name: PromptName,
        /// The name that may have been meant, as a question.
        suggestion: Option<String>,
    },
    /// A prompt has no such version to copy.
    #[error("`{folder}` has no version `{version}`")]
    NoVersionToCopy {
        /// The folder of the prompt.
        folder: String,
        /// The version, as it was asked for.
        version: String,
        /// The versions of the prompt.
        versions: String,
    },
    /// The folder of a new version is there.
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
    /// A prompt that is edited in place has no version.
    #[error("`{path}` has no version that can be read")]
    NoReadableVersion {
        /// The file.
        path: String,
    },
    /// A prompt that is edited in place has a new number already.
    #[error("`{name}` has a number that is not committed yet: {version}")]
    NumberNotCommitted {
        /// The prompt.
        name: PromptName,
        /// The number.
        version: Version,
    },
    /// A prompt that is edited in place was not edited.
    #[error("`{name}` is as it was when it became {version}")]
    NotEdited {
        /// The prompt.
        name: PromptName,
        /// Its version.
        version: Version,
    },
}

/// Why no version to promote follows from what an environment serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamProblem {
    /// It does not serve the prompt.
    NotServed,
    /// It rolls out several versions.
    Rollout,
    /// All its tracks are served downstream.
    SameTracks,
    /// Several of its tracks are not served downstream.
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
