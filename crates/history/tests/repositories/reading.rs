//! What is read from repositories of every kind, and what is not run by hostile ones.

use crate::at_commit::AtCommit;
use crate::repository::{Repository, find};
use promptdex_history::{Git, GitError, ObjectReader};

const TEXT: &str = "prompts/greeting/v1.0.0/system_prompt.txt";

/// Writes who made what, in a few words: the prompt, its chain, the operation, the person, the subject.
fn told(at: &AtCommit) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, history) in &at.history.prompts {
        for (chain, changes) in &history.events {
            for change in changes {
                let target = change.after().or(change.before()).and_then(|t| t.main());
                let target = target.map_or(String::new(), ToString::to_string);
                let by = change.by.clone().unwrap_or_default();
                lines.push(format!("{chain}: {name} {} {target} by {by}", change.operation.word()));
            }
        }
    }
    lines
}

#[test]
fn a_tree_is_read_wherever_it_stands_in_a_repository() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n").write("prompts/.hidden/x", "").write("README.md", "");
    repository.write("teams/büro eins/prompts/tone/v1.0.0/system_prompt.txt", "Kind.\n");
    repository.write("tone/v1.0.0/system_prompt.txt", "At the top.\n");
    let commit = repository.commit("Ana", "Begin");
    repository.write(TEXT, "Not committed.\n");

    let list = |git: &Git, revision: &str| -> Vec<String> {
        let commit = git.commit(revision).unwrap();
        git.list(commit, revision, &[]).unwrap().into_iter().map(|(path, _)| path).collect()
    };
    assert_eq!(
        list(&repository.tree(), "HEAD"),
        [".hidden/x", "greeting/v1.0.0/system_prompt.txt"]
    );
    let other = find(&repository.path("teams/büro eins/prompts"));
    assert_eq!(list(&other, "main"), ["tone/v1.0.0/system_prompt.txt"]);
    // The top itself, a folder that is not there, and dots on the way.
    assert!(list(&find(repository.folder.path()), "HEAD").contains(&TEXT.to_owned()));
    let dotted = repository.path("teams/../prompts/./");
    assert_eq!(list(&find(&dotted), "HEAD").len(), 2);
    let missing = find(&repository.path("nowhere/prompts"));
    let head = missing.commit("HEAD").unwrap();
    assert!(
        matches!(missing.list(head, "HEAD", &[]), Err(GitError::NoFolder { folder, .. }) if folder == "nowhere/prompts")
    );

    // Another working tree, a detached head, a bare clone, a tag.
    repository.git(&["tag", "first"]);
    repository.git(&["worktree", "add", "--quiet", "--detach", "../worktree-of-it"]);
    let worktree = repository.folder.path().parent().unwrap().join("worktree-of-it");
    let detached = find(&worktree.join("prompts"));
    assert_eq!(list(&detached, "HEAD").len(), 2);
    std::fs::remove_dir_all(&worktree).unwrap();
    let bare = tempfile::tempdir().unwrap();
    repository.git(&["clone", "--quiet", "--bare", ".", bare.path().to_str().unwrap()]);
    assert_eq!(list(&find(&bare.path().join("prompts")), "first").len(), 2);

    // What is read is the commit's.
    let at = AtCommit::read(&repository.tree(), &commit[..8]);
    assert_eq!(at.contents["greeting/v1.0.0/system_prompt.txt"], b"Hello.\n");
    assert_eq!(
        told(&at),
        [
            "catalog: greeting created 1.0.0 by ana@example.com",
            "dev: greeting promoted 1.0.0 by ana@example.com"
        ]
    );
    for unknown in ["nope", "--all", "", "HEAD:prompts", "HEAD^{tree}"] {
        let error = repository.tree().commit(unknown).unwrap_err();
        assert!(matches!(error, GitError::UnknownRevision { .. }), "{unknown}: {error}");
    }
    let outside = tempfile::tempdir().unwrap();
    assert!(Git::find(&outside.path().join("prompts")).unwrap().is_none());
}

