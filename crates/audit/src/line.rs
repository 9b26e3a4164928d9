//! Formats lists and pointers on one line.

use promptdex_wire::event::Target;

/// Adds to a list that is written in one line.
pub(crate) fn add(line: &mut String, text: &str) {
    if !line.is_empty() && !text.is_empty() {
        line.push_str(", ");
    }
    line.push_str(text);
}

/// Joins texts in one line.
pub(crate) fn join_line<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let mut all = String::new();
    texts.into_iter().for_each(|text| add(&mut all, text));
    all
}

/// Writes what a pointer says: `1.1.0`, `1: 1.4.2, 2: 2.0.0`, `warmer-tone: control 1.4.2 90 %, warm 1.5.0 10 %`.
pub(crate) fn format_target(target: Option<&Target>) -> String {
    let mut line = String::new();
    match target {
        None => {}
        Some(Target::Version(version)) => line.push_str(&version.to_string()),
        Some(Target::Tracks(tracks)) => {
            for (major, version) in tracks {
                add(&mut line, &major.to_string());
                line.push_str(": ");
                line.push_str(&version.to_string());
            }
        }
        Some(Target::Rollout(rollout)) => {
            for arm in &rollout.arms {
                add(&mut line, &arm.key);
                line.push(' ');
                line.push_str(&arm.version.to_string());
                line.push(' ');
                line.push_str(&percent(arm.weight.hundredths()));
                line.push_str(" %");
            }
            if let Some(experiment) = &rollout.experiment {
                line.insert_str(0, ": ");
                line.insert_str(0, experiment);
            }
        }
    }
    line
}

/// Writes hundredths of a per cent as the wire has them: `90`, `12.5`.
fn percent(hundredths: u16) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns the version that callers get who ask for nothing special.
pub(crate) fn main_of(target: Option<&Target>) -> String {
    target.and_then(Target::main).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;

    #[test]
    fn pointers_are_written_in_a_line() {
        let arms = r#""arms":[{"key":"control","version":"1.4.2","weight":87.5},{"key":"warm","version":"1.5.0","weight":12.5}]"#;
        for (target, expected, main) in [
            (r#"{"version":"1.1.0"}"#.to_owned(), "1.1.0", "1.1.0"),
            (
                r#"{"tracks":{"10":"10.0.0","2":"2.0.0","1":"1.4.2"}}"#.to_owned(),
                "1: 1.4.2, 2: 2.0.0, 10: 10.0.0",
                "1.4.2",
            ),
            (
                format!(r#"{{"rollout":{{{arms}}}}}"#),
                "control 1.4.2 87.5 %, warm 1.5.0 12.5 %",
                "1.4.2",
            ),
            (
                format!(r#"{{"rollout":{{"experiment":"warmer-tone",{arms}}}}}"#),
                "warmer-tone: control 1.4.2 87.5 %, warm 1.5.0 12.5 %",
                "1.4.2",
            ),
        ] {
            let target: Target = parse(&target).unwrap();
            assert_eq!(
                (format_target(Some(&target)).as_str(), main_of(Some(&target)).as_str()),
                (expected, main)
            );
        }
        assert_eq!([percent(10_000), percent(1), percent(0)], ["100", "0.01", "0"]);
    }
}
