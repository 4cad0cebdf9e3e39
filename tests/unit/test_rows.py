"""The rows that pass between queries and steps have the keys that the queries name."""

import re
from typing import Any, get_args

import pytest

from graph import queries
from graph.instructions.rows import Facts, LinkedProperties, NewInstruction, Properties, StoredInstruction
from graph.jobs import kept_replies, units
from graph.reasons import Failure

NOISE = re.compile(r"'(?:\\.|[^'\\])*'|//[^\n]*")
UNITS = get_args(units.WorkUnit)


def keys(*rows: Any) -> set[str]:
    """All keys of some TypedDicts."""
    return {key for row in rows for key in row.__required_keys__ | row.__optional_keys__}


def text(name: str) -> str:
    """The text of a query without strings and comments."""
    return NOISE.sub("''", queries.load(name).text)


def depth(before: str) -> int:
    return sum(before.count(letter) for letter in "([{") - sum(before.count(letter) for letter in ")]}")


def columns(name: str) -> dict[str, str]:
    """The expressions that a query returns, by name."""
    query = text(name)
    *_, start = (m.end() for m in re.finditer(r"\bRETURN\b", query) if not depth(query[: m.start()]))
    returned = query[start:].replace(" DISTINCT ", " ")
    ends = [m.start() for m in re.finditer(r"\bORDER BY\b", returned) if not depth(returned[: m.start()])]
    returned = returned[: ends[0]] if ends else returned
    commas = [m.start() for m in re.finditer(",", returned) if not depth(returned[: m.start()])]
    parts = [returned[a + 1 : b] for a, b in zip([-1, *commas], [*commas, len(returned)], strict=True)]
    named = [part.strip().rpartition(" AS ") for part in parts]
    return {name: expression or name for expression, _, name in named}


def projected(name: str, column: str) -> set[str]:
    """The keys of a map in a query's result, such as `u {.id, .step}`."""
    return set(re.findall(r"[{,]\s*\.(\w+)", columns(name)[column]))


def read(pattern: str, *alias: str) -> set[str]:
    """The properties that the queries matching `pattern` read or set on any of these variables."""
    names = [name for name in queries.names() if re.fullmatch(pattern, name)]
    assert names
    either = "|".join(alias)
    return {found for name in names for found in re.findall(rf"\b(?:{either})\.(\w+)", text(name))}


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("unit.short", units.Short),
        ("unit.unsettled", units.Unsettled),
        ("unit.planned", units.Planned),
        ("unit.strata", units.PlannedOfStratum),
        ("instruction.of_units", StoredInstruction),
        ("reply.kept_of_unit", kept_replies.KeptOfUnit),
    ],
)
def test_a_row_has_the_columns_of_its_query(name: str, row: Any):
    assert keys(row) == {*columns(name)}


def test_a_kept_instruction_comes_with_what_two_queries_return():
    named = columns("reply.kept").keys() | columns("syllabus.topics").keys() - {"id"}
    assert keys(kept_replies.KeptOfInstruction) == named


@pytest.mark.parametrize(
    ("name", "column", "row"),
    [
        ("reply.kept", "instruction", kept_replies.KeptInstruction),
        ("reply.kept_of_unit", "unit", kept_replies.KeptUnit),
    ],
)
def test_a_map_has_the_properties_that_its_query_takes(name: str, column: str, row: Any):
    assert keys(row) == projected(name, column)


# Units


def test_every_unit_has_what_the_query_that_stores_it_asks_for():
    [named] = re.findall(
        r"maps of (.+) and what the step needs", queries.load("unit.plan").params["rows"].meaning
    )
    assert {*named.split(", ")} == keys(units.Unit) | {"step"}
    assert all({*named.split(", ")} <= row.__required_keys__ for row in UNITS)


def test_the_steps_of_units_are_those_that_the_query_names():
    named = re.findall(r"\w+", queries.load("unit.pending").params["step"].meaning.replace(" or ", ", "))
    assert [*named] == [*get_args(units.UnitStep)]
    of_rows = [get_args(row.__annotations__["step"]) for row in UNITS]
    assert {step for steps in of_rows for step in steps} == {*get_args(units.UnitStep)}


def test_units_are_handed_out_with_all_their_properties():
    for name in ("unit.pending", "unit.to_do"):
        assert columns(name).keys() == {"unit"}
        assert columns(name)["unit"].startswith("u {.*,")


def test_the_queries_read_of_units_what_units_have():
    set_by_queries = read("unit.record", "u") | {"job_id", "state", "created_at", "updated_at"}
    assert read(r"unit\..*", "u") - set_by_queries <= keys(*UNITS)
    assert {"requested", "left", "stratum", "branch_id", "node_id"} <= read(r"unit\..*", "u")


# Instructions


def test_a_new_instruction_is_what_the_query_that_stores_it_takes():
    assert read("instruction.store", "row") - {"id", "figures", "sums"} == keys(LinkedProperties)
    assert keys(NewInstruction) == keys(LinkedProperties) | {"concepts", "links", "verdicts", "drafts"}
    assert keys(Properties) == keys(Facts) | {"id", "status"}


def test_the_queries_read_of_instructions_what_is_stored_of_them():
    set_by_queries = {"created_at", "updated_at", "accepted_at"}
    # Of what is withdrawn, and of what a person has waived.
    set_by_queries |= {"before", "withdrawn_by", "withdrawn_at", "waived_by", "waived_at", "waiver"}
    for pattern in (r"instruction\..*", r"reply\.(kept|of_job)"):
        assert read(pattern, "i") - set_by_queries <= keys(Properties)
    # From other properties, and from verdicts and drafts.
    told = {"kept", "answered", "judged", "names", "answer_use", "drafts", "opinions"}
    assert keys(StoredInstruction) - told <= keys(Properties)
    assert keys(kept_replies.KeptInstruction) <= keys(Properties)


def test_a_failure_is_kept_as_an_instruction_has_it():
    assert keys(Failure) <= keys(Facts)
