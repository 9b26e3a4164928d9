//! The tree as a listing: which files there are, and which prompt and version each of them belongs
//! to. Only names and sizes are looked at here; contents are read per prompt.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};

use promptdex_wire::characters::is_invisible;
use promptdex_wire::name::{NameError, check_segment, is_device, is_version_like};
use promptdex_wire::{Environment, FilePath, PromptName, Version};

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::rules;

/// An entry of the tree: a file or something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeEntry {
    /// A file.
    File {
        /// Its size in bytes.
        size: u64,
        /// A number that changes when the file does, if the edge has one.
        stamp: Option<u64>,
        /// Whether it can be executed. Always false where files have no modes.
        is_executable: bool,
    },
    /// A symlink, a submodule, a device: nothing that is read.
    Other,
}

impl TreeEntry {
    /// Describes a file of which only the size is known.
    pub fn file(size: u64) -> Self {
        Self::File { size, stamp: None, is_executable: false }
    }
}

/// All paths of a tree below its root, with `/`, in order. Folders and files whose names begin with
/// `.` or `_` may be left out; they are not read.
pub type Listing = BTreeMap<String, TreeEntry>;

/// Files of the tree by path, for the files of one prompt.
pub type Contents = BTreeMap<String, Vec<u8>>;

/// A text file may have this many bytes.
pub const MAX_FILE: u64 = 1024 * 1024;

/// A file under `files/` may have this many bytes.
pub const MAX_PART: u64 = 4 * 1024 * 1024;

/// The folder of a version with the files that its messages name.
pub const FILES: &str = "files/";

/// The file that holds the facts of a registry.
pub const REGISTRY_FILE: &str = "registry.yaml";

/// The SSH keys whose signatures of commits are trusted, in the root of the tree: OpenSSH's list of allowed signers.
pub const SIGNERS_FILE: &str = "allowed_signers";

/// The file that holds the rules of a registry.
pub const POLICY_FILE: &str = "policy.yaml";

/// The prompts, versions and files of a tree, sorted out from its listing.
#[derive(Debug, Default)]
pub struct Survey {
    /// Whether the tree has a `registry.yaml`.
    pub has_registry_file: bool,
    /// Whether the tree has a `policy.yaml`.
    pub has_policy_file: bool,
    /// Markdown files outside prompts, with their sizes and stamps: one with front matter may be a prompt
    /// itself.
    pub documents: BTreeMap<String, (u64, Option<u64>)>,
    /// The number of files that are ignored because of their name.
    pub ignored_names: usize,
    /// The prompts and their files.
    pub prompts: BTreeMap<PromptName, PromptFiles>,
    /// The findings about names.
    pub findings: Vec<Diagnostic>,
}

impl Survey {
    /// Returns the files that may have the number of a prompt that is edited in place.
    pub fn may_be_in_place(&self) -> Vec<(String, InPlaceForm)> {
        let documents = self.documents.keys().map(|path| (path.clone(), InPlaceForm::Document));
        // With versions in folders and no text beside them, it is not.
        let folders = self.prompts.values().filter(|files| {
            files.has_prompt_file && (!files.loose.is_empty() || files.versions.is_empty())
        });
        let folders = folders.map(|files| (files.prompt_file(), InPlaceForm::Folder));
        documents.chain(folders).collect()
    }
}

/// The files of one prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromptFiles {
    /// The folder, below the root.
    pub folder: String,
    /// Whether it has a `prompt.yaml`.
    pub has_prompt_file: bool,
    /// Whether it has a folder for pointers, even an empty one.
    pub has_environments: bool,
    /// The pointers, by environment.
    pub environments: BTreeSet<Environment>,
    /// The files of cases, by version.
    pub cases: BTreeSet<Version>,
    /// The test results: a version, and the name of a file without `.json`.
    pub results: BTreeSet<(Version, String)>,
    /// The files of each version, by their path in the version's folder.
    pub versions: BTreeMap<Version, BTreeMap<String, u64>>,
    /// Versions with a file that was refused although it is part of them: too large, or misspelled.
    pub versions_with_refused_files: BTreeSet<Version>,
    /// Files of a version that are in the prompt's own folder.
    pub loose: Vec<String>,
    /// How it is edited in place, if it is.
    pub in_place: Option<InPlacePrompt>,
    /// The stamp of all files of the folder.
    pub stamp: FolderStamp,
}

