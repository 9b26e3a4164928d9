#!/usr/bin/env python3
"""Makes the expected texts of the `jinja` dialect with Jinja2.

Three things are rendered: the vectors in `jinja.json`, the templates in
`crates/template/tests/chat-templates/`, and the examples in `docs/dialect-jinja.md`.

    python3 conformance/regenerate.py            write what Jinja2 prints, and list where the dialect differs
    python3 conformance/regenerate.py --check    write nothing, and fail if anything differs

It needs Jinja2 3.1.6 (`pip install jinja2==3.1.6`) and Python 3.11, whose Unicode tables are those of
the dialect (14.0.0); without them it ends with 3. What it does not know is what promptdex accepts: the
errors in `jinja.json` are written by hand, and the tests of `promptdex-template` hold them.
"""

import argparse
import json
import re
import sys
import unicodedata
from pathlib import Path

try:
    import jinja2
except ImportError:
    print("there is no Jinja2 here: pip install jinja2==3.1.6")
    sys.exit(3)

JINJA2 = "3.1.6"
UNICODE = "14.0.0"

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT / "conformance" / "jinja.json"
CHAT_TEMPLATES = ROOT / "crates" / "template" / "tests" / "chat-templates"
PAGE = ROOT / "docs" / "dialect-jinja.md"

# What Jinja2 is not asked: it counts nothing, and would go on for hours.
NOT_RUN = {"limit"}


class Raised(Exception):
    """A template has called `raise_exception`."""


class Undefined(jinja2.StrictUndefined):
    """Every use of an undefined value is an error, but it counts as false."""

    __slots__ = ()

    def __bool__(self):
        return False


class Template(jinja2.Template):
    """A template whose includes see the caller's variables, and nothing that is set around them."""

    variables = {}

    def new_context(self, vars=None, shared=False, locals=None):
        # An include without context gets none.
        return super().new_context({} if vars is None else dict(Template.variables))


class Environment(jinja2.Environment):
    template_class = Template


def raise_exception(message):
    raise Raised(message)


