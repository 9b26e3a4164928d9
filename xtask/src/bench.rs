//! The benchmark: promptdex beside a plain tool that reads or writes the same tree, in the same run,
//! warm, release build. Ratios are what counts; they are printed, never asserted.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Runs of each measurement; the fastest counts.
const RUNS: usize = 3;

/// Measures on trees of these many versions and prints the table.
pub(crate) fn run(root: &Path, sizes: &[usize]) -> anyhow::Result<String> {
    let binary = root.join("target/release/promptdex");
    let folder = root.join("target/bench");
    fs::create_dir_all(&folder)?;
    let mut table = String::from(
        "| what | versions | promptdex | beside it | ratio | peak memory |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for &versions in sizes {
        let tree = folder.join(format!("tree-{versions}"));
        generate(&tree, versions)?;
        let tree_text = tree.to_str().context("the path is not UTF-8")?;
        let output = folder.join("dist");
        let copy = folder.join("copy");
        let mut row =
            |what: &str, ours: Measured, beside: Duration, other: &str| -> anyhow::Result<()> {
                let ratio = ours.time.as_secs_f64() / beside.as_secs_f64();
                writeln!(
                    table,
                    "| {what} | {versions} | {:.3} s | {other} {:.3} s | {ratio:.2} | {} MiB |",
                    ours.time.as_secs_f64(),
                    beside.as_secs_f64(),
                    ours.peak / 1024,
                )?;
                Ok(())
            };

        let build = fastest(|| {
            remove(&output)?;
            measure(
                Command::new(&binary)
                    .args(["build", "--quiet", "--root", tree_text, "--output"])
                    .arg(&output),
            )
        })?;
        let cp = fastest(|| {
            remove(&copy)?;
            measure(Command::new("cp").arg("-r").arg(&tree).arg(&copy))
        })?;
        row("`build` from nothing", build, cp.time, "`cp -r`")?;
        remove(&output)?;
        remove(&copy)?;

        let check = fastest(|| {
            measure(Command::new(&binary).args(["check", "--quiet", "--root", tree_text]))
        })?;
        let sums = fastest(|| {
            let script = "find \"$0\" -type f -print0 | xargs -0 sha256sum > /dev/null";
            measure(Command::new("sh").args(["-c", script, tree_text]))
        })?;
        row("`check` of everything", check, sums.time, "`sha256sum` of every file")?;

        let name = prompt_name(0);
        let render = fastest(|| {
            measure(
                Command::new(&binary)
                    .args(["render", &name, "--case", "stored", "--root", tree_text]),
            )
        })?;
        let cat = fastest(|| {
            measure(Command::new("sh").args([
                "-c",
                "cat \"$0\"/v*/*",
                &format!("{tree_text}/{name}"),
            ]))
        })?;
        let more = render.time.saturating_sub(cat.time);
        row("`render` of one prompt", render, cat.time, "`cat` of its files")?;
        writeln!(table, "| … that is {:.1} ms more | | | | | |", more.as_secs_f64() * 1000.0)?;
    }
    Ok(table)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// How long a process took, and the most memory it had, in KiB.
#[derive(Clone, Copy)]
struct Measured {
    time: Duration,
    peak: u64,
}

fn fastest(mut run: impl FnMut() -> anyhow::Result<Measured>) -> anyhow::Result<Measured> {
    let mut best = run()?;
    for _ in 1..RUNS {
        let measured = run()?;
        if measured.time < best.time {
            best = Measured { peak: best.peak.max(measured.peak), ..measured };
        }
    }
    Ok(best)
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
        // The high-water mark of the kernel, so that nothing between two looks is missed but the end.
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

/// Writes a tree: ten versions a prompt, each with text, metadata, examples and a case.
fn generate(tree: &Path, versions: usize) -> anyhow::Result<()> {
    let done = tree.with_extension("done");
    if done.exists() {
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
    Ok(fs::write(done, "")?)
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

/// Text of 0.3 to 20 KB, log-normal around 2 KB, with every variable in it.
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
                _ => format!("{{% for part in {name} | split %}}- {{{{ part }}}}\n{{% endfor %}}"),
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

/// `SplitMix64`: the same tree for everyone.
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

    /// A number of the standard normal distribution, nearly: the sum of twelve uniform ones.
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
