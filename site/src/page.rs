//! The pages as the compiler writes them: the same components, and the HTML around them.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::location::RequestUrl;
use promptdex_wire::catalog::{Catalog, Registry, Versions, Visibility};
use promptdex_wire::{Blob, Chain, Document, Kind, Page, PromptName, RegistryPath, Release, json};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::data::Store;
use crate::model::page_documents::{KnownDocuments, is_preloaded, page_documents};
use crate::route::Route;

/// The files of the site, by what they are for: names below `assets/`. `site.json` of a packed site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assets {
    /// The style sheet.
    pub style: String,
    /// Sets the theme before anything is painted.
    pub theme: String,
    /// Starts the app.
    pub boot: String,
    /// Loads the app's module.
    pub app: String,
    /// The app.
    pub app_wasm: String,
    /// Finds the registry's base from a page at an unknown depth.
    pub not_found: String,
    /// The icon.
    pub icon: String,
    /// By tokenizer, the module that counts tokens exactly; pages load it on demand.
    pub tokens: BTreeMap<String, Vec<String>>,
}

/// What a page may load and do. `frame-ancestors` works in a header only.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'none'";

/// Returns the policy that hosts send as a header: [`POLICY`], plus a rule against framing by other
/// sites.
pub fn policy_header() -> String {
    format!("{POLICY}; frame-ancestors 'none'")
}

/// The mark near the beginning of every page that the compiler wrote.
pub const MARK: &str = "<meta name=\"generator\" content=\"promptdex\">\n";

/// How deep below the base a missing page is looked for.
const DEPTH: usize = 8;

/// Writes the pages of one registry.
#[derive(Debug, Clone)]
pub struct Pages {
    assets: Assets,
    registry: Arc<Registry>,
    registry_bytes: Arc<[u8]>,
}

/// The bytes of documents, by path; nothing for one that does not exist.
type Documents = BTreeMap<RegistryPath, Option<Vec<u8>>>;

impl Pages {
    /// Prepares the pages of a registry with the files of a packed site.
    pub fn new(assets: Assets, registry: Registry) -> Self {
        let registry_bytes = json::write(&registry).into();
        Self { assets, registry: Arc::new(registry), registry_bytes }
    }

