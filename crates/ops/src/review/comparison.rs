//! Compares versions: all fields of their documents, and the renderings of their test cases.

use promptdex_compare::case_diff::{CaseChange, CaseDiff, compare_renderings};
use promptdex_compare::{Comparison, Options, compare_versions, sentence};
use promptdex_core::model::Prompt;
use promptdex_template::conversation::{Conversation, VariableProblemKind, complete};
use promptdex_template::{JsonValue, Values};
use promptdex_wire::catalog::MASK;
use promptdex_wire::{Environment, Message, PromptName, Version, VersionDocument};

/// A version to compare, with its document and test cases.
#[derive(Debug)]
pub struct LoadedVersion {
    /// The version and how it was selected.
    pub side: ComparisonSide,
    /// Its document.
    pub document: VersionDocument,
    /// Its test cases.
    pub cases: Vec<StoredCase>,
}

/// The version on one side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonSide {
    /// The prompt.
    pub name: PromptName,
    /// The version.
    pub version: Version,
    /// The environment that serves the version, if it was selected by environment.
    pub environment: Option<Environment>,
}

/// A test case.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCase {
    /// The name of the case.
    pub name: String,
    values: Values,
}

/// The differences between two versions.
#[derive(Debug)]
pub struct VersionComparison {
    /// The first version.
    pub from: ComparisonSide,
    /// The second version.
    pub to: ComparisonSide,
    /// A summary of the differences in one sentence.
    pub sentence: String,
    /// The differences between the documents.
    pub comparison: Comparison,
    /// The test cases of both versions, rendered by both.
    pub cases: Vec<CaseComparison>,
}

/// A test case, rendered by both versions.
#[derive(Debug)]
pub struct CaseComparison {
    /// The version of the test case, if the other version has a different case of the same name.
    pub of: Option<Version>,
    /// The differences between the two renderings.
    pub diff: CaseDiff,
}

impl LoadedVersion {
    /// Creates a version to compare, with the test cases from its prompt.
    pub fn new(side: ComparisonSide, prompt: &Prompt, document: VersionDocument) -> Self {
        let cases = prompt.cases.get(&side.version).map(|file| file.cases.as_slice());
        let cases = cases.unwrap_or_default().iter().map(|case| StoredCase {
            name: case.name.value.clone(),
            values: case
                .variables
                .iter()
                .map(|(name, value)| (name.value.clone(), JsonValue::of(&value.value)))
                .collect(),
        });
        let cases = cases.collect();
        Self { side, document, cases }
    }
}

impl LoadedVersion {
    /// Renders a test case.
    pub fn render(&self, case: &StoredCase) -> Result<Vec<Message>, String> {
        render(&self.document, &case.values)
    }
}

impl VersionComparison {
    /// Whether the versions are equal.
    pub fn is_same(&self) -> bool {
        self.comparison.identical
    }
}

impl CaseComparison {
    /// Whether both versions render the test case to the same messages.
    pub fn is_same(&self) -> bool {
        self.diff.kind == CaseChange::Same
    }
}

/// Compares two versions. The test cases of the second version come first.
pub fn compare(a: &LoadedVersion, b: &LoadedVersion, options: &Options) -> VersionComparison {
    let comparison = compare_versions(&a.document, &b.document, options);
    let mut cases = Vec::new();
    let others = a.cases.iter().filter(|case| !b.cases.contains(case)).map(|case| (case, a, b));
    for (case, own, other) in b.cases.iter().map(|case| (case, b, a)).chain(others) {
        let is_elsewhere = other.cases.iter().any(|known| known.name == case.name && known != case);
        cases.push(CaseComparison {
            of: is_elsewhere.then(|| own.side.version.clone()),
            diff: compare_case(case, a, b, options),
        });
    }
    VersionComparison {
        from: a.side.clone(),
        to: b.side.clone(),
        sentence: sentence(&comparison),
        comparison,
        cases,
    }
}

/// Compares the renderings of a test case by two versions. The actual values decide whether the
/// renderings are equal. The result shows `***` in place of sensitive values, as published
/// documents do.
fn compare_case(
    case: &StoredCase,
    a: &LoadedVersion,
    b: &LoadedVersion,
    options: &Options,
) -> CaseDiff {
    let compare = |values| {
        let [before, after] = [a, b].map(|version| render(&version.document, values));
        compare_renderings(&case.name, before, after, options)
    };
    let mut diff = compare(&case.values);
    let is_sensitive = |name: &&str| {
        let mut variables = [a, b].into_iter().flat_map(|version| &version.document.variables);
        variables.any(|variable| variable.sensitive && variable.name == **name)
    };
    // Null means that no value is given.
    let given = case.values.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name);
    diff.masked = given.filter(is_sensitive).map(str::to_owned).collect();
    if !diff.masked.is_empty() {
        let mut values = case.values.clone();
        for name in &diff.masked {
            values.insert(name.clone(), JsonValue::Text(MASK.to_owned()));
        }
        // With masked values, a version may render differently, or fail for a different reason.
        let shown = compare(&values);
        let is_like = shown.kind == diff.kind;
        diff.messages = Some(shown.messages).filter(|_| is_like).unwrap_or_default();
        diff.problem = diff.problem.filter(|problem| shown.problem.as_ref() == Some(problem));
    }
    diff
}

/// Renders a version, or returns an error message. Values of undeclared variables are ignored, as
/// at run time.
fn render(document: &VersionDocument, values: &Values) -> Result<Vec<Message>, String> {
    let (values, problems) = complete(&document.variables, values);
    let problems = problems.into_iter().filter(|p| p.kind != VariableProblemKind::Unknown);
    let problems: Vec<String> = problems.map(|problem| problem.message).collect();
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    Conversation::of(document).render(&values).map_err(|failed| {
        let inside = failed.error.inside.as_ref();
        let inside = inside.map_or_else(String::new, |name| format!(" in `{name}`"));
        format!("message {}{inside}: {}", failed.message + 1, failed.error.message)
    })
}
