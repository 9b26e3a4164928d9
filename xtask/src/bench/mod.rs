//! The benchmark: promptdex compared with a plain tool that reads or writes the same tree in the
//! same run. Caches are warm, and the build is a release build. The ratios matter; they are
//! printed, not asserted.

use std::cell::Cell;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

pub(crate) mod history;

/// The number of runs per measurement. The fastest run counts.
const RUNS: usize = 3;

/// A measurement of promptdex and of the plain tool beside it, of a tree and its repository.
type Measurement = fn(&Bench, &Sources) -> anyhow::Result<(Measured, Measured)>;

/// What is measured, and what stands beside it.
const ROWS: [(&str, &str, Measurement); 7] = [
    ("`build` from nothing, in memory", "`cp -r`", |bench, of| bench.build_in_memory(&of.tree)),
    ("`build` from nothing", "`cp -r` and `sync -f`", |bench, of| bench.build(&of.tree)),
    ("`check` of everything", SUMS, |bench, of| bench.check(&of.tree)),
    ("`build --previous`, one new version", "`git status`", |bench, of| {
        bench.build_continued(&of.repository)
    }),
    ("`check --base`, one prompt changed", "`git diff --name-status`", |bench, of| {
        bench.check_change(&of.repository)
    }),
    ("`promote --all --dry-run`", SUMS, |bench, of| bench.promote(&of.tree)),
    ("`render` of one prompt", "`cat` of its files", |bench, of| bench.render(&of.tree)),
];

const SUMS: &str = "`sha256sum` of every file";

/// The tree that is measured, and a repository with it.
struct Sources {
    tree: PathBuf,
    repository: PathBuf,
}