    /// Writes the page of a prompt from its published documents, which `read` finds.
    pub fn prompt<E>(
        &self,
        name: &PromptName,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<String>, E> {
        let (route, page) = (Route::prompt(name), Page::Prompt(name.clone()));
        let (mut documents, mut known_documents) = self.first_documents();
        read_documents(&route, &mut documents, &mut known_documents, &read)?;
        // Whether the prompt is held back; the app reads it when it has taken the page over.
        let newest = RegistryPath::Pointer(Chain::Catalog);
        let release = read(&newest)?;
        documents.insert(newest, release);
        let Some(versions) = known_documents.versions.first() else { return Ok(None) };
        let title = versions.title.as_deref().unwrap_or(name.as_str());
        let title = format!("{title} · {name}");
        let description = versions.about.as_deref().unwrap_or_default();
        let preload = list_preloaded(&page, &route, &documents, &known_documents);
        Ok(Some(self.html(&page, &title, description, &store(Arc::new(documents)), &preload)))
    }

    /// Writes the pages of the registry as a whole.
    pub fn registry<E>(
        &self,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Vec<(Page, String)>, E> {
        let (mut documents, mut known_documents) = self.first_documents();
        let route = |page: &Page| Route::parse(&page.folder(), |_| None);
        let name = &self.registry.registry;
        let pages = [
            (Page::Catalogue, format!("Prompts · {name}"), format!("The prompts of {name}.")),
            (
                Page::Environments,
                format!("Environments · {name}"),
                format!("Versions of every prompt in {name} by environment."),
            ),
            (
                Page::History,
                format!("History · {name}"),
                format!("What changed in the environments of {name}, release by release."),
            ),
            (Page::Status, format!("Status · {name}"), format!("Status of {name}.")),
            (Page::NotFound, format!("Not found · {name}"), String::new()),
        ];
        for (page, ..) in &pages {
            if let Some(route) = route(page) {
                read_documents(&route, &mut documents, &mut known_documents, &read)?;
            }
        }
        let documents = Arc::new(documents);
        let store = store(Arc::clone(&documents));
        let write = |(page, title, description): (Page, String, String)| {
            let preload = route(&page)
                .map(|route| list_preloaded(&page, &route, &documents, &known_documents));
            let preload = preload.unwrap_or_default();
            let html = self.html(&page, &title, &description, &store, &preload);
            (page, html)
        };
        Ok(pages.into_iter().map(write).collect())
    }

    /// What is known before anything is read.
    fn first_documents(&self) -> (Documents, KnownDocuments) {
        let bytes = Some(self.registry_bytes.to_vec());
        let registry = json::read(&self.registry_bytes).map(Arc::new).ok();
        let known_documents = KnownDocuments { registry, ..KnownDocuments::default() };
        (Documents::from([(RegistryPath::Registry, bytes)]), known_documents)
    }

    fn html(
        &self,
        page: &Page,
        title: &str,
        description: &str,
        store: &Store,
        preload: &[RegistryPath],
    ) -> String {
        let body = render(page, store.clone());
        let assets = &self.assets;
        let folder = page.folder();
        let is_missing = *page == Page::NotFound;
        let base = "../".repeat(folder.matches('/').count());
        let base = if base.is_empty() { "./" } else { &base };
        let mut html = String::with_capacity(body.len() + 4_096);
        html.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.push_str(MARK);
        push(
            &mut html,
            format_args!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n"),
        );
        if !is_missing {
            push(&mut html, format_args!("<base href=\"{base}\">\n"));
        }
        html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        push(&mut html, format_args!("<title>{}</title>\n", escape_html(title)));
        if !description.is_empty() {
            let text = escape_html(description);
            push(&mut html, format_args!("<meta name=\"description\" content=\"{text}\">\n"));
            push(
                &mut html,
                format_args!("<meta property=\"og:description\" content=\"{text}\">\n"),
            );
        }
        push(
            &mut html,
            format_args!("<meta property=\"og:title\" content=\"{}\">\n", escape_html(title)),
        );
        push(&mut html, format_args!("<meta property=\"og:type\" content=\"website\">\n"));
        if let Some(url) = self.registry.url.as_ref().filter(|_| !is_missing) {
            let url = escape_html(url);
            push(&mut html, format_args!("<meta property=\"og:url\" content=\"{url}{folder}\">\n"));
            push(&mut html, format_args!("<link rel=\"canonical\" href=\"{url}{folder}\">\n"));
        }
        if self.registry.visibility != Visibility::Public || is_missing {
            html.push_str("<meta name=\"robots\" content=\"noindex\">\n");
        }
        html.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
        if is_missing {
            // Where the page is shown is not known: the script is looked for in the folders above.
            for depth in 0..=DEPTH {
                let up = "../".repeat(depth);
                push(
                    &mut html,
                    format_args!(
                        "<script src=\"{up}assets/{}\" data-style=\"{}\" data-icon=\"{}\" data-app=\"{}\"></script>\n",
                        assets.not_found, assets.style, assets.icon, assets.boot
                    ),
                );
            }
        } else {
            push(
                &mut html,
                format_args!(
                    "<link rel=\"icon\" href=\"assets/{}\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"assets/{}\">\n<script src=\"assets/{}\"></script>\n<script type=\"module\" src=\"assets/{}\"></script>\n<link rel=\"modulepreload\" href=\"assets/{}\">\n<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" href=\"assets/{}\" crossorigin>\n",
                    assets.icon,
                    assets.style,
                    assets.theme,
                    assets.boot,
                    assets.app,
                    assets.app_wasm
                ),
            );
        }
        for path in preload {
            push(
                &mut html,
                format_args!("<link rel=\"preload\" as=\"fetch\" href=\"{path}\" crossorigin>\n"),
            );
        }
        html.push_str("</head>\n<body>\n");
        let without = without_scripts(page);
        if !without.is_empty() {
            push(
                &mut html,
                format_args!("<noscript><p class=\"notice\">{without}</p></noscript>\n"),
            );
        }
        html.push_str("<div id=\"app\">");
        html.push_str(&body);
        html.push_str("</div>\n<p id=\"loading\" role=\"status\">Loading…</p>\n<p id=\"trouble\" role=\"status\" hidden></p>\n</body>\n</html>\n");
        html
    }
}

/// Says what a page shows, whatever its address asks for, in a browser that runs no scripts.
fn without_scripts(page: &Page) -> &'static str {
    match page {
        Page::Catalogue => {
            "JavaScript is off. This page shows the first prompts, not the search or filter in its URL."
        }
        Page::Prompt(_) => {
            "JavaScript is off. This page shows the default version, not the version or comparison in its URL."
        }
        Page::Environments => {
            "JavaScript is off. This page shows the environments, not the promotion preview in its URL."
        }
        Page::History => {
            "JavaScript is off. This page shows the latest releases, not the filter or date in its URL."
        }
        Page::Status | Page::NotFound => "",
    }
}

/// Where the parts of a catalog are.
#[derive(Deserialize)]
struct CatalogParts {
    #[serde(default)]
    parts: Vec<Blob>,
}

impl Document for CatalogParts {
    const KIND: Kind = Catalog::KIND;
}

/// Reads the documents of a page that were not read yet.
fn read_documents<E>(
    route: &Route,
    documents: &mut Documents,
    known_documents: &mut KnownDocuments,
    read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<(), E> {
    loop {
        let mut paths = page_documents(Some(route), known_documents);
        paths.retain(|path| !documents.contains_key(path));
        if paths.is_empty() {
            return Ok(());
        }
        for path in paths {
            let bytes = read(&path)?;
            match (&path, bytes.as_deref()) {
                (RegistryPath::Versions(_), Some(bytes)) => {
                    known_documents.versions = read_versions(bytes, documents, &read)?;
                }
                (RegistryPath::Catalog, Some(bytes)) => {
                    let parts = json::read::<CatalogParts>(bytes).map(|catalog| catalog.parts);
                    for part in parts.unwrap_or_default() {
                        let path = RegistryPath::Snapshot(part.digest);
                        let bytes = read(&path)?;
                        documents.insert(path, bytes);
                    }
                }
                (RegistryPath::Pointer(Chain::Environment(environment)), Some(bytes)) => {
                    let release = json::read::<Release>(bytes).ok();
                    let newest = release.map(|release| (environment.clone(), release.sequence));
                    known_documents.newest.extend(newest);
                }
                _ => {}
            }
            documents.insert(path, bytes);
        }
    }
}

/// Reads all files of the list of versions of a prompt: those with older versions, which are counted on the page, are added
/// to the documents.
fn read_versions<E>(
    newest: &[u8],
    documents: &mut Documents,
    read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<Arc<Versions>>, E> {
    let mut files: Vec<Arc<Versions>> = json::read(newest).map(Arc::new).into_iter().collect();
    while let Some(page) = files.last().and_then(|file| file.older) {
        let path = RegistryPath::Snapshot(page.digest);
        let bytes = read(&path)?;
        let file = bytes.as_deref().and_then(|bytes| json::read(bytes).ok());
        documents.insert(path, bytes);
        let Some(file) = file else { break };
        files.push(Arc::new(file));
    }
    Ok(files)
}

/// Returns the documents that exist and that the page tells the browser to fetch at once.
fn list_preloaded(
    page: &Page,
    route: &Route,
    documents: &Documents,
    known_documents: &KnownDocuments,
) -> Vec<RegistryPath> {
    let exists = |path: &RegistryPath| documents.get(path).is_some_and(Option::is_some);
    let mut paths = page_documents(Some(route), known_documents);
    paths.retain(|path| is_preloaded(page, path) && exists(path));
    paths
}

fn store(documents: Arc<Documents>) -> Store {
    Store::new(Some(Arc::new(move |path| documents.get(path).cloned().flatten())))
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.push_str(&text.to_string());
}

/// Renders what the app shows at a page's address.
fn render(page: &Page, store: Store) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(RequestUrl::new(&format!("/{}", page.folder())));
        view! { <App store base="/".to_owned()/> }.to_html()
    });
    owner.cleanup();
    preserve_texts(&html)
}

