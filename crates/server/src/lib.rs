//! A local static host. It serves published files with the headers that `docs/hosting.md` lists for
//! every host, and answers the REST calls of existing clients from them. A preview is served while
//! its tree is edited: clients must revalidate its files, and its pages receive updates.

use std::future::IntoFuture as _;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use promptdex_ops::build::cache;
use promptdex_ops::build::site::Site;
use promptdex_ops::error::Context as _;
use promptdex_ops::target::Preview;
use promptdex_ops::tree::Tree;
use promptdex_site::page::policy_header;
use promptdex_wire::catalog::{Registry, Visibility};
use promptdex_wire::{Caching, Digest, Page, RegistryPath, json};

pub use console::{Console, Notice};
pub use error::{Error, Result, WatchLimit};
use live::{FOLDER, Live, PreviewState};
use rebuild::PreviewBuilder;
use watch::TreeWatcher;

mod compression;
mod console;
mod error;
mod live;
mod rebuild;
mod refusal;
mod rest;
mod watch;

/// The folder of documents. The others hold the site.
const API: &str = "api/";

/// The registry to serve.
enum ServedRegistry {
    /// A built folder, served without changes.
    Published { folder: PathBuf, visibility: Visibility },
    /// A preview of a tree that is being edited.
    Preview { preview: Arc<Preview>, live: Arc<Live> },
}

/// The state that answers one request.
struct RequestView<'a> {
    folder: &'a Path,
    visibility: Visibility,
    /// The live state of a preview.
    live: Option<(&'a Live, &'a PreviewState)>,
}

/// Serves a built registry until Ctrl-C.
pub fn folder(console: &dyn Console, folder: &Path, host: IpAddr, port: u16) -> Result<()> {
    let registry = registry(folder)?;
    let listener = listen(host, port)?;
    report_address(console, &listener, &registry, folder)?;
    let site = ServedRegistry::Published {
        folder: folder.to_owned(),
        visibility: registry.visibility.get().unwrap_or_default(),
    };
    run(listener, site)
}

/// Builds a tree, serves it until Ctrl-C, and rebuilds it after every change. Returns whether there
/// was anything to serve.
pub fn tree(
    console: &Arc<dyn Console>,
    root: &Path,
    site: Option<Site>,
    host: IpAddr,
    port: u16,
) -> Result<bool> {
    let tree = Tree::open(root)?;
    let listener = listen(host, port)?;
    let preview = Arc::new(Preview::open(cache::folder(&tree))?);
    // Start watching before the first build, so that changes during the build are detected.
    let watch = TreeWatcher::start(tree.root());
    let live = Arc::new(Live::new(watch.is_ok()));
    let mut builder =
        PreviewBuilder::new(console, &tree, site, Arc::clone(&preview), Arc::clone(&live));
    let has_built = builder.build_first()?;
    let watch = watch.inspect_err(|error| console.notice(Notice::Failed(error))).ok();
    if has_built {
        report_address(&**console, &listener, &registry(&preview.folder())?, &preview.folder())?;
    } else if watch.is_some() {
        let address = local_address(&listener)?;
        console.notice(Notice::Serving { address, registry: None, example: None });
    } else {
        return Ok(false);
    }
    let builder = Arc::new(Mutex::new(builder));
    if let Some(watch) = watch {
        console.notice(Notice::Watching(tree.root()));
        let (console, builder) = (Arc::clone(console), Arc::clone(&builder));
        std::thread::spawn(move || keep_building(&*console, watch, &builder));
    } else {
        console.notice(Notice::NotWatching);
    }
    let result = run(listener, ServedRegistry::Preview { preview: Arc::clone(&preview), live });
    // Do not wait for a running build: the next process starts over.
    if let Ok(mut builder) = builder.try_lock() {
        builder.finish();
    }
    preview.close();
    result?;
    Ok(true)
}

/// Rebuilds after every change of the tree.
fn keep_building(console: &dyn Console, mut watch: TreeWatcher, builder: &Mutex<PreviewBuilder>) {
    let mut said = String::new();
    while let Some(seen) = watch.wait() {
        if let Err(error) = seen {
            let text = error.to_string();
            if text != said {
                console.notice(Notice::Failed(&error));
                said = text;
            }
        }
        builder.lock().unwrap_or_else(PoisonError::into_inner).rebuild();
    }
}

/// Reads the root document of a registry.
fn registry(folder: &Path) -> Result<Registry> {
    let root = folder.join(RegistryPath::Registry.to_string());
    let path = root.display().to_string();
    let bytes = std::fs::read(&root).with_context(|| format!("cannot read `{path}`"))?;
    json::read(&bytes).map_err(|source| Error::Registry { path, source })
}

