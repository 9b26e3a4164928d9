//! `promotion-path`, `soak-time`, `commit-clock`, `missing-results`, `frozen-environment`, `missing-reason`: the
//! requirements of an environment for promotions.

use std::collections::BTreeMap;

use promptdex_compare::promotion::{BlockerKind, PromotionRequest, VersionResults, judge};
use promptdex_wire::Version;
use promptdex_wire::catalog::TestResult;
use promptdex_wire::event::Target;

use super::events::ChangeEvent;
use super::proposed_change::{BasePrompt, ProposedChange};
use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, Settings};
use crate::rules::{self, Rule};

pub(super) fn check(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    proposal: &ProposedChange,
    event: &ChangeEvent,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(moved) = event.pointer_change() else { return };
    let Some(rules) = settings.governance.promotion.get(moved.environment) else { return };
    if rules.reason_required {
        check_reason(prompt, proposal, event, findings);
    }
    let from = rules.from.as_ref();
    let before = [&base.targets, &event.targets].map(|served| served.get(from?));
    let now = &proposal.now;
    let step = PromotionRequest {
        name: &prompt.name,
        change: moved,
        rules,
        before,
        past: &base.past,
        now,
    };
    let counts_new = rules.results.as_ref().is_some_and(|results| results.same_change);
    let is_new = |version: &Version, result: &TestResult| {
        let path = format!("{}/results/{version}/{}.json", prompt.name, result.test_name);
        !counts_new && proposal.changed_paths.contains(&path)
    };
    // Whoever promotes could write the results that allow it.
    let known = prompt.versions.keys().map(|version| {
        let results = prompt.results_of(version).iter();
        let known: Vec<TestResult> =
            results.filter(|result| !is_new(version, result)).cloned().collect();
        (version, known)
    });
    let known: BTreeMap<&Version, Vec<TestResult>> = known.collect();
    let lacks = judge(&step, |version| {
        let source_digest = &prompt.versions.get(version)?.source_digest;
        let results = known.get(version)?;
        let has_new = results.len() < prompt.results_of(version).len();
        Some(VersionResults { source_digest, results, has_new })
    });
    findings.extend(lacks.into_iter().map(|lack| {
        let finding = event.report(prompt, lack.version.as_ref(), rule(lack.kind), lack.message);
        finding.help(lack.help)
    }));
}

fn rule(kind: BlockerKind) -> &'static Rule {
    match kind {
        BlockerKind::Withdrawn => &rules::YANKED_POINTER,
        BlockerKind::Deprecated => &rules::DEPRECATED_POINTER,
        BlockerKind::Breaking => &rules::BREAKING_PROMOTION,
        BlockerKind::Frozen => &rules::FROZEN_ENVIRONMENT,
        BlockerKind::Path => &rules::PROMOTION_PATH,
        BlockerKind::Soak => &rules::SOAK_TIME,
        BlockerKind::Clock => &rules::COMMIT_CLOCK,
        BlockerKind::Results => &rules::MISSING_RESULTS,
    }
}

fn check_reason(
    prompt: &Prompt,
    proposal: &ProposedChange,
    event: &ChangeEvent,
    findings: &mut Vec<Diagnostic>,
) {
    let (commits, _) = proposal.find_commits(&event.places);
    let Some(environment) = &event.environment else { return };
    if commits.iter().any(|commit| commit.reason.is_some()) {
        return;
    }
    let message = match event.to.as_ref().and_then(Target::main) {
        Some(version) => format!("the change of {environment} to {version} has no reason"),
        None => format!("the removal from {environment} has no reason"),
    };
    let finding = event.report(prompt, None, &rules::MISSING_REASON, message);
    findings.push(finding.help("add a line `Reason: …` to the commit message"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Severity;

    #[test]
    fn what_is_lacking_is_called_as_the_rule_is() {
        use BlockerKind::{Breaking, Clock, Deprecated, Frozen, Path, Results, Soak, Withdrawn};
        for kind in [Withdrawn, Deprecated, Breaking, Frozen, Path, Soak, Clock, Results] {
            let rule = rule(kind);
            assert_eq!(kind.rule(), rule.code);
            // So the site takes it, where no policy says otherwise.
            let is_warning = kind == Deprecated;
            assert_eq!(rule.severity == Severity::Warning, is_warning, "{}", rule.code);
        }
    }
}
