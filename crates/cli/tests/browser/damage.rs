//! Tests the site on a host that sends corrupt files.

use sha2::Digest as _;

use crate::host::Static;
use crate::registries::{copy, ours};
use crate::webdriver::Browser;

#[test]
fn a_version_that_was_changed_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    copy(ours(), folder.path());
    let path = "api/prompts/customer-support/refund/versions/2.0.0.json";
    let file = folder.path().join(path);
    let mut bytes = std::fs::read(&file).unwrap();
    let hex = |bytes: &[u8]| -> String {
        sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let published = hex(&bytes);
    let text =
        bytes.windows(10).position(|window| window == b"You decide").unwrap_or(bytes.len() / 2);
    bytes[text] ^= 1;
    let received = hex(&bytes);
    std::fs::write(&file, bytes).unwrap();

    let host = Static::start(folder.path(), "/registry/");
    let browser = Browser::start();
    let page = format!("{}p/customer-support/refund/", host.base);
    browser.visit(&format!("{page}?v=2.0.0"));
    let alert = browser.text("return document.querySelector('main [role=alert]').innerText");
    assert!(alert.starts_with("Digest mismatch: "), "{alert}");
    assert!(alert.contains(&published) && alert.contains(&received), "{alert}");
    assert_eq!(
        browser.run("return document.querySelectorAll('.message, .snippets, .line').length"),
        0
    );
    // The other versions are valid.
    browser.click(".timeline a[href$='?v=1.1.0']");
    browser.wait(
        "version 1.1.0",
        "return document.getElementById('version')?.textContent === 'Version 1.1.0'",
    );
    browser.assert_calm(&page);
}
