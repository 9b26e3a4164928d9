"""Writes tables.rs: what Python knows about every character of Unicode 14.0.0, in few bytes.

Run this file with a Python that has exactly that version of Unicode, as Python 3.11 does:

    python3 crates/template/src/python/unicode/tables.py

With `--print` the tables are printed instead of written.
"""

import sys
import unicodedata
from collections import Counter
from pathlib import Path

VERSION = "14.0.0"

# Every character but the surrogates, which no text can hold.
CHARACTERS = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]

FLAGS = [
    ("ALPHABETIC", "`str.isalpha`"),
    ("LOWER", "`str.islower`"),
    ("UPPER", "`str.isupper`"),
    ("TITLE", "A letter in title case, such as `ǅ`"),
    ("DECIMAL", "`str.isdecimal`"),
    ("DIGIT", "`str.isdigit`"),
    ("NUMERIC", "`str.isnumeric`"),
    ("IDENTIFIER_START", "`str.isidentifier`, as the first character"),
    ("IDENTIFIER_PART", "`str.isidentifier`, after the first character"),
    ("PRINTABLE", "`str.isprintable`"),
    ("CASE_IGNORABLE", "A final sigma is recognized across such characters"),
]


def flags(character):
    """Returns the flags of a character as bits, in the order of `FLAGS`."""
    # A sigma becomes a final one after a cased character that cannot be ignored, or, with an `A` before it,
    # also after one that can.
    after_it = (character + "Σ").lower().endswith("ς")
    across_it = ("A" + character + "Σ").lower().endswith("ς")
    lower, upper = character.islower(), character.isupper()
    title = unicodedata.category(character) == "Lt"
    cased = (character + "a").title().endswith("a")
    assert cased == (lower or upper or title), hex(ord(character))
    values = [
        character.isalpha(),
        lower,
        upper,
        title,
        character.isdecimal(),
        character.isdigit(),
        character.isnumeric(),
        character.isidentifier() and character != "_",
        ("a" + character).isidentifier(),
        character.isprintable(),
        across_it and not after_it,
    ]
    return sum(1 << bit for bit, value in enumerate(values) if value)


def varint(number):
    """Writes seven bits per byte, the lowest first; the top bit says that more follow."""
    written = b""
    while number >= 0x80:
        written += bytes([number & 0x7F | 0x80])
        number >>= 7
    return written + bytes([number])


def zigzag(number):
    return number * 2 if number >= 0 else -number * 2 - 1


def flag_runs():
    """Returns runs of characters with equal flags, as their lengths and flags."""
    runs = []
    for code in range(0x110000):
        found = 0 if 0xD800 <= code < 0xE000 else flags(chr(code))
        if runs and runs[-1][1] == found:
            runs[-1][0] += 1
        else:
            runs.append([1, found])
    return runs


def differences(change, base):
    """Returns what `change` makes of characters for which `base` makes something else."""
    return {code: change(chr(code)) for code in CHARACTERS if change(chr(code)) != base(chr(code))}


def case_runs(mapping):
    """Returns runs of characters, or of every second one, that become one character each, all as far away."""
    runs = []
    for code, text in sorted(mapping.items()):
        if len(text) != 1:
            continue
        distance = ord(text) - code
        if runs:
            start, count, step, known = runs[-1]
            gap = code - (start + (count - 1) * step)
            if known == distance and (gap == step if count > 1 else gap in (1, 2)):
                runs[-1] = (start, count + 1, gap, distance)
                continue
        runs.append((code, 1, 1, distance))
    return runs


def encode_case_runs(runs):
    encoded, last = b"", 0
    for start, count, step, distance in runs:
        encoded += varint(start - last) + varint((count - 1) * 2 + step - 1) + varint(zigzag(distance))
        last = start + (count - 1) * step
    return encoded


def lines(pieces):
    """Lays out pieces of a literal in lines."""
    laid_out, line = [], ""
    for piece in pieces:
        if len(line) + len(piece) > 94:
            laid_out.append(line)
            line = ""
        line += piece
    laid_out.append(line)
    return "\\\n     ".join(laid_out)


def bytes_literal(data):
    return 'b"\\\n     ' + lines([f"\\x{byte:02x}" for byte in data]) + '"'


def text_literal(mapping):
    """Writes each character and the text that it becomes, with NUL between."""
    pieces = []
    for code, text in sorted(mapping.items()):
        if len(text) > 1:
            entry = [chr(code), *text]
            pieces.append("".join(f"\\u{{{ord(character):x}}}" for character in entry) + "\\0")
    return '"\\\n     ' + lines(pieces) + '"'


def tables():
    written = [
        f"//! Unicode {VERSION}, written by `tables.py`. Do not edit.",
        "",
        "/// The version of Unicode.",
        '#[cfg(test)]',
        f'pub(crate) const VERSION: &str = "{VERSION}";',
        "",
    ]
    for bit, (name, meaning) in enumerate(FLAGS):
        written += [f"/// {meaning}.", f"pub(super) const {name}: u16 = 1 << {bit};"]

    runs = flag_runs()
    kinds = [kind for kind, _ in Counter(kind for _, kind in runs).most_common()]
    written += [
        "",
        "/// The sets of flags that occur.",
        f"pub(super) const KINDS: [u16; {len(kinds)}] = [",
        *[f"    {kind:#b}," for kind in kinds],
        "];",
        "",
        "/// The index into [`KINDS`] of each run of characters, from the first character to the last.",
        f"pub(super) const RUN_KINDS: &[u8] = {bytes_literal([kinds.index(kind) for _, kind in runs])};",
        "",
        "/// The length of each run.",
        "pub(super) const RUN_LENGTHS: &[u8] = "
        + bytes_literal(b"".join(varint(length) for length, _ in runs))
        + ";",
    ]

    identity = str
    for name, meaning, mapping in [
        ("LOWER", "in lower case", differences(str.lower, identity)),
        ("UPPER", "in upper case", differences(str.upper, identity)),
        ("TITLE", "in title case, where that is not upper case", differences(str.title, str.upper)),
        ("FOLDED", "without case, where that is not lower case", differences(str.casefold, str.lower)),
    ]:
        written += [
            "",
            f"/// Characters {meaning}: runs that become one character each.",
            f"pub(super) const {name}_RUNS: &[u8] = {bytes_literal(encode_case_runs(case_runs(mapping)))};",
            "",
            f"/// Characters {meaning}: those that become several.",
            f"pub(super) const {name}_TEXTS: &str = {text_literal(mapping)};",
        ]
    return "\n".join(written) + "\n"


def main():
    if unicodedata.unidata_version != VERSION:
        sys.exit(
            f"this Python has Unicode {unicodedata.unidata_version}, the tables are those of {VERSION}: "
            "use Python 3.11"
        )
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(tables())
    else:
        Path(__file__).with_name("tables.rs").write_text(tables())


main()
