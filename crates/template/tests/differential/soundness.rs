//! Holds what `check` says of a program to what its renderings come to: what it calls an error fails when it is
//! reached, and where every shape is declared, what fails for a reason of types was announced.

use std::ops::Range;

use promptdex_template::{Error, ErrorKind, Template, Values, highlight};
use promptdex_wire::{Dialect, Variable};

use crate::{declarations, samples};

/// How a rendering that failed was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Announcement {
    /// What a variable holds is not declared.
    NotDeclared,
    /// The types say that this fails whenever it is reached.
    ByTypes,
    /// It fails with values made from the declarations, too.
    BySamples,
    /// Some values of the types that are declared fail, and others do not.
    OfValues,
    /// It fails with all values of its types, and none that `check` tries lead to it.
    Unreached,
}

impl Announcement {
    /// Every way, and what it says.
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::NotDeclared, "what a variable holds is not declared"),
        (Self::ByTypes, "announced by the types"),
        (Self::BySamples, "announced by a rendering with values made from the declarations"),
        (Self::OfValues, "about a value, and not its type"),
        (Self::Unreached, "not announced: what `check` tries does not lead there"),
    ];
}

/// A template, and what `check` says about it.
pub(crate) struct Checked<'t> {
    text: &'t str,
    values: &'t str,
    template: Template<'t>,
    declared: Vec<Variable>,
    /// What always fails.
    pub(crate) problems: Vec<Error>,
}

impl<'t> Checked<'t> {
    pub(crate) fn new(text: &'t str, values: &'t str, template: Template<'t>) -> Self {
        let declared = declarations::of(values, &template);
        let problems =
            [template.constant_problems(), template.type_problems(&declared).certain].concat();
        Self { text, values, template, declared, problems }
    }

    pub(crate) fn render(&self) -> Result<String, Error> {
        self.template.render(&Values::parse(self.values).unwrap(), &Default::default())
    }

    /// Returns what is called an error, is reached, and is not why the rendering fails.
    pub(crate) fn find_unsound(&self, rendered: &Result<String, Error>) -> Option<&Error> {
        let fails = |problem: &Error| match rendered {
            Ok(_) => false,
            // What is called at the place may fail elsewhere.
            Err(error) => {
                let written = &self.text[problem.range.clone()];
                error.kind == ErrorKind::Limit
                    || written.contains('(')
                    || self.is_called_beside_key(problem)
                    || self.is_near(error, problem)
            }
        };
        self.problems.iter().find(|problem| !fails(problem) && self.is_reached(problem))
    }

    /// Whether a problem is a key beside which something is called: a key is looked at after the value beside it
    /// has been worked out, as Python does it.
    fn is_called_beside_key(&self, problem: &Error) -> bool {
        let tags = highlight(Dialect::Jinja, self.text);
        let tag = tags.iter().find(|(tag, _)| tag.contains(&problem.range.start));
        tag.is_some_and(|(tag, _)| {
            let after = self.text[problem.range.end..tag.end].trim_start();
            after.starts_with(':') && after.contains('(')
        })
    }

    /// Whether a rendering comes to a place.
    fn is_reached(&self, problem: &Error) -> bool {
        self.reaches(&problem.range, &Values::parse(self.values).unwrap())
    }

    fn reaches(&self, place: &Range<usize>, values: &Values) -> bool {
        is_raised(&raise_at(self.text, place), values)
    }

    /// Whether an error is in the tag of a problem: what a filter says of its value is told of the value ahead, and
    /// of the filter when it runs.
    fn is_near(&self, error: &Error, problem: &Error) -> bool {
        let tags = highlight(Dialect::Jinja, self.text);
        tags.iter()
            .any(|(tag, _)| tag.contains(&error.range.start) && tag.contains(&problem.range.start))
    }

    /// Says how an error of a rendering was announced.
    pub(crate) fn announcement(&self, error: &Error) -> Announcement {
        if self.problems.iter().any(|problem| self.is_near(error, problem)) {
            return Announcement::ByTypes;
        }
        if !declarations::are_complete(&self.declared, &self.template) {
            return Announcement::NotDeclared;
        }
        let fails = |values: &Values| match self.template.render(values, &Default::default()) {
            Ok(_) => false,
            Err(error) => matches!(
                error.kind,
                ErrorKind::Value | ErrorKind::Undefined | ErrorKind::Unsupported
            ),
        };
        if samples::of(&self.declared).iter().any(fails) {
            return Announcement::BySamples;
        }
        // What other values of the same types come to, and get over, is about these values.
        let given = Values::parse(self.values).unwrap();
        let gets_over = |values: Values| {
            let rendered = self.template.render(&values, &Default::default());
            let is_elsewhere = rendered.err().is_none_or(|other| other.range != error.range);
            is_elsewhere && self.reaches(&error.range, &values) || self.passes(error, &values)
        };
        if samples::beside(&given, &self.declared).any(gets_over) {
            return Announcement::OfValues;
        }
        Announcement::Unreached
    }

    /// Whether a rendering gets over the tag of an error.
    fn passes(&self, error: &Error, values: &Values) -> bool {
        let tags = highlight(Dialect::Jinja, self.text);
        let tag = tags.iter().find(|(tag, _)| tag.contains(&error.range.start));
        tag.is_some_and(|(tag, _)| {
            let mut instead = self.text.to_owned();
            instead.insert_str(tag.end, "{{ raise_exception('reached') }}");
            is_raised(&instead, values)
        })
    }
}

/// Whether a rendering comes to where it is ended.
fn is_raised(text: &str, values: &Values) -> bool {
    let Ok(template) = Template::parse(Dialect::Jinja, text) else { return false };
    if !template.problems().is_empty() {
        return false;
    }
    let rendered = template.render(values, &Default::default());
    rendered.is_err_and(|error| error.kind == ErrorKind::Raised && error.message == "reached")
}

/// Returns a template that tells when it comes to a place: something else stands there.
pub(crate) fn raise_at(text: &str, place: &Range<usize>) -> String {
    let before = text[..place.start].trim_end();
    let raised = "raise_exception('reached')";
    // Arguments are looked at before what they are passed to.
    let raised = if before.ends_with('|') {
        format!("default({raised})")
    } else if before.ends_with(" is") || before.ends_with(" not") && before.contains(" is ") {
        format!("eq({raised})")
    } else if text[place.start..].starts_with('.') {
        format!(".get({raised})")
    } else {
        raised.to_owned()
    };
    let mut instead = text.to_owned();
    instead.replace_range(place.clone(), &raised);
    instead
}
