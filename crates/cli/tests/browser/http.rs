//! One request over a socket of its own.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

/// What a host answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        // Not every host writes a space after the colon.
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}

/// Asks for a page as a browser does.
#[track_caller]
pub(crate) fn get(url: &str) -> Answer {
    let rest =
        url.strip_prefix("http://").unwrap_or_else(|| panic!("{url} is not on this machine"));
    let (address, path) = rest.split_once('/').unwrap();
    ask(address, "GET", &format!("/{path}"), "Accept: text/html,*/*\r\n", "")
        .unwrap_or_else(|error| panic!("cannot get {url}: {error}"))
}

pub(crate) fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; 65_536];
    loop {
        // Not every host closes the connection at the end.
        if let Some(answer) = whole(&bytes) {
            return Ok(answer);
        }
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => bytes.extend_from_slice(&piece[..length]),
        }
    }
}

/// Reads an answer, once all of it is there.
fn whole(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut answer = Answer { status, head, body: Vec::new() };
    let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
    let body = &bytes[end + 4..];
    if body.len() < length {
        return None;
    }
    answer.body = body.to_vec();
    Some(answer)
}
