//! Two branches that give the same number: the second one is refused where it is proposed.

use super::{commit, document, git, repository, version};
use crate::session::Session;

const NOTES: &str = "prompts/notes.md";

/// A prompt in place and one in folders, and two branches with the same new numbers.
fn branches() -> Session {
    let mut session = repository();
    document(&mut session, NOTES, "1.0.0", "One.\n\nTwo.\n\nThree.\n\nFour.");
    version(&mut session, "tone", "1.0.0", "Be kind.\n");
    commit(&session, "Ana", 5, "Begin");
    let folder = session.folder.path().to_owned();
    let texts = [
        ("first", "New one.\n\nTwo.\n\nThree.\n\nFour."),
        ("second", "One.\n\nTwo.\n\nThree.\n\nNew four."),
    ];
    for (branch, text) in texts {
        git(&folder, "Ben", 6, &["checkout", "--quiet", "-b", branch, "main"]);
        document(&mut session, NOTES, "1.1.0", text);
        session.write(
            &format!(
                "prompts/tone/v1.1.0/system_prompt.{}",
                if branch == "first" { "txt" } else { "md" }
            ),
            "Be kinder.\n",
        );
        commit(&session, "Ben", 6, branch);
    }
    git(&folder, "Ben", 7, &["checkout", "--quiet", "main"]);
    git(
        &folder,
        "Ben",
        7,
        &["merge", "--quiet", "--no-ff", "--message", "Merge the first", "first"],
    );
    session
}

#[test]
fn a_number_that_another_branch_took_is_refused() {
    let mut session = branches();
    let folder = session.folder.path().to_owned();
    session.transcript.push_str("# The second branch, on its own\n");
    session
        .run("check --base main --rev second --format short")
        .run("check --base main --rev first --format short");
    git(&folder, "Ben", 8, &["checkout", "--quiet", "second"]);
    session.run("check --base main");
    session.transcript.push_str("# As a host merges it for the check\n");
    git(&folder, "Ben", 8, &["checkout", "--quiet", "--detach", "main"]);
    git(
        &folder,
        "Ben",
        8,
        &["merge", "--quiet", "--no-ff", "--message", "Merge the second", "second"],
    );
    session.run("check --base main --format short");
    session.transcript.push_str("# With main taken in\n");
    git(&folder, "Ben", 8, &["checkout", "--quiet", "second"]);
    git(&folder, "Ben", 8, &["merge", "--quiet", "--no-ff", "--message", "Take main in", "main"]);
    session.run("check --base main --format short");
    session.transcript.push_str("# With numbers that are free\n");
    session.edit(NOTES, "version: 1.1.0", "version: 1.2.0");
    git(&folder, "Ben", 9, &["mv", "prompts/tone/v1.1.0/system_prompt.md", "prompts/tone/"]);
    std::fs::create_dir_all(folder.join("prompts/tone/v1.2.0")).unwrap();
    git(&folder, "Ben", 9, &["mv", "prompts/tone/system_prompt.md", "prompts/tone/v1.2.0/"]);
    commit(&session, "Ben", 9, "Take numbers that are free");
    session.run("check --base main");
    git(&folder, "Ben", 9, &["checkout", "--quiet", "main"]);
    git(
        &folder,
        "Ben",
        9,
        &["merge", "--quiet", "--no-ff", "--message", "Merge the second", "second"],
    );
    session.run("check").run("diff notes");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_draft_of_a_number_that_is_there_is_no_taken_number() {
    let mut session = repository();
    document(&mut session, NOTES, "1.0.0", "One.");
    commit(&session, "Ana", 5, "Begin");
    let folder = session.folder.path().to_owned();
    git(&folder, "Ben", 6, &["checkout", "--quiet", "-b", "draft"]);
    session.edit(NOTES, "One.", "Another one.");
    session.run("check --base main --format short");
    commit(&session, "Ben", 6, "A draft");
    session.run("check --base main --format short");
    // The very same version on both branches is no conflict.
    git(&folder, "Ben", 7, &["checkout", "--quiet", "main"]);
    document(&mut session, NOTES, "1.1.0", "Two.");
    commit(&session, "Ben", 7, "Two");
    git(&folder, "Ben", 8, &["checkout", "--quiet", "-b", "same", "main~1"]);
    document(&mut session, NOTES, "1.1.0", "Two.");
    commit(&session, "Ben", 8, "Two again");
    session.run("check --base main --format short");
    insta::assert_snapshot!(session.transcript);
}