/// A prompt that is edited in place: its versions are found in the Git history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPlacePrompt {
    /// Its form: a document or a folder.
    pub form: InPlaceForm,
    /// The file that has the number.
    pub file: String,
    /// The number that it has now.
    pub current: Option<Version>,
    /// Whether the prompt was edited since it got that number.
    pub is_draft: bool,
    /// Whether no commit has that number yet.
    pub is_new: bool,
    /// Whether it is older than the commits of a shallow clone, so that it may have had more versions.
    pub lacks_commits: bool,
    /// Where the files of its versions are read, by their path in the version: the path of a file, or a
    /// label for what some commit has.
    pub places: BTreeMap<Version, BTreeMap<String, String>>,
    /// Where the files are that are being edited.
    pub working_files: BTreeMap<String, String>,
}

/// The form of a prompt that is edited in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InPlaceForm {
    /// One Markdown file with front matter.
    Document,
    /// The folder of the prompt, with the number in `prompt.yaml`.
    Folder,
}

impl InPlaceForm {
    /// Returns the form of a prompt by the path of the file with its number.
    pub fn of_file(file: &str) -> Option<Self> {
        [Self::Document, Self::Folder].into_iter().find(|form| file.ends_with(form.file_end()))
    }

    /// Returns the folder of the prompt whose number a file has: the path that is its name.
    pub fn folder(self, file: &str) -> &str {
        file.strip_suffix(self.file_end()).unwrap_or(file)
    }

    /// Returns what the path of the file with the number has after the prompt's name.
    pub fn file_end(self) -> &'static str {
        match self {
            Self::Document => ".md",
            Self::Folder => "/prompt.yaml",
        }
    }

    /// Returns the name of the file with the version number, among the files of a version.
    pub fn number_file(self) -> &'static str {
        match self {
            Self::Document => "prompt.md",
            Self::Folder => "prompt.yaml",
        }
    }
}

/// A number that changes when any file of a folder is changed, added or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderStamp(Option<u64>);

impl Default for FolderStamp {
    fn default() -> Self {
        Self(Some(0))
    }
}

impl FolderStamp {
    /// Returns the number; there is none when a file has none.
    pub fn get(self) -> Option<u64> {
        self.0
    }

    pub(crate) fn add(&mut self, path: &str, size: u64, stamp: Option<u64>) {
        let add = |(before, stamp): (u64, u64)| {
            let mut hasher = std::hash::DefaultHasher::new();
            (before, path, size, stamp).hash(&mut hasher);
            hasher.finish()
        };
        self.0 = self.0.zip(stamp).map(add);
    }
}

impl PromptFiles {
    /// Returns the path of `prompt.yaml`.
    pub fn prompt_file(&self) -> String {
        format!("{}/prompt.yaml", self.folder)
    }

    /// Returns the path of an environment's pointer.
    pub fn environment_file(&self, environment: &Environment) -> String {
        format!("{}/environments/{environment}.yaml", self.folder)
    }

    /// Returns the path of a version's cases.
    pub fn cases_file(&self, version: &Version) -> String {
        format!("{}/cases/{version}.yaml", self.folder)
    }

    /// Returns the path of a test result.
    pub fn results_file(&self, version: &Version, test: &str) -> String {
        format!("{}/results/{version}/{test}.json", self.folder)
    }

    /// Returns the path of a file of a version.
    pub fn version_file(&self, version: &Version, file: &str) -> String {
        let places = self.in_place.as_ref().and_then(|in_place| in_place.places.get(version));
        if let Some(place) = places.and_then(|places| places.get(file)) {
            return place.clone();
        }
        format!("{}/v{version}/{file}", self.folder)
    }

    /// Lets the edited files replace the committed version with the same number.
    pub fn show_draft(&mut self) {
        if let Some(in_place) = &mut self.in_place
            && let Some(current) = &in_place.current
        {
            in_place.places.insert(current.clone(), in_place.working_files.clone());
            let files = in_place.working_files.keys().map(|inside| (inside.clone(), 0)).collect();
            self.versions.insert(current.clone(), files);
        }
    }

