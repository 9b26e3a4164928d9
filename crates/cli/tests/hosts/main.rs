//! Tests that three web servers serve a registry alike: `promptdex serve`, and nginx and Caddy with
//! the configurations that `promptdex host` writes. Every request of a table is sent to each.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod host;
#[path = "../http/mod.rs"]
mod http;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, str};

use promptdex_wire::RegistryPath;
use promptdex_wire::catalog::{Versions, Visibility};
use promptdex_wire::json;
use serde_json::Value;

use crate::host::{Desk, Host};
use crate::http::Answer;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sample tree: a public registry.
fn sample() -> Desk {
    Desk::of(&workspace().join("prompts"))
}

/// A private registry without an environment `production`.
fn private() -> Desk {
    Desk::new(&[
        ("registry.yaml", "registry: team-x\nenvironments: [dev, live]\n"),
        ("greeting/v1.0.0/system_prompt.txt", "Hello.\n"),
        ("greeting/environments/live.yaml", "version: 1.0.0\n"),
    ])
}

/// Asserts that a response is a file, whole and with the headers of its class.
fn assert_is_file(host: &Host, request: &str, answer: &Answer, path: &str, bytes: &[u8]) {
    let name = host.name;
    assert_eq!(answer.status(), 200, "{name}: {request}: {answer}");
    assert!(answer.bytes() == bytes, "{name}: {request} is not {path}: {answer}");
    let published = RegistryPath::parse(path).unwrap();
    for (header, value) in [
        ("cache-control", Some(&*published.caching().header(Visibility::Public))),
        ("access-control-allow-origin", Some("*")),
        ("access-control-expose-headers", Some("ETag")),
        ("x-content-type-options", Some("nosniff")),
        ("x-robots-tag", None),
        ("content-encoding", None),
        ("content-type", Some(content_type(path))),
    ] {
        assert_eq!(answer.header(header), value, "{name}: {request}: {header}: {answer}");
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let is_page = path.ends_with(".html");
    assert_eq!(policy.starts_with("default-src 'none';"), is_page, "{name}: {request}: {answer}");
    assert_eq!(policy.ends_with("frame-ancestors 'none'"), is_page, "{name}: {request}: {answer}");
    assert!(answer.header("etag").is_some_and(|etag| etag.ends_with('"')), "{name}: {answer}");
}

fn content_type(path: &str) -> &'static str {
    let (_, extension) = path.rsplit_once('.').unwrap_or_default();
    match extension {
        "json" if path.starts_with("api/schemas/") => "application/schema+json",
        "json" => "application/json; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Asserts that a response is JSON that says what is wrong, and that nothing keeps it.
fn assert_is_refused(host: &Host, request: &str, answer: &Answer, status: u16) {
    let name = host.name;
    assert_eq!(answer.status(), status, "{name}: {request}: {answer}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}: {request}: {answer}");
    let content_type = Some("application/json; charset=utf-8");
    assert_eq!(answer.header("content-type"), content_type, "{name}: {request}: {answer}");
    let body: Value = serde_json::from_slice(answer.bytes()).unwrap();
    assert!(body["error"].is_string(), "{name}: {request}: {body}");
}

#[test]
fn every_published_file_is_served_alike() {
    let desk = sample();
    let files = desk.files();
    for host in desk.hosts("/") {
        for (path, bytes) in &files {
            let answer = host.get(&format!("/{path}"));
            assert_is_file(&host, path, &answer, path, bytes);
            if let Some(folder) = path.strip_suffix("index.html") {
                let answer = host.get(&format!("/{folder}"));
                assert_is_file(&host, folder, &answer, path, bytes);
            }
        }
    }
}

/// Returns every REST call that a registry answers, with the path of the file that answers it.
fn rest_calls(files: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
    let mut calls = Vec::new();
    for (path, bytes) in files {
        match RegistryPath::parse(path).unwrap() {
            RegistryPath::Versions(name) => {
                calls.push((format!("/api/prompts/{name}/versions"), path.clone()));
                let list: Versions = json::read(bytes).unwrap();
                assert_eq!(list.name, name);
            }
            RegistryPath::History(name) => {
                calls.push((format!("/api/prompts/{name}/history"), path.clone()));
            }
            RegistryPath::Version(name, version) => {
                calls.push((format!("/api/prompts/{name}?version={version}"), path.clone()));
                calls.push((format!("/api/prompts/{name}?a=b&version={version}&"), path.clone()));
            }
            RegistryPath::Latest(name, environment) => {
                let call = format!("/api/prompts/{name}/latest?environment={environment}");
                calls.push((call, path.clone()));
                if environment.as_str() == "production" {
                    calls.push((format!("/api/prompts/{name}/latest"), path.clone()));
                    calls.push((format!("/api/prompts/{name}/latest?reload"), path.clone()));
                }
            }
            _ => {}
        }
    }
    calls
}

/// Writes the slashes of a prompt's name as `%2F`.
fn escaped(call: &str, path: &str) -> String {
    let name = match RegistryPath::parse(path).unwrap() {
        RegistryPath::Versions(name) | RegistryPath::History(name) => name,
        RegistryPath::Version(name, _) | RegistryPath::Latest(name, _) => name,
        other => panic!("{other} answers no call"),
    };
    call.replace(name.as_str(), &name.as_str().replace('/', "%2F"))
}

#[test]
fn rest_calls_are_answered_by_files() {
    let desk = sample();
    let files = desk.files();
    let by_path: BTreeMap<&str, &[u8]> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let calls = rest_calls(&files);
    assert!(calls.len() > 100, "{} calls", calls.len());
    for host in desk.hosts("/") {
        for (call, path) in &calls {
            let bytes = by_path[path.as_str()];
            for call in
                [call.clone(), escaped(call, path), escaped(call, path).replace("%2F", "%2f")]
            {
                let answer = host.get(&call);
                assert_is_file(&host, &call, &answer, path, bytes);
                // The call has the validator of the file, so a client may ask for either.
                let etag = answer.header("etag").unwrap();
                let file = host.ask("HEAD", &format!("/{path}"), &[]);
                assert_eq!(file.header("etag"), Some(etag), "{}: {call}", host.name);
            }
        }
    }
}

#[test]
fn heads_validators_and_compression_work_for_calls_as_for_files() {
    let desk = sample();
    let path = "api/prompts/customer-support/refund/versions/1.1.0.json";
    let bytes = fs::read(desk.path("dist").join(path)).unwrap();
    for host in desk.hosts("/") {
        let name = host.name;
        for request in [
            format!("/{path}"),
            "/api/prompts/customer-support/refund?version=1.1.0".to_owned(),
            "/api/prompts/customer-support%2Frefund?version=1.1.0".to_owned(),
        ] {
            let answer = host.ask("HEAD", &request, &[]);
            assert_eq!((answer.status(), answer.bytes()), (200, &b""[..]), "{name}: {answer}");
            assert_eq!(answer.header("content-length"), Some(&*bytes.len().to_string()), "{name}");
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));

            let etag = answer.header("etag").unwrap().to_owned();
            for tags in [etag.clone(), format!("\"other\", {etag}")] {
                let answer = host.ask("GET", &request, &[("if-none-match", &tags)]);
                assert_eq!((answer.status(), answer.bytes()), (304, &b""[..]), "{name}: {answer}");
                assert_eq!(answer.header("etag"), Some(&*etag), "{name}");
                let caching = Some("public, max-age=86400");
                assert_eq!(answer.header("cache-control"), caching, "{name}: {answer}");
                assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{name}");
            }
            let answer = host.ask("GET", &request, &[("if-none-match", "\"other\"")]);
            assert_is_file(&host, &request, &answer, path, &bytes);

            let answer = host.ask("GET", &request, &[("accept-encoding", "gzip")]);
            assert_eq!(answer.header("content-encoding"), Some("gzip"), "{name}: {answer}");
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"), "{name}: {answer}");
            assert!(unzip(answer.bytes()) == bytes, "{name}");
            let etag = answer.header("etag").unwrap();
            let headers = [("accept-encoding", "gzip"), ("if-none-match", etag)];
            assert_eq!(host.ask("GET", &request, &headers).status(), 304, "{name}");
        }
        // Assets come as they were compressed when the site was packed.
        let files = desk.files();
        let asset = files.iter().find(|(path, _)| path.ends_with(".wasm"));
        let Some((asset, bytes)) = asset else { continue };
        let answer = host.ask("GET", &format!("/{asset}"), &[("accept-encoding", "gzip")]);
        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{name}: {answer}");
        assert_eq!(answer.header("content-type"), Some("application/wasm"), "{name}: {answer}");
        assert!(answer.bytes() == fs::read(desk.path("dist").join(format!("{asset}.gz"))).unwrap());
        assert!(unzip(answer.bytes()) == *bytes, "{name}");
    }
}

