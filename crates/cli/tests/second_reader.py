"""A second reader of wire format 1, written from docs/wire.md alone, with nothing but the standard
library: walks every chain of a registry from its pointer to its documents and checks every digest.

usage: second_reader.py DIST [--under-way]

With --under-way, the registry may be one that a build is writing: documents that are made from others may be ahead of
the pointers, and only the chains and the versions are checked.
"""

import hashlib
import json
import re
import sys
import unicodedata
from pathlib import Path

sys.dont_write_bytecode = True
from wire_documents import Newer, Unknown, take

base = Path(sys.argv[1])
under_way = "--under-way" in sys.argv


def check(condition, message):
    if not condition:
        sys.exit(f"violation: {message}")


newer = []


def is_known(part, where):
    """Whether a part of a document is known; else it is left out, and told in the end."""
    if isinstance(part, Unknown):
        newer.append(where)
        return False
    return True


def taken(path, document, kinds):
    """Returns what is known of a document that has one of some kinds."""
    try:
        return take(document, kinds)
    except Newer as reason:
        sys.exit(f"{path} needs a newer reader: {reason}")
    except ValueError as reason:
        sys.exit(f"violation: {path} is {reason}")


def read(path, kind, digest=None, size=None):
    """Reads a document; a digest and a size, where known, must be those of its bytes."""
    check((base / path).is_file(), f"{path} is missing")
    data = (base / path).read_bytes()
    if digest is not None:
        check(len(data) == size, f"{path} has {len(data)} bytes, not {size}")
        check(digest == "sha256:" + hashlib.sha256(data).hexdigest(), f"{path} has another digest")
    check(not data.endswith(b"\n"), f"{path} ends with a newline")
    try:
        document = json.loads(data)
    except ValueError:
        sys.exit(f"violation: {path} is cut short, or not JSON")
    return taken(path, document, [kind] if isinstance(kind, str) else kind), data


def snapshot_path(digest):
    return f"api/snapshots/{digest.removeprefix('sha256:')}.json"


def entries(reference):
    """Returns the entries of a snapshot, through its shards if it has any."""
    digest, size, bits = reference["digest"], reference["size"], reference["bits"]
    if bits == 0:
        document, _ = read(snapshot_path(digest), "snapshot", digest, size)
        found = document["entries"]
    else:
        document, _ = read(snapshot_path(digest), "shards", digest, size)
        check(len(document["shards"]) == 1 << bits, "a shard is missing")
        found = []
        for number, shard in enumerate(document["shards"]):
            part, _ = read(snapshot_path(shard["digest"]), "snapshot", shard["digest"], shard["size"])
            for entry in part["entries"]:
                if isinstance(entry, Unknown):
                    continue
                name_hash = hashlib.sha256(entry["name"].encode()).digest()
                top = int.from_bytes(name_hash[:2], "big") >> (16 - bits)
                check(top == number, f"{entry['name']} is in shard {number}, not {top}")
            found += part["entries"]
    known = [entry for entry in found if is_known(entry, "an entry of a snapshot")]
    names = len({entry["name"] for entry in known})
    is_counted = names == reference["count"] or (names < reference["count"] and len(known) < len(found))
    check(is_counted, "count is not the number of names")
    return known


def read_list(first, kind, rows, of=None):
    """Reads a list from its newest file on, and returns its pages, the oldest first."""
    pages = [first]
    while "older" in pages[0]:
        older = pages[0]["older"]
        page, _ = read(snapshot_path(older["digest"]), kind, older["digest"], older["size"])
        check(len(page[rows]) == 500, f"a full page of {of} has {len(page[rows])} rows")
        check(page.get("name") == first.get("name"), f"a page of {of} is of {page.get('name')}")
        check(page.get("sequences", {}) == {}, f"a full page of {of} names releases")
        pages.insert(0, page)
    check(len(first[rows]) <= 500, f"{of} has more than 500 rows in a file")
    return [row for page in pages for row in page[rows]]


