//! The audit trail: which events fit a question, what environments served on some day, what changed since a
//! release, and what a promotion would need. Values of JSON are there for rendering: types of their own would
//! have to be loaded.

use promptdex_compare::promotion::{Tally, lacking};
use promptdex_wire::engine::Lists;
use promptdex_wire::name::TimestampError;
use promptdex_wire::{Digest, Path, Timestamp};
use serde_json::{Map, Value};

// What is asked of JSON goes through these: each way of its own would have to be loaded.

#[inline(never)]
fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Returns the text of a field, if it has one.
#[inline(never)]
fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// Returns the elements of a field.
#[inline(never)]
fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Joins the texts of a field.
#[inline(never)]
fn joined(value: &Value, key: &str) -> String {
    let mut all = String::new();
    for text in list(value, key) {
        add(&mut all, text.as_str().unwrap_or_default());
    }
    all
}

/// Adds to a list that is written in one line.
#[inline(never)]
fn add(line: &mut String, text: &str) {
    if !line.is_empty() && !text.is_empty() {
        line.push_str(", ");
    }
    line.push_str(text);
}

/// What is asked for, in the order in which the page has it: the prompt, the environment, what happened, who did
/// it, the first day and the last one. What is empty is not asked for.
struct Filter<'a>([&'a str; 6]);

/// Whether a prompt is in a folder.
#[inline(never)]
fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl<'a> Filter<'a> {
    fn of(texts: &'a [String]) -> Self {
        Self(std::array::from_fn(|at| texts.get(at).map_or("", |text| text.trim())))
    }

    fn fits(&self, event: &Value) -> bool {
        let [prompt, environment, operation, by, from, until] = self.0;
        let is = |asked: &str, said: &str| asked.is_empty() || asked == said;
        let name = text(event, "name");
        // The history of a prompt does not repeat its name.
        let is_prompt = is(prompt, name)
            || event["name"].is_null() && event["change_type"] != "rules_changed"
            || is_below(name, prompt);
        let by = by.to_lowercase();
        let did = |key| text(event, key).to_lowercase().contains(&by);
        let day = text(event, "changed_at").get(..10).unwrap_or_default();
        is_prompt
            && is(environment, text(event, "environment"))
            && is(operation, text(event, "change_type"))
            && (by.is_empty() || did("changed_by") || did("committed_by"))
            && (from.is_empty() || !day.is_empty() && day >= from)
            && (until.is_empty() || !day.is_empty() && day <= until)
    }
}

/// Reads the events of documents, which are in order.
fn events(documents: &[String]) -> Result<Vec<Value>, String> {
    let mut events = Vec::new();
    for document in documents {
        match parse(document)?["events"].take() {
            Value::Array(own) => events.extend(own),
            _ => return Err("a part of the history is something else".to_owned()),
        }
    }
    Ok(events)
}

/// Returns the newest events that fit, so many of them after some: first how many there are, then for each the
/// cells of its row.
pub(crate) fn rows(
    documents: &[String],
    filter: &[String],
    skip: usize,
    count: usize,
) -> Result<Lists, String> {
    let filter = Filter::of(filter);
    let events = events(documents)?;
    let mut fitting = 0;
    let mut rows = vec![Vec::new()];
    for event in events.iter().rev() {
        if filter.fits(event) {
            if (skip..skip + count).contains(&fitting) {
                rows.push(row(event));
            }
            fitting += 1;
        }
    }
    rows[0].push(fitting.to_string());
    Ok(rows)
}

