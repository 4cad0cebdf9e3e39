"""Items that a service could not insert because its database went away, and that the client sends again."""

import json
from collections.abc import Callable

import httpx
import pytest

from service.taxonomies.inserting.parts import NOT_INSERTED
from service.terminal import client
from service.terminal.client import TRIES, Api
from service.terminal.output import CommandError

ITEMS = [{"kind": "Taxonomy", "name": f"T{n}"} for n in range(5)]
Reply = Callable[[list[str]], httpx.Response]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "pause_before", lambda _tries: 0.0)  # pyright: ignore[reportUnknownLambdaType,reportUnknownArgumentType]


def stored(names: list[str], most: int = 100, *, why: str = "") -> httpx.Response:
    """Answers to the first `most` items, and a last line if there is a reason why there are no more."""
    lines = [{"line": n, "status": "created", "id": name} for n, name in enumerate(names[:most], 1)]
    if why:
        lines.append({"line": len(lines) + 1, "status": "error", "error": why})
    return httpx.Response(200, text="".join(json.dumps(line) + "\n" for line in lines))


def inserted(replies: list[Reply]) -> tuple[list[dict[str, str]], list[list[str]]]:
    """The answers, and the names that each request had; the last reply is given again."""
    asked: list[list[str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        names = [item["name"] for item in json.loads(request.content)]
        asked.append(names)
        return replies[min(len(asked), len(replies)) - 1](names)

    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://glan") as http:
        return Api(http).insert_part(ITEMS), asked


@pytest.mark.parametrize("first", [0, 2, 4])
def test_what_is_left_is_sent_again(first: int) -> None:
    gone = f"{NOT_INSERTED}: Neo4j cannot be reached"
    found, asked = inserted([lambda names: stored(names, first, why=gone), stored])
    assert [(one["line"], one["id"]) for one in found] == [(n + 1, f"T{n}") for n in range(5)]
    assert [len(names) for names in asked] == [5, 5 - first]


def test_an_answer_that_breaks_off_is_no_answer_to_what_follows() -> None:
    found, asked = inserted([lambda names: stored(names, 3), stored])
    assert [one["id"] for one in found] == [f"T{n}" for n in range(5)]
    assert [len(names) for names in asked] == [5, 2]


def test_a_service_that_is_busy_is_asked_again() -> None:
    busy = httpx.Response(503, json={"detail": "Neo4j cannot be reached"})
    found, asked = inserted([lambda _: busy, lambda names: stored(names, 2), lambda _: busy, stored])
    assert len(found) == 5
    assert [len(names) for names in asked] == [5, 5, 3, 3]


def test_it_gives_up_after_some_tries_in_vain() -> None:
    full = f"{NOT_INSERTED}: the disk is full"
    with pytest.raises(CommandError, match="the disk is full"):
        inserted([lambda names: stored(names, 0, why=full)])


def test_progress_starts_the_tries_over() -> None:
    gone = f"{NOT_INSERTED}: Neo4j cannot be reached"
    vain: list[Reply] = [lambda names: stored(names, 0, why=gone)] * (TRIES - 1)
    found, asked = inserted([*vain, lambda names: stored(names, 1, why=gone), *vain, stored])
    assert len(found) == 5
    assert len(asked) == 2 * TRIES


def test_an_error_of_the_last_item_is_its_own() -> None:
    found, asked = inserted([lambda names: stored(names, 4, why="a Taxonomy has no parent")])
    assert found[-1]["status"] == "error"
    assert len(asked) == 1
