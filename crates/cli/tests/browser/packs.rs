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
    ask(50, "the host answered 404 for api/snapshots/");

    let path = "api/environments/staging/releases/1-100.json";
    let text = std::fs::read_to_string(dist.join(path)).unwrap();
    std::fs::write(dist.join(path), text.replacen("promptdex 0", "promptdex 1", 1)).unwrap();
    let outcome = verify();
    let first = "api/environments/staging/releases/1.json has the digest";
    assert!(outcome.contains(first), "{outcome}");
    std::fs::remove_file(dist.join(path)).unwrap();
    let outcome = verify();
    assert!(outcome.contains("api/environments/staging/releases/100.json is missing"), "{outcome}");
}
