"""Cursors: decoding returns what was encoded, and anything else is refused."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import Invalid
from graph.pages import decode, encode, page

PARTS = st.one_of(st.text(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_round_trip(key: list[Any]):
    start = ["" if isinstance(part, str) else 0 for part in key]
    cursor = encode("nodes", key)
    assert decode("nodes", cursor, start) == key
    assert cursor.isascii()
    assert not set(cursor) & set("=+/&? ")


def test_without_a_cursor_it_starts_at_the_start():
    assert decode("nodes", None, (-1, "")) == [-1, ""]


def raw(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        "%%%",
        "é",
        "\0",
        "a",
        "=====",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        raw({"a": 1}),
        raw({"jobs": [1, "b"]}),
        raw({"nodes": {"nodes": [1, "b"]}}),
        raw({"nodes": [1]}),
        raw("text"),
        raw([]),
        raw(["a"]),
        raw(["a", "b"]),
        raw([1, "b", "c"]),
        raw([None, "b"]),
        raw([True, "b"]),
        raw([[1], "b"]),
        base64.urlsafe_b64encode(b'[NaN, "a"]').decode(),
        base64.urlsafe_b64encode(b'[1e999, "a"]').decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        raw([2**64, "a"]),
        raw([1, "\ud800"]),
    ],
)
def test_garbage_is_refused(cursor: str):
    with pytest.raises(Invalid):
        decode("nodes", cursor, (-1, ""))


@given(st.text())
def test_any_text_is_refused_or_a_key(cursor: str):
    with suppress(Invalid):
        assert isinstance(decode("nodes", cursor, ("",))[0], str)


@pytest.mark.parametrize(
    ("held", "limit", "more"), [(0, 3, False), (3, 3, False), (4, 3, True), (2, 1, True)]
)
def test_page_goes_on_when_more_was_read_than_asked_for(held: int, limit: int, more: bool):
    found = page("nodes", list(range(held)), limit, lambda n: (n,))
    assert found.items == list(range(min(held, limit)))
    assert (found.next is not None) == more
    if more:
        assert decode("nodes", found.next, (0,)) == [limit - 1]


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(Invalid, match="start again"):
        decode("nodes", encode("jobs", ["a"]), ("",))


def test_a_cursor_of_the_version_before_is_taken():
    assert decode("nodes", raw([1, "b"]).rstrip("="), (-1, "")) == [1, "b"]
