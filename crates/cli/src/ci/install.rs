//! How a runner installs promptdex: from a release, or by commands of the project.

use std::path::Path;

use anyhow::Context as _;
use promptdex_ops::tree::repository::SourceOrigin;
use promptdex_wire::Digest;

use super::template::{fill_template, quote};
use crate::cli::{CiArgs, CiHost};
use crate::failure::Failure;

/// The URL of the releases, for a release binary. A file has the URL `{this}/v{version}/{file}`.
const RELEASES: Option<&str> = option_env!("PROMPTDEX_RELEASES");

/// The checksum of the release binary for runners. The release workflow builds that binary first,
/// so that the binaries for other systems know it.
const RUNNER_SHA256: Option<&str> = option_env!("PROMPTDEX_RUNNER_SHA256");

/// The folder of the source, for a program that is not a release binary.
const SOURCE: Option<&str> = match RELEASES {
    None => Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")),
    Some(_) => None,
};

/// The target of runners. The static binary, for musl, takes about twice as long.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Stands for the URL of the source, where it is unknown.
const UNKNOWN_URL: &str = "https://git.example/promptdex.git";

/// How a runner installs promptdex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Install {
    /// Downloads a release binary.
    Fetch { url: String, sha256: String },
    /// Runs setup commands of the project, which install `promptdex`.
    Setup(String),
}

/// A file of a release on GitHub. Those of a private repository cannot be read at their URL.
struct GithubAsset<'u> {
    repository: &'u str,
    tag: &'u str,
    file: &'u str,
}

impl<'u> GithubAsset<'u> {
    fn of(url: &'u str) -> Option<Self> {
        let (path, file) = url.strip_prefix("https://github.com/")?.rsplit_once('/')?;
        let (repository, tag) = path.split_once("/releases/download/")?;
        let is_pair = repository.split('/').filter(|part| !part.is_empty()).count() == 2;
        (is_pair && !tag.contains('/')).then_some(Self { repository, tag, file })
    }
}

impl Install {
    /// Returns how a runner installs this exact version of promptdex.
    pub(crate) fn of(args: &CiArgs, command_line: &str, repository: &Path) -> anyhow::Result<Self> {
        if let Some(commands) = &args.setup {
            return Ok(Self::Setup(commands.clone()));
        }
        let version = env!("CARGO_PKG_VERSION");
        let file = format!("promptdex-{version}-{TARGET}");
        let Some(from) = args.from.as_deref().or(RELEASES) else {
            let message = "this promptdex is not a release, so runners cannot download it";
            let (setup, is_complete) = source_setup(args.host, repository);
            let mut failure = Failure::new(
                message,
                format!("build it on the runner: `{command_line} --setup '{setup}'`"),
            );
            if !is_complete {
                let help = format!("replace {UNKNOWN_URL} with the URL of your copy of the source");
                failure = failure.or(help);
            }
            return Err(failure
                .or("or download it from a mirror: `--from URL --sha256 HEX`")
                .into());
        };
        if !from.starts_with("https://")
            || from.contains(|c: char| c.is_whitespace() || "\"'$`\\".contains(c))
        {
            let message = format!("invalid URL `{from}`");
            return Err(Failure::new(message, "pass a URL that starts with `https://`").into());
        }
        let url = format!("{}/v{version}/{file}", from.trim_end_matches('/'));
        let sha256 = match (&args.sha256, RELEASES, RUNNER_SHA256) {
            (Some(sha256), ..) => sha256.clone(),
            // The running program is the file that runners download.
            (None, Some(_), _) if env!("PROMPTDEX_TARGET") == TARGET => own_checksum()?,
            (None, Some(_), Some(sha256)) => sha256.to_owned(),
            (None, ..) => {
                let message = format!("the checksum of `{file}` is unknown");
                let help = "pass `--sha256 HEX` with the checksum from SHA256SUMS of the release";
                return Err(Failure::new(message, help).into());
            }
        };
        Ok(Self::Fetch { url, sha256 })
    }

    /// Returns the steps of a GitHub job.
    pub(super) fn github_steps(&self) -> String {
        let (url, sha256) = match self {
            Self::Setup(commands) => {
                let template = include_str!("github/setup.yml");
                return fill_template(template, &[("SETUP", commands.trim())]);
            }
            Self::Fetch { url, sha256 } => (url, quote(sha256)),
        };
        let Some(asset) = GithubAsset::of(url) else {
            let values = [("URL", quote(url)), ("SHA256", sha256)];
            let values = values.each_ref().map(|(name, text)| (*name, text.as_str()));
            return fill_template(include_str!("github/install.yml"), &values);
        };
        let values = [
            ("REPOSITORY", asset.repository),
            ("TAG", asset.tag),
            ("FILE", asset.file),
            ("SHA256", sha256.as_str()),
        ];
        fill_template(include_str!("github/install_asset.yml"), &values)
    }