fn listen(host: IpAddr, port: u16) -> Result<TcpListener> {
    let address = SocketAddr::new(host, port);
    let refused = |error| Error::Listen { address, error };
    let listener = TcpListener::bind(address).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    Ok(listener)
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr> {
    let failed = |source| Error::Server { action: "cannot read the address", source };
    listener.local_addr().map_err(failed)
}

/// Reports the address of a registry.
fn report_address(
    console: &dyn Console,
    listener: &TcpListener,
    registry: &Registry,
    folder: &Path,
) -> Result<()> {
    let address = local_address(listener)?;
    let example = find_sample_document(folder);
    let registry = Some(registry.registry.as_str());
    console.notice(Notice::Serving { address, registry, example: example.as_deref() });
    Ok(())
}

/// Runs the server until Ctrl-C. It does not wait for open connections, because event streams never
/// end.
fn run(listener: TcpListener, site: ServedRegistry) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot_start)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(cannot_start)?;
        let router = Router::new().fallback(answer).with_state(Arc::new(site));
        let server = pin!(axum::serve(listener, router).into_future());
        match futures::future::select(server, pin!(wait_for_stop())).await {
            futures::future::Either::Left((result, _)) => {
                result.map_err(|source| Error::Server { action: "the server stopped", source })
            }
            futures::future::Either::Right(_) => Ok(()),
        }
    })
}

fn cannot_start(source: io::Error) -> Error {
    Error::Server { action: "cannot start", source }
}

async fn wait_for_stop() {
    // Without a signal handler, the signal itself ends the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Returns the path of a sample document: the first prompt of the last environment that serves one.
fn find_sample_document(folder: &Path) -> Option<String> {
    let bytes = std::fs::read(folder.join(RegistryPath::Catalog.to_string())).ok()?;
    let catalog: promptdex_wire::catalog::Catalog = json::read(&bytes).ok()?;
    catalog.environments.iter().rev().find_map(|environment| {
        let prompt =
            catalog.prompts.iter().find(|prompt| prompt.pointers.contains_key(environment))?;
        Some(RegistryPath::Latest(prompt.name.clone(), environment.clone()).to_string())
    })
}

async fn answer(
    State(site): State<Arc<ServedRegistry>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let (mut response, visibility) = match &*site {
        ServedRegistry::Published { folder, visibility } => {
            let view = RequestView { folder, visibility: *visibility, live: None };
            (respond(&view, &method, &uri, &headers), *visibility)
        }
        // A foreign host name that resolves to this address could read the preview from its own
        // pages.
        ServedRegistry::Preview { .. } if !is_local(&headers) => (
            text(
                StatusCode::FORBIDDEN,
                "a preview responds only to localhost and to IP addresses\n",
            ),
            Visibility::Private,
        ),
        ServedRegistry::Preview { preview, live } => {
            // Read the state before the files. If a build happens in between, the page is newer
            // than its state, and only reloads once more than necessary.
            let state = live.state();
            let answer = |folder: &Path| {
                let live = Some((&**live, &state));
                let view = RequestView { folder, visibility: state.visibility, live };
                respond(&view, &method, &uri, &headers)
            };
            // Unpublished contents are not shared with pages of other origins.
            (preview.read_folder(answer), Visibility::Private)
        }
    };
    let common = response.headers_mut();
    common.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Live updates are for pages of this origin only.
    let is_open = visibility == Visibility::Public && !uri.path().starts_with(FOLDER);
    if is_open {
        common.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        common.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
    } else {
        common.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    }
    response
}

/// Whether the host name of a request is `localhost` or an IP address.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_none_or(|host| {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || name.parse::<IpAddr>().is_ok()
    })
}

fn respond(view: &RequestView<'_>, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path();
    if !matches!(*method, Method::GET | Method::HEAD) {
        return refusal::read_only();
    }
    if let Some((live, state)) = view.live {
        let own = path.strip_prefix(FOLDER).and_then(|name| live.answer(name));
        if let Some(mut response) = own {
            forbid_caching(&mut response);
            return response;
        }
        if let Some(text) = &state.first_build_error {
            return respond_not_built(live, state, text, path, headers);
        }
    }
    // Only published paths name files, so no other file on the disk is reachable.
    let below = path.strip_prefix('/').unwrap_or_default();
    let published = if below.starts_with(API) {
        let Some(decoded) = rest::decode(below) else { return refusal::malformed() };
        match rest::file_of(&decoded, uri.query()) {
            Some(Ok(published)) => Some(published),
            Some(Err(rest::MalformedQuery)) => return refusal::malformed(),
            None => RegistryPath::parse(&decoded),
        }
    } else {
        let page = Page::of_folder(below).map(RegistryPath::Page);
        page.or_else(|| RegistryPath::parse(below))
    };
    let Some(published) = published else {
        if Page::of_folder(&format!("{below}/")).is_some() {
            return redirect_to_folder(&format!("{path}/"), uri.query());
        }
        return respond_not_found(view, below, None, headers);
    };
    let file = view.folder.join(published.to_string());
    let Some((mut bytes, mut encoding)) = read(&file, &published, headers) else {
        return respond_not_found(view, below, Some(&published), headers);
    };
    if let (RegistryPath::Page(_), Some((live, state))) = (&published, view.live) {
        bytes = live.with_script(bytes, state);
    }
    let is_compressed =
        encoding.is_none() && is_text(&published) && compression::is_worthwhile(&bytes, headers);
    // Each form of a file has a tag of its own.
    let form = if is_compressed { "-gzip" } else { "" };
    let etag = format!("\"{}{form}\"", &Digest::of(&bytes).hex()[..32]);
    let fresh = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|tags| {
            tags.split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
        })
    });
    // In a preview, versions and releases may still change.
    let cache = if view.live.is_some() && !is_named_by_content(&published) {
        "no-cache".to_owned()
    } else {
        published.caching().header(view.visibility)
    };
    let mut builder =
        Response::builder().header(header::ETAG, etag).header(header::CACHE_CONTROL, cache);
    if is_text(&published) {
        builder = builder.header(header::VARY, "Accept-Encoding");
    }
    if is_compressed
        && !fresh
        && let Ok(compressed) = compression::compress(&bytes)
    {
        (bytes, encoding) = (compressed, Some("gzip"));
    }
    if let Some(encoding) = encoding {
        builder = builder.header(header::CONTENT_ENCODING, encoding);
    }
    if let RegistryPath::Page(_) = published {
        builder = builder.header(header::CONTENT_SECURITY_POLICY, policy_header());
    }
    let built = if fresh {
        builder.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        builder.header(header::CONTENT_TYPE, content_type(&published)).body(Body::from(bytes))
    };
    built.unwrap_or_else(|_bad_header| text(StatusCode::INTERNAL_SERVER_ERROR, "cannot respond\n"))
}