#[test]
fn a_repository_runs_nothing_and_replaces_nothing() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.write(".gitattributes", "* filter=evil diff=evil\n");
    let real = repository.commit("Ana", "Begin");
    repository.write(TEXT, "Forged.\n");
    let forged = repository.commit("Mallory", "Forge");
    repository.git(&["update-ref", &format!("refs/replace/{real}"), &forged]);
    repository.git(&["reset", "--quiet", "--hard", &real]);
    let marker = repository.path("marker");
    let script = repository.path("run.sh");
    std::fs::write(&script, format!("#!/bin/sh\ntouch '{}'\ncat\n", marker.display())).unwrap();
    std::fs::create_dir_all(repository.path("hooks")).unwrap();
    for hook in ["post-checkout", "reference-transaction", "post-index-change", "pre-commit"] {
        std::fs::copy(&script, repository.path(&format!("hooks/{hook}"))).unwrap();
    }
    repository.git(&["config", "include.path", "../evil"]);
    let run = script.to_str().unwrap();
    let hooks = repository.path("hooks");
    let config = format!(
        "[core]\n fsmonitor = {run}\n hooksPath = {hooks}\n pager = {run}\n editor = {run}\n sshCommand = {run}\n alternateRefsCommand = {run}\n askPass = {run}\n\
         [diff]\n external = {run}\n renames = copies\n relative = true\n noprefix = true\n orderFile = {run}\n\
         [diff \"evil\"]\n command = {run}\n textconv = {run}\n\
         [filter \"evil\"]\n clean = {run}\n smudge = {run}\n process = {run}\n required = true\n\
         [pager]\n log = {run}\n diff-tree = {run}\n\
         [alias]\n rev-list = !{run}\n diff-tree = !{run}\n log = !{run}\n\
         [log]\n showSignature = true\n date = raw\n follow = true\n showRoot = false\n decorate = full\n diffMerges = off\n mailmap = false\n\
         [format]\n pretty = {run}\n notes = true\n [gpg]\n program = {run}\n\
         [mailmap]\n file = {run}\n [credential]\n helper = !{run}\n\
         [color]\n ui = always\n [i18n]\n logOutputEncoding = UTF-16\n",
        hooks = hooks.display(),
    );
    std::fs::write(repository.path("evil"), config).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for path in walk(&[script.clone(), hooks]) {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    // The trap works: a command that people type would run it.
    let status = std::process::Command::new("git")
        .args(["status"])
        .current_dir(repository.folder.path())
        .output();
    assert!(status.is_ok() && marker.exists());
    std::fs::remove_file(&marker).unwrap();

    let git = repository.tree();
    assert_eq!(git.head().unwrap().unwrap().to_string(), real);
    assert!(!git.is_shallow().unwrap());
    let at = AtCommit::read(&git, "HEAD");
    assert_eq!(at.contents["greeting/v1.0.0/system_prompt.txt"], b"Hello.\n");
    assert_eq!(told(&at)[0], "catalog: greeting created 1.0.0 by ana@example.com");
    let merged = repository.tree();
    drop(ObjectReader::open(&merged).unwrap());
    assert!(!marker.exists(), "something of the repository was run");
}

/// The files below folders.
fn walk(pending: &[std::path::PathBuf]) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut pending = pending.to_vec();
    while let Some(path) = pending.pop() {
        match std::fs::read_dir(&path) {
            Ok(entries) => pending.extend(entries.map(|entry| entry.unwrap().path())),
            Err(_) => files.push(path),
        }
    }
    files
}

#[test]
fn what_is_not_a_file_is_not_read_as_one() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin");
    let blob = repository.git(&["rev-parse", &format!("HEAD:{TEXT}")]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    for (mode, object, path) in [
        ("120000", &blob, "prompts/greeting/v1.0.0/link.txt"),
        ("160000", &head, "prompts/module"),
        ("100755", &blob, "prompts/greeting/v1.1.0/system_prompt.txt"),
    ] {
        let entry = format!("{mode},{object},{path}");
        repository.git(&["update-index", "--add", "--cacheinfo", &entry]);
    }
    repository.git(&["commit", "--quiet", "--message", "Links"]);
    let git = repository.tree();
    let listing = git.list(git.commit("HEAD").unwrap(), "HEAD", &[]).unwrap();
    let kinds: Vec<String> = listing
        .iter()
        .map(|(path, file)| {
            format!("{path} {}", if file.size.is_some() { "file" } else { "other" })
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "greeting/v1.0.0/link.txt other",
            "greeting/v1.0.0/system_prompt.txt file",
            "greeting/v1.1.0/system_prompt.txt file",
            "module other",
        ]
    );
}

