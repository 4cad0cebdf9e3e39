"""Neo4j's values as JSON.

| Neo4j | JSON |
|---|---|
| node | `{"id", "labels", "properties"}` |
| relationship | `{"id", "type", "start", "end", "properties"}`; start and end are ids of nodes |
| path | `{"nodes": [...], "relationships": [...]}` in the order of the path |
| integer | number, with all 64 bits |
| NaN, Infinity | `"NaN"`, `"Infinity"`, `"-Infinity"` |
| date, time, datetime, duration | ISO 8601 text |
| point | `{"srid", "x", "y"}`, and `"z"` if it has three dimensions |
| bytes | base64 text |
| vector | list of numbers |

Ids are Neo4j's element ids, valid within one answer; glan's own ids are the property `id`.
"""

import base64
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, repeat
from typing import Any, cast

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from graph.errors import Invalid, Unreadable
from graph.model import INT64
from graph.read_door.gate import HIDDEN
from graph.text import is_whole

DEEPEST = 50
AT_ONCE = 2_000
"""Values that take about a millisecond to convert and encode."""
CHARACTERS = 100
"""Of a text, that count as one value."""


def to_json(value: Any) -> Any:
    """A value of an answer, in the form described above; raises Unreadable if it has none."""
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return value if math.isfinite(value) else _NOT_FINITE[str(value)]
        case Node() | Relationship() | Path():
            return _element(value)
        case Date() | Time() | DateTime() | Duration():
            return value.iso_format()
        case Point():
            return {"srid": value.srid} | dict(zip("xyz", map(to_json, value), strict=False))
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case Mapping():
            return {str(name): to_json(below) for name, below in cast(Mapping[Any, Any], value).items()}
        case Iterable():
            return [to_json(below) for below in cast(Iterable[Any], value)]
        case _:
            native = getattr(value, "to_native", None)
            if native is None:  # within a list or map the driver leaves what it cannot read as it is
                raise Unreadable
            return to_json(native())


_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _element(value: Node | Relationship | Path) -> dict[str, Any]:
    match value:
        case Node():
            own = value.labels & HIDDEN
            properties = {} if own else {name: to_json(below) for name, below in value.items()}
            return {"id": value.element_id, "labels": sorted(value.labels), "properties": properties}
        case Relationship():
            start, end = value.nodes
            return {
                "id": value.element_id,
                "type": value.type,
                "start": start.element_id if start else None,
                "end": end.element_id if end else None,
                "properties": {name: to_json(below) for name, below in value.items()},
            }
        case _:
            return {"nodes": list(map(_element, value.nodes)), "relationships": list(map(_element, value))}


def encode(value: Any) -> bytes:
    """The value as compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def is_small(value: Any) -> bool:
    """Whether a value of an answer has at most AT_ONCE values in it; looked at no further than that."""
    return _left(value, AT_ONCE) >= 0


def _left(value: Any, left: int) -> int:
    """What is left of a number of values after those of this one; negative if it has more."""
    kind = cast(type[Any], type(value))
    if kind is str or kind is bytes or kind is bytearray:
        return left - 1 - len(value) // CHARACTERS
    if kind is list or kind is dict:
        below: Iterable[Any] = value if kind is list else value.values()
    elif isinstance(value, Path):
        below = (*value.nodes, *value)
    elif isinstance(value, Node | Relationship):
        below = value.values()
    else:
        return left - 1
    for one in below:
        left = _left(one, left)
        if left < 0:
            break
    return left - 1


def pieces(value: Any) -> Iterator[bytes]:
    """The JSON of a value of an answer in pieces of AT_ONCE values.

    The encoder lets no other thread run until it is done, so that a large value may not be given to it whole.
    """
    if is_small(value):
        yield encode(to_json(value))
    elif isinstance(value, str):
        step = AT_ONCE * CHARACTERS
        yield b'"'
        yield from (encode(value[start : start + step])[1:-1] for start in range(0, len(value), step))
        yield b'"'
    elif isinstance(value, list):
        yield from _pieces_of(b"[]", cast(list[Any], value))
    elif isinstance(value, dict):
        yield from _pieces_of(b"{}", cast(dict[Any, Any], value))
    else:
        yield from pieces(
            _element(value) if isinstance(value, Node | Relationship | Path) else to_json(value)
        )


def _pieces_of(ends: bytes, value: list[Any] | dict[Any, Any]) -> Iterator[bytes]:
    before = ends[:1]
    for part in _parts(value):
        if is_small(part):
            yield before + encode(to_json(part))[1:-1]
            before = b","
            continue
        names = [encode(str(name)) + b":" for name in part] if isinstance(part, dict) else repeat(b"")
        for name, below in zip(names, part.values() if isinstance(part, dict) else part, strict=False):
            yield before + name
            yield from pieces(below)
            before = b","
    yield ends[1:]


def _parts(value: list[Any] | dict[Any, Any]) -> Iterator[list[Any] | dict[Any, Any]]:
    """The same in parts of some entries."""
    step = AT_ONCE // 4
    if isinstance(value, list):
        yield from (value[start : start + step] for start in range(0, len(value), step))
        return
    entries = iter(value.items())
    while part := dict(islice(entries, step)):
        yield part


def check_params(params: Mapping[str, Any]) -> None:
    """Raises Invalid, naming the place, if a parameter has a value that cannot be sent to Neo4j."""
    for name, value in params.items():
        _check(f"params.{name}", value, DEEPEST)


def _check(where: str, value: Any, deeper: int) -> None:
    match value:
        case str():
            _check_text(where, value)
        case bool():
            return
        case int() if value not in INT64:
            raise Invalid(f"{where}: {value} has more than 64 bits; send it as text or as a float")
        case dict() | list() if deeper == 0:
            raise Invalid(f"{where[:80]}: nested more than {DEEPEST} deep")
        case dict():
            for name, below in cast(dict[str, Any], value).items():
                _check_text(where, name)
                _check(f"{where}.{name}", below, deeper - 1)
        case list():
            for n, below in enumerate(cast(list[Any], value)):
                _check(f"{where}.{n}", below, deeper - 1)
        case _:
            return


def _check_text(where: str, text: str) -> None:
    if not is_whole(text):
        raise Invalid(f"{where}: half a surrogate pair is not a character; send the whole character")
