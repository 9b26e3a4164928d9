"""Renders each template that stands on standard input, a JSON object a line, and answers with nanoseconds.

`{"template": text, "values": object, "times": count}` gives how long `count` renderings took, or `null` where
Jinja2 does not render it.
"""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "differential"))

from oracle import environment

made = environment()
compiled = {}

for line in sys.stdin:
    question = json.loads(line)
    text, values, times = question["template"], question["values"], question["times"]
    try:
        template = compiled.get(text) or made.from_string(text)
        compiled[text] = template
        start = time.perf_counter_ns()
        for _ in range(times):
            template.render(values)
        answer = time.perf_counter_ns() - start
    except Exception:
        answer = None
    print(json.dumps(answer), flush=True)
