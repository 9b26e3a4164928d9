//! `promptdex serve` is a static host that behaves: asked over a real socket.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Server {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts");
        let mut child = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(["serve", "--build", "--port", "0", "--root", prompts.to_str().unwrap()])
            .current_dir(folder.path())
            .env_clear()
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.map(Result::unwrap).find(|line| line.starts_with("Serving")).unwrap();
        let address = line.split("http://").nth(1).unwrap().trim_end_matches('/').to_owned();
        Self { child, address, _folder: folder }
    }

    /// Sends a request as it is written, and returns the head and the body of the answer.
    fn ask(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{request}\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_lowercase(), body.to_owned())
    }
}

#[test]
fn answers_as_a_static_host_should() {
    let server = Server::start();
    let latest = "/api/prompts/customer-support/refund/latest/production.json";
    let (head, body) = server.ask(&format!("GET {latest} HTTP/1.1"));
    assert!(head.starts_with("http/1.1 200"), "{head}");
    for line in [
        "content-type: application/json; charset=utf-8",
        "cache-control: public, max-age=15, stale-while-revalidate=45, stale-if-error=3600",
        "access-control-allow-origin: *",
        "access-control-expose-headers: etag",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(line), "{line} is not in\n{head}");
    }
    assert!(body.starts_with(r#"{"format":1,"kind":"latest","#));

    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    for tags in [etag.to_owned(), format!("\"x\", W/{etag}"), "*".to_owned()] {
        let (head, body) = server.ask(&format!("GET {latest} HTTP/1.1\r\nIf-None-Match: {tags}"));
        assert!(
            head.starts_with("http/1.1 304") && body.is_empty() && head.contains(etag),
            "{tags}: {head}"
        );
    }
    let (head, body) = server.ask(&format!("HEAD {latest} HTTP/1.1"));
    assert!(head.starts_with("http/1.1 200") && body.is_empty(), "{head}");

    let (head, _) =
        server.ask("GET /api/prompts/customer-support/refund/versions/1.1.0.json HTTP/1.1");
    assert!(head.contains("cache-control: public, max-age=31536000, immutable"), "{head}");
    let (head, _) = server.ask("GET /api/environments/production.json HTTP/1.1");
    assert!(head.contains("max-age=15"), "{head}");
    let (head, _) = server.ask("POST /api/registry.json HTTP/1.1");
    assert!(head.starts_with("http/1.1 405") && head.contains("allow: get, head"), "{head}");
}

#[test]
fn what_is_not_published_is_a_404_that_nothing_caches() {
    let server = Server::start();
    for path in [
        "/",
        "/api",
        "/api/",
        "/index.html",
        "/api/prompts/customer-support/refund/latest/prod.json",
        "/api/prompts/customer-support/refund/versions/9.9.9.json",
        "/api/prompts/nobody/latest/production.json",
        "/api/prompts/customer-support/refund/versions/1.1.0.json/",
        "/api/../../prompts/registry.yaml",
        "/api/%2e%2e/%2e%2e/prompts/registry.yaml",
        "/../Cargo.toml",
        "//etc/passwd",
        "/api/prompts/..%2f..%2fetc/versions.json",
    ] {
        let (head, body) = server.ask(&format!("GET {path} HTTP/1.1"));
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
        assert!(head.contains("cache-control: no-store"), "{path}: {head}");
        assert!(body.starts_with("not found"), "{path}: {body}");
    }
}
