"""What `glan query` says before it runs a query that takes seconds."""

from typing import Any

import pytest

from service.commands.query import _say_cost
from service.terminal.output import CommandError

QUERY = {"name": "explore.concept_pairs", "cost": {"seconds": 13.0, "reads": "instructions"}}


class Asked:
    """A service with a coverage, or without."""

    def __init__(self, instructions: int | None) -> None:
        self._instructions = instructions

    def get(self, path: str) -> dict[str, Any]:
        assert path == "/v1/nodes/0190/coverage"
        if self._instructions is None:
            raise CommandError("too large")
        return {"sessions": 10, "concepts": 50, "instructions": self._instructions}


@pytest.mark.parametrize(
    ("instructions", "said"),
    [
        (2_000_000, "explore.concept_pairs reads 2,000,000 instructions: about 26 s (--timeout bounds it)\n"),
        (1_000, ""),
        # Where nobody has counted, nothing is known; the query runs all the same.
        (None, ""),
    ],
)
def test_what_takes_seconds_is_said_before(instructions: int | None, said: str, capsys: Any):
    _say_cost(Asked(instructions), QUERY, "0190")  # pyright: ignore[reportArgumentType]
    assert capsys.readouterr().err == said