/// Measures trees with these numbers of versions, and prints each row of the table as soon as it is
/// known. With another promptdex, each row is followed by the same one of that.
pub(crate) fn run(root: &Path, sizes: &[usize], other: Option<&Path>) -> anyhow::Result<()> {
    let bench = Bench::new(root)?;
    let other = other.map(|binary| bench.of_binary(binary)).transpose()?;
    println!("| what | versions | promptdex | beside it | ratio | peak memory |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut smaller: Option<(usize, Duration)> = None;
    for &versions in sizes {
        let tree = bench.folder.join(format!("tree-{versions}"));
        generate(&tree, versions)?;
        let row = |what: &str, ours: Measured, other: &str, beside: Duration| {
            let (time, beside) = (ours.time.as_secs_f64(), beside.as_secs_f64());
            let (ratio, peak) = (time / beside, ours.peak / 1024);
            println!(
                "| {what} | {versions} | {time:.3} s | {other} {beside:.3} s | {ratio:.2} | {peak} MiB |"
            );
        };
        let sources = |bench: &Bench| -> anyhow::Result<Sources> {
            Ok(Sources { tree: tree.clone(), repository: bench.repository(&tree)? })
        };
        let (own, of_other) = (sources(&bench)?, other.as_ref().map(&sources).transpose()?);
        for (at, (what, beside_it, measurement)) in ROWS.into_iter().enumerate() {
            let (ours, beside) = measurement(&bench, &own)?;
            row(what, ours, beside_it, beside.time);
            if let Some((other, sources)) = other.as_ref().zip(of_other.as_ref()) {
                let (theirs, _) = measurement(other, sources)?;
                row("… and the other promptdex", theirs, "this one", ours.time);
            }
            if at == 1
                && let Some((versions, time)) = smaller.replace((versions, ours.time))
            {
                row("the same", ours, &format!("{versions} versions"), time);
            }
        }
    }
    remove(&bench.written)
}

/// The programs and folders of a benchmark. Each measurement compares promptdex with a plain tool.
struct Bench {
    binary: PathBuf,
    folder: PathBuf,
    written: PathBuf,
    /// The number of fresh paths handed out.
    paths: Cell<usize>,
}

impl Bench {
    fn new(root: &Path) -> anyhow::Result<Self> {
        let bench = Self {
            binary: root.join("target/release/promptdex"),
            folder: root.join("target/bench"),
            // Written files are removed at the end, because a file system may be slow to reuse
            // freed inodes.
            written: root.join("target/bench/written"),
            paths: Cell::new(0),
        };
        remove(&bench.written)?;
        fs::create_dir_all(&bench.written)?;
        Ok(bench)
    }

    /// Returns the same benchmark of another binary.
    fn of_binary(&self, binary: &Path) -> anyhow::Result<Self> {
        let binary = fs::canonicalize(binary)
            .with_context(|| format!("cannot find the other promptdex, {}", binary.display()))?;
        let written = self.written.join("other");
        fs::create_dir_all(&written)?;
        Ok(Self { binary, folder: self.folder.clone(), written, paths: Cell::new(0) })
    }

    /// Creates a benchmark in a memory file system, if there is one. The time of a disk varies by
    /// more than the cost of reading history.
    fn in_memory(root: &Path) -> anyhow::Result<Self> {
        let mut bench = Self::new(root)?;
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            bench.folder = memory.join(format!("promptdex-bench-{}", std::process::id()));
            bench.written = bench.folder.join("written");
            fs::create_dir_all(&bench.written)?;
        }
        Ok(bench)
    }

    fn promptdex(&self, tree: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--quiet").arg("--root").arg(tree);
        command
    }

    /// Returns a new path for the caller alone.
    fn fresh(&self) -> PathBuf {
        let path = self.paths.get();
        self.paths.set(path + 1);
        self.written.join(path.to_string())
    }

    fn build(&self, tree: &Path) -> anyhow::Result<(Measured, Measured)> {
        let mut both = Vec::new();
        for _ in 0..RUNS {
            // Sync first, so that the measured program does not write data of earlier ones.
            succeed(&mut Command::new("sync"))?;
            let mut build = self.promptdex(tree, &["build"]);
            let build = measure(build.arg("--output").arg(self.fresh()))?;
            succeed(&mut Command::new("sync"))?;
            // A build waits until its files are on the disk; `cp` alone does not.
            let script = "cp -r \"$0\" \"$1\" && sync -f \"$1\"";
            let cp = measure(Command::new("sh").args(["-c", script]).arg(tree).arg(self.fresh()))?;
            both.push((build, cp));
        }
        Ok(fastest(both))
    }

    /// Builds a tree in a memory file system, if there is one, to exclude the time of the disk.
    fn build_in_memory(&self, tree: &Path) -> anyhow::Result<(Measured, Measured)> {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory } else { &self.written };
        let folder = folder.join(format!("promptdex-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let source = folder.join("tree");
        succeed(Command::new("cp").arg("-r").arg(tree).arg(&source))?;
        let mut both = Vec::new();
        for _ in 0..RUNS {
            let output = folder.join("output");
            let build = measure(self.promptdex(&source, &["build"]).arg("--output").arg(&output))?;
            remove(&output)?;
            let cp = measure(Command::new("cp").arg("-r").arg(&source).arg(&output))?;
            remove(&output)?;
            both.push((build, cp));
        }
        remove(&folder)?;
        Ok(fastest(both))
    }

    /// Plans a promotion of everything. It reads the whole tree, and checks the tree with the
    /// change.
    fn promote(&self, tree: &Path) -> anyhow::Result<(Measured, Measured)> {
        self.beside_sums(
            tree,
            &["promote", "--all", "--to", "production", "--reason", "x", "--dry-run"],
        )
    }

    fn check(&self, tree: &Path) -> anyhow::Result<(Measured, Measured)> {
        self.beside_sums(tree, &["check"])
    }

    fn beside_sums(&self, tree: &Path, arguments: &[&str]) -> anyhow::Result<(Measured, Measured)> {
        let script = "find \"$0\" -type f -print0 | xargs -0 sha256sum > /dev/null";
        let mut both = Vec::new();
        for _ in 0..RUNS {
            let ours = measure(&mut self.promptdex(tree, arguments))?;
            both.push((ours, measure(Command::new("sh").args(["-c", script]).arg(tree))?));
        }
        Ok(fastest(both))
    }

    fn render(&self, tree: &Path) -> anyhow::Result<(Measured, Measured)> {
        let name = prompt_name(0);
        let mut both = Vec::new();
        for _ in 0..RUNS {
            let render =
                measure(&mut self.promptdex(tree, &["render", &name, "--case", "stored"]))?;
            let script = "cat \"$0\"/v*/*";
            let cat = measure(Command::new("sh").args(["-c", script]).arg(tree.join(&name)))?;
            both.push((render, cat));
        }
        Ok(fastest(both))
    }

    /// Copies a tree into a new repository.
    fn repository(&self, tree: &Path) -> anyhow::Result<PathBuf> {
        let work = self.fresh();
        succeed(Command::new("cp").arg("-r").arg(tree).arg(&work))?;
        commit(&work)?;
        Ok(work)
    }

    /// Adds versions to a published registry one after the other, each in its own commit.
    fn build_continued(&self, work: &Path) -> anyhow::Result<(Measured, Measured)> {
        let output = self.fresh();
        let build = || {
            let mut command = self.promptdex(work, &["build"]);
            command.arg("--output").arg(&output);
            command
        };
        succeed(&mut build())?;
        succeed(build().arg("--previous").arg(&output))?;
        let status = || {
            let mut command = git(work);
            command.args(["status", "--porcelain"]);
            command
        };
        succeed(&mut status())?;
        let prompt = work.join(prompt_name(0));
        let mut both = Vec::new();
        for run in 0..RUNS {
            let version = prompt.join(format!("v1.{}.0", 10 + run));
            succeed(Command::new("cp").arg("-r").arg(prompt.join("v1.9.0")).arg(version))?;
            commit_all(work)?;
            let status = measure(&mut status())?;
            both.push((measure(build().arg("--previous").arg(&output))?, status));
        }
        Ok(fastest(both))
    }

    /// Checks the last added version of one prompt as a change.
    fn check_change(&self, work: &Path) -> anyhow::Result<(Measured, Measured)> {
        let mut both = Vec::new();
        for _ in 0..RUNS {
            let check = measure(&mut self.promptdex(work, &["check", "--base", "HEAD~1"]))?;
            both.push((check, measure(git(work).args(["diff", "--name-status", "HEAD~1"]))?));
        }
        Ok(fastest(both))
    }
}

/// Commits all changes in a repository.
fn commit_all(repository: &Path) -> anyhow::Result<()> {
    succeed(git(repository).args(["add", "--all"]))?;
    let mut commit = git(repository);
    commit.args(["-c", "user.name=Ana", "-c", "user.email=ana@example.com"]);
    succeed(commit.args(["commit", "--quiet", "--message", "More versions"]))
}

/// Turns a tree into a repository with one commit.
fn commit(tree: &Path) -> anyhow::Result<()> {
    import(tree, &["-c", "core.compression=0"], |stream| {
        let time = 1_772_366_400;
        writeln!(stream, "commit refs/heads/main\ncommitter Ana <ana@example.com> {time} +0000")?;
        stream.write_all(b"data 4\ntree\n")?;
        let mut folders = vec![tree.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let path = entry.path();
                if entry.file_name() == ".git" {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(tree)?.to_str().context("the path is not UTF-8")?;
                add(stream, name, &fs::read(&path)?)?;
            }
        }
        Ok(())
    })?;
    succeed(git(tree).args(["reset", "--quiet"]))
}

/// Creates a repository from a stream of commits, which is far quicker than `git add`. `options`
/// set how Git stores the objects.
fn import(
    repository: &Path,
    options: &[&str],
    write: impl FnOnce(&mut BufWriter<ChildStdin>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    succeed(git(repository).args(["init", "--quiet", "--initial-branch=main"]))?;
    let mut command = git(repository);
    command.args(["-c", "gc.auto=0"]).args(options).args(["fast-import", "--quiet"]);
    let mut child = command.stdin(Stdio::piped()).spawn().context("cannot start git")?;
    let mut stream = BufWriter::new(child.stdin.take().context("git takes no input")?);
    write(&mut stream)?;
    drop(stream);
    if child.wait()?.success() { Ok(()) } else { bail!("git fast-import failed") }
}

/// Adds a file to the current commit of a stream.
fn add(stream: &mut impl Write, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    write!(stream, "M 100644 inline {path}\ndata {}\n", bytes.len())?;
    stream.write_all(bytes)?;
    Ok(stream.write_all(b"\n")?)
}

/// Returns a Git command for a repository.
fn git(repository: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(repository);
    command
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    if status.success() { Ok(()) } else { bail!("{command:?} ended with {status}") }
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// The duration of a process, and its peak memory in KiB.
#[derive(Clone, Copy)]
struct Measured {
    time: Duration,
    peak: u64,
}

/// Returns the fastest run of promptdex and the fastest run of the plain tool.
fn fastest(both: Vec<(Measured, Measured)>) -> (Measured, Measured) {
    let better =
        |a: Measured, b: Measured| Measured { time: a.time.min(b.time), peak: a.peak.max(b.peak) };
    let (ours, beside): (Vec<Measured>, Vec<Measured>) = both.into_iter().unzip();
    let none = Measured { time: Duration::MAX, peak: 0 };
    (ours.into_iter().fold(none, better), beside.into_iter().fold(none, better))
}

fn measure(command: &mut Command) -> anyhow::Result<Measured> {
    let start = Instant::now();
    let mut child =
        command.stdout(Stdio::null()).spawn().context("cannot start a process to measure")?;
    let status_file = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // The kernel's high-water mark covers the time between two samples, except for the end.
        if let Ok(text) = fs::read_to_string(&status_file) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(kib.unwrap_or(0));
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(Measured { time: start.elapsed(), peak })
}

fn prompt_name(prompt: usize) -> String {
    format!("domain-{}/prompt-{prompt}", prompt % 20)
}

/// Trees of another edition than this are written anew.
const EDITION: &str = "2";

/// Writes a tree: ten versions per prompt, each with text, metadata, examples and a case.
fn generate(tree: &Path, versions: usize) -> anyhow::Result<()> {
    let done = tree.with_extension("done");
    if fs::read_to_string(&done).is_ok_and(|edition| edition == EDITION) {
        return Ok(());
    }
    remove(tree)?;
    let mut random = Random(versions as u64);
    for prompt in 0..versions.div_ceil(10) {
        let folder = tree.join(prompt_name(prompt));
        fs::create_dir_all(folder.join("cases"))?;
        fs::create_dir_all(folder.join("environments"))?;
        fs::write(folder.join("environments/production.yaml"), "version: 1.8.0\n")?;
        fs::write(folder.join("environments/staging.yaml"), "version: 1.9.0\n")?;
        let is_cjk = prompt % 10 == 9;
        let names: Vec<String> =
            (0..2 + prompt % 4).map(|n| format!("{}_{n}", random.word())).collect();
        for minor in 0..10.min(versions - prompt * 10) {
            let version = folder.join(format!("v1.{minor}.0"));
            fs::create_dir_all(&version)?;
            fs::write(version.join("system_prompt.txt"), text(&mut random, &names, is_cjk))?;
            fs::write(version.join("metadata.json"), metadata(&mut random, &names))?;
            let examples: Vec<String> = (0..2)
                .map(|_| {
                    format!(
                        "  {{\"input\": \"{}\", \"output\": \"{}\"}}",
                        random.sentence(),
                        random.sentence()
                    )
                })
                .collect();
            fs::write(version.join("examples.json"), format!("[\n{}\n]\n", examples.join(",\n")))?;
            let values: String =
                names.iter().map(|name| format!("    {name}: {}\n", random.word())).collect();
            let case = format!(
                "- name: stored\n  variables:\n{values}  expect:\n    not_contains: [\"{{{{\"]\n"
            );
            fs::write(folder.join(format!("cases/1.{minor}.0.yaml")), case)?;
        }
    }
    Ok(fs::write(done, EDITION)?)
}

fn metadata(random: &mut Random, names: &[String]) -> String {
    let variables: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                "    {{\"name\": \"{name}\", \"type\": \"string\", \"description\": \"{}\"}}",
                random.sentence()
            )
        })
        .collect();
    format!(
        "{{\n  \"description\": \"{}\",\n  \"created_by\": \"ana@example.com\",\n  \"created_at\": \"2026-03-01T12:00:00Z\",\n  \"variables\": [\n{}\n  ],\n  \"token_budget\": 20000,\n  \"temperature\": 0.2,\n  \"tags\": [\"{}\"]\n}}\n",
        random.sentence(),
        variables.join(",\n"),
        random.word(),
    )
}

