//! What a program comes to here, and beside that in Jinja2.

use std::panic::{AssertUnwindSafe, catch_unwind};

use promptdex_template::{Error, ErrorKind, Template, Values};
use promptdex_wire::Dialect;

use crate::declarations;
use crate::oracle::Answer;
use crate::program::Program;
use crate::refusals;

/// What a program comes to here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// `check` says what is wrong.
    Refused(Error),
    Printed(String),
    Failed(Error),
    /// `check` calls an error what is reached and does not fail.
    Unsound(Error, String),
    Crashed(String),
}

/// How that compares with Jinja2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Equal,
    RefusedByCheck,
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
    pub(crate) const ALL: [(Self, &'static str); 10] = [
        (Self::Equal, "the same text"),
        (Self::RefusedByCheck, "refused by `check`"),
        (Self::RefusedWhenRendered, "a documented error here, a text in Jinja2"),
        (Self::BothFail, "errors in both"),
        (Self::Stopped, "stopped in Jinja2, for want of time or memory"),
        (Self::Undocumented, "another error here, a text in Jinja2"),
        (Self::Different, "different texts"),
        (Self::PrintedAlone, "a text here, an error in Jinja2"),
        (Self::Unsound, "an error of `check`, and a text when rendered"),
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

pub(crate) fn run_texts(template: &str, values: &str) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| render(template, values))).unwrap_or_else(|panic| {
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
    let rendered = match template.render(&Values::parse(values).unwrap(), &Default::default()) {
        Ok(rendered) => rendered,
        Err(error) => return Outcome::Failed(error),
    };
    // What always fails is refused although it was not reached.
    let declared = declarations::of(values);
    let problems =
        [template.constant_problems(), template.type_problems(&declared).certain].concat();
    match problems.iter().find(|problem| is_reached(text, values, problem)) {
        Some(problem) => Outcome::Unsound(problem.clone(), rendered),
        None => match problems.into_iter().next() {
            Some(problem) => Outcome::Refused(problem),
            None => Outcome::Printed(rendered),
        },
    }
}

/// Whether a rendering comes to a place: something else that stands there is looked at.
fn is_reached(text: &str, values: &str, problem: &Error) -> bool {
    let mut instead = text.to_owned();
    instead.replace_range(problem.range.clone(), "raise_exception('reached')");
    let Ok(template) = Template::parse(Dialect::Jinja, &instead) else { return false };
    if !template.problems().is_empty() {
        return false;
    }
    let rendered = template.render(&Values::parse(values).unwrap(), &Default::default());
    rendered.is_err_and(|error| error.kind == ErrorKind::Raised && error.message == "reached")
}

pub(crate) fn compare(outcome: &Outcome, answer: &Answer) -> Verdict {
    match (outcome, answer) {
        (Outcome::Crashed(_), _) => Verdict::Crashed,
        (Outcome::Unsound(..), _) => Verdict::Unsound,
        (Outcome::Refused(_), _) => Verdict::RefusedByCheck,
        (Outcome::Printed(_), answer) if answer.is_stopped() => Verdict::Stopped,
        (Outcome::Printed(here), Answer::Printed { text }) if here == text => Verdict::Equal,
        (Outcome::Printed(_), Answer::Printed { .. }) => Verdict::Different,
        (Outcome::Printed(_), Answer::Failed { .. }) => Verdict::PrintedAlone,
        // What a template raises is what it raises there.
        (Outcome::Failed(here), Answer::Failed { error, message })
            if here.kind == ErrorKind::Raised =>
        {
            let shown: String = here.message.chars().take(300).collect();
            if error == "Raised" && shown == *message {
                Verdict::BothFail
            } else {
                Verdict::Different
            }
        }
        (Outcome::Failed(here), Answer::Printed { .. }) if here.kind == ErrorKind::Raised => {
            Verdict::Different
        }
        (Outcome::Failed(error), Answer::Printed { .. }) => {
            if refusals::is_documented(error) {
                Verdict::RefusedWhenRendered
            } else {
                Verdict::Undocumented
            }
        }
        (Outcome::Failed(_), Answer::Failed { .. }) => Verdict::BothFail,
    }
}
