//! Parses commit messages: subject, reason, pull request, trailers.

use promptdex_core::model::People;
use promptdex_wire::characters::is_invisible;

/// The longest subject that is published, in characters.
const MAX_SUBJECT: usize = 200;

/// The longest reason.
const MAX_REASON: usize = 1_000;

/// The longest name or address.
const MAX_PERSON: usize = 200;

/// So many reviewers are published, and so many co-authors.
const MAX_PEOPLE: usize = 20;

/// A parsed commit message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CommitMessage {
    pub(crate) subject: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) pull_request: Option<u64>,
    /// As the message writes them: a name and an address in angle brackets.
    pub(crate) reviewed_by: Vec<String>,
    pub(crate) co_authored_by: Vec<String>,
}

impl CommitMessage {
    /// Reads a message. Trailers may be anywhere: a squashed pull request has the trailers of its commits
    /// in the middle.
    pub(crate) fn read(text: &str) -> Self {
        let mut message = Self::default();
        let mut lines = text.lines().peekable();
        message.subject = lines.next().and_then(|line| format_on_one_line(line, MAX_SUBJECT));
        message.pull_request = message.subject.as_deref().and_then(number_in_subject);
        while let Some(line) = lines.next() {
            if let Some(number) = number_in_body(line) {
                message.pull_request = message.pull_request.or(Some(number));
                continue;
            }
            let Some((key, value)) = line.split_once(':') else { continue };
            let is = |wanted: &str| key.eq_ignore_ascii_case(wanted);
            if !(is("Reason") || is("Reviewed-by") || is("Co-authored-by")) {
                continue;
            }
            let mut value = value.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
                value.push(' ');
                value.push_str(more);
            }
            if is("Reason") {
                message.reason = format_on_one_line(&value, MAX_REASON).or(message.reason);
                continue;
            }
            let people = if is("Reviewed-by") {
                &mut message.reviewed_by
            } else {
                &mut message.co_authored_by
            };
            if let Some(person) = format_on_one_line(&value, 2 * MAX_PERSON)
                && people.len() < MAX_PEOPLE
                && !people.contains(&person)
            {
                people.push(person);
            }
        }
        message
    }
}

/// Returns a text on one line, cut to `most` characters; nothing for an empty text. What no text of a file may
/// have becomes U+FFFD: a commit cannot be refused any more. Characters without a width are left out.
fn format_on_one_line(text: &str, most: usize) -> Option<String> {
    let has_no_width =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let is_refused = |c: char| is_invisible(c) && !c.is_whitespace();
    let text = text.replace(is_refused, "\u{fffd}").replace(has_no_width, "");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        _ if text.is_empty() => None,
        Some((cut, _)) => Some(format!("{}…", &text[..cut])),
        None => Some(text),
    }
}

