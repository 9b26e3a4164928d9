//! A simulated CI runner, as far as the generated workflows need one. It runs the scripts of jobs
//! in a clone of a repository, with the environment that they request. Tests supply what the Git
//! host itself would do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use promptdex_core::node::parse;
use promptdex_core::source::SourceFile;
use serde_json::Value;

/// A repository on a Git host, a developer's clone of it, and a log of requests to the host.
pub(crate) struct Host {
    folder: tempfile::TempDir,
    /// The time of the next commit, in seconds since 1970.
    clock: std::cell::Cell<i64>,
}

/// The result of a job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) succeeded: bool,
    /// The output of its steps.
    pub(crate) text: String,
    /// The working folder of the job, and its folder for temporary files.
    pub(crate) work: PathBuf,
    pub(crate) temp: PathBuf,
}

/// A replacement of GitHub's command: it stores comments, downloads the program, and logs all other
/// requests.
const GH: &str = r#"#!/bin/bash
set -eu
case "$1 $2" in
  "auth setup-git") exit 0 ;;
esac
echo "gh $*" >> "$HOST/asked"
if [ "$1 $2" = "run download" ]; then
  mkdir "$7"
  cp -r "$HOST/artifacts/$3/$5/." "$7"
  exit 0
fi
if [ "$1 $2" = "release download" ]; then
  echo "with the token $GH_TOKEN" >> "$HOST/asked"
  cp "$RELEASED" "${@: -1}"
  exit 0
fi
if [ "$1" = api ]; then
  body="" filter="" write="" known="" place=""
  while [ $# -gt 0 ]; do
    case "$1" in
      repos/*) place="${1%%\?*}"; known="$HOST/known/${place//\//_}" ;;
      --jq) filter="$2"; shift ;;
      --field) body="${2#body=@}"; shift ;;
      --method) write="${2#GET}"; shift ;;
    esac
    shift
  done
  if [ ! -f "$HOST/comments" ]; then
    echo '[{"id": 7, "user": {"login": "someone"}, "body": "<!-- promptdex report --> forged"}]' > "$HOST/comments"
  fi
  if [ -f "$known" ]; then
    jq --raw-output "$filter" "$known"
  elif [ "$write" = POST ]; then
    jq --rawfile body "$body" '. + [{id: (length + 8), user: {login: "github-actions[bot]"}, body: $body}]' \
      "$HOST/comments" > "$HOST/written"
    mv "$HOST/written" "$HOST/comments"
  elif [ "$write" = PATCH ]; then
    jq --rawfile body "$body" --argjson id "${place##*/}" 'map(if .id == $id then .body = $body else . end)' \
      "$HOST/comments" > "$HOST/written"
    mv "$HOST/written" "$HOST/comments"
  elif [[ "$known" = *comments* ]]; then
    jq --raw-output "$filter" "$HOST/comments"
  fi
elif [ "$1 $2" = "pr create" ]; then
  echo "https://github.example/acme/prompts/pull/1"
fi
"#;

/// A replacement of the download program. It knows what a test has set of GitLab's API, and stores
/// notes.
const CURL: &str = r#"#!/bin/bash
set -eu
to="" url="" method=GET body="" token="" log=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --output) to="$2"; shift ;;
    --request) method="$2"; shift ;;
    --data-urlencode) body="${2#body@}"; shift ;;
    --header) case "$2" in Authorization*) token=" with a token" ;; esac; shift ;;
    https://*/api/v4/*) url="${1#https://*/api/v4/}"; log="" ;;
    https://*) url="$1" ;;
  esac
  shift
done
if [ -n "$log" ]; then
  echo "curl $url$token" >> "$HOST/asked"
  case "$url" in
    https://api.github.com/repos/*) echo '{"assets": [{"name": "other", "url": "https://api.github.com/wrong"}, {"name": "'"$ASSET"'", "url": "https://api.github.com/assets/1"}]}' ;;
    *) cp "$RELEASED" "$to" ;;
  esac
elif [ "$method" != GET ]; then
  if [ ! -f "$HOST/notes" ]; then echo '[]' > "$HOST/notes"; fi
  id="${url##*/}"
  jq --rawfile body "$body" --arg id "$id" --arg method "$method" \
    'if $method == "PUT" then map(if .id == ($id | tonumber) then .body = $body else . end)
     else . + [{id: (length + 200), author: {id: 99}, body: $body}] end' "$HOST/notes" > "$HOST/written"
  mv "$HOST/written" "$HOST/notes"
