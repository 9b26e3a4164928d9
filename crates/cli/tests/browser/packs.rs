//! Tests that the site reads releases that are in packs, and what releases name: changes and rules.

use std::fs;
use std::path::PathBuf;

use crate::host::Static;
use crate::session::Session;
use crate::webdriver::Browser;

/// Builds a registry in which staging has 200 releases that differ, and the older ones are packed. The rules
/// changed in between, so that packed releases alone name the first ones, and the first release names its changes.
fn packed() -> Session {
    let mut session = Session::new();
    session.write("prompts/a/v1.0.0/system_prompt.txt", "Hello.\n");
    session.write("prompts/a/v1.1.0/system_prompt.txt", "Hello!\n");
    for number in 0..101 {
        session.write(&format!("prompts/more/{number}/v1.0.0/system_prompt.txt"), "Hi.\n");
        session
            .write(&format!("prompts/more/{number}/environments/staging.yaml"), "version: 1.0.0\n");
    }
    session.write("prompts/policy.yaml", "promotion: {production: {reason: required}}\n");
    let weight = |session: &mut Session, share: u32| {
        let (old, new) = (100.0 - f64::from(share) / 100.0, f64::from(share) / 100.0);
        let rollout = format!(
            "rollout: {{arms: [{{key: a, version: 1.0.0, weight: {old:.2}}}, {{key: b, version: 1.1.0, weight: {new:.2}}}]}}\n"
        );
        session.write("prompts/a/environments/staging.yaml", &rollout);
    };
    weight(&mut session, 1);
    session.run("build --no-site");
    for share in 2..=200 {
        if share == 50 {
            session.write("prompts/policy.yaml", "promotion: {production: {from: staging}}\n");
        }
        weight(&mut session, share);
        session.run("build --no-site --previous dist");
    }
    session.run("build --previous dist --pack");
    assert!(session.transcript.contains("Packed staging 1 to 100"), "{}", session.transcript);
    session
}

/// The registry, a host that serves it, and a browser.
struct Site {
    session: Session,
    host: Static,
    browser: Browser,
}

impl Site {
    fn new(session: Session) -> Self {
        let host = Static::start(&session.folder.path().join("dist"), "/registry/");
        Self { session, host, browser: Browser::start() }
    }

    fn file(&self, path: &str) -> PathBuf {
        self.session.folder.path().join("dist").join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).unwrap()
    }

    /// Returns what the verification says in the end.
    fn verify(&self) -> String {
        let browser = &self.browser;
        browser.visit(&format!("{}status/", self.host.base));
        browser.click(".verification button");
        browser.wait("the end", "return document.querySelector('.verification .notice') !== null");
        browser.text("return document.querySelector('.verification [role=status]').innerText")
    }

    /// Returns what the history page says of what changed since a release.
    fn ask(&self, release: u32) -> String {
        let browser = &self.browser;
        browser.visit(&format!("{}history/?env=staging&since={release}", self.host.base));
        let answer = "document.querySelector('table.audit, #main [role=alert]')";
        browser.wait("the answer", &format!("return {answer} !== null"));
        browser.text(&format!("return {answer}.innerText"))
    }

    /// Checks what the verification, and a question where there is one, say as long as a file has other bytes, or is
    /// missing.
    fn check(&self, path: &str, bytes: Option<&str>, verified: &str, asked: Option<(u32, &str)>) {
        let before = self.read(path);
        match bytes {
            Some(bytes) => fs::write(self.file(path), bytes).unwrap(),
            None => fs::remove_file(self.file(path)).unwrap(),
        }
        let outcome = self.verify();
        assert!(outcome.contains(verified), "{path}: {outcome}");
        assert!(outcome.contains("Restore these files"), "{path}: {outcome}");
        if let Some((release, expected)) = asked {
            let shown = self.ask(release);
            assert!(shown.contains(expected), "{path}: {shown}");
        }
        fs::write(self.file(path), before).unwrap();
    }
}