/// Whether a file shrinks when it is compressed: what the messages of prompts hold may be pictures.
fn is_text(published: &RegistryPath) -> bool {
    !matches!(published, RegistryPath::Blob(_))
}

/// Whether the path of a file is derived from its contents, so that its bytes never change.
fn is_named_by_content(published: &RegistryPath) -> bool {
    matches!(published, RegistryPath::Snapshot(_) | RegistryPath::Blob(_) | RegistryPath::Asset(_))
}

/// Reads a file, or a compressed form of an asset that the client accepts.
fn read(
    file: &Path,
    published: &RegistryPath,
    headers: &HeaderMap,
) -> Option<(Vec<u8>, Option<&'static str>)> {
    if let RegistryPath::Asset(_) = published {
        for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
            let compressed = format!("{}.{extension}", file.display());
            if compression::accepts(headers, encoding)
                && let Ok(bytes) = std::fs::read(compressed)
            {
                return Some((bytes, Some(encoding)));
            }
        }
    }
    std::fs::read(file).ok().map(|bytes| (bytes, None))
}

fn content_type(published: &RegistryPath) -> &'static str {
    match published {
        RegistryPath::Blob(_) => "application/octet-stream",
        RegistryPath::Schema(_) => "application/schema+json",
        RegistryPath::Page(_) => "text/html; charset=utf-8",
        RegistryPath::Asset(name) => match name.as_str().rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("wasm") => "application/wasm",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        },
        _ => "application/json; charset=utf-8",
    }
}

/// Redirects to the URL with a final slash, which relative links of pages need.
fn redirect_to_folder(path: &str, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = text(StatusCode::PERMANENT_REDIRECT, "moved\n");
    if let Ok(location) = HeaderValue::from_str(&format!("{path}{query}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Responds with status 404: a page for people, a sentence for programs. Below `api/` are programs
/// only.
fn respond_not_found(
    view: &RequestView<'_>,
    below: &str,
    published: Option<&RegistryPath>,
    headers: &HeaderMap,
) -> Response {
    if below.starts_with(API) {
        return refusal::not_found(view.folder, published);
    }
    let page = view.folder.join(RegistryPath::Page(Page::NotFound).to_string());
    match std::fs::read(page) {
        Ok(page) if accepts_pages(headers) => {
            let page = match view.live {
                Some((live, state)) => live.with_script(page, state),
                None => page,
            };
            html(StatusCode::NOT_FOUND, page)
        }
        _ => text(
            StatusCode::NOT_FOUND,
            "not found: see /api/registry.json for the registry, and / for its pages\n",
        ),
    }
}

/// Responds that nothing has been built yet.
fn respond_not_built(
    live: &Live,
    state: &PreviewState,
    text: &str,
    path: &str,
    headers: &HeaderMap,
) -> Response {
    let below = path.strip_prefix('/').unwrap_or_default();
    if accepts_pages(headers) || Page::of_folder(below).is_some() {
        return html(StatusCode::SERVICE_UNAVAILABLE, live.error_page(text, state));
    }
    let sentence = "not built yet: run `promptdex check` to see the errors of the tree";
    refusal::refuse(StatusCode::SERVICE_UNAVAILABLE, sentence)
}

fn accepts_pages(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// Returns a page that must not be cached.
fn html(status: StatusCode, page: Vec<u8>) -> Response {
    let mut response = refusal::whole(status, "text/html; charset=utf-8", page);
    if let Ok(policy) = HeaderValue::from_str(&policy_header()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Returns a sentence that must not be cached.
fn text(status: StatusCode, sentence: &'static str) -> Response {
    refusal::whole(status, "text/plain; charset=utf-8", sentence)
}

fn forbid_caching(response: &mut Response) {
    let never = HeaderValue::from_static(Caching::NEVER);
    response.headers_mut().insert(header::CACHE_CONTROL, never);
}