def changes(release):
    """Returns what a release changed, which stands in it or in a list."""
    if "changes_file" not in release:
        return release.get("changes", [])
    file = release["changes_file"]
    first, _ = read(snapshot_path(file["digest"]), "changes", file["digest"], file["size"])
    rows = read_list(first, "changes", "changes", f"a release of {release['environment']}")
    check(len(rows) == file["count"], f"{len(rows)} changes, not {file['count']}")
    names = [row.get("name", "").encode() for row in rows]
    check(names == sorted(names), f"the changes of {release['environment']} are not sorted by name")
    return rows


happened = {}
dated = 0


def read_release(environment, sequence, pack):
    """Reads a release from its own file, or from the pack that holds it; `pack` keeps the one read last."""
    folder = base / f"api/environments/{environment}/releases"
    first = (sequence - 1) // 100 * 100 + 1
    if pack.get("first") != first:
        own = folder / f"{sequence}.json"
        if own.exists():
            return own.read_bytes(), f"api/environments/{environment}/releases/{sequence}.json"
        path = f"api/environments/{environment}/releases/{first}-{first + 99}.json"
        check((base / path).exists(), f"release {sequence} of {environment} has neither a file nor a pack: {path} is missing")
        document, _ = read(path, "releases")
        check(len(document["documents"]) == 100, f"{path} has {len(document['documents'])} releases, not 100")
        pack.update(first=first, path=path, documents=document["documents"])
    return pack["documents"][sequence - first].encode(), pack["path"]


def walk_chain(registry, environment):
    """Walks a chain from its pointer back to its first release, and returns the newest one."""
    global dated
    pack = {}
    pointer, data = read(f"api/environments/{environment}.json", "release")
    newest = pointer
    own, path = read_release(environment, pointer["sequence"], pack)
    check(own == data, f"the pointer of {environment} is not its newest release")
    while True:
        check(pointer["registry"] == registry, f"{path} is of another registry")
        check(pointer["environment"] == environment, f"{path} is of another environment")
        for change in changes(pointer):
            happened.setdefault(change.get("name"), []).append((environment, pointer["sequence"], change["operation"]))
            dated += "at" in change
        rules = pointer.get("policy")
        if rules:
            read(snapshot_path(rules["digest"]), "policy", rules["digest"], rules["size"])
        if pointer["sequence"] == 1 or pointer.get("operation") == "restart":
            check("previous" not in pointer, f"{path} has something before it")
            return newest
        check("previous" in pointer, f"{path} does not name the release before number {pointer['sequence']}")
        previous, sequence = pointer["previous"], pointer["sequence"] - 1
        data, path = read_release(environment, sequence, pack)
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        check(previous == digest, f"the chain is broken: {path} has another release {sequence}")
        pointer = taken(path, json.loads(data), ["release"])
        check(pointer["sequence"] == sequence, f"release {sequence} of {environment} has another number")


withdrawn = set()


def redaction(data):
    """Returns a redaction, or nothing if the bytes are anything else."""
    try:
        return take(json.loads(data), ["redacted"])
    except (ValueError, KeyError, TypeError, Newer):
        return None


def version(name, row):
    path = f"api/prompts/{name}/versions/{row['version']}.json"
    data = (base / path).read_bytes()
    if row["digest"] != "sha256:" + hashlib.sha256(data).hexdigest():
        # A redaction may come before the lists that name it.
        document = redaction(data)
        if document and document["replaced"]["digest"] == row["digest"]:
            check(len(data) <= 65536, f"{path} is longer than a redaction")
            check((document["name"], document["version"]) == (name, row["version"]), f"{path} is another prompt")
            withdrawn.add(path)
            return document
    document, _ = read(path, ["version", "redacted"], row["digest"], row["size"])
    check(document["name"] == name and document["version"] == row["version"], f"{path} is another prompt")
    for message in document.get("messages", []):
        content = message.get("content", "")
        for part in content if isinstance(content, list) else []:
            if "blob" in part:
                blob(part["blob"])
    return document


def read_latest(prompt, environment, file):
    """Reads what an environment serves, and cuts the version document out of it."""
    latest, data = read(f"api/prompts/{prompt}/latest/{file}", "latest")
    check(latest["environment"] == environment, f"{prompt}: {file} is of another environment")
    check(isinstance(latest["system_prompt"], str), f"{prompt}: {file} has no system prompt")
    start = b'{"format":1,"kind":"version",'
    cut = start + data[28 : 28 + latest["size"] - 30] + b"}"
    digest = "sha256:" + hashlib.sha256(cut).hexdigest()
    check(digest == latest["digest"], f"{prompt}: {file} does not repeat the version document")
    return latest, data


