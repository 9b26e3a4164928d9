"""Renders each template that stands on standard input, a JSON object a line, and answers with nanoseconds.

`{"template": text, "values": object, "times": count}` gives how long `count` renderings took, or `null` where
Jinja2 does not render it.
"""

import json
import sys
import time

import jinja2


class Undefined(jinja2.StrictUndefined):
    """Undefined values count as false, as in the dialect."""

    def __bool__(self):
        return False


def raise_exception(message):
    raise ValueError(message)


def tojson(value, indent=None):
    return json.dumps(value, ensure_ascii=False, indent=indent)


environment = jinja2.Environment(
    undefined=Undefined,
    keep_trailing_newline=True,
    extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
compiled = {}

for line in sys.stdin:
    question = json.loads(line)
    text, values, times = question["template"], question["values"], question["times"]
    try:
        template = compiled.setdefault(text, None) or environment.from_string(text)
        compiled[text] = template
        start = time.perf_counter_ns()
        for _ in range(times):
            template.render(values)
        answer = time.perf_counter_ns() - start
    except Exception:
        answer = None
    print(json.dumps(answer), flush=True)
