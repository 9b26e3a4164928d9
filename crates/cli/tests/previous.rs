//! Tests builds that continue a published registry: in place, in a different folder, with and
//! without the build cache, and the cases that they refuse.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

/// A folder with a tree and registries.
struct Team(tempfile::TempDir);

impl Team {
    fn new(files: &[(&str, &str)]) -> Self {
        let team = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            team.write(path, text);
        }
        team
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file of the tree.
    fn write(&self, path: &str, text: &str) {
        let path = self.path("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs a command, and returns its exit code and output.
    fn run(&self, line: &str) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(line.split(' '))
            .current_dir(self.0.path())
            .env_clear()
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    }

    /// Runs a command that must succeed, and returns its output.
    fn ok(&self, line: &str) -> String {
        let (code, text) = self.run(line);
        assert_eq!(code, 0, "promptdex {line}\n{text}");
        text
    }

    /// Reverts the last edit of the tree.
    fn restore(&self, files: &BTreeMap<String, Vec<u8>>) {
        for path in self.files("prompts").keys().filter(|path| !path.starts_with(".promptdex/")) {
            if !files.contains_key(path) {
                fs::remove_file(self.path("prompts").join(path)).unwrap();
            }
        }
        for (path, bytes) in files.iter().filter(|(path, _)| !path.starts_with(".promptdex/")) {
            self.write(path, std::str::from_utf8(bytes).unwrap());
        }
    }

    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        files(&self.path(folder))
    }
}

/// Returns all files in a folder, by relative path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

const TREE: [(&str, &str); 5] = [
    ("greeting/v1.0.0/system_prompt.txt", "Hello.\n"),
    ("greeting/environments/production.yaml", "version: 1.0.0\n"),
    ("greeting/cases/1.0.0.yaml", "- name: plain\n"),
    ("tone/v1.0.0/system_prompt.txt", "Be calm.\n"),
    ("refund/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %}\n"),
];

