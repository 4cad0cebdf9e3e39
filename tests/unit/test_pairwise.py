"""Outcomes of pairs, intervals, and what a judge prefers; the report as text, Markdown and a picture."""

import math
from xml.etree import ElementTree

import pytest

from generators.quality.judging.pairwise import Bias, Outcome, Pair, Read, Tally, interval, outcome_of
from generators.running.evaluating.test_report import Line, Report
from graph.jobs.job import JobState
from graph.jobs.spent import Spent
from service.media import test_reports as reports


@pytest.mark.parametrize(
    ("one", "turned", "outcome"),
    [
        ((9, 3), (8, 7), Outcome.win),
        ((3, 9), (1, 2), Outcome.lose),
        ((5, 5), (8, 8), Outcome.tie),
        ((9, 3), (3, 9), Outcome.inconsistent),
        ((9, 3), (5, 5), Outcome.inconsistent),
    ],
)
def test_a_win_is_a_win_in_both_orders(one: tuple[int, int], turned: tuple[int, int], outcome: Outcome):
    assert outcome_of(Pair(*one), Pair(*turned)) is outcome


def test_the_interval_is_that_of_resampled_questions():
    assert interval(0, 0, 0) is None
    assert interval(7, 0, 0) == (1.0, 1.0)
    found = interval(300, 0, 200)
    assert found == interval(300, 0, 200)
    assert found is not None
    # Without ties it is the binomial's: 0.6 +- 1.96 standard errors.
    width = 1.96 * math.sqrt(0.6 * 0.4 / 500)
    assert found == pytest.approx((0.6 - width, 0.6 + width), abs=0.006)
    tied = interval(150, 300, 50)
    assert tied is not None
    assert tied[1] - tied[0] < found[1] - found[0]


def test_ties_of_both_kinds_count_half_and_errors_not_at_all():
    tally = Tally()
    for outcome in (Outcome.win, Outcome.tie, Outcome.inconsistent, Outcome.lose, Outcome.win):
        tally.add(outcome, [Pair(8, 4), Pair(6, 4)])
    tally.add(None)
    assert (tally.judged, tally.ties, tally.errors, tally.score) == (5, 2, 1, 0.6)
    assert (tally.own / tally.judged, tally.other / tally.judged) == (7.0, 4.0)


def test_what_a_judge_prefers_is_counted_over_verdicts_that_are_no_tie():
    bias = Bias()
    for read in (Read(9, 1, 10, 500), Read(9, 1, 500, 10), Read(5, 5, 1, 2), Read(1, 9, 20, 20)):
        bias.add(read)
    assert (bias.decided, bias.first, bias.unequal, bias.longer) == (3, 2, 2, 1)


def tallied(outcomes: dict[Outcome, int]) -> Tally:
    tally = Tally()
    for outcome, count in outcomes.items():
        for _ in range(count):
            tally.add(outcome, [Pair(5, 5)])
    return tally


@pytest.fixture
def found() -> Report:
    tally = tallied({Outcome.win: 3, Outcome.lose: 1})
    return Report(
        test="exam",
        run="00",
        state=JobState.done,
        model="a<b>|c",
        rival="d",
        judge="e",
        total=Line.of("", tally, 2),
        fields=[Line.of("Arts & <Crafts> | more", tally, 0), Line.of("Empty", Tally(), 4)],
        disciplines=[Line.of("Weaving", tally, 0, "Arts & <Crafts> | more")],
        inconsistent_share=0.0,
        first_share=0.5,
        longer_share=None,
        verdicts=8,
        spent=Spent(calls=16, tokens=1000, usd=None),
        notes=["be careful"],
    )


def test_the_picture_is_an_svg_whatever_the_names(found: Report):
    drawn = ElementTree.fromstring(reports.svg(found))
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in drawn.iter(f"{space}text")]
    assert "Arts & <Crafts> | more" in texts
    widths = [
        float(bar.attrib["width"]) for bar in drawn.iter(f"{space}rect") if bar.attrib["height"] == "18"
    ]
    assert len(widths) == 3 * len(reports.COLOURS)
    assert widths[:4] == [reports.BAR * 0.75, 0.0, 0.0, reports.BAR * 0.25]
    assert not any(widths[8:])


def test_text_and_markdown_have_all_lines(found: Report):
    text = reports.text(found)
    assert "note: be careful" in text
    assert "the answer that came first (0.5 is fair): 0.500" in text
    table = [line for line in reports.markdown(found, "p.svg").splitlines() if line.startswith("|")]
    columns = {line.replace("\\|", "").count("|") for line in table}
    assert columns == {len(reports.COLUMNS) + 2}
    assert "![Wins, ties and losses by field](p.svg)" in reports.markdown(found, "p.svg")
