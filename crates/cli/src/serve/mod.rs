//! A local static host: the published files with the headers that `docs/wire.md` asks of every host.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use promptdex_site::page::POLICY;
use promptdex_wire::catalog::{Registry, Visibility};
use promptdex_wire::{Class, Digest, Page, Path as Published, json};

use crate::error::Failure;
use crate::ui::Ui;

/// What is served.
struct Site {
    folder: PathBuf,
    visibility: Visibility,
}

/// Serves a folder until Ctrl-C.
pub(crate) fn serve(ui: &Ui, folder: &Path, host: IpAddr, port: u16) -> anyhow::Result<()> {
    let root = folder.join(Published::Registry.to_string());
    let bytes =
        std::fs::read(&root).with_context(|| format!("cannot read `{}`", root.display()))?;
    let registry: Registry =
        json::read(&bytes).with_context(|| format!("cannot read `{}`", root.display()))?;
    let site = Site { folder: folder.to_owned(), visibility: registry.visibility };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        let address = SocketAddr::new(host, port);
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
            let message = format!("cannot listen on {address}: {error}");
            Failure::new(message, "choose another port with `--port`; 0 takes a free one")
        })?;
        let address = listener.local_addr().context("cannot tell the address")?;
        ui.status("Serving", &format!("{} at http://{address}/", registry.registry));
        if let Some(example) = example(folder) {
            ui.talk(&format!("  curl http://{address}/{example}\n"));
        }
        let router = Router::new().fallback(answer).with_state(Arc::new(site));
        axum::serve(listener, router)
            .with_graceful_shutdown(stopped())
            .await
            .context("the server stopped")
    })
}

async fn stopped() {
    // Without a signal handler there is nothing to wait for; the process ends by the signal itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Returns the path of a file to try: the first prompt of the last environment that serves one.
fn example(folder: &Path) -> Option<String> {
    let bytes = std::fs::read(folder.join(Published::Catalog.to_string())).ok()?;
    let catalog: promptdex_wire::catalog::Catalog = json::read(&bytes).ok()?;
    catalog.environments.iter().rev().find_map(|environment| {
        let prompt =
            catalog.prompts.iter().find(|prompt| prompt.environments.contains_key(environment))?;
        Some(Published::Latest(prompt.name.clone(), environment.clone()).to_string())
    })
}

async fn answer(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut response = respond(&site, &method, &uri, &headers);
    let common = response.headers_mut();
    common.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    match site.visibility {
        Visibility::Public => {
            common.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            common.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag"));
        }
        Visibility::Private => {
            common.insert(
                HeaderName::from_static("x-robots-tag"),
                HeaderValue::from_static("noindex"),
            );
        }
    }
    response
}

fn respond(site: &Site, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path();
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response =
            text(StatusCode::METHOD_NOT_ALLOWED, "this registry is read-only: use GET\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    // Only the paths of a registry are files here: nothing else on the disk can be named.
    let below = path.strip_prefix('/').unwrap_or_default();
    let page = Page::of_folder(below).map(Published::Page);
    let Some(published) = page.or_else(|| Published::parse(below)) else {
        if Page::of_folder(&format!("{below}/")).is_some() {
            return moved(&format!("{path}/"), uri.query());
        }
        return missing(site, headers);
    };
    let file = site.folder.join(published.to_string());
    let Some((bytes, encoding)) = read(&file, &published, headers) else {
        return missing(site, headers);
    };
    let etag = format!("\"{}\"", &Digest::of(&bytes).hex()[..32]);
    let fresh = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|tags| {
            tags.split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
        })
    });
    let shared = match site.visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    };
    let cache = match published.class() {
        Class::Immutable => format!("{shared}, max-age=31536000, immutable"),
        Class::Pointer | Class::Derived => {
            format!("{shared}, max-age=15, stale-while-revalidate=45, stale-if-error=3600")
        }
    };
    let mut builder =
        Response::builder().header(header::ETAG, etag).header(header::CACHE_CONTROL, cache);
    if let Published::Asset(_) = published {
        builder = builder.header(header::VARY, "Accept-Encoding");
    }
    if let Some(encoding) = encoding {
        builder = builder.header(header::CONTENT_ENCODING, encoding);
    }
    if let Published::Page(_) = published {
        builder = builder.header(header::CONTENT_SECURITY_POLICY, policy());
    }
    let built = if fresh {
        builder.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        builder.header(header::CONTENT_TYPE, content_type(&published)).body(Body::from(bytes))
    };
    built.unwrap_or_else(|_bad_header| text(StatusCode::INTERNAL_SERVER_ERROR, "cannot answer\n"))
}

/// Reads a file, or a compressed form of an asset that the asker understands.
fn read(
    file: &Path,
    published: &Published,
    headers: &HeaderMap,
) -> Option<(Vec<u8>, Option<&'static str>)> {
    if let Published::Asset(_) = published {
        for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
            let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
            let is_accepted = accepted.filter_map(|value| value.to_str().ok()).any(|value| {
                value.split(',').any(|offer| offer.trim().split(';').next() == Some(encoding))
            });
            let compressed = format!("{}.{extension}", file.display());
            if is_accepted && let Ok(bytes) = std::fs::read(compressed) {
                return Some((bytes, Some(encoding)));
            }
        }
    }
    std::fs::read(file).ok().map(|bytes| (bytes, None))
}

fn content_type(published: &Published) -> &'static str {
    match published {
        Published::Blob(_) => "application/octet-stream",
        Published::Schema(_) => "application/schema+json",
        Published::Page(_) => "text/html; charset=utf-8",
        Published::Asset(name) => match name.as_str().rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("wasm") => "application/wasm",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        },
        _ => "application/json; charset=utf-8",
    }
}

/// What pages may do, as their own `<meta>` says it, and that no other site may frame them.
fn policy() -> String {
    format!("{POLICY}; frame-ancestors 'none'")
}

/// Sends the asker to the address with its final slash, on which the links of a page depend.
fn moved(path: &str, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = text(StatusCode::PERMANENT_REDIRECT, "moved\n");
    if let Ok(location) = HeaderValue::from_str(&format!("{path}{query}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Answers that there is nothing: with a page to people, with a sentence to programs.
fn missing(site: &Site, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let page = site.folder.join(Published::Page(Page::NotFound).to_string());
    match std::fs::read(page) {
        Ok(page) if accepts.is_some_and(|accepts| accepts.contains("text/html")) => {
            let mut response = Response::new(Body::from(page));
            *response.status_mut() = StatusCode::NOT_FOUND;
            let headers = response.headers_mut();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, html);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            if let Ok(policy) = HeaderValue::from_str(&policy()) {
                headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        _ => text(
            StatusCode::NOT_FOUND,
            "not found: no such prompt, version or environment; a registry begins at /api/registry.json\n",
        ),
    }
}

/// Answers with a sentence that nothing caches.
fn text(status: StatusCode, sentence: &'static str) -> Response {
    let mut response = Response::new(Body::from(sentence));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
