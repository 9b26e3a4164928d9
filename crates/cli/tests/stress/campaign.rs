//! One run of the stress test: a team works, merges, takes back and publishes, as a seed says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::history::{Commits, Moment, served_at, unclear_names};
use crate::pointer::Pointer;
use crate::random::Random;
use crate::registry::{Registry, time_text};
use crate::team::{Steps, Team};
use crate::tree::ENVIRONMENTS;
use crate::work::{BODY, Worker};

/// How many builds of a run published everything, held something back, and stopped.
pub(crate) type Counts = [usize; 3];

/// The seeds that always run.
pub(crate) const SEEDS: u64 = 6;

/// How many steps the run of a seed has.
fn steps(seed: u64) -> usize {
    if seed <= SEEDS { 24 } else { 60 }
}

/// Runs a seed. A failure is returned with the steps that led to it.
pub(crate) fn run(seed: u64) -> Result<Counts, String> {
    let log: Steps = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::clone(&log);
    let run = std::thread::spawn(move || Run::new(seed, own).finish(steps(seed)));
    run.join().map_err(|panicked| {
        let why = panicked.downcast_ref::<String>().cloned();
        let why = why.or_else(|| panicked.downcast_ref::<&str>().map(|why| (*why).to_owned()));
        let steps = log.lock().unwrap().join("\n");
        format!(
            "seed {seed} fails after these steps:\n{steps}\n\n{}\n\nto run it again: PROMPTDEX_SEED={seed}",
            why.unwrap_or_default()
        )
    })
}

struct Run {
    team: Team,
    random: Random,
    registry: Registry,
    commits: Commits,
    count: usize,
}

impl Run {
    fn new(seed: u64, steps: Steps) -> Self {
        let team = Team::new(steps);
        team.write("registry.yaml", "registry: acme\n");
        team.write("tone/v1.0.0/system_prompt.txt", BODY);
        team.write("tone/environments/production.yaml", "version: 1.0.0\n");
        team.commit("begin");
        let (random, registry) = (Random::new(seed), Registry::default());
        Self { team, random, registry, commits: Commits::default(), count: 0 }
    }

    fn finish(mut self, steps: usize) -> Counts {
        self.publish();
        for _ in 0..steps {
            self.advance_clock();
            self.step();
            if self.random.chance(45) {
                self.publish();
            }
            if self.random.chance(12) {
                self.check_log();
            }
        }
        self.publish();
        self.check_log();
        self.registry.counts
    }

    /// Clocks of different people: mostly later, sometimes far before or after.
    fn advance_clock(&mut self) {
        const DAY: i64 = 86_400;
        let hours = i64::try_from(self.random.below(60)).unwrap();
        let now = self.team.clock.get();
        let next = match self.random.below(20) {
            0 => now - 6 * DAY,
            1 => now + 9 * DAY,
            2 => now,
            _ => now + hours * 3_600,
        };
        self.team.clock.set(next);
    }

