//! `promotion-path`, `soak-time`, `missing-results`, `frozen-environment`, `missing-reason`: what an
//! environment asks of what is promoted to it.

use promptdex_compare::promotion::{Tally, lacking};
use promptdex_wire::catalog::TestResult;
use promptdex_wire::event::{Operation, Target};
use promptdex_wire::json::Decimal;
use promptdex_wire::{Environment, Timestamp, Version};

use super::events::Event;
use super::{BasePrompt, Proposal};
use crate::diagnostic::Diagnostic;
use crate::model::{PromotionRules, Prompt, ResultRules, Settings, Span};
use crate::rules;

pub(super) fn check(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    proposal: &Proposal,
    event: &Event,
    is_revert: bool,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(environment) = &event.environment else { return };
    let Some(rules) = settings.governance.promotion.get(environment) else { return };
    let step = Step { prompt, base, proposal, event, environment };
    if rules.needs_reason {
        step.reason(findings);
    }
    // A bad release is taken back at once.
    if is_revert || event.operation == Operation::Retired {
        return;
    }
    step.freeze(rules, findings);
    for version in event.growing() {
        let mut is_on_path = true;
        if let Some(from) = &rules.from {
            is_on_path = step.path(version, from, findings);
        }
        if let (Some(from), Some(soak), true) = (&rules.from, &rules.soak, is_on_path) {
            step.soak(version, from, soak, findings);
        }
        if let Some(results) = &rules.results {
            step.results(version, results, findings);
        }
    }
}

/// A promotion to an environment with rules.
struct Step<'a> {
    prompt: &'a Prompt,
    base: &'a BasePrompt,
    proposal: &'a Proposal,
    event: &'a Event,
    environment: &'a Environment,
}

impl Step<'_> {
    fn reason(&self, findings: &mut Vec<Diagnostic>) {
        let (commits, _) = self.proposal.did(&self.event.places);
        if commits.iter().any(|commit| commit.reason.is_some()) {
            return;
        }
        let environment = self.environment;
        let message = match self.event.to.as_ref().and_then(Target::main) {
            Some(version) => format!("{environment} would serve {version}, and no commit says why"),
            None => format!("{environment} would serve it no more, and no commit says why"),
        };
        let finding = self.event.report(self.prompt, None, &rules::MISSING_REASON, message);
        findings.push(finding.help("add a line `Reason: …` to the message of the commit"));
    }

    fn freeze(&self, rules: &PromotionRules, findings: &mut Vec<Diagnostic>) {
        let now = &self.proposal.now;
        let is_now = |freeze: &&crate::model::Freeze| freeze.from <= *now && *now < freeze.until;
        let Some(freeze) = rules.freeze.iter().find(is_now) else { return };
        let environment = self.environment;
        let message =
            format!("{environment} is frozen until {}: {}", freeze.until, freeze.reason.trim());
        let finding = self.event.report(self.prompt, None, &rules::FROZEN_ENVIRONMENT, message);
        findings.push(finding.help(
            "promote it after that; going back to what it has served before is always possible",
        ));
    }

    /// Whether the environment before serves a version, and has served it.
    fn path(&self, version: &Version, from: &Environment, findings: &mut Vec<Diagnostic>) -> bool {
        let serves = |target: Option<&Target>| {
            target.is_some_and(|target| target.versions().contains(&version))
        };
        let was = serves(self.base.served.get(from));
        let is = serves(self.event.served.get(from));
        let environment = self.environment;
        let why = match (was, is) {
            (true, true) => return true,
            (false, true) => format!("which {from} would serve from this same change on"),
            (true, false) => format!("which {from} would serve no more"),
            (false, false) => format!("which {from} does not serve"),
        };
        let message = format!("{environment} would serve {version}, {why}");
        let finding =
            self.event.report(self.prompt, Some(version), &rules::PROMOTION_PATH, message);
        let help = match (was, is) {
            (true, _) => format!("let {from} go on serving {version} in this change"),
            (false, _) => format!("promote it to {from} first, in a change of its own"),
        };
        findings.push(finding.help(help));
        false
    }

    fn soak(
        &self,
        version: &Version,
        from: &Environment,
        soak: &Span,
        findings: &mut Vec<Diagnostic>,
    ) {
        let since = self.base.past.since.get(&(from.clone(), version.clone()));
        let environment = self.environment;
        let (message, help) = if let Some(since) = since {
            let end = Timestamp::from_unix(since.time.unix() + i64::from(soak.seconds));
            if end.as_ref().is_some_and(|end| *end <= self.proposal.now) {
                return;
            }
            let source = match since.release {
                Some(release) => format!(", release {release}"),
                None => String::new(),
            };
            let message = format!(
                "{from} serves {version} since {}{source}, and {environment} asks for {}",
                since.time, soak.text
            );
            let end = end.map_or_else(|| "then".to_owned(), |end| end.to_string());
            (message, format!("it may be promoted from {end} on"))
        } else {
            let message = format!(
                "nobody can say since when {from} serves {version}, and {environment} asks for {}",
                soak.text
            );
            let help = "fetch the missing commits with `git fetch --unshallow`; in GitHub workflows, `fetch-depth: 0` for actions/checkout";
            (message, help.to_owned())
        };
        let finding = self.event.report(self.prompt, Some(version), &rules::SOAK_TIME, message);
        findings.push(finding.help(help));
    }

    fn results(&self, version: &Version, rules: &ResultRules, findings: &mut Vec<Diagnostic>) {
        let Some(source) = self.prompt.versions.get(version) else { return };
        let all = self.prompt.results_of(version);
        let own: Vec<&TestResult> =
            all.iter().filter(|result| result.source_digest == source.source_digest).collect();
        let environment = self.environment;
        let name = &self.prompt.name;
        let mut report = |what: String| {
            let message = format!("{environment} would serve {version}, {what}");
            let finding =
                self.event.report(self.prompt, Some(version), &rules::MISSING_RESULTS, message);
            let help = format!(
                "test it, and record what the tests come to: `promptdex record {name}@{version} --test NAME --from FILE`"
            );
            findings.push(finding.help(help));
        };
        if own.is_empty() {
            report(if all.is_empty() {
                "which has no test results".to_owned()
            } else {
                "whose test results are those of other files".to_owned()
            });
            return;
        }
        let tally = |result: &TestResult| Tally {
            passed: result.passed,
            failed: result.failed,
            avg_score: result.avg_score.map(Decimal::get),
        };
        let tallies: Vec<Tally> = own.iter().map(|result| tally(result)).collect();
        if let Some(what) = lacking(&tallies, rules.all.min_pass_rate, rules.all.min_avg_score) {
            report(format!("whose tests {what}"));
        }
        for (test, limits) in &rules.tests {
            match own.iter().find(|result| result.test_name == *test) {
                None => report(format!("which has no result of the test `{test}`")),
                Some(result) => {
                    if let Some(what) =
                        lacking(&[tally(result)], limits.min_pass_rate, limits.min_avg_score)
                    {
                        report(format!("whose test `{test}` {what}"));
                    }
                }
            }
        }
    }
}