elif [[ "$url" = *"/notes?"* ]]; then
  page="${url##*page=}"
  jq ".[($page - 1) * 100 : $page * 100]" "$HOST/notes"
else
  known="$HOST/known/${url//\//_}"
  if [ -f "$known" ]; then cat "$known"; else echo null; fi
fi
"#;

impl Host {
    /// Creates a repository. `fill` writes files into the developer's clone.
    pub(crate) fn new(fill: impl FnOnce(&Path)) -> Self {
        let host = Self {
            folder: tempfile::tempdir().unwrap(),
            // 2026-03-02T09:00:00Z
            clock: std::cell::Cell::new(1_772_442_000),
        };
        let bin = host.path("bin");
        for folder in [&bin, &host.path("home")] {
            fs::create_dir_all(folder).unwrap();
        }
        for (name, text) in [("gh", GH), ("curl", CURL)] {
            script(&bin.join(name), text);
        }
        // The runner gets the command only from the setup of a workflow.
        let own = host.path("own");
        fs::create_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_promptdex"), own.join("promptdex")).unwrap();
        host.git_in("", "Ana", &["init", "--quiet", "--bare", "--initial-branch=main", "origin"]);
        host.git_in("origin", "Ana", &["config", "receive.advertisePushOptions", "true"]);
        host.git_in("", "Ana", &["clone", "--quiet", "origin", "clone"]);
        host.git("Ana", &["switch", "--quiet", "--create", "main"]);
        fill(&host.path("clone"));
        host.commit("Ana", "Begin");
        host
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file into the clone.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path("clone").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Runs Git in the clone as one person.
    pub(crate) fn git(&self, who: &str, arguments: &[&str]) -> String {
        self.git_in("clone", who, arguments)
    }

    pub(crate) fn git_in(&self, folder: &str, who: &str, arguments: &[&str]) -> String {
        let date = format!("{} +0000", self.clock.get());
        super::git::git(&self.path(folder), &self.path("home"), who, &date, arguments)
    }

    /// Advances the clock for the next commit.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.set(self.clock.get() + seconds);
    }

    /// Commits everything in the clone one hour later, and pushes the branch.
    pub(crate) fn commit(&self, who: &str, message: &str) -> &Self {
        self.wait(3_600);
        self.git(who, &["add", "--all"]);
        self.git(who, &["commit", "--quiet", "--message", message]);
        self.git(who, &["push", "--quiet", "origin", "HEAD"]);
        self
    }

    /// Starts a branch at main.
    pub(crate) fn branch(&self, name: &str) -> &Self {
        self.git("Ana", &["fetch", "--quiet", "origin"]);
        self.git("Ana", &["switch", "--quiet", "--create", name, "origin/main"]);
        self
    }

    /// Merges a branch for a person, as the host does.
    pub(crate) fn merge(&self, who: &str, branch: &str, number: u32) {
        self.wait(3_600);
        self.git(who, &["fetch", "--quiet", "origin"]);
        self.git(who, &["switch", "--quiet", "--force-create", "main", "origin/main"]);
        let message = format!("Merge pull request #{number} from acme/{branch}");
        let from = format!("origin/{branch}");
        self.git(who, &["merge", "--quiet", "--no-ff", "--message", &message, &from]);
        self.git(who, &["push", "--quiet", "origin", "main"]);
    }

    /// Runs the command in the clone.
    pub(crate) fn promptdex(&self, line: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptdex"));
        command.args(line).current_dir(self.path("clone"));
        self.environment(&mut command);
        command.output().unwrap()
    }

