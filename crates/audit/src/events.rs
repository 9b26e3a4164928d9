//! Events: which fit a question, as rows and as CSV.

use promptdex_wire::Kind;
use promptdex_wire::engine::{EventRow, Lists};
use promptdex_wire::event::Operation;
use promptdex_wire::history::Event;
use serde::Deserialize;

use crate::document::parse;
use crate::line::{add, format_target, join_line, main_of};

/// The filter of the history page, in the order of its fields: prompt, environment, event, author, first
/// day, last day. Empty fields do not filter.
pub(crate) struct EventFilter<'a>([&'a str; 6]);

/// Whether a prompt is in a folder.
fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl<'a> EventFilter<'a> {
    pub(crate) fn of(texts: &'a [String]) -> Self {
        Self(std::array::from_fn(|at| texts.get(at).map_or("", |text| text.trim())))
    }

    pub(crate) fn matches(&self, event: &Event) -> bool {
        let [prompt, environment, operation, by, from, until] = self.0;
        let is = |asked: &str, said: &str| asked.is_empty() || asked == said;
        let is_prompt = match &event.name {
            Some(name) => is(prompt, name.as_str()) || is_below(name.as_str(), prompt),
            // The history of a prompt does not repeat its name.
            None => prompt.is_empty() || event.change_type != Operation::RulesChanged,
        };
        let by = to_lower_case(by);
        let did =
            |who: &Option<String>| who.as_ref().is_some_and(|who| to_lower_case(who).contains(&by));
        let day = event.changed_at.as_ref().and_then(|at| at.as_str().get(..10));
        let of = event.environment.as_ref().map_or("", |environment| environment.as_str());
        is_prompt
            && is(environment, of)
            && is(operation, &event.change_type.word())
            && (by.is_empty() || did(&event.changed_by) || did(&event.committed_by))
            && (from.is_empty() || day.is_some_and(|day| day >= from))
            && (until.is_empty() || day.is_some_and(|day| day <= until))
    }
}

/// Writes text in lower case. The browser does it: the tables of all alphabets are large.
fn to_lower_case(text: &str) -> String {
    #[cfg(feature = "js")]
    return String::from(js_sys::JsString::from(text).to_lower_case());
    #[cfg(not(feature = "js"))]
    text.to_lowercase()
}

/// Reads the events of documents, which are in order.
pub(crate) fn read(documents: &[String]) -> Result<Vec<Event>, String> {
    #[derive(Deserialize)]
    struct Events {
        events: Vec<Event>,
    }

    let mut events = Vec::new();
    for document in documents {
        let kinds = [Kind::HistoryMonth, Kind::History];
        events.extend(parse::<Events>(document, &kinds)?.events);
    }
    Ok(events)
}

/// Returns the newest events that fit, so many of them after some: first how many there are, then for each an
/// [`EventRow`].
pub(crate) fn rows(
    documents: &[String],
    filter: &[String],
    skip: usize,
    count: usize,
) -> Result<Lists, String> {
    let filter = EventFilter::of(filter);
    let events = read(documents)?;
    let mut fitting = 0;
    let mut rows = vec![Vec::new()];
    for event in events.iter().rev() {
        if filter.matches(event) {
            if (skip..skip.saturating_add(count)).contains(&fitting) {
                rows.push(row(event));
            }
            fitting += 1;
        }
    }
    rows[0].push(fitting.to_string());
    Ok(rows)
}

/// Writes an event as an [`EventRow`].
fn row(event: &Event) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (old, new) = (event.old_value.as_ref(), event.new_value.as_ref());
    let mut about = text(&event.subject);
    if let Some(number) = event.pull_request {
        let number = format!("#{number}");
        if !about.contains(&number) {
            add(&mut about, &number);
        }
    }
    for (prefix, people) in [
        ("with ", join_line(&event.co_authored_by)),
        ("reviewed by ", join_line(&event.reviewed_by)),
        ("merged by ", text(&event.committed_by)),
    ] {
        if !people.is_empty() {
            add(&mut about, prefix);
            about.push_str(&people);
        }
    }
    EventRow {
        at: event.changed_at.as_ref().map_or("", |at| at.as_str()),
        operation: &event.change_type.in_words(),
        environment: event.environment.as_ref().map_or("", |environment| environment.as_str()),
        name: event.name.as_ref().map_or("", |name| name.as_str()),
        from: &format_target(old),
        from_main: &main_of(old),
        to: &format_target(new),
        to_main: &main_of(new),
        by: event.changed_by.as_deref().unwrap_or_default(),
        reason: event.reason.as_deref().unwrap_or_default(),
        commit: event.commit.as_deref().unwrap_or_default(),
        about: &about,
    }
    .to_list()
}

