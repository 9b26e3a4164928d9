//! What a promotion would need by the rules that are published, and the teams.

use std::collections::BTreeMap;

use promptdex_compare::contract::Contract;
use promptdex_compare::patterns::matches_path;
use promptdex_compare::promotion::{
    Blocker, BlockerKind, PointerChange, PromotionRequest, PromotionTarget, Reach, Replacement,
    ServedSince, ServingHistory, VersionResults, find_breaking_effect, find_promotion_target,
    judge, replacements, report_breaking_changes, report_outdated_version,
    report_withdrawn_version,
};
use promptdex_compare::teams::{owning_teams, permitted_teams};
use promptdex_reader::withdrawal;
use promptdex_wire::catalog::{self, State, TestResult};
use promptdex_wire::engine::{
    Lists, MissingRequirement, PromotionCheck, PromotionEffect, PromotionVerdict, ReplacedVersion,
    TeamRow,
};
use promptdex_wire::event::Target;
use promptdex_wire::name::TimestampError;
use promptdex_wire::policy::{Level, Permission, Policy, Promotion, Team};
use promptdex_wire::{
    Digest, Document, Environment, Json, Kind, Open, PromptName, Timestamp, Variable, Version,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::document::parse;
use crate::events::read;
use crate::line::{UNKNOWN_FORM, join_line};

fn document<T: Document + DeserializeOwned>(text: &str) -> Result<T, String> {
    parse(text, &[T::KIND])
}

fn environment(name: &str) -> Result<Environment, String> {
    name.parse().map_err(|_no_name| format!("there is no environment {name}"))
}

/// Returns what promoting one environment's target to another would do there.
fn promoted_target(
    versions: &PromptVersions,
    from: &Environment,
    to: &Environment,
) -> PromotionTarget {
    let unknown = |environment: &Environment| {
        PromotionTarget::Left(format!("{environment} serves it in {UNKNOWN_FORM}"))
    };
    match (versions.pointers.get(from), versions.pointers.get(to)) {
        (None, _) => PromotionTarget::Same,
        (Some(Open::Unknown(_)), _) => unknown(from),
        (_, Some(Open::Unknown(_))) => unknown(to),
        (Some(Open::Known(target)), served) => {
            find_promotion_target((from, target), (to, served.and_then(Open::known)))
        }
    }
}

/// Returns the versions that callers get now and would get, of which the documents are needed to compare what they
/// promise.
pub(crate) fn list_needed_documents(
    versions: &str,
    from: &str,
    to: &str,
) -> Result<Vec<String>, String> {
    let versions: PromptVersions = document(versions)?;
    let (from, to) = (environment(from)?, environment(to)?);
    let (PromotionTarget::To(after), Some(before)) =
        (promoted_target(&versions, &from, &to), versions.target(&to))
    else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    let kept = replacements(before, &after).into_iter().filter(|own| own.reach == Reach::All);
    for version in kept.flat_map(|Replacement { from, to, .. }| [from, to]) {
        // What is redacted promises nothing any more.
        let is_there = row(&versions, &version).is_some_and(|row| row.state != State::Redacted);
        let version = version.to_string();
        if is_there && !all.contains(&version) {
            all.push(version);
        }
    }
    Ok(all)
}

/// The fields of `versions.json` that are needed here.
#[derive(Deserialize)]
struct PromptVersions {
    name: PromptName,
    #[serde(default)]
    pointers: BTreeMap<Environment, Open<Target>>,
    versions: Vec<PromptVersionRow>,
}

impl PromptVersions {
    fn target(&self, environment: &Environment) -> Option<&Target> {
        self.pointers.get(environment).and_then(Open::known)
    }
}

impl Document for PromptVersions {
    const KIND: Kind = catalog::Versions::KIND;
}

/// The fields of a version in `versions.json` that are needed here.
#[derive(Deserialize)]
struct PromptVersionRow {
    version: Version,
    digest: Digest,
    source_digest: Digest,
    state: Open<State>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    results: Vec<TestResult>,
}

fn row<'v>(versions: &'v PromptVersions, version: &Version) -> Option<&'v PromptVersionRow> {
    versions.versions.iter().find(|row| row.version == *version)
}