/// Writes what a parser of HTML would take out of texts so that it stays: a carriage return, and a line end
/// at the beginning of a `<pre>`. Texts and attributes are escaped already, so what looks like a tag is one.
fn preserve_texts(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut parts = html.split("<pre");
    kept.push_str(parts.next().unwrap_or_default());
    for part in parts {
        kept.push_str("<pre");
        match part.split_once('>') {
            Some((attributes, rest)) => kept.extend([attributes, ">\n", rest]),
            None => kept.push_str(part),
        }
    }
    kept.replace('\r', "&#13;")
}

/// Writes text so that it is read back as text, between tags and in an attribute.
fn escape_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            // Read as a line end otherwise.
            '\r' => html.push_str("&#13;"),
            _ => html.push(character),
        }
    }
    html
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_back_as_they_are() {
        let pre = view! { <pre title="a>b\r">{"\none\r\ntwo"}</pre> };
        assert_eq!(
            preserve_texts(&pre.to_html()),
            "<pre title=\"a&gt;b&#13;\">\n\none&#13;\ntwo</pre>"
        );
        let hostile = view! { <p>{"<pre>\r"}</p> };
        assert_eq!(preserve_texts(&hostile.to_html()), "<p>&lt;pre&gt;&#13;</p>");
    }
}