fn unzip(bytes: &[u8]) -> Vec<u8> {
    let mut unzipped = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut unzipped).unwrap();
    unzipped
}

#[test]
fn what_is_not_there_is_refused() {
    let desk = sample();
    let long = "a".repeat(5_000);
    let longer = format!("/api/prompts/{}/versions", "a".repeat(300));
    for host in desk.hosts("/") {
        for (path, status) in [
            // Unknown prompts, versions, environments, files.
            ("/api/prompts/nobody?version=1.0.0", 404),
            ("/api/prompts/nobody/latest", 404),
            ("/api/prompts/nobody/versions", 404),
            ("/api/prompts/nobody/history", 404),
            ("/api/prompts/customer-support/versions", 404),
            ("/api/prompts/customer-support/refund?version=9.9.9", 404),
            ("/api/prompts/customer-support/refund?version=1.1.0-rc.1", 404),
            ("/api/prompts/customer-support/refund/latest?environment=qa", 404),
            ("/api/prompts/customer-support/refund/latest?environment=prod", 404),
            ("/api/prompts/customer-support/refund/versions/9.9.9.json", 404),
            ("/api/prompts/customer-support/refund/latest/qa.json", 404),
            ("/api/prompts/customer-support/refund/-/anything", 404),
            ("/api/environments/qa.json", 404),
            ("/api/environments/production/releases/999.json", 404),
            ("/api/", 404),
            ("/api/prompts", 404),
            ("/api/prompts/", 404),
            // Queries that lack what the call needs, have it twice, or have something else.
            ("/api/prompts/customer-support/refund", 400),
            ("/api/prompts/customer-support/refund?", 400),
            ("/api/prompts/customer-support/refund?version=", 400),
            ("/api/prompts/customer-support/refund?version=1.1", 400),
            ("/api/prompts/customer-support/refund?version=01.1.0", 400),
            ("/api/prompts/customer-support/refund?version=latest", 400),
            ("/api/prompts/customer-support/refund?version=1.1.0&version=1.0.0", 400),
            ("/api/prompts/customer-support/refund?version=../versions/1.1.0", 400),
            ("/api/prompts/customer-support/refund?version=..%2F..%2Fsecret", 400),
            ("/api/prompts/customer-support/refund?version=1.1.0%00", 400),
            ("/api/prompts/customer-support/refund?environment=production", 400),
            ("/api/prompts/customer-support/refund/latest?environment=", 400),
            ("/api/prompts/customer-support/refund/latest?environment", 400),
            ("/api/prompts/customer-support/refund/latest?environment=PRODUCTION", 400),
            ("/api/prompts/customer-support/refund/latest?environment=../../secret", 400),
            ("/api/prompts/customer-support/refund/latest?environment=dev&environment=dev", 400),
            // Other spellings of names and files.
            ("/api//registry.json", 404),
            ("/api/registryXjson", 404),
            ("/api/registry.json/", 404),
            ("/api/prompts//customer-support/refund/versions", 404),
            ("/api/prompts/customer-support/refund/versions/", 404),
            ("/api/prompts/customer-support%252Frefund/versions", 404),
            ("/api/prompts/customer-support%5Crefund/versions", 404),
            ("/api/prompts/Customer-Support/refund/versions", 404),
            ("/api/prompts/customer-support/refund/versions%0A", 404),
            (&*longer, 404),
            (&*format!("/api/prompts/{long}?version=1.0.0"), 404),
            (&*format!("/api/{long}.json"), 404),
            (&*format!("/api/{}.json", "a/".repeat(2_500) + "a"), 404),
            (&*format!("/api/prompts/a?version=1.0.0-{long}"), 400),
            (&*format!("/api/prompts/a/latest?environment={long}"), 400),
        ] {
            assert_is_refused(&host, path, &host.get(path), status);
            let head = host.ask("HEAD", path, &[]);
            assert_eq!((head.status(), head.bytes()), (status, &b""[..]), "{}: {path}", host.name);
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            for path in ["/api/prompts", "/api/registry.json", "/api/prompts/a/latest", "/nothing"]
            {
                let answer = host.ask(method, path, &[]);
                assert_is_refused(&host, path, &answer, 405);
                assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{}: {answer}", host.name);
            }
        }
        // Elsewhere people look for pages.
        let page = fs::read(desk.path("dist/404.html")).ok();
        for path in ["/nothing", "/p/nobody/", "/p/nobody/index.html", "/assets/app.js"] {
            let answer = host.ask("GET", path, &[("accept", "text/html")]);
            assert_eq!(answer.status(), 404, "{}: {path}: {answer}", host.name);
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{}: {path}", host.name);
            let is_page = answer.header("content-type") == Some("text/html; charset=utf-8");
            let Some(page) = &page else { continue };
            assert!(is_page && answer.bytes() == page, "{}: {path}: {answer}", host.name);
            assert!(answer.header("content-security-policy").is_some(), "{}: {path}", host.name);
        }
        for (path, to) in [
            ("/p/customer-support/refund", "/p/customer-support/refund/"),
            ("/history?with=query&b", "/history/?with=query&b"),
        ] {
            let answer = host.get(path);
            assert_eq!(
                (answer.status(), answer.header("location")),
                (308, Some(to)),
                "{}",
                host.name
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", host.name);
        }
    }
}

#[test]
fn reserved_paths_are_not_taken_for_something_of_today() {
    let table = fs::read(workspace().join("conformance/extensions.json")).unwrap();
    let table: Value = serde_json::from_slice(&table).unwrap();
    let paths = table["reserved_paths"].as_array().unwrap().iter();
    let prompt = "customer-support/refund";
    let paths: Vec<String> = paths
        .map(|path| format!("/{}", path.as_str().unwrap().replace("support/refund", prompt)))
        .collect();
    let desk = sample();
    for host in desk.hosts("/") {
        for path in &paths {
            let answer = host.get(path);
            if path.starts_with("/api/") {
                assert_is_refused(&host, path, &answer, 404);
            }
            assert_eq!(answer.status(), 404, "{}: {path}: {answer}", host.name);
        }
    }
}

#[test]
fn nothing_else_on_the_disk_is_served() {
    let desk = sample();
    for path in [
        "secret.json",
        "secret",
        "dist/.secret.json",
        "dist/secret",
        "dist/api/.secret.json",
        "dist/api/secret",
        "dist/api/prompts/.secret.json",
        "dist/assets/.secret.js",
        "dist/.git/secret.json",
    ] {
        let path = desk.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{\"a\": \"secret\"}").unwrap();
    }
    for host in desk.hosts("/") {
        for path in [
            "/.secret.json",
            "/secret",
            "/api/.secret.json",
            "/api/secret",
            "/api/prompts/.secret.json",
            "/api/prompts/.secret/versions",
            "/assets/.secret.js",
            "/.git/secret.json",
            "/api/../../secret.json",
            "/api/../../secret",
            "/api/%2e%2e/%2e%2e/secret.json",
            "/api/..%2f..%2fsecret.json",
            "/api/..%2F..%2Fsecret",
            "/api/..%5c..%5csecret.json",
            "/..%2fsecret.json",
            "/%2e%2e/secret.json",
            "/../secret.json",
            "/assets/..%2f..%2fsecret.json",
            "/assets/../../secret.json",
            "/p/..%2f..%2fsecret.json",
            "/p/../../secret.json",
            "//secret.json",
            "//etc/passwd",
            "///../secret.json",
            "/api/prompts/..%2f..%2f..%2f..%2fsecret?version=1.0.0",
            "/api/prompts/..%2f..%2f..%2f..%2fsecret/versions",
            "/api/prompts/../../../secret/latest",
            "/api/prompts/customer-support/refund/versions/..%2f..%2f..%2f..%2f..%2f..%2fsecret.json",
            "/api/prompts/customer-support/refund/latest?environment=..%2f..%2f..%2f..%2f..%2f..%2fsecret",
            "/api/prompts/customer-support/refund?version=../../../../../../secret",
            "/api/prompts/a%00b/versions",
            "/api/registry.json%00",
            "/api/registry.json%00.html",
            "/%00",
            "/p/%0d%0aset-cookie:a=b",
            "/api/prompts/%ff/versions",
            "/api/prompts/%c0%ae%c0%ae/%c0%ae%c0%ae/secret.json",
            "/api/prompts/a%zz/versions",
        ] {
            let answer = host.get(path);
            let name = host.name;
            assert!(matches!(answer.status(), 400 | 404), "{name}: {path}: {answer}");
            assert!(!answer.text().contains("secret"), "{name}: {path}: {}", answer.text());
            assert!(!answer.text().contains("root:"), "{name}: {path}: {}", answer.text());
            let caching = answer.header("cache-control");
            // nginx and Caddy refuse some requests before they read any configuration.
            assert!(matches!(caching, None | Some("no-store")), "{name}: {path}: {answer}");
        }
    }
}

/// The page that explains the configurations shows what they do.
#[test]
fn the_documentation_shows_what_is_answered() {
    let page = fs::read_to_string(workspace().join("docs/hosting.md")).unwrap();
    let requests: Vec<&str> =
        page.split("```console\n$ curl -si 'http://localhost:8080").skip(1).collect();
    assert_eq!(requests.len(), 4);
    let desk = sample();
    for host in desk.hosts("/") {
        for request in &requests {
            let (shown, _) = request.split_once("```").unwrap();
            let (path, shown) = shown.split_once("'\n").unwrap();
            let (head, body) = shown.split_once("\n\n").unwrap();
            let (status, headers) = head.split_once('\n').unwrap();
            let answer = host.get(path);
            let found = format!("HTTP/1.1 {}", answer.status());
            assert!(status.starts_with(&found), "{}: {path}: {answer}", host.name);
            for line in headers.lines() {
                let (name, value) = line.split_once(": ").unwrap();
                assert_eq!(answer.header(name), Some(value), "{}: {path}: {answer}", host.name);
            }
            // `promptdex serve` says more about what is not there.
            let body = body.trim_end().trim_end_matches('…');
            let is_same = answer.text().starts_with(body);
            assert!(is_same || host.name == "promptdex serve", "{}: {path}", host.name);
        }
        if host.name == "promptdex serve" {
            let call = "$ curl 'http://127.0.0.1:8017";
            let (path, shown) = page.split_once(call).unwrap().1.split_once("'\n").unwrap();
            assert_eq!(host.get(path).text(), shown.lines().next().unwrap());
        }
    }
}

#[test]
fn no_redirect_leads_to_another_host() {
    let desk = sample();
    for host in desk.hosts("/") {
        for path in [
            "/%5Cevil.example/../history",
            "//evil.example/%2e%2e/history",
            "/%2Fevil.example/../history",
            "//evil.example%2f..%2fhistory",
            "//history",
            "/%0d%0a/../history",
        ] {
            let answer = host.get(path);
            let name = host.name;
            match answer.header("location") {
                // Some web servers resolve `..` before they look at a path.
                Some(location) => assert_eq!(location, "/history/", "{name}: {path}"),
                None => assert!(matches!(answer.status(), 400 | 404), "{name}: {path}: {answer}"),
            }
        }
    }
}

#[test]
fn a_private_registry_below_a_path_is_for_those_who_reach_it() {
    let desk = private();
    let file = |path: &str| fs::read(desk.path("dist").join(path)).unwrap();
    let latest = file("api/prompts/greeting/latest/live.json");
    for host in desk.hosts("/team.x/prompts/") {
        let name = host.name;
        for (path, caching, bytes) in [
            ("/api/prompts/greeting/latest?environment=live", 15, &latest),
            ("/api/prompts/greeting/latest/live.json", 15, &latest),
            (
                "/api/prompts/greeting?version=1.0.0",
                86_400,
                &file("api/prompts/greeting/versions/1.0.0.json"),
            ),
            (
                "/api/environments/live/releases/1.json",
                31_536_000,
                &file("api/environments/live/releases/1.json"),
            ),
        ] {
            let answer = host.get(path);
            assert_eq!(answer.status(), 200, "{name}: {path}: {answer}");
            assert!(answer.bytes() == bytes, "{name}: {path}");
            let control = answer.header("cache-control").unwrap();
            let start = format!("private, max-age={caching}");
            assert!(control.starts_with(&start), "{name}: {path}: {control}");
            assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{name}: {path}");
            assert_eq!(answer.header("access-control-allow-origin"), None, "{name}: {path}");
        }
        // Without an environment of this name, the call without one is not answered by another.
        let answer = host.get("/api/prompts/greeting/latest");
        assert_is_refused(&host, "latest", &answer, 404);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{name}");
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{name}: {answer}");
        if name == "promptdex serve" {
            let error = "{\"error\":\"unknown environment `production`: use one of dev, live in `?environment=`\"}";
            assert_eq!(answer.text(), error);
            continue;
        }
        for path in ["/", "/api/registry.json", "/team.x/", "/teamAx/prompts/api/registry.json"] {
            let answer = host.ask_exactly("GET", path, &[]);
            assert_eq!(answer.status(), 404, "{name}: {path}: {answer}");
        }
        for (path, to) in [
            ("/team.x/prompts", "/team.x/prompts/".to_owned()),
            ("/team.x/prompts/p/greeting", host.path("p/greeting/")),
        ] {
            let answer = host.ask_exactly("GET", path, &[]);
            let found = (answer.status(), answer.header("location"));
            assert_eq!(found, (308, Some(&*to)), "{name}: {path}");
        }
        if let Ok(page) = fs::read(desk.path("dist/404.html")) {
            let answer = host.get("/p/nobody/");
            assert_eq!(answer.status(), 404, "{name}: {answer}");
            assert!(answer.bytes() == page, "{name}");
        }
    }
}

/// Reads everything with the two clients, and prints what they got as JSON: for each request the
/// document or text, or the name of the error.
const CLIENTS: &str = r#"
import asyncio, json, sys
from urllib.parse import quote
folder, url, requests = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
from plain import PromptRegistry
from cached import CachedPromptRegistry
plain, cached = PromptRegistry(url), CachedPromptRegistry(url)
def outcome(read):
    try:
        return read()
    except Exception as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        return f"{type(error).__name__} {status or error}"
answers = []
for client, name, version, environment in requests:
    if client == "plain":
        answers.append(outcome(lambda: plain.fetch(name, version=version, environment=environment)))
    elif client == "cached":
        arguments = {"environment": environment} if environment else {}
        answers.append(outcome(lambda: asyncio.run(cached.fetch(name, **arguments))))
    elif client == "create":
        answers.append(outcome(lambda: plain.create(name, "Hello.", "1.0.0", "first")))
    elif client == "promote":
        answers.append(outcome(lambda: plain.promote(name, environment, "because")))
json.dump(answers, sys.stdout)
"#;

#[test]
fn existing_clients_read_unmodified() {
    let clients = workspace().join("../shared/existing-clients");
    if !clients.is_dir() {
        eprintln!("skipped: the clients are not beside the repository");
        return;
    }
    let desk = sample();
    let files = desk.files();
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for (path, bytes) in &files {
        let document = || serde_json::from_slice::<Value>(bytes).unwrap();
        match RegistryPath::parse(path).unwrap() {
            RegistryPath::Version(name, version) => {
                for name in [name.to_string(), name.as_str().replace('/', "%2F")] {
                    requests.push(serde_json::json!(["plain", name, version, null]));
                    expected.push(document());
                }
            }
            RegistryPath::Latest(name, environment) => {
                for name in [name.to_string(), name.as_str().replace('/', "%2F")] {
                    let mut environments = vec![Some(environment.as_str())];
                    if environment.as_str() == "production" {
                        environments.push(None);
                    }
                    for environment in environments {
                        requests.push(serde_json::json!(["plain", name, null, environment]));
                        expected.push(document());
                        let prompt = document()["system_prompt"].clone();
                        requests.push(serde_json::json!(["cached", name, null, environment]));
                        expected.push(prompt);
                    }
                }
            }
            _ => {}
        }
    }
    for (request, error) in [
        (serde_json::json!(["plain", "nobody", "1.0.0", null]), "HTTPError 404"),
        (serde_json::json!(["plain", "customer-support/refund", "9.9.9", null]), "HTTPError 404"),
        (serde_json::json!(["plain", "customer-support/refund", null, "qa"]), "HTTPError 404"),
        (serde_json::json!(["plain", "customer-support/refund", "latest", null]), "HTTPError 400"),
        // The second client reads the error as JSON, and finds no prompt in it.
        (serde_json::json!(["cached", "nobody", null, null]), "KeyError 'system_prompt'"),
        (serde_json::json!(["create", "greeting", null, null]), "HTTPError 405"),
        (serde_json::json!(["promote", "greeting", null, "production"]), "HTTPError 405"),
    ] {
        requests.push(request);
        expected.push(Value::from(error));
    }
    for host in desk.hosts("/") {
        let output = Command::new("python3")
            .args(["-c", CLIENTS])
            .arg(&clients)
            .arg(host.url())
            .arg(serde_json::to_string(&requests).unwrap())
            .env("PYTHONPATH", workspace().join("target/clients"))
            .output()
            .unwrap();
        let errors = str::from_utf8(&output.stderr).unwrap();
        assert!(
            output.status.success(),
            "{}: {errors}\n`cargo xtask test` installs what the clients need",
            host.name
        );
        let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answers.len(), expected.len());
        for ((request, answer), expected) in requests.iter().zip(&answers).zip(&expected) {
            assert_eq!(answer, expected, "{}: {request}", host.name);
        }
    }
}
