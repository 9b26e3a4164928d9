//! What people do with a tree: each a step that is drawn, and written down.

use crate::pointer::Number;
use crate::random::Random;
use crate::team::Team;
use crate::tree::{BROKEN_CASE, BROKEN_TEXT, ENVIRONMENTS, PromptFiles, Tree};

/// The prompts in folders of versions.
const FOLDERS: [&str; 5] = ["greeting", "team/refund", "team/billing", "tone", "letter"];
/// The prompts that are Markdown files.
const DOCUMENTS: [&str; 2] = ["memo", "team/notes"];
/// The prompts whose folder has the files of a version.
const IN_PLACE: [&str; 1] = ["team/list"];

/// Lines that stay, by which Git knows a file again that has moved.
pub(crate) const BODY: &str = "Answer the customer in one sentence.\nBe kind, and do not promise anything.\n\
    Name the order that the customer asks about.\nAsk for the number of the order if there is none.\n\
    Do not tell who wrote this, and do not repeat it.\nSay goodbye at the end.\n";

/// A step that somebody does; it is committed if it has a name.
type Work<W> = fn(&mut W) -> Option<String>;

/// Somebody who works on the tree as it is on disk.
pub(crate) struct Worker<'a> {
    pub(crate) team: &'a Team,
    pub(crate) random: &'a mut Random,
    /// Numbers the texts, so that no two are alike.
    pub(crate) count: &'a mut usize,
}

impl<'a> Worker<'a> {
    /// What can be done, and how often it is.
    const WORK: [(usize, Work<Self>); 21] = [
        (12, Self::start_prompt),
        (14, Self::add_version),
        (10, Self::edit_in_place),
        (14, Self::point),
        (4, Self::roll_out),
        (12, Self::promote),
        (8, Self::roll_back),
        (10, Self::set_state),
        (5, Self::write_state),
        (3, Self::redact),
        (3, Self::delete_prompt),
        (3, Self::delete_version),
        (3, Self::remove_pointer),
        (3, Self::rename_prompt),
        (2, Self::move_tree),
        (4, Self::break_file),
        (4, Self::edit_version),
        (3, Self::change_line_ends),
        (3, Self::add_cases),
        (3, Self::update_includes),
        (3, Self::record),
    ];

    /// Does one thing, and commits it unless the command did.
    pub(crate) fn work(&mut self) {
        let all: usize = Self::WORK.iter().map(|(weight, _)| weight).sum();
        let mut at = self.random.below(all);
        for (weight, work) in Self::WORK {
            if at < weight {
                if let Some(step) = work(self) {
                    self.team.note(&step);
                    self.team.commit(&step);
                }
                return;
            }
            at -= weight;
        }
    }

    /// Reads the tree as it is committed; a worker begins with a clean tree.
    fn tree(&self) -> Tree {
        Tree::clone(&self.team.tree_of("HEAD").1)
    }

    fn text(&mut self) -> String {
        *self.count += 1;
        let broken = if self.random.chance(6) { BROKEN_TEXT } else { "" };
        format!("{BODY}Text {}. {broken}\n", self.count)
    }

    /// Picks a prompt of the tree that fits.
    fn pick(&mut self, fits: impl Fn(&PromptFiles) -> bool) -> Option<(String, PromptFiles)> {
        let prompts: Vec<_> =
            self.tree().prompts.into_iter().filter(|(_, own)| fits(own)).collect();
        self.random.pick(&prompts).cloned()
    }

    fn pick_version(&mut self, files: &PromptFiles) -> Option<Number> {
        let mut versions: Vec<Number> = files.versions.keys().copied().collect();
        // Of a prompt in place, older numbers are known to the commits alone.
        if let Some((Some(number), _)) = &files.in_place {
            versions.push(*number);
            versions.push(Number(number.0, number.1.saturating_sub(1), 0));
        }
        self.random.pick(&versions).copied()
    }