/// Writes the events that fit as CSV, the oldest first. A cell that a spreadsheet would take for a formula begins
/// with an apostrophe.
pub(crate) fn csv(documents: &[String], filter: &[String]) -> Result<String, String> {
    let filter = EventFilter::of(filter);
    let mut file = "changed_at,name,environment,change_type,old_value,new_value,changed_by,reason,commit,subject,sequence\r\n".to_owned();
    for event in read(documents)?.iter().filter(|event| filter.matches(event)) {
        let [at, what, environment, name, from, _, to, _, by, reason, commit, _] =
            row(event).try_into().map_err(|_other_cells| "a row has other cells".to_owned())?;
        let (what, subject) =
            (what.replace(' ', "_"), event.subject.as_deref().unwrap_or_default());
        for text in [&at, &name, &environment, &what, &from, &to, &by, &reason, &commit] {
            file.push_str(&cell(text));
            file.push(',');
        }
        file.push_str(&format!("{},{}\r\n", cell(subject), event.sequence));
    }
    Ok(file)
}

fn cell(text: &str) -> String {
    // Spreadsheets look behind what cannot be seen.
    let is_unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    let first = text.trim_start_matches(is_unseen).chars().next();
    let is_formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || text.starts_with(['\t', '\r', '\n']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn month() -> Vec<String> {
        let text = r#"{"format":1,"kind":"history_month","registry":"acme","month":"2026-03","sequences":{},"events":[
            {"name":"a/x","change_type":"created","new_value":{"version":"1.0.0"},"changed_by":"ana@example.com","changed_at":"2026-03-01T10:00:00Z","commit":"c1","subject":"First","sequence":1},
            {"name":"a/x","change_type":"promoted","environment":"production","new_value":{"version":"1.0.0"},"changed_by":"Ben","changed_at":"2026-03-02T10:00:00Z","reason":"=cmd|' /C calc'!A0","commit":"c2","pull_request":7,"subject":"Promote","sequence":1},
            {"name":"a/x","change_type":"rolled_out","environment":"production","old_value":{"version":"1.0.0"},"new_value":{"rollout":{"arms":[{"key":"current","version":"1.0.0","weight":90,"buckets":9000},{"key":"next","version":"1.1.0","weight":10,"buckets":1000}]}},"changed_at":"2026-03-05T10:00:00Z","sequence":2},
            {"change_type":"rules_changed","changed_by":"Cy","changed_at":"2026-03-06T10:00:00Z","sequence":3},
            {"name":"b","change_type":"retired","environment":"staging","old_value":{"tracks":{"1":{"version":"1.0.0"},"2":{"version":"2.0.0"}}},"changed_by":"Ben, Jr","changed_at":"2026-03-07T10:00:00Z","committed_by":"Ana","reviewed_by":["Cy","Di"],"sequence":4}]}"#;
        vec![text.to_owned()]
    }

    pub(crate) fn filter(texts: [&str; 6]) -> Vec<String> {
        texts.map(str::to_owned).to_vec()
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
        assert_eq!(all[3][6..8], ["current 1.0.0 90%, next 1.1.0 10%", "1.0.0"]);
        for (texts, expected) in [
            (["a", "", "", "", "", ""], "3"),
            (["a/x", "production", "", "", "", ""], "2"),
            (["a/", "", "", "", "", ""], "0"),
            (["", "", "rules_changed", "", "", ""], "1"),
            (["", "", "", "ben", "", ""], "2"),
            (["", "", "", "ana", "", ""], "2"),
            (["", "", "", "", "2026-03-02", "2026-03-05"], "2"),
        ] {
            assert_eq!(rows(&month(), &filter(texts), 0, 0).unwrap(), [[expected]], "{texts:?}");
        }
        assert_eq!(rows(&month(), &[], 1, 1).unwrap()[1][1], "rules changed");
        assert_eq!(rows(&month(), &[], usize::MAX, usize::MAX).unwrap(), [["5"]]);
        assert!(rows(&["{}".to_owned()], &[], 0, 1).is_err());
    }

    #[test]
    fn cells_are_no_formulas() {
        let csv = csv(&month(), &filter(["", "production", "", "", "", ""])).unwrap();
        assert_eq!(
            csv,
            "changed_at,name,environment,change_type,old_value,new_value,changed_by,reason,commit,subject,sequence\r\n\
             2026-03-02T10:00:00Z,a/x,production,promoted,,1.0.0,Ben,'=cmd|' /C calc'!A0,c2,Promote,1\r\n\
             2026-03-05T10:00:00Z,a/x,production,rolled_out,1.0.0,\"current 1.0.0 90%, next 1.1.0 10%\",,,,,2\r\n"
        );
        for (text, expected) in [
            ("-1", "'-1"),
            ("+1", "'+1"),
            ("@x", "'@x"),
            ("\tx", "\"'\tx\""),
            ("\n=1", "\"'\n=1\""),
            ("\nx", "\"'\nx\""),
            ("  =1", "'  =1"),
            ("\u{a0}\u{feff}=1", "'\u{a0}\u{feff}=1"),
            ("a\"b", "\"a\"\"b\""),
            ("＝1", "'＝1"),
            (" a", " a"),
            ("a", "a"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
