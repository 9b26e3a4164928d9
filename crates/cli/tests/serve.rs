//! Tests `promptdex serve`: the static host over a real socket, and a preview that follows its
//! tree. Tests wait for an event, a line in the terminal or a response, and never for a fixed time.
//! A test that waits too long fails.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod git;
mod http;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Request;
use ureq::http::request::Builder;
use ureq::{Agent, BodyReader};

use crate::http::Answer;

/// A limit that no operation exceeds, even on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// A folder with a tree.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            desk.write(path, text);
        }
        desk
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file of the tree.
    fn write(&self, path: &str, text: &str) {
        let path = self.path("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, line: &str) {
        let status = self.command(line).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "promptdex {line}");
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptdex"));
        command.args(line.split_whitespace()).current_dir(self.0.path()).env_clear();
        command
    }

    /// Serves the sample tree as published.
    fn published(&self) -> Server {
        let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts");
        self.run(&format!("build --root {}", prompts.to_str().unwrap()));
        self.serve("dist")
    }

    /// Starts a server, and waits until it is ready.
    fn serve(&self, line: &str) -> Server {
        let mut child =
            self.command(&format!("serve --port 0 {line}")).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let agent = http::agent(Some(LONG));
        let mut server = Server { child, agent, address: String::new(), lines };
        let line = server.line("Serving");
        line.split("http://").nth(1).unwrap().trim_end_matches('/').clone_into(&mut server.address);
        server
    }

    /// Returns all files in a folder, by relative path.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.path(folder);
        let entries = walkdir::WalkDir::new(&folder).into_iter().map(Result::unwrap);
        entries
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                (path, fs::read(entry.path()).unwrap())
            })
            .collect()
    }
}

struct Server {
    child: Child,
    agent: Agent,
    address: String,
    lines: Receiver<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may already have been ended by a test.
        drop(self.child.kill());
        self.child.wait().unwrap();
    }
}

impl Server {
    /// Waits for a line of the terminal with this beginning.
    fn line(&self, start: &str) -> String {
        let mut seen = Vec::new();
        loop {
            let Ok(line) = self.lines.recv_timeout(LONG) else {
                panic!("no line begins with {start}:\n{}", seen.join("\n"));
            };
            if line.starts_with(start) {
                return line;
            }
            seen.push(line);
        }
    }

    /// Sends a request without a body to a path.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.request(method, path);
        let with = |request: Builder, &(name, value): &(&str, &str)| request.header(name, value);
        let request = headers.iter().fold(request, with).body(()).unwrap();
        http::send(&self.agent, request).unwrap()
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder().method(method).uri(format!("http://{}{path}", self.address))
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Requests a page as a browser does.
    fn page(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("accept", "text/html")])
    }

    fn etag(&self, path: &str) -> String {
        self.get(path).header("etag").unwrap().to_owned()
    }

    fn events(&self) -> Events {
        let request = self.request("GET", "/.promptdex/events").body(()).unwrap();
        let stream = self.agent.run(request).unwrap().into_body().into_reader();
        Events(BufReader::new(stream).lines())
    }

    /// Sends Ctrl-C, and returns the time until the process ends.
    #[cfg(unix)]
    fn interrupt(&mut self) -> Duration {
        let started = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        started.elapsed()
    }

    /// Whether the program was built with the site.
    fn has_pages(&self) -> bool {
        self.get("/").header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
    }
}

/// A stream of events.
struct Events(std::io::Lines<BufReader<BodyReader<'static>>>);

impl Events {
    /// Waits for an event that satisfies a condition.
    fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        for line in self.0.by_ref() {
            if let Some(event) = line.unwrap().strip_prefix("data: ") {
                let event = serde_json::from_str(event).unwrap();
                if is_it(&event) {
                    return event;
                }
            }
        }
        panic!("the stream has ended");
    }

    /// Waits for an event with a different build than the last one.
    fn rebuilt(&mut self, last: &Value) -> Value {
        self.until(|event| event["build"] != last["build"])
    }

    /// Waits until the tree is newer than the served build.
    fn behind(&mut self) -> Value {
        self.until(|event| event["is_behind"] == true)
    }
}

