//! The documents of the registry. Each is read once: in the browser over HTTP, in the compiler from
//! what has just been written. What has a digest is only shown when it matches.

pub mod json;

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use promptdex_wire::prompt::Published;
use promptdex_wire::{Blob, Digest, Document, FORMAT, Kind, Path, Redacted};
use serde::de::DeserializeOwned;

/// How far a document has come.
#[derive(Debug)]
pub enum Load<T> {
    /// It is on its way.
    Loading,
    /// It is there.
    Ready(Arc<T>),
    /// There is no such document.
    Absent,
    /// It could not be read.
    Failed(Problem),
}

impl<T> Clone for Load<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(document) => Self::Ready(Arc::clone(document)),
            Self::Absent => Self::Absent,
            Self::Failed(problem) => Self::Failed(problem.clone()),
        }
    }
}

impl<T> Load<T> {
    /// Says what reading something has come to.
    pub fn of(read: Result<T, String>) -> Self {
        match read {
            Ok(value) => Self::Ready(Arc::new(value)),
            Err(error) => Self::Failed(Problem::Format(error)),
        }
    }

    /// Returns the document, if it is there.
    pub fn ready(self) -> Option<Arc<T>> {
        match self {
            Self::Ready(document) => Some(document),
            Self::Loading | Self::Absent | Self::Failed(_) => None,
        }
    }
}

/// Why a document cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The host did not answer, or not with the document.
    Network(String),
    /// The bytes are not the ones that were published.
    Digest {
        /// What the registry names.
        expected: Digest,
        /// What the host sent.
        actual: Digest,
    },
    /// The bytes are not a document that this site reads.
    Format(String),
}

/// A document that pages read.
pub trait Readable: Sized + Send + Sync + 'static {
    /// Reads a document of a format that this site knows; `kind` is what it says that it is.
    fn read(kind: &str, value: &json::Value<'_>) -> Result<Self, json::Error>;
}

impl<T: Document + DeserializeOwned + Send + Sync + 'static> Readable for T {
    fn read(kind: &str, value: &json::Value<'_>) -> Result<Self, json::Error> {
        expect(kind, T::KIND)?;
        value.read()
    }
}

fn expect(kind: &str, expected: Kind) -> Result<(), json::Error> {
    if kind == expected.as_str() { Ok(()) } else { Err(json::Error::kind(kind, expected)) }
}

/// What stands at a version's address.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedVersion(pub Published);

impl Readable for PublishedVersion {
    fn read(kind: &str, value: &json::Value<'_>) -> Result<Self, json::Error> {
        let published = if kind == Kind::Redacted.as_str() {
            Published::Redacted(Redacted::read(kind, value)?)
        } else {
            Published::Version(Box::new(Readable::read(kind, value)?))
        };
        Ok(Self(published))
    }
}

/// The text of a document, for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Readable for Text {
    fn read(_: &str, value: &json::Value<'_>) -> Result<Self, json::Error> {
        Ok(Self(value.text().to_owned()))
    }
}

/// Where documents come from in the compiler.
pub type Reader = Arc<dyn Fn(&Path) -> Option<Vec<u8>> + Send + Sync>;

/// The bytes of a file: nothing stands for one that is not there.
type Arrived = Result<Option<Vec<u8>>, Problem>;

/// A document that has been asked for.
struct Known {
    path: Path,
    /// An `ArcRwSignal<Load<T>>`.
    signal: Box<dyn Any + Send>,
}

/// The documents that have been asked for.
#[derive(Clone)]
pub struct Store {
    documents: Arc<Mutex<Vec<Known>>>,
    /// Files that were read before they are asked for.
    ahead: Arc<Mutex<Vec<(Path, Arrived)>>>,
    reader: Option<Reader>,
}

impl Default for Store {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Store {
    /// Begins without documents. The browser fetches them; a compiler passes its `reader`.
    pub fn new(reader: Option<Reader>) -> Self {
        Self { documents: Arc::default(), ahead: Arc::default(), reader }
    }

    /// Returns the store of the app.
    pub fn get() -> Self {
        use_context().unwrap_or_default()
    }

    /// Returns a document, and asks for it when it is not there yet.
    pub fn document<T: Readable>(&self, path: Path) -> ArcRwSignal<Load<T>> {
        self.load(path, None)
    }

