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
use promptdex_wire::catalog::{Registry, Visibility};
use promptdex_wire::{Class, Digest, Path as Published, json};

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
    let mut response = respond(&site, &method, uri.path(), &headers);
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

fn respond(site: &Site, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response =
            text(StatusCode::METHOD_NOT_ALLOWED, "this registry is read-only: use GET\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    // Only the paths of a registry are files here: nothing else on the disk can be named.
    let Some(published) = path.strip_prefix('/').and_then(Published::parse) else {
        return text(StatusCode::NOT_FOUND, "not found; a registry begins at /api/registry.json\n");
    };
    let Ok(bytes) = std::fs::read(site.folder.join(published.to_string())) else {
        return text(StatusCode::NOT_FOUND, "not found: no such prompt, version or environment\n");
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
    let content_type = match published {
        Published::Blob(_) => "application/octet-stream",
        Published::Schema(_) => "application/schema+json",
        _ => "application/json; charset=utf-8",
    };
    let builder =
        Response::builder().header(header::ETAG, etag).header(header::CACHE_CONTROL, cache);
    let built = if fresh {
        builder.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        builder.header(header::CONTENT_TYPE, content_type).body(Body::from(bytes))
    };
    built.unwrap_or_else(|_bad_header| text(StatusCode::INTERNAL_SERVER_ERROR, "cannot answer\n"))
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
