//! Tests that every linked page exists, on every host and at every path, within the content
//! security policy.

use std::collections::BTreeSet;

use crate::host::{Serve, Static, get};
use crate::registries;
use crate::webdriver::Browser;

/// The targets of the links of a page, the links that leave the registry and send a referrer, and
/// the links to missing places on the page.
const LINKS: &str = "
    const here = location.href.split('#')[0];
    const all = [...document.querySelectorAll('a[href], link[href], script[src], img[src]')];
    const links = all.filter((link) => link.rel !== 'canonical').map((link) => link.href || link.src);
    const places = links.filter((link) => link.startsWith(here + '#')).map((link) => link.split('#')[1]);
    const strangers = all.filter((link) => !link.rel?.includes('noopener') && new URL(link.href || link.src).origin !== location.origin && link.rel !== 'canonical');
    return [
        links.filter((link) => new URL(link).origin === location.origin).map((link) => link.split('#')[0]),
        strangers.map((link) => link.outerHTML),
        places.filter((place) => !document.getElementById(decodeURIComponent(place))),
    ]";

#[test]
fn links_lead_somewhere_with_the_policy_as_a_header() {
    let serve = Serve::start(registries::ours());
    let answer = get(&serve.base);
    assert!(answer.header("content-security-policy").is_some(), "{answer}");
    // Four pages of the registry; twelve prompts with 29 versions; the events of each prompt; the
    // changes since the only release that is not the newest. Comparisons and renderings have tests
    // of their own.
    assert_eq!(crawl(&serve.base, is_page), 4 + 12 + 29 + 12 + 1);
}

#[test]
fn links_lead_somewhere_at_the_root_of_a_plain_host() {
    let host = Static::start(registries::ours(), "/");
    let answer = get(&host.base);
    assert!(answer.header("content-security-policy").is_none(), "{answer}");
    // The versions are opened on the other hosts.
    assert_eq!(crawl(&host.base, |link| is_page(link) && !link.contains("?v=")), 4 + 12 + 12 + 1);
}

#[test]
fn links_lead_somewhere_below_a_path() {
    let host = Static::start(registries::ours(), "/registry/");
    assert_eq!(crawl(&host.base, is_page), 4 + 12 + 29 + 12 + 1);
}

fn is_page(link: &str) -> bool {
    !link.contains("view=") && !link.contains("from=")
}

/// Opens the linked pages of the registry that are `wanted`, and requests all other links. Returns
/// the number of pages.
fn crawl(base: &str, wanted: impl Fn(&str) -> bool) -> usize {
    let browser = Browser::start();
    let mut seen = BTreeSet::from([base.to_owned()]);
    let mut pages = vec![base.to_owned()];
    let mut opened = 0;
    while let Some(page) = pages.pop() {
        browser.visit(&page);
        let found = browser.run(LINKS);
        let (links, strangers, broken): (Vec<String>, Vec<String>, Vec<String>) =
            serde_json::from_value(found).unwrap();
        assert!(strangers.is_empty(), "{page} trusts {strangers:?}");
        assert!(broken.is_empty(), "{page} has no {broken:?}");
        browser.assert_calm(&page);
        opened += 1;
        for link in links {
            if !seen.insert(link.clone()) {
                continue;
            }
            assert!(link.starts_with(base), "{page} links to {link}");
            let answer = get(&link);
            assert_eq!(answer.status(), 200, "{page} links to {link}");
            // The filters of the Prompts page have a test of their own.
            let is_page = answer.header("content-type").is_some_and(|kind| kind.contains("html"));
            if is_page && !link.contains("?q=") && wanted(&link) {
                pages.push(link);
            }
        }
    }
    opened
}