    /// Sets what the host returns for a path of its API.
    pub(crate) fn know(&self, path: &str, answer: &Value) {
        let folder = self.path("known");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(path.replace('/', "_")), answer.to_string()).unwrap();
    }

    /// Returns the log of requests to the host.
    pub(crate) fn asked(&self) -> String {
        fs::read_to_string(self.path("asked")).unwrap_or_default()
    }

    fn environment(&self, command: &mut Command) {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path("home"))
            .env("HOST", self.folder.path())
            .env("RELEASED", env!("CARGO_BIN_EXE_promptdex"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
    }

    /// Runs a job of a workflow in the clone, on a branch. `facts` are the expressions that the
    /// host evaluates, without their braces.
    pub(crate) fn github(
        &self,
        workflow: &str,
        job: &str,
        branch: &str,
        facts: &[(&str, &str)],
    ) -> Job {
        let path = format!("clone/.github/workflows/{workflow}");
        let workflow = yaml(&fs::read_to_string(self.path(&path)).unwrap());
        let runner = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let (work, temp) = (runner.join("work"), runner.join("temp"));
        fs::create_dir_all(&temp).unwrap();
        fs::create_dir_all(&work).unwrap();
        let facts: BTreeMap<&str, &str> = facts.iter().copied().collect();
        let mut ran = Job { succeeded: true, text: String::new(), work, temp: temp.clone() };
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let mut outcomes: BTreeMap<String, bool> = BTreeMap::new();
        for step in steps {
            let done: Vec<String> = outcomes.keys().map(|id| format!("steps.{id}.")).collect();
            let known = |text: &str| resolve(text, &facts, &done, &temp);
            let name = step["name"].as_str().or(step["uses"].as_str()).unwrap_or_default();
            if let Some(condition) = step["if"].as_str() {
                let holds = match condition {
                    "${{ !cancelled() }}" => true,
                    "steps.preview.outcome == 'success'" => outcomes["preview"],
                    other => ran.succeeded && facts.get(other).is_some_and(|fact| *fact == "true"),
                };
                if !holds {
                    continue;
                }
            } else if !ran.succeeded {
                continue;
            }
            writeln!(ran.text, "# {name}").unwrap();
            if let Some(uses) = step["uses"].as_str() {
                if uses.starts_with("actions/checkout@") {
                    assert_eq!(step["with"]["persist-credentials"], Value::Bool(false));
                    let branch = step["with"]["ref"].as_str().map_or(branch.to_owned(), known);
                    self.checkout(&ran.work, &branch);
                } else {
                    let path =
                        step["with"]["path"].as_str().or(step["with"]["sarif_file"].as_str());
                    let path = PathBuf::from(known(path.unwrap()));
                    assert!(path.exists(), "{uses} has no {}", path.display());
                    if let Some(artifact) = step["with"]["name"].as_str() {
                        let kept = self.path("artifacts/42").join(artifact);
                        drop(fs::remove_dir_all(&kept));
                        fs::create_dir_all(kept.parent().unwrap()).unwrap();
                        let copy = ["-r", path.to_str().unwrap(), kept.to_str().unwrap()];
                        assert!(Command::new("cp").args(copy).status().unwrap().success());
                    }
                    outcomes.extend(step["id"].as_str().map(|id| (id.to_owned(), true)));
                }
                continue;
            }
            let mut command = self.bash(step["run"].as_str().unwrap(), &ran.work, &temp);
            for variables in [&workflow["env"], &step["env"]] {
                for (name, value) in variables.as_object().into_iter().flatten() {
                    command.env(name, known(value.as_str().unwrap()));
                }
            }
            for (name, value) in &facts {
                if name.starts_with("GITHUB_") {
                    command.env(name, value);
                }
            }
            command.envs(exported(&temp));
            let output = command.output().unwrap();
            ran.text += &said(&output, self.folder.path());
            if let Some(id) = step["id"].as_str() {
                outcomes.insert(id.to_owned(), output.status.success());
            }
            ran.succeeded &=
                output.status.success() || step["continue-on-error"] == Value::Bool(true);
        }
        ran
    }

    /// Runs the scripts of a GitLab job in a clone of a branch, with variables.
    pub(crate) fn gitlab(&self, job: &str, branch: &str, variables: &[(&str, &str)]) -> Job {
        self.gitlab_file("promptdex.yml", job, branch, variables)
    }

    /// Runs the scripts of a job of one of the GitLab files.
    pub(crate) fn gitlab_file(
        &self,
        file: &str,
        job: &str,
        branch: &str,
        variables: &[(&str, &str)],
    ) -> Job {
        let path = self.path(&format!("clone/.gitlab/{file}"));
        let jobs = yaml(&fs::read_to_string(path).unwrap());
        let runner = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let (work, temp) = (runner.join("work"), runner.join("temp"));
        fs::create_dir_all(&temp).unwrap();
        fs::create_dir_all(&work).unwrap();
        self.checkout(&work, branch);
        let base = &jobs[jobs[job]["extends"].as_str().unwrap()];
        let lines = base["before_script"].as_array().unwrap().iter();
        let lines = lines.chain(jobs[job]["script"].as_array().unwrap());
        let lines =
            lines.map(|line| line.as_str().unwrap()).filter(|line| !line.starts_with("apt-get"));
        // GitLab runs all of them as one script.
        let script: Vec<&str> = lines.collect();
        let mut command = self.bash(&script.join("\n"), &work, &temp);
        for variables in [&base["variables"], &jobs[job]["variables"]] {
            for (name, value) in variables.as_object().into_iter().flatten() {
                command.env(name, value.as_str().unwrap());
            }
        }
        command.envs(variables.iter().copied()).env("CI_PROJECT_DIR", &work);
        let output = command.output().unwrap();
        let text = said(&output, self.folder.path());
        Job { succeeded: output.status.success(), text, work, temp }
    }

    fn checkout(&self, work: &Path, branch: &str) {
        let (origin, work) = (self.path("origin"), work.to_str().unwrap());
        let origin = origin.to_str().unwrap();
        self.git_in("", "Ana", &["clone", "--quiet", "--branch", branch, origin, work]);
    }

    /// Returns a command that runs a script as hosts do.
    fn bash(&self, script: &str, work: &Path, temp: &Path) -> Command {
        let file = temp.join("script");
        fs::write(&file, script).unwrap();
        let paths = fs::read_to_string(temp.join("paths")).unwrap_or_default();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file).current_dir(work);
        self.environment(&mut command);
        let date = format!("{} +0000", self.clock.get() + 60);
        let paths = paths.lines().map(str::to_owned);
        let all = paths.chain([format!("{}:/usr/bin:/bin", self.path("bin").display())]);
        command
            .env("PATH", all.collect::<Vec<_>>().join(":"))
            .env("RUNNER_TEMP", temp)
            .env("TMPDIR", temp)
            .env("GITHUB_PATH", temp.join("paths"))
            .env("GITHUB_ENV", temp.join("exported"))
            .env("GITHUB_STEP_SUMMARY", temp.join("summary"))
            .env("GITHUB_OUTPUT", temp.join("outputs"))
            .env("GITHUB_REPOSITORY", "acme/prompts")
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_RUN_ID", "42")
            .env("GITHUB_TRIGGERING_ACTOR", "ana")
            .env("OWN", self.path("own"))
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        command
    }

    /// Reads a file of a branch in the repository on the host.
    pub(crate) fn published(&self, branch: &str, path: &str) -> String {
        self.git_in("origin", "Ana", &["show", &format!("{branch}:{path}")])
    }
}

