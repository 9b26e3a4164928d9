//! Tests the number of bytes that the first view of a prompt loads.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;

use crate::host::Static;
use crate::registries;
use crate::webdriver::Browser;

/// The limit in bytes, as sent by a host with compression.
const LIMIT: usize = 290 * 1_000;

#[test]
fn the_first_view_of_a_prompt_is_small() {
    let folder = registries::ours();
    let host = Static::start(folder, "/registry/");
    let browser = Browser::start();
    browser.visit(&format!("{}p/customer-support/refund/", host.base));
    // Documents that the app loads by itself belong to the first view.
    browser.wait("the whole page", "return performance.getEntriesByName(new URL('api/catalog.json', document.baseURI)).length > 0");
    let mut table =
        format!("{:<64} {:>9} {:>10}\n", "first view of a prompt", "bytes", "compressed");
    let mut total = 0;
    let mut seen = BTreeSet::new();
    for request in host.requests() {
        assert_eq!(request.status, 200, "{}", request.path);
        assert!(seen.insert(request.path.clone()), "{} is loaded twice", request.path);
        let brotli = folder.join(format!("{}.br", request.path));
        let compressed = match std::fs::metadata(brotli) {
            Ok(brotli) => usize::try_from(brotli.len()).unwrap(),
            Err(_) => gzipped(&std::fs::read(file(folder, &request.path)).unwrap()),
        };
        total += compressed;
        writeln!(table, "{:<64} {:>9} {compressed:>10}", request.path, request.bytes).unwrap();
    }
    println!("{table}{:<64} {:>9} {total:>10}", "together", "");
    assert!(total <= LIMIT, "{total} bytes, {LIMIT} are allowed\n{table}");
}

fn file(folder: &std::path::Path, path: &str) -> std::path::PathBuf {
    if path.ends_with('/') { folder.join(path).join("index.html") } else { folder.join(path) }
}

fn gzipped(bytes: &[u8]) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap().len()
}
