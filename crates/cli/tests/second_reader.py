"""A second reader of wire format 1, written from docs/wire.md alone, with nothing but the standard
library: walks every chain of a registry from its pointer to its documents and checks every digest.

usage: second_reader.py DIST
"""

import hashlib
import json
import sys
from pathlib import Path

base = Path(sys.argv[1])


def check(condition, message):
    if not condition:
        sys.exit(f"violation: {message}")


def read(path, kind, digest=None, size=None):
    """Reads a document; a digest and a size, where known, must be those of its bytes."""
    data = (base / path).read_bytes()
    if digest is not None:
        check(len(data) == size, f"{path} has {len(data)} bytes, not {size}")
        check(digest == "sha256:" + hashlib.sha256(data).hexdigest(), f"{path} has another digest")
    check(not data.endswith(b"\n"), f"{path} ends with a newline")
    document = json.loads(data)
    check(document["format"] == 1, f"{path} has format {document['format']}")
    kinds = [kind] if isinstance(kind, str) else kind
    check(document["kind"] in kinds, f"{path} is a {document['kind']}, not a {kinds}")
    return document, data


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
                name_hash = hashlib.sha256(entry["name"].encode()).digest()
                top = int.from_bytes(name_hash[:2], "big") >> (16 - bits)
                check(top == number, f"{entry['name']} is in shard {number}, not {top}")
            found += part["entries"]
    check(len({entry["name"] for entry in found}) == reference["count"], "count is not the number of names")
    return found


def walk_chain(registry, environment):
    """Walks a chain from its pointer back to its first release, and returns the newest one."""
    pointer, data = read(f"api/environments/{environment}.json", "release")
    newest = pointer
    while True:
        path = f"api/environments/{environment}/releases/{pointer['sequence']}.json"
        check((base / path).read_bytes() == data, f"{path} is not what points to it")
        check(pointer["registry"] == registry, f"{path} is of another registry")
        check(pointer["environment"] == environment, f"{path} is of another environment")
        if pointer["sequence"] == 1:
            check("previous" not in pointer, f"{path} has something before it")
            return newest
        previous = pointer["previous"]
        pointer, data = read(f"api/environments/{environment}/releases/{pointer['sequence'] - 1}.json", "release")
        check(previous == "sha256:" + hashlib.sha256(data).hexdigest(), f"{environment}: the chain is broken")


def version(name, row):
    path = f"api/prompts/{name}/versions/{row['version']}.json"
    document, _ = read(path, ["version", "redacted"], row["digest"], row["size"])
    check(document["name"] == name and document["version"] == row["version"], f"{path} is another prompt")
    return document


registry, _ = read("api/registry.json", "registry")
name = registry["registry"]
versions = 0
catalog = walk_chain(name, "catalog")
for entry in entries(catalog["snapshot"]):
    more = entry
    while more:
        listing, _ = read(snapshot_path(more["digest"]), "version_list", more["digest"], more["size"])
        check(listing["name"] == entry["name"], "a version list of another prompt")
        for row in listing["versions"]:
            document = version(entry["name"], row)
            if document["kind"] == "version":
                check(document["source_digest"] == row["source_digest"], "a source digest differs")
            versions += 1
        more = listing.get("older")

served = 0
for environment in registry["environments"]:
    release = walk_chain(name, environment)
    for entry in entries(release["snapshot"]):
        rows = entry["rollout"]["arms"] if "rollout" in entry else [entry]
        for row in rows:
            version(entry["name"], row)
            served += 1
        latest, _ = read(f"api/prompts/{entry['name']}/latest/{environment}.json", "latest")
        check(latest["environment"] == environment, "a latest document of another environment")
        if entry.get("track") is None:
            check(latest["digest"] == rows[0]["digest"], f"{entry['name']} in {environment} is not the main one")
    bundle_path = base / f"api/environments/{environment}/bundles/all.json"
    if bundle_path.exists():
        bundle, _ = read(f"api/environments/{environment}/bundles/all.json", "bundle")
        check(json.loads(bundle["release"]) == release, f"the bundle of {environment} is of another release")
        digest = "sha256:" + hashlib.sha256(bundle["snapshot"].encode()).hexdigest()
        check(digest == release["snapshot"]["digest"], f"the bundle of {environment} has another snapshot")

print(f"{name}: {versions} versions, {served} served")
