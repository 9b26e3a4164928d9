//! Tests builds of a clone that lacks commits.

use std::path::Path;

use promptdex_ops::tree::Tree;

use crate::compiled::compile;
use crate::repository::Repository;

#[test]
fn what_a_shallow_clone_lacks_is_a_finding_until_it_is_published() {
    let repository = Repository::with_promotion();
    let clone = repository.shallow_clone("1");

    let at_head = |folder: &Path| Tree::at(&folder.join("prompts"), Some("HEAD")).unwrap();
    let last = at_head(clone.path());
    let findings = compile(&last, None).unwrap().findings;
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "cannot find the commits that created 2 versions (such as `greeting@1.0.0`): the clone is shallow"
        ]
    );

    // With a registry that was published from the full history, no commit is missing.
    let registry = compile(&at_head(repository.folder.path()), None).unwrap().files;
    let again = compile(&last, Some(&registry)).unwrap();
    assert_eq!(again.findings, []);
    assert_eq!(again.files, registry);
}