/// Parses YAML as hosts do.
pub(crate) fn yaml(text: &str) -> Value {
    let source = SourceFile::new("workflow.yaml", text);
    let mut findings = Vec::new();
    let node = parse(&source, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    serde_json::from_str(&serde_json::to_string(&node.unwrap().to_json()).unwrap()).unwrap()
}

/// Reads the variables that earlier steps have set for later ones.
fn exported(temp: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(temp.join("exported")).unwrap_or_default();
    let (mut variables, mut lines) = (BTreeMap::new(), text.lines());
    while let Some((name, end)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        variables.insert(name.to_owned(), value.join("\n"));
    }
    variables
}

/// Evaluates expressions with the facts of the host, and with the outputs of completed steps.
fn resolve(text: &str, facts: &BTreeMap<&str, &str>, done: &[String], temp: &Path) -> String {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{ ") {
        let (expression, after) = after.split_once(" }}").unwrap();
        resolved += before;
        resolved += match expression {
            "runner.temp" => temp.to_str().unwrap(),
            "github.token" => "token",
            "github.run_id" => "42",
            "github.run_attempt" => "1",
            step if step.starts_with("steps.") && !done.iter().any(|id| step.starts_with(id)) => "",
            // What an event does not have is empty.
            event if event.starts_with("github.event.") && !facts.contains_key(event) => "",
            secret if secret.starts_with("secrets.") && !facts.contains_key(secret) => "",
            _ => facts.get(expression).unwrap_or_else(|| panic!("what is `{expression}`?")),
        };
        rest = after;
    }
    resolved + rest
}

fn said(output: &Output, folder: &Path) -> String {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let mut text = text.replace(folder.to_str().unwrap(), "[HOST]");
    if !output.status.success() {
        writeln!(text, "[exit code {}]", output.status.code().unwrap()).unwrap();
    }
    text
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