    /// Whether the folder itself is edited in place.
    pub fn is_folder_in_place(&self) -> bool {
        self.in_place.as_ref().is_some_and(|in_place| in_place.form == InPlaceForm::Folder)
    }

    /// Returns every path that has to be read to compile the prompt.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        if self.has_prompt_file {
            paths.push(self.prompt_file());
        }
        paths
            .extend(self.environments.iter().map(|environment| self.environment_file(environment)));
        paths.extend(self.cases.iter().map(|version| self.cases_file(version)));
        paths.extend(self.results.iter().map(|(version, test)| self.results_file(version, test)));
        for (version, files) in &self.versions {
            paths.extend(files.keys().map(|file| self.version_file(version, file)));
        }
        paths
    }
}

/// The files of a version that have a meaning, apart from those under `files/`.
pub const VERSION_FILES: [&str; 10] = [
    "system_prompt.txt",
    "system_prompt.md",
    "system_prompt.j2",
    "messages.yaml",
    "metadata.json",
    "metadata.yaml",
    "examples.json",
    "response_schema.json",
    "tools.json",
    "files",
];

/// Whether a path in a version's folder belongs to the version.
pub fn is_version_file(inside: &str) -> bool {
    let (folders, file) = inside.rsplit_once('/').unwrap_or(("", inside));
    let is_read = !is_ignored(file) && !folders.split('/').any(is_ignored_folder);
    VERSION_FILES[..9].contains(&inside) || (inside.starts_with("files/") && is_read)
}

/// Why a file is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredFile {
    /// The name of the file, or of one of its folders, begins with `.` or `_`.
    Hidden,
    /// The file is about the repository: `README*`, `LICENSE*` or `CODEOWNERS`.
    Repository,
    /// A Markdown file outside prompts, without a version number in its front matter.
    Document,
}

impl IgnoredFile {
    /// Describes the reason for users.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Hidden => "name begins with `.` or `_`",
            Self::Repository => "README, LICENSE and CODEOWNERS files are never read",
            Self::Document => "Markdown file without `version` in its front matter",
        }
    }
}

/// Whether a file is ignored everywhere.
fn is_ignored(name: &str) -> bool {
    is_ignored_folder(name) || is_about_repository(name)
}

/// Whether a file describes the repository, and not a prompt.
fn is_about_repository(name: &str) -> bool {
    name.starts_with("README") || name.starts_with("LICENSE") || name == "CODEOWNERS"
}

/// Returns why the names in a path have the file ignored, if they do.
pub(crate) fn ignored_name(path: &str) -> Option<IgnoredFile> {
    if path.split('/').any(is_ignored_folder) {
        return Some(IgnoredFile::Hidden);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    is_about_repository(name).then_some(IgnoredFile::Repository)
}

/// Whether a folder is ignored.
pub fn is_ignored_folder(name: &str) -> bool {
    name.starts_with('.') || name.starts_with('_')
}

/// Whether none of the folders of a path is ignored.
pub fn is_read(path: &str) -> bool {
    !path.rsplit('/').skip(1).any(is_ignored_folder)
}

/// A file of a prompt that decides which versions it has and which of them environments serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServingFile {
    /// `prompt.yaml`.
    PromptFile,
    /// A file of `environments/`, with the environment if it is a pointer.
    Environment(Option<Environment>),
    /// A file of a version, with its path in the version's folder.
    Version(Version, String),
}

/// Finds the prompt and the part of it that a path names, without a listing of the rest.
pub fn locate(path: &str) -> Option<(PromptName, ServingFile)> {
    let (folders, file) = path.rsplit_once('/')?;
    let mut before = 0;
    if !is_read(path) {
        return None;
    }
    for segment in folders.split('/') {
        let after = before + segment.len();
        if before > 0 && (is_version_like(segment) || segment == "environments") {
            let name = path[..before - 1].parse().ok()?;
            let inside = &path[after + 1..];
            let part = if segment == "environments" {
                let pointer = inside.strip_suffix(".yaml").and_then(|stem| stem.parse().ok());
                ServingFile::Environment(pointer)
            } else if is_ignored(file) {
                return None;
            } else {
                ServingFile::Version(segment[1..].parse().ok()?, inside.to_owned())
            };
            return Some((name, part));
        }
        before = after + 1;
    }
    (file == "prompt.yaml").then(|| Some((folders.parse().ok()?, ServingFile::PromptFile)))?
}

