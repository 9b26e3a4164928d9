//! What a program comes to here, and beside that in Jinja2.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use promptdex_template::{Error, ErrorKind, Template};
use promptdex_wire::Dialect;

use crate::oracle::{Answer, Oracle};
use crate::program::Program;
use crate::refusals;
use crate::soundness::{Announcement, Checked, raise_at};

/// What a program comes to here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// `check` says what is wrong.
    Refused(Error),
    Printed(String),
    /// An error, and how it was announced if values made it.
    Failed(Error, Option<Announcement>),
    /// `check` calls an error what is reached and does not fail.
    Unsound(Error, String),
    Crashed(String),
}

/// How that compares with Jinja2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Equal,
    /// The same text but for a power of a float, of which the C library of Python gives the neighbor.
    NearestPower,
    /// Jinja2 prints, and `check` refuses the template.
    RefusedByCheck,
    /// Jinja2 fails, and `check` says so ahead.
    FoundByCheck,
    /// Jinja2 prints, and here is an error that is documented.
    RefusedWhenRendered,
    BothFail,
    /// Jinja2 ran out of time or memory.
    Stopped,
    /// Jinja2 prints, and here is an error that is not documented.
    Undocumented,
    /// The texts are different, or a template gives up for another reason.
    Different,
    /// Here is a text, and Jinja2 fails.
    PrintedAlone,
    /// `check` calls an error what does not fail.
    Unsound,
    Crashed,
}

impl Verdict {
    /// Every verdict, and what it says.
    pub(crate) const ALL: [(Self, &'static str); 12] = [
        (Self::Equal, "the same text"),
        (Self::NearestPower, "the same text but for the last digit of a power"),
        (Self::RefusedByCheck, "refused by `check`, a text in Jinja2"),
        (Self::FoundByCheck, "refused by `check`, an error in Jinja2"),
        (Self::RefusedWhenRendered, "a documented error here, a text in Jinja2"),
        (Self::BothFail, "errors in both"),
        (Self::Stopped, "stopped in Jinja2, for want of time or memory"),
        (Self::Undocumented, "another error here, a text in Jinja2"),
        (Self::Different, "different texts"),
        (Self::PrintedAlone, "a text here, an error in Jinja2"),
        (Self::Unsound, "an error of `check` that does not fail when it is reached"),
        (Self::Crashed, "crashes"),
    ];

    /// Whether this must never be.
    pub(crate) fn is_wrong(self) -> bool {
        matches!(
            self,
            Self::Undocumented
                | Self::Different
                | Self::PrintedAlone
                | Self::Unsound
                | Self::Crashed
        )
    }
}

pub(crate) fn run(program: &Program) -> Outcome {
    run_texts(&program.template(), &program.values())
}

thread_local! {
    /// Whether a program runs on this thread, whose panic is caught.
    pub(crate) static IS_TRIED: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn run_texts(template: &str, values: &str) -> Outcome {
    IS_TRIED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| render(template, values)));
    IS_TRIED.set(false);
    outcome.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|message| (*message).to_owned()));
        Outcome::Crashed(message.unwrap_or_default())
    })
}

fn render(text: &str, values: &str) -> Outcome {
    let template = match Template::parse(Dialect::Jinja, text) {
        Ok(template) => template,
        Err(errors) => return Outcome::Refused(errors[0].clone()),
    };
    if let Some(problem) = template.problems().first() {
        return Outcome::Refused(problem.clone());
    }
    let checked = Checked::new(text, values, template);
    let rendered = checked.render();
    if let Some(problem) = checked.find_unsound(&rendered) {
        let rendered = rendered.unwrap_or_else(|error| format!("{error:?}"));
        return Outcome::Unsound(problem.clone(), rendered);
    }
    match (rendered, checked.problems.first()) {
        (Err(error), _) if matches!(error.kind, ErrorKind::Value | ErrorKind::Undefined) => {
            let announcement = checked.announcement(&error);
            Outcome::Failed(error, Some(announcement))
        }
        (Err(error), _) => Outcome::Failed(error, None),
        // What always fails is refused although it was not reached.
        (Ok(_), Some(problem)) => Outcome::Refused(problem.clone()),
        (Ok(rendered), None) => Outcome::Printed(rendered),
    }
}

/// Compares what a program comes to here with what Jinja2 makes of it, if need be with the powers of the dialect. Where `check` calls an error what Jinja2
/// prints, and it is no deliberate refusal, Jinja2 must not come to its place.
pub(crate) fn judge(
    program: &Program,
    outcome: &Outcome,
    answer: &Answer,
    oracle: &mut Oracle,
) -> Verdict {
    let verdict = compare(outcome, answer);
    if let (Verdict::Different, Outcome::Printed(text)) = (verdict, outcome)
        && program.template().contains("**")
    {
        let nearest = oracle.ask_with_nearest_powers(&program.template(), &program.values());
        if matches!(nearest, Answer::Printed { text: nearest } if nearest == *text) {
            return Verdict::NearestPower;
        }
    }
    if let (Verdict::RefusedByCheck, Outcome::Refused(problem)) = (verdict, outcome)
        && matches!(problem.kind, ErrorKind::Value | ErrorKind::Undefined)
        && !refusals::is_documented(problem)
    {
        let instead = raise_at(&program.template(), &problem.range);
        if oracle.ask_one(&instead, &program.values()).is_raised("reached") {
            return Verdict::Unsound;
        }
    }
    verdict
}

fn compare(outcome: &Outcome, answer: &Answer) -> Verdict {
    match (outcome, answer) {
        (Outcome::Crashed(_), _) => Verdict::Crashed,
        (Outcome::Unsound(..), _) => Verdict::Unsound,
        (Outcome::Refused(_), Answer::Printed { .. }) => Verdict::RefusedByCheck,
        (Outcome::Refused(_), Answer::Failed { .. }) => Verdict::FoundByCheck,
        (Outcome::Printed(_), answer) if answer.is_stopped() => Verdict::Stopped,
        (Outcome::Printed(here), Answer::Printed { text }) if here == text => Verdict::Equal,
        (Outcome::Printed(_), Answer::Printed { .. }) => Verdict::Different,
        (Outcome::Printed(_), Answer::Failed { .. }) => Verdict::PrintedAlone,
        // What a template raises is what it raises there.
        (Outcome::Failed(here, _), Answer::Failed { error, message })
            if here.kind == ErrorKind::Raised =>
        {
            let shown: String = here.message.chars().take(300).collect();
            if error == "Raised" && shown == *message {
                Verdict::BothFail
            } else {
                Verdict::Different
            }
        }
        (Outcome::Failed(here, _), Answer::Printed { .. }) if here.kind == ErrorKind::Raised => {
            Verdict::Different
        }
        (Outcome::Failed(error, _), Answer::Printed { .. }) if !refusals::is_documented(error) => {
            Verdict::Undocumented
        }
        (Outcome::Failed(..), Answer::Printed { .. }) => Verdict::RefusedWhenRendered,
        (Outcome::Failed(..), Answer::Failed { .. }) => Verdict::BothFail,
    }
}
