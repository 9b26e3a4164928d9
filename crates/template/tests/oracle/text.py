"""Answers with what Python and Jinja2 do with text: a JSON value per line in, one per line out.

The first line says which versions answer. `{"characters": [first, end]}` asks for facts about characters,
`{"calls": [[name, argument, ...], ...]}` for the results of calls.
"""

import json
import platform
import re
import struct
import sys
import unicodedata
import warnings

try:
    import jinja2
    from jinja2 import filters, lexer, utils
except ImportError:
    jinja2 = None

warnings.simplefilter("ignore")

FACTS = [
    str.isalpha,
    str.isalnum,
    str.isdecimal,
    str.isdigit,
    str.isnumeric,
    str.isspace,
    str.islower,
    str.isupper,
    lambda c: unicodedata.category(c) == "Lt",
    lambda c: c != "_" and c.isidentifier(),
    lambda c: ("a" + c).isidentifier(),
    str.isprintable,
    lambda c, word=re.compile(r"\w").match: word(c) is not None,
    lambda c, space=re.compile(r"\s").match: space(c) is not None,
    lambda c: len((c + "a").splitlines()) == 2,
    # Whether a sigma becomes a final one after the character, and after it and an `A`.
    lambda c: (c + "Σ").lower()[-1] == "ς",
    lambda c: ("A" + c + "Σ").lower()[-1] == "ς",
    lambda c: (c + "a").title()[-1] == "a",
]

MAPPINGS = {"lower": str.lower, "upper": str.upper, "title": str.title, "folded": str.casefold}


def describe_characters(first, end):
    characters = [chr(code) for code in range(first, end) if not 0xD800 <= code < 0xE000]
    facts = [
        sum(1 << bit for bit, is_so in enumerate(FACTS) if is_so(character)) for character in characters
    ]
    answer = {"facts": facts}
    for name, change in MAPPINGS.items():
        answer[name] = {c: change(c) for c in characters if change(c) != c}
    values = {c: unicodedata.decimal(c, None) for c in characters}
    answer["values"] = {c: value for c, value in values.items() if value is not None}
    return answer


def to_float(bits):
    return struct.unpack("<d", struct.pack("<Q", int(bits)))[0]


def literal(raw):
    """What the lexer of Jinja2 does with a string, which it finds only whole."""
    normalized = lexer.newline_re.sub("\n", raw)
    text = normalized.encode("ascii", "backslashreplace").decode("unicode-escape")
    # Half of a pair is no text.
    text.encode()
    return text


METHODS = """
    lower upper casefold capitalize title swapcase isalpha isalnum isdecimal isdigit isnumeric isspace
    isprintable isascii isidentifier islower isupper istitle split rsplit splitlines partition rpartition
    strip lstrip rstrip replace removeprefix removesuffix find rfind index rindex count startswith endswith
    zfill ljust rjust center expandtabs
""".split()

CALLS = {name: getattr(str, name) for name in METHODS}
CALLS |= {
    "item": lambda text, position: text[position] if -len(text) <= position < len(text) else None,
    "slice": lambda text, start, stop, step: text[start:stop:step],
    "reverse": lambda text: text[::-1],
    "contains": lambda text, part: part in text,
}
if jinja2:
    environment = jinja2.Environment()
    CALLS |= {
        "jinja.literal": literal,
        "jinja.lower": filters.do_lower,
        "jinja.upper": filters.do_upper,
        "jinja.capitalize": filters.do_capitalize,
        "jinja.title": filters.do_title,
        "jinja.trim": filters.do_trim,
        "jinja.truncate": lambda *arguments: filters.do_truncate(environment, *arguments),
        "jinja.wordwrap": lambda *arguments: filters.do_wordwrap(environment, *arguments),
        "jinja.wordcount": filters.do_wordcount,
        "jinja.center": filters.do_center,
        "jinja.indent": filters.do_indent,
        "jinja.reverse": filters.do_reverse,
        "jinja.replace": lambda *arguments: environment.call_filter("replace", arguments[0], arguments[1:]),
        "jinja.filesizeformat": lambda bits, binary: filters.do_filesizeformat(to_float(bits), binary),
        "jinja.urlencode": lambda text, in_query: utils.url_quote(text, for_qs=in_query),
    }


def call(name, *arguments):
    if name.startswith("jinja.") and not jinja2:
        return {"absent": "jinja2"}
    try:
        return {"result": CALLS[name](*arguments)}
    except (AssertionError, OverflowError, TypeError, ValueError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def answer(request):
    if "characters" in request:
        return describe_characters(*request["characters"])
    return [call(*each) for each in request["calls"]]


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


sys.stdin.reconfigure(encoding="utf-8")
say(
    {
        "python": platform.python_version(),
        "unicode": unicodedata.unidata_version,
        "jinja2": jinja2 and jinja2.__version__,
    }
)
for line in sys.stdin:
    say(answer(json.loads(line)))