/// Sorts a listing into prompts and versions, and reports invalid names.
pub fn survey(listing: &Listing) -> Survey {
    let mut surveyor = Surveyor {
        survey: Survey::default(),
        reported_folders: BTreeSet::new(),
        // Where a file system has no modes, every file can be executed.
        has_modes: listing
            .values()
            .any(|entry| matches!(entry, TreeEntry::File { is_executable: false, .. })),
    };
    let prompt_folders = prompt_folders(listing);
    for (path, entry) in listing {
        surveyor.visit(path, *entry, &prompt_folders);
    }
    surveyor.check_collisions();
    surveyor.check_file_collisions();
    surveyor.survey
}

/// Finds the folders that are prompts: those that hold a version, a `prompt.yaml`, or pointers.
fn prompt_folders(listing: &Listing) -> BTreeSet<&str> {
    let mut folders = BTreeSet::new();
    for path in listing.keys() {
        let mut start = 0;
        while let Some(slash) = path[start..].find('/') {
            let segment = &path[start..start + slash];
            if is_ignored_folder(segment) {
                break;
            }
            let is_part = is_version_like(segment) || segment == "environments";
            // Beside a Markdown file its folder may have nothing but these.
            let is_beside = || {
                matches!(segment, "cases" | "results")
                    && listing.contains_key(&format!("{}.md", &path[..start - 1]))
            };
            if start > 0 && (is_part || is_beside()) {
                folders.insert(&path[..start - 1]);
                break;
            }
            start += slash + 1;
        }
        if let Some(folder) = path.strip_suffix("/prompt.yaml")
            && !folder
                .split('/')
                .any(|segment| is_version_like(segment) || is_ignored_folder(segment))
        {
            folders.insert(folder);
        }
    }
    folders
}

struct Surveyor {
    survey: Survey,
    /// Folders that have been reported: one finding a folder, not one a file.
    reported_folders: BTreeSet<String>,
    /// Whether the modes of files say anything.
    has_modes: bool,
}

impl Surveyor {
    fn report_once(&mut self, finding: Diagnostic) {
        if self.reported_folders.insert(finding.path.clone()) {
            self.survey.findings.push(finding);
        }
    }

    fn visit(&mut self, path: &str, entry: TreeEntry, prompt_folders: &BTreeSet<&str>) {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        if path.contains(|c: char| c.is_control() || is_invisible(c) || c == '\\') {
            let finding = Diagnostic::about(
                &rules::INVALID_NAME,
                path,
                "the path contains a backslash or an invisible character",
            );
            self.survey.findings.push(finding.help("rename the file"));
            return;
        }
        if is_device(file) && !folder.split('/').any(is_ignored_folder) {
            let message = NameError::Device { text: file.to_owned() }.to_string();
            let finding = Diagnostic::about(&rules::INVALID_NAME, path, message);
            self.survey.findings.push(finding.help("rename the file"));
            return;
        }
        if file == ".git" && !folder.is_empty() {
            let finding =
                Diagnostic::about(&rules::NOT_A_FILE, folder, "the folder is a submodule");
            self.survey
                .findings
                .push(finding.help("replace the submodule with the files themselves"));
            return;
        }
        if let Some(folder) =
            folder.strip_suffix("/environments").filter(|folder| prompt_folders.contains(folder))
            && let Ok(name) = folder.parse::<PromptName>()
        {
            self.survey.prompts.entry(name).or_default().has_environments = true;
        }
        if ignored_name(path).is_some() {
            self.survey.ignored_names += 1;
            return;
        }
        let (size, stamp, is_executable) = match entry {
            TreeEntry::File { size, stamp, is_executable } => (size, stamp, is_executable),
            TreeEntry::Other => {
                let finding = Diagnostic::about(
                    &rules::NOT_A_FILE,
                    path,
                    format!("`{file}` is not a regular file"),
                )
                .help("replace the link with the file itself");
                self.survey.findings.push(finding);
                return;
            }
        };
        // The outermost prompt on the way down owns the file.
        let owner = path
            .match_indices('/')
            .map(|(slash, _)| &path[..slash])
            .find(|f| prompt_folders.contains(f));
        let Some(owner) = owner else {
            self.visit_domain(path, folder, file, size, stamp);
            return;
        };
        let name = match owner.parse::<PromptName>() {
            Ok(name) => name,
            Err(error) => {
                let finding = Diagnostic::about(&rules::INVALID_NAME, owner, error.to_string())
                    .help("rename the folder; its path is the prompt's name");
                self.report_once(finding);
                return;
            }
        };
        let inside = &path[owner.len() + 1..];
        let files = self.survey.prompts.entry(name).or_default();
        owner.clone_into(&mut files.folder);
        files.stamp.add(path, size, stamp);
        let finding = match inside.split_once('/') {
            None => place_prompt_file(files, path, inside, size),
            Some((folder, rest)) => place_in_folder(files, owner, path, folder, rest, size),
        };
        match finding {
            Some(finding) => self.report_once(finding),
            None => self.check_message_file(path, inside, is_executable),
        }
    }