#[test]
fn a_shallow_clone_says_what_it_does_not_know() {
    let repository = Repository::with_promotion();
    let clone = |depth: &str| repository.shallow_clone(depth);
    let hidden = |at: &AtCommit| {
        let all = at.history.missing_commits.values().flatten();
        all.map(ToString::to_string).collect::<Vec<_>>()
    };
    let last = clone("1");
    let at = AtCommit::read(&find(&last.path().join("prompts")), "HEAD");
    assert_eq!((hidden(&at), told(&at).len()), (vec!["1.0.0".to_owned(), "1.1.0".to_owned()], 0));
    let two = clone("2");
    let at = AtCommit::read(&find(&two.path().join("prompts")), "HEAD");
    assert_eq!(hidden(&at), ["1.0.0", "1.1.0"]);
    assert_eq!(told(&at), ["production: greeting promoted 1.1.0 by chiyo@example.com"]);
    let all = clone("3");
    let at = AtCommit::read(&find(&all.path().join("prompts")), "HEAD");
    assert_eq!((hidden(&at), told(&at).len()), (Vec::new(), 6));
}

#[test]
fn nothing_is_fetched_for_a_partial_clone() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin");
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let folder = tempfile::tempdir().unwrap();
    let from = format!("file://{}", repository.folder.path().display());
    let to = folder.path().to_str().unwrap();
    repository.git(&["clone", "--quiet", "--no-checkout", "--filter=blob:none", &from, to]);
    let git = find(&folder.path().join("prompts"));
    let commit = git.commit("HEAD").unwrap();
    let oid = repository.git(&["rev-parse", &format!("HEAD:{TEXT}")]);
    let oid = promptdex_history::Oid::parse(&oid).unwrap();
    let error = ObjectReader::open(&git).unwrap().read(&[oid]).unwrap_err();
    assert!(matches!(error, GitError::MissingObject(missing) if missing == oid), "{error}");
    assert!(git.list(commit, "HEAD", &[]).is_err());
}

#[test]
fn people_are_those_of_the_mailmap_of_the_commit() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin\n\nReviewed-by: Ben <ben@example.com>\nCo-authored-by: nobody");
    repository.write(
        ".mailmap",
        "Ana Lima <ana.lima@example.com> <ana@example.com>\nB <b@example.com> <ben@example.com>\n",
    );
    repository.commit("Ben", "Say who is who");
    repository.write(".mailmap", "");
    let events = |people: &str| {
        repository.write("prompts/registry.yaml", &format!("people: {people}\n"));
        repository
            .write(".mailmap", &std::fs::read_to_string(repository.path(".mailmap")).unwrap());
        repository.commit("Chiyo", "Settings");
        let at = AtCommit::read(&repository.tree(), "HEAD");
        let change =
            &at.history.prompts.values().next().unwrap().events.values().next().unwrap()[0];
        (change.by.clone(), change.reviewed_by.clone(), change.co_authored_by.clone())
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        events("email"),
        (Some("ana@example.com".to_owned()), texts(&["ben@example.com"]), texts(&["nobody"]))
    );
    repository.git(&["checkout", "--quiet", "HEAD~1", "--", ".mailmap"]);
    let email =
        (Some("ana.lima@example.com".to_owned()), texts(&["b@example.com"]), texts(&["nobody"]));
    assert_eq!(events("email"), email);
    assert_eq!(events("name"), (Some("Ana Lima".to_owned()), texts(&["B"]), texts(&["nobody"])));
    assert_eq!(events("none"), (None, texts(&[]), texts(&[])));
}

#[test]
fn a_branch_that_a_shallow_clone_has_in_part_names_nobody() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin");
    repository.git(&["checkout", "--quiet", "-b", "work"]);
    repository.write("prompts/greeting/v1.1.0/system_prompt.txt", "Hi.\n");
    repository.commit("Ben", "Add a version");
    for number in 0..3 {
        repository.write("README.md", &format!("{number}"));
        repository.commit("Chiyo", "Something else");
    }
    repository.git(&["checkout", "--quiet", "main"]);
    for number in 0..4 {
        repository.write("CHANGELOG.md", &format!("{number}"));
        repository.commit("Dana", "Something else");
    }
    repository.merge("work", "Eve", "Merge the work");
    let folder = repository.shallow_clone("3");
    let at = AtCommit::read(&find(&folder.path().join("prompts")), "HEAD");
    let hidden: Vec<String> =
        at.history.missing_commits.values().flatten().map(ToString::to_string).collect();
    assert_eq!(hidden, ["1.0.0", "1.1.0"]);
    // Who merged it is not who did it.
    assert!(told(&at).iter().all(|event| event.ends_with("by ")), "{:?}", told(&at));
}