    /// Returns the lines of a GitLab script.
    pub(super) fn gitlab_script(&self) -> String {
        let (url, sha256) = match self {
            Self::Setup(commands) => return commands.clone(),
            Self::Fetch { url, sha256 } => (url, sha256),
        };
        let private = match GithubAsset::of(url) {
            Some(GithubAsset { repository, tag, file }) => fill_template(
                include_str!("gitlab/find_asset.sh"),
                &[("REPOSITORY", repository), ("TAG", tag), ("FILE", file)],
            ),
            None => String::new(),
        };
        let values = [("URL", url.as_str()), ("SHA256", sha256), ("PRIVATE", &private)];
        fill_template(include_str!("gitlab/install.sh"), &values)
    }

    /// The time limit of a job. A job that builds promptdex first takes longer.
    pub(super) fn timeout_minutes(&self) -> &'static str {
        match self {
            Self::Fetch { .. } => "10",
            Self::Setup(_) => "60",
        }
    }
}

/// Returns the checksum of the running program, in hexadecimal digits.
fn own_checksum() -> anyhow::Result<String> {
    let path = std::env::current_exe().context("cannot find this program")?;
    let bytes =
        std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let digest = Digest::of(&bytes).to_string();
    Ok(digest.trim_start_matches("sha256:").to_owned())
}

/// Returns a line that builds this version of promptdex on a runner, and whether it is complete.
/// `repository` is the top of the repository that the workflows are for.
fn source_setup(host: CiHost, repository: &Path) -> (String, bool) {
    const BUILD: &str = "rustup toolchain install stable --profile minimal && \
        rustup target add wasm32-unknown-unknown && cargo xtask site && \
        cargo install --locked --path crates/cli";
    let is_promptdex =
        repository.join("crates/cli/src/ci").is_dir() && repository.join("xtask").is_dir();
    let mut is_complete = true;
    let build = if is_promptdex {
        format!("({BUILD})")
    } else {
        let origin = SOURCE.map(|folder| SourceOrigin::of(Path::new(folder))).unwrap_or_default();
        let url = origin.url.as_deref().and_then(https_url);
        let switch = match (&url, origin.commit) {
            (Some(_), Some(commit)) => format!(" && git checkout --quiet --detach {commit}"),
            _ => String::new(),
        };
        is_complete = url.is_some();
        let url = url.as_deref().unwrap_or(UNKNOWN_URL);
        let folder = "\"$HOME/promptdex\"";
        format!("(git clone --quiet {url} {folder} && cd {folder}{switch} && {BUILD})")
    };
    let line = match host {
        CiHost::Github => build,
        // The image has no Rust.
        CiHost::Gitlab => format!(
            "apt-get install -qq --yes rustup build-essential > /dev/null; {build}; \
             export PATH=\"$HOME/.cargo/bin:$PATH\""
        ),
    };
    (line, is_complete)
}

/// Returns the URL at which a runner can clone a repository without a key, for the URL of a remote.
fn https_url(remote: &str) -> Option<String> {
    let ssh = remote.strip_prefix("ssh://");
    let (host, path) = match (remote.strip_prefix("https://"), ssh) {
        (Some(rest), _) | (None, Some(rest)) => rest.split_once('/')?,
        // As in `git@git.example:acme/promptdex.git`.
        (None, None) => remote.split_once(':').filter(|(host, _)| host.contains('@'))?,
    };
    // A name and a password before the host are nobody else's business.
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = if ssh.is_some() { host.split(':').next()? } else { host };
    let url = format!("https://{host}/{}", path.trim_start_matches('/'));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:~".contains(c);
    (!host.is_empty() && url.chars().all(is_plain)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_has_a_url_for_runners() {
        for (remote, expected) in [
            (
                "https://git.example/acme/promptdex.git",
                Some("https://git.example/acme/promptdex.git"),
            ),
            (
                "https://ana:secret@git.example/acme/promptdex",
                Some("https://git.example/acme/promptdex"),
            ),
            ("git@git.example:acme/promptdex.git", Some("https://git.example/acme/promptdex.git")),
            (
                "ssh://git@git.example:2222/acme/promptdex.git",
                Some("https://git.example/acme/promptdex.git"),
            ),
            ("https://git.example/$(touch x)'", None),
            ("/srv/promptdex", None),
            ("../promptdex", None),
            ("C:\\promptdex", None),
        ] {
            assert_eq!(https_url(remote).as_deref(), expected, "{remote}");
        }
    }

    #[test]
    fn files_of_github_releases() {
        let of = |url| GithubAsset::of(url).map(|asset| [asset.repository, asset.tag, asset.file]);
        assert_eq!(
            of("https://github.com/acme/promptdex/releases/download/v0.1.0/promptdex-0.1.0"),
            Some(["acme/promptdex", "v0.1.0", "promptdex-0.1.0"])
        );
        assert_eq!(of("https://github.com/acme/releases/download/v0.1.0/promptdex-0.1.0"), None);
        assert_eq!(of("https://mirror.example/acme/promptdex/releases/download/v0/p"), None);
    }
}