    /// Looks at a file that messages may name: its name and its mode.
    fn check_message_file(&mut self, path: &str, inside: &str, is_executable: bool) {
        let inside = match inside.split_once('/') {
            Some((folder, rest)) if is_version_like(folder) => rest,
            _ => inside,
        };
        let Some(name) = inside.strip_prefix(FILES) else { return };
        if let Err(error) = name.parse::<FilePath>() {
            let finding = Diagnostic::about(&rules::INVALID_NAME, path, error.to_string());
            self.survey.findings.push(finding.help("rename the file or its folder"));
        }
        if is_executable && self.has_modes {
            let message = format!("`{inside}` is executable");
            let finding = Diagnostic::about(&rules::EXECUTABLE_FILE, path, message);
            self.survey.findings.push(finding.help("run `promptdex fix` or `chmod -x` on it"));
        }
    }

    /// Looks at a file outside every prompt.
    fn visit_domain(
        &mut self,
        path: &str,
        folder: &str,
        file: &str,
        size: u64,
        stamp: Option<u64>,
    ) {
        let is_read = (folder.is_empty()
            && matches!(file, REGISTRY_FILE | POLICY_FILE | SIGNERS_FILE))
            || file.ends_with(".md");
        if let Some(finding) = check_size(path, size, MAX_FILE).filter(|_| is_read) {
            self.survey.findings.push(finding);
            return;
        }
        match (folder, file) {
            ("", REGISTRY_FILE) => self.survey.has_registry_file = true,
            ("", POLICY_FILE) => self.survey.has_policy_file = true,
            // `check --base` reads it from the base.
            ("", SIGNERS_FILE) => {}
            _ if file.ends_with(".md") => {
                self.survey.documents.insert(path.to_owned(), (size, stamp));
            }
            _ => {
                let last = folder.rsplit('/').next().unwrap_or_default();
                let finding = if is_version_like(folder) {
                    let finding = Diagnostic::about(
                        &rules::UNKNOWN_FILE,
                        folder,
                        "version folder outside of a prompt folder",
                    );
                    self.report_once(finding.help("move it into a folder named after the prompt"));
                    return;
                } else if last.parse::<Version>().is_ok() {
                    let finding = Diagnostic::about(
                        &rules::INVALID_VERSION,
                        folder,
                        format!("version folder `{last}` does not begin with `v`"),
                    );
                    self.report_once(finding.help(format!("rename the folder to `v{last}`")));
                    return;
                } else if VERSION_FILES.contains(&file) {
                    Diagnostic::about(
                        &rules::UNKNOWN_FILE,
                        path,
                        format!("`{file}` is not in a version folder"),
                    )
                    .help("move it into a folder such as `v1.0.0/`")
                } else if let Some(segment) = folder
                    .split('/')
                    .find(|segment| !segment.is_empty() && check_segment(segment).is_err())
                {
                    Diagnostic::about(
                        &rules::UNKNOWN_FILE,
                        path,
                        format!("unknown folder `{segment}`"),
                    )
                    .help("remove it, or begin its name with `_` to ignore it")
                } else {
                    let help = did_you_mean(file, [REGISTRY_FILE, POLICY_FILE, "prompt.yaml"])
                        .unwrap_or_else(|| {
                            "remove it, or begin its name with `_` to ignore it".to_owned()
                        });
                    Diagnostic::about(&rules::UNKNOWN_FILE, path, format!("unknown file `{file}`"))
                        .help(help)
                };
                self.survey.findings.push(finding);
            }
        }
    }

