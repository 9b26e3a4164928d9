//! The site of a registry: browse, search, compare and render its prompts.
//!
//! The same components run in the browser (feature `csr`) and in the compiler (feature `ssr`), which
//! writes one readable HTML file per page. In the browser the app reads the published documents and
//! then takes the place of the text that stands there.
//!
//! - [`route`]: every address, printed and parsed in one place.
//! - [`context`]: what every page can ask of the app.
//! - [`data`]: the documents of the registry, fetched and checked once.
//! - [`engine`]: rendering and comparing, in a worker.
//! - [`model`]: what pages show, worked out from documents; plain values with ordinary tests.
//! - [`view`](mod@view): markup as views of one type.
//! - [`views`]: one page each. [`components`]: what pages share.
//! - `page`: the HTML around a page (feature `ssr`). `browser`: the start of the app (feature `csr`).

pub mod app;
#[cfg(feature = "csr")]
pub mod browser;
pub mod components;
pub mod context;
pub mod data;
pub mod engine;
pub mod keys;
pub mod model;
#[cfg(feature = "ssr")]
pub mod page;
pub mod route;
#[cfg(feature = "csr")]
mod settings;
pub mod text;
pub mod verify;
pub mod view;
pub mod views;

pub use app::App;
