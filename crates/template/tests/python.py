"""Answers how Python computes and formats: one JSON line on stdin is one question, one on stdout its answer.

An answer is a number, `[text]` for a text, "error" where Python raises an exception, and "beyond" for an
integer beyond 64 bits, an infinity, NaN, or half of a surrogate pair, which the dialect refuses, "huge"
for a text of more than a million characters, and "memory" where Python would need more than this process may have.
A float is `{"f": its 16 hexadecimal digits}`.
"""

import decimal
import json
import math
import operator
import resource
import struct
import sys
from fractions import Fraction

EXACT = decimal.Context(prec=100, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def read(value):
    if isinstance(value, dict):
        return struct.unpack(">d", bytes.fromhex(value["f"]))[0]
    return value


def write(value):
    if isinstance(value, str):
        if len(value) > 1_000_000:
            return "huge"
        is_beyond = "inf" in value.lower() or any(0xD800 <= ord(c) < 0xE000 for c in value)
        return "beyond" if is_beyond else [value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return "beyond"
        return {"f": struct.pack(">d", value).hex()}
    return value if -(2**63) <= value < 2**63 else "beyond"


def power(base, exponent):
    """`base ** exponent`; a float is rounded correctly, which not every C library does."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 64 and abs(base) > 1:
        return math.inf
    power = base**exponent
    if isinstance(power, complex):
        return "complex"
    if isinstance(power, int) or base == 0 or exponent == 0 or not math.isfinite(power):
        return power
    base, exponent = float(base), float(exponent)
    if not exponent.is_integer():
        return power
    exponent = int(exponent)
    if abs(exponent) <= 64 or math.frexp(base)[0] in (0.5, -0.5):
        # Powers of two are the only ones with a greater exponent that can be halfway between two floats.
        most = 2000 + exponent % 2
        exact = Fraction(base) ** max(-most, min(most, exponent))
        correct = exact.numerator / exact.denominator
    else:
        correct = float(EXACT.power(decimal.Decimal(base), exponent))
    global powers, other_powers
    powers += 1
    other_powers += correct != power
    assert abs(correct - power) <= math.ulp(correct)
    return correct


def to_integer(text, base):
    """The filter `int` of Jinja, with a default that no text is."""
    try:
        return int(text, base)
    except (TypeError, ValueError):
        try:
            return int(float(text))
        except (TypeError, ValueError, OverflowError):
            return "error"


def in_steps(round):
    return lambda value, precision: round(value * 10**precision) / 10**precision


def compare(a, b):
    return (a > b) - (a < b) if (a == b) == (not a < b and not a > b) else None


OPERATIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "modulo": operator.mod,
    "power": power,
    "compare": compare,
    "negate": operator.neg,
    "absolute": abs,
    "print": lambda value: str(+value),
    "int": int,
    "float": float,
    "round": round,
    "ceil": in_steps(math.ceil),
    "floor": in_steps(math.floor),
    "to_integer": to_integer,
    "format": format,
    "template": lambda template, values, names: template.format(*values, **names),
    "percent": lambda template, values: template % (tuple(values) if isinstance(values, list) else values),
}


def answer(name, *values):
    arguments = [
        [read(item) for item in value]
        if isinstance(value, list)
        else {key: read(item) for key, item in value.items()}
        if isinstance(value, dict) and "f" not in value
        else read(value)
        for value in values
    ]
    try:
        value = OPERATIONS[name](*arguments)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return "error"
    except MemoryError:
        return "memory"
    return value if value in ("error", "complex") and name in ("power", "to_integer") else write(value)


resource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))
powers = other_powers = 0
for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(*json.loads(line))) + "\n")
sys.stdout.write(json.dumps([powers, other_powers]) + "\n")
