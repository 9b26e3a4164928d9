"""Renders templates with Jinja2, one after the other, for the differential test of the `jinja` dialect.

Each line of the input is a JSON object with `template`, `values`, the JSON text of an object, and `nearest_powers`;
`null` ends a batch of them. Each line of the output is the answer: `{"text": …}`, or `{"error": class, "message": …}`.
"""

import gc
import json
import resource
import signal
import sys
import warnings
from fractions import Fraction

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


class NearestPowers(jinja2.Environment):
    """Jinja2 with powers of floats that are the nearest floats, as the dialect has them. The C library gives the
    neighbor of some."""

    sandboxed = True
    intercepted_binops = frozenset(["**"])
    intercepted_unops = frozenset()

    def call(self, context, value, *arguments, **named):
        return context.call(value, *arguments, **named)

    def call_binop(self, context, operator, left, right):
        is_whole = isinstance(right, int) or isinstance(right, float) and right.is_integer()
        if isinstance(left ** right, float) and is_whole and left != 0 and abs(right) < 5000:
            exact = Fraction(left) ** int(right)
            return exact.numerator / exact.denominator
        return left ** right


def environment(kind=jinja2.Environment):
    made = kind(
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
    try:
        # The alarm may come at any moment until it is off, and only here somebody waits for it.
        try:
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            text = made.from_string(question["template"]).render(json.loads(question["values"]))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Watchdog:
        return {"error": "Watchdog", "message": ""}
    except (Exception, MemoryError) as error:
        return {"error": type(error).__name__, "message": str(error)[:300]}
    if len(text) > LONGEST:
        return {"error": "Watchdog", "message": "a long text"}
    # Halves of surrogate pairs are no text.
    return {"text": text.encode("utf-8", "replace").decode()}


def main():
    signal.signal(signal.SIGALRM, stop)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    made, nearest = environment(), environment(NearestPowers)
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
            chosen = nearest if question["nearest_powers"] else made
            print(json.dumps(answer(chosen, question)))
        sys.stdout.flush()
        questions.clear()
        gc.collect()


if __name__ == "__main__":
    main()