def blob(file):
    """Checks the bytes and the name of a file that a part names."""
    data = (base / f"api/blobs/{file['digest'].removeprefix('sha256:')}").read_bytes()
    check(len(data) == file["size"], f"{file['path']} has another size")
    check(file["digest"] == "sha256:" + hashlib.sha256(data).hexdigest(), f"{file['path']} has another digest")
    segments = file["path"].split("/")
    check(not {"", ".", ".."} & set(segments), f"{file['path']} leaves its folder")


registry, _ = read("api/registry.json", "registry")
name = registry["registry"]
versions = 0
catalog = walk_chain(name, "catalog")
listed = {}
for entry in entries(catalog["snapshot"]):
    first, _ = read(snapshot_path(entry["digest"]), "version_list", entry["digest"], entry["size"])
    check(first["name"] == entry["name"], "a version list of another prompt")
    listed[entry["name"]] = read_list(first, "version_list", "versions", entry["name"])
    for row in listed[entry["name"]]:
        document = version(entry["name"], row)
        if document["kind"] == "version":
            check(document["source_digest"] == row["source_digest"], "a source digest differs")
        versions += 1

served = 0
for environment in registry["environments"]:
    release = walk_chain(name, environment)
    mains = {}
    for entry in entries(release["snapshot"]):
        check("version" in entry or "rollout" in entry, f"{environment} has an entry of the catalog")
        prompt = entry["name"]
        rows = entry["rollout"]["arms"] if "rollout" in entry else [entry]
        for row in rows:
            version(prompt, row)
            served += 1
        if entry.get("main") or prompt not in mains:
            mains[prompt] = rows[0]
        if under_way:
            continue
        major = rows[0]["version"].split(".")[0]
        check(entry.get("track", major) == major, f"{prompt}: track {entry.get('track')} has {rows[0]['version']}")
        latest, _ = read_latest(prompt, environment, f"{environment}/{major}.json")
        check(latest["digest"] == rows[0]["digest"], f"{prompt}: track {major} in {environment} is another one")
        check(latest.get("track") == entry.get("track"), f"{prompt}: another track in {environment}/{major}.json")
    if under_way:
        continue
    for prompt, row in mains.items():
        latest, _ = read_latest(prompt, environment, f"{environment}.json")
        check(latest["digest"] == row["digest"], f"{prompt} in {environment} is not the main one")
    for there in registry.get("bundles", []):
        if not is_known(there, "a bundle") or there["environment"] != environment:
            continue
        path = f"api/environments/{environment}/bundles/{there['bundle']}.json"
        bundle, _ = read(path, "bundle", there["digest"], there["size"])
        bundled = taken(path, json.loads(bundle["release"]), ["release"])
        check(bundled == release, f"the bundle of {environment} is of another release")
        digest = "sha256:" + hashlib.sha256(bundle["snapshot"].encode()).hexdigest()
        check(digest == release["snapshot"]["digest"], f"the bundle of {environment} has another snapshot")


if under_way:
    print(f"{name}: {versions} versions, {served} served; a build is under way")
    sys.exit()

for prompt, rows in listed.items():
    own, _ = read(f"api/prompts/{prompt}/versions.json", "versions")
    shown = read_list(own, "versions", "versions", prompt)
    check([row["digest"] for row in shown] == [row["digest"] for row in rows], f"{prompt} has other versions")
    past, _ = read(f"api/prompts/{prompt}/history.json", "history")
    events = read_list(past, "history", "events", prompt)
    told = [(event.get("environment", "catalog"), event["sequence"], event["change_type"]) for event in events]
    check(sorted(told) == sorted(happened[prompt]), f"the history of {prompt} is not what the releases changed")

