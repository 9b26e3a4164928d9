//! Trees and prompts in place that move to another folder keep what they had.

use super::{commit, document, git, point, repository, version};

#[test]
fn a_tree_that_moves_keeps_its_versions_and_its_history() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    document(&mut session, "prompts/notes.md", "1.0.0", "One.");
    point(&mut session, "notes", "1.0.0");
    version(&mut session, "tone", "1.0.0", "Be kind.\n");
    session.write("prompts/closing/prompt.yaml", "version: 1.0.0\n");
    session.write("prompts/closing/system_prompt.txt", "Say goodbye.\n");
    commit(&session, "Ana", 5, "First");
    document(&mut session, "prompts/notes.md", "1.1.0", "Two.");
    session.write("prompts/closing/prompt.yaml", "version: 1.1.0\n");
    session.write("prompts/closing/system_prompt.txt", "Say farewell.\n");
    commit(&session, "Ben", 6, "Second");
    session.run("build --no-site --quiet");
    std::fs::create_dir(folder.join("llm")).unwrap();
    git(&folder, "Chiyo", 7, &["mv", "prompts", "llm/prompts"]);
    commit(&session, "Chiyo", 7, "Into a folder of the monorepo");
    session
        .run("check --root llm/prompts --previous dist")
        .run("log --root llm/prompts")
        .run("build --no-site --root llm/prompts --previous dist");
    // Once more, with a change in the same commit.
    git(&folder, "Dana", 8, &["mv", "llm", "ai"]);
    let path = "ai/prompts/notes/environments/production.yaml";
    session.write(path, "version: 1.1.0\n");
    commit(&session, "Dana", 8, "Another name, and a promotion");
    session
        .run("check --root ai/prompts --previous dist")
        .run("log --root ai/prompts --env production")
        .run("build --no-site --root ai/prompts --quiet --previous dist")
        .run("rollback notes --root ai/prompts --in production --reason worse --dry-run");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_tree_that_moves_to_the_top_of_its_repository_keeps_its_history() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    session.write("prompts/registry.yaml", "registry: acme\n");
    document(&mut session, "prompts/notes.md", "1.0.0", "One.");
    version(&mut session, "tone", "1.0.0", "Be kind.\n");
    point(&mut session, "tone", "1.0.0");
    commit(&session, "Ana", 5, "First");
    version(&mut session, "tone", "1.1.0", "Be kinder.\n");
    commit(&session, "Ben", 6, "Second");
    session.run("build --no-site --quiet --output out/dist");
    for name in ["registry.yaml", "notes.md", "tone"] {
        git(&folder, "Chiyo", 7, &["mv", &format!("prompts/{name}"), name]);
    }
    session.write(".gitignore", "out/\n");
    commit(&session, "Chiyo", 7, "To the top, alone in the repository");
    session.run("log --root .");
    session.write("tone/environments/production.yaml", "version: 1.1.0\n");
    commit(&session, "Dana", 8, "Promote");
    session
        .run("log --root . --env production")
        .run("log --root . tone")
        .run("log --root . --as-of 2026-01-07 --env production");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_prompt_in_place_that_moves_keeps_its_versions() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    document(
        &mut session,
        "prompts/notes.md",
        "1.0.0",
        "One.\n\nMuch more that stays.\n\nAnd more.",
    );
    commit(&session, "Ana", 5, "First");
    document(
        &mut session,
        "prompts/notes.md",
        "1.1.0",
        "Two.\n\nMuch more that stays.\n\nAnd more.",
    );
    commit(&session, "Ben", 6, "Second");
    std::fs::create_dir(folder.join("prompts/support")).unwrap();
    git(&folder, "Chiyo", 7, &["mv", "prompts/notes.md", "prompts/support/notes.md"]);
    // A new number comes with the move.
    document(
        &mut session,
        "prompts/support/notes.md",
        "1.2.0",
        "Three.\n\nMuch more that stays.\n\nAnd more.",
    );
    point(&mut session, "support/notes", "1.0.0");
    commit(&session, "Chiyo", 7, "Into a folder");
    session
        .run("check")
        .run("render support/notes@1.0.0")
        .run("render support/notes@1.1.0")
        .run("log")
        .run("log --as-of 2026-01-06");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_number_keeps_its_text_when_a_file_moves_away_and_back() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    document(&mut session, "prompts/a.md", "1.0.0", "One.\n\nThe same.\n\nThe same.");
    commit(&session, "Ana", 5, "First");
    git(&folder, "Ben", 6, &["mv", "prompts/a.md", "prompts/b.md"]);
    commit(&session, "Ben", 6, "Away");
    document(&mut session, "prompts/b.md", "1.1.0", "Two.\n\nThe same.\n\nThe same.");
    commit(&session, "Ben", 7, "Second");
    document(&mut session, "prompts/b.md", "1.1.0", "A draft.\n\nThe same.\n\nThe same.");
    commit(&session, "Ben", 8, "A draft");
    git(&folder, "Ben", 9, &["mv", "prompts/b.md", "prompts/a.md"]);
    commit(&session, "Ben", 9, "Back");
    session.run("check").run("render a@1.0.0").run("render a@1.1.0").run("log");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_file_that_is_moved_and_rewritten_at_once_is_a_new_prompt() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    document(&mut session, "prompts/notes.md", "1.0.0", "One.");
    commit(&session, "Ana", 5, "First");
    git(&folder, "Ben", 6, &["mv", "prompts/notes.md", "prompts/minutes.md"]);
    document(&mut session, "prompts/minutes.md", "1.1.0", "Everything is different now.");
    point(&mut session, "minutes", "1.0.0");
    commit(&session, "Ben", 6, "Move and rewrite");
    session.run("check");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_tree_that_moves_away_and_back_was_served_all_the_time() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    document(&mut session, "prompts/notes.md", "1.0.0", "One.");
    point(&mut session, "notes", "1.0.0");
    version(&mut session, "tone", "1.0.0", "Be kind.\n");
    point(&mut session, "tone", "1.0.0");
    commit(&session, "Ana", 5, "First");
    session.run("build --no-site --quiet");
    git(&folder, "Chiyo", 7, &["mv", "prompts", "llm"]);
    commit(&session, "Chiyo", 7, "Into another folder");
    session.write("llm/tone/v1.1.0/system_prompt.txt", "Be very kind.\n");
    commit(&session, "Dana", 8, "More of it");
    git(&folder, "Chiyo", 9, &["mv", "llm", "prompts"]);
    commit(&session, "Chiyo", 9, "And back");
    version(&mut session, "tone", "1.2.0", "Be kind to everybody.\n");
    commit(&session, "Ana", 10, "Even more");
    session
        .run("log")
        .run("log tone --as-of 2026-01-07")
        .run("log notes --as-of 2026-01-10")
        .run("build --no-site --previous dist");
    insta::assert_snapshot!(session.transcript);
    // From the release of the first commit on, nothing was retired either.
    let history = std::fs::read_to_string(folder.join("dist/api/prompts/tone/history.json"));
    assert!(!history.unwrap().contains("retired"));
}
