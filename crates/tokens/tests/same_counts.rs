//! The counts are those of `bpe-openai`, which are those of the models' makers, piece by piece.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

type NamedTokenizer = (&'static str, fn() -> &'static bpe_openai::Tokenizer);

const TOKENIZERS: [NamedTokenizer; 2] =
    [("cl100k_base", bpe_openai::cl100k_base), ("o200k_base", bpe_openai::o200k_base)];

#[track_caller]
fn check(text: &str) {
    for (name, theirs) in TOKENIZERS {
        let (ours, theirs) = (promptdex_tokens::tokenizer(name).unwrap(), theirs());
        let pieces: Vec<&str> = ours.split(text).collect();
        assert_eq!(pieces, theirs.split(text).collect::<Vec<_>>(), "{name}: {text:?}");
        for piece in pieces {
            let count = theirs.bpe.count(piece.as_bytes());
            assert_eq!(ours.count_piece(piece), count, "{name}: {piece:?}");
        }
        assert_eq!(ours.count(text), theirs.count(text), "{name}: {text:?}");
    }
}

#[test]
fn texts_of_many_kinds() {
    for text in [
        "",
        "Hello, hello, hello world!\n\n  Hello",
        "請以繁體中文回答。ご注文ありがとうございます。안녕하세요",
        "Straße don't can't DON'T I'LL we'Ve it'ſ 's x's' 1234567 🤖🤖 👩‍👩‍👧‍👦",
        "e\u{301}\u{301}A\u{301}b \u{301}x ǅenan ʰx HTTPServer iOSApp aʰB",
        "a/b//\n\r\n// /\n",
        " \t \n x  y   \u{a0}\u{3000}z \r\n ",
        "{{ customer_name }}: {% if a %}\n    ok\n{% endif %}",
        "مرحبا שלום Привет ไทย हिन्दी",
    ] {
        check(text);
    }
}

#[test]
fn long_pieces() {
    for text in ["x", " ", "ab", "=", "\u{301}", "漢", "🤖", "\n", "aaaaaaab", "01"] {
        check(&text.repeat(5_000));
    }
}

#[test]
fn our_own_files() {
    for text in [
        include_str!("../../../README.md"),
        include_str!("../../../docs/wire.md"),
        include_str!("../src/split.rs"),
    ] {
        check(text);
    }
}

/// Characters that the patterns tell apart, often enough beside each other.
fn character() -> impl Strategy<Value = char> {
    let known = "aZsStTrReEvVmMlLdDſK'’ \t\r\n/.,-_12٣Ⅷ½ǅʰªº漢あ한é\u{301}\u{200d}\u{fe0f}🤖ẞßΣς\u{a0}\u{2028}\u{85}\0";
    prop_oneof![
        4 => prop::sample::select(known.chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in prop::collection::vec(character(), 0..60)) {
        check(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_words(text in "[a-zA-Z]{0,40}( [a-z]{1,20}){0,5}[\u{4e00}-\u{9fff}]{0,40}") {
        check(&text);
    }
}
