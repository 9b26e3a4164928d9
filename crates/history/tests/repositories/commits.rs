//! Commits that promptdex makes for the user.

use promptdex_history::{Author, GitError};

use crate::repository::Repository;

/// A repository with a tree and with somebody whose name is in `.mailmap`.
fn repository() -> Repository {
    let repository = Repository::new();
    // The settings of whoever runs the tests count as well.
    for (key, value) in [
        ("user.name", "ana"),
        ("user.email", "ana@old.example.com"),
        ("commit.gpgSign", "false"),
        ("tag.gpgSign", "false"),
        ("core.hooksPath", ".git/hooks"),
    ] {
        repository.git(&["config", key, value]);
    }
    repository.write(".mailmap", "Ana <ana@example.com> <ana@old.example.com>\n");
    repository.write("prompts/a.txt", "1").write("prompts/b.txt", "1").commit("Ana", "Start");
    repository
}

#[test]
fn only_what_is_named_is_committed() {
    let repository = repository();
    let path = |path: &str| path.to_owned();
    repository.write("prompts/a.txt", "2").write("prompts/b.txt", "2");
    repository.git(&["add", "prompts/b.txt"]);
    // A name is no pattern.
    repository.write("prompts/*.txt", "new");
    let id = repository.tree().commit_files(&[path("*.txt")], "One file\n\nReason: a\n").unwrap();
    assert_eq!(repository.git(&["rev-parse", "--short", "HEAD"]), id);
    assert_eq!(repository.git(&["log", "-1", "--format=%B"]), "One file\n\nReason: a");
    assert_eq!(repository.git(&["show", "--format=", "--name-only"]), "prompts/*.txt");
    assert_eq!(
        repository.git(&["status", "--short", "--", "prompts"]),
        " M prompts/a.txt\nM  prompts/b.txt"
    );
}

#[test]
fn a_tag_is_on_the_newest_commit() {
    let repository = repository();
    repository.tree().tag("a@1.0.0", "Release a 1.0.0").unwrap();
    assert_eq!(
        repository.git(&["tag", "--list", "--format=%(objecttype) %(subject)"]),
        "tag Release a 1.0.0"
    );
    let error = repository.tree().tag("a@1.0.0", "Again").unwrap_err();
    let GitError::Failed { command: "tag", message } = error else { panic!("{error}") };
    assert!(message.contains("a@1.0.0"), "{message}");
}

#[test]
fn the_author_is_as_mailmap_has_them() {
    // A shell or a workflow may say who commits, and then Git listens to that.
    if std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("GIT_AUTHOR_")) {
        return;
    }
    let author = Author { name: "Ana".to_owned(), email: "ana@example.com".to_owned() };
    assert_eq!(repository().tree().author().unwrap(), Some(author));
}

#[cfg(unix)]
#[test]
fn a_hook_may_refuse_and_says_why_in_full() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = repository();
    let hook = ".git/hooks/pre-commit";
    repository.write(hook, "#!/bin/sh\necho fatal: not on\necho a Friday\nexit 1\n");
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repository.path(hook), permissions).unwrap();
    repository.write("prompts/a.txt", "2");
    let error = repository.tree().commit_files(&["a.txt".to_owned()], "Two").unwrap_err();
    let GitError::Failed { command: "commit", message } = error else { panic!("{error}") };
    assert_eq!(message, "fatal: not on\na Friday");
}
