//! Measures the cost of reading history: 20,000 commits of 1,000 prompts by default, or another
//! number of commits with proportionally many prompts.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{
    Bench, Measured, RUNS, Random, add, commit_all, fastest, git, import, measure, prompt_name,
    remove, succeed,
};

/// The default number of commits.
pub(crate) const COMMITS: usize = 20_000;
/// The number of commits per prompt.
const COMMITS_PER_PROMPT: usize = 20;

/// Measures against `git log` on the same repository, and against a build of the same tree outside
/// Git.
pub(crate) fn run(root: &Path, commits: usize) -> anyhow::Result<()> {
    let bench = Bench::in_memory(root)?;
    let repository = bench.folder.join("history");
    remove(&repository)?;
    generate(&repository, commits)?;
    let measured = compare(&bench, &repository);
    remove(&repository)?;
    remove(&bench.written)?;
    // Without a memory file system, the trees of other benchmarks are in this folder.
    drop(fs::remove_dir(&bench.folder));
    measured
}

/// Measures in a repository, and adds commits to it.
fn compare(bench: &Bench, repository: &Path) -> anyhow::Result<()> {
    let tree = repository.join("prompts");
    let outside = bench.fresh().join("prompts");
    succeed(Command::new("mkdir").arg("-p").arg(outside.parent().unwrap_or(&outside)))?;
    succeed(Command::new("cp").arg("-r").arg(&tree).arg(&outside))?;
    println!("| what | promptdex | peak memory | beside it | |");
    println!("| --- | --- | --- | --- | --- |");

    let log = || {
        let mut command = git(repository);
        command.args(["log", "--raw", "--no-renames", "--first-parent"]);
        command
    };
    let mut both = Vec::new();
    for _ in 0..RUNS {
        both.push((measure(&mut bench.promptdex(&tree, &["log"]))?, measure(&mut log())?));
    }
    let (ours, beside) = fastest(both);
    let seconds = |time: Duration| time.as_secs_f64();
    let row = |what: &str, ours: Measured, other: &str, beside: Duration, last: String| {
        let (time, beside, peak) = (seconds(ours.time), seconds(beside), ours.peak / 1024);
        println!("| {what} | {time:.3} s | {peak} MiB | {other} {beside:.3} s | {last} |");
    };
    let times = |more: Duration| format!("{:.2} times", seconds(more) / seconds(beside.time));
    row("`log`", ours, "`git log --raw`", beside.time, times(ours.time));

    let build = |tree: &Path, output: &Path| {
        let mut command = bench.promptdex(tree, &["build", "--no-site"]);
        command.arg("--output").arg(output);
        command
    };
    let mut both = Vec::new();
    for _ in 0..RUNS {
        let written = [bench.fresh(), bench.fresh()];
        let with = measure(&mut build(&tree, &written[0]))?;
        both.push((with, measure(&mut build(&outside, &written[1]))?));
        written.iter().try_for_each(|folder| remove(folder))?;
    }
    let (with, without) = fastest(both);
    let more = with.time.saturating_sub(without.time);
    let last = format!("{:.3} s more, {} `git log`", seconds(more), times(more));
    row("`build` from nothing", with, "outside of Git", without.time, last);

    let (output, other) = (bench.fresh(), bench.fresh());
    for (tree, output) in [(&tree, &output), (&outside, &other)] {
        succeed(&mut build(tree, output))?;
        succeed(build(tree, output).arg("--previous").arg(output))?;
    }
    let mut both = Vec::new();
    for run in 0..RUNS {
        for tree in [&tree, &outside] {
            let folder = tree.join(prompt_name(0)).join(format!("v2.{run}.0"));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("system_prompt.txt"), format!("One more: {run}.\n"))?;
        }
        commit_all(repository)?;
        let with = measure(build(&tree, &output).arg("--previous").arg(&output))?;
        both.push((with, measure(build(&outside, &other).arg("--previous").arg(&other))?));
    }
    let (with, without) = fastest(both);
    let more = with.time.saturating_sub(without.time);
    let last = format!("{:.3} s more", seconds(more));
    row("`build --previous`, one new commit", with, "outside of Git", without.time, last);
    Ok(())
}

/// Creates a repository in which prompts are added, get versions, and are promoted.
fn generate(repository: &Path, commits: usize) -> anyhow::Result<()> {
    fs::create_dir_all(repository)?;
    import(repository, &[], |stream| write(stream, commits))?;
    succeed(git(repository).args(["reset", "--quiet", "--hard"]))
}

/// Writes the commits.
fn write(stream: &mut impl Write, commits: usize) -> anyhow::Result<()> {
    let prompts = commits.div_ceil(COMMITS_PER_PROMPT);
    let mut random = Random(20);
    let mut versions = vec![0_usize; prompts];
    for commit in 0..commits {
        let is_new = commit < prompts;
        let prompt = if is_new { commit } else { random.below(prompts) };
        let name = prompt_name(prompt);
        let mut files = Vec::new();
        let subject;
        if is_new || random.below(10) < 4 {
            let version = format!("1.{}.0", versions[prompt]);
            versions[prompt] += 1;
            subject = format!("Add {name} {version} (#{commit})");
            let text = (0..20).map(|_| random.sentence()).collect::<String>();
            files.push((format!("v{version}/system_prompt.txt"), text + "\n"));
            let metadata = format!("{{\"description\": \"change {commit}\"}}\n");
            files.push((format!("v{version}/metadata.json"), metadata));
        } else {
            let version = format!("1.{}.0", random.below(versions[prompt]));
            let environment = ["staging", "production"][random.below(2)];
            subject = format!("Serve {name} {version}\n\nReason: change {commit}");
            let file = format!("environments/{environment}.yaml");
            files.push((file, format!("version: {version}\n")));
        }
        let time = 1_700_000_000 + commit * 600;
        let who = ["ana", "ben", "chiyo"][random.below(3)];
        writeln!(stream, "commit refs/heads/main")?;
        writeln!(stream, "committer {who} <{who}@example.com> {time} +0000")?;
        writeln!(stream, "data {}\n{subject}", subject.len())?;
        for (path, text) in files {
            add(stream, &format!("prompts/{name}/{path}"), text.as_bytes())?;
        }
    }
    Ok(())
}