#[test]
fn in_place_and_in_another_folder_come_to_the_same() {
    let team = Team::new(&TREE);
    team.ok("build --output one");
    assert_eq!(
        team.ok("build --previous one --output one"),
        "Built prompts to one: 3 prompts, 3 versions\n\
         Released nothing: no environment changed\n\
         hint: run `promptdex serve one` and open http://127.0.0.1:8017/\n"
    );
    team.write("greeting/v1.1.0/system_prompt.txt", "Hello!\n");
    team.write("greeting/environments/production.yaml", "version: 1.1.0\n");
    fs::remove_file(team.path("prompts/greeting/cases/1.0.0.yaml")).unwrap();
    team.ok("build --previous one --output two");
    let printed = team.ok("build --previous one --output one");
    assert!(printed.contains("Released catalog 2, dev 2, production 2\n"), "{printed}");
    let (one, two) = (team.files("one"), team.files("two"));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    assert!(one == two);
    assert!(!one.contains_key("api/prompts/greeting/cases/1.0.0.json"));
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
    let output = Command::new("python3").arg(&reader).arg(team.path("one")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn releases_say_when_and_by_whom_they_were_published() {
    let team = Team::new(&TREE);
    let publication = |path: &str| {
        let text = fs::read_to_string(team.path("dist/api/environments").join(path)).unwrap();
        let release: serde_json::Value = serde_json::from_str(&text).unwrap();
        format!("{} {}", release["time"], release["actor"]).replace('"', "")
    };
    team.ok("build --published-at 2026-03-01T13:00:00+01:00 --published-by @ana --run https://ci.example/1");
    let first = "2026-03-01T12:00:00Z {by:@ana,run:https://ci.example/1}";
    assert_eq!(publication("production.json"), first);
    assert_eq!(publication("catalog.json"), first);
    // A publication that changes nothing leaves no trace.
    team.ok("build --previous dist --published-at 2026-03-02 --published-by @ben");
    assert_eq!(publication("production.json"), first);

    // The clock of another machine is behind: time does not go back, for no environment.
    team.write("greeting/v1.1.0/system_prompt.txt", "Hello!\n");
    team.ok("build --previous dist --published-at 2026-03-03 --published-by @ben");
    team.write("greeting/environments/production.yaml", "version: 1.1.0\n");
    let printed = team.ok("build --previous dist --published-at 2026-03-02T23:59:59Z");
    assert!(
        printed.contains("Released production 2\nhint: new releases have the time of the newest release, 2026-03-03T00:00:00Z, "),
        "{printed}"
    );
    assert_eq!(publication("production.json"), "2026-03-03T00:00:00Z null");
    assert_eq!(publication("dev.json"), "2026-03-03T00:00:00Z {by:@ben}");

    // Who is not published of authors is not published of publishers.
    team.write("registry.yaml", "people: none\n");
    team.write("greeting/v1.2.0/system_prompt.txt", "Hi!\n");
    team.ok("build --previous dist --published-by @ben");
    assert_eq!(publication("dev.json"), "null null");

    for (line, problem) in [
        ("--published-at 2206-03-01", "`--published-at 2206-03-01T00:00:00Z` is in the future"),
        ("--published-at 7d", "`7d` is not a time"),
        ("--run javascript:alert(1)", "`javascript:alert(1)` is not the URL of a CI run"),
        ("--published-by \u{202e}ana", "`\\u{202e}ana` is not a publisher"),
    ] {
        let (code, printed) = team.run(&format!("build --previous dist {line}"));
        assert_eq!(code, 2);
        assert!(printed.contains(problem), "{printed}");
    }
}

#[test]
fn old_releases_are_packed() {
    let team = Team::new(&[
        ("a/v1.0.0/system_prompt.txt", "Hello.\n"),
        ("a/v1.1.0/system_prompt.txt", "Hello!\n"),
    ]);
    let served = ["version: 1.0.0\n", "version: 1.1.0\n"];
    team.write("a/environments/production.yaml", served[0]);
    team.ok("build --no-site");
    // Without two hundred releases there is nothing to pack.
    assert!(!team.ok("build --no-site --previous dist --pack").contains("Packed"));
    for number in 1..200 {
        team.write("a/environments/production.yaml", served[number % 2]);
        // A rollout makes each release another one.
        let share = number as f64 / 100.0;
        let rollout = format!(
            "rollout: {{arms: [{{key: a, version: 1.0.0, weight: {:.2}}}, {{key: b, version: 1.1.0, weight: {share:.2}}}]}}\n",
            100.0 - share
        );
        team.write("a/environments/staging.yaml", &rollout);
        team.ok("build --no-site --previous dist");
    }
    let read = || {
        let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
        let output = Command::new("python3").arg(&reader).arg(team.path("dist")).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(read(), (true, String::new()));
    // In place and into another folder, it comes to the same.
    team.ok("build --no-site --previous dist --pack --output next");
    let printed = team.ok("build --no-site --previous dist --pack");
    assert!(printed.contains("Packed production 1 to 100, staging 1 to 100\n"), "{printed}");
    let (packed, next) = (team.files("dist"), team.files("next"));
    assert_eq!(packed.keys().collect::<Vec<_>>(), next.keys().collect::<Vec<_>>());
    assert!(packed == next);
    let releases = |chain: &str| {
        let folder = format!("api/environments/{chain}/releases/");
        packed.keys().filter(|path| path.starts_with(&folder)).count()
    };
    assert_eq!((releases("production"), releases("staging"), releases("catalog")), (101, 101, 1));
    assert_eq!(read(), (true, String::new()));

    // A registry with packs goes on, is copied, and is not replaced by what does not continue it.
    team.write("a/v1.2.0/system_prompt.txt", "Hi!\n");
    team.ok("build --no-site --previous dist --output next");
    team.ok("build --no-site --previous dist");
    assert!(team.files("dist") == team.files("next"));
    assert_eq!(read(), (true, String::new()));
    let rollback = |environment: &str, release: u64| {
        let to = format!("--in {environment} --to {release}");
        team.run(&format!("rollback {to} --previous dist --reason test"))
    };
    // The two snapshots of production are in use, so that what release 2 served is known for ever.
    let (code, printed) = rollback("production", 2);
    assert_eq!(code, 0, "{printed}");
    let (code, printed) = rollback("production", 300);
    assert!(code == 2 && printed.contains("production has no release 300"), "{printed}");
    let (code, printed) = rollback("staging", 50);
    let problem = "the snapshot of the packed release 50 of staging was removed";
    assert!(code == 2 && printed.contains(problem), "{printed}");

    // Whatever is wrong with a pack is told by who follows it, with the name of the file.
    let folder = "api/environments/production/releases";
    let whole = team.files("dist");
    let pack = String::from_utf8(whole[&format!("{folder}/1-100.json")].clone()).unwrap();
    let staging = whole["api/environments/staging/releases/1-100.json"].clone();
    let staging = String::from_utf8(staging).unwrap();
    let short = pack.rsplit_once(",\"{").unwrap().0.to_owned() + "]}";
    for (text, told, second) in [
        (
            pack.replacen("1.0.0", "1.0.1", 1),
            "1-100.json` has a different release 1 than",
            "1-100.json has another release 1",
        ),
        (pack[..9_999].to_owned(), "1-100.json` cannot be read: not a", "1-100.json is cut short"),
        (short, "1-100.json` has 99 releases, not 100", "1-100.json has 99 releases, not 100"),
        (
            staging,
            "1-100.json` has a different release 100 than",
            "1-100.json has another release 100",
        ),
        (String::new(), "100.json` is missing, and so is its pack `", "1-100.json is missing"),
    ] {
        let file = team.path("dist").join(folder).join("1-100.json");
        // A pack of other releases is not looked for: packs do not overlap.
        fs::rename(&file, file.with_file_name("51-150.json")).unwrap();
        if !text.is_empty() {
            fs::write(&file, text).unwrap();
        }
        let (code, printed) = team.run("build --no-site --previous dist --output other");
        assert_eq!(code, 2, "{printed}");
        assert!(printed.starts_with(&format!("error: `{folder}/{told}")), "{printed}");
        assert!(
            printed.contains("\nhelp: restore the registry from its published copy"),
            "{printed}"
        );
        let (is_good, problem) = read();
        assert!(!is_good && problem.contains(&format!("{folder}/{second}")), "{problem}");
        fs::rename(file.with_file_name("51-150.json"), &file).unwrap();
    }

    let (code, printed) = team.run("build --pack");
    assert_eq!(code, 2);
    assert!(printed.contains("--previous <DIR>"), "{printed}");
}

#[cfg(unix)]
#[test]
fn long_lists_grow_by_what_is_new_with_and_without_a_cache() {
    use std::os::unix::fs::MetadataExt as _;

    let team = Team::new(&TREE);
    let add = |minors: std::ops::Range<usize>| {
        for minor in minors {
            let path = format!("long/v1.{minor}.0/system_prompt.txt");
            team.write(&path, &format!("Text {minor}.\n"));
        }
    };
    let snapshots = || -> BTreeMap<String, u64> {
        let paths = team.files("dist/api/snapshots").into_keys();
        let inode = |path: &String| fs::metadata(team.path("dist/api/snapshots").join(path));
        paths.map(|path| (path.clone(), inode(&path).unwrap().ino())).collect()
    };
    add(0..499);
    team.ok("build --no-site");
    for (minors, pages) in [(499..500, 1), (500..501, 1), (501..502, 0), (502..1_002, 2)] {
        let (from, before) = (minors.start, snapshots());
        add(minors);
        team.ok("build --no-site --previous dist --no-cache --output other");
        // The first of these builds has no cache yet.
        team.ok("build --no-site --previous dist");
        assert!(team.files("dist") == team.files("other"), "{from}");
        let after = snapshots();
        // What is there stays as it is.
        assert!(before.iter().all(|(path, inode)| after.get(path) == Some(inode)), "{from}");
        let is_page = |path: &&String| {
            let text = fs::read_to_string(team.path("dist/api/snapshots").join(path)).unwrap();
            [r#"{"format":1,"kind":"versions","#, r#"{"format":1,"kind":"history","#]
                .iter()
                .any(|start| text.starts_with(start))
        };
        let new = after.keys().filter(|path| !before.contains_key(*path));
        assert_eq!(new.filter(is_page).count(), pages, "{from}");
    }
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
    let output = Command::new("python3").arg(&reader).arg(team.path("dist")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // A page that is another one is noticed.
    let is_page = |path: &&String| {
        let text = fs::read_to_string(team.path("dist/api/snapshots").join(path)).unwrap();
        text.starts_with(r#"{"format":1,"kind":"history","#)
    };
    let page = snapshots().into_keys().find(|path| is_page(&path)).unwrap();
    let page = team.path("dist/api/snapshots").join(page);
    let text = fs::read_to_string(&page).unwrap().replacen("created", "yanked", 1);
    fs::write(&page, text).unwrap();
    let output = Command::new("python3").arg(&reader).arg(team.path("dist")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("violation"));
}

#[cfg(unix)]
#[test]
fn what_did_not_change_is_not_written() {
    use std::os::unix::fs::MetadataExt as _;

    let team = Team::new(&TREE);
    team.ok("build");
    let inodes = || -> BTreeMap<String, u64> {
        let paths = team.files("dist").into_keys();
        paths
            .map(|path| (path.clone(), fs::metadata(team.path("dist").join(path)).unwrap().ino()))
            .collect()
    };
    let before = inodes();
    team.write("tone/v1.1.0/system_prompt.txt", "Be very calm.\n");
    team.ok("build --previous dist --no-cache");
    let after = inodes();
    let mut written: Vec<&str> = after
        .iter()
        .filter(|(path, inode)| before.get(*path) != Some(inode))
        .map(|(path, _)| path.as_str())
        .filter(|path| !path.starts_with("api/snapshots/"))
        .collect();
    written.sort_unstable();
    assert_eq!(
        written,
        [
            "api/catalog.json",
            "api/environments/catalog.json",
            "api/environments/catalog/releases/2.json",
            "api/environments/dev.json",
            "api/environments/dev/bundles/all.json",
            "api/environments/dev/releases/2.json",
            "api/prompts/tone/history.json",
            "api/prompts/tone/latest/dev.json",
            "api/prompts/tone/latest/dev/1.json",
            "api/prompts/tone/versions.json",
            "api/prompts/tone/versions/1.1.0.json",
            "api/registry.json",
            "api/search/start.json",
            "environments/index.html",
            "history/index.html",
            "index.html",
            "p/tone/index.html",
            "status/index.html",
        ]
    );
    team.ok("build --previous dist --no-site");
    let left = team.files("dist").into_keys();
    assert_eq!(left.filter(|path| !path.starts_with("api/")).collect::<Vec<_>>(), [""; 0]);
    team.ok("build --previous dist");
    assert_eq!(inodes().into_keys().collect::<Vec<_>>(), after.into_keys().collect::<Vec<_>>());
}

#[test]
fn a_published_version_that_changed_is_named_and_nothing_is_written() {
    let team = Team::new(&TREE);
    team.ok("build");
    let before = team.files("dist");
    team.write("greeting/v1.0.0/system_prompt.txt", "Hello, you.\n");
    fs::remove_dir_all(team.path("prompts/tone")).unwrap();
    for command in
        ["build --previous dist --strict --format short", "check --previous dist --format short"]
    {
        let (code, printed) = team.run(command);
        assert_eq!(code, 1, "{printed}");
        for line in [
            "prompts/greeting/v1.0.0: error[changed-version]: published version 1.0.0 was modified",
            "prompts/tone: error[removed-version]: published prompt `tone` was removed",
        ] {
            assert!(printed.contains(line), "{printed}");
        }
    }
    assert!(team.files("dist") == before);
    // A build without `--previous` does not know the published registry. The build succeeds, because
    // `dist` has only first releases, so none are lost.
    team.write("tone/v1.0.0/system_prompt.txt", "Be calm.\n");
    team.ok("build");
}

#[test]
fn releases_are_never_lost() {
    let team = Team::new(&TREE);
    team.ok("build");
    team.write("greeting/v1.1.0/system_prompt.txt", "Hello!\n");
    team.ok("build --previous dist");
    let before = team.files("dist");
    let (code, printed) = team.run("build");
    assert_eq!(code, 2);
    assert_eq!(
        printed.replace(team.0.path().to_str().unwrap(), "[FOLDER]"),
        "error: the build would lose release 2 of catalog in `[FOLDER]/dist`\n\
         help: run `promptdex build --previous [FOLDER]/dist` to continue the registry; if it was never published, remove it or choose a different folder with `--output`\n"
    );
    // A build that continues a different registry is refused too.
    team.ok("build --output other");
    let (code, printed) = team.run("build --previous other");
    assert_eq!((code, printed.contains("would lose")), (2, true), "{printed}");
    assert!(team.files("dist") == before);
    // A build that continues the registry may replace it.
    team.ok("build --previous dist --output next");
    team.ok("build --previous next --output dist");
}

#[test]
fn pages_of_others_are_not_replaced() {
    let team = Team::new(&TREE);
    team.ok("build --no-site");
    fs::create_dir(team.path("dist/assets")).unwrap();
    fs::write(team.path("dist/assets/logo.svg"), "<svg/>").unwrap();
    fs::write(team.path("dist/index.html"), "<!doctype html>\nours").unwrap();
    let before = team.files("dist");
    let (code, printed) = team.run("build");
    assert_eq!(code, 2);
    assert!(printed.contains("which the build would remove"), "{printed}");
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 2);
    assert!(
        printed.contains("index.html` is not from a build")
            && printed.contains("help: move the file, or build with `--no-site`"),
        "{printed}"
    );
    assert!(team.files("dist") == before);
    team.ok("build --previous dist --no-site");
    assert!(team.files("dist") == before);
}

#[test]
fn what_a_build_did_not_write_is_not_removed() {
    let team = Team::new(&TREE);
    team.ok("build");
    // A checkout of the branch with the published registry.
    fs::create_dir(team.path("dist/.git")).unwrap();
    fs::write(team.path("dist/CNAME"), "prompts.example.com").unwrap();
    let before = team.files("dist");
    let (code, printed) = team.run("build");
    assert_eq!(code, 2);
    assert!(printed.contains("which the build would remove"), "{printed}");
    assert!(team.files("dist") == before);
    team.write("tone/v1.1.0/system_prompt.txt", "Be very calm.\n");
    team.ok("build --previous dist");
    assert!(team.path("dist/CNAME").is_file() && team.path("dist/.git").is_dir());
    // A missing derived file is written again.
    fs::remove_file(team.path("dist/api/registry.json")).unwrap();
    team.ok("build --previous dist");
    assert!(team.path("dist/api/registry.json").is_file());
}

#[test]
fn findings_of_a_build_are_data_where_a_machine_reads_them() {
    let team = Team::new(&TREE);
    let output = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptdex"));
        command.args(["build", "--format", format]).current_dir(team.0.path()).env_clear();
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let summary: serde_json::Value = serde_json::from_str(output("json").trim()).unwrap();
    assert_eq!(summary["summary"]["errors"], 0, "{summary}");
    assert_eq!(output("human"), "");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&output("sarif")).unwrap()["version"],
        "2.1.0"
    );
}

#[test]
fn what_cannot_be_continued_is_said() {
    let team = Team::new(&TREE);
    team.ok("build");
    let (code, printed) = team.run("build --previous nowhere");
    assert_eq!(code, 2);
    assert_eq!(
        printed,
        "error: no registry found in `nowhere`\n\
         help: pass the published folder, or remove `--previous` for the first build\n"
    );
    team.write("registry.yaml", "registry: acme\n");
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 2);
    assert!(
        printed.contains("the published registry is `prompts`; the tree `prompts` is `acme`"),
        "{printed}"
    );
    team.write("registry.yaml", "");
    let document = team.path("dist/api/prompts/greeting/versions/1.0.0.json");
    let text = fs::read_to_string(&document).unwrap();
    fs::write(&document, text.replace("Hello", "Hullo")).unwrap();
    let before = team.files("dist");
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 2);
    assert_eq!(
        printed,
        "error: `api/prompts/greeting/versions/1.0.0.json` does not match its digest\n\
         help: restore the registry from its published copy\n"
    );
    assert!(team.files("dist") == before);
}

#[cfg(unix)]
#[test]
fn one_build_at_a_time() {
    let team = Team::new(&TREE);
    team.ok("build");
    let folder = fs::File::open(team.path("dist")).unwrap();
    folder.lock().unwrap();
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 2);
    assert!(printed.contains("another build is writing to"), "{printed}");
    drop(folder);
    team.ok("build --previous dist");
}