    /// Returns a document that has a digest.
    pub fn verified<T: Readable>(&self, path: Path, blob: Blob) -> ArcRwSignal<Load<T>> {
        self.load(path, Some(blob))
    }

    fn load<T: Readable>(&self, path: Path, blob: Option<Blob>) -> ArcRwSignal<Load<T>> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let same = documents.iter().filter(|known| known.path == path);
        if let Some(known) = { same }.find_map(|known| known.signal.downcast_ref()) {
            return ArcRwSignal::clone(known);
        }
        let signal = ArcRwSignal::new(Load::Loading);
        documents.push(Known { path: path.clone(), signal: Box::new(signal.clone()) });
        drop(documents);
        let there = match &self.reader {
            Some(read) => Some(Ok(read(&path))),
            None => self.take_ahead(&path),
        };
        match there {
            Some(bytes) => signal.set(arrived(bytes, blob)),
            None => self.start(path, blob, &signal),
        }
        signal
    }

    fn take_ahead(&self, path: &Path) -> Option<Arrived> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.iter().find(|(there, _)| there == path).map(|(_, bytes)| bytes.clone())
    }

    #[cfg(feature = "csr")]
    #[expect(clippy::unused_self, reason = "the compiler has a reader")]
    fn start<T: Readable>(&self, path: Path, blob: Option<Blob>, signal: &ArcRwSignal<Load<T>>) {
        let signal = signal.clone();
        wasm_bindgen_futures::spawn_local(async move {
            signal.set(arrived(fetch(&path).await, blob));
        });
    }

    #[cfg(not(feature = "csr"))]
    fn start<T: Readable>(&self, _: Path, _: Option<Blob>, _: &ArcRwSignal<Load<T>>) {}

    /// Reads files, all at once, before they are asked for.
    #[cfg(feature = "csr")]
    pub async fn read_ahead(&self, paths: Vec<Path>) {
        let fetches = paths.into_iter().map(|path| async {
            let bytes = fetch(&path).await;
            (path, bytes)
        });
        let read = futures::future::join_all(fetches).await;
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).extend(read);
    }
}

/// Reads bytes that have arrived. `None` stands for a file that is not there.
fn arrived<T: Readable>(bytes: Arrived, blob: Option<Blob>) -> Load<T> {
    let bytes = match bytes.and_then(|bytes| checked(bytes, blob)) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Load::Absent,
        Err(problem) => return Load::Failed(problem),
    };
    let read = |(kind, value): (String, json::Value<'_>)| T::read(&kind, &value);
    match envelope(&bytes).and_then(read) {
        Ok(document) => Load::Ready(Arc::new(document)),
        Err(error) => Load::Failed(Problem::Format(error.to_string())),
    }
}

/// Holds bytes to their digest.
fn checked(bytes: Option<Vec<u8>>, blob: Option<Blob>) -> Result<Option<Vec<u8>>, Problem> {
    let Some(bytes) = bytes else { return Ok(None) };
    if let Some(blob) = blob {
        let actual = Digest::of(&bytes);
        if actual != blob.digest {
            return Err(Problem::Digest { expected: blob.digest, actual });
        }
    }
    // Some hosts answer with a page, and status 200, where there is nothing.
    Ok(Some(bytes).filter(|bytes| bytes.first() != Some(&b'<')))
}

/// Reads what every document begins with.
fn envelope(bytes: &[u8]) -> Result<(String, json::Value<'_>), json::Error> {
    let value = json::parse(std::str::from_utf8(bytes).unwrap_or_default())?;
    let format = value.get("format").and_then(|format| format.text().parse::<u32>().ok());
    if format.is_none_or(|format| format > FORMAT) {
        return Err(json::Error::format(format));
    }
    let kind = value.get("kind").and_then(json::Value::as_str).unwrap_or_default().to_owned();
    Ok((kind, value))
}

/// Fetches a file. `None` says that the host has none.
#[cfg(feature = "csr")]
async fn fetch(path: &Path) -> Arrived {
    let failed = |error: gloo_net::Error| Problem::Network(error.to_string());
    let response = gloo_net::http::Request::get(&path.to_string()).send().await.map_err(failed)?;
    match response.status() {
        404 => Ok(None),
        200 => response.binary().await.map_err(failed).map(Some),
        status => Err(Problem::Network(format!("the host answered {status}"))),
    }
}
