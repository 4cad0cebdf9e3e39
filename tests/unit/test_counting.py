"""What follows from votes, without a graph."""

import pytest

from graph.model import Kind, Status
from graph.review.counting import Ballot, Decided, Item, Outcome, Rule, Why, decide, said

ROOT = "root"
RULE = Rule(ROOT)


def votes(text: str) -> list[Ballot]:
    """Votes such as `kkr a`: of persons; in capitals of models."""
    choices = {"k": "keep", "r": "remove", "a": "abstain"}
    return [
        Ballot(f"p{n}", choices[letter.lower()], "model" if letter.isupper() else "person")
        for n, letter in enumerate(text)
    ]


def item(id_: str, parents: dict[str, Status], text: str, was: Status = Status.proposed) -> Item:
    return Item(id_, id_, Kind.Field, was, was, None, None, [*parents.items()], votes(text))


def one(text: str, rule: Rule = RULE) -> Decided:
    return decide({"n": item("n", {ROOT: Status.proposed}, text)}, rule)["n"]


def of(shape: dict[str, tuple[str, str]], **outside: Status) -> dict[str, tuple[str, str | None]]:
    """The outcome and reason of nodes given as `name: (parents, votes)`."""
    known = dict.fromkeys((ROOT, *shape), Status.proposed) | outside
    items = {
        name: item(name, {parent: known[parent] for parent in parents.split()}, text)
        for name, (parents, text) in shape.items()
    }
    return {name: (str(found.outcome), found.reason) for name, found in decide(items, RULE).items()}


@pytest.mark.parametrize(
    ("text", "quorum", "outcome", "words"),
    [
        ("kkkrr", 1, "accepted", "3 keep, 2 remove: the majority keeps"),
        ("kkrr", 1, "rejected", "2 keep, 2 remove: a tie removes"),
        ("kkrra", 1, "rejected", "2 keep, 2 remove, 1 abstained: a tie removes"),
        ("kr" + "r", 1, "rejected", "1 keep, 2 remove: the majority removes"),
        ("", 1, "undecided", "0 keep, 0 remove: below the quorum of 1, undecided"),
        ("kk", 3, "undecided", "2 keep, 0 remove: below the quorum of 3, undecided"),
        ("kka", 3, "accepted", "2 keep, 0 remove, 1 abstained: the majority keeps"),
        ("aaa", 1, "undecided", "0 keep, 0 remove, 3 abstained: nobody has chosen, undecided"),
        ("kRRR", 1, "accepted", "1 keep, 0 remove: the majority keeps"),
    ],
)
def test_a_strict_majority_keeps(text: str, quorum: int, outcome: str, words: str):
    found = one(text, Rule(ROOT, quorum))
    assert found.outcome == outcome
    assert said(found, quorum) == words


def test_votes_of_models_count_where_the_round_says_so():
    assert one("kRRR", Rule(ROOT, count_models=True)).outcome is Outcome.rejected


def test_a_node_stays_while_one_of_its_parents_does():
    found = of({"a": (ROOT, "r"), "b": (ROOT, "k"), "both": ("a b", "k"), "alone": ("a", "kk")})
    assert found["both"] == ("accepted", None)
    assert found["alone"] == ("rejected", Why.above)


def test_below_what_is_removed_everything_goes_whatever_its_votes_are():
    found = of({"a": (ROOT, "r"), "b": ("a", "kkk"), "c": ("b", ""), "d": ("b", "r")})
    assert found == {
        "a": ("rejected", Why.votes),
        "b": ("rejected", Why.above),
        "c": ("rejected", Why.above),
        "d": ("rejected", Why.votes),
    }


def test_below_what_is_undecided_a_kept_node_waits():
    assert of({"a": (ROOT, ""), "b": ("a", "k")})["b"] == ("undecided", Why.above)


def test_parents_that_are_not_voted_on_count_as_what_they_are():
    shape = {"n": ("outside", "k")}
    assert of(shape, outside=Status.accepted)["n"] == ("accepted", None)
    assert of(shape, outside=Status.proposed)["n"] == ("undecided", Why.above)
    assert of(shape, outside=Status.rejected)["n"] == ("rejected", Why.above)
    assert of(shape, outside=Status.retired)["n"] == ("rejected", Why.above)


def test_what_was_accepted_and_is_not_voted_on_carries_what_is_below():
    items = {"a": item("a", {ROOT: Status.proposed}, "", was=Status.accepted)}
    items["b"] = item("b", {"a": Status.accepted}, "k")
    found = decide(items, RULE)
    assert (found["a"].outcome, found["b"].outcome) == (Outcome.undecided, Outcome.accepted)


def test_depth_and_order_are_no_matter():
    deep = {f"n{n}": (f"n{n - 1}" if n else ROOT, "k") for n in range(3_000)}
    assert {*of(deep).values()} == {("accepted", None)}
    items = {"a": item("a", {ROOT: Status.proposed}, "r"), "b": item("b", {"a": Status.proposed}, "k")}
    first = decide(items, RULE)
    assert first["b"].above == ["a"]
    assert (first["a"].level, first["b"].level) == (0, 1)
