//! Tests that the site reads releases that are in packs.

use crate::host::Static;
use crate::session::Session;
use crate::webdriver::Browser;

/// Builds a registry in which staging has 200 releases that differ, and the older ones are packed.
fn packed() -> Session {
    let mut session = Session::new();
    session.write("prompts/a/v1.0.0/system_prompt.txt", "Hello.\n");
    session.write("prompts/a/v1.1.0/system_prompt.txt", "Hello!\n");
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
        weight(&mut session, share);
        session.run("build --no-site --previous dist");
    }
    session.run("build --previous dist --pack");
    assert!(session.transcript.contains("Packed staging 1 to 100"), "{}", session.transcript);
    session
}

#[test]
fn a_chain_with_packs_is_verified_and_asked() {
    let session = packed();
    let dist = session.folder.path().join("dist");
    let host = Static::start(&dist, "/registry/");
    let browser = Browser::start();
    let verify = || {
        browser.visit(&format!("{}status/", host.base));
        browser.click(".verification button");
        browser.wait("the end", "return document.querySelector('.verification .notice') !== null");
        browser.text("return document.querySelector('.verification [role=status]').innerText")
    };
    let outcome = verify();
    assert!(outcome.starts_with("Verified."), "{outcome}");

    // Release 150 has a file; release 50 is packed, and its snapshot went.
    let ask = |release: u32, expected: &str| {
        browser.visit(&format!("{}history/?env=staging&since={release}", host.base));
        browser.wait(
            "the answer",
            "return document.querySelector('table.audit, #main [role=alert]') !== null",
        );
        let shown = browser
            .text("return document.querySelector('table.audit, #main [role=alert]').innerText");
        assert!(shown.contains(expected), "{release}: {shown}");
    };
    ask(150, "Serves now");
    ask(50, "the release is in a pack, and its snapshot was removed");

    // Older releases are shown on request, and those in packs lead to them.
    browser.visit(&format!("{}history/", host.base));
    for left in (1..=9).map(|step| 200 - 20 - (step - 1) * 19) {
        let button = format!(
            "[...document.querySelectorAll('.releases + .more > button')].find((one) => one.innerText === 'Show older releases ({left})')"
        );
        browser.wait(&format!("{left} releases"), &format!("return {button} !== undefined"));
        browser.run(&format!("{button}.click()"));
    }
    let rows = "[...document.querySelectorAll('.releases h3')].map((row) => row.innerText)";
    browser.wait(
        "releases of packs",
        &format!("return {rows}.some((row) => row.includes('in a pack'))"),
    );
    let packed = browser.text(
        "return [...document.querySelectorAll('.releases small a')].find((a) => a.innerText === 'in a pack').href",
    );
    assert!(packed.ends_with("api/environments/staging/releases/1-100.json"), "{packed}");

    let path = "api/environments/staging/releases/1-100.json";
    let text = std::fs::read_to_string(dist.join(path)).unwrap();
    std::fs::write(dist.join(path), text.replacen("promptdex 0", "promptdex 1", 1)).unwrap();
    let outcome = verify();
    let first = "api/environments/staging/releases/1.json: digest mismatch: expected sha256:";
    assert!(outcome.contains(first), "{outcome}");
    std::fs::remove_file(dist.join(path)).unwrap();
    let outcome = verify();
    assert!(outcome.contains("api/environments/staging/releases/100.json: missing"), "{outcome}");
}
