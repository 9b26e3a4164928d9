//! Hosts for the browser tests: `promptdex serve`, and a plain static host without knowledge of
//! promptdex.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::http::{self, Answer};

/// Requests a page as a browser does.
#[track_caller]
pub(crate) fn get(url: &str) -> Answer {
    let request = ureq::http::Request::get(url).header("accept", "text/html,*/*").body(()).unwrap();
    http::send(&http::agent(None), request)
        .unwrap_or_else(|error| panic!("cannot get {url}: {error}"))
}

/// `promptdex serve`, which sends the content security policy as a header.
pub(crate) struct Serve {
    child: Child,
    /// The URL of the registry, with a final slash.
    pub(crate) base: String,
}

impl Drop for Serve {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Serve {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(["serve", "--port", "0"])
            .arg(folder)
            .env_clear()
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.map(Result::unwrap).find(|line| line.starts_with("Serving")).unwrap();
        let (_, base) = line.split_once(" at ").unwrap();
        Self { base: base.to_owned(), child }
    }
}

/// A request that the host received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The path relative to the registry root, without the query.
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) bytes: usize,
}

/// A static host for a folder at a URL path. It serves `index.html` for folders and `404.html` for
/// missing files. It sends no content security policy, compresses nothing, and records requests.
pub(crate) struct Static {
    address: SocketAddr,
    /// The URL of the registry, with a final slash.
    pub(crate) base: String,
    requests: Arc<Mutex<Vec<Request>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Static {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // A connection ends its wait.
        drop(TcpStream::connect(self.address));
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Static {
    /// Serves a folder at a URL path such as `/registry/`.
    pub(crate) fn start(folder: &Path, below: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = {
            let files = Files { folder: folder.to_owned(), below, requests: Arc::clone(&requests) };
            let is_over = Arc::clone(&is_over);
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let files = files.clone();
                    std::thread::spawn(move || files.talk(&stream.unwrap()));
                }
            })
        };
        let base = format!("http://{address}{below}");
        Self { address, base, requests, is_over, thread: Some(thread) }
    }

    /// Returns the requests since the last call.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

#[derive(Clone)]
struct Files {
    folder: PathBuf,
    below: &'static str,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Files {
    /// Responds to the request of a connection. A browser may open a connection without a request.
    fn talk(&self, stream: &TcpStream) {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(line)) = lines.next() {
            // The headers have no effect.
            for header in lines.by_ref() {
                match header {
                    Ok(header) if !header.is_empty() => {}
                    Ok(_) => break,
                    Err(_) => return,
                }
            }
            let target = line.split(' ').nth(1).unwrap_or_default();
            let answer = self.answer(target);
            let mut stream = stream;
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    }

    fn answer(&self, target: &str) -> Vec<u8> {
        let path = target.split('?').next().unwrap_or_default();
        let Some(path) = path.strip_prefix(self.below) else {
            return response(404, "content-type: text/plain\r\n", b"another part of this host\n");
        };
        let file = self.folder.join(path);
        let (status, headers, body) = if path.split('/').any(|part| part == "..") {
            (400, String::new(), Vec::new())
        } else if file.is_dir() && !path.is_empty() && !path.ends_with('/') {
            (301, format!("location: {}{path}/\r\n", self.below), Vec::new())
        } else {
            let file = if file.is_dir() { file.join("index.html") } else { file };
            let missing = || (404, self.folder.join("404.html"));
            let (status, file) = if file.is_file() { (200, file) } else { missing() };
            let headers = format!("content-type: {}\r\n", content_type(&file));
            (status, headers, std::fs::read(file).unwrap())
        };
        let request = Request { path: path.to_owned(), status, bytes: body.len() };
        self.requests.lock().unwrap().push(request);
        response(status, &headers, &body)
    }
}

fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
