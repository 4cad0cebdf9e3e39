"""JSON is read within bounds: values are counted before parsing, and lists are parsed entry by entry."""

import json
from typing import Any

import pytest

from service.media.strict_json import TooMany, entries, loads, require_at_most

LISTS = [
    "[]",
    " [ ] ",
    "[1, 2.5e3 ,null]",
    '[{"a": [1, {"b": "],["}]}, "\\"", ""]',
    json.dumps([["x" * 9]] * 50),
]


@pytest.mark.parametrize("text", LISTS)
@pytest.mark.parametrize("longest", [30, 1000])
def test_a_list_is_read_as_json_reads_it(text: str, longest: int):
    assert entries(text.encode(), longest, 100) == json.loads(text)


@pytest.mark.parametrize("text", ["{}", "1", '"[]"', ""])
def test_what_is_not_a_list(text: str):
    assert entries(text.encode(), 30, 100) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1,", "Expecting value"),
        ("[1 2]", "delimiter"),
        ("[1] x", "Extra data"),
        ("[1,]", "Expecting value"),
        ("[nul]", "Expecting value"),
        ("[NaN]", "NaN"),
        ('["a', "Unterminated"),
        ('[{"a": 1, "a": 2}]', "'a' appears twice"),
        ("[" * 100_000, "nested deeper"),
        ("[" * 101 + "]" * 101, "nested deeper"),
    ],
)
@pytest.mark.parametrize("longest", [40, 1_000_000])
def test_what_is_wrong_is_said(text: str, said: str, longest: int):
    with pytest.raises(ValueError, match=said) as error:
        entries(text.encode(), longest if len(text) < 100 else 1_000_000, 100)
    assert not isinstance(error.value, TooMany)


@pytest.mark.parametrize("entry", ['"' + "a" * 60 + '"', "[" + "1," * 60 + "1]", "1" * 60])
def test_an_entry_that_is_too_long(entry: str):
    with pytest.raises(TooMany, match="entry 2 "):
        entries(f"[0, {entry}, 0]".encode(), 40, 100)
    with pytest.raises(TooMany, match="over 2 entries"):
        entries(b"[1, 2, 3]", 40, 2)


@pytest.mark.parametrize(
    ("value", "count"),
    [([], 1), ([1, 2, 3], 4), ({"a": [1], "b": "x, [, {"}, 4), ('\\",,,"', 1), ([","] * 50, 51)],
)
def test_values_are_counted_without_making_them(value: Any, count: int):
    """Every container counts for its first entry too, so an empty one counts slightly too much."""
    text = json.dumps(value).encode()
    require_at_most(text, count + 1)
    if count > 3:
        with pytest.raises(TooMany):
            require_at_most(text, count - 2)


@pytest.mark.parametrize("text", [b'"' + b'\\"' * 200_000, b'["' + b"," * 200_000, b'"' * 200_001])
def test_strings_without_an_end_cost_no_more_than_their_length(text: bytes):
    with pytest.raises(ValueError, match=r"end|over"):
        require_at_most(text + b"," * 100, 50)


def test_a_name_that_stands_twice_among_a_hundred_thousand_is_found_at_once():
    text = json.dumps({str(n): n for n in range(100_000)})[:-1] + ', "99999": 0}'
    with pytest.raises(ValueError, match="'99999' appears twice"):
        loads(text.encode())