UNSPACED = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0edf\u1000-\u109d\u1780-\u17d3"
                      "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def terms(text):
    """Returns the terms of a text, or nothing where it would take Unicode's tables to know them."""
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(character)[0] == "M" for character in text):
        return None
    found = set()
    for run in UNSPACED.findall(text):
        found |= {run[at : at + 2] for at in range(len(run))}
    letters = "".join(character if character.isalnum() else " " for character in UNSPACED.sub(" ", text))
    for word in letters.split():
        term = "".join(character.lower() for character in word)[:40]
        while len(term.encode()) > 112:
            term = term[:-1]
        found.add(term)
    return found


def texts(document):
    """Returns the texts of a version that are looked through."""
    for message in document["messages"]:
        content = message.get("content")
        yield from [content] if isinstance(content, str) else [part.get("text", "") for part in content or []]
        yield from message.get("examples", {}).values()
    values = list(document.get("examples", []))
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            values += value.values() if isinstance(value, dict) else value


def pointed(target):
    """Returns the versions that an environment serves."""
    if "rollout" in target:
        return {arm["version"] for arm in target["rollout"]["arms"]}
    if "tracks" in target:
        return set().union(*(pointed(track) for track in target["tracks"].values()))
    return {target["version"]}


summary, _ = read("api/catalog.json", "catalog")
for part in summary.get("parts", []):
    more, _ = read(snapshot_path(part["digest"]), "catalog", part["digest"], part["size"])
    summary["prompts"] += more["prompts"]
for month in summary.get("history", []):
    check(month["files"] == -(-month["count"] // 500), f"{month['month']} has another number of files")
    events = []
    for number in range(1, month["files"] + 1):
        path = f"api/history/{month['month']}{'' if number == 1 else f'-{number}'}.json"
        file, _ = read(path, "history_month")
        check(len(file["events"]) == 500 or number == month["files"], f"{path} is not full")
        events += file["events"]
    check(len(events) == month["count"], f"{month['month']} has {len(events)} events, not {month['count']}")
    check(all(event["changed_at"].startswith(month["month"]) for event in events), f"an event is not of {month['month']}")
    check(events == sorted(events, key=lambda event: event["changed_at"]), f"{month['month']} is not in order")
    dated -= len(events)
check(dated == 0, "the months do not have every event with a time")
names = [prompt["name"] for prompt in summary["prompts"]]
index = {}
# Without any text there is nothing to search.
search = summary.get("search", {"shards": []})
boundaries = search["shards"]
for at, boundary in enumerate(boundaries):
    shard, _ = read(f"api/search/{boundary.encode().hex() or 'start'}.json", "search")
    check(shard["names"] == search["names"], f"shard {boundary} is of another catalog")
    for term, gaps in shard["terms"].items():
        rows = [sum(gaps[: end + 1]) for end in range(len(gaps))]
        check(boundary.encode() <= term.encode(), f"{term} is below its shard")
        check(at + 1 == len(boundaries) or term.encode() < boundaries[at + 1].encode(), f"{term} is above its shard")
        index[term] = rows
digest = "sha256:" + hashlib.sha256("\n".join(names).encode()).hexdigest()
check(digest == search.get("names", digest), "the search is of other names")
indexed = {}
for term, rows in index.items():
    for row in rows:
        indexed.setdefault(row, set()).add(term)
for row, prompt in enumerate(summary["prompts"]):
    shown = {prompt["highest"]} if "highest" in prompt else set()
    targets = [target for target in prompt.get("pointers", {}).values() if is_known(target, "a target")]
    shown = shown.union(*(pointed(target) for target in targets))
    shown -= {row["version"] for row in listed[prompt["name"]] if row["state"] == "archived"}
    paths = [f"api/prompts/{names[row]}/versions/{number}.json" for number in shown]
    if withdrawn & set(paths):
        continue
    documents = [read(path, "version")[0] for path in paths]
    own = [terms(text) for document in documents for text in texts(document)]
    if None not in own:
        check(set().union(*own) == indexed.get(row, set()), f"the search has other terms of {names[row]}")

gone = f", {len(withdrawn)} withdrawn" if withdrawn else ""
print(f"{name}: {versions} versions, {served} served, {len(index)} terms{gone}")
for what in sorted(set(newer)):
    print(f"{what} needs a newer reader: {newer.count(what)}")