/// When, what, where, the prompt, from, its main version, to, its main version, who, why, the commit, and what
/// else is known.
fn row(event: &Value) -> Vec<String> {
    let (old, new) = (&event["old_value"], &event["new_value"]);
    let subject = text(event, "subject");
    let mut about = subject.to_owned();
    if let Some(number) = event["pull_request"].as_u64() {
        let number = format!("#{number}");
        if !subject.contains(&number) {
            add(&mut about, &number);
        }
    }
    for (prefix, people) in [
        ("with ", joined(event, "co_authored_by")),
        ("reviewed by ", joined(event, "reviewed_by")),
        ("merged by ", text(event, "committed_by").to_owned()),
    ] {
        if !people.is_empty() {
            add(&mut about, prefix);
            about.push_str(&people);
        }
    }
    vec![
        text(event, "changed_at").to_owned(),
        text(event, "change_type").replace('_', " "),
        text(event, "environment").to_owned(),
        text(event, "name").to_owned(),
        target(old),
        main(old),
        target(new),
        main(new),
        text(event, "changed_by").to_owned(),
        text(event, "reason").to_owned(),
        text(event, "commit").to_owned(),
        about,
    ]
}

/// Writes what a pointer says: `1.1.0`, `1: 1.4.2, 2: 2.0.0`, `control 1.4.2 90 %, warm 1.5.0 10 %`.
#[inline(never)]
fn target(target: &Value) -> String {
    let mut line = text(target, "version").to_owned();
    if let Some(tracks) = target["tracks"].as_object() {
        for (major, version) in tracks {
            add(&mut line, major);
            line.push_str(": ");
            line.push_str(version.as_str().unwrap_or_default());
        }
    }
    for arm in list(&target["rollout"], "arms") {
        add(&mut line, text(arm, "key"));
        line.push(' ');
        line.push_str(text(arm, "version"));
        line.push(' ');
        line.push_str(&arm["weight"].to_string());
        line.push_str(" %");
    }
    line
}

/// Returns the version that callers get who ask for nothing special.
#[inline(never)]
fn main(target: &Value) -> String {
    served_versions(target).first().map(|version| (*version).to_owned()).unwrap_or_default()
}

/// Returns the versions that a pointer serves, the main one first.
#[inline(never)]
fn served_versions(target: &Value) -> Vec<&str> {
    let mut versions = Vec::new();
    if let Some(version) = target["version"].as_str() {
        versions.push(version);
    }
    if let Some(tracks) = target["tracks"].as_object() {
        for (_, version) in tracks {
            versions.push(version.as_str().unwrap_or_default());
        }
    }
    for arm in list(&target["rollout"], "arms") {
        versions.push(text(arm, "version"));
    }
    versions
}

