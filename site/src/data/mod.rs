//! The documents of the registry. Each is read once: in the browser over HTTP, in the compiler from
//! what has just been written. What has a digest is only shown when it matches.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
#[cfg(feature = "csr")]
use std::task::Poll;

use leptos::prelude::*;
use promptdex_reader::Value;
use promptdex_wire::catalog::Versions;
use promptdex_wire::{Blob, Digest, Document, Kind, RegistryPath, VersionDocument};
use serde::de::DeserializeOwned;

use self::files::{DocumentFiles, Whole};

mod files;

/// The loading state of a document.
#[derive(Debug)]
pub enum LoadState<T: ?Sized> {
    /// It is on its way.
    Loading,
    /// It is loaded.
    Ready(Arc<T>),
    /// There is no such document.
    Absent,
    /// It could not be read.
    Failed(LoadProblem),
}

impl<T: ?Sized> Clone for LoadState<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(document) => Self::Ready(Arc::clone(document)),
            Self::Absent => Self::Absent,
            Self::Failed(problem) => Self::Failed(problem.clone()),
        }
    }
}

impl<T: ?Sized> LoadState<T> {
    /// Returns the document, if it is loaded.
    pub fn ready(self) -> Option<Arc<T>> {
        match self {
            Self::Ready(document) => Some(document),
            Self::Loading | Self::Absent | Self::Failed(_) => None,
        }
    }
}

/// A document of any type. Signals of each type would bring code of their own.
type AnyDocument = dyn Any + Send + Sync;