/// Repeats a request until the response satisfies a condition.
fn wait(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

const TREE: [(&str, &str); 4] = [
    ("greeting/v1.0.0/system_prompt.txt", "Hello.\n"),
    ("greeting/environments/production.yaml", "version: 1.0.0\n"),
    ("support/refund/v1.0.0/system_prompt.txt", "Refund it.\n"),
    ("registry.yaml", "registry: acme-prompts\nvisibility: public\n"),
];

const GREETING: &str = "/api/prompts/greeting/versions/1.0.0.json";

#[test]
fn answers_as_a_static_host_should() {
    let desk = Desk::new(&[]);
    let server = desk.published();
    let latest = "/api/prompts/customer-support/refund/latest/production.json";
    let answer = server.get(latest);
    assert_eq!(answer.status(), 200, "{answer}");
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "public, max-age=15, stale-while-revalidate=45, stale-if-error=3600"),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "etag"),
        ("x-content-type-options", "nosniff"),
    ] {
        let found = answer.header(name).map(str::to_lowercase);
        assert_eq!(found.as_deref(), Some(value), "{name}");
    }
    assert!(answer.text().starts_with(r#"{"format":1,"kind":"latest","#));

    let etag = answer.header("etag").unwrap();
    for tags in [etag, &format!("\"x\", W/{etag}"), "*"] {
        let answer = server.ask("GET", latest, &[("if-none-match", tags)]);
        assert_eq!(answer.status(), 304, "{tags}: {answer}");
        assert_eq!((answer.header("etag"), &*answer.text()), (Some(etag), ""), "{tags}");
    }
    let answer = server.ask("HEAD", latest, &[]);
    assert_eq!((answer.status(), &*answer.text()), (200, ""));

    let answer = server.get("/api/prompts/customer-support/refund/versions/1.1.0.json");
    let caching = answer.header("cache-control").unwrap();
    // A redaction gets through within a day.
    assert_eq!(caching, "public, max-age=86400");
    let answer = server.get("/api/environments/production/releases/1.json");
    let caching = answer.header("cache-control").unwrap();
    assert_eq!(caching, "public, max-age=31536000, immutable");
    let answer = server.get("/api/environments/production.json");
    assert!(answer.header("cache-control").unwrap().contains("max-age=15"), "{answer}");
    let answer = server.ask("POST", "/api/registry.json", &[]);
    assert_eq!((answer.status(), answer.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn what_is_not_published_is_a_404_that_nothing_caches() {
    let desk = Desk::new(&[]);
    let server = desk.published();
    for path in [
        "/api",
        "/api/",
        "/api/prompts/customer-support/refund/latest/prod.json",
        "/api/prompts/customer-support/refund/versions/9.9.9.json",
        "/api/prompts/nobody/latest/production.json",
        "/api/prompts/customer-support/refund/versions/1.1.0.json/",
        "/api/../../prompts/registry.yaml",
        "/api/%2e%2e/%2e%2e/prompts/registry.yaml",
        "/../Cargo.toml",
        "//etc/passwd",
        "/api/prompts/..%2f..%2fetc/versions.json",
        "/api/prompts/nobody/versions",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status(), 404, "{path}: {answer}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let start = if path.starts_with("/api/") { "{\"error\":\"" } else { "not found" };
        assert!(answer.text().starts_with(start), "{path}: {}", answer.text());
    }
}

#[test]
fn what_is_published_is_served_as_it_is() {
    let desk = Desk::new(&TREE);
    desk.run("build");
    let server = desk.serve("dist");
    let before = desk.files("dist");
    for (path, bytes) in &before {
        if path.ends_with(".html") && path != "404.html" {
            let answer = server.get(&format!("/{}", path.trim_end_matches("index.html")));
            let policy = answer.header("content-security-policy");
            assert!(policy.is_some_and(|it| it.starts_with("default-src 'none'")), "{answer}");
            let body = answer.text();
            assert!(body.as_bytes() == bytes && !body.contains("/.promptdex/"), "{path}");
        }
    }
    for path in ["/.promptdex/events", "/.promptdex/live.js", "/.promptdex/live.css"] {
        assert_eq!(server.get(path).status(), 404, "{path}");
    }
    assert!(!desk.path("prompts/.promptdex").exists());
    assert!(desk.files("dist") == before);
}

#[test]
fn an_edit_is_served_and_told() {
    let desk = Desk::new(&TREE);
    // Releases name the rules in force, so that the first policy would change what is served.
    desk.write("policy.yaml", "checks: {}\n");
    let server = desk.serve("");
    let mut events = server.events();
    let first = events.until(|_| true);
    assert_eq!(first["findings"], serde_json::json!([]));
    let answer = server.get(GREETING);
    assert!(answer.text().contains("Hello."), "{}", answer.text());
    // Files that may change are revalidated each time; files that are named by their content are
    // not.
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let etag = server.etag(GREETING);
    let other = server.etag("/api/prompts/support/refund/versions.json");

    desk.write("greeting/v1.0.0/system_prompt.txt", "Good morning.\n");
    let second = events.rebuilt(&first);
    assert_eq!(
        (&second["is_behind"], &second["findings"]),
        (&false.into(), &serde_json::json!([]))
    );
    assert!(server.line("Rebuilt").starts_with("Rebuilt 1 prompt in "));
    assert!(server.get(GREETING).text().contains("Good morning."));
    assert_ne!(server.etag(GREETING), etag);
    assert_eq!(server.etag("/api/prompts/support/refund/versions.json"), other);

    // An edit without effect sends no event. A new finding sends one, although the pages stay.
    desk.write("greeting/README.md", "Notes.\n");
    desk.write("greeting/v1.0.0/metadata.json", "{\"variables\": {\"name\": \"string\"}}\n");
    let third = events.rebuilt(&second);
    assert_eq!(third["summary"], "1 warning");
    let finding = &third["findings"][0];
    assert_eq!(finding["severity"], "warning");
    assert_eq!(finding["code"], "unused-variable");
    assert_eq!(finding["place"], "prompts/greeting/v1.0.0/metadata.json:1:16");
    assert_eq!(finding["message"], "variable `name` is declared but never used");
    desk.write("policy.yaml", "checks: {unused-variable: off}\n");
    let last = events.until(|event| event["findings"] == serde_json::json!([]));
    assert_eq!(last["build"], third["build"]);
}

#[test]
fn a_preview_answers_to_no_name_but_its_own() {
    let desk = Desk::new(&TREE);
    let server = desk.serve("");
    for (host, status) in [
        ("localhost:8017", 200),
        ("127.0.0.1", 200),
        ("[::1]:8017", 200),
        ("evil.example", 403),
        ("localhost.evil.example:8017", 403),
    ] {
        for path in ["/api/registry.json", "/.promptdex/live.js", "/"] {
            let answer = server.ask("GET", path, &[("host", host)]);
            // Without the site there are no pages.
            let is_right = answer.status() == status || (path == "/" && answer.status() == 404);
            assert!(is_right, "{host} {path}: {answer}");
        }
    }
}

#[test]
fn pages_listen() {
    let desk = Desk::new(&TREE);
    let server = desk.serve("");
    if !server.has_pages() {
        return;
    }
    let mut events = server.events();
    let first = events.until(|_| true);
    let build = first["build"].as_str().unwrap();
    let script = format!(
        "<script src=\"/.promptdex/live.js\" data-build=\"{build}\" defer></script>\n</head>"
    );
    for path in ["/", "/p/greeting/", "/environments/", "/history/", "/status/"] {
        let answer = server.get(path);
        assert_eq!(answer.status(), 200, "{path}: {answer}");
        assert!(answer.text().contains(&script), "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        let etag = server.etag(path);
        let answer = server.ask("GET", path, &[("if-none-match", &etag)]);
        assert_eq!((answer.status(), &*answer.text()), (304, ""), "{path}: {answer}");
    }
    let answer = server.page("/p/nobody/");
    assert_eq!(answer.status(), 404, "{answer}");
    assert!(answer.text().contains(&script), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for (name, kind) in
        [("live.js", "text/javascript"), ("live.css", "text/css"), ("events", "text/event-stream")]
    {
        let answer = server.ask("HEAD", &format!("/.promptdex/{name}"), &[]);
        assert_eq!(answer.status(), 200, "{name}: {answer}");
        assert!(answer.header("content-type").unwrap().starts_with(kind), "{name}: {answer}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
        // Other sites must not read the findings.
        assert_eq!(answer.header("access-control-allow-origin"), None, "{name}");
    }
    let asset = desk.files("prompts/.promptdex/preview/assets").into_keys().next().unwrap();
    let answer = server.get(&format!("/assets/{asset}"));
    assert!(answer.header("cache-control").unwrap().contains("immutable"), "{answer}");

    let etag = server.etag("/p/greeting/");
    desk.write("greeting/v1.0.0/system_prompt.txt", "Good morning.\n");
    events.rebuilt(&first);
    assert_ne!(server.etag("/p/greeting/"), etag);
    assert!(server.get("/p/greeting/").text().contains("Good morning."));
    assert!(
        desk.files("prompts/.promptdex/preview")
            .values()
            .all(|bytes| { !String::from_utf8_lossy(bytes).contains("/.promptdex/") })
    );
}

#[test]
fn the_last_good_build_stays_up() {
    let desk = Desk::new(&TREE);
    let server = desk.serve("");
    let mut events = server.events();
    let first = events.until(|_| true);
    let before = desk.files("prompts/.promptdex/preview");
    desk.write("support/refund/v1.1.0/system_prompt.txt", "Refund it at once.\n");
    desk.write("greeting/v1.0.0/system_prompt.txt", "Hello {{ name }}.\n");
    let behind = events.behind();
    assert_eq!(behind["build"], first["build"]);
    assert_eq!(behind["summary"], "1 error");
    assert_eq!(behind["findings"][0]["code"], "undefined-variable");
    assert_eq!(behind["findings"][0]["place"], "prompts/greeting/v1.0.0/system_prompt.txt:1:10");
    assert!(behind["findings"][0]["help"].is_string());
    assert_eq!(server.line("error"), "error[undefined-variable]: variable `name` is not declared");
    server.line("Not rebuilt: fix the errors first; the last successful build stays up");
    let answer = server.get(GREETING);
    assert_eq!(answer.status(), 200, "{answer}");
    assert!(answer.text().contains("Hello."), "{}", answer.text());
    assert!(desk.files("prompts/.promptdex/preview") == before);

    desk.write("greeting/v1.0.0/system_prompt.txt", "Hello again.\n");
    let fixed = events.rebuilt(&first);
    assert_eq!((&fixed["is_behind"], &fixed["summary"]), (&false.into(), &"".into()));
    assert!(server.get(GREETING).text().contains("Hello again."));
    assert!(server.get("/api/prompts/support/refund/versions.json").text().contains("1.1.0"));
}

#[test]
fn errors_come_first_and_warnings_take_one_line() {
    let desk = Desk::new(&TREE);
    let unused = "{\"variables\": {\"name\": \"string\"}}\n";
    desk.write("greeting/v1.0.0/metadata.json", unused);
    let server = desk.serve("");
    let mut events = server.events();
    events.until(|_| true);
    desk.write("support/refund/v1.1.0/system_prompt.txt", "Hello {{ name }}.\n");
    let behind = events.behind();
    let codes = ["undefined-variable", "unused-variable"];
    for (finding, code) in behind["findings"].as_array().unwrap().iter().zip(codes) {
        assert_eq!(finding["code"], code);
    }
    server.line("error[undefined-variable]: ");
    let place = "prompts/greeting/v1.0.0/metadata.json:1:16";
    let warning = server.line(place);
    let expected = "warning[unused-variable]: variable `name` is declared but never used";
    assert_eq!(warning, format!("{place}: {expected}"));
    server.line("1 error, 1 warning in ");
}

#[test]
fn a_tree_that_is_broken_from_the_start_says_so_on_every_page() {
    let desk = Desk::new(&TREE);
    desk.write("greeting/v1.0.0/system_prompt.txt", "Hello {{ <b> }}.\n");
    let server = desk.serve("");
    let mut events = server.events();
    let first = events.until(|_| true);
    for answer in [server.get("/"), server.get("/p/greeting/"), server.page("/x")] {
        let body = answer.text();
        assert_eq!(answer.status(), 503, "{answer}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("content-security-policy").is_some(), "{answer}");
        assert!(body.contains("<script src=\"/.promptdex/live.js\""), "{body}");
        assert!(body.contains("greeting/v1.0.0/system_prompt.txt:1"), "{body}");
        assert!(body.contains("{{ &lt;b> }}") && !body.contains('\u{1b}'), "{body}");
    }
    let answer = server.get(GREETING);
    assert_eq!(answer.status(), 503, "{answer}");
    assert!(answer.text().starts_with("{\"error\":\"not built yet"), "{}", answer.text());

    // The page is reloaded for the error, and again once it is fixed.
    desk.write("greeting/v1.0.0/system_prompt.txt", "Hello {{ name }}.\n");
    let second = events.rebuilt(&first);
    assert!(server.get("/").text().contains("`name` is not declared"));
    desk.write("greeting/v1.0.0/system_prompt.txt", "Hello.\n");
    events.rebuilt(&second);
    assert_eq!(server.get(GREETING).status(), 200);
    assert!(server.line("Built").contains("2 prompts, 2 versions"));
}

#[test]
fn what_is_removed_is_gone_and_what_is_published_is_not_touched() {
    let desk = Desk::new(&TREE);
    desk.run("build");
    fs::write(desk.path("dist/CNAME"), "prompts.example.com\n").unwrap();
    let times = |desk: &Desk| -> Vec<_> {
        let entries = walkdir::WalkDir::new(desk.path("dist")).sort_by_file_name().into_iter();
        let entries = entries.map(Result::unwrap);
        entries
            .map(|entry| (entry.path().to_owned(), entry.metadata().unwrap().modified().unwrap()))
            .collect()
    };
    let (published, before) = (desk.files("dist"), times(&desk));
    let server = desk.serve("");
    let mut events = server.events();
    let first = events.until(|_| true);
    fs::remove_dir_all(desk.path("prompts/support")).unwrap();
    let second = events.rebuilt(&first);
    for path in ["/api/prompts/support/refund/versions.json", "/p/support/refund/"] {
        assert_eq!(server.get(path).status(), 404, "{path}");
    }
    assert!(!server.get("/api/catalog.json").text().contains("refund"));
    server.line("Removed 1 prompt in ");
    assert!(!desk.path("prompts/.promptdex/preview/p/support").exists());
    // The prompt returns.
    desk.write("support/refund/v1.0.0/system_prompt.txt", "Refund it.\n");
    events.rebuilt(&second);
    assert!(server.get("/api/catalog.json").text().contains("refund"));
    assert!(desk.files("dist") == published && times(&desk) == before);
}

/// After any operations of an editor, Git or a file manager, the served registry equals the tree.
#[test]
fn every_way_to_change_a_tree_is_seen() {
    let desk = Desk::new(&TREE);
    let server = desk.serve("");
    let says = |text: &str| wait(text, || server.get(GREETING).text().contains(text));
    let file = desk.path("prompts/greeting/v1.0.0/system_prompt.txt");

    // An editor may write a new file and rename it over the old one.
    let other = file.with_file_name(".system_prompt.txt.swp");
    fs::write(&other, "Saved by renaming.\n").unwrap();
    fs::rename(&other, &file).unwrap();
    says("Saved by renaming.");
    // An editor may move the old file aside.
    fs::rename(&file, &other).unwrap();
    fs::write(&file, "Moved aside.\n").unwrap();
    fs::remove_file(&other).unwrap();
    says("Moved aside.");
    // A folder is moved into the tree, and changes afterwards.
    let outside = desk.path("outside/billing/invoice/v1.0.0");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("system_prompt.txt"), "Pay.\n").unwrap();
    fs::rename(desk.path("outside/billing"), desk.path("prompts/billing")).unwrap();
    let invoice = |text: &str| {
        let path = "/api/prompts/billing/invoice/versions/1.0.0.json";
        wait(text, || server.get(path).text().contains(text));
    };
    invoice("Pay.");
    desk.write("billing/invoice/v1.0.0/system_prompt.txt", "Pay at once.\n");
    invoice("Pay at once.");
    fs::rename(desk.path("prompts/billing"), desk.path("outside/billing")).unwrap();
    wait("billing is gone", || !server.get("/api/catalog.json").text().contains("billing"));
    // A new folder inside a new folder.
    desk.write("shared/tone/kind/v1.0.0/system_prompt.txt", "Be kind.\n");
    wait("shared is there", || server.get("/api/catalog.json").text().contains("shared/tone/kind"));
    // The tree disappears for a while, as when Git switches to a branch without it.
    fs::rename(desk.path("prompts"), desk.path("elsewhere")).unwrap();
    server.line("Not rebuilt:");
    fs::rename(desk.path("elsewhere"), desk.path("prompts")).unwrap();
    desk.write("greeting/v1.0.0/system_prompt.txt", "Back again.\n");
    says("Back again.");
    desk.write("greeting/v1.0.0/system_prompt.txt", "Watched again.\n");
    says("Watched again.");

    desk.run("build --output fresh");
    wait("the preview is what a build writes", || {
        desk.files("prompts/.promptdex/preview") == desk.files("fresh")
    });
}

/// A preview names nobody for what they did not write.
#[test]
fn a_version_that_was_edited_on_disk_has_no_author() {
    let desk = Desk::new(&TREE);
    let git = |arguments: &[&str]| {
        git::git(&desk.path(""), &desk.path("home"), "Ana", "1772442000 +0000", arguments)
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "Begin"]);
    let server = desk.serve("");
    let author = || {
        let document: Value = serde_json::from_str(&server.get(GREETING).text()).unwrap();
        document["created_by"].as_str().map(str::to_owned)
    };
    assert_eq!(author().as_deref(), Some("ana@example.com"));
    desk.write("greeting/v1.0.0/system_prompt.txt", "Good morning.\n");
    wait("the edit has no author", || author().is_none());
    desk.write("greeting/v1.0.0/system_prompt.txt", "Hello.\n");
    wait("the text of the commit has its author again", || author().is_some());
    desk.run("build --output fresh");
    wait("the preview is what a build writes", || {
        desk.files("prompts/.promptdex/preview") == desk.files("fresh")
    });
}

#[test]
fn two_servers_of_one_tree_do_not_meet() {
    let desk = Desk::new(&TREE);
    let first = desk.serve("");
    let second = desk.serve("");
    desk.write("greeting/v1.0.0/system_prompt.txt", "Good morning.\n");
    for server in [&first, &second] {
        wait("the edit is served", || server.get(GREETING).text().contains("Good morning."));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_waits_for_no_stream_and_the_next_start_reads_only_what_changed() {
    let desk = Desk::new(&TREE);
    let mut server = desk.serve("");
    let mut events = server.events();
    let first = events.until(|_| true);
    desk.write("greeting/v1.0.0/system_prompt.txt", "Good morning.\n");
    events.rebuilt(&first);
    let took = server.interrupt();
    assert!(took < Duration::from_secs(1), "{took:?}");

    // The existing build is reused, so a manual change of one of its files goes unnoticed.
    let list = "/api/prompts/greeting/versions.json";
    let file = |path: &str| desk.path("prompts/.promptdex/preview").join(&path[1..]);
    fs::write(file(list), "by hand").unwrap();
    let server = desk.serve("");
    assert_eq!(server.get(list).text(), "by hand");
    // A missing file that must be read is noticed.
    fs::write(file(GREETING), "by hand").unwrap();
    desk.write("support/refund/v1.0.0/system_prompt.txt", "Refund it at once.\n");
    server.line("Rebuilt 2 prompts in ");
    assert!(server.get(GREETING).text().contains("Good morning."));
    // The build is not reused if it was not recorded as complete.
    drop(server);
    fs::write(file(list), "by hand").unwrap();
    let server = desk.serve("");
    assert!(server.get(list).text().contains("1.0.0"));
}

#[test]
fn what_cannot_be_served_says_why() {
    let desk = Desk::new(&TREE);
    let print = |line: &str| {
        let output = desk.command(line).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(
        print("serve prompts"),
        "error: no registry found in `prompts`\n\
         help: run `promptdex serve --root prompts` to preview a prompt tree\n"
    );
    assert!(print("serve --root nowhere").contains("folder `nowhere` not found"));
    let server = desk.serve("");
    let port = server.address.rsplit(':').next().unwrap();
    assert!(
        print(&format!("serve --port {port}")).contains("choose a different port with `--port`")
    );
}