/// Writes the events that fit as CSV, the oldest first. A cell that a spreadsheet would take for a formula begins
/// with an apostrophe.
pub(crate) fn csv(documents: &[String], filter: &[String]) -> Result<String, String> {
    const COLUMNS: [&str; 11] = [
        "changed_at",
        "name",
        "environment",
        "change_type",
        "old_value",
        "new_value",
        "changed_by",
        "reason",
        "commit",
        "subject",
        "sequence",
    ];
    let filter = Filter::of(filter);
    let mut file = COLUMNS.join(",");
    for event in events(documents)? {
        if !filter.fits(&event) {
            continue;
        }
        for (at, column) in COLUMNS.iter().enumerate() {
            file.push_str(if at == 0 { "\r\n" } else { "," });
            let said = match &event[*column] {
                Value::String(said) => cell(said),
                Value::Number(number) => number.to_string(),
                value => cell(&target(value)),
            };
            file.push_str(&said);
        }
    }
    file.push_str("\r\n");
    Ok(file)
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Returns what environments served at the end of a day, in no order, which is for JavaScript to make: the prompt, the
/// environment, what, its main version, since when, who moved it there, why, and the commit.
pub(crate) fn as_of(documents: &[String], day: &str, filter: &[String]) -> Result<Lists, String> {
    let [prompt, environment, ..] = Filter::of(filter).0;
    let filter = Filter([prompt, environment, "", "", "", ""]);
    // A map of JSON is there already. No name has a space.
    let mut served: Map<String, Value> = Map::new();
    for event in events(documents)? {
        let said = event["changed_at"].as_str().and_then(|at| at.get(..10));
        // What nobody dated happened before what comes after it.
        if said.is_some_and(|said| said > day) {
            continue;
        }
        let (Some(name), Some(of)) = (event["name"].as_str(), event["environment"].as_str()) else {
            continue;
        };
        let key = format!("{name} {of}");
        if event["new_value"].is_null() {
            served.remove(&key);
        } else {
            served.insert(key, event);
        }
    }
    let mut rows = Lists::new();
    for (_, event) in &served {
        if filter.fits(event) {
            let value = &event["new_value"];
            rows.push(vec![
                text(event, "name").to_owned(),
                text(event, "environment").to_owned(),
                target(value),
                main(value),
                text(event, "changed_at").to_owned(),
                text(event, "changed_by").to_owned(),
                text(event, "reason").to_owned(),
                text(event, "commit").to_owned(),
            ]);
        }
    }
    Ok(rows)
}

/// Returns the paths of the files that a release says what is served by: its snapshot, then the shards of that.
pub(crate) fn parts(release: &str, snapshot: Option<&str>) -> Result<Vec<String>, String> {
    let path = |part: &Value| {
        let digest: Option<Digest> = text(part, "digest").parse().ok();
        let path = digest.map(|digest| Path::Snapshot(digest).to_string());
        path.ok_or_else(|| "a release does not say what it serves".to_owned())
    };
    match snapshot {
        None => Ok(vec![path(&parse(release)?["snapshot"])?]),
        Some(snapshot) => list(&parse(snapshot)?, "shards").iter().map(path).collect(),
    }
}

/// Returns the prompts of which two releases do not serve the same, in no order: the name, what the first
/// serves and its main version, what the second serves and its main version. A list is a release, its snapshot, and
/// the shards of that.
pub(crate) fn changed_since(then: &[String], now: &[String]) -> Result<Lists, String> {
    let (then, now) = (served(then)?, served(now)?);
    let mut rows = Lists::new();
    let mut compare = |name: &String| {
        let ([old, old_main], [new, new_main]) = (shown(&then, name), shown(&now, name));
        if old != new {
            rows.push(vec![name.clone(), old, old_main, new, new_main]);
        }
    };
    for (name, _) in &then {
        compare(name);
    }
    for (name, _) in &now {
        if !then.contains_key(name) {
            compare(name);
        }
    }
    Ok(rows)
}

/// Writes what is served of a prompt, and its main version.
fn shown(all: &Map<String, Value>, name: &str) -> [String; 2] {
    let entries = all.get(name).and_then(Value::as_array);
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    let mut line = String::new();
    for entry in entries {
        let mut version = target(entry);
        if let Some(track) = entry["track"].as_str() {
            version = format!("{track}: {version}");
        }
        add(&mut line, &version);
    }
    [line, entries.first().map(main).unwrap_or_default()]
}

/// Reads what a release serves, held to the digests: the entries by name.
fn served(parts: &[String]) -> Result<Map<String, Value>, String> {
    let [release, files @ ..] = parts else { return Err("there is no release".to_owned()) };
    let mut paths = self::parts(release, None)?;
    if let [snapshot, ..] = files {
        paths.extend(self::parts(release, Some(snapshot))?);
    }
    let mut all: Map<String, Value> = Map::new();
    for (at, path) in paths.iter().enumerate() {
        let Some(file) = files.get(at) else { return Err(format!("{path} is missing")) };
        if !path.contains(&Digest::of(file.as_bytes()).hex()) {
            return Err(format!("{path} is not what was published"));
        }
        for entry in list(&parse(file)?, "entries") {
            match all.get_mut(text(entry, "name")) {
                Some(Value::Array(own)) => own.push(entry.clone()),
                _ => {
                    let own = Value::Array(vec![entry.clone()]);
                    all.insert(text(entry, "name").to_owned(), own);
                }
            }
        }
    }
    Ok(all)
}

/// Says what promoting what one environment serves to another would need now, as the published rules have it: what is
/// missing, and then the teams that own the prompt and may promote it.
pub(crate) fn promotion(
    policy: &str,
    versions: &str,
    from: &str,
    to: &str,
    now: &str,
) -> Result<Lists, String> {
    let (policy, versions) = (parse(policy)?, parse(versions)?);
    let now: Timestamp = now.parse().map_err(|error: TimestampError| error.to_string())?;
    let rules = &policy["promotion"][to];
    let served = |environment: &str| served_versions(&versions["environments"][environment]);
    let known = served(to);
    let mut missing = Vec::new();
    for version in served(from).into_iter().filter(|version| !known.contains(version)) {
        for what in unmet(rules, &versions, version, &now) {
            if !missing.contains(&what) {
                missing.push(what);
            }
        }
    }
    let mut teams = Vec::new();
    for team in list(&versions, "teams") {
        let team = team.as_str().unwrap_or_default();
        let rights = list(&policy["teams"][team], "may");
        if rights.iter().any(|right| right == "promote") {
            teams.push(team.to_owned());
        }
    }
    Ok(vec![missing, teams])
}

/// Says what a version lacks, a sentence each.
fn unmet(rules: &Value, versions: &Value, version: &str, now: &Timestamp) -> Vec<String> {
    let mut unmet = Vec::new();
    for freeze in list(rules, "freeze") {
        let (from, until) = (text(freeze, "from"), text(freeze, "until"));
        // Moments of the wire are in the order of their texts.
        if from <= now.as_str() && now.as_str() < until {
            unmet.push(format!("frozen until {until}: {}", text(freeze, "reason")));
        }
    }
    if let Some(before) = rules["from"].as_str() {
        let is_served = served_versions(&versions["environments"][before]).contains(&version);
        let since = versions["updates"][before]["updated_at"].as_str();
        let since = since.and_then(|since| since.parse::<Timestamp>().ok());
        match (is_served, rules["soak_seconds"].as_i64(), since) {
            (false, _, _) => unmet.push(format!("{before} does not serve it")),
            (true, Some(_), None) => {
                unmet.push(format!("nobody can say since when {before} serves it"));
            }
            (true, Some(soak), Some(since)) => {
                let end = Timestamp::from_unix(since.unix().saturating_add(soak));
                if let Some(end) = end.filter(|end| end > now) {
                    unmet.push(format!("{before} serves it since {since}: possible from {end} on"));
                }
            }
            (true, None, _) => {}
        }
    }
    let needed = &rules["results"];
    if needed.is_null() {
        return unmet;
    }
    let mut rows = list(versions, "versions").iter();
    let row = rows.find(|row| text(row, "version") == version).unwrap_or(&Value::Null);
    let mut own = list(row, "results").to_vec();
    own.retain(|result| text(result, "source_digest") == text(row, "source_digest"));
    if own.is_empty() {
        unmet.push("it has no test results".to_owned());
        return unmet;
    }
    let tally = |result: &Value| Tally {
        passed: result["passed"].as_u64().unwrap_or_default(),
        failed: result["failed"].as_u64().unwrap_or_default(),
        avg_score: result["avg_score"].as_f64(),
    };
    let lacks = |tallies: &[Tally], limits: &Value| {
        lacking(tallies, limits["min_pass_rate"].as_f64(), limits["min_avg_score"].as_f64())
    };
    let tallies: Vec<Tally> = own.iter().map(tally).collect();
    unmet.extend(lacks(&tallies, needed).map(|what| format!("its tests {what}")));
    let nothing = Map::new();
    for (test, limits) in needed["tests"].as_object().unwrap_or(&nothing) {
        match own.iter().find(|result| text(result, "test_name") == test) {
            None => unmet.push(format!("it has no result of the test `{test}`")),
            Some(result) => {
                let what = lacks(&[tally(result)], limits);
                unmet.extend(what.map(|what| format!("its test `{test}` {what}")));
            }
        }
    }
    unmet
}

/// Returns the teams of a policy: the name, who is in it, what it owns, and what it may do.
pub(crate) fn teams(policy: &str) -> Result<Lists, String> {
    let policy = parse(policy)?;
    let mut rows = Lists::new();
    let nothing = Map::new();
    for (name, team) in policy["teams"].as_object().unwrap_or(&nothing) {
        rows.push(vec![
            name.clone(),
            joined(team, "people"),
            joined(team, "owns"),
            joined(team, "may"),
        ]);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month() -> Vec<String> {
        let text = r#"{"format":1,"kind":"history_month","registry":"acme","month":"2026-03","sequences":{},"events":[
            {"name":"a/x","change_type":"created","new_value":{"version":"1.0.0"},"changed_by":"ana@example.com","changed_at":"2026-03-01T10:00:00Z","commit":"c1","subject":"First","sequence":1},
            {"name":"a/x","change_type":"promoted","environment":"production","new_value":{"version":"1.0.0"},"changed_by":"Ben","changed_at":"2026-03-02T10:00:00Z","reason":"=cmd|' /C calc'!A0","commit":"c2","pull_request":7,"subject":"Promote","sequence":1},
            {"name":"a/x","change_type":"rolled_out","environment":"production","old_value":{"version":"1.0.0"},"new_value":{"rollout":{"arms":[{"key":"current","version":"1.0.0","weight":90},{"key":"next","version":"1.1.0","weight":10}]}},"changed_at":"2026-03-05T10:00:00Z","sequence":2},
            {"change_type":"rules_changed","changed_by":"Cy","changed_at":"2026-03-06T10:00:00Z","sequence":3},
            {"name":"b","change_type":"retired","environment":"staging","old_value":{"tracks":{"1":"1.0.0","2":"2.0.0"}},"changed_by":"Ben, Jr","changed_at":"2026-03-07T10:00:00Z","committed_by":"Ana","reviewed_by":["Cy","Di"],"sequence":4}]}"#;
        vec![text.to_owned()]
    }

    fn filter(
        prompt: &str,
        environment: &str,
        operation: &str,
        by: &str,
        from: &str,
        until: &str,
    ) -> Vec<String> {
        [prompt, environment, operation, by, from, until].map(str::to_owned).to_vec()
    }

    #[test]
    fn events_are_found() {
        let all = rows(&month(), &[], 0, 10).unwrap();
        assert_eq!(all[0], ["5"]);
        assert_eq!(
            all[1],
            [
                "2026-03-07T10:00:00Z",
                "retired",
                "staging",
                "b",
                "1: 1.0.0, 2: 2.0.0",
                "1.0.0",
                "",
                "",
                "Ben, Jr",
                "",
                "",
                "reviewed by Cy, Di, merged by Ana"
            ]
        );
        assert_eq!(all[4][11], "Promote, #7");
        assert_eq!(all[3][6..8], ["current 1.0.0 90 %, next 1.1.0 10 %", "1.0.0"]);
        for (filter, expected) in [
            (filter("a", "", "", "", "", ""), "3"),
            (filter("a/x", "production", "", "", "", ""), "2"),
            (filter("a/", "", "", "", "", ""), "0"),
            (filter("", "", "rules_changed", "", "", ""), "1"),
            (filter("", "", "", "ben", "", ""), "2"),
            (filter("", "", "", "ana", "", ""), "2"),
            (filter("", "", "", "", "2026-03-02", "2026-03-05"), "2"),
        ] {
            assert_eq!(rows(&month(), &filter, 0, 0).unwrap(), [[expected]], "{filter:?}");
        }
        assert_eq!(rows(&month(), &[], 1, 1).unwrap()[1][1], "rules changed");
        assert!(rows(&["{}".to_owned()], &[], 0, 1).is_err());
    }

    #[test]
    fn cells_are_no_formulas() {
        let csv = csv(&month(), &filter("", "production", "", "", "", "")).unwrap();
        assert_eq!(
            csv,
            "changed_at,name,environment,change_type,old_value,new_value,changed_by,reason,commit,subject,sequence\r\n\
             2026-03-02T10:00:00Z,a/x,production,promoted,,1.0.0,Ben,'=cmd|' /C calc'!A0,c2,Promote,1\r\n\
             2026-03-05T10:00:00Z,a/x,production,rolled_out,1.0.0,\"current 1.0.0 90 %, next 1.1.0 10 %\",,,,,2\r\n"
        );
        for (text, expected) in [
            ("-1", "'-1"),
            ("+1", "'+1"),
            ("@x", "'@x"),
            ("\tx", "\"'\tx\""),
            ("a\"b", "\"a\"\"b\""),
            ("＝1", "'＝1"),
            ("a", "a"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn a_day_is_replayed() {
        let served = |day: &str| as_of(&month(), day, &[]).unwrap();
        assert_eq!(served("2026-03-01"), Lists::new());
        assert_eq!(
            served("2026-03-04"),
            [[
                "a/x",
                "production",
                "1.0.0",
                "1.0.0",
                "2026-03-02T10:00:00Z",
                "Ben",
                "=cmd|' /C calc'!A0",
                "c2"
            ]]
        );
        assert_eq!(served("2026-03-05")[0][2], "current 1.0.0 90 %, next 1.1.0 10 %");
        assert_eq!(
            as_of(&month(), "2026-03-05", &filter("b", "", "", "", "", "")).unwrap(),
            Lists::new()
        );
    }

    #[test]
    fn releases_are_compared_by_what_they_serve() {
        let release = |snapshot: &str| {
            format!(r#"{{"snapshot":{{"digest":"{}"}}}}"#, Digest::of(snapshot.as_bytes()))
        };
        let old = r#"{"entries":[{"name":"a","version":"1.0.0"},{"name":"b","track":"1","version":"1.0.0"},{"name":"b","track":"2","version":"2.0.0"}]}"#;
        let shard = r#"{"entries":[{"name":"a","version":"1.0.0"},{"name":"b","version":"2.0.0"},{"name":"c","version":"1.0.0"}]}"#;
        let root = format!(r#"{{"shards":[{{"digest":"{}"}}]}}"#, Digest::of(shard.as_bytes()));
        let then = [release(old), old.to_owned()];
        let mut now = [release(&root), root.clone(), shard.to_owned()];
        assert_eq!(
            changed_since(&then, &now).unwrap(),
            [
                ["b", "1: 1.0.0, 2: 2.0.0", "1.0.0", "2.0.0", "2.0.0"],
                ["c", "", "", "1.0.0", "1.0.0"]
            ]
        );
        assert_eq!(parts(&now[0], Some(&root)).unwrap().len(), 1);
        now[2].push(' ');
        assert!(changed_since(&then, &now).unwrap_err().ends_with("is not what was published"));
    }

    #[test]
    fn a_promotion_says_what_it_needs() {
        let digest = Digest::of(b"x");
        let policy = r#"{"format":1,"kind":"policy","registry":"acme","promotion":{"production":{"from":"staging","soak_seconds":86400}},
            "teams":{"leads":{"people":["@lea"],"owns":["**"],"may":["promote"]},"writers":{"owns":["**"],"may":["create"]}}}"#;
        let versions = format!(
            r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{}},"teams":["leads","writers"],
            "environments":{{"staging":{{"version":"1.1.0"}},"production":{{"version":"1.0.0"}}}},"updates":{{"staging":{{"updated_at":"2026-03-01T00:00:00Z"}}}},
            "versions":[{{"version":"1.1.0","digest":"{digest}","size":1,"source_digest":"{digest}","state":"active"}}]}}"#
        );
        let asked = |now: &str| promotion(policy, &versions, "staging", "production", now).unwrap();
        assert_eq!(
            asked("2026-03-01T12:00:00Z"),
            [
                vec![
                    "staging serves it since 2026-03-01T00:00:00Z: possible from 2026-03-02T00:00:00Z on"
                ],
                vec!["leads"]
            ]
        );
        assert_eq!(asked("2026-03-03T00:00:00Z")[0], Vec::<String>::new());
        assert_eq!(teams(policy).unwrap()[0], ["leads", "@lea", "**", "promote"]);
    }
}
