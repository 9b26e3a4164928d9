"""Reads the documents of conformance/extensions.json, which a newer promptdex may write, by the second reader's own
knowledge of the documents.

usage: read_extensions.py EXTENSIONS.json
"""

import copy
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from wire_documents import DOCUMENTS, Newer, Unknown, take


def check(condition, message):
    if not condition:
        sys.exit(f"violation: {message}")


def put(document, place, value):
    """Puts a value at a place, a JSON Pointer, in the place of what may be there."""
    *parents, key = [key.replace("~1", "/").replace("~0", "~") for key in place.split("/")[1:]]
    for parent in parents:
        document = document[int(parent) if isinstance(document, list) else parent]
    document[int(key) if isinstance(document, list) else key] = value


def flat(value, place=""):
    """Returns every value of a document by its place."""
    if isinstance(value, Unknown):
        return {place: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {place: value} if not isinstance(value, (dict, list)) else {}
    for key, own in parts:
        found |= flat(own, f"{place}/" + str(key).replace("~", "~0").replace("/", "~1"))
    return found


def check_extension(row, name, today):
    """Checks what becomes of a document with something that only a newer promptdex writes."""
    what = f"{name}, {row['name']}"
    extended = copy.deepcopy(today)
    for place in row["at"]:
        put(extended, place, row["value"])
    before = flat(take(today, DOCUMENTS))
    check(not any(isinstance(value, Unknown) for value in before.values()), f"{name} is not known as it is today")
    try:
        after = flat(take(extended, DOCUMENTS))
    except Newer as reason:
        check(row["expected"] in ["document_refused", "registry_refused"], f"{what}: {reason}")
        return
    unknown = [place for place, value in after.items() if isinstance(value, Unknown)]
    if row["expected"] == "entry_refused":
        check(unknown == [row["refused"]], f"{what}: {unknown} is refused, not {row['refused']}")
        left_out = row["refused"]
    else:
        check(row["expected"] == "read" and not unknown, f"{what}: not {row['expected']}")
        (left_out,) = row["at"] if len(row["at"]) == 1 else [None]
        new = flat(row["value"], left_out)
        is_word = left_out is not None and (left_out in before or any(place in before for place in new))
        if is_word:
            check(all(after.get(place) == value for place, value in new.items()), f"{what}: the word is not kept")
        else:
            left_out = None

    def rest(document):
        is_own = lambda place: left_out is not None and (place + "/").startswith(left_out + "/")
        return {place: value for place, value in document.items() if not is_own(place)}

    check(rest(after) == rest(before), f"{what}: the rest is not read as without it")


def check_extensions(table):
    """Reads every document of conformance/extensions.json, and tells the kinds that there are."""
    kinds = {document["kind"] for document in table["documents"].values()}
    for row in table["extensions"]:
        names = table["documents"] if row["document"] == "*" else [row["document"]]
        for name in names:
            check_extension(row, name, table["documents"][name])
    check(kinds == set(DOCUMENTS), f"there are no documents of {set(DOCUMENTS) ^ kinds}")
    print(f"{len(table['extensions'])} extensions of {len(kinds)} kinds")


check_extensions(json.loads(Path(sys.argv[1]).read_text()))
