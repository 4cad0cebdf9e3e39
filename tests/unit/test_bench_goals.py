"""The goals of the benchmarks: each has its figure on the page, and verdicts allow for noise."""

import pytest
from bench import machine
from bench.goals import GOALS, LESS, MORE, PAGE, Goal, Reached, reached, table

MEASURED = list(reached(PAGE.read_text("utf-8")))


@pytest.mark.parametrize("one", MEASURED, ids=lambda one: one.goal.what)
def test_each_goal_has_its_figure_on_the_page(one: Reached):
    assert one.figure is not None


@pytest.mark.parametrize(
    ("bound", "figure", "verdict"),
    [
        (MORE, 1.0, "reached"),
        (MORE, 0.95, "within noise"),
        (MORE, 0.85, "missed"),
        (LESS, 1.0, "reached"),
        (LESS, 1.05, "within noise"),
        (LESS, 1.15, "missed"),
        (LESS, None, "not measured"),
    ],
)
def test_a_goal_is_missed_by_more_than_its_noise(bound, figure, verdict: str):
    assert Reached(Goal("a", "A", {}, "b", bound, 1.0, 0.1), figure).verdict == verdict


def test_a_figure_is_found_by_its_row_and_column():
    page = "# P\n\n## Pulling\n\nText | with a line.\n\n| way | to the driver |\n| --- | --: |\n"
    page += "| another | 0.1 |\n| service, NDJSON, full | 1,234.5x |\n\nmore\n"
    [one] = reached(page, {"Pulling"})
    assert one.figure == 1234.5
    assert "| pull, to the raw driver | at least 0.8 | 1,234 | reached |" in table([one])
    assert all(found.figure is None for found in reached(page) if found.goal.section != "Pulling")
    assert len(list(reached(page))) == len(GOALS)


def test_the_machine_says_how_fast_it_is():
    assert "MB/s of SHA-256, fsync " in machine.speed()
