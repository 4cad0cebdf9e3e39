"""JSON as RFC 8259 has it: Python's own reader takes NaN, makes infinity of 1e400, and keeps the last of two
values of one name.
"""

import json
import math
from typing import Any, NoReturn, cast

DEEPEST = 100


def loads(text: bytes) -> Any:
    """The value; raises ValueError that says what is wrong with the text."""
    try:
        value = DECODER.decode(text.decode(json.detect_encoding(text), "surrogatepass"))
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    if text.count(b"[") + text.count(b"{") > DEEPEST and _deeper(value, DEEPEST):
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is larger than a 64-bit number can be")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return made


# Made once: json.loads makes one for each text.
DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_float, object_pairs_hook=_object)


def _deeper(value: Any, levels: int) -> bool:
    """Whether a value has more levels, found level by level: recursion is what is to be bounded."""
    level: list[Any] = [value]
    for _ in range(levels):
        below: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                below += cast(dict[str, Any], part).values()
            elif isinstance(part, list):
                below += cast(list[Any], part)
        level = [part for part in below if isinstance(part, dict | list)]
        if not level:
            return False
    return True