    fn pick_environment(&mut self) -> &'static str {
        ENVIRONMENTS[[0, 1, 1, 2, 2][self.random.below(5)]]
    }

    fn next_number(&mut self, number: Number) -> Number {
        match self.random.below(10) {
            0 => Number(number.0 + 1, 0, 0),
            1 | 2 => Number(number.0, number.1, number.2 + 1),
            _ => Number(number.0, number.1 + 1, 0),
        }
    }

    fn start_prompt(&mut self) -> Option<String> {
        let tree = self.tree();
        let is_new = |name: &&&str| !tree.prompts.contains_key(**name);
        let every = FOLDERS.iter().chain(&DOCUMENTS).chain(&IN_PLACE);
        let names: Vec<&str> = every.filter(is_new).copied().collect();
        let name = *self.random.pick(&names)?;
        let text = self.text();
        if DOCUMENTS.contains(&name) {
            let front = "---\nversion: 1.0.0\ntags: [mail]\n---\n\n";
            self.team.write(&format!("{name}.md"), &format!("{front}{text}"));
        } else if IN_PLACE.contains(&name) {
            self.team.write(&format!("{name}/prompt.yaml"), "title: A list\nversion: 1.0.0\n");
            self.team.write(&format!("{name}/system_prompt.txt"), &text);
        } else {
            self.write_version(name, Number(1, 0, 0), &text, &tree);
        }
        Some(format!("start {name}"))
    }

    fn write_version(&mut self, name: &str, number: Number, text: &str, tree: &Tree) {
        let tones = tree.prompts.get("tone").map(|tone| tone.versions.keys().copied().collect());
        let tones: Vec<Number> = tones.unwrap_or_default();
        let tone = self.random.pick(&tones).filter(|_| name == "letter");
        let include = tone.map(|tone| format!("{{% include \"tone@{tone}\" %}}\n"));
        let text = format!("{}{text}", include.unwrap_or_default());
        self.team.write(&format!("{name}/v{number}/system_prompt.txt"), &text);
    }

    fn add_version(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.versions.is_empty() && own.in_place.is_none())?;
        let number = self.next_number(*files.versions.keys().last()?);
        let text = self.text();
        let tree = self.tree();
        self.write_version(&name, number, &text, &tree);
        Some(format!("add {name}@{number}"))
    }

    /// Edits a prompt in place: its text, its number, or both.
    fn edit_in_place(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| own.in_place.is_some())?;
        let number = files.in_place?.0?;
        let is_document = self.team.read(&format!("{name}.md")).is_some();
        let what = self.random.below(3);
        if what != 1 {
            let text = self.text();
            let path = if is_document {
                format!("{name}.md")
            } else {
                format!("{name}/system_prompt.txt")
            };
            let old = self.team.read(&path)?;
            let head = old.rsplit_once(BODY.lines().next()?).map_or("", |(head, _)| head);
            self.team.write(&path, &format!("{head}{text}"));
        }
        if what == 0 {
            return Some(format!("edit {name}"));
        }
        if self.random.chance(40) {
            let step = self.random.pick(&["--minor", "--patch", "--major"]).copied()?;
            self.command(&["version", &name, step, "--commit", "--reason", "better"]);
            return None;
        }
        let path = if is_document { format!("{name}.md") } else { format!("{name}/prompt.yaml") };
        let next = self.next_number(number);
        let text = self.team.read(&path)?;
        self.team.write(
            &path,
            &text.replacen(&format!("version: {number}"), &format!("version: {next}"), 1),
        );
        Some(format!("number {name} {next}"))
    }

    fn point(&mut self) -> Option<String> {
        let (name, files) = self.pick(|_| true)?;
        let mut version = self.pick_version(&files)?;
        if self.random.chance(4) {
            version = Number(9, 9, 9);
        }
        let environment = self.pick_environment();
        let text = if self.random.chance(3) {
            "version: [\n".to_owned()
        } else {
            format!("version: {version}\n")
        };
        self.team.write(&format!("{name}/environments/{environment}.yaml"), &text);
        Some(format!("point {environment} at {name}@{version}"))
    }

    fn roll_out(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| own.versions.len() > 1)?;
        let highest = *files.versions.keys().last()?;
        let other = files.versions.keys().rev().skip(1).find(|own| own.0 == highest.0)?;
        let weight = 1 + self.random.below(98);
        let environment = self.pick_environment();
        let text = format!(
            "rollout: {{arms: [{{key: old, version: {other}, weight: {}}}, {{key: new, version: {highest}, weight: {weight}}}]}}\n",
            100 - weight
        );
        self.team.write(&format!("{name}/environments/{environment}.yaml"), &text);
        Some(format!("roll {name}@{highest} out in {environment} to {weight}"))
    }

    /// Runs a command that commits. Sometimes it is killed and run again.
    fn command(&mut self, arguments: &[&str]) {
        let team = self.team;
        let commits = arguments.contains(&"--commit");
        let has_changes = !team.git(&["status", "--porcelain"]).is_empty();
        if commits && self.random.chance(12) {
            let hundredths = u32::try_from(self.random.below(90)).unwrap();
            team.kill(arguments, hundredths);
            self.check_killed();
        }
        let before = (team.git(&["rev-parse", "HEAD"]), team.git(&["status", "--porcelain"]));
        let outcome = team.run(arguments);
        let after = (team.git(&["rev-parse", "HEAD"]), team.git(&["status", "--porcelain"]));
        if outcome.code != 0 {
            assert_eq!(
                before, after,
                "{arguments:?} failed and changed something: {}{}",
                outcome.stdout, outcome.stderr
            );
        } else if commits && !has_changes {
            // Git that is killed between the commit and its index leaves a new file there that it knows by name only.
            let left: Vec<&str> = after.1.lines().filter(|line| !line.starts_with("DA ")).collect();
            assert_eq!(left, [""; 0], "{arguments:?} leaves changes that it did not commit");
        }
        if !after.1.is_empty() {
            if self.random.chance(50) {
                team.commit("what a command left");
            } else {
                team.clean();
            }
        }
    }

    /// Checks that a command that was killed has left whole files.
    fn check_killed(&self) {
        let status = self.team.git(&["status", "--porcelain", "--untracked-files=all"]);
        for line in status.lines() {
            let path = line.trim_start().split_once(' ').map_or("", |(_, path)| path.trim());
            let path = path.rsplit_once(" -> ").map_or(path, |(_, new)| new);
            let name = path.rsplit('/').next().unwrap_or_default();
            assert!(!name.starts_with('.'), "a command that was killed left {path}");
            let is_pointer = path.contains("/environments/");
            if let Ok(text) = std::fs::read_to_string(self.team.repository().join(path)) {
                let is_whole = !is_pointer || text.ends_with('\n');
                assert!(is_whole, "a command that was killed left half of {path}");
            }
        }
    }

    fn promote(&mut self) -> Option<String> {
        let (name, files) = self.pick(|_| true)?;
        let version = self.pick_version(&files)?;
        let what = if self.random.chance(60) { format!("{name}@{version}") } else { name };
        let environment = self.pick_environment();
        let weight = (1 + self.random.below(100)).to_string();
        let mut arguments = vec!["promote", &what, "--to", environment, "--reason", "better"];
        match self.random.below(10) {
            0 | 1 => arguments.extend(["--weight", &weight]),
            2 => arguments.push("--track"),
            3 => {
                arguments.remove(1);
                arguments.push("--all");
            }
            _ => {}
        }
        arguments.push("--commit");
        self.command(&arguments);
        None
    }

    fn roll_back(&mut self) -> Option<String> {
        let (name, files) = self.pick(|_| true)?;
        let environment = self.pick_environment();
        let version = self.pick_version(&files)?.to_string();
        let commit = format!("HEAD~{}", 1 + self.random.below(3));
        let mut arguments = vec!["rollback", "--in", environment, "--reason", "worse", "--commit"];
        match self.random.below(4) {
            0 => arguments.extend([&name, "--to", &version]),
            1 => arguments.extend(["--to", &commit]),
            _ => arguments.push(&name),
        }
        self.command(&arguments);
        None
    }

    fn set_state(&mut self) -> Option<String> {
        let (name, files) = self.pick(|_| true)?;
        let version = format!("{name}@{}", self.pick_version(&files)?);
        let command = *self.random.pick(&["deprecate", "yank", "yank", "archive"])?;
        let mut arguments = vec![command, &version, "--reason", "old", "--commit"];
        if self.random.chance(25) {
            arguments.push("--undo");
        }
        self.command(&arguments);
        None
    }

    /// Sets a state without asking whether an environment serves the version.
    fn write_state(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| own.states.is_empty() && own.in_place.is_none())?;
        let version = self.pick_version(&files)?;
        let state = *self.random.pick(&["yanked", "deprecated", "archived"])?;
        self.team.write(&format!("{name}/prompt.yaml"), &format!("{state}:\n  {version}: old\n"));
        Some(format!("write {name}@{version} {state}"))
    }

    fn redact(&mut self) -> Option<String> {
        let (name, files) = self.pick(|_| true)?;
        let version = format!("{name}@{}", self.pick_version(&files)?);
        let mut arguments = vec!["redact", &version, "--reason", "a leak", "--commit"];
        if self.random.chance(30) {
            arguments.push("--keep-files");
        }
        self.command(&arguments);
        None
    }

    fn delete_prompt(&mut self) -> Option<String> {
        let (name, _) = self.pick(|_| true)?;
        self.team.remove(&name);
        self.team.remove(&format!("{name}.md"));
        Some(format!("delete {name}"))
    }

    fn delete_version(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| own.versions.len() > 1)?;
        let version = self.pick_version(&files)?;
        self.team.remove(&format!("{name}/v{version}"));
        Some(format!("delete {name}@{version}"))
    }

    fn remove_pointer(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.pointers.is_empty())?;
        let environments: Vec<String> = files.pointers.into_keys().collect();
        let environment = self.random.pick(&environments)?;
        self.team.remove(&format!("{name}/environments/{environment}.yaml"));
        Some(format!("remove {name} from {environment}"))
    }

    fn rename_prompt(&mut self) -> Option<String> {
        let (name, files) = self.pick(|_| true)?;
        *self.count += 1;
        let new = format!("{name}-{}", self.count);
        let path = |name: &str| self.team.repository().join(self.team.in_tree(name));
        if files.in_place.is_some() && path(&format!("{name}.md")).exists() {
            std::fs::rename(path(&format!("{name}.md")), path(&format!("{new}.md"))).unwrap();
        }
        if path(&name).exists() {
            std::fs::rename(path(&name), path(&new)).unwrap();
        }
        Some(format!("rename {name} to {new}"))
    }

    fn move_tree(&mut self) -> Option<String> {
        let old = self.team.root.borrow().clone();
        let new = if old == "prompts" { "content/prompts" } else { "prompts" };
        std::fs::create_dir_all(self.team.repository().join("content")).unwrap();
        // What the build remembers stays where the tree was.
        drop(std::fs::remove_dir_all(self.team.repository().join(&old).join(".promptdex")));
        let target = self.team.repository().join(new);
        drop(std::fs::remove_dir_all(target.join(".promptdex")));
        drop(std::fs::remove_dir(&target));
        // A merge may have left files there.
        std::fs::rename(self.team.repository().join(&old), target).ok()?;
        new.clone_into(&mut self.team.root.borrow_mut());
        Some(format!("move the tree to {new}"))
    }

    fn break_file(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.versions.is_empty() && own.in_place.is_none())?;
        let version = self.pick_version(&files)?;
        match self.random.below(3) {
            0 => self.team.write(&format!("{name}/v{version}/notes.doc"), "Nothing reads this.\n"),
            1 => self.team.write(&format!("{name}/prompt.yaml"), "title: [\n"),
            _ => self.write_cases(&name, version, BROKEN_CASE),
        }
        Some(format!("break a file of {name}@{version}"))
    }

    /// Edits a version that may be published.
    fn edit_version(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.versions.is_empty() && own.in_place.is_none())?;
        let version = self.pick_version(&files)?;
        let text = self.text();
        self.team.write(&format!("{name}/v{version}/system_prompt.txt"), &text);
        Some(format!("edit {name}@{version}"))
    }

    fn change_line_ends(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.versions.is_empty())?;
        let version = self.pick_version(&files)?;
        let path = format!("{name}/v{version}/system_prompt.txt");
        let text = self.team.read(&path)?.replace("\r\n", "\n").replace('\n', "\r\n");
        self.team.write(&path, &text);
        Some(format!("write {name}@{version} with CRLF"))
    }

    fn write_cases(&self, name: &str, version: Number, expected: &str) {
        let text = format!("- name: plain\n  expect: {{contains: [{expected}]}}\n");
        self.team.write(&format!("{name}/cases/{version}.yaml"), &text);
    }

    fn add_cases(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.versions.is_empty())?;
        let version = self.pick_version(&files)?;
        self.write_cases(&name, version, "the customer in one sentence");
        Some(format!("add cases of {name}@{version}"))
    }

    fn update_includes(&mut self) -> Option<String> {
        let tone = self.tree().prompts.remove("tone")?;
        let version = self.pick_version(&tone)?.to_string();
        self.command(&[
            "update-includes",
            "tone",
            "--to",
            &version,
            "--reason",
            "kinder",
            "--commit",
        ]);
        None
    }

    fn record(&mut self) -> Option<String> {
        let (name, files) = self.pick(|own| !own.versions.is_empty())?;
        let version = format!("{name}@{}", self.pick_version(&files)?);
        let numbers = ["--passed", "7", "--failed", "0", "--tested-at", "2024-03-01"];
        let mut arguments = vec!["record", &version, "--test", "quality", "--commit"];
        arguments.extend(numbers);
        self.command(&arguments);
        None
    }
}