/// Returns text of 0.3 to 20 KB, log-normal around 2 KB, that uses every variable.
fn text(random: &mut Random, names: &[String], is_cjk: bool) -> String {
    let size = (2048.0 * (random.normal() * 0.8).exp()).clamp(300.0, 20_000.0);
    let mut text = String::new();
    let mut next = 0;
    while (text.len() as f64) < size || next < names.len() {
        if next < names.len() && random.below(4) == 0 {
            let name = &names[next];
            let placeholder = match next % 3 {
                0 => format!("Mind {{{{ {name} }}}}.\n"),
                1 => format!("{{% if {name} %}}Use {{{{ {name} | upper }}}}.{{% endif %}}\n"),
                _ => format!("{{% for part in {name}.split() %}}- {{{{ part }}}}\n{{% endfor %}}"),
            };
            text.push_str(&placeholder);
            next += 1;
        } else if is_cjk {
            let count = 10 + random.below(30);
            text.extend(
                (0..count).filter_map(|_| {
                    char::from_u32(0x4e00 + u32::try_from(random.below(3000)).ok()?)
                }),
            );
            text.push_str("。\n");
        } else {
            text.push_str(&random.sentence());
            text.push_str(".\n");
        }
    }
    text
}

/// `SplitMix64`, seeded so that every run gets the same tree.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }

    /// Returns an approximately normally distributed number: the sum of twelve uniform ones.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| (self.next() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0
    }

    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 16] = [
            "re", "fund", "or", "der", "pay", "ment", "ship", "ping", "ser", "vice", "an", "swer",
            "cus", "tom", "er", "ly",
        ];
        (0..2 + self.below(3)).map(|_| SYLLABLES[self.below(16)]).collect()
    }

    fn sentence(&mut self) -> String {
        let words: Vec<String> = (0..6 + self.below(10)).map(|_| self.word()).collect();
        words.join(" ")
    }
}
