"""What a reader takes of each kind of document in wire format 1, written from docs/wire.md alone: fields that it does not
know are left out, words that it does not know are kept. What needs a newer reader is refused: as a part of the
document where docs/wire.md says so, else as a whole.
"""

import re


class Newer(Exception):
    """Something that only a newer reader knows."""


class Unknown:
    """A part of a document that only a newer reader knows: an entry, a target, a bundle."""

    def __init__(self, value):
        self.value = value


# What a reader takes of a value: each returns it without the fields that it does not know.


def any_value(value):
    return value


# Operations, verdicts, states, statuses, levels, visibilities: kept, also where they are unknown.
word = any_value


def of_type(what, types):
    def take(value):
        if not isinstance(value, types) or isinstance(value, bool) != (types is bool):
            raise Newer(f"{value!r} is no {what}")
        return value

    return take


string, number, boolean = of_type("text", str), of_type("number", (int, float)), of_type("boolean", bool)


def whole(value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Newer(f"{value!r} is no whole number")
    return value


def matching(what, pattern):
    def take(value):
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Newer(f"{value!r} is no {what}")
        return value

    return take


digest = matching("digest", "sha256:[0-9a-f]{64}")
semver = matching("version", r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z.-]+)?")
ref = matching("ref", r"[^@#]+@[^@#]+#sha256:[0-9a-f]{64}")


def known(what, *words):
    def take(value):
        if value not in words:
            raise Newer(f"the {what} {value!r}")
        return value

    return take


def list_of(take):
    return lambda values: [take(value) for value in of_type("list", list)(values)]


def map_of(take):
    return lambda values: {key: take(value) for key, value in of_type("map", dict)(values).items()}


def part(take):
    """A part that is left out where it has an unknown form, without the rest of the document."""

    def taken(value):
        try:
            return take(value)
        except Newer:
            return Unknown(value)

    return taken


def fields(required, optional=()):
    """An object: of its fields, those that are known."""

    def take(value):
        of_type("object", dict)(value)
        for name in required:
            if name not in value:
                raise Newer(f"there is no `{name}`")
        takes = {**required, **dict(optional)}
        return {name: takes[name](own) for name, own in value.items() if name in takes}

    return take


def one_form(take, *forms):
    """An object that has the fields of one form, and of no other."""
    own = set().union(*forms)

    def taken(value):
        value = take(value)
        if own & set(value) not in [set(form) for form in forms]:
            raise Newer(f"the form {sorted(value)}")
        return value

    return taken


blob_fields = {"digest": digest, "size": whole}
blob_reference = fields(blob_fields)
arm_fields = {"key": string, "version": semver, "buckets": whole}


def rollout(arm, salt=()):
    take = fields({**dict(salt), "arms": list_of(arm)}, {"experiment": string})

    def taken(value):
        value = take(value)
        if sum(arm["buckets"] for arm in value["arms"]) != 10000:
            raise Newer("the buckets do not add up")
        return value

    return taken


target_rollout = rollout(fields(arm_fields))
served_rollout = rollout(fields({**arm_fields, **blob_fields}), {"salt": string})
one_track = one_form(
    fields({}, {"version": semver, "rollout": target_rollout, "main": boolean}), ["version"], ["rollout"]
)


def tracks(value):
    value = map_of(one_track)(value)
    is_number = all(re.fullmatch("0|[1-9][0-9]*", major) for major in value)
    if not value or not is_number or sum(track.get("main", False) for track in value.values()) > 1:
        raise Newer("tracks of an unknown form")
    return value


target = part(
    one_form(
        fields({}, {"version": semver, "rollout": target_rollout, "tracks": tracks}),
        ["version"], ["rollout"], ["tracks"],
    )
)
track = matching("track", "0|[1-9][0-9]*")
# The last form is that of the catalog.
entry = part(
    one_form(
        fields(
            {"name": string},
            {"track": track, "main": boolean, "version": semver, **blob_fields, "rollout": served_rollout},
        ),
        ["version", "digest", "size"], ["rollout"], ["digest", "size"],
    )
)
template = known("template", "jinja", "fstring", "curly", "plain")
media = fields(
    {"type": string},
    {"url": string, "blob": fields({**blob_fields, "path": string}), "variable": string, "media_type": string},
)


