"""Pages and their cursors.

A cursor is the name of the list and the sort key of the last item, so that no page reads the items before it.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, Field

from graph.errors import Invalid
from graph.model import INT64
from graph.text import is_whole

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some items, and where the next page starts."""

    items: list[T]
    next: str | None = Field(default=None, description="Cursor of the next page; null on the last one")


def encode(of: str, key: Sequence[Any]) -> str:
    """An opaque cursor for a sort key of the list that is called `of`."""
    return base64.urlsafe_b64encode(json.dumps({of: list(key)}).encode()).decode().rstrip("=")


def decode(of: str, cursor: str | None, start: Sequence[Any]) -> list[Any]:
    """The sort key in `cursor`, or `start` if it is None.

    Raises Invalid if the cursor is not of the list that is called `of`, or does not hold a key of the same
    length and types as `start`.
    """
    if cursor is None:
        return list(start)
    try:
        held = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        held = None
    # Before the list was in them, cursors held the key alone; files that a pull continues still have such.
    key = cast(dict[str, Any], held).get(of) if isinstance(held, dict) else held
    found = cast(list[Any], key) if isinstance(key, list) else []
    if [_family(v) for v in found] != [_family(v) for v in start] or None in map(_family, found):
        raise Invalid("the cursor is not one that this list gave; start again without one")
    return found


def _family(value: object) -> str | None:
    """The type of a part of a key; None for values no query takes: 2**64, NaN, half a surrogate pair."""
    match value:
        case str() if is_whole(value):
            return "text"
        case bool():
            return None
        case int() if value in INT64:
            return "number"
        case float() if math.isfinite(value):
            return "number"
        case _:
            return None


def page(of: str, items: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]]) -> Page[T]:
    """A page of at most `limit` of `items`, which must have been read with a limit of limit + 1.

    `of`: the list that they are of.
    """
    more = len(items) > limit
    shown = list(items[:limit])
    return Page(items=shown, next=encode(of, key(shown[-1])) if more else None)