/// The contract of a version: a part of its document.
#[derive(Deserialize)]
struct ContractDocument {
    version: Version,
    #[serde(default)]
    variables: Vec<Variable>,
    #[serde(default)]
    response_schema: Option<Json>,
    #[serde(default)]
    tools: Option<Json>,
}

impl ContractDocument {
    fn values(&self) -> [Option<Value>; 2] {
        [&self.response_schema, &self.tools].map(|json| json.as_ref().map(Json::value))
    }

    fn contract<'p>(&'p self, [response_schema, tools]: &'p [Option<Value>; 2]) -> Contract<'p> {
        let (response_schema, tools) = (response_schema.as_ref(), tools.as_ref());
        Contract { variables: &self.variables, response_schema, tools }
    }
}

/// Returns what promoting from one environment to another would do and need now.
pub(crate) fn check_promotion(
    policy: &str,
    versions: &str,
    history: &str,
    documents: Option<&[String]>,
    [from, to]: [&str; 2],
    now: &str,
) -> Result<PromotionCheck, String> {
    let (policy, versions): (Policy, PromptVersions) = (document(policy)?, document(versions)?);
    let now: Timestamp = now.parse().map_err(|error: TimestampError| error.to_string())?;
    let (from, to) = (environment(from)?, environment(to)?);
    let after = match promoted_target(&versions, &from, &to) {
        PromotionTarget::Same => return Ok(PromotionCheck::Same),
        PromotionTarget::Left(why) => return Ok(PromotionCheck::Left(why)),
        PromotionTarget::To(after) => after,
    };
    let mut past = ServingHistory::default();
    for event in &read(&[history.to_owned()])? {
        if let Some(environment) = &event.environment {
            let since = |time| ServedSince { time, release: None, commit: None };
            let since = event.changed_at.clone().map(since);
            past.record(environment, event.before(), event.after(), since.as_ref());
        }
    }
    for environment in versions.pointers.keys() {
        let Some(target) = versions.target(environment) else { continue };
        past.record_served(environment, target);
    }

    let served = versions.target(&to);
    let moved = PointerChange { environment: &to, from: served, to: Some(&after) };
    let mut lacks: Vec<(&str, String, String)> = Vec::new();
    let mut add = |lack: Blocker| lacks.push((lack.kind.rule(), lack.message, lack.help));
    let growing = moved.growing_versions();
    for version in after.versions() {
        let Some(row) = row(&versions, version) else { continue };
        let (reason, grows) = (row.reason.as_deref(), growing.contains(&version));
        let Some(state) = row.state.get() else {
            if grows {
                let message = format!("{version} is {}, {UNKNOWN_FORM}", row.state.word());
                let (kind, help) = (BlockerKind::Withdrawn, String::new());
                add(Blocker { kind, version: None, message, help });
            }
            continue;
        };
        match state {
            State::Redacted => add(report_withdrawn_version(&to, version, state, reason)),
            State::Yanked if grows => add(report_withdrawn_version(&to, version, state, reason)),
            State::Deprecated | State::Archived if grows => {
                add(report_outdated_version(&to, version, state, reason));
            }
            State::Yanked | State::Deprecated | State::Archived | State::Active => {}
        }
    }
    if let Some(documents) = documents {
        let mut promises = Vec::new();
        for document in documents {
            let promise: ContractDocument = parse(document, &[Kind::Version, Kind::Redacted])?;
            let listed = row(&versions, &promise.version);
            let is_it = listed.is_some_and(|row| row.digest == Digest::of(document.as_bytes()));
            if !is_it {
                let withdrawn = |row: &PromptVersionRow| {
                    withdrawal(document, &versions.name, &row.version, row.digest)
                };
                // `versions.json` may be older than the redaction.
                if let Some(reason) = listed.and_then(withdrawn) {
                    if after.versions().contains(&&promise.version) {
                        let (version, state) = (&promise.version, State::Redacted);
                        add(report_withdrawn_version(&to, version, state, Some(&reason)));
                    }
                    continue;
                }
                return Err(format!("digest mismatch: {}", promise.version));
            }
            promises.push(promise);
        }
        let is_active = |version: &Version| {
            row(&versions, version).is_some_and(|row| row.state == State::Active)
        };
        let promise =
            |version: &Version| promises.iter().find(|promise| promise.version == *version);
        let lacks = report_breaking_changes(&moved, is_active, |old, new| {
            let (a, b) = (promise(old)?, promise(new)?);
            let (old_values, new_values) = (a.values(), b.values());
            find_breaking_effect(&a.contract(&old_values), &b.contract(&new_values), new < old)
        });
        lacks.into_iter().for_each(&mut add);
    }
    let nothing = Promotion::default();
    let rules = policy.promotion.get(&to).unwrap_or(&nothing);
    let before = rules.from.as_ref().and_then(|before| versions.target(before));
    let step = PromotionRequest {
        name: &versions.name,
        change: moved,
        rules,
        before: [before, before],
        past: &past,
        now: &now,
    };
    let judged = judge(&step, |version| {
        let row = row(&versions, version)?;
        Some(VersionResults {
            source_digest: &row.source_digest,
            results: &row.results,
            has_new: false,
        })
    });
    judged.into_iter().for_each(add);

    let is_back = moved.is_revert(&past);
    let permission = if is_back { Permission::Revert } else { Permission::Promote };
    let owners = owning_teams(&policy.teams, &versions.name);
    let able = permitted_teams(&owners, permission);
    if able.is_empty() && !owners.is_empty() {
        lacks.push((
            NOT_ALLOWED,
            format!("no owning team has the `{}` permission", permission.as_str()),
            "give one the right in policy.yaml first".to_owned(),
        ));
    }
    let path = format!("{}/environments/{to}.yaml", versions.name);
    let needs_reason = rules.reason_required && level(&policy, MISSING_REASON, &path) != Level::Off;
    let replaced = served.map(|before| {
        let one = |Replacement { from, to, .. }: Replacement| ReplacedVersion {
            from: from.to_string(),
            to: to.to_string(),
        };
        replacements(before, &after).into_iter().map(one).collect()
    });
    let mut verdict = if is_back { PromotionVerdict::Back } else { PromotionVerdict::Allowed };
    let mut missing = Vec::new();
    for (rule, message, help) in lacks {
        let is_warning = match level(&policy, rule, &path) {
            Level::Error => false,
            Level::Warn => true,
            Level::Off => continue,
        };
        if !is_warning {
            verdict = PromotionVerdict::Refused;
        }
        missing.push(MissingRequirement { is_warning, message, help });
    }
    Ok(PromotionCheck::Change(PromotionEffect {
        verdict,
        target: after.to_string(),
        main: after.main().map(ToString::to_string).unwrap_or_default(),
        replaced,
        teams: able.into_iter().map(|(name, _)| name.clone()).collect(),
        needs_reason,
        missing,
    }))
}