    /// Finds names that are equal once folded.
    fn check_collisions(&mut self) {
        let mut folded: BTreeMap<String, &PromptName> = BTreeMap::new();
        let mut findings = Vec::new();
        for (name, files) in &self.survey.prompts {
            if let Some(other) = folded.insert(name.fold(), name) {
                let message = format!("`{name}` and `{other}` differ only in `_` and `-`");
                let finding = Diagnostic::about(&rules::NAME_COLLISION, &files.folder, message)
                    .help("rename one of the prompts");
                findings.push(finding);
            }
        }
        self.survey.findings.append(&mut findings);
    }

    /// Finds files of one version that are the same where case does not count.
    fn check_file_collisions(&mut self) {
        let mut findings = Vec::new();
        for files in self.survey.prompts.values() {
            let mut check = |folder: String, names: Vec<&str>| {
                if let Some((one, other)) = colliding_files(names) {
                    let message = format!("`{one}` and `{other}` differ only in case");
                    let finding = Diagnostic::about(&rules::NAME_COLLISION, folder, message);
                    findings.push(finding.help("rename one of the files"));
                }
            };
            let loose = files.loose.iter();
            let loose =
                loose.filter_map(|path| path.strip_prefix(&files.folder)?.strip_prefix('/'));
            check(files.folder.clone(), loose.collect());
            for (version, names) in &files.versions {
                let folder = format!("{}/v{version}", files.folder);
                check(folder, names.keys().map(String::as_str).collect());
            }
        }
        self.survey.findings.append(&mut findings);
    }
}

/// Returns the first two files of a version that are the same where case does not count.
fn colliding_files<'f>(files: impl IntoIterator<Item = &'f str>) -> Option<(&'f str, &'f str)> {
    let mut folded = BTreeMap::new();
    let mut files = files.into_iter().filter(|file| file.starts_with(FILES));
    files.find_map(|file| folded.insert(file.to_lowercase(), file).map(|other| (other, file)))
}

fn place_prompt_file(
    files: &mut PromptFiles,
    path: &str,
    file: &str,
    size: u64,
) -> Option<Diagnostic> {
    if file == "prompt.yaml" {
        let finding = check_size(path, size, MAX_FILE);
        files.has_prompt_file = finding.is_none();
        return finding;
    }
    if VERSION_FILES.contains(&file) {
        let finding = check_size(path, size, MAX_FILE);
        if finding.is_none() {
            files.loose.push(path.to_owned());
        }
        return finding;
    }
    let finding = Diagnostic::about(
        &rules::UNKNOWN_FILE,
        path,
        format!("unknown file `{file}` in a prompt folder"),
    );
    let help = did_you_mean(file, ["prompt.yaml"]);
    Some(finding.help("remove it, or begin its name with `_` to ignore it").maybe_help(help))
}

