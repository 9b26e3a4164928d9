//! The names of workflows, jobs, branches and groups of a registry. The first registry of a
//! repository has plain names; every other has its registry name in all of them, so that two
//! registries never share a file, a branch or a queue.

use promptdex_wire::RegistryName;

/// The start of the line in a workflow that names its registry.
const REGISTRY_LINE: &str = "# Registry: ";

/// The name of a registry in the names of its workflows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkflowNames {
    registry: RegistryName,
    /// Whether another registry of the repository has the plain names.
    is_suffixed: bool,
}

impl WorkflowNames {
    /// Returns the plain names.
    pub(crate) fn plain(registry: RegistryName) -> Self {
        Self { registry, is_suffixed: false }
    }

    /// Returns names that contain the registry name.
    pub(crate) fn suffixed(registry: RegistryName) -> Self {
        Self { registry, is_suffixed: true }
    }

    /// Returns the path of the main file of a registry: `{start}.yml` or `{start}.{registry}.yml`.
    /// Registry names contain no dot, so no two files have the same path.
    pub(crate) fn file(&self, start: &str) -> String {
        match self.is_suffixed {
            false => format!("{start}.yml"),
            true => format!("{start}.{}.yml", self.registry),
        }
    }

    /// Returns an identifier such as `promptdex-registry`, or `promptdex-registry-mail`.
    pub(super) fn identifier(&self, start: &str) -> String {
        match self.is_suffixed {
            false => start.to_owned(),
            true => format!("{start}-{}", self.registry),
        }
    }

    /// Returns the prefix of variables that a form sets: `PROMPTDEX`, or `PROMPTDEX_MAIL`.
    pub(super) fn variable(&self) -> String {
        self.identifier("promptdex").to_uppercase().replace('-', "_")
    }

    /// Returns the folder of the branches of forms: `promptdex`, or `promptdex/mail`. No published branch
    /// has such a name, because Git cannot have a branch in a folder that is a branch.
    pub(super) fn form_branches(&self) -> String {
        match self.is_suffixed {
            false => "promptdex".to_owned(),
            true => format!("promptdex/{}", self.registry),
        }
    }

    /// Returns the text that follows a title: nothing, or ` (mail)`.
    pub(super) fn title(&self) -> String {
        match self.is_suffixed {
            false => String::new(),
            true => format!(" ({})", self.registry),
        }
    }

    /// Returns the first line of the comment with the report, which finds the comment again. The
    /// report itself begins with the plain one.
    pub(super) fn report_mark(&self) -> String {
        format!("<!-- promptdex report{} -->", self.title())
    }

    /// Whether another registry of the repository has the plain names.
    pub(super) fn is_suffixed(&self) -> bool {
        self.is_suffixed
    }

    /// Returns the line of a workflow that names its registry.
    pub(super) fn registry_line(&self) -> String {
        format!("{REGISTRY_LINE}{}", self.registry)
    }
}

/// The registry and the tree of a workflow that promptdex has written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WorkflowOwner<'t> {
    pub(crate) registry: &'t str,
    /// The path of the tree in the repository. Empty if the tree is at the root.
    pub(crate) folder: String,
}

/// Returns the owner of a workflow, if its lines name one.
pub(crate) fn owner<'t>(lines: &[&'t str]) -> Option<WorkflowOwner<'t>> {
    let registry = lines.iter().find_map(|line| line.strip_prefix(REGISTRY_LINE))?;
    let root = lines.iter().find_map(|line| line.trim().strip_prefix("PROMPTDEX_ROOT: "))?;
    let folder: String = serde_json::from_str(root).ok()?;
    let folder = if folder == "." { String::new() } else { folder };
    Some(WorkflowOwner { registry, folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_two_registries_differ() {
        let plain = WorkflowNames::plain("acme".parse().unwrap());
        let mail = WorkflowNames::suffixed("mail".parse().unwrap());
        let all = |names: &WorkflowNames| {
            let report = names.report_mark();
            [
                names.file("promptdex-publish"),
                names.identifier("promptdex"),
                names.variable(),
                report,
            ]
        };
        let expected =
            ["promptdex-publish.yml", "promptdex", "PROMPTDEX", "<!-- promptdex report -->"];
        assert_eq!(all(&plain), expected);
        let expected = [
            "promptdex-publish.mail.yml",
            "promptdex-mail",
            "PROMPTDEX_MAIL",
            "<!-- promptdex report (mail) -->",
        ];
        assert_eq!(all(&mail), expected);
    }

    #[test]
    fn a_workflow_names_its_owner() {
        let lines =
            ["# Registry: mail", "name: Prompts", "env:", "  PROMPTDEX_ROOT: \"apps/mail\""];
        let owner_of_all = owner(&lines).unwrap();
        assert_eq!((owner_of_all.registry, owner_of_all.folder.as_str()), ("mail", "apps/mail"));
        assert_eq!(owner(&lines[1..]), None);
    }
}