const NOT_ALLOWED: &str = "not-allowed";
const MISSING_REASON: &str = "missing-reason";

/// Returns the severity of a rule in a file: from the policy, or the default of the rule.
fn level(policy: &Policy, rule: &str, path: &str) -> Level {
    if policy.allow.iter().any(|allow| allow.check == rule && matches_path(&allow.path, path)) {
        return Level::Off;
    }
    let is_warning = rule == BlockerKind::Deprecated.rule();
    let own = if is_warning { Level::Warn } else { Level::Error };
    policy.checks.get(rule).and_then(Open::get).unwrap_or(own)
}

/// Returns the teams of a policy, each a [`TeamRow`].
pub(crate) fn teams(policy: &str) -> Result<Lists, String> {
    let policy: Policy = document(policy)?;
    let row = |(name, team): (&String, &Team)| {
        let [people, owns, may] = [&team.people, &team.owns, &team.may].map(join_line);
        TeamRow { name, people: &people, owns: &owns, may: &may }.to_list()
    };
    Ok(policy.teams.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use promptdex_wire::policy::CHECKS;

    use super::*;

    const POLICY: &str = r#"{"format":1,"kind":"policy","registry":"acme","promotion":{"production":{"from":"staging","soak_seconds":86400,
        "results":{"min_pass_rate":1},"reason_required":true,"freeze":[{"from":"2026-04-01T00:00:00Z","until":"2026-04-03T00:00:00Z","reason":"Easter"}]}},
        "teams":{"leads":{"people":["@lea"],"owns":["**"],"may":["promote","revert"]},"writers":{"owns":["**"],"may":["create"]}}RULES}"#;

    /// The inputs for checking a promotion of a prompt between two environments: the rest of the policy,
    /// the targets, the states of versions, and the history of both environments.
    struct PromotionInput {
        rules: &'static str,
        environments: &'static str,
        states: [&'static str; 3],
        /// The pattern of the prompts that the leads own.
        leads_own: &'static str,
        /// The documents of versions, where the environment is the last one.
        documents: Option<Vec<String>>,
    }

    impl Default for PromotionInput {
        fn default() -> Self {
            Self {
                rules: "",
                environments: r#""staging":{"version":"1.1.0"},"production":{"version":"1.0.0"}"#,
                states: ["active"; 3],
                leads_own: "**",
                documents: None,
            }
        }
    }

    impl PromotionInput {
        fn versions(&self) -> String {
            let digest = Digest::of(b"x");
            let rows = ["2.0.0", "1.1.0", "1.0.0"].iter().zip(self.states).map(|(version, state)| {
                let number = format!(r#""version":"{version}""#);
                let mut documents = self.documents.iter().flatten();
                let own = documents.find(|document| document.contains(&number));
                let own = own.map_or(digest, |document| Digest::of(document.as_bytes()));
                format!(r#"{{"version":"{version}","digest":"{own}","size":1,"source_digest":"{digest}","state":"{state}","reason":"bad",
                    "results":[{{"test_name":"smoke","source_digest":"{digest}","passed":9,"failed":0,"tested_at":"2026-03-01T00:00:00Z"}}]}}"#)
            });
            format!(
                r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{}},"pointers":{{{}}},"versions":[{}]}}"#,
                self.environments,
                rows.collect::<Vec<_>>().join(",")
            )
        }

        fn query(&self, from: &str, to: &str, now: &str) -> Vec<String> {
            let event = |environment: &str, old: &str, new: &str, at: &str| {
                let old = if old.is_empty() {
                    String::new()
                } else {
                    format!(r#","old_value":{{"version":"{old}"}}"#)
                };
                format!(
                    r#"{{"change_type":"promoted","environment":"{environment}"{old},"new_value":{{"version":"{new}"}},"changed_at":"{at}","sequence":1}}"#
                )
            };
            let events = [
                event("production", "", "1.0.0", "2026-01-01T00:00:00Z"),
                event("staging", "", "1.1.0", "2026-03-01T00:00:00Z"),
            ];
            let history = format!(
                r#"{{"format":1,"kind":"history","registry":"acme","name":"a","sequences":{{}},"events":[{}]}}"#,
                events.join(",")
            );
            let policy = POLICY.replace("RULES", self.rules).replacen("**", self.leads_own, 1);
            let now = format!("{now}T00:00:00Z");
            check_promotion(
                &policy,
                &self.versions(),
                &history,
                self.documents.as_deref(),
                [from, to],
                &now,
            )
            .unwrap()
            .into_lists()
            .into_iter()
            .map(|list| list.join("; "))
            .collect()
        }
    }

    #[test]
    fn a_promotion_says_what_it_needs() {
        let registry = PromotionInput::default();
        let asked = |now: &str| registry.query("staging", "production", now);
        assert_eq!(
            asked("2026-03-05"),
            ["allowed", "1.1.0; 1.1.0", "1.0.0; 1.1.0", "leads", "reason"]
        );
        assert_eq!(
            asked("2026-03-01")[3..],
            [
                "leads",
                "reason",
                "error; 1.1.0 has been in staging since 2026-03-01 00:00 UTC; production requires 24h; promote it after 2026-03-02 00:00 UTC"
            ]
        );
        assert_eq!((asked("2026-04-02")[0].as_str(), asked("2026-04-02").len()), ("refused", 6));
        assert_eq!(
            teams(&POLICY.replace("RULES", "")).unwrap()[0],
            ["leads", "@lea", "**", "promote, revert"]
        );
        // Without rules for it, an environment takes everything.
        assert_eq!(
            registry.query("production", "staging", "2026-04-02"),
            ["allowed", "1.0.0; 1.0.0", "1.1.0; 1.0.0", "leads", ""]
        );
    }

    #[test]
    fn a_rollout_is_left_and_a_way_back_is_asked_for_nothing() {
        let environments = r#""staging":{"version":"1.1.0"},"production":{"rollout":{"arms":[{"key":"a","version":"1.0.0","weight":90,"buckets":9000},{"key":"b","version":"1.1.0","weight":10,"buckets":1000}]}}"#;
        // Somebody has decided about the shares: everything else is left to them.
        let registry = PromotionInput { environments, ..PromotionInput::default() };
        assert_eq!(
            registry.query("staging", "production", "2026-04-02"),
            ["left; rollout in progress in production"]
        );
        assert_eq!(registry.query("staging", "staging", "2026-04-02"), ["same"]);
        let back = PromotionInput {
            environments: r#""staging":{"version":"1.0.0"},"production":{"version":"1.1.0"}"#,
            ..PromotionInput::default()
        };
        let asked = back.query("staging", "production", "2026-04-02");
        assert_eq!(asked, ["back", "1.0.0; 1.0.0", "1.1.0; 1.0.0", "leads", "reason"]);
    }

    #[test]
    fn withdrawn_versions_and_teams_without_the_right_are_told() {
        let registry = PromotionInput {
            states: ["active", "yanked", "active"],
            leads_own: "b/**",
            ..PromotionInput::default()
        };
        assert_eq!(
            registry.query("staging", "production", "2026-03-05")[3..],
            [
                "",
                "reason",
                "error; production would serve the yanked version 1.1.0: bad; name a different version",
                "error; no owning team has the `promote` permission; give one the right in policy.yaml first"
            ]
        );
    }

    #[test]
    fn levels_and_exceptions_of_the_policy_count() {
        for (rules, expected) in [
            ("", "error"),
            (r#","checks":{"soak-time":"warn"}"#, "warn"),
            (r#","checks":{"soak-time":"off"}"#, ""),
            (r#","allow":[{"check":"soak-time","path":"a/**","reason":"x"}]"#, ""),
            (r#","allow":[{"check":"soak-time","path":"b/**","reason":"x"}]"#, "error"),
            (r#","allow":[{"check":"promotion-path","path":"**","reason":"x"}]"#, "error"),
        ] {
            let registry = PromotionInput { rules, ..PromotionInput::default() };
            let asked = registry.query("staging", "production", "2026-03-01");
            let level = asked.get(5).and_then(|row| row.split_once(';')).map_or("", |row| row.0);
            assert_eq!(level, expected, "{rules}");
        }
        for rule in [NOT_ALLOWED, MISSING_REASON] {
            assert!(CHECKS.contains(&rule));
        }
        use BlockerKind::{Breaking, Deprecated, Frozen, Path, Results, Soak, Withdrawn};
        for kind in [Withdrawn, Deprecated, Breaking, Frozen, Path, Soak, Results] {
            assert!(CHECKS.contains(&kind.rule()));
        }
    }

    #[test]
    fn callers_of_the_last_environment_are_asked() {
        let variable = r#"{"name":"order","type":"string","required":true}"#;
        let document = |version: &str, variables: &str| {
            format!(
                r#"{{"format":1,"kind":"version","version":"{version}","variables":[{variables}]}}"#
            )
        };
        let registry = PromotionInput {
            documents: Some(vec![document("1.0.0", ""), document("1.1.0", variable)]),
            ..PromotionInput::default()
        };
        assert_eq!(
            list_needed_documents(&registry.versions(), "staging", "production").unwrap(),
            ["1.0.0", "1.1.0"]
        );
        assert_eq!(
            registry.query("staging", "production", "2026-03-05")[5..],
            [
                "error; 1.1.0 breaks apps that use 1.0.0 in production: required variable `order` added; serve a version that is compatible with 1.0.0"
            ]
        );
        let redacted = PromotionInput {
            states: ["active", "active", "redacted"],
            ..PromotionInput::default()
        };
        assert_eq!(
            list_needed_documents(&redacted.versions(), "staging", "production").unwrap(),
            ["1.1.0"]
        );
        // Of tracks that stay as they are nobody needs a document, and one is gone.
        let fewer = PromotionInput {
            environments: r#""staging":{"tracks":{"1":{"version":"1.1.0"}}},"production":{"tracks":{"1":{"version":"1.1.0"},"2":{"version":"2.0.0"}}}"#,
            documents: Some(Vec::new()),
            ..PromotionInput::default()
        };
        assert_eq!(
            list_needed_documents(&fewer.versions(), "staging", "production").unwrap(),
            [""; 0]
        );
        let asked = fewer.query("staging", "production", "2026-03-05");
        assert_eq!(asked[0], "refused");
        assert_eq!(
            asked[5..],
            [
                r#"error; production would no longer serve track 2; keep `"2": 2.0.0` under `tracks` while apps ask for it"#
            ]
        );
        let documents = Some(vec![document("1.0.0", ""), document("1.1.0", variable) + " "]);
        let other = check_promotion(
            &POLICY.replace("RULES", ""),
            &registry.versions(),
            r#"{"format":1,"kind":"history","events":[]}"#,
            documents.as_deref(),
            ["staging", "production"],
            "2026-03-05T00:00:00Z",
        );
        assert_eq!(other, Err("digest mismatch: 1.1.0".to_owned()));

        // A redaction that `versions.json` does not know of yet.
        let published = document("1.1.0", variable);
        let (replaced, size) = (Digest::of(published.as_bytes()), published.len());
        let redaction = |replaced: Digest| {
            format!(
                r#"{{"format":1,"kind":"redacted","registry":"acme","id":"x","name":"a","version":"1.1.0","replaced":{{"digest":"{replaced}","size":{size}}},"reason":"a leak"}}"#
            )
        };
        let query = |redaction: String| {
            check_promotion(
                &POLICY.replace("RULES", ""),
                &registry.versions(),
                r#"{"format":1,"kind":"history","events":[]}"#,
                Some(&[document("1.0.0", ""), redaction]),
                ["staging", "production"],
                "2026-03-05T00:00:00Z",
            )
        };
        let Ok(PromotionCheck::Change(effect)) = query(redaction(replaced)) else {
            panic!("no change")
        };
        assert_eq!(effect.verdict, PromotionVerdict::Refused);
        let withdrawn = effect.missing.iter().filter(|lack| lack.message.contains("a leak"));
        assert_eq!(withdrawn.count(), 1, "{:?}", effect.missing);
        let stranger = query(redaction(Digest::of(b"another")));
        assert_eq!(stranger, Err("digest mismatch: 1.1.0".to_owned()));
    }

    #[test]
    fn a_deprecated_version_is_promoted_with_a_warning() {
        let states = ["active", "deprecated", "active"];
        let asked = |rules| {
            let registry = PromotionInput { rules, states, ..PromotionInput::default() };
            let asked = registry.query("staging", "production", "2026-03-05");
            [asked[0].clone(), asked[5].clone()]
        };
        let told = "production serves the deprecated version 1.1.0: bad; plan a move to a different version";
        assert_eq!(asked(""), ["allowed".to_owned(), format!("warn; {told}")]);
        let rules = r#","checks":{"deprecated-pointer":"error"}"#;
        assert_eq!(asked(rules), ["refused".to_owned(), format!("error; {told}")]);
    }
}