/// Files a path below a folder of a prompt.
fn place_in_folder(
    files: &mut PromptFiles,
    owner: &str,
    path: &str,
    folder: &str,
    rest: &str,
    size: u64,
) -> Option<Diagnostic> {
    if is_version_like(folder) {
        let version = match folder[1..].parse::<Version>() {
            Ok(version) => version,
            Err(error) => {
                let finding = Diagnostic::about(
                    &rules::INVALID_VERSION,
                    format!("{owner}/{folder}"),
                    error.to_string(),
                )
                .help("rename the folder to `v` and three numbers, such as `v1.0.0`");
                return Some(finding);
            }
        };
        return place_version_file(files, version, path, rest, size);
    }
    let unknown = |message: String| Some(Diagnostic::about(&rules::UNKNOWN_FILE, path, message));
    let stem = rest.strip_suffix(".yaml").filter(|stem| !stem.contains('/'));
    match (folder, stem) {
        ("environments", Some(stem)) => match stem.parse() {
            Ok(environment) => {
                let finding = check_size(path, size, MAX_FILE);
                if finding.is_none() {
                    files.environments.insert(environment);
                }
                finding
            }
            Err(error) => unknown(error.to_string())
                .map(|f| f.help("rename the file after an environment, such as `dev.yaml`")),
        },
        ("cases", Some(stem)) => match stem.parse() {
            Ok(version) => {
                let finding = check_size(path, size, MAX_FILE);
                if finding.is_none() {
                    files.cases.insert(version);
                }
                finding
            }
            Err(error) => unknown(error.to_string())
                .map(|f| f.help("rename the file after a version, such as `1.0.0.yaml`")),
        },
        ("environments" | "cases", None) => {
            unknown(format!("unknown file `{rest}` in `{folder}/`"))
                .map(|f| f.help("rename it to end with `.yaml`, or remove it"))
        }
        ("results", _) => {
            let parts = rest.strip_suffix(".json").and_then(|stem| stem.split_once('/'));
            match parts.map(|(version, test)| (version.parse(), test)) {
                Some((Ok(version), test)) if !test.contains('/') => {
                    let finding = check_size(path, size, MAX_FILE);
                    if finding.is_none() {
                        files.results.insert((version, test.to_owned()));
                    }
                    finding
                }
                _ => unknown(format!("unknown file `{rest}` in `results/`")).map(|f| {
                    f.help("rename it to `VERSION/TEST.json`, such as `1.0.0/smoke.json`")
                }),
            }
        }
        ("files", _) => {
            let finding = check_size(path, size, MAX_PART);
            if finding.is_none() {
                files.loose.push(path.to_owned());
            }
            finding
        }
        _ => {
            let holds_prompt =
                path.split('/').any(is_version_like) || path.ends_with("/prompt.yaml");
            let finding = if holds_prompt {
                Diagnostic::about(
                    &rules::NESTED_PROMPT,
                    format!("{owner}/{folder}"),
                    format!("prompt `{owner}` contains a second prompt"),
                )
                .help("move one of the prompts into a folder of its own")
            } else if folder.parse::<Version>().is_ok() {
                Diagnostic::about(
                    &rules::INVALID_VERSION,
                    format!("{owner}/{folder}"),
                    format!("version folder `{folder}` does not begin with `v`"),
                )
                .help(format!("rename the folder to `v{folder}`"))
            } else {
                let help = did_you_mean(folder, ["environments", "cases", "results"])
                    .unwrap_or_else(|| {
                        "remove it, or begin its name with `_` to ignore it".to_owned()
                    });
                Diagnostic::about(
                    &rules::UNKNOWN_FILE,
                    format!("{owner}/{folder}"),
                    format!("unknown folder `{folder}/`"),
                )
                .help(help)
            };
            Some(finding)
        }
    }
}

fn place_version_file(
    files: &mut PromptFiles,
    version: Version,
    path: &str,
    inside: &str,
    size: u64,
) -> Option<Diagnostic> {
    let part = inside.starts_with("files/");
    let version_files = files.versions.entry(version.clone()).or_default();
    if !part && !VERSION_FILES[..9].contains(&inside) {
        let known = VERSION_FILES[..9].iter().copied();
        let name = inside.split('/').next().unwrap_or(inside);
        let meant = did_you_mean(name, known);
        if meant.is_some() {
            files.versions_with_refused_files.insert(version);
        }
        let help = meant.unwrap_or_else(|| {
            "remove it, or move it under `files/` if a message uses it".to_owned()
        });
        return Some(
            Diagnostic::about(
                &rules::UNKNOWN_FILE,
                path,
                format!("unknown file `{inside}` in a version folder"),
            )
            .help(help),
        );
    }
    let finding = check_size(path, size, if part { MAX_PART } else { MAX_FILE });
    if finding.is_none() {
        version_files.insert(inside.to_owned(), size);
    } else {
        files.versions_with_refused_files.insert(version);
    }
    finding
}

