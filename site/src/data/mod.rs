//! The documents of the registry. Each is read once: in the browser over HTTP, in the compiler from
//! what has just been written. What has a digest is only shown when it matches.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
#[cfg(feature = "csr")]
use std::task::Poll;

use leptos::prelude::*;
use promptdex_reader::Value;
use promptdex_wire::prompt::Published;
use promptdex_wire::{Blob, Digest, Document, Kind, Path, Redacted};
use serde::de::DeserializeOwned;

/// How far a document has come.
#[derive(Debug)]
pub enum Load<T: ?Sized> {
    /// It is on its way.
    Loading,
    /// It is there.
    Ready(Arc<T>),
    /// There is no such document.
    Absent,
    /// It could not be read.
    Failed(Problem),
}

impl<T: ?Sized> Clone for Load<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(document) => Self::Ready(Arc::clone(document)),
            Self::Absent => Self::Absent,
            Self::Failed(problem) => Self::Failed(problem.clone()),
        }
    }
}

impl<T: ?Sized> Load<T> {
    /// Returns the document, if it is there.
    pub fn ready(self) -> Option<Arc<T>> {
        match self {
            Self::Ready(document) => Some(document),
            Self::Loading | Self::Absent | Self::Failed(_) => None,
        }
    }
}

/// A document of any type. Signals of each type would bring code of their own.
type AnyDocument = dyn Any + Send + Sync;