    fn work(&mut self) {
        let Self { team, random, count, .. } = self;
        Worker { team, random, count }.work();
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=68 => self.work(),
            69..=78 => self.merge(),
            79..=82 => self.revert(),
            83..=84 => self.reset(),
            85 => self.amend(),
            86..=87 => self.break_registry(),
            88..=92 => self.mend(),
            _ => self.ask(),
        }
    }

    fn now(&mut self) -> Moment {
        self.commits.walk(&self.team).pop().unwrap()
    }

    fn publish(&mut self) {
        let now = self.now();
        assert_eq!(self.team.git(&["status", "--porcelain"]), "", "the tree is committed");
        self.registry.publish(&self.team, &now, &mut self.random);
    }

    /// Two branches change the tree, and come together in one of the ways of teams.
    fn merge(&mut self) {
        self.team.git(&["checkout", "--quiet", "-B", "change"]);
        for _ in 0..=self.random.below(3) {
            self.work();
            self.advance_clock();
        }
        self.team.git(&["checkout", "--quiet", "main"]);
        self.team.follow_root();
        for _ in 0..self.random.below(3) {
            self.work();
            self.advance_clock();
        }
        let favour = ["ours", "theirs"][self.random.below(2)];
        let mut arguments = vec!["merge", "--quiet", "--strategy-option", favour];
        let is_squash = self.random.chance(30);
        let message = format!("merge, {favour} wins");
        arguments.extend(if is_squash {
            vec!["--squash"]
        } else {
            vec!["--no-ff", "--message", &message]
        });
        if self.random.chance(10) {
            // Somebody commits the conflicts.
            arguments.drain(2..4);
        }
        arguments.push("change");
        let is_merged = self.team.try_git(&arguments);
        self.team.note(format!("git {} [{is_merged}]", arguments.join(" ")));
        if !is_merged && self.random.chance(60) {
            self.team.clean();
        } else if !is_merged || is_squash {
            self.team.commit(&message);
        }
        self.team.follow_root();
    }

    fn revert(&mut self) {
        let back = format!("HEAD~{}", self.random.below(4));
        if !self.team.try_git(&["rev-parse", "--verify", "--quiet", &back]) {
            return;
        }
        let parents = self.team.git(&["show", "--no-patch", "--format=%P", &back]);
        let mut arguments = vec!["revert", "--no-edit"];
        match parents.split(' ').count() {
            _ if parents.is_empty() => return,
            1 => {}
            _ => arguments.extend(["--mainline", "1"]),
        }
        arguments.push(&back);
        let is_done = self.team.try_git(&arguments);
        self.team.note(format!("git {} [{is_done}]", arguments.join(" ")));
        if !is_done {
            self.team.try_git(&["revert", "--abort"]);
        }
        self.team.clean();
    }

    /// The branch goes back to an earlier commit, which may have been published.
    fn reset(&mut self) {
        let back = format!("HEAD~{}", 1 + self.random.below(4));
        let is_done = self.team.try_git(&["reset", "--quiet", "--hard", &back]);
        self.team.note(format!("git reset {back} [{is_done}]"));
        self.team.follow_root();
        if is_done && self.random.chance(50) {
            self.publish();
            self.team.git(&["reset", "--quiet", "--hard", "ORIG_HEAD"]);
            self.team.note("git reset ORIG_HEAD");
            self.team.follow_root();
        }
    }

    /// Somebody writes the last commit anew.
    fn amend(&mut self) {
        self.team.git(&["commit", "--quiet", "--amend", "--allow-empty", "--message", "amended"]);
        self.team.note("git commit --amend");
    }

    /// The registry's own files are wrong for a while: nothing is published.
    fn break_registry(&mut self) {
        let (path, text) = *self
            .random
            .pick(&[
                ("registry.yaml", "registry: acme\nenvironments: dev\n"),
                ("policy.yaml", "checks: {draft: loud}\n"),
                ("policy.yaml", "teams: [\n"),
                ("registry.yaml", "registry: acme\nbundles: {all: \n"),
            ])
            .unwrap();
        self.team.write(path, text);
        let dist = self.team.beside("dist");
        let dist = dist.to_str().unwrap();
        self.team.note(format!("break {path}"));
        let before = crate::team::files(dist.as_ref());
        let outcome = self.team.run(&["build", "--previous", dist, "--output", dist]);
        assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
        assert!(crate::team::files(dist.as_ref()) == before, "a build that stops changes nothing");
        self.team.clean();
    }

    /// Somebody takes back what is wrong: each prompt that is held back becomes what it was when it was right.
    fn mend(&mut self) {
        let moments = self.commits.walk(&self.team);
        let ids = self.team.git(&["rev-list", "--first-parent", "--reverse", "HEAD"]);
        let ids: Vec<&str> = ids.lines().collect();
        let now = moments.last().unwrap();
        for name in self.registry.held.clone() {
            let is_right = |moment: &&Moment| {
                let verdicts = crate::verdict::judge_all(&moment.prompts, &self.registry.published);
                moment.tree.root == now.tree.root
                    && moment.prompts.contains_key(&name)
                    && verdicts.get(&name) == Some(&crate::verdict::Verdict::Right)
            };
            let Some(place) = moments.iter().rposition(|moment| is_right(&moment)) else {
                continue;
            };
            let is_document = moments[place].prompts[&name].files.versions.is_empty();
            if is_document {
                continue;
            }
            self.team.remove(&name);
            let path = self.team.in_tree(&name);
            self.team.git(&["checkout", "--quiet", ids[place], "--", &path]);
            self.team.note(format!("restore {name}"));
        }
        self.team.commit("restore what is held back");
    }

    /// Asks for answers that change nothing.
    fn ask(&mut self) {
        let dist = self.team.beside("dist");
        let dist = dist.to_str().unwrap();
        let name = self.now().prompts.keys().next().cloned().unwrap_or_default();
        let back = format!("HEAD~{}", 1 + self.random.below(3));
        let questions: [&[&str]; 9] = [
            &["check", "--previous", dist, "--format", "json"],
            &["check", "--base", &back],
            &["check", "--base", &back, "--whole", "--previous", dist],
            &["report", "--base", &back, "--previous", dist],
            &["diff", "production", "staging"],
            &["diff", &name],
            &["render", &name],
            &["log", "--previous", dist],
            &["fix", "--dry-run", "--previous", dist],
        ];
        let question = self.random.pick(&questions).unwrap();
        self.team.run(question);
        assert_eq!(self.team.git(&["status", "--porcelain"]), "", "{question:?} changed the tree");
    }

    /// Compares what `log` says that was served at some times.
    fn check_log(&mut self) {
        let moments = self.commits.walk(&self.team);
        let unclear = unclear_names(&moments);
        let mut times = BTreeSet::from([moments.last().unwrap().time]);
        for _ in 0..2 {
            let moment = self.random.pick(&moments).unwrap();
            times.insert(moment.time - i64::from(self.random.chance(50)));
        }
        for time in times {
            let text = time_text(time);
            let outcome = self.team.run(&["log", "--as-of", &text, "--format", "json"]);
            assert_eq!(outcome.code, 0, "{}", outcome.stderr);
            let told = outcome.stdout.lines().map(|line| {
                let line: Value = serde_json::from_str(line).unwrap();
                let text = |key: &str| line[key].as_str().unwrap().to_owned();
                let pointer = Pointer::of_target(&line["new_value"]).unwrap();
                ((text("name"), text("environment")), pointer)
            });
            let told: BTreeMap<_, _> =
                told.filter(|((name, _), _)| !unclear.contains(name)).collect();
            let mut expected = served_at(&moments, time);
            expected.retain(|(name, environment), _| {
                ENVIRONMENTS.contains(&environment.as_str()) && !unclear.contains(name)
            });
            for pointer in expected.keys().chain(told.keys()) {
                let (name, environment) = pointer;
                assert_eq!(
                    expected.get(pointer),
                    told.get(pointer),
                    "what the log says that {environment} served of {name} at {text}\n{}",
                    self.team.run(&["log", name, "--env", environment]).stdout
                );
            }
        }
    }
}