fn check_size(path: &str, size: u64, limit: u64) -> Option<Diagnostic> {
    (size > limit).then(|| {
        let message = format!("the file has {size} bytes; the limit is {limit}");
        Diagnostic::about(&rules::FILE_SIZE, path, message).help("shorten the file")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(paths: &[&str]) -> Vec<String> {
        let listing = paths.iter().map(|path| ((*path).to_owned(), TreeEntry::file(1))).collect();
        survey(&listing).findings.iter().map(|f| format!("{} {}", f.rule.code, f.path)).collect()
    }

    #[test]
    fn the_smallest_tree_and_ignored_files_have_no_findings() {
        assert_eq!(
            findings(&[
                "README.md",
                "CODEOWNERS",
                "registry.yaml",
                "policy.yaml",
                "a/README.txt",
                "a/b/v1.0.0/system_prompt.txt",
                "a/b/v1.0.0/LICENSE",
                "a/b/v1.0.0/.hidden",
                "a/b/v1.0.0/_draft.txt",
                "a/b/v1.0.0/files/x/y.png",
                "a/_old/c/v9/x",
                ".git/config",
                "a/b/environments/dev.yaml",
                "a/b/cases/1.0.0.yaml",
                "a/notes.md",
                "a/b/results/1.0.0/smoke.json",
            ]),
            [""; 0]
        );
    }

    #[test]
    fn a_path_says_which_part_of_a_prompt_it_is() {
        let shown = |path| match locate(path) {
            Some((name, ServingFile::PromptFile)) => format!("{name} prompt"),
            Some((name, ServingFile::Environment(Some(environment)))) => {
                format!("{name} {environment}")
            }
            Some((name, ServingFile::Environment(None))) => format!("{name} other"),
            Some((name, ServingFile::Version(version, inside))) => {
                format!("{name} {version} {inside}")
            }
            None => String::new(),
        };
        for (path, expected) in [
            ("a/v1.0.0/system_prompt.txt", "a 1.0.0 system_prompt.txt"),
            ("a/b/v1.0.0/files/x/y.png", "a/b 1.0.0 files/x/y.png"),
            ("a/b/v1.0.0/environments/x.yaml", "a/b 1.0.0 environments/x.yaml"),
            ("a/b/environments/dev.yaml", "a/b dev"),
            ("a/b/environments/.gitkeep", "a/b other"),
            ("a/b/environments/x/dev.yaml", "a/b other"),
            ("a/b/prompt.yaml", "a/b prompt"),
            ("a/v1.0.0/.hidden", ""),
            ("a/_old/v1.0.0/x", ""),
            ("v1.0.0/x", ""),
            ("a/v1/x", ""),
            ("a/cases/1.0.0.yaml", ""),
            ("A/v1.0.0/x", ""),
            ("prompt.yaml", ""),
            ("environments/dev.yaml", ""),
        ] {
            assert_eq!(shown(path), expected, "{path}");
        }
    }

    #[test]
    fn names_that_cannot_be_published_are_named() {
        assert_eq!(
            findings(&[
                "A/v1.0.0/system_prompt.txt",
                "A/v1.0.0/metadata.json",
                "con/v1.0.0/system_prompt.txt",
                "a_b/v1.0.0/system_prompt.txt",
                "a-b/v1.0.0/system_prompt.txt",
                "c/v1/system_prompt.txt",
                "c/v1.0.0/system_prompt.txt",
                "c/d/v1.0.0/system_prompt.txt",
                "c/enviroments/dev.yaml",
                "c/environments/Dev.yaml",
                "c/environments/dev.yml",
                "c/v1.0.0/system_promt.txt",
                "c/cases/1.yaml",
                "registry.yml",
                "e/system_prompt.txt",
            ]),
            [
                "invalid-name A",
                "unknown-file c/cases/1.yaml",
                "nested-prompt c/d",
                "unknown-file c/enviroments",
                "unknown-file c/environments/Dev.yaml",
                "unknown-file c/environments/dev.yml",
                "unknown-file c/v1.0.0/system_promt.txt",
                "invalid-version c/v1",
                "invalid-name con",
                "unknown-file e/system_prompt.txt",
                "unknown-file registry.yml",
                "name-collision a_b",
            ]
        );
    }
}
