//! Runs many programs here and in Jinja2, and tells what they came to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use promptdex_template::Error;

use crate::comparison::{IS_TRIED, Outcome, Verdict, judge, run};
use crate::generator;
use crate::minimal::minimize;
use crate::oracle::{Answer, Missing, Oracle};
use crate::program::Program;
use crate::soundness::Announcement;

/// Programs that are asked about at once.
const BATCH: u64 = 100;

/// As many wrong programs are made smaller, per kind and reason.
const SHOWN: usize = 8;

/// The stack of a worker in a browser.
const STACK: usize = 2 * 1024 * 1024;

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) verdicts: BTreeMap<Verdict, u64>,
    /// How many texts Jinja2 printed that were not empty.
    pub(crate) printed: u64,
    /// Why programs were refused, by `check` and when they were rendered, each with the number of one program.
    pub(crate) reasons: BTreeMap<(Verdict, String), (u64, u64)>,
    /// How errors that values made were announced, and what they say, each with the number of one program.
    pub(crate) announcements: BTreeMap<(Announcement, String), (u64, u64)>,
    /// Wrong programs, as small as they get.
    pub(crate) wrong: Vec<String>,
    shown: BTreeMap<(Verdict, String), usize>,
}

impl Tally {
    pub(crate) fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(&verdict).copied().unwrap_or(0)
    }

    pub(crate) fn count_announced(&self, announcement: Announcement) -> u64 {
        let of_this = self.announcements.iter().filter(|(key, _)| key.0 == announcement);
        of_this.map(|(_, (count, _))| count).sum()
    }

    fn add(&mut self, other: Self) {
        for (verdict, count) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
        for (reason, (count, number)) in other.reasons {
            self.reasons.entry(reason).or_insert((0, number)).0 += count;
        }
        for (reason, (count, number)) in other.announcements {
            self.announcements.entry(reason).or_insert((0, number)).0 += count;
        }
        self.printed += other.printed;
        self.wrong.extend(other.wrong);
    }

    /// Whether there are not many wrong programs of this kind yet.
    fn is_new(&mut self, verdict: Verdict, outcome: &Outcome) -> bool {
        let (reason, most) = match outcome {
            Outcome::Failed(error, _) => (reason(error), 1),
            Outcome::Unsound(error, _) => (reason(error), 2),
            Outcome::Crashed(message) => (message.clone(), 1),
            _ => (String::new(), SHOWN),
        };
        let count = self.shown.entry((verdict, reason)).or_default();
        *count += 1;
        *count <= most
    }

    fn record(&mut self, number: u64, verdict: Verdict, outcome: &Outcome, answer: &Answer) {
        *self.verdicts.entry(verdict).or_default() += 1;
        if matches!(answer, Answer::Printed { text } if !text.trim().is_empty()) {
            self.printed += 1;
        }
        match (verdict, outcome) {
            (Verdict::RefusedByCheck | Verdict::FoundByCheck, Outcome::Refused(error))
            | (Verdict::RefusedWhenRendered | Verdict::Undocumented, Outcome::Failed(error, _)) => {
                self.reasons.entry((verdict, reason(error))).or_insert((0, number)).0 += 1;
            }
            (Verdict::BothFail, _) => {
                if let Answer::Failed { error, message } = answer {
                    let reason = format!("{error}: {}", without_details(message));
                    self.reasons.entry((verdict, reason)).or_insert((0, number)).0 += 1;
                }
            }
            _ => {}
        }
        if let Outcome::Failed(error, Some(announcement)) = outcome {
            let key = (*announcement, reason(error));
            self.announcements.entry(key).or_insert((0, number)).0 += 1;
        }
    }
}

/// Returns what an error says, without the names and numbers in it.
pub(crate) fn reason(error: &Error) -> String {
    let mut reason = format!("{:?}: ", error.kind);
    for (at, piece) in error.message.split('`').enumerate() {
        if at % 2 == 0 {
            let mut was_digit = false;
            for character in piece.chars() {
                let is_digit = character.is_ascii_digit();
                if !is_digit {
                    reason.push(character);
                } else if !was_digit {
                    reason.push('0');
                }
                was_digit = is_digit;
            }
        } else {
            let is_name =
                piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.()".contains(&byte));
            let is_of_undefined = error.message.ends_with("is undefined");
            reason.push_str(if is_name && !is_of_undefined { piece } else { "…" });
        }
    }
    reason
}

/// Returns a message of Python without what is quoted in it, and without numbers.
fn without_details(message: &str) -> String {
    let kept: Vec<&str> = message.split(['\'', '"']).step_by(2).collect();
    kept.join("…").replace(|character: char| character.is_ascii_digit(), "")
}

/// Runs programs from one number to another, on several threads.
pub(crate) fn run_all(
    seed: u64,
    count: u64,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Tally, Missing> {
    // Without an oracle there is nothing to compare with.
    drop(Oracle::start()?);
    // What crashes is told with its program; other panics say themselves what failed.
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !IS_TRIED.get() {
            told(panic);
        }
    }));
    let next = AtomicU64::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            let work = move || sender.send(work(seed, count, next, progress)).unwrap();
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap();
        }
    });
    drop(sender);
    drop(std::panic::take_hook());
    let mut all = Tally::default();
    receiver.into_iter().for_each(|tally| all.add(tally));
    Ok(all)
}

fn work(seed: u64, count: u64, next: &AtomicU64, progress: &(dyn Fn(u64) + Sync)) -> Tally {
    let mut oracle = Oracle::start().unwrap();
    let mut tally = Tally::default();
    loop {
        let start = next.fetch_add(BATCH, Ordering::Relaxed);
        if start >= count {
            return tally;
        }
        progress(start);
        let numbers: Vec<u64> = (start..count.min(start + BATCH)).collect();
        let programs: Vec<Program> =
            numbers.iter().map(|number| generator::program(seed, *number)).collect();
        let answers = oracle.ask(&programs);
        for ((number, program), answer) in numbers.iter().zip(&programs).zip(&answers) {
            let outcome = run(program);
            let verdict = judge(program, &outcome, answer, &mut oracle);
            tally.record(*number, verdict, &outcome, answer);
            if verdict.is_wrong() && tally.is_new(verdict, &outcome) {
                let small = minimize(program, &outcome, verdict, &mut oracle);
                tally.wrong.push(describe(*number, verdict, &small, &mut oracle));
            }
        }
    }
}

/// Shows a program, what it comes to here, and what in Jinja2.
pub(crate) fn describe(
    number: u64,
    verdict: Verdict,
    program: &Program,
    oracle: &mut Oracle,
) -> String {
    let answer = oracle.ask_one(&program.template(), &program.values());
    format!(
        "{verdict:?} (program {number})\n  {:?}\n  {}\n  here   {:?}\n  Jinja2 {answer:?}",
        program.template(),
        program.values(),
        run(program),
    )
}
