//! Tests the site in a real browser: Chromium, driven from here, with registries that are built for
//! the tests.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accessibility;
mod address;
mod budget;
mod catalogue;
mod compare;
mod damage;
mod early;
mod engine;
#[path = "../git/mod.rs"]
mod git;
mod host;
mod hostile;
#[path = "../http/mod.rs"]
mod http;
mod keyboard;
mod lifecycle;
mod links;
mod long;
mod marks;
mod missing;
mod no_script;
mod packs;
mod pages;
mod places;
mod play;
mod print;
mod promotions;
mod prompt_page;
mod reading;
mod registries;
#[path = "../session/mod.rs"]
mod session;
mod take_over;
mod theme;
mod webdriver;