#[test]
fn a_redaction_takes_the_text_and_its_files_away_and_says_what_to_purge() {
    let team = Team::new(&TREE);
    let photo =
        "- role: user\n  content: [{type: image, file: files/a.png, media_type: image/png}]\n";
    team.write("photo/v1.0.0/messages.yaml", photo);
    team.write("photo/v1.0.0/files/a.png", "a face");
    team.write("photo/cases/1.0.0.yaml", "- name: plain\n");
    team.ok("build");
    fs::remove_dir_all(team.path("prompts/photo/v1.0.0")).unwrap();
    fs::remove_dir_all(team.path("prompts/photo/cases")).unwrap();
    team.write("photo/prompt.yaml", "redacted: {1.0.0: shows a customer}\n");
    team.ok("build --previous dist --output other");
    let printed = team.ok("build --previous dist");
    let blob = "api/blobs/5f9ba77e8d2a6b0e2ddb8b8eb3b6d9b2c3b1a6f2b9b0a0c5a1f3a0d9d2f4c6e8";
    let listed: Vec<&str> = printed.lines().filter(|line| line.starts_with("  api/")).collect();
    assert_eq!(listed.len(), 8, "{printed}");
    assert_eq!(listed[0].len(), blob.len() + 2);
    assert_eq!(
        &listed[1..],
        [
            "  api/catalog.json",
            "  api/environments/dev/bundles/all.json",
            "  api/prompts/photo/cases/1.0.0.json",
            "  api/prompts/photo/latest/dev.json",
            "  api/prompts/photo/latest/dev/1.json",
            "  api/prompts/photo/versions.json",
            "  api/prompts/photo/versions/1.0.0.json",
        ]
    );
    assert!(team.files("dist") == team.files("other"));
    for (path, bytes) in team.files("dist") {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("a face"), "{path}");
    }
}