/// A document that is loaded or being loaded.
pub struct Pending<T> {
    signal: ArcRwSignal<LoadState<AnyDocument>>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Pending<T> {
    fn clone(&self) -> Self {
        Self { signal: self.signal.clone(), of: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Default for Pending<T> {
    fn default() -> Self {
        Self { signal: ArcRwSignal::new(LoadState::Loading), of: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Pending<T> {
    /// Returns its loading state and tracks changes of it.
    pub fn get(&self) -> LoadState<T> {
        Self::downcast(self.signal.get())
    }

    /// Returns its loading state without tracking it.
    pub fn get_untracked(&self) -> LoadState<T> {
        Self::downcast(self.signal.get_untracked())
    }

    fn downcast(load: LoadState<AnyDocument>) -> LoadState<T> {
        match load {
            LoadState::Loading => LoadState::Loading,
            LoadState::Absent => LoadState::Absent,
            LoadState::Failed(problem) => LoadState::Failed(problem),
            LoadState::Ready(any) => any.downcast().map_or(LoadState::Absent, LoadState::Ready),
        }
    }

    /// Marks it as loaded.
    pub fn arrive(&self, document: T) {
        self.signal.set(LoadState::Ready(Arc::new(document)));
    }

    /// Marks it as absent or failed.
    pub fn fail(&self, problem: Option<LoadProblem>) {
        self.signal.set(problem.map_or(LoadState::Absent, LoadState::Failed));
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Pending<T> {
    /// Reads what a worker has answered.
    pub fn read(&self, answer: Result<String, LoadProblem>) {
        let read: DocumentReader = |_, value| Ok(Arc::new(value.read::<T>()?));
        self.signal.set(read_answer(answer, read));
    }
}

/// Why a document cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadProblem {
    /// The host did not respond, or not with the document.
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
    /// The user stopped the work that would have made it.
    Stopped,
}

/// A document that pages read.
pub trait Readable: Sized + Send + Sync + 'static {
    /// Reads a document of a format that this site knows; `kind` is its `kind` field.
    fn read(kind: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error>;
}

impl<T: Document + DeserializeOwned + Send + Sync + 'static> Readable for T {
    fn read(kind: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error> {
        value.document(kind)
    }
}

/// A version, or why it is there no more.
#[derive(Debug, Clone, PartialEq)]
pub enum VersionOrReason {
    /// The version.
    Version(Box<VersionDocument>),
    /// The reason of its redaction. The rest of such a document is not shown.
    Redacted(String),
}

/// The document at a version's path: the version or its redaction, with its text.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedVersion {
    /// The version, or its redaction.
    pub published: VersionOrReason,
    /// The text that was published, for the engine.
    pub text: String,
}

impl Readable for PublishedVersion {
    fn read(kind: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error> {
        let published = if kind == Kind::Redacted.as_str() {
            // What it takes the place of is not shown, but a form of it that is not known needs a newer site.
            value.get("replaced").map(Value::read::<Blob>).transpose()?;
            let reason = value.get("reason").and_then(Value::as_str).unwrap_or_default();
            VersionOrReason::Redacted(reason.to_owned())
        } else {
            VersionOrReason::Version(Box::new(Readable::read(kind, value)?))
        };
        Ok(Self { published, text: value.text().to_owned() })
    }
}

/// The text of a document, for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentText(pub String);

impl Readable for DocumentText {
    fn read(_: &str, value: &Value<'_>) -> Result<Self, promptdex_reader::Error> {
        Ok(Self(value.text().to_owned()))
    }
}

/// The source of documents in the compiler.
pub type DocumentSource = Arc<dyn Fn(&RegistryPath) -> Option<Vec<u8>> + Send + Sync>;

/// The bytes of a fetched file; `None` if it does not exist.
pub(crate) type FetchResult = Result<Option<Vec<u8>>, LoadProblem>;

/// The function that reads the bytes of a type of document.
type DocumentReader = fn(&str, &Value<'_>) -> Result<Arc<AnyDocument>, promptdex_reader::Error>;

/// A document that was requested, with its loading state.
struct StoredDocument {
    path: RegistryPath,
    of: TypeId,
    signal: ArcRwSignal<LoadState<AnyDocument>>,
}

/// The documents that were requested, each loaded once.
#[derive(Clone)]
pub struct Store {
    documents: Arc<Mutex<Vec<StoredDocument>>>,
    /// Files that were read ahead of their request.
    ahead: Arc<Mutex<Vec<(RegistryPath, FetchResult)>>>,
    reader: Option<DocumentSource>,
    /// Files whose rows the user asked to see: they are shown again on the way back to a page.
    shown: Arc<Mutex<Vec<RegistryPath>>>,
}

impl Default for Store {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Store {
    /// Begins without documents. The browser fetches them; a compiler passes its `reader`.
    pub fn new(reader: Option<DocumentSource>) -> Self {
        Self { documents: Arc::default(), ahead: Arc::default(), reader, shown: Arc::default() }
    }

    /// Returns the store of the app.
    pub fn get() -> Self {
        use_context().unwrap_or_default()
    }

    /// Notes that the user asked to see the rows of a file.
    pub fn show(&self, path: RegistryPath) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }

    /// Whether the user has asked to see the rows of a file.
    pub fn is_shown(&self, path: &RegistryPath) -> bool {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }

    /// Returns a document, and loads it if necessary.
    pub fn document<T: Readable>(&self, path: RegistryPath) -> Pending<T> {
        self.pending(path, None)
    }

    /// Returns a document that is verified against its digest.
    pub fn verified_document<T: Readable>(&self, path: RegistryPath, blob: Blob) -> Pending<T> {
        self.pending(path, Some(blob))
    }

    /// Returns the file of older versions that a list of versions names.
    pub fn older_versions(&self, page: Blob) -> Pending<Versions> {
        self.verified_document(RegistryPath::Snapshot(page.digest), page)
    }

    fn pending<T: Readable>(&self, path: RegistryPath, blob: Option<Blob>) -> Pending<T> {
        let read: DocumentReader = |kind, value| Ok(Arc::new(T::read(kind, value)?));
        Pending { signal: self.load(path, blob, TypeId::of::<T>(), read), of: PhantomData }
    }

    fn load(
        &self,
        path: RegistryPath,
        blob: Option<Blob>,
        of: TypeId,
        read: DocumentReader,
    ) -> ArcRwSignal<LoadState<AnyDocument>> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let known = documents.iter().find(|known| known.path == path && known.of == of);
        if let Some(known) = known {
            return known.signal.clone();
        }
        let signal = ArcRwSignal::new(LoadState::Loading);
        documents.push(StoredDocument { path: path.clone(), of, signal: signal.clone() });
        drop(documents);
        let mut files = DocumentReading::new(blob);
        let mut next = path.clone();
        let state = loop {
            let there = match &self.reader {
                Some(read) => Some(Ok(read(&next))),
                None => self.take_ahead(&next),
            };
            match there.map(|bytes| files.take(&next, bytes, read)) {
                Some(Ok(state)) => break Some(state),
                Some(Err(more)) => next = more,
                None => break None,
            }
        };
        match state {
            Some(state) => signal.set(state),
            None => self.start(path, blob, &signal, read),
        }
        signal
    }

    fn take_ahead(&self, path: &RegistryPath) -> Option<FetchResult> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.iter().find(|(there, _)| there == path).map(|(_, bytes)| bytes.clone())
    }

    #[cfg(feature = "csr")]
    #[expect(clippy::unused_self, reason = "the compiler has a reader")]
    fn start(
        &self,
        path: RegistryPath,
        blob: Option<Blob>,
        signal: &ArcRwSignal<LoadState<AnyDocument>>,
        read: DocumentReader,
    ) {
        let signal = signal.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let mut files = DocumentReading::new(blob);
            let mut next = path;
            let state = loop {
                match files.take(&next, fetch(&next).await, read) {
                    Ok(state) => break state,
                    Err(more) => next = more,
                }
            };
            signal.set(state);
        });
    }

    #[cfg(not(feature = "csr"))]
    fn start(
        &self,
        _: RegistryPath,
        _: Option<Blob>,
        _: &ArcRwSignal<LoadState<AnyDocument>>,
        _: DocumentReader,
    ) {
    }

    /// Reads files in parallel, ahead of their request.
    #[cfg(feature = "csr")]
    pub async fn read_ahead(&self, paths: Vec<RegistryPath>) {
        let fetched = fetch_all(&paths).await;
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.extend(paths.into_iter().zip(fetched));
    }
}

/// A document that is being read, file by file.
struct DocumentReading {
    /// What the next file has to be, if something names it.
    blob: Option<Blob>,
    files: DocumentFiles,
}

impl DocumentReading {
    fn new(blob: Option<Blob>) -> Self {
        Self { blob, files: DocumentFiles::default() }
    }

    /// Takes the next file. Returns what came of the document, or where the file after it is.
    fn take(
        &mut self,
        path: &RegistryPath,
        bytes: FetchResult,
        read: DocumentReader,
    ) -> Result<LoadState<AnyDocument>, RegistryPath> {
        let texts = &mut self.files.0;
        match bytes.and_then(|bytes| verify_digest(path, bytes, self.blob)) {
            // What is not text is not a document.
            Ok(Some(bytes)) => texts.push(String::from_utf8(bytes).unwrap_or_default()),
            // Whatever names a part of a list names its digest, so that it cannot have gone.
            Ok(None) if matches!(path, RegistryPath::Snapshot(_)) => {
                let missing = "a part of this list is missing".to_owned();
                return Ok(LoadState::Failed(LoadProblem::Network(missing)));
            }
            Ok(None) => return Ok(LoadState::Absent),
            Err(problem) => return Ok(LoadState::Failed(problem)),
        }
        let document = match self.files.join() {
            Ok(Whole::Lacks(next)) => {
                self.blob = Some(next);
                return Err(RegistryPath::Snapshot(next.digest));
            }
            Ok(Whole::Is(kind, value)) => read(&kind, &value),
            Err(error) => Err(error),
        };
        Ok(match document {
            Ok(document) => LoadState::Ready(document),
            Err(error) => LoadState::Failed(LoadProblem::Format(error.to_string())),
        })
    }
}

/// Reads the response of a worker.
fn read_answer(
    answer: Result<String, LoadProblem>,
    read: DocumentReader,
) -> LoadState<AnyDocument> {
    let text = match answer {
        Ok(text) => text,
        Err(problem) => return LoadState::Failed(problem),
    };
    let document = promptdex_reader::parse(&text).and_then(|value| {
        let failed = value.get("failed").and_then(Value::as_str);
        failed.map_or_else(|| read("", &value).map(Ok), |failed| Ok(Err(failed.to_owned())))
    });
    match document {
        Ok(Ok(document)) => LoadState::Ready(document),
        Ok(Err(failed)) => LoadState::Failed(LoadProblem::Format(failed)),
        Err(error) => LoadState::Failed(LoadProblem::Format(error.to_string())),
    }
}

/// Verifies bytes against their digest. In the place of a version its redaction is accepted.
fn verify_digest(
    path: &RegistryPath,
    bytes: Option<Vec<u8>>,
    blob: Option<Blob>,
) -> Result<Option<Vec<u8>>, LoadProblem> {
    let Some(bytes) = bytes else { return Ok(None) };
    if let Some(blob) = blob {
        let actual = Digest::of(&bytes);
        if actual != blob.digest && !is_withdrawn(path, &bytes, blob.digest) {
            return Err(LoadProblem::Digest { expected: blob.digest, actual });
        }
    }
    // Some hosts answer with a page, and status 200, where there is nothing.
    Ok(Some(bytes).filter(|bytes| bytes.first() != Some(&b'<')))
}

/// Whether bytes are the redaction of the version that is expected at a path.
pub(crate) fn is_withdrawn(path: &RegistryPath, bytes: &[u8], expected: Digest) -> bool {
    let RegistryPath::Version(name, version) = path else { return false };
    std::str::from_utf8(bytes)
        .is_ok_and(|text| promptdex_reader::withdrawal(text, name, version, expected).is_some())
}

/// Fetches a file. Returns `None` if the host does not have it.
#[cfg(feature = "csr")]
pub(crate) async fn fetch(path: &RegistryPath) -> FetchResult {
    let failed = |error: gloo_net::Error| LoadProblem::Network(error.to_string());
    let response = gloo_net::http::Request::get(&path.to_string()).send().await.map_err(failed)?;
    match response.status() {
        404 => Ok(None),
        200 => response.binary().await.map_err(failed).map(Some),
        status => Err(LoadProblem::Network(format!("HTTP {status}"))),
    }
}

/// Fetches files at the same time.
#[cfg(feature = "csr")]
pub(crate) async fn fetch_all(paths: &[RegistryPath]) -> Vec<FetchResult> {
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

#[cfg(test)]
mod tests {
    use promptdex_wire::{PromptName, Version};

    use super::*;

    #[test]
    fn a_redaction_in_the_place_of_a_version_is_read_and_other_bytes_are_not() {
        let old = Blob::of(b"the document");
        let redaction = format!(
            r#"{{"format":1,"kind":"redacted","registry":"acme","id":"x","name":"a","version":"1.0.0","replaced":{{"digest":"{}","size":12}},"reason":"a leak"}}"#,
            old.digest
        );
        let name: PromptName = "a".parse().unwrap();
        let path = |minor| RegistryPath::Version(name.clone(), Version::new(1, minor, 0));
        let read = |path: &RegistryPath, text: &str| {
            let reader: DocumentReader =
                |kind, value| Ok(Arc::new(<PublishedVersion as Readable>::read(kind, value)?));
            let bytes = Ok(Some(text.as_bytes().to_vec()));
            DocumentReading::new(Some(old)).take(path, bytes, reader).unwrap()
        };
        let LoadState::Ready(document) = read(&path(0), &redaction) else { panic!("not read") };
        let document = document.downcast::<PublishedVersion>().unwrap();
        let VersionOrReason::Redacted(reason) = &document.published else {
            panic!("not a redaction")
        };
        assert_eq!(reason, "a leak");
        for (path, text) in [(path(1), redaction.as_str()), (path(0), "{}")] {
            let state = read(&path, text);
            assert!(matches!(state, LoadState::Failed(LoadProblem::Digest { .. })), "{text}");
        }
    }
}
