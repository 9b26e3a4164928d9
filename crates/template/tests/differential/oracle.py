"""Renders templates with Jinja2, one after the other, for the differential test of the `jinja` dialect.

Each line of the input is a JSON object with `template` and `values`, the JSON text of an object; `null` ends a
batch of them. Each line of the output is the answer: `{"text": …}`, or `{"error": class, "message": …}`.
"""

import gc
import json
import resource
import signal
import sys
import warnings

import jinja2

# A program may take this long; what takes longer is stopped, and so is what takes more memory.
SECONDS = 0.5
BYTES = 3 << 30
# Longer texts are beyond the limit of a rendering.
LONGEST = 1 << 20


class Absent(jinja2.StrictUndefined):
    """An undefined value that can be tested, and nothing else."""

    __slots__ = ()

    def __bool__(self):
        return False


class Raised(Exception):
    """What a template raised itself."""


class Watchdog(BaseException):
    """The program takes too long. No filter and no template may catch this."""


def raise_exception(message):
    raise Raised(str(message))


def to_json(value, indent=None):
    return json.dumps(value, ensure_ascii=False, indent=indent)


def environment():
    made = jinja2.Environment(
        undefined=Absent,
        keep_trailing_newline=True,
        autoescape=False,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        cache_size=0,
    )
    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = raise_exception
    return made


def stop(signal_number, frame):
    raise Watchdog()


def answer(made, question):
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        text = made.from_string(question["template"]).render(json.loads(question["values"]))
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Watchdog:
        return {"error": "Watchdog", "message": ""}
    except (Exception, MemoryError) as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return {"error": type(error).__name__, "message": str(error)[:300]}
    if len(text) > LONGEST:
        return {"error": "Watchdog", "message": "a long text"}
    # Halves of surrogate pairs are no text.
    return {"text": text.encode("utf-8", "replace").decode()}


def main():
    signal.signal(signal.SIGALRM, stop)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    made = environment()
    # What templates leave behind is collected between batches. Python warns of what will fail.
    gc.disable()
    warnings.simplefilter("ignore")
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    print(json.dumps({"jinja2": jinja2.__version__}), flush=True)
    questions = []
    for line in sys.stdin:
        question = json.loads(line)
        if question is not None:
            questions.append(question)
            continue
        # All questions are read before the first answer is written, so that neither side waits for the other.
        for question in questions:
            print(json.dumps(answer(made, question)))
        sys.stdout.flush()
        questions.clear()
        gc.collect()


if __name__ == "__main__":
    main()