#[test]
fn a_redaction_of_a_publication_that_ended_is_finished_with_its_files() {
    let team = Team::new(&TREE);
    let image = |file: &str| {
        format!(
            "- role: user\n  content: [{{type: image, file: files/{file}, media_type: image/png}}]\n"
        )
    };
    for (prompt, file) in [("photo", "face.png"), ("other", "hill.png")] {
        team.write(&format!("{prompt}/v1.0.0/messages.yaml"), &image(file));
        team.write(&format!("{prompt}/v1.0.0/files/{file}"), &format!("pixels of {file}"));
    }
    team.ok("build");
    team.write("photo/prompt.yaml", "redacted: {1.0.0: shows a customer}\n");
    fs::remove_dir_all(team.path("prompts/photo/v1.0.0")).unwrap();
    let whole = team.ok("build --previous dist --output whole");
    // The redaction came, and then nothing: what the document named is known no more.
    let path = "api/prompts/photo/versions/1.0.0.json";
    fs::copy(team.path("whole").join(path), team.path("dist").join(path)).unwrap();
    let addresses = |printed: &str| -> Vec<String> {
        printed.lines().filter(|line| line.starts_with("  api/")).map(str::to_owned).collect()
    };
    let beside = team.ok("build --previous dist --output beside");
    let in_place = team.ok("build --previous dist");
    assert_eq!(addresses(&whole).len(), 7, "{whole}");
    assert_eq!(addresses(&beside), addresses(&whole));
    assert_eq!(addresses(&in_place), addresses(&whole));
    assert!(team.files("beside") == team.files("whole"));
    assert!(team.files("dist") == team.files("whole"));
    let texts = team.files("dist").into_values();
    let texts: Vec<String> = texts.map(|bytes| String::from_utf8_lossy(&bytes).into()).collect();
    assert!(!texts.iter().any(|text| text.contains("pixels of face.png")));
    assert!(texts.iter().any(|text| text.contains("pixels of hill.png")));
}