def tojson(value, indent=None):
    """An exception of the dialect: nothing is sorted, and nothing escaped that JSON does not need."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def make_environment(includes):
    environment = Environment(
        undefined=Undefined,
        keep_trailing_newline=True,
        autoescape=False,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        loader=jinja2.DictLoader(includes),
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    return environment


def render(template, variables, includes=None):
    """Returns the text that Jinja2 prints, and nothing; or nothing, and the kind and text of its error."""
    texts = {}
    for name, include in (includes or {}).items():
        text = include["text"]
        # A plain text is no template: it is printed as it is.
        is_plain = include["template"] == "plain"
        texts[name] = f"{{{{ {json.dumps(text, ensure_ascii=False)} }}}}" if is_plain else text
    environment = make_environment(texts)
    try:
        Template.variables = variables
        return environment.from_string(template).render(), None
    except Raised as error:
        return None, ("raised", str(error))
    except jinja2.TemplateSyntaxError as error:
        return None, ("syntax", str(error))
    except jinja2.UndefinedError as error:
        return None, ("undefined", str(error))
    except Exception as error:
        return None, ("value", f"{type(error).__name__}: {error}")


# Vectors.


def expand(value):
    """Writes out `{"repeat": [text, count]}`."""
    if isinstance(value, dict):
        if list(value) == ["repeat"]:
            text, count = value["repeat"]
            return text * count
        return {key: expand(item) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item) for item in value]
    return value


def fold(text):
    """Writes a long text that repeats itself as `{"repeat": [text, count]}`."""
    if len(text) > 200:
        for length in range(1, 65):
            count, rest = divmod(len(text), length)
            if rest == 0 and text == text[:length] * count:
                return {"repeat": [text[:length], count]}
    return text


def line(vector):
    """Writes a vector on one line, without characters that cannot be seen."""
    text = json.dumps(vector, ensure_ascii=False)
    escaped = (c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return "".join(escaped)


def update_vector(vector, notes):
    """Returns a vector with what Jinja2 prints for it."""
    name, error = vector["name"], vector.get("error")
    updated = {key: value for key, value in vector.items() if key not in ("rendered", "error", "jinja2")}
    if error in NOT_RUN:
        return {**updated, "error": error}
    template, variables = expand(vector["template"]), expand(vector["variables"])
    text, failed = render(template, variables, vector.get("includes"))
    if error is None:
        if failed:
            notes.append(f"{name}: Jinja2 prints nothing: {failed[0]}: {failed[1]}")
            return vector
        return {**updated, "rendered": fold(text)}
    updated["error"] = error
    if failed is None:
        # Python prints the addresses of some objects, and surrogates, which are no text.
        text = re.sub(r"\b0x[0-9a-f]+", "0x…", text).encode("utf-8", "replace").decode("utf-8")
        updated["jinja2"] = fold(text)
    elif "raised" in (error, failed[0]) and error != failed[0]:
        notes.append(f"{name}: Jinja2 fails differently: {failed[0]}: {failed[1]}")
    return updated


def update_vectors(notes):
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    names = [vector["name"] for vector in vectors]
    notes.extend(f"two vectors are called {name!r}" for name in sorted(set(names)) if names.count(name) > 1)
    updated = [update_vector(vector, notes) for vector in vectors]
    for before, after in zip(vectors, updated):
        if before != after:
            notes.append(f"{before['name']}: {describe(before)}, Jinja2 has {describe(after)}")
    refused = [vector for vector in updated if "jinja2" in vector]
    print(f"{len(updated)} vectors: {sum('rendered' in v for v in updated)} print the same as in Jinja2,")
    print(f"  {sum('error' in v for v in updated)} are errors, of which {len(refused)} print something in Jinja2:")
    for vector in refused:
        print(f"    {vector['error']}: {vector['name']}: {vector['jinja2']!r:.70}")
    return {VECTORS: "[\n" + ",\n".join(map(line, updated)) + "\n]\n"}


def describe(vector):
    return repr(vector.get("rendered", vector.get("jinja2", vector.get("error"))))


# Chat templates.


def update_chat_templates(notes):
    files = {}
    count = 0
    for template in sorted(CHAT_TEMPLATES.glob("*.jinja")):
        values = json.loads(template.with_suffix(".json").read_text(encoding="utf-8"))
        pieces = []
        for case in values:
            text, failed = render(template.read_text(encoding="utf-8"), case["variables"])
            if failed is None:
                pieces.append(f"==> {case['name']}\n{text}\n")
            elif failed[0] == "raised":
                pieces.append(f"==> {case['name']} (raised)\n{failed[1]}\n")
            elif failed[0] == "undefined":
                pieces.append(f"==> {case['name']} (undefined)\n")
            else:
                notes.append(f"{template.name}, {case['name']}: {failed[0]}: {failed[1]}")
            count += 1
        expected = template.with_suffix(".txt")
        files[expected] = "".join(pieces)
        if not expected.exists() or expected.read_text(encoding="utf-8") != files[expected]:
            notes.append(f"{expected.name}: Jinja2 has another text")
    print(f"{len(files)} chat templates, rendered {count} times")
    return files


# Examples.


def check_page(notes):
    """Renders the examples of the page (`template   → text`), and what it tells to write instead."""
    page = PAGE.read_text(encoding="utf-8")
    values = json.loads(re.search(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[1])
    includes = {"a@1.0.0": {"template": "jinja", "text": "a"}}
    examples = []
    for block in re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        lines = (line.split("   → ") for line in block.splitlines())
        examples.extend((line[0], line[1]) for line in lines if len(line) == 2)
    for table in re.findall(r"<!-- refused.*? -->\n(.*?)<!-- end -->", page, re.DOTALL):
        rows = (re.findall(r"`((?:[^`]|\\`)*)`", row)[1] for row in table.splitlines()[2:])
        examples.extend((row.replace("\\|", "|"), None) for row in rows)
    for template, expected in examples:
        text, failed = render(template, values, includes)
        if failed or expected not in (None, text):
            notes.append(f"{PAGE.name}: {template}: {failed or text!r}")
    print(f"{len(examples)} examples in {PAGE.name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if anything differs")
    arguments = parser.parse_args()
    if jinja2.__version__ != JINJA2:
        print(f"this is Jinja2 {jinja2.__version__}, the texts are those of {JINJA2}: pip install jinja2=={JINJA2}")
        return 3
    if unicodedata.unidata_version != UNICODE:
        print(f"this Python has Unicode {unicodedata.unidata_version}, the dialect {UNICODE}: use Python 3.11")
        return 3
    notes = []
    files = {**update_vectors(notes), **update_chat_templates(notes)}
    check_page(notes)
    for note in notes:
        print(f"different: {note}")
    if not arguments.check:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        return 0
    formatted = [path for path, text in files.items() if path.read_text(encoding="utf-8") != text]
    for path in formatted if not notes else []:
        print(f"different: the form of {path.name}; write it with {Path(__file__).name}")
    return 1 if notes or formatted else 0


if __name__ == "__main__":
    sys.exit(main())