def message_part(value):
    kind = known("part type", "text", "image", "audio", "file")(of_type("part", dict)(value).get("type"))
    if kind == "text":
        return fields({"type": string, "text": string})(value)
    return one_form(media, ["url"], ["blob"], ["variable"])(value)


def content(value):
    return value if isinstance(value, str) else list_of(message_part)(value)


message = one_form(
    fields(
        {},
        {
            "role": known("role", "system", "user", "assistant", "tool", "developer"),
            "content": content, "name": string, "tool_calls": any_value, "tool_call_id": string,
            "metadata": any_value, "placeholder": string, "optional": boolean,
            "examples": fields({"user": string, "assistant": string}),
        },
    ),
    ["role"], ["placeholder"], ["examples"],
)
types = ["string", "integer", "number", "boolean", "array", "object", "image", "file", "audio"]
limits = {"enum": list_of(any_value), "min_length": whole, "max_length": whole, "minimum": number, "maximum": number}


def member(value):
    more = {"description": string, "required": boolean, **limits, "items": member, "properties": map_of(member)}
    return fields({"type": known("variable type", *types)}, more)(value)


variable = fields(
    {"name": string, "type": known("variable type", *types), "required": boolean},
    {"description": string, "default": any_value, **limits, "items": member, "properties": map_of(member), "sensitive": boolean},
)
of_version = {
    "id": string, "registry": string, "name": string, "version": semver, "source_digest": digest,
    "template": template, "messages": list_of(message),
}
more_of_version = {
    "created_by": string, "created_at": string, "description": string, "system_prompt": string,
    "variables": list_of(variable), "examples": list_of(any_value),
    "includes": map_of(fields({"template": template, "text": string, **blob_fields})),
    "response_schema": any_value, "tools": any_value, "token_budget": whole, "temperature": number,
    "model": string, "parameters": any_value, "tags": list_of(string),
    "origin": fields({}, {"system": string, "name": string, "version": string, "url": string}),
    "metadata": any_value,
}
of_serving = {"environment": string, "status": word, "state": word, **blob_fields, "sequence": whole, "ref": part(ref)}
more_of_serving = {
    "domain": string, "state_reason": string, "replaced_by": string, "track": string, "tracks": part(tracks),
    "updated_by": string, "updated_at": string, "reason": string, "rollout": part(served_rollout),
}
people = {
    "commit": string, "reason": string, "subject": string, "pull_request": whole, "committed_by": string,
    "reviewed_by": list_of(string), "co_authored_by": list_of(string),
}
change = fields(
    {"operation": word}, {"name": string, "from": target, "to": target, "by": string, "at": string, **people}
)
event = fields(
    {"change_type": word, "sequence": whole},
    {
        "name": string, "environment": string, "old_value": target, "new_value": target,
        "changed_by": string, "changed_at": string, **people,
    },
)
result = fields(
    {"test_name": string, "source_digest": digest, "passed": whole, "failed": whole, "tested_at": string},
    {"avg_score": number, "source": string},
)
of_listed = {"version": semver, **blob_fields, "source_digest": digest, "state": word}
of_prompt = {
    "title": string, "about": string, "tags": list_of(string), "owners": list_of(string),
    "replaced_by": string, "pointers": map_of(target),
}
older = {"older": blob_reference}
sequences = map_of(whole)
least = {"min_pass_rate": number, "min_avg_score": number}