#[test]
fn commits_that_other_tools_made_are_read() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin");
    let tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
    let mut parent = repository.git(&["rev-parse", "HEAD"]);
    for (number, date) in ["", "-1 +0000", "99999999999999999999 +0000", "x"].iter().enumerate() {
        let version = format!("prompts/greeting/v1.{number}.1/system_prompt.txt");
        repository.write(&version, "Hi.\n");
        repository.git(&["add", "--all"]);
        let tree = repository.git(&["write-tree"]);
        let commit = format!(
            "tree {tree}\nparent {parent}\nauthor B\u{f6} <b@example.com> {date}\ncommitter <> {date}\n\n"
        );
        let file = repository.path("commit");
        std::fs::write(&file, commit).unwrap();
        let path = file.to_str().unwrap();
        parent = repository.git(&["hash-object", "--literally", "-w", "-t", "commit", path]);
        std::fs::remove_file(file).unwrap();
    }
    assert_ne!(tree, parent);
    repository.git(&["reset", "--quiet", "--soft", &parent]);
    let at = AtCommit::read(&repository.tree(), "HEAD");
    let created = told(&at).into_iter().filter(|event| event.contains("created"));
    assert_eq!(
        created.collect::<Vec<_>>(),
        [
            "catalog: greeting created 1.0.0 by ana@example.com",
            "catalog: greeting created 1.0.1 by b@example.com",
            "catalog: greeting created 1.1.1 by b@example.com",
            "catalog: greeting created 1.2.1 by b@example.com",
            "catalog: greeting created 1.3.1 by b@example.com",
        ]
    );
}

#[test]
fn what_git_cannot_say_is_not_taken_for_nothing() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin");
    let git = repository.tree();
    let objects = repository.path(".git/objects");
    std::fs::rename(&objects, repository.path(".git/elsewhere")).unwrap();
    std::fs::create_dir(&objects).unwrap();
    assert!(git.head().is_err());
    let lost = tempfile::tempdir().unwrap();
    std::fs::write(lost.path().join(".git"), "gitdir: /nowhere\n").unwrap();
    assert!(Git::find(&lost.path().join("prompts")).is_err());
}

#[test]
fn a_way_through_a_repository_and_out_of_it_leads_to_none() {
    let repository = Repository::new();
    let outside = tempfile::tempdir().unwrap();
    let up = "../".repeat(repository.folder.path().components().count());
    let way = format!("{up}{}", outside.path().strip_prefix("/").unwrap().display());
    assert!(Git::find(&repository.path(&way)).unwrap().is_none());
}

#[test]
fn a_submodule_where_a_file_was_expected_has_no_content() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    let head = repository.commit("Ana", "Begin");
    let entry = format!("160000,{head},prompts/greeting/prompt.yaml");
    repository.git(&["update-index", "--add", "--cacheinfo", &entry]);
    repository.git(&["commit", "--quiet", "--message", "A module"]);
    repository.git(&["rm", "--quiet", "--cached", "prompts/greeting/prompt.yaml"]);
    repository.write("prompts/greeting/prompt.yaml", "deprecated: {1.0.0: old}\n");
    repository.commit("Ben", "A file");
    let at = AtCommit::read(&repository.tree(), "HEAD");
    assert_eq!(told(&at)[1], "catalog: greeting deprecated 1.0.0 by ben@example.com");
}

#[test]
fn a_commit_has_a_tree_or_not() {
    let repository = Repository::new();
    repository.write(TEXT, "Hello.\n");
    repository.commit("Ana", "Begin");
    let git = repository.tree();
    let commit = git.commit("HEAD").unwrap();
    let has = |root: &str| git.with_root(root.to_owned()).has_root(commit).unwrap();
    assert_eq!([has("prompts"), has(""), has("other"), has(TEXT)], [true, true, false, false]);
    let changed = |files: &[&str]| git.has_changed(commit, files).unwrap();
    let below = TEXT.strip_prefix("prompts/").unwrap();
    assert_eq!([changed(&[]), changed(&[below]), changed(&["policy.yaml"])], [true, true, false]);
}