#[test]
fn a_reader_that_meets_a_redaction_first_takes_the_version_as_withdrawn() {
    let team = Team::new(&TREE);
    team.ok("build");
    let read = || {
        let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
        let output = Command::new("python3").arg(&reader).arg(team.path("dist")).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (is_read, printed) = read();
    assert!(is_read && !printed.contains("withdrawn"), "{printed}");
    team.write("tone/prompt.yaml", "redacted: {1.0.0: a leak}\n");
    team.write("refund/prompt.yaml", "redacted: {1.0.0: includes it}\n");
    team.ok("build --previous dist --output other");
    let version = "api/prompts/tone/versions/1.0.0.json";
    fs::copy(team.path("other").join(version), team.path("dist").join(version)).unwrap();
    let (is_read, printed) = read();
    assert!(is_read && printed.trim_end().ends_with("1 withdrawn"), "{printed}");
    // Any other bytes are a violation.
    fs::write(team.path("dist").join(version), "{\"kind\":\"version\"}").unwrap();
    assert!(!read().0);
}

/// What `check` and `build` find with a published registry in `dist`, which is the same: the exit code, and
/// the errors.
fn find_with_both(team: &Team) -> (i32, Vec<String>) {
    let before = team.files("dist");
    let answers = [
        "check --previous dist",
        "build --previous dist --strict",
        "build --previous dist --strict --output next",
    ]
    .map(|command| {
        let (code, printed) = team.run(&format!("{command} --format short"));
        let is_error = |line: &&str| line.contains("error[") || line.starts_with("error:");
        (code, printed.lines().filter(is_error).map(str::to_owned).collect::<Vec<_>>())
    });
    assert!(team.files("dist") == before && !team.path("next").exists());
    let [check, ..] = &answers;
    assert!(answers.iter().all(|answer| answer == check), "{answers:#?}");
    check.clone()
}

#[test]
fn a_redacted_text_does_not_come_back() {
    let team = Team::new(&TREE);
    team.write("tone/v1.1.0/system_prompt.txt", "Be kind.\n");
    team.ok("build");
    team.write("tone/prompt.yaml", "redacted: {1.0.0: a leak}\n");
    team.write("refund/prompt.yaml", "redacted: {1.0.0: includes it}\n");
    fs::remove_dir_all(team.path("prompts/tone/v1.0.0")).unwrap();
    team.ok("build --previous dist");
    let redacted = team.files("dist");

    // As long as the state is there, the folder is of no interest, whatever it has.
    for text in ["Be calm.\n", "Be furious.\n"] {
        team.write("tone/v1.0.0/system_prompt.txt", text);
        team.ok("check --previous dist");
        team.ok("build --previous dist");
        assert!(team.files("dist") == redacted);
    }

    // Without it, the version is an error, with the text, with another one and without the folder; so is an include.
    let gone = "prompts/tone/v1.0.0: error[changed-version]: redacted version 1.0.0 is no longer listed as redacted";
    let include = "prompts/letter/v1.0.0/system_prompt.txt:1:13: error[invalid-include]: `tone@1.0.0` is redacted";
    team.write("tone/prompt.yaml", "title: Tone\n");
    assert_eq!(find_with_both(&team), (1, vec![gone.to_owned()]));
    team.write("tone/v1.0.0/system_prompt.txt", "Be calm.\n");
    assert_eq!(find_with_both(&team), (1, vec![gone.to_owned()]));
    team.write("letter/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %}\n");
    assert_eq!(find_with_both(&team), (1, vec![include.to_owned(), gone.to_owned()]));
    fs::remove_dir_all(team.path("prompts/tone/v1.0.0")).unwrap();
    assert_eq!(find_with_both(&team), (1, vec![include.to_owned(), gone.to_owned()]));
}

#[test]
fn a_redaction_that_came_before_the_lists_is_found_by_check_and_build() {
    let path = "api/prompts/tone/versions/1.1.0.json";
    let begin = || {
        let team = Team::new(&TREE);
        team.write("tone/v1.1.0/system_prompt.txt", &"Be calm. ".repeat(100));
        team.ok("build");
        team
    };
    // What a publication leaves that ended before its lists: a redaction, which may have the size of the document.
    let redact = |reason: usize| {
        let team = begin();
        team.write("tone/prompt.yaml", &format!("redacted: {{1.1.0: {}}}\n", "x".repeat(reason)));
        team.ok("build --previous dist");
        fs::read_to_string(team.path("dist").join(path)).unwrap()
    };
    let document = fs::read_to_string(begin().path("dist").join(path)).unwrap();
    let short = redact(1);
    let same = redact(1 + document.len() - short.len());
    assert_eq!(same.len(), document.len());
    for redaction in [short, same] {
        let team = begin();
        let put = |text: &str| fs::write(team.path("dist").join(path), text).unwrap();
        put(&redaction);
        let gone = "prompts/tone/v1.1.0: error[changed-version]: redacted version 1.1.0 is no longer listed as redacted";
        assert_eq!(find_with_both(&team), (1, vec![gone.to_owned()]));
        team.write("letter/v1.0.0/system_prompt.txt", "{% include \"tone@1.1.0\" %}\n");
        let include = "prompts/letter/v1.0.0/system_prompt.txt:1:13: error[invalid-include]: `tone@1.1.0` is redacted";
        assert_eq!(find_with_both(&team), (1, vec![include.to_owned(), gone.to_owned()]));
        fs::remove_dir_all(team.path("prompts/letter")).unwrap();

        // It says that it replaced something else than what was published.
        let (start, rest) = redaction.split_once("sha256:").unwrap();
        put(&format!("{start}sha256:{}{}", "0".repeat(64), &rest[64..]));
        let lie = "is a redaction of a different document (`replaced`)";
        assert_eq!(find_with_both(&team), (2, vec![format!("error: `{path}` {lie}")]));

        // It is continued, in place and in another folder.
        put(&redaction);
        team.write("tone/prompt.yaml", "redacted: {1.1.0: a leak}\n");
        team.ok("check --previous dist");
        team.ok("build --previous dist --output other");
        team.ok("build --previous dist");
        assert!(team.files("dist") == team.files("other"));
        assert_eq!(fs::read_to_string(team.path("dist").join(path)).unwrap(), redaction);

        // Once it is listed, the document in its place is damage, of whatever size.
        put(&document);
        team.write("tone/prompt.yaml", "redacted: {1.1.0: still a leak}\n");
        let damage = format!("error: `{path}` does not match its digest");
        assert_eq!(find_with_both(&team), (2, vec![damage]));
    }
}

#[test]
fn the_words_of_a_redacted_text_are_found_no_more() {
    let team = Team::new(&TREE);
    team.write("leak/v1.0.0/system_prompt.txt", "The word is hunter2.\n");
    team.write("leak/v1.1.0/system_prompt.txt", "There is no word.\n");
    team.write("leak/environments/production.yaml", "version: 1.0.0\n");
    team.ok("build");
    let shard = || fs::read_to_string(team.path("dist/api/search/start.json")).unwrap();
    assert!(shard().contains("\"hunter2\":[1]"), "{}", shard());
    team.write("leak/prompt.yaml", "redacted: {1.0.0: says the word}\n");
    fs::remove_dir_all(team.path("prompts/leak/environments")).unwrap();
    team.ok("build --previous dist --output other");
    let printed = team.ok("build --previous dist");
    assert!(printed.contains("\n  api/search/start.json\n"), "{printed}");
    assert!(!shard().contains("hunter2") && shard().contains("there"), "{}", shard());
    assert!(team.files("dist") == team.files("other"));
}

#[test]
fn shards_that_somebody_changed_are_written_anew() {
    let team = Team::new(&TREE);
    team.ok("build");
    team.ok("build --previous dist");
    let shard = team.path("dist/api/search/start.json");
    let text = fs::read_to_string(&shard).unwrap();
    let stale = team.path("dist/api/search/78.json");
    for change in ["", "{}", &text.replace("[0]", "[1]")] {
        fs::write(&shard, change).unwrap();
        fs::write(&stale, &text).unwrap();
        let number = change.len();
        team.write("tone/prompt.yaml", &format!("title: Title {number}\n"));
        team.ok("build --previous dist");
        assert_eq!(fs::read_to_string(&shard).unwrap(), text);
        assert!(!stale.exists());
    }
}

#[test]
fn what_changes_no_text_touches_no_shard() {
    use std::os::unix::fs::MetadataExt as _;

    let team = Team::new(&TREE);
    team.ok("build");
    team.ok("build --previous dist");
    let shard = team.path("dist/api/search/start.json");
    let before = fs::metadata(&shard).unwrap();
    team.write("tone/prompt.yaml", "title: Another\n");
    team.ok("build --previous dist");
    let catalog = fs::read_to_string(team.path("dist/api/catalog.json")).unwrap();
    assert!(catalog.contains("Another") && catalog.contains("\"shards\":[\"\"]"), "{catalog}");
    let after = fs::metadata(&shard).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn what_is_published_is_not_fixed() {
    let team = Team::new(&TREE);
    team.write("old/v1.0.0/system_prompt.txt", "Hi.\n");
    team.write("old/v1.0.0/metadata.json", "{\"environment\": \"production\"}\n");
    team.ok("build");
    team.write("old/v1.1.0/system_prompt.txt", "Hi {{ nmae }}.\n");
    team.write(
        "old/v1.1.0/metadata.json",
        "{\"variables\": [{\"name\": \"name\", \"required\": false, \"default\": \"you\"}]}\n",
    );
    assert_eq!(
        team.ok("fix --previous dist"),
        "Fix prompts/old/v1.1.0/system_prompt.txt: `nmae` → `name`\n\
         Move version 1.0.0 to prompts/old/environments/production.yaml\n\
         Fixed 2 places\n\
         hint: run `promptdex check` to see the remaining findings\n"
    );
    assert!(team.ok("build --previous dist").contains("Released catalog 2, dev 2\n"));
}

#[test]
fn another_build_into_the_output_is_noticed() {
    let team = Team::new(&TREE);
    team.ok("build");
    team.ok("build --previous dist");
    // A different tree, with differences only outside the chains.
    for (path, bytes) in team.files("prompts") {
        let path = team.path("other").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(team.path("other/greeting/cases/1.0.0.yaml"), "- name: another\n").unwrap();
    let case = "dist/api/prompts/greeting/cases/1.0.0.json";
    team.ok("build --root other --previous dist");
    assert!(fs::read_to_string(team.path(case)).unwrap().contains("another"));
    team.ok("build --previous dist");
    assert!(fs::read_to_string(team.path(case)).unwrap().contains("plain"));
}

#[test]
fn folders_that_hold_one_another_are_refused() {
    let team = Team::new(&TREE);
    team.ok("build");
    team.ok("build --output dist/live");
    for line in
        ["build --previous dist/live --output dist", "build --previous dist --output dist/api/next"]
    {
        let (code, printed) = team.run(line);
        assert_eq!(code, 2, "{printed}");
        assert!(printed.contains("overlap") || printed.contains("contains `live`"), "{printed}");
    }
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    use std::os::unix::fs::symlink;

    let team = Team::new(&TREE);
    team.ok("build --output real");
    // A linked output is built at its destination.
    symlink("real", team.path("dist")).unwrap();
    team.write("greeting/v1.1.0/system_prompt.txt", "Hello!\n");
    team.ok("build");
    assert!(fs::symlink_metadata(team.path("dist")).unwrap().is_symlink());
    assert!(team.path("real/api/prompts/greeting/versions/1.1.0.json").is_file());

    // A link inside the output leads out of it.
    fs::create_dir_all(team.path("victim/env")).unwrap();
    fs::write(team.path("victim/env/3.json"), "mine").unwrap();
    fs::remove_dir_all(team.path("real/api/prompts/greeting/latest")).unwrap();
    symlink("../../../../victim", team.path("real/api/prompts/greeting/latest")).unwrap();
    let before = team.files("victim");
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 2, "{printed}");
    assert!(printed.contains("is a link"), "{printed}");
    assert!(team.files("victim") == before);
    fs::remove_file(team.path("real/api/prompts/greeting/latest")).unwrap();

    // A link in the cache folder of the tree leads out of it too.
    fs::remove_dir_all(team.path("prompts/.promptdex")).unwrap();
    fs::create_dir(team.path("prompts/.promptdex")).unwrap();
    fs::write(team.path("keys"), "mine").unwrap();
    symlink("../../keys", team.path("prompts/.promptdex/now")).unwrap();
    team.ok("build --previous dist");
    assert_eq!(fs::read_to_string(team.path("keys")).unwrap(), "mine");

    // Only files that the chains name are copied, not files behind links.
    symlink("../../../../../keys", team.path("real/api/environments/dev/releases/0.json")).unwrap();
    team.ok("build --previous dist --output next");
    assert!(!team.path("next/api/environments/dev/releases/0.json").exists());

    // A release behind a link is copied as a file, and is not taken for a packed one.
    let release = "api/environments/dev/releases/1.json";
    fs::rename(team.path("real").join(release), team.path("release.json")).unwrap();
    symlink("../../../../../release.json", team.path("real").join(release)).unwrap();
    team.ok("build --previous dist --output next");
    assert!(fs::symlink_metadata(team.path("next").join(release)).unwrap().is_file());
    assert!(!team.path("next/api/environments/dev/releases/1-100.json").exists());
}

#[test]
fn a_journal_that_is_not_ours_is_named() {
    let team = Team::new(&TREE);
    team.ok("build");
    fs::create_dir_all(team.path("dist/.promptdex/staged")).unwrap();
    let journal = team.path("dist/.promptdex/journal.json");
    for text in
        ["nonsense", "{\"is_durable\":true,\"create\":[],\"replace\":[\"../x\"],\"remove\":[]}"]
    {
        fs::write(&journal, text).unwrap();
        let (code, printed) = team.run("build --previous dist");
        assert_eq!(code, 2);
        assert!(
            printed.contains("journal.json` is not a journal of this version of promptdex"),
            "{printed}"
        );
        let (code, printed) = team.run("build --previous dist --output next");
        assert_eq!(code, 2);
        assert!(printed.contains("was killed before it finished"), "{printed}");
    }
}

/// One edit of a tree of three prompts, valid or not.
fn edit() -> impl Strategy<Value = (usize, u8, u8)> {
    (0..3_usize, 0..12_u8, 0..3_u8)
}

/// Returns a text with enough words for several search shards.
fn long(number: u8) -> String {
    let words = (0..12_000_u32).map(|word| format!("{:x}", word.wrapping_mul(2_654_435_761)));
    words.chain([format!("number{number}")]).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    /// The build cache changes the duration of a build, but not its bytes.
    #[test]
    fn remembering_changes_nothing(edits in prop::collection::vec(edit(), 1..8)) {
        let team = Team::new(&TREE);
        team.ok("build --output warm");
        team.ok("build --output cold");
        for (prompt, kind, number) in edits {
            let name = ["greeting", "tone", "refund"][prompt];
            let version = format!("1.{number}.0");
            let before = team.files("prompts");
            match kind {
                0 | 1 => team.write(&format!("{name}/v{version}/system_prompt.txt"), &format!("Text {number}.\n")),
                2 => team.write(&format!("{name}/environments/production.yaml"), &format!("version: {version}\n")),
                3 => team.write(&format!("{name}/prompt.yaml"), &format!("deprecated: {{{version}: old}}\n")),
                4 => team.write(&format!("{name}/cases/{version}.yaml"), &format!("- name: case {number}\n")),
                5 => team.write(&format!("{name}/prompt.yaml"), &format!("title: Title {number}\n")),
                6 => team.write("registry.yaml", ["", "visibility: public\n", "environments: [dev, production]\n"][usize::from(number)]),
                7 => drop(fs::remove_dir_all(team.path(&format!("prompts/{name}/environments")))),
                8 => team.write(&format!("{name}/v{version}/system_prompt.txt"), &long(number)),
                9 => team.write(&format!("{name}/prompt.yaml"), &format!("redacted: {{{version}: a leak}}\n")),
                10 => team.write(&format!("{name}/prompt.yaml"), &format!("archived: {{{version}: old}}\n")),
                // A new prompt before, between or after the others.
                _ => team.write(&format!("{}/v1.0.0/system_prompt.txt", ["a", "party", "z"][usize::from(number)]), "New words.\n"),
            }
            let warm = team.run("build --previous warm --output warm");
            let cold = team.run("build --previous cold --output cold --no-cache");
            let cold_code = cold.0;
            prop_assert_eq!((warm.0, warm.1.replace("warm", "cold")), cold);
            let (warm, cold) = (team.files("warm"), team.files("cold"));
            prop_assert_eq!(warm.keys().collect::<Vec<_>>(), cold.keys().collect::<Vec<_>>());
            prop_assert!(warm == cold);
            if cold_code != 0 {
                team.restore(&before);
            }
        }
    }
}
