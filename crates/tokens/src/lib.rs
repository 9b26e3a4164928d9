//! Counts tokens as the models' own tokenizers do. The compiler counts the tokens of test cases; the site
//! counts those of renderings, with a module of this crate that has one vocabulary.
//!
//! ```
//! let tokenizer = promptdex_tokens::tokenizer("o200k_base").unwrap();
//! assert_eq!(tokenizer.count("Hello, world!"), 4);
//! ```
//!
//! `bpe-openai` has the vocabularies, with automata that make long texts fast: 32 MB for `o200k_base`
//! alone. Here they are the bare tokens, a twentieth of that, and texts are merged as the definition of
//! byte-pair encoding says. The tests hold both to the same counts.

mod split;
mod vocabulary;

use std::sync::LazyLock;

use wasm_bindgen::prelude::wasm_bindgen;

use split::Pattern;
use vocabulary::Vocabulary;

/// A tokenizer.
#[derive(Debug)]
pub struct Tokenizer {
    pattern: Pattern,
    vocabulary: Vocabulary,
}

/// Makes a tokenizer of the files that the build script has written.
macro_rules! tokenizer {
    ($name:literal, $pattern:expr) => {{
        static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer {
            pattern: $pattern,
            vocabulary: Vocabulary::new(
                include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".lengths")),
                include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".bytes")),
            ),
        });
        Some(&TOKENIZER)
    }};
}

/// Returns a tokenizer by the name that `registry.yaml` has for it, if this build has its vocabulary. The
/// first call loads it.
pub fn tokenizer(name: &str) -> Option<&'static Tokenizer> {
    match name {
        #[cfg(feature = "cl100k_base")]
        "cl100k_base" => tokenizer!("cl100k_base", Pattern::Cl100k),
        #[cfg(feature = "o200k_base")]
        "o200k_base" => tokenizer!("o200k_base", Pattern::O200k),
        _ => None,
    }
}

impl Tokenizer {
    /// Returns the number of tokens of a text.
    pub fn count(&self, text: &str) -> usize {
        self.split(text).map(|piece| self.count_piece(piece)).sum()
    }

    /// Cuts a text into pieces: no token reaches over the end of one.
    pub fn split<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let (pattern, mut rest) = (self.pattern, text);
        std::iter::from_fn(move || {
            let (piece, after) = rest.split_at(pattern.end(rest));
            rest = after;
            Some(piece).filter(|piece| !piece.is_empty())
        })
    }

    /// Returns the number of tokens of a piece.
    pub fn count_piece(&self, piece: &str) -> usize {
        self.vocabulary.count(piece.as_bytes())
    }
}

/// Returns the number of tokens of texts together, for the site. Returns nothing for a tokenizer that this
/// module does not have.
#[wasm_bindgen]
pub fn count(name: &str, texts: Vec<String>) -> Option<usize> {
    let tokenizer = tokenizer(name)?;
    Some(texts.into_iter().map(|text| tokenizer.count(&text)).sum())
}
