//! Rows of tables that the audit module answers with: each has a type that writes itself into a list of texts and reads
//! itself from one, so that nobody counts places. Empty texts stand for what is not known.

/// Defines a row: its fields are texts, in the order in which they are written.
macro_rules! row {
    ($(#[$about:meta])* $row:ident { $($(#[$of:meta])* $field:ident,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $row<'t> {
            $($(#[$of])* pub $field: &'t str,)+
        }

        impl<'t> $row<'t> {
            /// Writes the row.
            pub fn to_list(self) -> Vec<String> {
                write_list(&[$(self.$field,)+])
            }

            /// Reads a row.
            pub fn from_list(list: &'t [String]) -> Option<Self> {
                let [$($field,)+] = list else { return None };
                Some(Self { $($field,)+ })
            }
        }
    };
}

row! {
    /// An event of the history.
    EventRow {
        /// When it happened.
        at,
        /// What happened, in a word.
        operation,
        /// The environment, if it was in one.
        environment,
        /// The prompt; the history of a prompt does not repeat it.
        name,
        /// What was served before, in a line.
        from,
        /// The main version of that.
        from_main,
        /// What was served from then on, in a line.
        to,
        /// The main version of that.
        to_main,
        /// Who did it.
        by,
        /// Reason.
        reason,
        /// The commit.
        commit,
        /// What else is known.
        about,
    }
}

row! {
    /// What an environment served at some time.
    ServedRow {
        /// The prompt.
        name,
        /// The environment.
        environment,
        /// What it served, in a line.
        target,
        /// The main version of that.
        main,
        /// Since when.
        since,
        /// Who moved it there.
        by,
        /// Reason.
        reason,
        /// The commit.
        commit,
    }
}

row! {
    /// A prompt of which two releases do not serve the same.
    ChangedRow {
        /// The prompt.
        name,
        /// What the first release serves, in a line.
        then,
        /// The main version of that.
        then_main,
        /// What the second release serves, in a line.
        now,
        /// The main version of that.
        now_main,
    }
}

row! {
    /// A team of the policy.
    TeamRow {
        /// Its name.
        name,
        /// The people in it, in a line.
        people,
        /// What it owns, in a line.
        owns,
        /// What it may do, in a line.
        may,
    }
}

/// Writes the texts of a row; one piece of code for all rows keeps the module small.
fn write_list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_back() {
        let texts: Vec<String> = (0..13).map(|number| number.to_string()).collect();
        assert_eq!(EventRow::from_list(&texts[..12]).unwrap().to_list(), texts[..12]);
        assert_eq!(ServedRow::from_list(&texts[..8]).unwrap().to_list(), texts[..8]);
        assert_eq!(ChangedRow::from_list(&texts[..5]).unwrap().to_list(), texts[..5]);
        assert_eq!(TeamRow::from_list(&texts[..4]).unwrap().to_list(), texts[..4]);
        assert_eq!(EventRow::from_list(&texts[..11]), None);
        assert_eq!(EventRow::from_list(&texts), None);
    }
}