# What there is in a document of each kind, beside `format` and `kind`.
DOCUMENTS = {
    "version": fields(of_version, more_of_version),
    "redacted": fields(
        {
            "registry": string, "id": string, "name": string, "version": semver,
            "replaced": blob_reference, "reason": string,
        },
        {"at": string, "by": string},
    ),
    "latest": fields({**of_version, **of_serving}, {**more_of_version, **more_of_serving}),
    "versions": fields(
        {
            "registry": string, "name": string, "sequences": sequences,
            "versions": list_of(
                fields(
                    of_listed,
                    {
                        "reason": string, "created_by": string, "created_at": string, "description": string,
                        "template": word, "model": string, "tags": list_of(string), "case_count": whole,
                        "results": list_of(result),
                    },
                )
            ),
        },
        {
            **of_prompt, **older, "teams": list_of(string),
            "updates": map_of(fields({}, {"updated_by": string, "updated_at": string, "reason": string})),
        },
    ),
    "history": fields({"registry": string, "name": string, "sequences": sequences, "events": list_of(event)}, older),
    "cases": fields(
        {
            "registry": string, "name": string, "version": semver, "sequences": sequences,
            "cases": list_of(
                fields(
                    {"name": string, "variables": any_value},
                    {
                        "expect": fields(
                            {},
                            {
                                "equals": string, "contains": list_of(string), "not_contains": list_of(string),
                                "matches": string, "max_tokens": whole,
                            },
                        ),
                        "tokens": whole,
                    },
                )
            ),
        },
        {"tokenizer": string, "results": list_of(result)},
    ),
    "catalog": fields(
        {
            "registry": string, "sequences": sequences, "environments": list_of(string),
            "prompts": list_of(
                fields(
                    {"name": string, "version_count": whole},
                    {
                        **of_prompt, "highest": semver, "template": word, "model": string,
                        "variable_names": list_of(string), "includes": list_of(string), "states": map_of(word),
                    },
                )
            ),
        },
        {
            "search": fields({"names": digest, "shards": list_of(string)}),
            "history": list_of(fields({"month": string, "count": whole, "files": whole})),
            "parts": list_of(blob_reference),
        },
    ),
    "release": fields(
        {
            "registry": string, "environment": string, "sequence": whole, "operation": word,
            "snapshot": fields({**blob_fields, "count": whole, "bits": whole}),
        },
        {
            "previous": digest, "source": fields({"commit": string}, {"time": string}), "changes": list_of(change),
            "changes_file": fields({**blob_fields, "count": whole}), "actor": fields({}, {"by": string, "run": string}),
            "approvals": list_of(fields({"by": string}, {"at": string, "url": string, "source": string})),
            "policy": fields(blob_fields, {"verdict": word}), "tool": string, "time": string,
            "override": fields({"by": string, "reason": string}),
            "holds": list_of(fields({"name": string, "version": semver, "reason": string})),
            "note": string, "expires": string, "signature": string,
        },
    ),
    "releases": fields({"documents": list_of(string)}),
    "snapshot": fields({"entries": list_of(entry)}),
    "shards": fields({"shards": list_of(blob_reference)}),
    "version_list": fields({"name": string, "versions": list_of(fields(of_listed, {"reason": string}))}, older),
    "changes": fields({"changes": list_of(change)}, older),
    "bundle": fields({"release": string, "snapshot": string, "documents": list_of(string)}),
    "history_month": fields(
        {"registry": string, "month": string, "sequences": sequences, "events": list_of(event)}
    ),
    "search": fields(
        {
            "registry": string, "sequences": sequences, "names": digest, "from": string,
            "terms": map_of(list_of(whole)),
        },
        {"to": string},
    ),
    "registry": fields(
        {"registry": string, "visibility": word, "environments": list_of(string), "tokenizer": string},
        {
            "url": string, "repository": fields({"url": string}, {"branch": string, "path": string}),
            "bundles": list_of(part(fields({"environment": string, "bundle": string, **blob_fields}))),
        },
    ),
    "policy": fields(
        {"registry": string},
        {
            "promotion": map_of(
                fields(
                    {},
                    {
                        "from": string, "soak_seconds": whole, "reason_required": boolean,
                        "results": fields({}, {**least, "tests": map_of(fields({}, least))}),
                        "freeze": list_of(fields({"from": string, "until": string, "reason": string})),
                    },
                )
            ),
            "teams": map_of(
                fields({"owns": list_of(string), "may": list_of(word)}, {"people": list_of(string)})
            ),
            "checks": map_of(word),
            "allow": list_of(fields({"check": string, "path": string, "reason": string})),
        },
    ),
}


def take(document, kinds):
    """Takes what is known of a document; raises what needs a newer reader."""
    if document["format"] != 1:
        raise Newer(f"format {document['format']}")
    kind = document["kind"]
    if kind not in DOCUMENTS:
        raise Newer(f"the kind {kind!r}")
    if kind not in kinds:
        raise ValueError(f"a {kind}, not a {kinds}")
    return {"format": 1, "kind": kind, **DOCUMENTS[kind](document)}