#[test]
fn a_chain_with_packs_is_verified_and_asked() {
    let site = Site::new(packed());
    let outcome = site.verify();
    assert!(outcome.starts_with("Verified: "), "{outcome}");

    // Release 150 has a file; release 50 is packed, and its snapshot went.
    for (release, expected) in [
        (150, "Release 150\tNow"),
        (
            50,
            "the release is in api/environments/staging/releases/1-100.json, and its snapshot was removed",
        ),
    ] {
        let shown = site.ask(release);
        assert!(shown.contains(expected), "{release}: {shown}");
    }

    // Older releases are shown on request, and those in packs lead to them.
    let browser = &site.browser;
    browser.visit(&format!("{}history/", site.host.base));
    for left in (1..=9).map(|step| 200 - 20 - (step - 1) * 19) {
        let button = format!(
            "[...document.querySelectorAll('.releases + .more > button')].find((one) => one.innerText === 'Show older releases ({left})')"
        );
        browser.wait(&format!("{left} releases"), &format!("return {button} !== undefined"));
        browser.run(&format!("{button}.click()"));
    }
    let packed = "[...document.querySelectorAll('.releases small a')].find((a) => a.innerText === 'in a pack')";
    browser.wait("a release of a pack", &format!("return {packed} !== undefined"));
    let href = browser.text(&format!("return {packed}.href"));
    let path = "api/environments/staging/releases/1-100.json";
    assert!(href.ends_with(path), "{href}");

    let pack = site.read(path);
    let edited = pack.replacen("promptdex 0", "promptdex 1", 1);
    let another = format!("{path}: release 1 is not the published one");
    site.check(path, Some(&edited), &another, None);
    let other = pack.replace(r#"\"environment\":\"staging\""#, r#"\"environment\":\"dev\""#);
    let told = format!("wrong release in {path}, expected 50 of staging");
    site.check(
        path,
        Some(&other),
        &format!("{path}: release 100 is not the published one"),
        Some((50, &told)),
    );
    let told = format!("{path} is cut short");
    let whole = format!("{path}: not a pack of 100 releases");
    site.check(path, Some(&pack[..9_999]), &whole, Some((50, &told)));
    let short = pack.rsplit_once(",\"{").unwrap().0.to_owned() + "]}";
    let told = format!("{path} has 99 releases, not 100");
    site.check(path, Some(&short), &whole, Some((50, &told)));
    let missing = format!("releases/100.json: missing, and so is {path}");
    let told = format!("releases/50.json, and HTTP 404 for {path}");
    site.check(path, None, &missing, Some((50, &told)));

    // The rules that only packed releases name, those in force, and the changes of the first release.
    let named = |text: &str| {
        let digest = text.split_once("sha256:").unwrap().1;
        format!("api/snapshots/{}.json", &digest[..64])
    };
    let newest = site.read("api/environments/staging.json");
    let first = named(pack.split_once(r#"\"policy\":"#).unwrap().1);
    let now = named(newest.split_once(r#""policy":"#).unwrap().1);
    let changes = named(pack.split_once(r#"\"changes_file\":"#).unwrap().1);
    assert_ne!(first, now);
    for path in [&first, &now, &changes] {
        site.check(path, None, &format!("{path}: missing"), None);
        let edited = site.read(path).replacen(':', ": ", 1);
        site.check(path, Some(&edited), &format!("{path}: digest mismatch"), None);
    }
    assert!(site.verify().starts_with("Verified: "));
}

#[test]
fn what_a_release_names_is_what_it_says_that_it_is() {
    let mut session = Session::new();
    session.write("prompts/policy.yaml", "promotion: {production: {reason: required}}\n");
    for number in 0..101 {
        session.write(&format!("prompts/more/{number}/v1.0.0/system_prompt.txt"), "Hi.\n");
    }
    session.run("build");
    let site = Site::new(session);
    assert!(site.verify().starts_with("Verified: "));

    // The first release is also the pointer: nothing names its digest, so that it may say anything.
    let paths = ["api/environments/dev.json", "api/environments/dev/releases/1.json"];
    let release = site.read(paths[0]);
    let check = |edited: &str, expected: &str| {
        assert_ne!(edited, release);
        for path in paths {
            fs::write(site.file(path), edited).unwrap();
        }
        let outcome = site.verify();
        assert!(outcome.contains(expected), "{outcome}");
        for path in paths {
            fs::write(site.file(path), &release).unwrap();
        }
    };
    let field = |name: &str| {
        let (_, rest) = release.split_once(&format!("\"{name}\":{{\"digest\":\"")).unwrap();
        let (digest, rest) = rest.split_once("\",\"size\":").unwrap();
        let size = rest.split([',', '}']).next().unwrap();
        (digest, size, format!("\"{name}\":{{\"digest\":\"{digest}\",\"size\":{size}"))
    };
    for name in ["policy", "changes_file", "snapshot"] {
        let (digest, size, text) = field(name);
        let larger = text.replace(&format!(":{size}"), &format!(":{size}0"));
        let told = format!("expected {digest} with {size}0 bytes, got {digest} with {size} bytes");
        check(&release.replace(&text, &larger), &told);
    }
    let (_, _, policy) = field("policy");
    let (_, _, changes) = field("changes_file");
    check(&release.replace(&policy, "\"policy\":{\"size\":1"), "its policy has no digest");
    check(
        &release.replace(&changes, "\"changes_file\":{\"size\":1,\"count\":1"),
        "its list of changes has no digest",
    );
    check(&release.replace("\"count\":101", "\"count\":1010"), "wrong number of changes");
    // The files are whole, and each is in the place of the other.
    let (rules, list) =
        (policy.replace("policy", "changes_file"), changes.replace("changes_file", "policy"));
    check(&release.replace(&changes, &rules), "not the list that another file says it is");
    check(&release.replace(&policy, &list), "not a policy, which a release says it is");
}
