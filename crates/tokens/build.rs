//! Writes the vocabularies of the tokenizers, and the classes of characters that their patterns name,
//! in forms that are small in a module and quick to read.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use bpe_openai::Tokenizer;
use regex_syntax::hir::{Class, HirKind};

/// A tokenizer by its name.
type NamedTokenizer = (&'static str, fn() -> &'static Tokenizer);

const TOKENIZERS: [NamedTokenizer; 2] =
    [("cl100k_base", bpe_openai::cl100k_base), ("o200k_base", bpe_openai::o200k_base)];

/// The classes of `Class` in `split.rs`. No character is in two of them.
const CLASSES: [(&str, &str); 6] = [
    ("Upper", r"[\p{Lu}\p{Lt}]"),
    ("Lower", r"\p{Ll}"),
    ("Letter", r"[\p{Lm}\p{Lo}]"),
    ("Mark", r"\p{M}"),
    ("Number", r"\p{N}"),
    ("Space", r"\s"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("classes.rs"), classes()?)?;
    for (name, tokenizer) in TOKENIZERS {
        if env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase())).is_some() {
            let (lengths, bytes) = vocabulary(tokenizer())?;
            fs::write(out.join(format!("{name}.lengths")), lengths)?;
            fs::write(out.join(format!("{name}.bytes")), bytes)?;
        }
    }
    Ok(())
}

/// Returns the lengths of all tokens, in the order in which they merge, and their bytes. Apart they
/// compress better.
fn vocabulary(tokenizer: &Tokenizer) -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
    for rank in 0..u32::try_from(tokenizer.bpe.num_tokens())? {
        let token = tokenizer.bpe.token_bytes(rank);
        lengths.push(u8::try_from(token.len())?);
        bytes.extend(token);
    }
    Ok((lengths, bytes))
}

/// Returns a list of the first character of each run of a class, in order.
fn classes() -> Result<String, Box<dyn Error>> {
    let mut ranges = Vec::new();
    for (name, pattern) in CLASSES {
        if let HirKind::Class(Class::Unicode(class)) = regex_syntax::parse(pattern)?.into_kind() {
            let of = |range: &regex_syntax::hir::ClassUnicodeRange| {
                (u32::from(range.start()), u32::from(range.end()), name)
            };
            ranges.extend(class.ranges().iter().map(of));
        }
    }
    ranges.sort_unstable();
    let mut text = "static RUNS: &[(u32, Class)] = &[\n".to_owned();
    let mut next = 0;
    for (start, end, name) in ranges {
        if start > next {
            writeln!(text, "({next}, Class::Other),")?;
        }
        writeln!(text, "({start}, Class::{name}),")?;
        next = end + 1;
    }
    writeln!(text, "({next}, Class::Other),\n];")?;
    Ok(text)
}