/// A document that is there or on its way.
pub struct Pending<T> {
    signal: ArcRwSignal<Load<AnyDocument>>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Pending<T> {
    fn clone(&self) -> Self {
        Self { signal: self.signal.clone(), of: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Default for Pending<T> {
    fn default() -> Self {
        Self { signal: ArcRwSignal::new(Load::Loading), of: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Pending<T> {
    /// Returns how far it has come, and looks again when that changes.
    pub fn get(&self) -> Load<T> {
        Self::typed(self.signal.get())
    }

    /// Returns how far it has come.
    pub fn get_untracked(&self) -> Load<T> {
        Self::typed(self.signal.get_untracked())
    }

    fn typed(load: Load<AnyDocument>) -> Load<T> {
        match load {
            Load::Loading => Load::Loading,
            Load::Absent => Load::Absent,
            Load::Failed(problem) => Load::Failed(problem),
            Load::Ready(any) => any.downcast().map_or(Load::Absent, Load::Ready),
        }
    }

    /// Says that it is there.
    pub fn arrive(&self, document: T) {
        self.signal.set(Load::Ready(Arc::new(document)));
    }

    /// Says that it will not come.
    pub fn fail(&self, problem: Option<Problem>) {
        self.signal.set(problem.map_or(Load::Absent, Load::Failed));
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Pending<T> {
    /// Reads what a worker has answered.
    pub fn read(&self, answer: Result<String, Problem>) {
        let read: Read = |_, value| Ok(Arc::new(value.read::<T>()?));
        self.signal.set(answered(answer, read));
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
    /// Somebody stopped what would have made it.
    Stopped,
}

/// A document that pages read.
pub trait Readable: Sized + Send + Sync + 'static {
    /// Reads a document of a format that this site knows; `kind` is what it says that it is.
    fn read(kind: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error>;
}

impl<T: Document + DeserializeOwned + Send + Sync + 'static> Readable for T {
    fn read(kind: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error> {
        value.document(kind)
    }
}

/// What stands at a version's address.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedVersion {
    /// The version, or its redaction.
    pub published: Published,
    /// The text that was published, for the engine.
    pub text: String,
}

impl Readable for PublishedVersion {
    fn read(kind: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error> {
        let published = if kind == Kind::Redacted.as_str() {
            Published::Redacted(Redacted::read(kind, value)?)
        } else {
            Published::Version(Box::new(Readable::read(kind, value)?))
        };
        Ok(Self { published, text: value.text().to_owned() })
    }
}

/// The text of a document, for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Readable for Text {
    fn read(_: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error> {
        Ok(Self(value.text().to_owned()))
    }
}

/// Where documents come from in the compiler.
pub type Reader = Arc<dyn Fn(&Path) -> Option<Vec<u8>> + Send + Sync>;

/// The bytes of a file: nothing stands for one that is not there.
pub(crate) type Arrived = Result<Option<Vec<u8>>, Problem>;

/// How the bytes of a type of document are read.
type Read = fn(&str, &Value<'_>) -> Result<Arc<AnyDocument>, promptdex_reader::Error>;

/// A document that has been asked for.
struct Known {
    path: Path,
    of: TypeId,
    signal: ArcRwSignal<Load<AnyDocument>>,
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
    pub fn document<T: Readable>(&self, path: Path) -> Pending<T> {
        self.pending(path, None)
    }

    /// Returns a document that has a digest.
    pub fn verified<T: Readable>(&self, path: Path, blob: Blob) -> Pending<T> {
        self.pending(path, Some(blob))
    }

    fn pending<T: Readable>(&self, path: Path, blob: Option<Blob>) -> Pending<T> {
        let read: Read = |kind, value| Ok(Arc::new(T::read(kind, value)?));
        Pending { signal: self.load(path, blob, TypeId::of::<T>(), read), of: PhantomData }
    }

    fn load(
        &self,
        path: Path,
        blob: Option<Blob>,
        of: TypeId,
        read: Read,
    ) -> ArcRwSignal<Load<AnyDocument>> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let known = documents.iter().find(|known| known.path == path && known.of == of);
        if let Some(known) = known {
            return known.signal.clone();
        }
        let signal = ArcRwSignal::new(Load::Loading);
        documents.push(Known { path: path.clone(), of, signal: signal.clone() });
        drop(documents);
        let there = match &self.reader {
            Some(read) => Some(Ok(read(&path))),
            None => self.take_ahead(&path),
        };
        match there {
            Some(bytes) => signal.set(arrived(bytes, blob, read)),
            None => self.start(path, blob, &signal, read),
        }
        signal
    }

    fn take_ahead(&self, path: &Path) -> Option<Arrived> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.iter().find(|(there, _)| there == path).map(|(_, bytes)| bytes.clone())
    }

    #[cfg(feature = "csr")]
    #[expect(clippy::unused_self, reason = "the compiler has a reader")]
    fn start(
        &self,
        path: Path,
        blob: Option<Blob>,
        signal: &ArcRwSignal<Load<AnyDocument>>,
        read: Read,
    ) {
        let signal = signal.clone();
        wasm_bindgen_futures::spawn_local(async move {
            signal.set(arrived(fetch(&path).await, blob, read));
        });
    }

    #[cfg(not(feature = "csr"))]
    fn start(&self, _: Path, _: Option<Blob>, _: &ArcRwSignal<Load<AnyDocument>>, _: Read) {}

    /// Reads files, all at once, before they are asked for.
    #[cfg(feature = "csr")]
    pub async fn read_ahead(&self, paths: Vec<Path>) {
        let read = fetch_all(&paths).await;
        let read = paths.into_iter().zip(read);
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).extend(read);
    }
}

/// Reads bytes that have arrived. `None` stands for a file that is not there.
fn arrived(bytes: Arrived, blob: Option<Blob>, read: Read) -> Load<AnyDocument> {
    let bytes = match bytes.and_then(|bytes| checked(bytes, blob)) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Load::Absent,
        Err(problem) => return Load::Failed(problem),
    };
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    match promptdex_reader::envelope(text).and_then(|(kind, value)| read(&kind, &value)) {
        Ok(document) => Load::Ready(document),
        Err(error) => Load::Failed(Problem::Format(error.to_string())),
    }
}

/// Reads what a worker has answered: JSON of its own.
fn answered(answer: Result<String, Problem>, read: Read) -> Load<AnyDocument> {
    let text = match answer {
        Ok(text) => text,
        Err(problem) => return Load::Failed(problem),
    };
    let document = promptdex_reader::parse(&text).and_then(|value| {
        let failed = value.get("failed").and_then(Value::as_str);
        failed.map_or_else(|| read("", &value).map(Ok), |failed| Ok(Err(failed.to_owned())))
    });
    match document {
        Ok(Ok(document)) => Load::Ready(document),
        Ok(Err(failed)) => Load::Failed(Problem::Format(failed)),
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

/// Fetches a file. `None` says that the host has none.
#[cfg(feature = "csr")]
pub(crate) async fn fetch(path: &Path) -> Arrived {
    let failed = |error: gloo_net::Error| Problem::Network(error.to_string());
    let response = gloo_net::http::Request::get(&path.to_string()).send().await.map_err(failed)?;
    match response.status() {
        404 => Ok(None),
        200 => response.binary().await.map_err(failed).map(Some),
        status => Err(Problem::Network(format!("the host answered {status}"))),
    }
}

/// Fetches files at the same time.
#[cfg(feature = "csr")]
pub(crate) async fn fetch_all(paths: &[Path]) -> Vec<Arrived> {
    let mut fetches: Vec<_> = paths.iter().map(|path| (Box::pin(fetch(path)), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (fetch, arrived) in fetches.iter_mut().filter(|(_, arrived)| arrived.is_none()) {
            match fetch.as_mut().poll(context) {
                Poll::Ready(bytes) => *arrived = Some(bytes),
                Poll::Pending => is_done = false,
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    fetches.into_iter().filter_map(|(_, arrived)| arrived).collect()
}