/// Reads the number of a pull request as GitHub, Bitbucket and Azure write it into the subject of a merge.
fn number_in_subject(subject: &str) -> Option<u64> {
    let merged = subject
        .strip_prefix("Merge pull request #")
        .or_else(|| subject.strip_prefix("Merged PR "))
        .or_else(|| subject.rsplit_once("(pull request #").map(|(_, rest)| rest))
        .or_else(|| {
            let (_, rest) = subject.rsplit_once("(#")?;
            rest.ends_with(')').then_some(rest)
        })?;
    let digits = merged.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Reads the number of a merge request as GitLab writes it below the subject.
fn number_in_body(line: &str) -> Option<u64> {
    let (_, number) = line.strip_prefix("See merge request ")?.rsplit_once('!')?;
    number.trim_end().parse().ok()
}

/// Writes a person as the registry publishes people.
pub(crate) fn person(name: &str, email: &str, people: People) -> Option<String> {
    match people {
        People::Email => {
            format_on_one_line(email, MAX_PERSON).or_else(|| format_on_one_line(name, MAX_PERSON))
        }
        People::Name => format_on_one_line(name, MAX_PERSON),
        People::None => None,
    }
}

/// Splits a name and an address in angle brackets.
pub(crate) fn contact(text: &str) -> (&str, &str) {
    match text.rsplit_once('<') {
        Some((name, email)) => (name.trim(), email.trim_end_matches('>').trim()),
        None if text.contains('@') => ("", text.trim()),
        None => (text.trim(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_pull_requests_are_read_as_hosts_write_them() {
        for (text, number) in [
            ("Merge pull request #12 from acme/warmer\n\nA warmer tone", Some(12)),
            ("A warmer tone (#34)\n\nText", Some(34)),
            ("Merged in warmer (pull request #5)", Some(5)),
            ("Merged PR 123: A warmer tone", Some(123)),
            (
                "Merge branch 'warmer' into 'main'\n\nA warmer tone\n\nSee merge request acme/prompts!7",
                Some(7),
            ),
            ("Fix #9", None),
            ("Ask (#for more) now", None),
            ("Merge pull request #99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(CommitMessage::read(text).pull_request, number, "{text}");
        }
    }

    #[test]
    fn trailers_are_read_wherever_they_stand() {
        let text = "Promote refund\u{202e} to production\n\nreason: Customers asked for it,\n  and \u{7}support agreed\nReviewed-by: Ben <ben@example.com>\n\n* Co-authored-by: no\nCo-Authored-By: Chiyo <chiyo@example.com>\nReviewed-by: Ben <ben@example.com>\nReason:\n";
        assert_eq!(
            CommitMessage::read(text),
            CommitMessage {
                subject: Some("Promote refund\u{fffd} to production".to_owned()),
                reason: Some("Customers asked for it, and \u{fffd}support agreed".to_owned()),
                pull_request: None,
                reviewed_by: vec!["Ben <ben@example.com>".to_owned()],
                co_authored_by: vec!["Chiyo <chiyo@example.com>".to_owned()],
            }
        );
        let long = CommitMessage::read(&"é".repeat(3_000));
        assert_eq!(long.subject.map(|subject| subject.chars().count()), Some(MAX_SUBJECT + 1));
    }

    #[test]
    fn what_cannot_be_seen_is_replaced_in_every_text() {
        for (hidden, shown) in [
            ("\u{202e}", "\u{fffd}"),
            ("\u{2067}", "\u{fffd}"),
            ("\u{e0041}\u{e0042}", "\u{fffd}\u{fffd}"),
            ("\u{7}", "\u{fffd}"),
            ("\u{1b}[2J", "\u{fffd}[2J"),
            ("\u{9b}", "\u{fffd}"),
            ("\u{200b}", ""),
            ("\t\r ", " "),
            ("\u{85}", " "),
        ] {
            let hide = |text: &str| text.replace('_', hidden);
            let show = |text: &str| Some(text.replace('_', shown));
            let message = CommitMessage::read(&hide(
                "Pay_out\n\nReason: a_b\nReviewed-by: Be_n <b_n@example.com>\nCo-authored-by: Chi_yo <c@example.com>",
            ));
            assert_eq!(message.subject, show("Pay_out"), "{hidden:?}");
            assert_eq!(message.reason, show("a_b"), "{hidden:?}");
            assert_eq!(message.reviewed_by, [show("Be_n <b_n@example.com>").unwrap()]);
            assert_eq!(message.co_authored_by, [show("Chi_yo <c@example.com>").unwrap()]);
            let (name, email) = (hide("An_a"), hide("a_na@example.com"));
            assert_eq!(person(&name, &email, People::Name), show("An_a"), "{hidden:?}");
            assert_eq!(person(&name, &email, People::Email), show("a_na@example.com"));
        }
    }

    #[test]
    fn people_are_published_as_the_registry_says() {
        let (name, email) = contact("Ana Lima <ana@example.com>");
        assert_eq!(person(name, email, People::Email).as_deref(), Some("ana@example.com"));
        assert_eq!(person(name, email, People::Name).as_deref(), Some("Ana Lima"));
        assert_eq!(person(name, email, People::None), None);
        assert_eq!(contact("ben@example.com"), ("", "ben@example.com"));
        assert_eq!(contact("Ben"), ("Ben", ""));
    }
}
